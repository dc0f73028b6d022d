"""Levers as of now: they act ahead only, on draws weighted by what happened."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import pytest

import offramp
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now


def test_each_lever_is_the_difference_of_two_runs_as_of_now() -> None:
    found = offramp.levers(raid_now(), draws=128)
    assert found.before["war"] == pytest.approx(offramp.run(raid_now(), draws=128).ending_intervals["war"].mean)
    for single in found.singles:
        run = offramp.run(raid_now().with_levers(*single.levers), draws=128)
        assert single.after["war"] == pytest.approx(run.ending_intervals["war"].mean, abs=1e-9)
        assert single.endings["war"].mean == pytest.approx(single.after["war"] - found.before["war"], abs=1e-9)


def test_levers_that_act_only_on_what_is_past_are_told_and_change_nothing() -> None:
    found = offramp.levers(raid_now(), draws=64)
    assert found.past_only == ("silence", "doubt")
    assert any("Silence and doubt change nothing that is still ahead." in sentence for sentence in found.answer)
    for single in found.singles:
        if single.levers[0] in found.past_only:
            assert single.endings["war"].mean == 0.0
            assert single.actors["north"].mean == 0.0
    assert {pair.levers for pair in found.pairs} == {("hotline", "restraint")}


def test_levers_as_of_now_have_the_same_bits_on_any_executor() -> None:
    with ProcessPoolExecutor(2) as pool:
        spread = offramp.levers(raid_now(), draws=64, executor=pool)
    assert spread.sets == offramp.levers(raid_now(), draws=64).sets


def test_levers_say_as_of_when() -> None:
    assert offramp.levers(raid_now(), draws=64).basis.startswith("As of 2031-01-01, after warn: speak. ")
    assert offramp.levers(crisis_of(RAID_NOW), draws=64).basis.startswith("64 draws")


def test_too_few_draws_that_fit_are_refused() -> None:
    with pytest.raises(offramp.UsageError, match="at least 32 are needed"):
        offramp.levers(raid_now(), draws=16)


def test_as_of_when_is_said_with_names() -> None:
    text = RAID_NOW.replace(
        "{move: warn, by: south, options: [speak, hush]}",
        "{move: warn, name: the warning, by: south, options: {speak: a word of warning, hush: silence}}",
    )
    assert text != RAID_NOW
    found = offramp.levers(crisis_of(text).supposing({"raid": ["go", "stay"]}), draws=64)
    start = "As of 2031-01-01, after the warning: a word of warning, supposing raid: go or stay. "
    assert found.basis.startswith(start)
