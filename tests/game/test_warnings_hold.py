"""A warning that something never matters is true: random crises are solved with other numbers, or walked through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.expressions.expression import Expression, Number
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.steps import Chance, Move, Odds, Rounds, Row, Step, Together
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.checks.revealed_facts import reveals
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.walker import Grower, History, Node, Then, flat, holds, medians

RANDOM = crisis_texts(most_histories=150).map(crisis_of)
SEEDS = st.integers(0, 10**6)


def endings(crisis: Crisis, inputs: Mapping[str, float]) -> Mapping[str, float] | None:
    """The endings at given values of the inputs; None if the game is not solved there."""
    try:
        solution = offramp.solve(compile_game(crisis), given=inputs)
    except offramp.CrisisError:  # odds that these inputs make impossible
        return None
    return solution.endings if solution.converged else None


def drawn(crisis: Crisis, generator: np.random.Generator) -> dict[str, float]:
    return {name: float(entry.distribution.quantile(generator.random(1))[0]) for name, entry in crisis.inputs.items()}


def with_other_odds(crisis: Crisis, name: str, generator: np.random.Generator) -> Crisis:
    """The crisis with other odds of a chance step, positive exactly where the written odds are."""

    def row(old: Row, options: tuple[str, ...]) -> Row:
        weights = dict(zip(options, generator.random(len(options)) + 0.1, strict=True))
        entries = {option: Expression("", old.place, Number(weights[option])) for option in options}
        return replace(old, entries=entries)

    def of(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        found: list[Step] = []
        for step in steps:
            if isinstance(step, Chance) and step.key == name:
                odds = Odds(tuple(row(old, step.options) for old in step.odds.rows), normalised=True)
                found.append(replace(step, odds=odds, believed_by={}))
            elif isinstance(step, Together | Rounds):
                found.append(replace(step, steps=of(step.steps)))  # type: ignore[arg-type]
            else:
                found.append(step)
        return tuple(found)

    return replace(crisis, timeline=of(crisis.timeline))


@settings(max_examples=examples(150), deadline=None)
@given(RANDOM, SEEDS)
def test_what_is_said_to_change_nothing_changes_no_ending(crisis: Crisis, seed: int) -> None:
    generator = np.random.default_rng(seed)
    idle = {
        step.key
        for step in crisis.named.values()
        for warning in crisis.warnings
        if isinstance(step, Chance) and warning.place == step.place and "change" in warning.message
    }
    ending_names = {name for ending in crisis.endings if ending.condition for name in ending.condition.names}
    for name in idle - ending_names:
        inputs = drawn(crisis, generator)
        before, after = endings(crisis, inputs), endings(with_other_odds(crisis, name, generator), inputs)
        if before is not None and after is not None:
            assert after == pytest.approx(before, abs=1e-7), name


@settings(max_examples=examples(150), deadline=None)
@given(RANDOM, SEEDS)
def test_a_term_that_is_said_never_to_differ_changes_no_ending_in_any_draw(crisis: Crisis, seed: int) -> None:
    generator = np.random.default_rng(seed)
    try:
        warnings = warnings_of(compile_game(crisis))
    except offramp.CrisisError:
        return
    places = {warning.place for warning in warnings if "never differs" in warning.message}
    without = replace(crisis, terms=tuple(term for term in crisis.terms if term.place not in places))
    for _ in range(3 if places else 0):
        inputs = drawn(crisis, generator)
        before, after = endings(crisis, inputs), endings(without, inputs)
        if before is not None and after is not None:
            assert after == pytest.approx(before, abs=1e-7)


@dataclass(frozen=True)
class _Onlooker(Grower):
    """Grows the tree and records, by step, actor and what the actor has seen, whether the step happens, and facts."""

    noted: dict[tuple[object, ...], list[tuple[bool, Mapping[str, object]]]] = field(default_factory=dict)

    def note(self, step: Step, history: History, where: object, happens: bool) -> None:
        if isinstance(step, Chance | Move):
            for actor in step.seen_by:
                key = (step.key, actor, where, frozenset(self.sees(actor, history).items()))
                self.noted.setdefault(key, []).append((happens, history.values))

    def rounds(self, rounds: Rounds, block: int, history: History, then: Then) -> Node:
        for step in flat(rounds.steps):
            self.note(step, history, block, holds(rounds.condition, history.values))
        return super().rounds(rounds, block, history, then)

    def steps(self, steps: tuple[Step, ...], history: History, then: Then) -> Node:
        if steps and isinstance(steps[0], Together):
            together = holds(steps[0].condition, history.values)
            for sibling in steps[0].steps:
                self.note(sibling, history, None, together and holds(sibling.condition, history.values))
        elif steps and history.veiled is None:
            self.note(steps[0], history, None, holds(steps[0].condition, history.values))
        return super().steps(steps, history, then)


def learned(crisis: Crisis) -> dict[tuple[str, str], set[str]]:
    """By step and actor, the hidden facts in its conditions that differ among histories alike to the actor."""
    onlooker = _Onlooker(crisis)
    onlooker.grow(medians(crisis))
    holding: dict[str, list[tuple[object, Expression | None]]] = defaultdict(list)
    for position, top in enumerate(crisis.timeline):
        for inner in flat([top]):
            if isinstance(inner, Chance | Move):
                if isinstance(top, Rounds):
                    holding[inner.key].append((position, top.condition))
                holding[inner.key].append((None, inner.condition))
    for step in crisis.steps():
        if isinstance(step, Together):
            for sibling in step.steps:
                holding[sibling.key].append((None, step.condition))
    found: dict[tuple[str, str], set[str]] = {}
    for (name, actor, where, _), seen in onlooker.noted.items():
        assert isinstance(name, str)
        assert isinstance(actor, str)
        if len({happens for happens, _ in seen}) == 2:
            conditions = [condition for place, condition in holding[name] if place == where and condition]
            for fact in {fact for condition in conditions for fact in condition.names} - {"round"}:
                hidden = actor not in crisis.named[fact].seen_by
                if hidden and len({values[fact] for _, values in seen}) > 1:
                    found.setdefault((name, actor), set()).add(fact)
    return found


@settings(max_examples=examples(200), deadline=None)
@given(RANDOM)
def test_an_actor_is_said_to_learn_of_facts_exactly_where_a_walk_shows_it(crisis: Crisis) -> None:
    found = {(each.step, actor): set(each.facts) for each in reveals(crisis) for actor in each.to}
    assert found == learned(crisis)


TRUTHS = """
format: 1
title: What a warning must not say
actors: {a: {name: A}, b: {name: B}}
inputs: {w: {is: "uniform(0.1, 0.9)", because: Ours}, x: {is: "uniform(-1, 1)", because: Ours}}
timeline:
  - {chance: weapons, odds: {moved: 0.5, routine: rest}, seen_by: [b]}
  - chance: word
    odds:
      - {if: weapons == moved, worrying: w, calm: rest}
      - {worrying: 0.1, calm: rest}
    seen_by: [a]
  - {move: act, by: a, options: [hold, fire]}
  - {move: reply, by: b, if: act == fire, options: [stop, fight]}
payoffs:
  a: {x: (act == fire) * (1 if weapons == moved else -1), zero_at_the_medians: "x * (act == fire)"}
  b: {y: -(reply == stop)}
endings: {war: reply == fight, fire: act == fire and weapons == moved, quiet: otherwise}
"""


def test_a_signal_of_a_fact_that_matters_is_not_idle_and_a_term_that_is_zero_at_the_medians_differs() -> None:
    crisis = read_text(TRUTHS.encode(), "a.yaml")
    assert warnings_of(compile_game(crisis)) == ()
    low, high = (endings(crisis, {"w": w, "x": 0.0}) for w in (0.1, 0.9))
    assert low is not None
    assert high is not None
    assert high["fire"] > 1.5 * low["fire"]


CONSTANT = "k: {is: 0, because: Ours}"
NORMAL = 'y: {is: "normal(0, 1)", because: Ours}'


@pytest.mark.parametrize("pays", ["x * y * (act == fire)", "max(0, 0.1 - abs(x - 0.5)) * (act == fire)"])
def test_a_term_that_differs_only_between_the_checked_draws_is_not_called_constant(pays: str) -> None:
    text = TRUTHS.replace("x * (act == fire)", pays).replace("inputs: {", f"inputs: {{{NORMAL}, ")
    said = [warning.message for warning in warnings_of(compile_game(read_text(text.encode(), "a.yaml")))]
    assert not any("never differs" in message for message in said)


PUBLIC = """
format: 1
title: A public move that tells already
actors: {a: {name: A}, b: {name: B}}
timeline:
  - {chance: weapons, odds: {moved: 0.5, routine: rest}, seen_by: [a]}
  - {move: act, by: a, options: [hold, fire], only_if: {fire: weapons == moved}}
  - {move: reply, by: b, if: weapons == moved and act == fire, options: [stop, fight]}
payoffs: {a: {x: act == fire}, b: {y: -(reply == stop)}}
endings: {war: reply == fight, quiet: otherwise}
"""


def test_what_a_public_move_tells_already_is_no_news() -> None:
    assert reveals(read_text(PUBLIC.encode(), "a.yaml")) == ()
    hidden = PUBLIC.replace(", only_if: {fire: weapons == moved}", "")
    assert [(each.step, each.to, each.facts) for each in reveals(read_text(hidden.encode(), "a.yaml"))] == [
        ("reply", ("b",), ("weapons",))
    ]


@pytest.mark.parametrize(
    ("levers", "warned"),
    [
        ("levers: {other: {set: {k: 0}}, pay: {set: {k: 1}}}\n", False),
        ("levers: {first: {set: {k: k + 1}}, second: {set: {k: 0 * k}}}\n", False),
        ("levers: {other: {set: {k: 0}}, none: {forbid: {act: [fire]}}}\n", True),
        ("", True),
    ],
)
def test_a_term_that_differs_where_a_lever_is_pulled_is_not_called_constant(levers: str, warned: bool) -> None:
    text = TRUTHS.replace("x * (act == fire)", "k * (act == fire)").replace("inputs: {", f"inputs: {{{CONSTANT}, ")
    said = [warning.message for warning in warnings_of(compile_game(read_text((text + levers).encode(), "a.yaml")))]
    assert any("never differs" in message for message in said) == warned
