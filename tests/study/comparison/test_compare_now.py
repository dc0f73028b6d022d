"""Comparing as of now: each crisis given what is known of it, draws weighted by how well they explain that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.study.comparison.compare import compare
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now

DEARER = RAID_NOW.replace("-3 * (spiral == war)", "-5 * (spiral == war)")
SAFER = DEARER.replace("beta(8, 2)", "beta(2, 8)")


def test_each_side_is_its_run_as_of_now() -> None:
    other = crisis_of(SAFER).now()
    found = compare(raid_now(), other, draws=128)
    for crisis, means in ((raid_now(), found.before), (other, found.after)):
        run = offramp.run(crisis, draws=128)
        assert means == pytest.approx([run.ending_intervals[name].mean for name in found.endings], abs=1e-9)


def test_shares_are_shapley_values_of_weighted_means() -> None:
    found = compare(raid_now(), crisis_of(SAFER).now(), draws=128)
    paid, odds = (
        offramp.run(crisis_of(text).now(), draws=128).ending_intervals["war"].mean
        for text in (DEARER, RAID_NOW.replace("beta(8, 2)", "beta(2, 8)"))
    )
    war = found.endings.index("war")
    before, after = found.before[war], found.after[war]
    moves = {difference.keys: difference.moves[war] for difference in found.differences}
    assert moves[(("payoffs", "north", "war"),)] == pytest.approx(((paid - before) + (after - odds)) / 2, abs=1e-9)
    assert moves[(("inputs", "q"),)] == pytest.approx(((odds - before) + (after - paid)) / 2, abs=1e-9)


def test_what_is_known_is_a_difference_and_moves_as_much_as_an_update() -> None:
    found = compare(crisis_of(RAID_NOW), raid_now(), draws=512)
    (difference,) = found.differences
    assert difference.name == "what is known to have happened"
    run = offramp.run(crisis_of(RAID_NOW), draws=512)
    updated = offramp.update(run).stages[-1].endings
    for name, after in zip(found.endings, found.after, strict=True):
        assert after == pytest.approx(updated[name].mean, abs=1e-9)
    assert found.parts == (("what is known to have happened", "–", "warn: speak"),)
    assert found.basis.startswith("A: From the outset. B: As of 2031-01-01, after warn: speak. 512 draws")


def test_a_lever_pulled_since_now_is_another_than_one_pulled_before() -> None:
    before = crisis_of(RAID_NOW).with_levers("doubt").now()
    found = compare(raid_now().with_levers("doubt"), before, draws=128)
    (difference,) = found.differences
    assert difference.name == "the levers pulled"
    for crisis, means in ((raid_now(), found.before), (before, found.after)):  # since now it changes nothing
        run = offramp.run(crisis, draws=128)
        assert means == pytest.approx([run.ending_intervals[name].mean for name in found.endings], abs=1e-9)


def test_only_the_day_of_what_happened_moves_nothing() -> None:
    other = crisis_of(RAID_NOW.replace("2031-01-01", "2031-01-02")).now()
    assert compare(raid_now(), other, draws=64).answer == ("Nothing differs: both are the same crisis.",)


def test_the_error_covers_the_difference_of_many_draws() -> None:
    few, many = (compare(raid_now(), crisis_of(SAFER).now(), draws=draws) for draws in (256, 4096))
    assert (np.abs(few.change - many.change) < 4 * few.error + 1e-9).all()
    assert (few.error > 0).all()


def test_a_mixture_that_what_is_known_does_not_fit_is_exchanged_together() -> None:
    """The fact names an option that only B has, so it cannot be carried over alone."""
    other = RAID_NOW.replace("options: [speak, hush]", "options: [speak, hush, shout]").replace(
        "warn: speak}]", "warn: shout}]"
    )
    found = compare(raid_now(), crisis_of(other).now(), draws=256)
    assert [difference.name for difference in found.differences] == ["the steps and what is known to have happened"]


def test_too_few_draws_that_fit_are_refused() -> None:
    with pytest.raises(offramp.UsageError, match="at least 32 are needed"):
        compare(raid_now(), crisis_of(DEARER).now(), draws=16)


def test_facts_that_no_play_agrees_with_are_reported_where_they_are() -> None:
    line = 1 + RAID_NOW[: RAID_NOW.index("move: reply")].count("\n")
    with pytest.raises(offramp.CrisisError, match=f"crisis.yaml:{line}:.*reply"):
        compare(raid_now(), raid_now().supposing({"raid": "stay", "reply": "strike"}), draws=64)


def test_the_command_takes_both_as_of_now(tmp_path: Path) -> None:
    for name, text in (("a", RAID_NOW), ("b", DEARER)):
        (tmp_path / f"{name}.yaml").write_text(text)
    files = [str(tmp_path / f"{name}.yaml") for name in "ab"]
    shown = CliRunner().invoke(main, ["compare", *files, "--now", "--draws", "64"])
    assert shown.exit_code == 0, shown.output
    assert "As of 2031-01-01, after warn: speak. 64 draws" in " ".join(shown.output.split())
    supposed = CliRunner().invoke(main, ["compare", *files, "--suppose", "raid=go|stay", "--draws", "64"])
    assert "supposing raid: go or stay" in " ".join(supposed.output.split())
