"""The branch that starts at rationality 0, against equations in one unknown and against Gambit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pygambit
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit

import offramp
from offramp.common.errors import UsageError
from offramp.equilibrium.branch import principal
from offramp.equilibrium.branch.lane_tracing import trace_block
from offramp.equilibrium.branch.traced import STATUSES
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.logit import beside, solve_block
from offramp.equilibrium.sweeps import swept
from offramp.equilibrium.tracing import trace
from offramp.gambit.efg import read_efg
from offramp.gambit.nfg import read_nfg
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from tests.crises import crisis_of
from tests.equilibrium.games import BEER_QUICHE, COORDINATION, PENNIES, STAG_HUNT, bimatrix, by_set, efg
from tests.equilibrium.naive import judge
from tests.equilibrium.test_closed_forms import SIGNAL
from tests.gambit.peer import efg_of_gambit, shares_of
from tests.gambit.test_tree_to_game import HORSE, POKER, TOLL, UNTIMED

Pairs = tuple[tuple[float, float], tuple[float, float]]

MEETING = bimatrix(*COORDINATION)
FORK = 2.0
"""The rationality at which uniform play in `MEETING` bifurcates: p = expit(lambda (2 p - 1)) has slope lambda / 2."""
SAFE = Fraction(115, 1000)


def volunteers() -> Game:
    """Four actors; joining pays 1 if all join, staying out always pays `SAFE`."""
    outcomes = [
        " ".join(str(SAFE) if option else str(int(not any(profile))) for option in profile[::-1])
        for profile in np.ndindex(2, 2, 2, 2)
    ]
    text = f'NFG 1 R "All or nothing" {{ "A" "B" "C" "D" }} {{ 2 2 2 2 }} {" ".join(outcomes)}'
    return compile_game(read_nfg(text, "g.nfg"))


def joined_at(p: float) -> float:
    """The rationality at which all four join with probability p: p = expit(lambda (p**3 - SAFE))."""
    return float(logit(p) / (p**3 - float(SAFE)))


def slope(p: float) -> float:
    """The sign of the derivative of `joined_at` with respect to p."""
    return (p**3 - float(SAFE)) / (p * (1 - p)) - float(logit(p)) * 3 * p**2


TURN_BACK, TURN_ON = brentq(slope, 0.52, 0.7, xtol=1e-14), brentq(slope, 0.7, 0.99, xtol=1e-14)
"""The branch rises from p = 1/2 to the first, falls to the second and rises again."""


@pytest.mark.parametrize("rationality", [0.5, 1.9, 1.99])
def test_before_a_fork_the_branch_is_principal(rationality: float) -> None:
    solution = offramp.solve(MEETING, rationality=rationality)
    assert (solution.status, solution.bifurcations, solution.turns) == ("principal", (), ())
    assert solution.choice == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("rationality", [2.01, 2.5, 10.0])
def test_beyond_a_fork_the_answer_is_called_a_bifurcation(rationality: float) -> None:
    solution = offramp.solve(MEETING, rationality=rationality)
    assert solution.converged
    assert solution.status == "bifurcation"
    p, q = solution.choice.reshape(2, 2)
    assert p[0] == pytest.approx(expit(rationality * (2 * q[0] - 1)), abs=1e-9)
    assert q[0] == pytest.approx(expit(rationality * (2 * p[0] - 1)), abs=1e-9)


@pytest.mark.parametrize("rationality", [2.01, 2.5, 10.0])
def test_a_solution_says_where_another_branch_has_crossed(rationality: float) -> None:
    (where,) = offramp.solve(MEETING, rationality=rationality).bifurcations
    assert where * rationality == pytest.approx(FORK, abs=0.01)


def test_a_trace_across_a_fork_shows_the_index_on_both_sides() -> None:
    branch = trace(MEETING, to=4.0)
    assert branch.reached
    expected = np.where(branch.rationality[:, 0] < FORK, 1, -1)
    assert (branch.index == expected).all()
    (crossed,) = branch.bifurcations
    assert branch.rationality[crossed - 1, 0] <= FORK <= branch.rationality[crossed, 0]


def test_a_trace_says_where_another_branch_crosses() -> None:
    branch = trace(MEETING, to=4.0)
    (crossed,) = branch.bifurcations
    assert branch.rationality[crossed, 0] == pytest.approx(FORK, abs=0.01)


@pytest.mark.parametrize("stake", ["1", "1.1", "2"])
@pytest.mark.parametrize("rationality", [1.9, 3.0, 4.5, 9.0])
def test_branches_that_cross_in_pairs_are_not_overlooked(stake: str, rationality: float) -> None:
    """Chance picks one of two games like `MEETING`, seen by both: each bifurcates separately, at 2 / its stake."""
    lines = ['EFG 2 R "Two meetings" { "A" "B" } c "" 1 "" { "x" 1/2 "y" 1/2 } 0']
    for number, paid in enumerate(["1", stake], start=1):
        match, miss = f't "" {2 * number} "" {{ {paid} {paid} }}', f't "" {2 * number + 1} "" {{ 0 0 }}'
        lines += [f'p "" 1 {number} "" {{ "l" "r" }} 0', f'p "" 2 {number} "" {{ "l" "r" }} 0', match, miss]
        lines += [f'p "" 2 {number} 0', miss, match]
    solution = offramp.solve(efg("\n".join(lines)), rationality=rationality)
    assert solution.converged
    forked = rationality > FORK / float(stake)
    assert solution.status == ("bifurcation" if forked else "principal")


def test_the_branch_of_a_stag_hunt_is_followed_to_the_risk_dominant_side() -> None:
    """Both choose stag with probability p: p = expit(lambda (4 p - 3)), so lambda = logit(p) / (4 p - 3)."""
    game = bimatrix(*STAG_HUNT)
    for rationality in (0.1, 0.5, 1.0, 2.0, 5.0, 40.0):
        p = expit(brentq(lambda x, k=rationality: x - k * (4 * expit(x) - 3), -200, 0, xtol=1e-13))
        solution = offramp.solve(game, rationality=rationality)
        assert solution.status == "principal"
        assert solution.choice == pytest.approx([p, 1 - p] * 2, abs=1e-9)
    branch = trace(game, to=30.0)
    p = branch.choice[1:, 0]
    assert branch.rationality[1:, 0] == pytest.approx(logit(p) / (4 * p - 3), rel=1e-6)


MATCHES: tuple[Pairs, ...] = (((3, 1), (1, 2)), ((9, 4), (2, 3)))
"""What A gets if both choose their first option, and if both their second; the same for B."""
MATCH = """EFG 2 R "Where sweeps settle on another branch" { "A" "B" }
p "" 1 1 "" { "first" "second" } 0
p "" 2 1 "" { "first" "second" } 0
t "" 1 "" { 9 2 } t "" 2 "" { 0 0 }
p "" 2 1 0
t "" 3 "" { 0 0 } t "" 4 "" { 4 3 }
"""


def in_small_steps(matches: Pairs, to: float) -> Iterator[tuple[float, float, float]]:
    """Rationality and the first options' probabilities: one equation in A's, its root continued from 1/2."""
    (a_first, a_second), (b_first, b_second) = matches

    def other(p: float, rationality: float) -> float:
        return float(expit(rationality * (b_first * p - b_second * (1 - p))))

    def miss(p: float, rationality: float) -> float:
        q = other(p, rationality)
        return float(expit(rationality * (a_first * q - a_second * (1 - q)))) - p

    here = 0.5
    for rationality in np.linspace(0.0, to, 1201)[1:].tolist():
        grid = here + np.linspace(-0.02, 0.02, 41)
        signs = [miss(p, rationality) > 0 for p in grid.tolist()]
        (place,) = [k for k in range(40) if signs[k] != signs[k + 1]]
        here = brentq(miss, grid[place], grid[place + 1], args=(rationality,), xtol=1e-15)
        yield rationality, here, other(here, rationality)


@pytest.mark.parametrize(("matches", "to"), [(MATCHES[0], 6.0), (MATCHES[1], 2.0)])
def test_asymmetric_coordination_is_followed_as_small_steps_follow_it(matches: Pairs, to: float) -> None:
    (a_first, a_second), (b_first, b_second) = matches
    game = bimatrix(((a_first, 0), (0, a_second)), ((b_first, 0), (0, b_second)))
    for rationality, first, second in list(in_small_steps(matches, to))[199::200]:
        solution = offramp.solve(game, rationality=rationality)
        assert solution.status == "principal"
        assert solution.choice[::2] == pytest.approx([first, second], abs=1e-8)


def test_sweeps_that_settle_on_another_branch_are_told_from_the_principal_one_and_a_small_game_is_put_on_it() -> None:
    """B's second option is its better answer to play at random; so sweeps go there, and the branch does not."""
    *_, (rationality, first, second) = in_small_steps(MATCHES[1], 2.0)
    block = draw_of(efg(MATCH), rationality, None)
    profile = swept(block)
    assert profile.converged[0]
    assert profile.choice[::2, 0].max() < 0.01 < 0.98 < min(first, second)
    status = np.array([STATUSES.index("not traced")], dtype=np.int8)
    assert STATUSES[beside(block.structure, trace_block(block), profile.choice, status)[0]] == "other branch"
    for traced in (None, np.ones(1, dtype=bool)):
        solved = solve_block(block, traced)
        assert solved.residual[0] <= 1e-9
        assert solved.choice[::2, 0] == pytest.approx([first, second], abs=1e-8)
        assert STATUSES[solved.status[0]] == "principal"


@pytest.mark.parametrize("rationality", [0.3, 1.0, 4.0, 50.0])
def test_asymmetric_pennies_are_solved_as_one_equation_says(rationality: float) -> None:
    """A's first option p answers B's q: p = expit(lambda (10 q - 1)), q = expit(lambda (1 - 2 p))."""
    p = brentq(lambda p: expit(rationality * (10 * expit(rationality * (1 - 2 * p)) - 1)) - p, 0, 1, xtol=1e-15)
    solution = offramp.solve(bimatrix(*PENNIES), rationality=rationality)
    assert solution.status == "principal"
    assert solution.choice[0] == pytest.approx(p, abs=1e-9)
    assert solution.choice[2] == pytest.approx(expit(rationality * (1 - 2 * p)), abs=1e-9)


def test_a_branch_that_turns_back_is_followed_through_both_turns() -> None:
    branch = trace(volunteers(), to=8.0)
    assert branch.reached
    back, on = (float(branch.rationality[turn, 0]) for turn in branch.turns)
    assert back <= joined_at(TURN_BACK) + 1e-9
    assert on >= joined_at(TURN_ON) - 1e-9
    for turn, p in zip(branch.turns, (TURN_BACK, TURN_ON), strict=True):
        assert branch.choice[turn - 1, 0] < p < branch.choice[turn + 1, 0]
    assert branch.bifurcations == ()
    p = branch.choice[1:, 0]
    assert (np.diff(p) > 0).all(), "the branch goes from one end to the other once"
    assert branch.rationality[1:, 0] == pytest.approx([joined_at(float(one)) for one in p], rel=1e-6)
    assert branch.choice[:, ::2] == pytest.approx(np.repeat(branch.choice[:, :1], 4, axis=1), abs=1e-8)


def test_where_a_branch_turns_back_the_first_crossing_is_the_answer() -> None:
    game, low, high = volunteers(), joined_at(TURN_ON), joined_at(TURN_BACK)
    assert low < 3.5 < 4.0 < high
    for rationality, ends in [(3.0, (0.5, TURN_BACK)), (3.5, (0.5, TURN_BACK)), (3.99, (0.5, TURN_BACK)),
                              (4.1, (TURN_ON, 1 - 1e-9)), (6.0, (TURN_ON, 1 - 1e-9))]:  # fmt: skip
        p = brentq(lambda p, k=rationality: joined_at(p) - k, ends[0] + 1e-9, ends[1], xtol=1e-15)
        solution = offramp.solve(game, rationality=rationality)
        assert solution.status == "principal"
        assert solution.choice[::2] == pytest.approx([p] * 4, abs=1e-8)
        assert len(solution.turns) == (2 if rationality > high else 0)


def test_a_solution_says_where_its_branch_turned() -> None:
    turns = np.array(offramp.solve(volunteers(), rationality=6.0).turns) * 6.0
    assert turns == pytest.approx([joined_at(TURN_BACK), joined_at(TURN_ON)], abs=0.02)


GAMES = pytest.mark.parametrize("text", [HORSE, POKER, BEER_QUICHE, UNTIMED, TOLL, MATCH], ids=lambda text: text[7:25])


@GAMES
def test_every_point_of_a_trace_answers_itself_by_a_walk_through_the_tree(text: str) -> None:
    tree = read_efg(text, "g.efg")
    game = compile_game(tree)
    branch = trace(game, to=6.0)
    assert branch.reached
    assert (branch.scale[0], branch.rationality[-1].max()) == (0.0, 6.0)
    assert branch.choice[-1] == pytest.approx(offramp.solve(game, rationality=6.0).choice, abs=1e-9)
    assert branch.residual.max() <= 1e-8
    for point, choice in enumerate(branch.choice):
        shares = by_set(tree, game, choice)
        for place, worth in judge(tree, shares).worth.items():
            weights = np.exp(branch.rationality[point, tree.sets[place].player] * (np.array(worth) - max(worth)))
            assert shares[place] == pytest.approx((weights / weights.sum()).tolist(), abs=1e-7)


def test_all_rationalities_grow_together() -> None:
    """The branch to the crisis's own rationalities, 2.5 and 4, keeps their ratio, and its end is the solution."""
    game = compile_game(crisis_of(SIGNAL))
    branch = trace(game)
    assert branch.rationality[0].tolist() == [0.0, 0.0]
    assert branch.rationality[-1].tolist() == [2.5, 4.0]
    assert branch.scale[-1] == 1.0
    assert branch.rationality[:, 0] / 2.5 == pytest.approx(branch.rationality[:, 1] / 4.0, rel=1e-12)
    assert branch.endings[0, 0] == pytest.approx(0.25, abs=1e-12), "half of them warn, half of those are resisted"
    assert branch.choice[-1] == pytest.approx(offramp.solve(game).choice, abs=1e-9)
    further = trace(game, to=8.0)
    assert further.rationality[-1].tolist() == [5.0, 8.0]
    assert trace(game, to=3.0, rationality=1.0).rationality[-1].tolist() == [3.0, 3.0]
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="a branch is followed to a rationality above 0"):
            trace(game, to=wrong)


@GAMES
@pytest.mark.parametrize("rationality", [0.2, 1.0, 3.0, 8.0])
def test_gambits_answer_is_ours(text: str, rationality: float) -> None:
    tree = read_efg(text, "g.efg")
    game, peer = compile_game(tree), efg_of_gambit(text)
    (theirs,) = pygambit.qre.logit_solve_lambda(peer, rationality)
    expected = shares_of(tree, peer, theirs.profile)
    for place, shares in by_set(tree, game, offramp.solve(game, rationality=rationality).choice).items():
        assert shares == pytest.approx(list(expected[place].values()), abs=1e-6)


@GAMES
def test_gambits_branch_is_ours_at_the_same_rationality(text: str) -> None:
    tree = read_efg(text, "g.efg")
    game, peer = compile_game(tree), efg_of_gambit(text)
    points = [point for point in pygambit.qre.logit_solve_branch(peer, maxregret=1e-4) if 0 < point.lam <= 30]
    assert len(points) > 10
    for theirs in points[:: 1 + len(points) // 25]:
        expected = shares_of(tree, peer, theirs.profile)
        solution = offramp.solve(game, rationality=theirs.lam)
        assert solution.status == "principal"
        for place, shares in by_set(tree, game, solution.choice).items():
            assert shares == pytest.approx(list(expected[place].values()), abs=1e-5)


def test_a_branch_that_takes_too_much_work_is_left_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    block = draw_of(compile_game(crisis_of(SIGNAL)), rationality=3.0)
    structure, draw = block.structure, block.draw(0)
    whole = principal.trace(structure, draw)
    monkeypatch.setattr(principal, "MAX_SWEEPS", whole.sweeps // 2)
    left = principal.trace(structure, draw)
    assert (left.logit, left.ended) == (None, "nothing settled")
    assert whole.sweeps // 2 < left.sweeps < whole.sweeps
