"""Promises of renaming: a key is renamed wherever it stands as that key, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.editor.renaming import Renaming, grids_of, renamed
from offramp.crisis.faults import CrisisError
from offramp.crisis.steps import Chance, Move
from tests.crises import crisis_of, dice, written
from tests.crisis.recorded import RECORDED
from tests.examples import examples

TEXT = """
format: 1
title: The answer of the north to a strike  # a comment
actors:
  north: {name: north, rationality: 1 + cost, because: cost of the answer}
  south: {name: "the south", memory: state}
inputs: {cost: {is: "uniform(0, 2)", name: cost}, gain: {is: 1}}
correlations: [{of: [cost, gain], rho: 0.5}]
let: {struck: answer == strike or reply == strike, big: value(size) > 1}
timeline:
  - {move: answer, by: north, options: {hold: hold, strike: "3", talk: {name: 'it''s: talk'}}, closed: [talk]}
  - move: reply
    by: south
    options: [hold, strike]
    only_if: {strike: answer != strike}
    seen_by: [south]
  - chance: size
    if: (answer) in [hold , strike] and not reply in [strike, skipped]
    options: {small: 1, large: {value: 2, says: "small, not large"}}
    odds: [{if: answer == strike, small: cost / 4, large: rest}, {small: 0.5, large: rest}]
    believed_by: {south: [{if: answer == strike, small: 0.1, large: rest}, {small: cost / 5, large: rest}]}
    seen_by: []
  - {chance: luck, grid: "uniform(0, 1)", points: 2}
  - {tell: size, to: [south], if: answer == strike}
  - rounds: 2
    steps:
      - together: [{move: again, by: north, options: [hold, strike]}, {move: more, by: south, options: [hold, strike]}]
      - {state: anger, start: 0, becomes: "anger + (again == strike)"}
    until: anger > 1 or more == strike
  - {state: fear, start: 0, becomes: anger + 1}
payoffs: {north: {prize: gain * struck, cost: {pays: anger * cost, when: end}}, south: {prize: value(size) * big}}
measures:
  harm: {is: 1 if answer == strike else anger + (luck == p2), when: end, unit: strike}
  gap: {is: "anger > cost and fear in [anger, gain]", when: end}
endings: {war: {if: struck and big, name: war}, hold: answer == hold, other: otherwise}
levers:
  hold: {forbid: {answer: [strike], reply: [strike]}, set: {cost: cost / 2}}
  open: {allow: {answer: [talk]}, commit: {reply: hold}}
observed: [{date: 2031-01-01, answer: [strike, hold]}, {date: 2031-01-02, round: 1, again: strike}]
"""
RENAMING = Renaming(
    names={
        "north": "south", "south": "west", "cost": "gain", "gain": "cost", "struck": "hit", "answer": "reply",
        "reply": "answer", "size": "scale", "anger": "heat", "fear": "dread", "again": "once_more",
    },
    options={
        "answer": {"strike": "attack", "hold": "strike_not"}, "size": {"small": "slight"}, "again": {"strike": "raid"},
    },
    terms={"north": {"prize": "cost", "cost": "price"}},
    endings={"war": "open_war"},
    measures={"harm": "damage"},
    levers={"hold": "still"},
)  # fmt: skip
EXPECTED = """
format: 1
title: The answer of the north to a strike
actors:
  south: {name: north, rationality: 1 + gain, because: cost of the answer}
  west: {name: "the south", memory: state}
inputs: {gain: {is: "uniform(0, 2)", name: cost}, cost: {is: 1}}
correlations: [{of: [gain, cost], rho: 0.5}]
let: {hit: reply == attack or answer == strike, big: value(scale) > 1}
timeline:
  - move: reply
    by: south
    options: {strike_not: hold, attack: "3", talk: {name: "it's: talk"}}
    closed: [talk]
  - move: answer
    by: west
    options: [hold, strike]
    only_if: {strike: reply != attack}
    seen_by: [west]
  - chance: scale
    if: (reply) in [strike_not , attack] and not answer in [strike, skipped]
    options: {slight: 1, large: {value: 2, says: "small, not large"}}
    odds: [{if: reply == attack, slight: gain / 4, large: rest}, {slight: 0.5, large: rest}]
    believed_by: {west: [{if: reply == attack, slight: 0.1, large: rest}, {slight: gain / 5, large: rest}]}
    seen_by: []
  - {chance: luck, grid: "uniform(0, 1)", points: 2}
  - {tell: scale, to: [west], if: reply == attack}
  - rounds: 2
    steps:
      - together: [{move: once_more, by: south, options: [hold, raid]}, {move: more, by: west, options: [hold, strike]}]
      - {state: heat, start: 0, becomes: "heat + (once_more == raid)"}
    until: heat > 1 or more == strike
  - {state: dread, start: 0, becomes: heat + 1}
payoffs: {south: {cost: cost * hit, price: {pays: heat * gain, when: end}}, west: {prize: value(scale) * big}}
measures:
  damage: {is: 1 if reply == attack else heat + (luck == p2), when: end, unit: strike}
  gap: {is: "heat > gain and dread in [heat, cost]", when: end}
endings: {open_war: {if: hit and big, name: war}, hold: reply == strike_not, other: otherwise}
levers:
  still: {forbid: {reply: [attack], answer: [strike]}, set: {gain: gain / 2}}
  open: {allow: {reply: [talk]}, commit: {answer: hold}}
observed: [{date: 2031-01-01, reply: [attack, strike_not]}, {date: 2031-01-02, round: 1, once_more: raid}]
"""


def plain(text: str) -> object:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_a_key_is_renamed_wherever_it_stands_as_that_key_and_nowhere_else() -> None:
    crisis = crisis_of(TEXT)
    new = renamed(crisis, RENAMING)
    assert plain(new.text) == plain(EXPECTED)
    assert {option.name: option.value for option in new.named["reply"].option_details.values()} == {  # type: ignore[union-attr]
        "hold": None, "3": None, "it's: talk": None,
    }  # fmt: skip
    assert plain(renamed(new, RENAMING.inverse).text) == plain(TEXT)
    assert grids_of(crisis) == {"luck"}


def test_what_is_pulled_and_supposed_is_renamed_with_it() -> None:
    crisis = crisis_of(TEXT).with_levers("hold").supposing({"reply": "hold"}).with_levers("open")
    new = renamed(crisis, RENAMING)
    assert (new.pulled, new.outset) == (("still", "open"), ("still",))
    assert dict(new.facts) == {
        ("reply", 0): ("attack", "strike_not"),
        ("once_more", 1): ("raid",),
        ("answer", 0): ("hold",),
    }
    written = {"reply": ["hold"], "answer": ["hold"], "again@1": ["strike", "hold"]}
    assert RENAMING.facts(written) == {"answer": ["hold"], "reply": ["strike_not"], "once_more@1": ["raid", "hold"]}


def test_two_things_of_one_key_are_a_mistake() -> None:
    with pytest.raises(CrisisError, match="'reply' is already a move"):
        renamed(crisis_of(TEXT), Renaming(names={"answer": "reply"}))


@st.composite
def renamings(draw: Any) -> tuple[offramp.Crisis, Renaming]:
    """A crisis, and new keys for all that it has: the options of each step are dealt anew among words of all steps."""
    crisis = crisis_of(written(draw(dice()), 40, numbered=draw(st.booleans())))
    words = [f"word_{number}" for number in range(8)]

    def new(keys: Any, pool: list[str]) -> dict[str, str]:
        return dict(zip(keys, draw(st.permutations(pool)), strict=False))

    keys = [*crisis.actors, *(key for key in crisis.inputs if "." not in key), *crisis.named]
    steps = [
        step for step in crisis.named.values() if isinstance(step, Chance | Move) and step.key not in grids_of(crisis)
    ]
    terms = {actor: [term.key for term in crisis.terms if term.actor == actor] for actor in crisis.actors}
    measures, endings = [one.key for one in crisis.measures], [one.key for one in crisis.endings]
    return crisis, Renaming(
        names=new(keys, keys),
        options={step.key: new(step.options, words) for step in steps},
        terms={actor: new(own, own) for actor, own in terms.items()},
        endings=new(endings, endings),
        measures=new(measures, measures),
        levers=new(crisis.levers, list(crisis.levers)),
    )


@given(renamings())
@settings(max_examples=examples(20), deadline=None)
def test_a_renamed_crisis_has_the_same_solution(case: tuple[offramp.Crisis, Renaming]) -> None:
    crisis, renaming = case
    new = renamed(crisis, renaming)
    assert plain(renamed(new, renaming.inverse).text) == plain(crisis.text)
    one, other = offramp.solve(crisis), offramp.solve(new)
    assert [renaming.endings.get(key, key) for key in one.endings] == list(other.endings)
    np.testing.assert_allclose(list(one.endings.values()), list(other.endings.values()), rtol=0.0, atol=1e-12)


def test_a_column_is_renamed_in_sums_and_coefficients_and_a_level_or_a_cell_is_not() -> None:
    old = crisis_of(RECORDED)
    renaming = Renaming(
        names={
            "balance": "power",
            "regime": "polity",
            "resolve": "will",
            "south": "sud",
            "reply": "response",
            "full": "empty",
            "war": "peace",
        },
        options={"reply": {"absorb": "bear"}, "answer": {"volley": "shot"}},
        endings={"war": "open_war", "quiet": "calm"},
    )
    new = renamed(old, renaming)
    assert list(new.inputs) == [
        "power",
        "polity.full",
        "polity.mixed",
        "will.1",
        "will.power",
        "will.polity.full",
        "will.polity.mixed",
        "hope.power",
        "hope.polity.full",
        "shame",
        "sud.rationality",
    ]
    assert new.inputs["hope.power"].distribution == old.inputs["hope.balance"].distribution
    assert [(pair.first, pair.second) for pair in new.correlations] == [
        ("will.1", "hope.power"),
        ("will.polity.full", "sud.rationality"),
    ]
    assert {name: expression.text for name, expression in new.levers["rally"].sets.items()} == {
        "will.1": "will.1 + 1",
        "power": "2 * power",
    }
    assert old.cases is not None
    assert new.cases is not None
    assert new.cases.observed["last"]["silent"].facts == {("response", 2): ("bear", "skipped")}
    assert new.cases.observed["first"]["1"].facts == {("answer", 1): ("shot",)}
    assert new.cases.observed["outcome"]["war"].endings == ("open_war",)
    back = renamed(new, renaming.inverse)
    assert (back.inputs.keys(), back.sums, back.cases.observed if back.cases else None) == (
        old.inputs.keys(),
        old.sums,
        old.cases.observed,
    )
