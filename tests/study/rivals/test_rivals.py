"""Promises of `offramp rivals`: how far apart drafts are, beside how unsure each of them is."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.cli import main
from offramp.crisis.faults import CrisisError
from offramp.study.drawings import drawings_of
from offramp.study.key_map import KeyMap, write_map
from offramp.study.key_map_reading import read_map
from offramp.study.rivals.rival_spread import spread_of_rivals
from offramp.study.rivals.rivals_finding import Rivals

FIRST = """
format: 1
title: First draft
actors: {north: {name: North}, south: {name: South}}
inputs: {gain: {is: "uniform(0, 2)"}}
timeline:
  - {move: raid, by: north, options: [wait, cross]}
  - {move: reply, by: south, options: [absorb, answer]}
payoffs: {north: {gain: gain * (raid == cross) - (reply == answer)}, south: {face: (raid == cross) * (reply == answer)}}
endings: {border_war: reply == answer and raid == cross, raid_only: raid == cross, quiet: otherwise}
"""
SECOND = """
format: 1
title: Second draft
actors: {norland: {name: Norland}, south: {name: South}, league: {name: the League}}
inputs: {prize: {is: "uniform(0, 4)"}}
timeline:
  - {move: attack, by: norland, options: [stay, go]}
  - {move: appeal, by: league, options: [speak, keep_quiet]}
payoffs: {norland: {gain: prize * (attack == go)}, league: {face: 0.5 * (appeal == speak)}}
endings: {war: attack == go, peace: otherwise}
"""
THIRD = """
format: 1
title: Third draft
actors: {north: {name: North}, south: {name: South}}
inputs: {gain: {is: "uniform(0, 1)"}}
timeline:
  - {move: raid, by: north, options: [wait, cross]}
payoffs: {north: {gain: gain * (raid == cross)}}
endings: {war: raid == cross, quiet: otherwise}
"""
TEXTS = {"first": FIRST, "second": SECOND, "third": THIRD}
ROWS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "endings": {
        "war": {"first": ("border_war", "raid_only"), "second": ("war",), "third": ("war",)},
        "quiet": {"first": ("quiet",), "third": ("quiet",)},
    },
    "actors": {
        "north": {"first": ("north",), "second": ("norland",), "third": ("north",)},
        "south": {"first": ("south",), "second": ("south",), "third": ("south",)},
    },
    "steps": {
        "raid": {"first": ("raid",), "second": ("attack",), "third": ("raid",)},
    },
    "options": {
        "raid.cross": {"first": ("raid.cross",), "second": ("attack.go",), "third": ("raid.cross",)},
        "raid.wait": {"first": ("raid.wait",), "third": ("raid.wait",)},
    },
}
DRAWS = 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drafts and their map, which a person has confirmed."""
    place = tmp_path_factory.mktemp("rivals")
    for label, text in TEXTS.items():
        (place / label).mkdir()
        (place / label / "crisis.yaml").write_text(text)
    files = {label: f"{label}/crisis.yaml" for label in TEXTS}
    write_map(KeyMap(place / "map.yaml", files, ROWS).confirmed("R. Vale", "2031-03-02"))
    return place


@pytest.fixture(scope="module")
def found(folder: Path) -> Rivals:
    return spread_of_rivals(read_map(folder / "map.yaml"), draws=DRAWS, seed=3)


@pytest.fixture(scope="module")
def by_hand(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """The probability of each ending of each draft in every draw, from a run of the draft."""
    runs = {label: offramp.run(offramp.read(folder / label / "crisis.yaml"), draws=DRAWS, seed=3) for label in TEXTS}
    return {
        label: {ending.key: run.endings[number] for number, ending in enumerate(run.crisis.endings)}
        for label, run in runs.items()
    }


def offramp_rivals(*words: object) -> Result:
    return CliRunner().invoke(main, ["rivals", *map(str, words)])


def test_each_draft_has_the_numbers_of_its_own_run(found: Rivals, by_hand: dict[str, dict[str, np.ndarray]]) -> None:
    war, quiet = found.endings
    shares = {
        "first": by_hand["first"]["border_war"] + by_hand["first"]["raid_only"],
        "second": by_hand["second"]["war"],
        "third": by_hand["third"]["war"],
    }
    assert set(war.by_draft) == set(shares)
    for label, share in shares.items():
        one = war.by_draft[label]
        assert (one.mean, one.interval.p05, one.interval.p95, one.deviation) == pytest.approx(
            (share.mean(), np.quantile(share, 0.05), np.quantile(share, 0.95), share.std()), abs=1e-12
        )
    assert quiet.by_draft["third"].mean == pytest.approx(by_hand["third"]["quiet"].mean(), abs=1e-12)
    assert "second" not in quiet.by_draft


def test_spread_between_and_within_are_those_computed_by_hand(
    found: Rivals, by_hand: dict[str, dict[str, np.ndarray]]
) -> None:
    """With equal weights, and as many draws of each, the variance of all draws together splits into the two."""
    shares = [
        by_hand["first"]["border_war"] + by_hand["first"]["raid_only"],
        by_hand["second"]["war"],
        by_hand["third"]["war"],
    ]
    means = sorted(sum(share) / DRAWS for share in shares)
    center = sum(means) / 3
    between = math.sqrt(sum((mean - center) ** 2 for mean in means) / 3)
    deviations = [math.sqrt(sum((share - sum(share) / DRAWS) ** 2) / DRAWS) for share in shares]
    war = found.endings[0]
    assert war.range == pytest.approx(means[-1] - means[0], abs=1e-12)
    assert war.between == pytest.approx(between, abs=1e-12)
    assert war.within == pytest.approx(sum(deviations) / 3, abs=1e-12)
    assert war.share_between == pytest.approx(between**2 / np.concatenate(shares).var(), abs=1e-9)
    by_mean = sorted(zip(("first", "second", "third"), shares, strict=True), key=lambda item: item[1].mean())
    assert (war.lowest, war.highest) == (by_mean[0][0], by_mean[-1][0])
    row = found.table("spread").to_dicts()[0]
    assert row == {
        "ending": "war", "drafts": 3, "lowest": war.lowest, "highest": war.highest, "range": war.range,
        "between": war.between, "within": war.within, "share_between": war.share_between,
    }  # fmt: skip


def test_a_draft_without_an_ending_is_said_not_to_have_it_and_counts_nowhere(found: Rivals) -> None:
    quiet = found.endings[1]
    assert list(quiet.solved) == sorted(quiet.by_draft, key=lambda label: quiet.by_draft[label].mean)
    assert quiet.between == pytest.approx(quiet.range / 2)
    cells = {(row[1], row[2]) for row in found.table("endings").shown()}
    assert ("second", "does not have it") in cells
    rows = {(row["ending"], row["draft"]): row["mean"] for row in found.table("endings").to_dicts()}
    assert rows["quiet", "second"] is None
    assert "Quiet is no ending of second: not counted there, not as 0 either." in found.answer
    assert [row[:2] for row in found.table("own_endings").rows] == [("second", "peace")]


def test_what_only_some_drafts_have_is_listed(found: Rivals) -> None:
    assert found.table("only_some").rows == (
        ("ending", "quiet", "first, third", "second"),
        ("ending", "peace", "second", "first, third"),
        ("actor", "the League", "second", "first, third"),
        ("step", "reply", "first", "second, third"),
        ("step", "appeal", "second", "first, third"),
        ("option", "wait (raid)", "first, third", "second"),
        ("option", "stay (attack)", "second", "first, third"),
    )
    assert "Not in every draft: 2 endings, 1 actor, 2 steps and 2 options." in found.answer


def test_the_answer_never_gives_a_number_over_all_drafts_without_both_spreads(found: Rivals) -> None:
    for sentence in found.answer:
        if "apart" in sentence:
            assert "points between the drafts" in sentence
            assert "within one" in sentence
    assert found.answer[0].startswith("War: ")
    assert found.basis == (
        f"Each draft: {DRAWS} draws, seed 3. Which endings are the same, R. Vale confirmed on 2031-03-02."
    )


def test_the_picture_has_a_mark_for_each_draft_that_has_the_ending(found: Rivals) -> None:
    (drawing,) = drawings_of(found)
    svg = drawing.document(720)
    assert svg.count("second: does not have it") == 1
    for draft in ("first: ", "second: ", "third: "):
        assert svg.count(draft) >= 2
    assert drawing.element("one", 320).startswith("<svg")


def test_without_a_confirmed_map_no_ending_of_several_drafts_has_a_number(folder: Path, tmp_path: Path) -> None:
    key_map = read_map(folder / "map.yaml")
    assert key_map.confirmation is not None
    changed = replace(key_map.confirmation, sha256="0")
    for one, said in (
        (replace(key_map, confirmation=None), "Nobody has confirmed which endings of the drafts are the same, so"),
        (
            replace(key_map, confirmation=changed),
            "Nobody has confirmed which endings of the drafts are the same since the map was changed, so",
        ),
    ):
        found = spread_of_rivals(one, draws=2)
        assert found.answer[0].startswith(said)
        assert f"`offramp rivals {folder} --confirm`" in found.answer[0]
        assert [table.name for table in found.tables] == ["own_endings", "only_some"]
        assert len(found.table("own_endings").rows) == 3 + 2 + 2
        assert not any("apart" in sentence for sentence in found.answer)
        assert "ending" not in {row[0] for row in found.table("only_some").rows}
        assert drawings_of(found) == ()
        assert "R. Vale" not in found.basis


def test_the_command_prints_json_exports_and_says_what_is_wrong(folder: Path, tmp_path: Path, found: Rivals) -> None:
    result = offramp_rivals(folder, "--draws", DRAWS, "--seed", 3, "--json", "--export", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == json.loads(json.dumps(found.to_dict()))
    assert {"endings.csv", "spread.csv", "only_some.parquet", "rivals.svg", "rivals.png"} <= {
        path.name for path in (tmp_path / "out").rglob("*")
    }
    by_file = offramp_rivals(folder / "map.yaml", "--draws", 2)
    assert by_file.exit_code == 0
    empty = offramp_rivals(tmp_path)
    assert empty.exit_code == 2
    assert "has no map.yaml" in empty.output
    assert offramp_rivals(folder, "--draws", 1).exit_code == 2


def test_one_file_is_not_counted_as_two_drafts(folder: Path) -> None:
    files = {"first": "first/crisis.yaml", "second": "second/../first/crisis.yaml"}
    with pytest.raises(offramp.OfframpError, match="'second' and 'first' are one file"):
        spread_of_rivals(KeyMap(folder / "map.yaml", files, {}))


def test_the_mistakes_of_all_drafts_are_told_at_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(THIRD.replace("raid == cross", "raid == crosses"))
    (tmp_path / "two.yaml").write_text(THIRD.replace("by: north", "by: nort"))
    files = {"one": "one.yaml", "two": "two.yaml", "three": "../three.yaml", "four": "four.yaml"}
    with pytest.raises(offramp.OfframpError) as raised:
        spread_of_rivals(KeyMap(tmp_path / "map.yaml", files, {}))
    said = str(raised.value)
    for part in ("did you mean 'cross'?", "did you mean 'north'?", "outside the folder of the map", "four.yaml"):
        assert part in said
    wrong = replace(read_map(folder / "map.yaml"), sections={"steps": {"raid": {"first": ("rade",)}}})
    with pytest.raises(CrisisError, match=r"did you mean 'raid'\?"):
        spread_of_rivals(wrong)
