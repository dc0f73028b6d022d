"""Promises of `compare --map`: what the map calls the same is compared as the same, whatever the files call it."""

from __future__ import annotations

import json
import random
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.cli import main
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read, read_text
from offramp.crisis.steps import Move
from offramp.draft.rivals.alignment import alignment_in
from offramp.study.comparison.comparable import common_to
from offramp.study.comparison.compare import Comparison, compare
from offramp.study.comparison.shared_keys import with_shared_keys
from offramp.study.key_map import IN_TWO, SECTIONS, KeyMap, keys_of, write_map
from tests.by_hand import replaced, rows_of, words_of
from tests.crises import dice, written
from tests.examples import examples
from tests.replay.rivalling import alignment_answer, drafted_rivals

FILES = {"a": "a.yaml", "b": "b.yaml"}
BORDER = """
format: 1
title: Two drafts of the border
actors: {north: {name: North}, south: {name: South}}
inputs: {gain: {is: "uniform(0, 2)"}, cost: {is: "uniform(1, 3)"}}
timeline:
  - {move: raid, by: north, options: [wait, cross]}
  - {move: reply, by: south, options: [absorb, answer]}
  - {chance: ally, if: reply == answer, odds: {stays: 0.7, joins: rest}}
payoffs:
  north: {gain: gain * (raid == cross), cost: -cost * (reply == answer)}
  south: {face: -(raid == cross) * (reply == absorb), cost: -0.5 * (reply == answer)}
endings: {ally_crosses: ally == joins, border_war: reply == answer and raid == cross, quiet: otherwise}
"""
OTHER = """
format: 1
title: Two drafts of the border
actors: {norland: {name: North}, south: {name: South}}
inputs: {prize: {is: "uniform(0, 2)"}, cost: {is: "uniform(1, 3)"}}
timeline:
  - {move: answer, by: norland, options: [stay, cross]}
  - {move: reply, by: south, options: [absorb, strike]}
  - {chance: ally, if: reply == strike, odds: {stays: 0.6, joins: rest}}
payoffs:
  norland: {gain: prize * (answer == cross), cost: -cost * (reply == strike)}
  south: {face: -(answer == cross) * (reply == absorb), cost: -0.5 * (reply == strike)}
endings: {allies_cross: ally == joins, border_war: reply == strike and answer == cross, quiet: otherwise}
"""
ROWS: dict[str, Any] = {
    "endings": {"ally": {"a": ("ally_crosses",), "b": ("allies_cross",)}},
    "actors": {"north": {"a": ("north",), "b": ("norland",)}},
    "steps": {"first": {"a": ("raid",), "b": ("answer",)}},
    "options": {
        "first.wait": {"a": ("raid.wait",), "b": ("answer.stay",)},
        "reply.answer": {"a": ("reply.answer",), "b": ("reply.strike",)},
    },
    "inputs": {"gain": {"a": ("gain",), "b": ("prize",)}},
}


def crisis_of(text: str, label: str) -> Crisis:
    return read_text(text.encode(), FILES[label])


def map_of(sections: Any) -> KeyMap:
    return KeyMap(Path("map.yaml"), FILES, sections)


def numbers_of(found: Comparison) -> Any:
    moves = [(each.keys, each.moves.tolist(), each.error.tolist()) for each in found.differences]
    return found.endings, found.before.tolist(), found.after.tolist(), found.error.tolist(), moves, found.parts


@st.composite
def renamed_crises(draw: Any) -> tuple[str, dict[str, str]]:
    """A crisis, and for each of its keys another one: a new word, or that of another key."""
    text = written(draw(dice()), 40, numbered=draw(st.booleans()))
    words = words_of(crisis_of(text, "a"))
    pool = [*words, *(f"other_{number}" for number in range(len(words) // 2 + 1))]
    random.Random(draw(st.integers(0, 2**32))).shuffle(pool)
    return text, dict(zip(words, pool, strict=False))


@given(renamed_crises())
@settings(max_examples=examples(60), deadline=None)
def test_a_crisis_with_other_keys_does_not_differ_by_the_map_of_its_keys(case: tuple[str, dict[str, str]]) -> None:
    text, new = case
    a, b = crisis_of(text, "a"), crisis_of(replaced(text, new), "b")
    found = compare(a, b, draws=2, key_map=map_of(rows_of(a, new)))
    assert (found.differences, found.parts) == ((), ())
    assert found.answer[0].startswith("Nothing differs")
    assert found.endings == tuple(ending.key for ending in a.endings)


@given(renamed_crises())
@settings(max_examples=examples(20), deadline=None)
def test_a_map_needs_no_row_for_a_key_that_both_have(case: tuple[str, dict[str, str]]) -> None:
    text, new = case
    a = crisis_of(text, "a")
    changed = {word: f"new_{number}" for number, word in enumerate(new) if number % 2}
    rows = rows_of(a, changed)
    only = {section: {k: row for k, row in rows[section].items() if row["a"] != row["b"]} for section in rows}
    assert compare(a, crisis_of(replaced(text, changed), "b"), draws=2, key_map=map_of(only)).differences == ()


@st.composite
def dealt_maps(draw: Any) -> tuple[Crisis, Crisis, KeyMap]:
    """Two crises that have nothing to do with each other, and rows of some of their keys, paired by chance."""
    crises = {label: crisis_of(written(draw(dice()), 40, numbered=draw(st.booleans())), label) for label in FILES}
    luck = random.Random(draw(st.integers(0, 2**32)))

    def dealt(section: str, owners: dict[str, tuple[str, ...]] | None = None) -> list[dict[str, tuple[str, ...]]]:
        """Rows of a section, of the options or terms of `owners` if it is given."""
        keys = [
            [key for key in keys_of(crisis, section) if owners is None or key.partition(".")[0] in owners[label]]
            for label, crisis in crises.items()
        ]
        some = zip_longest(*(luck.sample(own, luck.randint(0, len(own))) for own in keys))
        return [{label: (key,) for label, key in zip(FILES, row, strict=True) if key} for row in some]

    sections = {
        section: {f"row_{number}": row for number, row in enumerate(dealt(section))}
        for section in SECTIONS
        if section not in IN_TWO
    }
    for section, owners in (("options", "steps"), ("payoffs", "actors")):
        sections[section] = {
            f"{shared}.row_{number}": row
            for shared, both in sections[owners].items()
            if len(both) == 2
            for number, row in enumerate(dealt(section, both))
        }
    return crises["a"], crises["b"], map_of(sections)


@given(dealt_maps())
@settings(max_examples=examples(30), deadline=None)
def test_whatever_a_map_says_b_with_the_keys_of_a_is_the_same_crisis(case: tuple[Crisis, Crisis, KeyMap]) -> None:
    a, b, key_map = case
    shared = with_shared_keys(a, b, key_map)
    own, renamed = offramp.solve(b).endings, offramp.solve(shared.b).endings
    assert [shared.renaming.endings.get(key, key) for key in own] == list(renamed)
    np.testing.assert_allclose(list(renamed.values()), list(own.values()), rtol=0.0, atol=1e-10)
    found = compare(a, b, draws=2, key_map=key_map)
    np.testing.assert_allclose([np.nansum(found.before), np.nansum(found.after)], 1.0)


def test_results_by_the_map_are_those_of_the_crisis_renamed_by_hand() -> None:
    a, b = crisis_of(BORDER, "a"), crisis_of(OTHER, "b")
    back = {"allies_cross": "ally_crosses", "norland": "north", "prize": "gain", "stay": "wait"}
    by_hand = replaced(replaced(OTHER, back | {"answer": "raid"}), {"strike": "answer"})
    expected = compare(a, crisis_of(by_hand, "b"), draws=32)
    found = compare(a, b, draws=32, key_map=map_of(ROWS))
    assert numbers_of(found) == numbers_of(expected)
    assert [each.name for each in found.differences] == ["the odds of ally"]
    assert found.endings == ("ally_crosses", "border_war", "quiet")
    assert found.notes[-1] == (
        "B is shown with the keys of A, by map.yaml, whose endings nobody has confirmed. "
        "A key in no row of it stays as it is."
    )
    confirmed = compare(a, b, draws=2, key_map=map_of(ROWS).confirmed("R. Vale", "2031-03-02"))
    assert "by map.yaml, whose endings R. Vale confirmed on 2031-03-02. A key" in confirmed.notes[-1]
    assert len(compare(a, b, draws=2).parts) > len(found.parts)


def test_endings_that_count_as_one_are_summed_after_solving() -> None:
    split = BORDER.replace("quiet: otherwise", "raid_only: raid == cross, calm: otherwise")
    a, b = crisis_of(BORDER, "a"), crisis_of(split.replace("uniform(0, 2)", "uniform(0, 3)"), "b")
    found = compare(
        a, b, draws=16, key_map=map_of({"endings": {"peace": {"a": ("quiet",), "b": ("raid_only", "calm")}}})
    )
    runs = [offramp.run(crisis, draws=16, seed=1).endings.mean(axis=1) for crisis in (a, b)]
    assert found.endings == ("ally_crosses", "border_war", "quiet")
    np.testing.assert_allclose(found.before, runs[0], atol=1e-12)
    np.testing.assert_allclose(found.after, [runs[1][0], runs[1][1], runs[1][2] + runs[1][3]], atol=1e-12)
    parts = next(each for each in found.differences if each.keys == (("endings",),))
    np.testing.assert_allclose(parts.moves, 0.0, atol=1e-12)
    turned = {"endings": {"peace": {"b": ("quiet",), "a": ("raid_only", "calm")}}}
    back = compare(b, a, draws=16, key_map=KeyMap(Path("map.yaml"), {"a": "b.yaml", "b": "a.yaml"}, turned))
    assert back.endings == ("ally_crosses", "border_war", "peace")
    assert back.names.endings["peace"] == "raid only or calm"
    np.testing.assert_allclose(back.after, found.before, atol=1e-12)
    np.testing.assert_allclose(back.before, found.after, atol=1e-12)


def test_a_key_that_the_map_tells_apart_is_not_shared_by_its_name() -> None:
    a, b = crisis_of(BORDER, "a"), crisis_of(BORDER, "b")
    found = compare(a, b, draws=8, key_map=map_of({"endings": {"war": {"a": ("border_war",)}}}))
    assert found.endings == ("ally_crosses", "border_war", "quiet", "border_war_2")
    assert found.names.endings["border_war_2"] == "border war"
    assert found.before[1] == pytest.approx(found.after[3])
    assert found.before[3] == found.after[1] == 0.0


def test_an_option_that_has_the_name_of_a_step_of_the_other_gets_another_name() -> None:
    options = {"reply.answer": ROWS["options"]["reply.answer"]}
    a, b = crisis_of(BORDER, "a"), crisis_of(OTHER.replace("stay", "raid"), "b")
    shared = with_shared_keys(a, b, map_of(ROWS | {"options": options}))
    assert shared.renaming.options["answer"] == {"raid": "raid_2"}
    raid = shared.b.named["raid"]
    assert isinstance(raid, Move)
    assert raid.options == ("raid_2", "cross")


def test_the_points_of_a_grid_keep_their_keys() -> None:
    luck = "endings: {ally_crosses: luck == low, "
    a = BORDER.replace("payoffs:", "  - {chance: luck, odds: {low: 0.5, high: rest}}\npayoffs:").replace(
        "endings: {", luck, 1
    )
    a = a.replace("ally_crosses: ally == joins", "joint: ally == joins")
    b = a.replace("odds: {low: 0.5, high: rest}", 'grid: "uniform(0, 1)", points: 2').replace(
        "luck == low", "luck == p1"
    )
    rows = {"options": {"luck.low": {"a": ("luck.low",), "b": ("luck.p1",)}}}
    found = compare(crisis_of(a, "a"), crisis_of(b, "b"), draws=4, key_map=map_of(rows))
    assert [key for each in found.differences for key in each.keys] == [("endings",), ("odds", "luck")]
    np.testing.assert_allclose(found.before, found.after, atol=1e-12)


def test_drafts_of_one_account_with_too_little_in_common_have_enough_by_their_map(tmp_path: Path) -> None:
    drafted_rivals("kell_dam", tmp_path)
    alignment_in(tmp_path).take(alignment_answer("kell_dam"))
    a, b = (read(tmp_path / f"draft-{number}" / "crisis.yaml") for number in (1, 2))
    assert not common_to(a, b, ()).is_enough
    shared = with_shared_keys(a, b, offramp.read_map(tmp_path / "map.yaml"))
    common = common_to(a, shared.b, tuple(shared.told))
    assert common.is_enough
    assert set(common.steps) == {"abutment", "loyalty", "filling", "response", "ruling", "obedience"}
    assert set(common.inputs) == {"seepage", "readiness", "dark_villages", "bank_fight", "dry_canals"}
    assert shared.counted == dict.fromkeys(("dry_summer", "canals_dry", "got_by"), "dry_summer")


def test_what_the_map_cannot_mean_is_told() -> None:
    a, b = crisis_of(BORDER, "a"), crisis_of(OTHER, "b")
    with pytest.raises(
        CrisisError, match=r"'allies_crosses' is none of the endings of 'b'.*did you mean 'allies_cross'"
    ):
        compare(a, b, key_map=map_of({"endings": {"x": {"b": ("allies_crosses",)}}}))
    with pytest.raises(offramp.UsageError, match=r"map.yaml names no file 'c.yaml'"):
        compare(a, read_text(OTHER.encode(), "c.yaml"), key_map=map_of(ROWS))


def test_the_command_compares_by_a_map_also_runs_and_as_of_now(tmp_path: Path) -> None:
    for label, text in (("a", BORDER), ("b", OTHER)):
        (tmp_path / FILES[label]).write_text(text)
    key_map = KeyMap(tmp_path / "map.yaml", FILES, ROWS)
    write_map(key_map)
    a, b, maps = str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), ["--map", str(key_map.path)]
    cli = CliRunner()
    result = cli.invoke(main, ["compare", a, b, *maps, "--draws", "8", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [row["ending"] for row in found["endings"]] == ["ally_crosses", "border_war", "quiet"]
    assert found["differences"] == [{"part": "the odds of ally", "a": "odds stays: 0.7", "b": "odds stays: 0.6"}]
    supposing = cli.invoke(main, ["compare", a, b, *maps, "--draws", "64", "--suppose", "reply=answer", "--json"])
    assert supposing.exit_code == 0, supposing.output
    levels = {row["ending"]: row for row in json.loads(supposing.stdout)["endings"]}
    assert (levels["ally_crosses"]["a"], levels["ally_crosses"]["b"]) == pytest.approx((0.3, 0.4))
    offramp.run(offramp.read(b), draws=8, seed=1, out=tmp_path / "run")
    write_map(KeyMap(key_map.path, {**FILES, "b": "run"}, ROWS))
    of_run = cli.invoke(main, ["compare", a, str(tmp_path / "run"), *maps, "--draws", "8", "--json"])
    assert of_run.exit_code == 0, of_run.output
    assert json.loads(of_run.stdout)["endings"] == found["endings"]
    wrong = cli.invoke(main, ["compare", a, b, *maps])
    assert wrong.exit_code == 2
    assert "names no file" in wrong.output
    (tmp_path / "map.yaml").write_text("files: {a: a.yaml}\nending: {}\n")
    wrong = cli.invoke(main, ["compare", a, b, *maps])
    assert wrong.exit_code == 2
    assert "map.yaml:2:1: unknown key 'ending'; did you mean 'endings'?" in wrong.output
