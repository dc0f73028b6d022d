"""What levers change is the difference of two ensembles on the same draws, and is told as that."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy import stats

import offramp
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.runs.study_draws import Solved, solve_values
from offramp.study.finding import Finding
from offramp.study.interventions.changes import NOTICED, T95, compared, least_change
from offramp.study.interventions.levers_chart import PAIRS, levers_chart
from offramp.study.interventions.levers_finding import Levers
from offramp.study.interventions.levers_study import levers, sets_of
from offramp.study.outlook.endings import monte_carlo_error
from offramp.study.scenarios import drawn_inputs, under_levers
from tests.crises import crisis_of
from tests.shipped import tehran

Array = NDArray[np.float64]
LeverNames = tuple[str, ...]

TEXT = """
format: 1
title: Strait
actors:
  north: {name: Northland, rationality: "uniform(2, 4)"}
  south: {name: Southland}
inputs:
  misreading: {is: "uniform(0.1, 0.5)", because: test}
  war_cost: {is: "triangular(2, 4, 8)", because: test}
  pride: {is: "uniform(0.5, 2)", because: test}
timeline:
  - chance: red_line
    odds: {low: 0.4, high: rest}
    seen_by: [south]
    believed_by: {north: {low: 0.2, high: rest}}
  - {move: answer, by: north, options: [stand_down, staged, volley]}
  - chance: reading
    if: answer != stand_down
    odds: [{if: answer == staged, alarm: misreading / 2, calm: rest}, {alarm: misreading, calm: rest}]
    seen_by: [south]
  - {move: reply, by: south, options: [absorb, strike]}
payoffs:
  north: {face: -pride * (answer == stand_down), war: -war_cost * (reply == strike)}
  south:
    alarm: -1.5 * (reading == alarm) * (reply == absorb)
    war: ((red_line == low) - war_cost / 4) * (reply == strike)
endings: {war: reply == strike, answered: answer != stand_down, quiet: otherwise}
levers:
  hotline: {set: {misreading: misreading / 4}, cost: 1}
  pledge: {set: {misreading: misreading + 0.05, war_cost: 2 * war_cost}, cost: 2.5}
  embargo: {forbid: {answer: [volley]}, cost: 1.25}
  handover: {forbid: {answer: [staged]}}
  still: {set: {pride: pride}, cost: 0}
"""
CRISIS = crisis_of(TEXT)
DRAWS = 64


def ending(crisis: Crisis, *names: str, seed: int = 1, draws: int = DRAWS) -> Array:
    return offramp.run(crisis.with_levers(*names), draws=draws, seed=seed).endings


@pytest.fixture(scope="module")
def found() -> Levers:
    return levers(CRISIS, draws=DRAWS, below=0.3)


@pytest.fixture(scope="module")
def by_set() -> dict[LeverNames, Array]:
    """Each set's endings, (endings, draws), from ensembles of their own."""
    return {names: ending(CRISIS, *names) for names in [(), *sets_of(CRISIS)]}


@pytest.mark.parametrize(
    "crisis", [CRISIS, tehran(), CRISIS.with_levers("hotline")], ids=["strait", "tehran", "pulled"]
)
def test_an_empty_set_of_levers_changes_nothing_bit_for_bit(crisis: Crisis) -> None:
    values = drawn_inputs(crisis, 16, 3)
    solved = under_levers(crisis, [()], 16, values, solve_values).results
    assert np.array_equal(solved[()].endings, offramp.run(crisis, draws=16, seed=3).endings)


def test_a_lever_that_sets_an_input_to_itself_changes_nothing(found: Levers) -> None:
    still = next(part for part in found.sets if part.levers == ("still",))
    for change in (*still.endings.values(), *still.actors.values(), *still.own_eyes.values()):
        assert vars(change) == dict.fromkeys(vars(change), 0.0)
    assert still.helps == 0.0


def test_changes_are_those_between_two_ensembles_of_the_same_seed(
    found: Levers, by_set: dict[LeverNames, Array]
) -> None:
    base = by_set[()]
    assert {part.levers for part in found.sets} == set(by_set) - {()}
    for part in found.sets:
        difference = by_set[part.levers] - base
        for row, change in zip(difference, part.endings.values(), strict=True):
            assert change.mean == row.mean()
            assert (change.p05, change.p95) == tuple(np.quantile(row, [0.05, 0.95]))
            assert change.high - change.mean == pytest.approx(T95 * monte_carlo_error(row, np.ones(DRAWS, dtype=bool)))
        assert part.helps == (difference[0] < -least_change(base[0])).mean()
        assert part.after["war"] == by_set[part.levers][0].mean()


def test_payoffs_change_as_between_two_ensembles(found: Levers) -> None:
    base, pulled = (offramp.run(CRISIS.with_levers(*names), draws=DRAWS, seed=1) for names in [(), ("embargo",)])
    embargo = next(part for part in found.sets if part.levers == ("embargo",))
    for actor, change in embargo.actors.items():
        gain = pulled.payoff_intervals[actor].mean - base.payoff_intervals[actor].mean
        assert change.mean == pytest.approx(gain, abs=1e-12)
    assert list(embargo.own_eyes) == ["north"]
    assert embargo.own_eyes["north"].mean == pytest.approx((pulled.own_eyes - base.own_eyes)[0].mean(), abs=1e-12)


def test_regret_is_against_the_best_of_as_many_levers_in_each_draw(
    found: Levers, by_set: dict[LeverNames, Array]
) -> None:
    for part in found.sets:
        sizes = {2} if len(part.levers) == 2 else {0, 1}
        rivals = [rows[0] for names, rows in by_set.items() if len(names) in sizes]
        regret = by_set[part.levers][0] - np.min(rivals, axis=0)
        assert part.regret == pytest.approx(regret.mean(), abs=1e-15)
        assert part.regret_p95 == pytest.approx(np.quantile(regret, 0.95), abs=1e-15)
    (table,) = (table for table in found.tables if table.name == "spread")
    kinds = {column.name: column.kind for column in table.columns}
    assert (kinds["helps"], kinds["regret"], kinds["regret_p95"]) == ("share", "points", "points")


def test_common_draws_give_a_narrower_interval_than_draws_of_their_own() -> None:
    seeds = range(1, 13)
    common = np.array([(ending(CRISIS, "hotline", seed=s) - ending(CRISIS, seed=s))[0] for s in seeds])
    apart = np.array([ending(CRISIS, "hotline", seed=s)[0] - ending(CRISIS, seed=s + 100)[0] for s in seeds])
    assert common.mean(axis=1).std() < 0.5 * apart.mean(axis=1).std()
    change = next(part for part in levers(CRISIS, draws=DRAWS).sets if part.levers == ("hotline",)).endings["war"]
    independent = T95 * np.sqrt(2.0) * monte_carlo_error(ending(CRISIS)[0], np.ones(DRAWS, dtype=bool))
    assert change.high - change.mean < 0.7 * independent


@pytest.mark.parametrize("below", [0.02, 0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.99])
def test_the_cheapest_set_is_that_of_a_search_through_all(below: float, by_set: dict[LeverNames, Array]) -> None:
    found = levers(CRISIS, draws=DRAWS, below=below)
    cost = {"hotline": 1.0, "pledge": 2.5, "embargo": 1.25, "still": 0.0}
    enough = {names for names, rows in by_set.items() if names and rows[0].mean() < below}
    assert {part.levers for part in found.reaching} == enough
    counted = {names: sum(cost.get(name, 0.0) for name in names) for names in enough}
    answer = " ".join(found.answer)
    if by_set[()][0].mean() < below:
        assert f"below {100 * below:g}% without any lever" in answer
    elif not enough:
        assert f"No lever or pair brings war below {100 * below:g}%" in answer
    else:
        assert [counted[part.levers] for part in found.reaching] == sorted(counted.values())
        least = [names for names in enough if not any(set(other) < set(names) for other in enough)]
        cheapest = min(least, key=lambda names: (counted[names], by_set[names][0].mean()))
        assert f"on average is {' and '.join(cheapest)}, at a cost of {counted[cheapest]:g}: " in answer
        priced = [names for names in least if "handover" not in names]
        assert ("does not give the cost of every lever" in answer) == ("handover" in cheapest)
        if "handover" in cheapest and priced:
            known = min(priced, key=lambda names: (counted[names], by_set[names][0].mean()))
            assert f"it is {' and '.join(known)}, at a cost of {counted[known]:g}." in answer


def test_the_answer_names_the_lever_and_the_pair_that_lower_the_ending_most(
    found: Levers, by_set: dict[LeverNames, Array]
) -> None:
    base = by_set[()][0].mean()
    adding = [names for names in by_set if len(names) == 2 and naive_verdict(by_set, names, half_of(by_set, names)) < 0]
    for sets, word in (([names for names in by_set if len(names) == 1], "lever"), (adding, "pair of levers")):
        best = min(sets, key=lambda names: by_set[names][0].mean())
        change = f"{100 * (by_set[best][0].mean() - base):.1f}".replace("-", "−")
        sentence = next(said for said in found.answer if said.startswith(f"The {word} that"))
        assert f"most is {' and '.join(best)}: " in sentence
        assert f"({change} points" in sentence
    assert found.answer[0].startswith("No ending is marked `avoid`, so levers are judged by the first, war. Without a")
    assert levers(CRISIS, draws=32, ending="war").answer[0].startswith("The ending to avoid is war. Without a lever")


def half_of(by_set: dict[LeverNames, Array], pair: LeverNames) -> LeverNames:
    return min(((name,) for name in pair), key=lambda one: by_set[one][0].mean())


def naive_verdict(by_set: dict[LeverNames, Array], names: LeverNames, rival: LeverNames) -> int:
    """-1 where war is less likely under one set than under another, 1 where likelier, beyond the batches' error."""
    apart = by_set[names][0] - by_set[rival][0]
    batches = apart.reshape(16, -1).mean(axis=1)
    within = stats.t.ppf(0.975, 15) * batches.std(ddof=1) / 4.0 + NOTICED
    return 0 if abs(apart.mean()) <= within else int(np.sign(apart.mean()))


def test_a_pair_is_judged_against_its_better_half_on_the_same_draws(
    found: Levers, by_set: dict[LeverNames, Array]
) -> None:
    words = {-1: "better", 0: "no better", 1: "worse"}
    for pair in found.pairs:
        half = half_of(by_set, pair.levers)
        against = found.halves[pair.levers]
        assert against.rival == half
        assert against.change.mean == pytest.approx((by_set[pair.levers][0] - by_set[half][0]).mean(), abs=1e-12)
        assert against.verdict == words[naive_verdict(by_set, pair.levers, half)]
    assert {against.verdict for against in found.halves.values()} >= {"better", "no better"}
    assert found.halves["hotline", "still"].verdict == "no better"
    vain = next(said for said in found.answer if "adds nothing beyond the error of the draws." in said)
    assert "still to hotline" in vain


def test_a_pair_that_makes_it_worse_is_said_to_and_is_not_the_best() -> None:
    """The shipped starter: a hotline makes an exchange of blows cheaper, and with restraint there is little to halt."""
    found = levers(crisis_of((files("offramp") / "starter.yaml").read_text()), draws=96)
    both, alone = (
        next(part for part in found.sets if part.levers == names)
        for names in [("hotline", "restraint"), ("restraint",)]
    )
    assert both.after["war"] > alone.after["war"]
    assert found.halves[both.levers].verdict == "worse"
    text = " ".join(found.answer)
    assert "No pair of levers lowers a war over the strait more than restraint by allies alone" in text
    assert re.search(
        r"Adding a tested hotline to restraint by allies \(\+[\d.]+ points\) raises a war over the strait\.", text
    )
    assert "The pair" not in text


def test_a_set_that_costs_more_and_does_no_better_is_dominated(found: Levers, by_set: dict[LeverNames, Array]) -> None:
    cost = {"hotline": 1.0, "pledge": 2.5, "embargo": 1.25, "handover": 0.0, "still": 0.0}
    counted = {names: sum(cost[name] for name in names) for names in by_set}
    for names in set(by_set) - {()}:
        rivals = []
        for size in range(3):
            cheaper = [other for other in by_set if len(other) == size and counted[other] < counted[names]]
            best = min(cheaper, key=lambda other: (by_set[other][0].mean(), counted[other]), default=None)
            if best is not None and naive_verdict(by_set, names, best) >= 0:
                rivals.append(best)
        assert (names in found.dominated) == bool(rivals)
        if rivals:
            assert (found.dominated[names].rival, found.dominated[names].cost) == (rivals[0], counted[rivals[0]])
    said = [sentence for sentence in found.answer if sentence.startswith("Dominated by")]
    assert bool(said) == any(len(names) == 1 for names in found.dominated)


def test_levers_that_cost_nothing_are_ranked_too(by_set: dict[LeverNames, Array]) -> None:
    """A cost of 0 and no cost count alike; `embargo` costs nothing here, as `handover` and `still` do."""
    found = levers(crisis_of(TEXT.replace("[volley]}, cost: 1.25", "[volley]}, cost: 0")), draws=DRAWS)
    free = [names for names in by_set if names and not {"hotline", "pledge"} & set(names)]
    best = min(free, key=lambda names: by_set[names][0].mean())
    assert best == ("embargo", "handover")
    lowered = 100.0 * (by_set[()] - by_set[best])[0].mean()
    text = " ".join(found.answer)
    assert f"at no cost (the file does not give every cost) is embargo and handover: by {lowered:.1f} points." in text
    assert "for its cost is pledge: by " in text
    assert any("counts as one that costs nothing" in note for note in found.notes)
    assert "for its cost" not in " ".join(levers(crisis_of(re.sub(r", cost: [\d.]+", "", TEXT)), draws=32).answer)


def test_with_too_few_draws_for_an_error_no_pair_is_announced() -> None:
    found = levers(CRISIS, draws=16)
    assert {half.verdict for half in found.halves.values()} == {"not told apart"}
    assert not found.dominated
    assert "16 draws are too few to tell a pair from a single lever: use more draws." in found.answer


def test_singles_come_first_and_those_that_lower_the_ending_most(found: Levers) -> None:
    order = [(len(part.levers), part.endings["war"].mean) for part in found.sets]
    assert order == sorted(order)
    assert len(found.singles) == 5
    assert {part.levers for part in found.pairs} == set(combinations(CRISIS.levers, 2))


def test_draws_that_did_not_converge_on_either_side_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(2)

    def solved(*lost: int) -> Solved:
        parts = [rng.random((rows, DRAWS)) for rows in (3, 4, 2)]
        for part in parts:
            part[:, lost] = np.nan
        return Solved(parts[0], parts[1], np.zeros((0, DRAWS)), parts[2], ~np.isin(np.arange(DRAWS), lost))

    base, own = solved(3, 40), solved(3, 17)
    part = compared(CRISIS, ("hotline",), base, {("hotline",): own}, ["war", "answered", "quiet"], 0)
    kept = ~np.isin(np.arange(DRAWS), [3, 17, 40])
    assert part.draws == DRAWS - 3
    assert part.endings["war"].mean == (own.endings - base.endings)[0, kept].mean()
    assert part.helps == ((own.endings - base.endings)[0, kept] < 0).mean()
    assert np.isfinite([part.regret, *(change.mean for change in part.actors.values())]).all()


def test_levers_that_together_leave_a_move_no_option_are_left_out_and_said() -> None:
    crisis = crisis_of(TEXT.replace("{answer: [staged]}", "{answer: [staged, stand_down]}"))
    found = levers(crisis, draws=32)
    assert found.no_option == (("embargo", "handover"),)
    assert len(found.sets) == 14
    assert "Left out, since a move would have no option or two commitments: embargo and handover." in found.notes


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"ending": "wars"}, "unknown ending 'wars'; did you mean 'war'"),
        ({"below": 1.5}, "between 0 and 1, found 1.5"),
        ({"draws": 0}, "draws count from 1"),
    ],
)
def test_requests_that_make_no_sense_are_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        levers(CRISIS, **asked)  # type: ignore[arg-type]


def test_a_crisis_without_levers_is_refused() -> None:
    with pytest.raises(UsageError, match="has no levers"):
        levers(crisis_of(TEXT[: TEXT.index("levers:")]))
    with pytest.raises(UsageError, match="not pulled yet"):
        levers(CRISIS.with_levers(*CRISIS.levers))


def test_where_every_lever_makes_it_worse_the_best_is_to_pull_none() -> None:
    worse = TEXT[: TEXT.index("levers:")] + "levers: {worse: {set: {war_cost: war_cost / 2}}}"
    found = levers(crisis_of(worse), draws=32)
    (only,) = found.sets
    assert only.helps == 0.0
    assert only.regret == pytest.approx(only.endings["war"].mean, abs=1e-15)
    assert only.regret > 0.01
    assert "No lever makes war less likely on average." in found.answer


def test_a_crisis_without_inputs_is_the_same_in_every_draw() -> None:
    certain = crisis_of(
        "{format: 1, title: Certain, actors: {ann: {name: Ann}},"
        " timeline: [{move: go, by: ann, options: [left, right]}], payoffs: {ann: {gain: go == left}},"
        " endings: {war: go == left, peace: otherwise}, levers: {bar: {forbid: {go: [left]}}}}"
    )
    (only,) = levers(certain, draws=32).sets
    change = only.endings["war"]
    assert only.after["war"] == 0.0
    assert change.low == pytest.approx(change.mean, abs=1e-12)


def test_levers_that_are_pulled_already_are_part_of_both_sides() -> None:
    found = levers(CRISIS.with_levers("pledge"), draws=32)
    both = next(part for part in found.sets if part.levers == ("hotline",))
    difference = ending(CRISIS, "pledge", "hotline", draws=32) - ending(CRISIS, "pledge", draws=32)
    assert both.endings["war"].mean == difference[0].mean()


def test_the_picture_shows_every_lever_and_the_best_pairs(found: Levers) -> None:
    for width in (320, 720):
        text = json.dumps(levers_chart(found, width).to_dict(), ensure_ascii=False)
        for part in [*found.singles, *found.pairs[:PAIRS]]:
            assert f'"{found.name(part)}: ' in text
    assert f'"{found.name(found.pairs[PAIRS])}: ' not in text


def test_the_command_says_what_the_function_finds(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(main, ["levers", str(file), "--draws", "32", "--below", "0.3", "--json"])
    assert result.exit_code == 0, result.output
    found: Finding = levers(CRISIS, draws=32, below=0.3)
    assert json.loads(result.stdout) == json.loads(json.dumps(found.to_dict()))
    wrong = CliRunner().invoke(main, ["levers", str(file), "--ending", "wars"])
    assert wrong.exit_code == 2
    assert "did you mean 'war'" in wrong.stderr


def test_numbers_that_too_few_draws_cannot_give_are_null_in_json() -> None:
    text = json.dumps(levers(CRISIS, draws=1).to_dict(), allow_nan=False)
    assert json.loads(text)["sets"][0]["endings"]["war"]["low"] is None


RARE = """
format: 1
title: Rare
actors: {north: {name: North, rationality: 8}}
inputs: {cost: {is: "uniform(1.9, 2.4)", because: test}}
timeline: [{move: answer, by: north, options: [strike, wait]}]
payoffs: {north: {war: -cost * (answer == strike)}}
endings: {war: answer == strike, peace: otherwise}
levers:
  dearer: {set: {cost: cost + 0.5}, cost: 1}
  bar: {forbid: {answer: [strike]}, cost: 3}
"""


def test_a_rare_ending_that_a_lever_ends_is_said_to_be_less_likely() -> None:
    found = levers(crisis_of(RARE), draws=64)
    assert 1e-9 < found.before["war"] < 1e-6
    bar = next(part for part in found.singles if part.levers == ("bar",))
    assert bar.endings["war"].high < 0.0
    assert bar.helps == 1.0
    assert found.dominated.keys() == {("dearer", "bar")}
    text = " ".join(found.answer)
    assert "The lever that lowers war most is bar: to 0.0% on average" in text
    assert "No lever" not in text
    levels = {row[0]: row[2] for row in next(table for table in found.tables if table.name == "levers").shown()}
    assert (levels["dearer"], levels["bar"]) == ("<0.001%", "0.0%")


MARKED = TEXT.replace("war: reply == strike", "war: {if: reply == strike, avoid: yes}").replace(
    "answered: answer != stand_down", "answered: {if: answer != stand_down, avoid: yes, name: an answer}"
)
JOINED = TEXT.replace("war: reply == strike, answered: answer", "bad: reply == strike or answer")


def test_levers_are_judged_by_the_sum_of_the_marked_endings_as_if_they_were_one() -> None:
    found, joined = (levers(crisis_of(text), draws=32) for text in (MARKED, JOINED))
    assert found.ending == "endings to avoid"
    assert [one.levers for one in found.sets] == [one.levers for one in joined.sets]
    for one, other in zip(found.sets, joined.sets, strict=True):
        assert vars(one.endings[found.ending]) == pytest.approx(vars(other.endings["bad"]), abs=1e-12)
        assert (one.helps, one.regret) == pytest.approx((other.helps, other.regret), abs=1e-12)
        assert set(one.endings) == {"war", "answered", "quiet", found.ending}
    assert {names: half.verdict for names, half in found.halves.items()} == {
        names: half.verdict for names, half in joined.halves.items()
    }
    level = joined.answer[0].split("Without a lever it has ")[1].rstrip(".")
    assert found.answer[0] == f"The endings to avoid are war and an answer. Without a lever they have {level} together."
    best = next(said for said in found.answer if said.startswith("The lever that"))
    assert best.startswith("The lever that lowers the endings to avoid most is ")
    assert "The endings to avoid under each lever" in found.tables[0].caption


def test_one_marked_ending_is_the_one_to_avoid_wherever_it_stands() -> None:
    last = TEXT.replace("quiet: otherwise", "quiet: {if: otherwise, avoid: yes}")
    found = levers(crisis_of(last), draws=32)
    assert found.ending == "quiet"
    assert found.answer[0].startswith("The ending to avoid is quiet. Without a lever it has ")
    asked = levers(CRISIS, draws=32, ending="quiet")
    assert [one.endings for one in found.sets] == [one.endings for one in asked.sets]


SAVING = """
format: 1
title: Saving
actors: {ann: {name: Ann}}
inputs: {gain: {is: "uniform(0, 1)", because: test}}
timeline: [{move: go, by: ann, options: [left, right]}]
payoffs: {ann: {gain: gain * (go == left)}}
endings: {war: {if: go == left, avoid: yes}, quiet: otherwise}
levers:
  saves: {set: {gain: gain - 1}, cost: -3}
  fee: {set: {gain: gain - 0.5}, cost: 2}
  trifle: {set: {gain: gain - 0.2}, cost: 1e-320}
  free: {set: {gain: gain - 0.1}, cost: 0}
"""


def test_a_lever_that_saves_money_is_ranked_as_the_cheapest_and_has_no_rate() -> None:
    alone = levers(crisis_of(re.sub(r"  (fee|trifle|free):.*\n", "", SAVING)), draws=64, below=0.5)
    assert not alone.dominated
    text = " ".join(alone.answer)
    assert re.search(r"What lowers it most at no cost is saves: by [\d.]+ points, and it saves 3\.", text)
    assert "The cheapest way to bring war below 50% on average is saves, at a cost of −3" in text
    found = levers(crisis_of(SAVING), draws=64, below=0.7)
    assert [found.dominated[name,].rival for name in ("fee", "trifle", "free")] == [("saves",)] * 3
    assert not {("saves",), ("saves", "free")} & found.dominated.keys()
    rates = {row[0]: row[-1] for row in next(table for table in found.tables if table.name == "levers").rows}
    assert rates["fee"] < 0.0
    assert [rates[name] for name in ("saves", "trifle", "free", "saves + fee")] == [None] * 4


def test_the_cheapest_set_may_have_a_lever_more_that_saves_something() -> None:
    found = levers(crisis_of(SAVING.replace("gain - 1}", "gain - 0.01}")), draws=64, below=0.55)
    enough = [one for one in found.sets if one.after["war"] < 0.55]
    assert {one.levers for one in enough} >= {("fee",), ("saves", "fee")}
    assert any(
        sentence.startswith("The cheapest way") and "saves and fee, at a cost of −1" in sentence
        for sentence in found.answer
    )


def test_a_lever_that_costs_next_to_nothing_is_best_for_its_cost_without_a_number_for_it() -> None:
    found = levers(crisis_of(re.sub(r"  saves:.*\n", "", SAVING)), draws=64)
    said = next(one for one in found.answer if one.startswith("What lowers it most for its cost"))
    assert re.fullmatch(
        r"What lowers it most for its cost is trifle: by [\d.]+ points at a cost of 9.99989e-321\.", said
    )


def test_costs_whose_sums_no_number_holds_are_refused_where_they_stand() -> None:
    with pytest.raises(CrisisError, match=r":10:40: the cost of lever 'saves' is -1e\+308; expected a number from -1e"):
        crisis_of(SAVING.replace("cost: -3", "cost: -1e308"))


CLOSE = """
format: 1
title: Close
actors: {ann: {name: Ann}}
inputs: {gain: {is: "uniform(0, 1)", because: test}, luck: {is: "uniform(0, 1)", because: test}}
timeline: [{move: go, by: ann, options: [left, right]}]
payoffs: {ann: {gain: gain * (go == left)}}
endings: {war: {if: go == left, avoid: yes}, quiet: otherwise}
levers:
  fee: {set: {gain: gain - 0.5}, cost: 1}
  gamble: {set: {gain: gain - luck - 0.005}, cost: 2}
  waste: {set: {gain: gain - 0.3}, cost: 3}
"""


def test_a_dearer_lever_that_may_do_better_is_not_called_dominated() -> None:
    found = levers(crisis_of(CLOSE), draws=64)
    against = found.dominated["gamble",]
    assert against.rival == ("fee",)
    assert against.change.low < 0.0 < against.change.high
    assert against.change.mean < 0.0
    text = " ".join(found.answer)
    assert "The lever that lowers war most is gamble" in text
    assert (
        "Not shown to do better than something that costs less (more draws may show it): gamble (cost 2) than fee "
        "(cost 1)." in text
    )
    assert found.dominated["waste",].verdict == "worse"
    (table,) = (table for table in found.tables if table.name == "dominated")
    assert {row[0] for row in table.rows} >= {"gamble", "waste"}
    assert table.caption.startswith("Levers that cost more than another and do worse, or are not shown to do better:")
    assert re.search(r"does as well or better: waste \(cost 3\) by \w+ \(cost [12]\)\.", text)


@pytest.mark.parametrize("draws", [64, 96])
def test_of_a_run_the_level_is_its_mean_and_only_the_changes_are_from_its_first_draws(draws: int) -> None:
    run = offramp.run(crisis_of(TEXT), draws=512, seed=3)
    found, apart = levers(run, draws=draws), levers(crisis_of(TEXT), draws=draws, seed=3)
    assert dict(found.before) == pytest.approx({name: band.mean for name, band in run.ending_intervals.items()})
    assert found.before[found.ending] != pytest.approx(apart.before[found.ending], rel=1e-4)
    for one, alone in zip(found.sets, apart.sets, strict=True):
        assert (one.levers, one.endings) == (alone.levers, alone.endings)
        sums = {name: max(found.before[name] + change.mean, 0.0) for name, change in one.endings.items()}
        assert one.after == pytest.approx(sums)
    assert found.basis == (
        f"The first {draws} of the run's 512 draws. They show what a lever changes; the level before it is from all "
        "draws."
    )


def test_more_draws_than_a_run_has_are_those_of_the_run() -> None:
    run = offramp.run(crisis_of(TEXT), draws=64, seed=3)
    found = levers(run, draws=128)
    assert found.basis == "The run's 64 draws."
    assert dict(found.before) == pytest.approx({name: band.mean for name, band in run.ending_intervals.items()})


def test_another_seed_than_that_of_a_run_takes_only_its_crisis() -> None:
    run = offramp.run(crisis_of(TEXT), draws=64, seed=3)
    assert levers(run, draws=64, seed=5).to_dict() == levers(run.crisis, draws=64, seed=5).to_dict()


def test_the_interval_of_a_level_holds_the_errors_of_the_level_and_of_the_change() -> None:
    """Against the errors of many runs: the levels of a set vary by no more than their intervals say."""
    crisis, long = crisis_of(TEXT), levers(crisis_of(TEXT), draws=4096, seed=99)
    inside, within, changes = [], [], []
    for seed in range(24):
        found = levers(offramp.run(crisis, draws=256, seed=seed), draws=64)
        for one in found.sets:
            truth = next(other.after for other in long.sets if other.levers == one.levers)
            inside += [one.low[name] <= truth[name] <= one.high[name] for name in truth]
            within += [one.high[name] - one.low[name] for name in truth]
            changes += [change.high - change.low for change in one.endings.values()]
    assert np.mean(inside) > 0.9
    assert np.mean(within) > np.mean(changes)


def test_the_command_of_a_run_shows_the_level_that_its_endings_show(tmp_path: Path) -> None:
    (tmp_path / "crisis.yaml").write_text(TEXT)
    folder = tmp_path / "run"
    offramp.run(offramp.read(tmp_path / "crisis.yaml"), draws=512, seed=3, out=folder)
    asked = {
        command: json.loads(CliRunner().invoke(main, [command, str(folder), "--json"]).output)
        for command in ("levers", "endings")
    }
    means = {row["ending"]: row["mean"] for row in asked["endings"]["endings"]}
    rows = asked["levers"]["levers"]
    for row in rows:
        assert row["after"] - row["change"] == pytest.approx(means[offramp.open_run(folder).crisis.avoided[0]])
