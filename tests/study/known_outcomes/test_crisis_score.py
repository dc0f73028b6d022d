"""A crisis is scored on what happened: each event given those before it, the ending after each, against references."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offramp.common.errors import OfframpError
from offramp.study.drawings import drawings_of
from offramp.study.finding import Table
from offramp.study.forecasting.scores import wilson
from offramp.study.known_outcomes.crisis_score import CrisisScore, score_crisis
from offramp.study.known_outcomes.gallery_score import GalleryScore, score_gallery
from tests.study.known_outcomes.coins import FIRST, OPEN, WON, coin_folder


def scored(folder: Path, draws: int = 1024) -> CrisisScore:
    return score_crisis(folder, draws=draws, seed=1)


def column(table: Table, name: str) -> list[object]:
    return [row[name] for row in table.to_dicts()]


def test_each_event_has_the_odds_of_the_rule_of_succession_and_those_at_random(tmp_path: Path) -> None:
    version = scored(coin_folder(tmp_path / "coin")).tuned
    assert [event.probability for event in version.events] == pytest.approx([1 / 2, 2 / 3, 2 / 3], abs=2e-3)
    assert [event.at_random for event in version.events] == pytest.approx([1 / 2, 2 / 3, 1 / 3], abs=2e-3)
    assert version.events[2].log == pytest.approx(math.log(3 / 2), abs=2e-3)
    assert version.times == pytest.approx(2, abs=2e-3)


def test_the_ending_is_scored_before_any_event_and_after_each(tmp_path: Path) -> None:
    found = scored(coin_folder(tmp_path / "coin"))
    assert found.tuned.odds("won") == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 4], abs=2e-3)
    endings = found.table("endings")
    assert column(endings, "brier")[:4] == pytest.approx([1 / 4, 1 / 9, 1 / 16, 1 / 16], abs=2e-3)
    assert column(endings, "log")[4:] == pytest.approx([-math.log(0.4), -math.log(0.5)])
    said = " ".join(found.answer)
    assert "Before any event the model gave it 50.0%, and 75.0% after 3 events" in said
    assert "it beats the base rate (0.916)" in said


def test_every_option_of_an_observed_step_is_a_forecast_that_happened_or_not(tmp_path: Path) -> None:
    note = scored(coin_folder(tmp_path / "coin")).tuned.events[2].forecasts
    assert {one.option: (round(one.probability, 3), one.happened) for one in note} == {
        "keep": (0.667, True),
        "burn": (0.167, False),
        "sell": (0.167, False),
    }


def test_options_that_the_record_leaves_open_are_one_forecast_and_a_skipped_step_is_another(tmp_path: Path) -> None:
    open_note = scored(coin_folder(tmp_path / "open", **{"note: keep}": "note: [keep, burn]}"})).tuned.events[2]
    assert [(one.option, round(one.probability, 3), one.happened) for one in open_note.forecasts] == [
        ("keep or burn", 0.833, True),
        ("sell", 0.167, False),
    ]
    changes = {"by: north,": "by: north, if: first == tails,", "- {date: 2031-01-01, first: heads}": ""}
    unmade = scored(coin_folder(tmp_path / "unmade", **changes, **{"note: keep}": "note: skipped}"})).tuned.events[1]
    shares = {one.option: (round(one.probability, 2), one.happened) for one in unmade.forecasts}
    assert shares == {"skipped": (0.67, True), "keep": (0.22, False), "burn": (0.06, False), "sell": (0.06, False)}


def test_the_first_version_is_scored_beside_the_tuned_one(tmp_path: Path) -> None:
    found = scored(coin_folder(tmp_path / "coin", first=FIRST))
    assert [one.version for one in found.versions] == ["as tuned", "first version"]
    assert [event.probability for event in found.versions[1].events] == pytest.approx([2 / 3, 3 / 4, 2 / 3], abs=2e-3)
    assert "In the first version they were together 2.0 times" in " ".join(found.answer)


def test_an_open_crisis_shows_its_standing_odds_and_when_it_is_due(tmp_path: Path) -> None:
    found = scored(coin_folder(tmp_path / "coin", OPEN))
    assert found.answer[0] == "The crisis is open; it is scored on 2032-01-01. The coin fell so."
    assert found.answer[1] == "Its standing odds: won 50.0% → 75.0%, lost 50.0% → 25.0%."
    assert found.table("endings").rows[-1][2:] == (0.5, 0.5)


def test_a_crisis_that_was_over_in_none_of_its_endings_is_scored_on_its_events_alone(tmp_path: Path) -> None:
    place = tmp_path / "crises"
    found = scored(coin_folder(place / "over", WON.replace("ending: won\n", "")))
    assert found.answer[0] == (
        "It was over on 2031-02-01, in none of the model's endings; its events alone are scored. The coin fell so."
    )
    pooled = score_gallery(place, draws=1024, seed=1)
    assert [(one.subject, one.forecasts) for one in pooled.pooled] == [("events", 3)]
    assert pooled.answer[:2] == (
        "Scored: 0 decided crises.",
        "In none of its endings, and so scored on events alone: over.",
    )
    assert "Of the outcome the writers knew all in over." in " ".join(pooled.answer)
    assert pooled.table("endings").rows[0][:3] == ("over", "none of its endings", "all")


def test_events_that_play_at_random_holds_likelier_are_named(tmp_path: Path) -> None:
    found = scored(coin_folder(tmp_path / "coin", **{"note: keep}": "note: burn}"}))
    assert "It loses to play at random on: note: burn (2031-01-03, 16.7%)." in found.answer


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> GalleryScore:
    place = tmp_path_factory.mktemp("crises")
    coin_folder(place / "a-kept", first=FIRST)
    coin_folder(place / "b-burnt", **{"note: keep}": "note: burn}"})
    coin_folder(place / "c-lost", WON.replace("ending: won", "ending: lost").replace("knew: all", "knew: some"))
    coin_folder(place / "d-open", OPEN)
    coin_folder(place / "e-without", None)
    coin_folder(place / "f-impossible", **{"odds: {heads: p, tails: rest}}\n  - {chance: second": (
        "odds: {heads: 0, tails: rest}}\n  - {chance: second"
    )})  # fmt: skip
    (place / "notes").mkdir()
    return score_gallery(place, draws=1024, seed=1)


def test_a_gallery_pools_events_and_endings_over_its_crises(gallery: GalleryScore) -> None:
    events, base, equal = (one for one in gallery.pooled if one.version == "as tuned")
    kept, burnt = math.log(3 / 2), math.log(6)
    chance = [math.log(2), math.log(1.5), math.log(3)]
    assert (events.forecasts, events.crises) == (12, 4)
    assert events.ours == pytest.approx((4 * sum(chance[:2]) + 3 * kept + burnt) / 12, abs=2e-3)
    assert events.theirs == pytest.approx(sum(chance) / 3, abs=2e-3)
    assert events.low < events.gain < events.high
    assert (base.forecasts, base.theirs) == (3, pytest.approx(-(2 * math.log(0.4) + math.log(0.6)) / 3))
    assert (equal.forecasts, equal.theirs) == (3, pytest.approx(math.log(2)))


def test_a_gallery_says_where_it_loses_what_is_left_out_and_how_much_was_known(gallery: GalleryScore) -> None:
    said = "\n".join(gallery.answer)
    assert "Scored: 3 decided crises and 1 open." in said
    assert "On its events the model loses to play at random in b-burnt." in said
    assert "On the ending, before any event, it loses to the base rate in c-lost." in said
    assert "1 of 12 events it held less likely than play at random does." in said
    assert "Of the outcome the writers knew all in a-kept and b-burnt; some in c-lost." in said
    assert "Without an outcome.yaml, and so not scored: e-without." in said
    assert set(gallery.left_out) == {"e-without", "f-impossible"}
    assert "holds it impossible" in gallery.left_out["f-impossible"]


def test_a_gallery_is_calibrated_over_every_option_of_the_steps_observed(gallery: GalleryScore) -> None:
    bins = {one.tenth: one for one in gallery.bins("as tuned")}
    assert sum(one.forecasts for one in bins.values()) == 4 * (2 + 2 + 3)
    sixth = bins[6]
    assert (sixth.forecasts, sixth.happened) == (8, 7 / 8)
    assert (sixth.low, sixth.high) == wilson(7 / 8, 8)
    assert [drawing.name for drawing in drawings_of(gallery)] == ["calibration"]


def test_one_crisis_alone_has_no_interval_over_crises(gallery: GalleryScore) -> None:
    alone = replace(gallery, scores=gallery.scores[:1])
    assert np.isnan(alone.pooled[0].low)
    assert "interval" not in alone.answer[1]


def test_a_folder_without_crises_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OfframpError, match=r"has no crisis\.yaml, and no folder in it has"):
        score_gallery(tmp_path, draws=16, seed=1)


def test_an_ending_held_impossible_has_an_infinite_score_and_no_interval(tmp_path: Path) -> None:
    for name in ("a", "b"):
        coin_folder(tmp_path / name)
    never = {"third, odds: {heads: p, tails: rest}": "third, odds: {heads: 0, tails: 1}"}
    coin_folder(tmp_path / "never", **never)
    found = score_gallery(tmp_path, draws=64, seed=1)  # a warning of NumPy would fail here
    on_base_rate = found.pooled[1]
    assert (on_base_rate.ours, on_base_rate.gain) == (math.inf, -math.inf)
    assert np.isnan([on_base_rate.low, on_base_rate.high]).all()


def test_a_link_to_a_crisis_elsewhere_is_not_followed_but_named(tmp_path: Path) -> None:
    coin_folder(tmp_path / "elsewhere")
    coin_folder(tmp_path / "crises" / "a")
    (tmp_path / "crises" / "b").symlink_to(tmp_path / "elsewhere")
    found = score_gallery(tmp_path / "crises", draws=64, seed=1)
    assert [one.folder for one in found.scores] == ["a"]
    assert found.left_out == {"b": "it is a link to another folder"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everywhere")
def test_a_crisis_that_cannot_be_read_is_named_with_the_reason_and_the_others_are_scored(tmp_path: Path) -> None:
    coin_folder(tmp_path / "a")
    shut = coin_folder(tmp_path / "shut")
    shut.chmod(0)
    try:
        found = score_gallery(tmp_path, draws=64, seed=1)
    finally:
        shut.chmod(0o700)
    assert [one.folder for one in found.scores] == ["a"]
    assert "Permission denied" in found.left_out["shut"]
