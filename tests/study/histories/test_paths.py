"""The likeliest paths, against an enumeration of every history."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.study.histories import path_search as searching
from offramp.study.histories.path_search import circumstances, likeliest_paths
from offramp.study.histories.paths import paths, paths_of
from offramp.study.histories.plays import plays_of, solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.shipped import tehran
from tests.study.observed_histories import Histories, History
from tests.walker import ANALYST

RANDOM = crisis_texts(most_histories=120).map(crisis_of)
Steps = tuple[tuple[str, str], ...]


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, st.integers(1, 12), st.data())
def test_the_first_paths_are_exactly_the_likeliest_of_all(crisis: Crisis, top: int, data: st.DataObject) -> None:
    block, solution = solved(crisis)
    game = block.game
    hidden = {(game.layers[place].step, game.layers[place].round) for place in circumstances(game)}
    assume(all(round_ == 0 for _, round_ in hidden))
    summed = {step for step, _ in hidden}
    to = data.draw(st.sampled_from([None, *(ending.key for ending in crisis.endings)]))
    ways = defaultdict[Steps, list[History]](list)
    everything = Histories(solution).found
    for history in everything:
        if history.odds[ANALYST] > 0.0:
            ways[tuple(step for step in history.steps if step[0] not in summed)].append(history)
    odds = {
        steps: sum(one.odds[ANALYST] for one in histories if to in (None, one.terminal.ending))
        for steps, histories in ways.items()
    }
    expected = sorted((share for share in odds.values() if share > 0.0), reverse=True)[:top]
    (found,) = [way for way in paths_of(block, solution, to=to, top=top).ways if way.to == to]
    assert [path.probability for path in found.paths] == pytest.approx(expected, abs=1e-12)
    assert len({path.steps for path in found.paths}) == len(found.paths)
    for path in found.paths:
        plain = tuple((step, value) for step, _, value in path.steps)
        assert path.probability == pytest.approx(odds[plain], abs=1e-12)
        whole = sum(one.odds[ANALYST] for one in ways[plain])
        for name, share in path.endings.items():
            weight = sum(one.odds[ANALYST] for one in ways[plain] if one.terminal.ending == name)
            assert share == pytest.approx(weight / whole, abs=1e-9)
        for circumstance in path.circumstances:
            for among, share in ((everything, circumstance.before), (ways[plain], circumstance.given)):
                made = [one for one in among if one.value(circumstance.step) != "skipped"]
                weight = sum(one.odds[ANALYST] for one in made if one.value(circumstance.step) == circumstance.value)
                assert share == pytest.approx(weight / sum(one.odds[ANALYST] for one in made), abs=1e-9)


def test_that_a_circumstance_comes_about_at_all_is_no_news_of_its_value() -> None:
    crisis = crisis_of("""
format: 1
title: Leak
actors: {north: {name: North}}
timeline:
  - {chance: spy, odds: {there: 0.5, gone: rest}, seen_by: []}
  - {chance: leak, if: spy == there, odds: {plan: 0.25, noise: rest}, seen_by: []}
  - {chance: alarm, odds: [{if: spy == there, rings: 0.9, silent: rest}, {rings: 0.1, silent: rest}]}
  - {move: answer, by: north, options: [hold, strike]}
endings: {war: answer == strike, calm: otherwise}
""")
    for path in paths(crisis).ways[0].paths:
        leak = {found.value: (found.before, found.given) for found in path.circumstances if found.step == "leak"}
        assert leak["plan"] == pytest.approx((0.25, 0.25), abs=1e-12)


def test_circumstances_are_what_is_hidden_before_anybody_moves() -> None:
    game = compile_game(tehran())
    found = [game.layers[place].step for place in circumstances(game)]
    assert found == ["breach", "israel_red_line", "iran_red_line"]


def test_endings_beyond_those_told_apart_count_as_one() -> None:
    block, solution = solved(tehran())
    few = plays_of(block, solution.choice, ("war", "stand_down"))
    war, rest = few.ahead[block.game.root, [0, -1]]
    assert few.endings == ("war", "stand_down", "other endings")
    assert war == pytest.approx(solution.endings["war"], abs=1e-12)
    assert rest == pytest.approx(solution.endings["allies_cross"] + solution.endings["joint_answer"], abs=1e-12)


def test_a_search_that_gives_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    block, solution = solved(tehran())
    whole, complete = likeliest_paths(plays_of(block, solution.choice, tuple(solution.endings)), None, 400)
    assert complete
    monkeypatch.setattr(searching, "EXPANSIONS", 200)
    part = paths_of(block, solution, to="joint_answer", top=400)
    assert 0 < len(part.ways[0].paths) < 400
    assert "The search gave up before it found more." in part.answer[0]
    monkeypatch.setattr(searching, "EXPANSIONS", 3)
    assert "to find one: each is very unlikely" in paths_of(block, solution).answer[0]
    assert len(whole) == 400


def test_an_ending_that_is_never_reached_has_no_path() -> None:
    crisis = crisis_of("""
format: 1
title: One choice
actors: {north: {name: North}}
timeline: [{chance: luck, odds: {good: 1, bad: 0}}, {move: answer, by: north, options: [hold, strike]}]
endings: {ruin: luck == bad, calm: answer == hold, war: otherwise}
""")
    found = paths(crisis, to="ruin")
    assert found.answer == ("No path leads to ruin.",)
    assert found.tables[0].rows == ()
    assert paths(crisis, to="calm").answer == (
        "What sets calm apart: North chooses hold at answer in 100.0% of its cases (50.0% of all)."
        " Calm (50.0% likely) comes about most often like this, in 100.0% of its cases:"
        " luck: good; North chooses hold.",
    )


def test_a_step_that_hangs_on_hidden_circumstances_is_on_some_paths_and_not_on_others() -> None:
    crisis = crisis_of("""
format: 1
title: Luck
actors: {north: {name: North}, south: {name: South}}
timeline:
  - {chance: luck, odds: {good: 0.25, bad: rest}, seen_by: [north]}
  - {move: ask, by: south, options: [calm, loud], if: luck == good}
  - {move: answer, by: north, options: [hold, strike]}
endings: {calm: answer == hold, war: otherwise}
""")
    found = paths(crisis, top=20).ways[0].paths
    assert sum(path.probability for path in found) == pytest.approx(1.0, abs=1e-12)
    without = [path for path in found if [step for step, _, _ in path.steps] == ["answer"]]
    assert sum(path.probability for path in without) == pytest.approx(0.75, abs=1e-12)
    assert {c.given for path in without for c in path.circumstances if c.value == "good"} == {0.0}


def test_an_unknown_ending_is_told_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown ending 'alies_cross'; did you mean 'allies_cross'\?"):
        paths(tehran(), to="alies_cross")
    with pytest.raises(UsageError, match="paths are counted from 1 up, found a request for the 0 likeliest"):
        paths(tehran(), top=0)


def test_a_crisis_in_which_nothing_happens_has_one_path_to_its_ending_and_none_to_another() -> None:
    text = """
    format: 1
    title: Nothing happens
    actors: {ann: {name: Ann}}
    timeline: [{state: calm, start: 1, becomes: calm}]
    endings: {quiet: calm == 1, war: otherwise}
    """
    ways = {way.to: [path.probability for path in way.paths] for way in paths(crisis_of(text)).ways}
    assert ways == {None: [1.0], "quiet": [1.0], "war": []}
