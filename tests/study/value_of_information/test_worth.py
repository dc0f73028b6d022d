"""What it is worth to find out, against closed forms and against every history of a small crisis."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

import offramp
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.crisis.names import NO_LEVER
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from offramp.runs.execution import Execution
from offramp.study.value_of_information.hidden_values import actor_paid, by_hidden_values, endings_paid, hidden_of
from offramp.study.value_of_information.information import by_chance, of_cases, of_input, perfect, resamples
from offramp.study.value_of_information.worth import worth
from offramp.study.value_of_information.worth_finding import Worths
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.game.test_against_walker import key_of
from tests.shipped import tehran
from tests.walker import ANALYST, ChanceNode, Key, Node, Terminal, tree

Array = NDArray[np.float64]

TEXT = """
format: 1
title: Strait
actors:
  north: {name: Northland, rationality: "uniform(2, 4)"}
  south: {name: Southland}
inputs:
  alarm: {is: "uniform(0.05, 0.95)", because: test}
  war_cost: {is: "triangular(2, 4, 8)", because: test}
  idle: {is: "uniform(0, 1)", because: test}
timeline:
  - {chance: weather, odds: {calm: 0.5, rough: rest}}
  - chance: red_line
    odds: {low: 0.4, high: rest}
    seen_by: [south]
    believed_by: {north: {low: 0.2, high: rest}}
  - chance: spy
    if: red_line == low
    odds: {placed: 0.5, none: rest}
    seen_by: [south]
  - {move: answer, by: north, options: [stand_down, volley]}
  - chance: reading
    if: answer == volley
    odds: {alarming: alarm, meant: rest}
    seen_by: [south]
  - {move: reply, by: south, options: [absorb, strike]}
payoffs:
  north: {face: -1 * (answer == stand_down), war: -war_cost * (reply == strike) - 0 * idle}
  south:
    alarm: -2 * (reading == alarming) * (reply == absorb)
    line: -1.5 * (red_line == low) * (reply == absorb) * (answer == volley) + 0.3 * (spy == placed) * (reply == absorb)
    war: (0.5 * (weather == rough) - war_cost / 3) * (reply == strike)
endings: {war: reply == strike, answered: answer != stand_down, quiet: otherwise}
levers:
  hotline: {set: {alarm: alarm / 8}, cost: 0.05}
  embargo: {forbid: {answer: [volley]}, cost: 0.2}
  dearer: {set: {war_cost: war_cost + 0.4}}
"""
CRISIS = crisis_of(TEXT)
SURE = """
format: 1
title: Sure
actors: {ann: {name: Ann}, bob: {name: Bob}}
inputs: {pull: {is: "uniform(0, 1)", because: test}}
timeline:
  - {chance: type, odds: {hard: 0.3, soft: rest}, seen_by: [ann]}
  - {move: go, by: ann, options: [left, right]}
payoffs: {ann: {gain: (pull + (type == hard)) * (go == left)}}
endings: {war: go == left, peace: otherwise}
levers:
  better: {forbid: {go: [left]}}
  good: {set: {pull: pull / 2}}
"""


@pytest.fixture(scope="module")
def found() -> Worths:
    return worth(offramp.run(CRISIS, draws=128, seed=5))


def test_what_is_worth_nothing_to_know_leaves_the_choice_as_it_is() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(size=64)
    sure = np.array([np.zeros(64), -0.02 * rng.uniform(size=64) ** 8])  # the first is best in every draw
    found = of_input(values, sure, resamples(64, 1))
    assert (found.value, set(found.best.tolist())) == (0.0, {0})


@pytest.mark.parametrize("mean", [0.0, 0.3, -0.8])
@pytest.mark.parametrize("slope", [1.0, -0.5])
def test_an_input_of_a_linear_normal_choice_is_worth_its_closed_form(mean: float, slope: float) -> None:
    # two arms, 0 and mean + slope x + noise: E max(0, mean + slope x) - max(0, mean) (Raiffa & Schlaifer 1961, 5.5)
    rng = np.random.default_rng(3)
    x, noise = rng.normal(size=(2, 20_000))
    utility = np.array([np.zeros_like(x), mean + slope * x + 2.0 * noise])
    part = of_input(x, utility, resamples(len(x), 1)[:20])
    size = abs(slope)
    exact = size * norm.pdf(mean / size) + mean * norm.cdf(mean / size) - max(0.0, mean)
    assert part.value == pytest.approx(exact, abs=0.03)
    assert part.low - 0.02 <= exact <= part.high + 0.02


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.integers(0, 10_000), st.floats(0.0, 3.0))
def test_values_are_never_negative_and_never_above_that_of_knowing_everything(
    arms: int, cases: int, seed: int, shared: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=96)
    utility = (rng.normal(size=(arms, cases, 96)) + shared * np.outer(rng.normal(size=arms), x)[:, None]) / cases
    weights = resamples(96, seed)[:20]
    all_of_it, whole = perfect(utility), utility.sum(axis=1)
    inputs, case, column = perfect(whole[:, None]), of_cases(utility, weights), of_input(x, whole, weights)
    assert 0.0 <= inputs <= all_of_it
    assert 0.0 <= case.value <= all_of_it
    assert 0.0 <= column.value <= inputs
    assert 0.0 <= column.low <= column.high
    assert 0.0 <= case.low <= case.high


def test_an_idle_input_rarely_seems_worth_more_than_chance() -> None:
    rng = np.random.default_rng(4)
    utility = rng.normal(size=(4, 320))
    noise = by_chance(utility, 1, seed=1)
    weights = resamples(320, 1)[:2]
    seeming = [of_input(rng.normal(size=320), utility, weights).value for _ in range(400)]
    assert 0.02 < np.mean(np.array(seeming) > noise) < 0.08
    assert by_chance(utility, 28, seed=1) > noise


@pytest.mark.parametrize("actor", [None, "south"])
def test_hidden_values_are_worth_what_every_history_says(actor: str | None) -> None:
    ensemble = offramp.run(CRISIS, draws=64, seed=5)
    found = worth(ensemble, actor=actor)
    arms = [(), ("hotline",), ("embargo",), ("dearer",)]
    histories = [[_histories(CRISIS, names, ensemble.inputs_of(d), actor) for d in range(64)] for names in arms]
    scale = 100.0 if actor is None else 1.0

    def utility(arm: int, draw: int, knows: Mapping[str, str]) -> float:
        cost = (0.0, 0.05, 0.2, 0.0)[arm] if actor is not None else 0.0
        agree = [h for h in histories[arm][draw] if knows.items() <= h[1].items()]
        return sum(p * ((paid if actor is not None else -paid) - cost) for p, _, paid in agree)

    def mean(arm: int, knows: Mapping[str, str]) -> float:
        return float(np.mean([utility(arm, draw, knows) for draw in range(64)]))

    now = max(mean(arm, {}) for arm in range(4))
    seen = {part.name: part for part in found.worths if part.kind == "hidden value"}
    for step, values in {"red_line": ("low", "high"), "spy": ("placed", "none", "skipped")}.items():
        informed = sum(max(mean(arm, {step: value}) for arm in range(4)) for value in values)
        assert seen[step].value == pytest.approx(scale * (informed - now), abs=1e-6)
        names = [arm[0] if arm else NO_LEVER for arm in arms]
        best = {value: names[int(np.argmax([mean(arm, {step: value}) for arm in range(4)]))] for value in values}
        assert dict(seen[step].then) == best
    cases = [dict(zip(("red_line", "spy"), case, strict=True)) for case in product(("low", "high"), values)]
    known = [sum(max(utility(arm, draw, case) for arm in range(4)) for case in cases) for draw in range(64)]
    assert found.everything == pytest.approx(scale * (np.mean(known) - now), abs=1e-6)
    assert set(seen) == {"red_line", "spy"}  # weather is seen by all, reading comes after a move


def _histories(
    crisis: Crisis, names: tuple[str, ...], inputs: Mapping[str, float], actor: str | None
) -> list[tuple[float, dict[str, str], float]]:
    """Every history with its probability, the values of its chance steps, and what it pays (1 for war, or an actor)."""
    pulled = crisis.with_levers(*names)
    raw = {name: np.array([value]) for name, value in inputs.items()}
    game = compile_game(pulled)
    block = block_of(game, tabulate(game, Draws(resolved_inputs(pulled, raw), ["one"])))
    choice = solve_block(block).choice[:, 0]
    choices: dict[Key, dict[str, float]] = {
        key_of(s): dict(zip(s.options, choice[s.slots].tolist(), strict=True)) for s in game.situations
    }
    found: list[tuple[float, dict[str, str], float]] = []

    def visit(node: Node, odds: float, values: dict[str, str]) -> None:
        if isinstance(node, Terminal):
            mine = sum(paid for (who, _), paid in node.paid.items() if who == actor)
            found.append((odds, defaultdict(str, values), mine if actor is not None else float(node.ending == "war")))
            return
        for option, child in node.branches.items():
            if isinstance(node, ChanceNode):
                visit(child, odds * node.odds[ANALYST][option], values | {node.step: option})
            else:
                visit(child, odds * choices[node.key][option], values)

    visit(tree(pulled, inputs), 1.0, {"red_line": "skipped", "spy": "skipped"})
    return found


@settings(max_examples=examples(40), deadline=None)
@given(crisis_texts(most_histories=150).map(crisis_of), st.integers(0, 5))
@example(CRISIS, 0)
@example(tehran(), 0)
def test_what_is_paid_with_each_hidden_value_is_what_play_that_agrees_pays(crisis: Crisis, seed: int) -> None:
    game = compile_game(crisis)
    rng = np.random.default_rng(seed)
    values = {name: part.distribution.quantile(rng.uniform(0.3, 0.7, 3)) for name, part in crisis.inputs.items()}
    block = block_of(game, tabulate(game, Draws(values or {}, ["a", "b", "c"])))
    solved, hidden = solve_block(block), hidden_of(game)
    actor = game.actors[0]
    mine = [term.actor == actor for term in crisis.terms]
    for payoffs, of in ((endings_paid(block, [0]), "endings"), (actor_paid(block, actor), "terms")):
        paid, likelihood = by_hidden_values(block, solved.choice, payoffs, hidden)
        for number, open_edge in enumerate(hidden.open_edges):
            if open_edge is None:
                assert not likelihood[number].any()
                continue
            agreed = condition_play(block, solved.choice, open_edge)
            exact = agreed.endings[0] if of == "endings" else agreed.terms[mine].sum(axis=0)
            np.testing.assert_allclose(paid[number], exact, atol=1e-10)
            np.testing.assert_allclose(likelihood[number], agreed.likelihood, atol=1e-12)
        np.testing.assert_allclose(likelihood.sum(axis=0), 1.0, atol=1e-12)


def test_an_input_is_worth_nothing_where_an_arm_is_best_in_every_draw() -> None:
    x = np.linspace(-1.0, 1.0, 200)
    utility = np.array([np.zeros(200), -1.0 * (np.abs(x) < 0.5)])  # a polynomial fitted to it rises above 0
    part = of_input(x, utility, resamples(200, 1))
    assert (part.value, part.low, part.high) == (0.0, 0.0, 0.0)


def test_nothing_is_worth_finding_out_where_one_lever_is_always_best() -> None:
    found = worth(offramp.run(crisis_of(SURE), draws=128, seed=1))
    assert (found.best, found.everything, found.inputs, found.hidden) == ("better", 0.0, 0.0, 0.0)
    assert all(part.value == 0.0 and not part.counts for part in found.worths)
    assert found.answer[-1] == (
        "Better stays best whatever is learned: for this choice it is worth nothing to find out more."
    )


def test_a_gain_of_rounding_alone_is_no_gain_and_counts_for_nothing() -> None:
    rng = np.random.default_rng(7)
    x = rng.uniform(size=320)
    for size in (1.0, 1e6):
        utility = size * np.array([0.1 + x / 3.0, 0.1 + (x + 1e-15) / 3.0])  # alike, but for their rounding
        weights = resamples(320, 1)
        assert by_chance(utility, 5, seed=1) == 0.0
        assert perfect(utility[:, None]) == 0.0
        for part in (of_input(x, utility, weights), of_cases(utility[:, None], weights)):
            assert (part.value, part.low, part.high) == (0.0, 0.0, 0.0)


def test_the_answer_says_what_is_worth_knowing_and_what_would_then_be_chosen(found: Worths) -> None:
    best = found.worths[0]
    assert best.counts
    assert best.value <= found.everything
    assert f"Knowing {best.name.replace('_', ' ')} before choosing is worth {best.value:.2f} points" in found.answer[2]
    assert found.answer[2].endswith(f"{best.choice(found.names)}.")
    idle = next(part for part in found.worths if part.name == "idle")
    assert not idle.counts


def test_an_inputs_threshold_is_found() -> None:
    text = TEXT.replace("alarm / 8", "0.4")
    found = worth(offramp.run(crisis_of(text[: text.index("  embargo:")]), draws=256, seed=5))
    alarm = next(part for part in found.worths if part.name == "alarm")
    (end, below), (_, above) = alarm.then
    assert (below, above) == ("hotline", NO_LEVER)
    assert float(end) == pytest.approx(0.4, abs=0.05)
    assert alarm.choice(found.names) == f"hotline below {float(end):.3f}, no lever above {float(end):.3f}"


def test_a_hidden_value_whose_odds_a_lever_changes_is_left_out_and_said() -> None:
    text = SURE.replace("hard: 0.3", "hard: pull")
    found = worth(offramp.run(crisis_of(text), draws=64, seed=1))
    assert found.moved == ("type",)
    assert [part.name for part in found.worths] == ["pull"]
    assert "Left out, since a lever changes their odds: type." in found.notes


def test_the_same_ensemble_gives_the_same_numbers(found: Worths) -> None:
    again = worth(offramp.run(CRISIS, draws=128, seed=5, execution=Execution(workers=1, block=16)))
    assert again.to_dict() == found.to_dict()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"actor": "nort"}, "unknown actor 'nort'; did you mean 'north'"),
        ({"ending": "wars"}, "unknown ending 'wars'; did you mean 'war'"),
        ({"ending": "war", "actor": "north"}, "do not go together"),
        ({"draws": 32}, "at least 64 draws are needed to tell worth from chance, found 32"),
    ],
)
def test_requests_that_make_no_sense_are_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        worth(offramp.run(CRISIS, draws=64), **asked)  # type: ignore[arg-type]


def test_the_command_says_what_the_function_finds(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(TEXT, encoding="utf-8")
    runner = CliRunner()
    out = str(tmp_path / "run")
    assert runner.invoke(main, ["run", str(file), "--draws", "128", "--seed", "5", "--out", out]).exit_code == 0
    result = runner.invoke(main, ["worth", out, "--for", "north", "--json"])
    assert result.exit_code == 0, result.output
    found = worth(offramp.run(CRISIS, draws=128, seed=5), actor="north")
    assert json.loads(result.stdout) == json.loads(json.dumps(found.to_dict()))


def test_the_marked_endings_are_made_unlikely_together_as_if_they_were_one() -> None:
    marked = TEXT.replace("war: reply == strike", "war: {if: reply == strike, avoid: yes}").replace(
        "answered: answer != stand_down", "answered: {if: answer != stand_down, avoid: yes}"
    )
    joined = TEXT.replace("war: reply == strike, answered: answer", "bad: reply == strike or answer")
    found, other = (worth(offramp.run(crisis_of(text), draws=64, seed=5)) for text in (marked, joined))
    assert found.levels == pytest.approx(other.levels, abs=1e-12)
    assert found.everything == pytest.approx(other.everything, abs=1e-9)
    assert found.answer[0].startswith("The endings to avoid are war and answered. Chosen now, ")
    assert ": the endings to avoid have together " in found.answer[0]
