"""Why, as of now: a mover's reasons from what it has seen; the analyst's odds from all that is known."""

from __future__ import annotations

import pytest

import offramp
from tests.raid_now import raid_now


def test_a_mover_goes_by_what_it_has_seen_and_the_analyst_by_what_is_known() -> None:
    crisis = raid_now().supposing({"line": "low"})
    found, without = offramp.why(crisis, "raid"), offramp.why(raid_now(), "raid")
    assert [motive.value for motive in found.motives] == [motive.value for motive in without.motives]
    assert [motive.endings for motive in found.motives] == [motive.endings for motive in without.motives]
    known = {motive.option: motive.endings_for_analyst["war"] for motive in found.motives}
    for option, war in known.items():
        assert war == pytest.approx(offramp.solve(crisis.supposing({"raid": option})).endings["war"], abs=1e-9)


def test_only_situations_that_what_is_known_leaves_open_are_shown() -> None:
    found = offramp.why(raid_now(), "raid")
    assert (found.matching, found.reached) == (1, pytest.approx(1.0))
    assert found.situation.sees == {"warn": "speak"}


def test_a_move_that_is_past_has_no_why_ahead() -> None:
    with pytest.raises(offramp.UsageError, match="'warn' is past: as of now"):
        offramp.why(raid_now(), "warn")
