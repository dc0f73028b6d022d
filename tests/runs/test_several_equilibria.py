"""In a game with several equilibria each draw of a run is where its principal branch leads."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import offramp
from offramp.common.numerals import percent
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.equilibrium.branch.principal import trace
from offramp.equilibrium.branch.traced import SAME, STATUSES
from offramp.equilibrium.logit import judged
from offramp.equilibrium.several_starts import SMALL
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, swept
from offramp.gambit.opening import compile_game
from offramp.runs.blocks import numbered_block
from offramp.runs.execution import Execution
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.runs.sampling import CHUNK, sample_chunk
from offramp.runs.several import is_swept_again
from offramp.runs.solve_draws import solve_only
from offramp.study.comparison.compare import compare
from offramp.study.interventions.levers_study import levers
from offramp.study.standing import drawn_standing
from tests.larger import larger
from tests.runs.test_ensemble import CHICKEN, CIRCLES, EAGER, everything
from tests.shipped import tehran
from tests.study.test_compared_solutions import PASS

STAG = b"""
format: 1
title: Stag hunt
actors: {ann: {name: Ann, rationality: "uniform(0.5, 6)"}, bob: {name: Bob, rationality: "uniform(0.5, 6)"}}
inputs: {hare: {is: "uniform(1, 3)", because: test}, stag: {is: "uniform(3, 5)", because: test}}
timeline:
  - together:
      - {move: first, by: ann, options: [hunt, stay]}
      - {move: second, by: bob, options: [hunt, stay]}
payoffs:
  ann: {stag: stag * (first == hunt) * (second == hunt), hare: hare * (first == stay)}
  bob: {stag: stag * (first == hunt) * (second == hunt), hare: 0.8 * hare * (second == stay)}
endings: {fed: first == hunt and second == hunt, otherwise_: otherwise}
"""
"""Rationalities from below the bifurcation, where there is one equilibrium, to far above it."""

THRICE = b"""
format: 1
title: Thrice
actors: {ann: {name: Ann, rationality: "uniform(1, 5)"}, bob: {name: Bob, rationality: "uniform(1, 5)"}}
inputs: {hare: {is: "uniform(1, 3)", because: test}, other: {is: "uniform(1, 3)", because: test}}
timeline:
  - rounds: 3
    steps:
      - together:
          - {move: first, by: ann, options: [hunt, stay]}
          - {move: second, by: bob, options: [hunt, stay]}
payoffs:
  ann: {all: {pays: 4 * (first == hunt) * (second == hunt) + hare * (first == stay), when: each_round}}
  bob: {all: {pays: 4 * (first == hunt) * (second == hunt) + other * (second == stay), when: each_round}}
endings: {fed: first == hunt and second == hunt, otherwise_: otherwise}
"""

GAMES = {"stag hunt": STAG, "eager": EAGER, "pass": PASS.encode(), "thrice": THRICE}
GAMES["large stag hunt"] = larger(STAG.decode()).encode()
DRAWS = 96


def crisis_of(name: str) -> Crisis:
    return read_text(GAMES[name], f"{name}.yaml")


def block_of(crisis: Crisis, seed: int, draws: int) -> Block:
    game = compile_game(crisis)
    values = {name: column[:draws] for name, column in sample_chunk(crisis, seed, 0).items()}
    return numbered_block(game, values, 0, draws, 0, None, None).block


@cache
def followed(name: str, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The endings and the profile where each draw's branch leads, followed one by one; where sweeps lead elsewhere."""
    block = block_of(crisis_of(name), seed, DRAWS)
    branches = [trace(block.structure, block.draw(draw)) for draw in range(DRAWS)]
    assert all(branch.status == "principal" and branch.logit is not None for branch in branches)
    logit = np.array([branch.logit for branch in branches]).T
    choice = np.exp(log_probabilities(block.structure, logit))
    nothing = np.zeros(DRAWS, dtype=np.int64)
    endings = judged(block, choice, logit, nothing, nothing.astype(np.int8)).endings
    return endings, choice, np.abs(swept(block).choice - choice).max(axis=0) > SAME


def run_of(crisis: Crisis, draws: int, seed: int, execution: Execution | None = None) -> Run:
    return run_in_memory(crisis, compile_game(crisis), draws=draws, seed=seed, execution=execution or Execution())


@pytest.mark.parametrize("seed", [1, 2, 77])
@pytest.mark.parametrize("name", GAMES)
def test_every_draw_is_where_its_principal_branch_leads(name: str, seed: int) -> None:
    endings, _, elsewhere = followed(name, seed)
    assert elsewhere.sum() >= 2  # sweeping alone would not do
    found = run_of(crisis_of(name), DRAWS, seed)
    np.testing.assert_allclose(found.endings, endings, rtol=0.0, atol=1e-7)
    assert (found.status[elsewhere] == STATUSES.index("principal")).all()
    assert found.statuses["other branch"] == found.statuses["unconverged"] == 0
    followed_too, warning = drawn_standing(found)
    assert f"in {found.traced.left} more that sweeps did not settle or settled at several equilibria." in followed_too
    assert not warning


@pytest.mark.parametrize("name", ["stag hunt", "pass"])
def test_the_numbers_are_the_same_however_the_draws_are_split(name: str) -> None:
    crisis = crisis_of(name)
    game = compile_game(crisis)
    whole = run_of(crisis, CHUNK + 60, 3)
    assert whole.statuses["principal"] > 100
    for workers, block in ((1, 7), (2, 64)):
        split = run_of(crisis, CHUNK + 60, 3, Execution(workers=workers, block=block))
        assert everything(split) == everything(whole)
    few = run_of(crisis, 50, 3)
    for row, rows in ((few.endings, whole.endings[:, :50]), (few.status, whole.status[:50])):
        assert row.tobytes() == np.ascontiguousarray(rows).tobytes()
    places = np.array([3, 17, 59])
    alone = solve_only(crisis, game, 1, places, seed=3)
    assert alone.endings.tobytes() == np.ascontiguousarray(whole.endings[:, CHUNK + places]).tobytes()
    assert alone.status.tobytes() == whole.status[CHUNK + places].tobytes()


def test_of_a_large_game_too_the_numbers_are_the_same_however_the_draws_are_split() -> None:
    crisis = crisis_of("large stag hunt")
    whole = run_of(crisis, 60, 3)
    assert whole.statuses["principal"] > 10
    for workers, block in ((1, 7), (2, 32)):
        assert everything(run_of(crisis, 60, 3, Execution(workers=workers, block=block))) == everything(whole)
    alone = solve_only(crisis, compile_game(crisis), 0, np.array([3, 17, 59]), seed=3)
    assert alone.endings.tobytes() == np.ascontiguousarray(whole.endings[:, [3, 17, 59]]).tobytes()
    assert alone.status.tobytes() == whole.status[[3, 17, 59]].tobytes()


def test_a_game_with_one_equilibrium_has_the_bytes_that_sweeping_once_gives() -> None:
    crisis = read_text(CIRCLES, "circles.yaml")
    block, found = block_of(crisis, 1, 64), run_of(crisis, 64, 1)
    once = swept(block)
    untouched = found.status == STATUSES.index("not traced")
    assert untouched.sum() > 32
    nothing = np.zeros(64, dtype=np.int64)
    endings = judged(block, once.choice, once.logit, nothing, nothing.astype(np.int8)).endings
    assert np.array_equal(found.endings[:, untouched], endings[:, untouched])
    assert np.array_equal(found.sweeps[untouched], once.sweeps[untouched])


def test_a_large_game_is_swept_again_only_if_it_shows_several_equilibria() -> None:
    for crisis, several in ((crisis_of("large stag hunt"), True), (tehran(), False)):
        game = compile_game(crisis)
        assert game.nodes > SMALL
        assert is_swept_again(game) == several
    tame = compile_game(
        read_text(larger(STAG.replace(b"uniform(0.5, 6)", b"uniform(0.1, 0.5)").decode()).encode(), "t")
    )
    assert not is_swept_again(tame)
    assert is_swept_again(tame, 6.0)


def test_where_another_branch_crosses_a_draw_stays_as_sweeps_leave_it() -> None:
    """None of the sides is the answer, and the sample says so."""
    found = run_of(read_text(CHICKEN, "chicken.yaml"), 130, 1)
    assert found.statuses["bifurcation"] == 2
    assert found.statuses["not traced"] > 100


@pytest.mark.parametrize("size", ["small", "large"])
def test_the_one_draw_of_a_crisis_without_uncertainty_is_the_one_that_solve_gives(size: str) -> None:
    text = EAGER.decode().replace('{is: "uniform(4, 6)", because: test}', "{is: 5, because: test}")
    crisis = read_text((text if size == "small" else larger(text)).encode(), "eager.yaml")
    game = compile_game(crisis)
    assert (game.nodes <= SMALL) == (size == "small")
    found, solution = run_of(crisis, 8, 1), offramp.solve(game)
    assert found.statuses["principal"] == 8
    assert found.endings[:, 0] == pytest.approx(list(solution.endings.values()), abs=1e-9)
    assert solution.status == "principal"


def test_as_of_now_too_the_one_draw_is_on_the_principal_branch_ahead() -> None:
    text = EAGER.decode().replace('{is: "uniform(4, 6)", because: test}', "{is: 5, because: test}")
    text = text.replace("timeline:\n", "timeline:\n  - {chance: sign, odds: {up: 0.5, down: rest}}\n")
    text += "levers: {dear: {set: {crash: crash + 0.5}}}\nobserved: [{date: 2031-03-01, sign: up}]\n"
    crisis = read_text(larger(text).encode(), "eager.yaml").now().with_levers("dear")
    found = run_of(crisis, 4, 1)
    assert found.statuses["principal"] == 4
    alone = read_text(text.split("observed")[0].encode(), "eager.yaml").with_levers("dear")
    assert found.endings[:, 0] == pytest.approx(list(offramp.solve(alone).endings.values()), abs=1e-9)


def test_levers_change_what_they_change_on_the_principal_branches() -> None:
    crisis = crisis_of("pass")
    found = levers(crisis, draws=DRAWS, ending="north")
    assert found.followed.compared == 2 * DRAWS
    assert not found.followed.elsewhere
    before, _, _ = followed("pass", 1)
    place = [ending.key for ending in crisis.endings].index("north")
    assert found.before["north"] == pytest.approx(before[place].mean(), abs=1e-9)
    block = block_of(crisis.with_levers("flags"), 1, DRAWS)
    branches = [trace(block.structure, block.draw(draw)).logit for draw in range(DRAWS)]
    choice = np.exp(log_probabilities(block.structure, np.array(branches).T))
    nothing = np.zeros(DRAWS, dtype=np.int64)
    after = judged(block, choice, np.array(branches).T, nothing, nothing.astype(np.int8)).endings[place]
    (flags,) = found.sets
    assert flags.endings["north"].mean == pytest.approx((after - before[place]).mean(), abs=1e-7)


def test_a_comparison_is_one_of_principal_branches() -> None:
    crisis = crisis_of("pass")
    other = read_text(GAMES["pass"].replace(b"(1, 2, 4)", b"(2, 3, 5)"), "other.yaml")
    found = compare(crisis, other, draws=DRAWS)
    assert not found.followed.elsewhere
    assert found.before == pytest.approx(run_of(crisis, DRAWS, 1).endings.mean(axis=1), abs=1e-9)
    assert found.after == pytest.approx(run_of(other, DRAWS, 1).endings.mean(axis=1), abs=1e-9)


def test_draws_that_were_followed_are_not_said_to_be_left_open() -> None:
    found = run_of(crisis_of("stag hunt"), DRAWS, 1)
    left = found.statuses["not traced"] / DRAWS
    assert found.traced.sample == 1
    assert f"leaves open that up to {percent(left)} of all draws" in drawn_standing(found)[0]
