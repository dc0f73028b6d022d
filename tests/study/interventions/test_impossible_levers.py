"""Levers that make some draws impossible are left out and said, with the reason; all others are ranked as without them.

The oracle is a run with the lever pulled of each draw alone.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.game.compiler import compile_crisis
from offramp.game.tables import Draws, tabulate
from offramp.report.brief_document import brief_document
from offramp.report.page import page as page_of
from offramp.runs.blocks import threads
from offramp.runs.store.manifest import manifest_of
from offramp.study.brief import brief
from offramp.study.interventions.levers_finding import Levers
from offramp.study.interventions.levers_study import levers, levers_at, sets_of
from offramp.study.lead import lead
from offramp.study.scenarios import drawn_inputs
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW

SOUND = """
  hotline: {name: a tested hotline, set: {misreading: misreading / 4}, cost: 1}
  embargo: {name: an embargo, forbid: {answer: [volley]}, cost: 2}
  part: {name: half a rumour, set: {misreading: misreading + 0.3}}
  echo: {name: the other half, set: {misreading: misreading + 0.3}}
"""
FAILING = """
  never: {name: blind alarm, set: {misreading: misreading + 1}, cost: 3}
  seldom: {name: a loud rumour, set: {misreading: 2.2 * misreading}}
"""
TEXT = """
format: 1
title: Strait
actors:
  north: {name: Northland, rationality: "uniform(2, 4)"}
  south: {name: Southland}
inputs:
  misreading: {is: "uniform(0.1, 0.5)", because: test}
  war_cost: {is: "triangular(2, 4, 8)", because: test}
timeline:
  - {move: answer, by: north, options: [stand_down, staged, volley]}
  - chance: reading
    if: answer != stand_down
    odds: [{if: answer == staged, alarm: misreading / 2, calm: rest}, {alarm: misreading, calm: rest}]
    seen_by: [south]
  - {move: reply, by: south, options: [absorb, strike]}
payoffs:
  north: {face: -1 * (answer == stand_down), war: -war_cost * (reply == strike)}
  south: {alarm: -1.5 * (reading == alarm) * (reply == absorb), war: (0.5 - war_cost / 4) * (reply == strike)}
endings: {war: {if: reply == strike, avoid: yes}, quiet: otherwise}
levers:
"""
DRAWS = 128
ODDS_LINE = 14


def impossible_draws(crisis: Crisis, *names: str, draws: int = DRAWS) -> dict[int, str]:
    """The message of each draw that is impossible with levers pulled, one draw at a time."""
    found = {}
    values = drawn_inputs(crisis, draws, 1)
    game = compile_crisis(crisis.with_levers(*names))
    for draw in range(draws):
        own = resolved_inputs(
            replace(crisis, pulled=names), {name: column[draw : draw + 1] for name, column in values.items()}
        )
        try:
            tabulate(game, Draws(own, [f"draw {draw}"]))
        except CrisisError as error:
            found[draw] = error.faults[0].message
    return found


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(TEXT + SOUND + FAILING)


@pytest.fixture(scope="module")
def found(crisis: Crisis) -> Levers:
    return levers(crisis, draws=DRAWS)


def test_levers_and_pairs_impossible_in_any_draw_are_left_out_and_counted(crisis: Crisis, found: Levers) -> None:
    failing = {names: impossible_draws(crisis, *names) for names in sets_of(crisis)}
    assert len(failing["never",]) == DRAWS
    assert 0 < len(failing["seldom",]) < DRAWS / 2
    assert not failing["part",]
    assert not failing["echo",]
    assert 0 < len(failing["part", "echo"]) < DRAWS
    left_out = {one.levers: (one.draws, one.of, one.line, one.why) for one in found.impossible}
    assert left_out == {
        names: (len(draws), DRAWS, ODDS_LINE, next(iter(draws.values()))) for names, draws in failing.items() if draws
    }
    assert {one.levers for one in found.sets} == {names for names, draws in failing.items() if not draws}


def test_all_others_are_ranked_as_without_them(found: Levers) -> None:
    without = levers(crisis_of(TEXT + SOUND), draws=DRAWS)
    assert [one for one in found.impossible if one.levers == ("part", "echo")] == list(without.impossible)
    of_sound = [one for one in found.sets if not {"never", "seldom"} & set(one.levers)]
    singles = [one for one in of_sound if len(one.levers) == 1]
    assert singles == list(without.singles)
    assert found.before == without.before
    # the rest of a set's numbers are against its rivals, and `hotline` makes a pair with `seldom` possible
    for one, other in zip(of_sound, without.sets, strict=True):
        assert (one.levers, one.endings, one.after, one.actors) == (
            other.levers, other.endings, other.after, other.actors,
        )  # fmt: skip


def test_it_is_said_by_name_in_how_many_draws_and_why(found: Levers) -> None:
    number = {one.levers: one.draws for one in found.impossible}
    said = "\n".join(found.answer)
    assert re.search(
        rf"^Blind alarm is left out: impossible in 128 of 128 draws\. Line {ODDS_LINE}: odds of 'reading', row 2, "
        r"add up to 1\.\d+ where answer = volley; nothing is left for the rest, calm "
        r"\(draw 0: misreading = 1\.\d+\)\.$",
        said,
        re.MULTILINE,
    )
    assert f"\nA loud rumour is left out: impossible in {number['seldom',]} of 128 draws. Line {ODDS_LINE}: " in said
    assert (
        f"\nHalf a rumour and the other half together are left out: impossible in {number['part', 'echo']} of 128 draws"
        in said
    )
    pairs = sum(len(names) == 2 and bool({"never", "seldom"} & set(names)) for names in number)
    assert f"\nAlso left out are {pairs} pairs with one of these levers." in said
    assert "The lever that lowers war most is " in said
    assert "Blind alarm is left out: impossible in 128 of 128 draws. A loud rumour" in found.on_best_lever


def test_the_command_says_it_in_table_json_and_export(tmp_path: Path, found: Levers) -> None:
    file, exported = tmp_path / "crisis.yaml", tmp_path / "levers"
    file.write_text(TEXT + SOUND + FAILING, encoding="utf-8")
    shown = CliRunner().invoke(main, ["levers", str(file), "--draws", str(DRAWS), "--export", str(exported)])
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.output.split())
    assert "Blind alarm is left out: impossible in 128 of 128 draws." in text
    assert "Levers left out, since they make some draws impossible" in text
    data = json.loads(CliRunner().invoke(main, ["levers", str(file), "--draws", str(DRAWS), "--json"]).output)
    rows = [
        {"levers": one.label, "impossible": one.draws, "draws": DRAWS, "line": ODDS_LINE, "why": one.why}
        for one in found.impossible
    ]
    assert data["left_out"] == rows
    assert any("Blind alarm is left out" in sentence for sentence in data["answer"])
    assert "never" in (exported / "left_out.csv").read_text(encoding="utf-8")


def test_without_such_levers_nothing_is_said_of_them() -> None:
    alone = SOUND.replace("misreading + 0.3", "misreading + 0.05")
    sound = levers(crisis_of(TEXT + alone), draws=DRAWS)
    assert sound.impossible == ()
    assert "left out" not in str(sound)
    assert "left_out" not in sound.to_dict()


def test_where_every_lever_is_impossible_the_study_says_just_that() -> None:
    found = levers(crisis_of(TEXT + FAILING), draws=DRAWS, below=0.01)
    assert found.sets == ()
    assert [sentence.partition(":")[0] for sentence in found.answer] == [
        "Blind alarm is left out", "A loud rumour is left out", "Also left out is 1 pair with one of these levers.",
    ]  # fmt: skip
    assert all(not table.rows for table in found.tables if table.name != "left_out")


def test_a_possible_pair_of_impossible_levers_is_ranked_against_no_lever() -> None:
    text = TEXT + "  up: {set: {misreading: misreading + 1}}\n  down: {set: {misreading: misreading - 0.999}}\n"
    found = levers(crisis_of(text), draws=DRAWS)
    assert [one.levers for one in found.impossible] == [("up",), ("down",)]
    (pair,) = found.sets
    assert pair.levers == ("up", "down")
    assert found.halves[pair.levers].rival == ()
    assert found.halves[pair.levers].rival_label == "no lever"
    assert found.answer[1].startswith("No pair of levers makes war less likely")
    assert found.on_best_lever.startswith("Up is left out")


def test_a_value_that_is_no_finite_number_is_told_with_its_line() -> None:
    found = levers(crisis_of(TEXT + "  off: {set: {war_cost: log(war_cost - 3)}}\n"), draws=DRAWS)
    (one,) = found.impossible
    cost = drawn_inputs(crisis_of(TEXT + SOUND), DRAWS, 1)["war_cost"]
    assert one.draws == int((cost <= 3.0).sum()) > 0
    assert one.line == TEXT.count("\n") + 1
    shown = f"{cost[np.argmax(cost <= 3.0)]:.4g}"
    assert one.why == f"lever 'off' sets 'war_cost' to a value that is not a finite number (war_cost = {shown})"


def test_a_lever_that_opens_an_option_with_impossible_odds_is_left_out() -> None:
    text = TEXT.replace("volley]}", "volley, raid], closed: [raid]}").replace(
        "odds: [{", "odds: [{if: answer == raid, alarm: 3 * misreading, calm: rest}, {"
    )
    found = levers(crisis_of(text + SOUND + "  raid: {allow: {answer: [raid]}}\n"), draws=DRAWS)
    values = drawn_inputs(crisis_of(TEXT + SOUND), DRAWS, 1)["misreading"]
    assert found.impossible[0].levers == ("raid",)
    assert found.impossible[0].draws == (3.0 * values > 1.0).sum()


def test_a_crisis_that_is_impossible_without_any_lever_is_still_refused() -> None:
    broken = crisis_of(TEXT.replace("uniform(0.1, 0.5)", "uniform(0.1, 1.2)") + SOUND)
    with pytest.raises(CrisisError, match=r"draw \d+") as caught:
        levers(broken, draws=DRAWS)
    assert "hotline" not in str(caught.value)


def test_solve_with_an_impossible_lever_is_refused_with_its_message(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(TEXT + SOUND + FAILING, encoding="utf-8")
    solved = CliRunner().invoke(main, ["solve", str(file), "--lever", "never"])
    assert solved.exit_code == 2
    assert f":{ODDS_LINE}:" in solved.output
    assert "nothing is left for the rest" in solved.output


def test_a_lever_that_is_named_twice_is_refused_not_pulled_twice(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(TEXT + SOUND, encoding="utf-8")
    for command in ("solve", "run", "trace"):
        named = [command, str(file), "--lever", "hotline", "--lever", "embargo", "--lever", "hotline"]
        refused = CliRunner().invoke(main, named)
        assert refused.exit_code == 2
        assert "'hotline' is named twice, and a lever is pulled once" in refused.stderr
    assert CliRunner().invoke(main, ["solve", str(file), "--lever", "hotline", "--lever", "embargo"]).exit_code == 0


def test_the_same_on_any_executor_and_progress_counts_every_draw_once(crisis: Crisis, found: Levers) -> None:
    done: list[int] = []
    with threads(1) as pool:
        assert levers(crisis, draws=DRAWS, executor=pool, progress=done.append).sets == found.sets
    assert sum(done) == DRAWS * (1 + len(sets_of(crisis)))
    assert min(done) > 0
    with ProcessPoolExecutor(2) as processes:
        spread = levers(crisis, draws=DRAWS, executor=processes)
    assert (spread.sets, spread.impossible) == (found.sets, found.impossible)


def test_a_rationality_for_all_makes_a_lever_on_rationality_possible() -> None:
    text = TEXT.replace('rationality: "uniform(2, 4)"', "rationality: zeal").replace(
        "inputs:", 'inputs:\n  zeal: {is: "uniform(2, 4)", because: test}'
    )
    crisis = crisis_of(text + "  daze: {set: {zeal: zeal - 3}}\n")
    values = drawn_inputs(crisis, DRAWS, 1)
    (left_out,) = levers(crisis, draws=DRAWS).impossible
    assert left_out.draws == (values["zeal"] < 3.0).sum()
    assert levers_at(crisis, DRAWS, values, seed=1, rationality=3.0).impossible == ()


def test_as_of_now_levers_impossible_ahead_are_left_out_and_those_of_the_past_are_not() -> None:
    text = RAID_NOW.replace("levers:\n", "levers:\n  panic: {set: {q: q + 0.2}}\n  omen: {set: {p: p + 1}}\n")
    crisis = crisis_of(text).now()
    found = levers(crisis, draws=DRAWS)
    values = drawn_inputs(crisis, DRAWS, 1)["q"]
    impossible = {one.levers: one.draws for one in found.impossible}
    assert impossible["panic",] == (values + 0.2 > 1.0 + 1e-9).sum() > 0
    assert ("hotline", "panic") not in impossible
    assert ("omen",) not in impossible
    assert "omen" in found.past_only
    sound = levers(crisis_of(RAID_NOW).now(), draws=DRAWS)
    assert [one for one in found.singles if one.levers != ("omen",)] == list(sound.singles)


def test_as_of_now_a_lever_that_is_left_out_is_not_also_told_to_change_nothing() -> None:
    text = RAID_NOW.replace(
        "levers:\n", "levers:\n  omen: {set: {toll: log(toll - 1)}}\n  spare: {set: {free: 2 * free}}\n"
    )
    found = levers(crisis_of(text.replace("inputs: {", "inputs: {free: {is: 1}, ")).now(), draws=DRAWS)
    assert [one.levers for one in found.impossible] == [("omen",)]
    assert found.past_only == ("spare", "silence", "doubt")
    assert "Spare, silence and doubt change nothing that is still ahead." in found.answer


def test_the_report_its_lead_and_its_brief_say_it(crisis: Crisis) -> None:
    run = offramp.run(crisis, draws=DRAWS)
    manifest = dict(manifest_of(run.crisis, run.game, draws=run.draws, seed=run.seed))
    answered = brief(run)
    said = "Blind alarm is left out: impossible in 64 of 64 draws."
    (way_out,) = (one.text for one in lead(run, answered) if one.section == "way-out")
    assert "The lever that lowers war most is " in way_out
    assert said in way_out
    assert "together" not in way_out
    page = page_of(run, manifest, answered)
    assert page.count(said) == 2
    assert f"{said} Line {ODDS_LINE}: odds of " in page
    assert page.index("The lever that lowers war most") < page.index(said)
    sections = brief_document(run, manifest, answered, "").sections
    (could,) = (one for one in sections if one.heading == "What could be done")
    assert said in " ".join(could.sentences)


def test_the_brief_of_impossible_levers_alone_says_so_without_a_table() -> None:
    run = offramp.run(crisis_of(TEXT + FAILING), draws=DRAWS)
    manifest = dict(manifest_of(run.crisis, run.game, draws=run.draws, seed=run.seed))
    sections = brief_document(run, manifest, brief(run), "").sections
    (could,) = (one for one in sections if one.heading == "What could be done")
    assert could.table is None
    assert "A loud rumour is left out" in could.sentences[0]
    assert "A loud rumour is left out" in page_of(run, manifest, brief(run))


def test_worth_leaves_impossible_levers_out_of_the_choice(crisis: Crisis) -> None:
    found = offramp.worth(offramp.run(crisis, draws=DRAWS), draws=DRAWS)
    without = offramp.worth(offramp.run(crisis_of(TEXT + SOUND), draws=DRAWS), draws=DRAWS)
    assert [one.levers for one in found.impossible] == [("never",), ("seldom",)]
    assert (found.levels, found.worths, found.everything) == (without.levels, without.worths, without.everything)
    assert any(sentence.startswith("Blind alarm is left out: impossible in 128 of") for sentence in found.answer)
    assert [row["levers"] for row in found.to_dict()["left_out"]] == ["never", "seldom"]


@pytest.mark.parametrize("measures", ["", "measures: {told: {is: misreading * (reading == alarm), unit: points}}\n"])
def test_as_of_now_odds_that_only_the_past_has_make_no_lever_impossible(measures: str) -> None:
    """What was measured up to now is measured at what was played, whatever a lever would have made of it."""
    seen = TEXT.replace("endings:", measures + "endings:").replace("title: Strait", "title: Strait\nas_of: 2024-01-01")
    seen += FAILING + "observed: [{date: 2024-01-02, answer: volley, reading: alarm}]\n"
    found = levers(crisis_of(seen).now(), draws=DRAWS)
    assert found.impossible == ()
    assert found.past_only == ("never", "seldom")
    for lever_set in found.sets:
        assert {one.mean for one in (*lever_set.endings.values(), *lever_set.measures.values())} == {0.0}
