"""Solutions do not depend on names, orders, constants, units, or the way chance is written."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import offramp
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree
from tests.crises import crisis_of, crisis_texts
from tests.equilibrium.games import BEER_QUICHE, chosen, efg
from tests.equilibrium.test_extremes import times
from tests.examples import examples
from tests.gambit.gametrees import children, game_texts
from tests.gambit.test_tree_to_game import HORSE, POKER, UNTIMED
from tests.game.test_against_walker import by_key
from tests.phrases import ACTORS, OPTIONS, VALUES
from tests.walker import Key

TEXTS = crisis_texts(most_histories=100)
Document = dict[str, Any]


def solved(text: str) -> offramp.Solution:
    """The solution on the branch that starts at 0; where another branch crosses there is more than one way on."""
    solution = offramp.solve(compile_game(crisis_of(text)))
    assume(solution.status == "principal")
    return solution


def written(document: Document) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, width=10_000))


def steps_of(steps: list[Document]) -> list[Document]:
    """Every step, those inside others too."""
    found = []
    for step in steps:
        found += [step, *steps_of(step.get("steps", [])), *steps_of(step.get("together", []))]
    return found


def assert_same_choices(left: offramp.Solution, right: offramp.Solution, names: dict[str, str] | None = None) -> None:
    """Choices at reachable information sets are the same, up to new names."""
    names = names or {}

    def renamed(key: Key) -> Key:
        move, number, sees = key
        return move, number, frozenset((label, names.get(str(value), value)) for label, value in sees)

    found, reached = by_key(right.game, right.choice), by_key(left.game, left.reached[_sets(left)])
    for key, options in by_key(left.game, left.choice).items():
        if max(reached[key].values()) > 0:
            expected = {names.get(option, option): share for option, share in options.items()}
            assert found[renamed(key)] == pytest.approx(expected, abs=1e-7)
    assert right.endings == pytest.approx(left.endings, abs=1e-7)


def _sets(solution: offramp.Solution) -> list[int]:
    """The information set of each slot."""
    return [number for number, one in enumerate(solution.game.situations) for _ in one.options]


@settings(max_examples=examples(40), deadline=None)
@given(
    TEXTS, st.permutations(ACTORS), st.permutations(OPTIONS), st.permutations(VALUES), st.randoms(use_true_random=False)
)
def test_names_and_orders_of_actors_options_and_values_do_not_matter(
    text: str, actors: list[str], options: list[str], values: list[str], random: Any
) -> None:
    """Names are permuted, and lists and mappings are written in another order."""
    left = solved(text)
    names = dict(zip((*ACTORS, *OPTIONS, *VALUES), (*actors, *options, *values), strict=True))
    document = yaml.safe_load(re.sub(r"\b\w+\b", lambda word: names.get(word[0], word[0]), text))

    def shuffled(mapping: Document) -> Document:
        return {key: mapping[key] for key in random.sample(list(mapping), len(mapping))}

    document |= {part: shuffled(document[part]) for part in ("actors", "payoffs", "inputs", "let")}
    document["payoffs"] = {actor: shuffled(terms) for actor, terms in document["payoffs"].items()}
    for step in steps_of(document["timeline"]):
        if "options" in step:
            random.shuffle(step["options"])
        for kind in ("odds", "weights"):
            if isinstance(step.get(kind), dict):
                step[kind] = shuffled(step[kind])
                believed = step.get("believed_by", {})
                step |= {"believed_by": {actor: shuffled(odds) for actor, odds in believed.items()}} if believed else {}
    right = solved(written(document))
    assert_same_choices(left, right, names)
    for actor, terms in left.payoffs.items():
        assert right.payoffs[names[actor]] == pytest.approx(terms, abs=1e-6)


@settings(max_examples=examples(40), deadline=None)
@given(TEXTS, st.sampled_from(["7.5", "-1000", "stake * 3"]))
def test_a_constant_added_to_an_actors_payoffs_changes_no_choice(text: str, constant: str) -> None:
    left = solved(text)
    document = yaml.safe_load(text)
    document["payoffs"].setdefault("north", {})["constant"] = {"pays": constant, "when": "end"}
    right = solved(written(document))
    assert_same_choices(left, right)
    assert right.payoffs["north"].pop("constant") != 0.0  # type: ignore[attr-defined]
    assert right.payoffs["north"] == pytest.approx(left.payoffs["north"], abs=1e-6)


@settings(max_examples=examples(40), deadline=None)
@given(TEXTS, st.floats(1e-6, 1e6))
def test_payoffs_times_a_number_with_rationality_divided_change_no_choice(text: str, unit: float) -> None:
    left = solved(text)
    right = offramp.solve(compile_game(times(crisis_of(text), unit)))
    assert right.status == "principal"
    assert_same_choices(left, right)


@settings(max_examples=examples(40), deadline=None)
@given(TEXTS, st.integers(0, 9))
def test_a_chance_event_that_nobody_sees_and_nothing_names_changes_nothing(text: str, place: int) -> None:
    left = solved(text)
    document = yaml.safe_load(text)
    noise = {"chance": "noise", "odds": {"calm_sky": "0.25", "grey_sky": "rest"}, "seen_by": []}
    document["timeline"].insert(place % (len(document["timeline"]) + 1), noise)
    right = solved(written(document))
    assert_same_choices(left, right)
    for actor, terms in left.payoffs.items():
        assert right.payoffs[actor] == pytest.approx(terms, abs=1e-6)


def split(tree: Tree) -> str:
    """The tree with every chance event split in two: the first action or not, then which of the others."""
    after = children(tree)
    fresh = iter(range(1, 10**6))
    outcomes = dict(enumerate(tree.outcomes))
    lines = [f'EFG 2 R "split" {{ {" ".join(chr(34) + player + chr(34) for player in tree.players)} }}']

    def outcome(node: int) -> str:
        number = int(tree.node_outcome[node])
        if number == NONE:
            return "0"
        return f'{number + 1} "{outcomes[number].label}" {{ {" ".join(map(str, outcomes[number].payoffs))} }}'

    def chance(shares: list[Fraction], nodes: list[int], due: str) -> None:
        if len(nodes) == 1:
            lines.append(f'c "" {next(fresh)} "" {{ "a" 1 }} {due}')
            grow(nodes[0])
            return
        lines.append(f'c "" {next(fresh)} "" {{ "first" {shares[0]} "other" {1 - shares[0]} }} {due}')
        grow(nodes[0])
        left = 1 - shares[0]
        chance([share / left if left else Fraction(1, len(nodes) - 1) for share in shares[1:]], nodes[1:], "0")

    def grow(node: int) -> None:
        place = int(tree.node_set[node])
        if place == NONE:
            lines.append(f't "" {outcome(node)}')
        elif tree.sets[place].player == CHANCE_PLAYER:
            chance(list(tree.sets[place].odds or ()), after[node], outcome(node))
        else:
            one = tree.sets[place]
            actions = " ".join(f'"{action}"' for action in one.actions)
            lines.append(f'p "" {one.player + 1} {one.number} "{one.label}" {{ {actions} }} {outcome(node)}')
            for child in after[node]:
                grow(child)

    grow(0)
    return "\n".join(lines)


@settings(max_examples=examples(80), deadline=None)
@given(game_texts(depth=5), st.just(0.0) | st.floats(1e-6, 2.0))
def test_a_chance_event_split_in_two_is_the_same_game(text: str, rationality: float) -> None:
    left = offramp.solve(efg(text), rationality=rationality)
    assume(left.status == "principal")
    right = offramp.solve(efg(split(read_efg(text, "g.efg"))), rationality=rationality)
    assume(right.status == "principal")
    for move, options in chosen(left).items():
        assert chosen(right)[move] == pytest.approx(options, abs=1e-7)
    for actor, terms in left.payoffs.items():
        assert right.payoffs[actor] == pytest.approx(terms, abs=1e-7)


@pytest.mark.parametrize("text", [HORSE, POKER, BEER_QUICHE, UNTIMED], ids=lambda text: text[7:25])
def test_a_classic_of_which_chance_is_split_is_solved_alike(text: str) -> None:
    other = split(read_efg(text.replace('"red" 1/2 "black" 1/2', '"black" 1/2 "red" 1/2'), "g.efg"))
    left, right = (offramp.solve(efg(one), rationality=4.0) for one in (text, other))
    assert left.status == right.status == "principal"
    assert sorted(left.choice) == pytest.approx(sorted(right.choice), abs=1e-9)
