"""Other equilibria are found if a game has them, the principal one comes first, and a seed repeats a search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

import offramp
from offramp.common.errors import UsageError
from offramp.equilibrium.multiplicity import equilibria
from offramp.gambit.opening import compile_game
from tests.crises import crisis_of
from tests.equilibrium.games import COORDINATION, DILEMMA, PENNIES, STAG_HUNT, bimatrix, efg
from tests.equilibrium.test_branch import joined_at, volunteers
from tests.equilibrium.test_closed_forms import BLOCKADE, SIGNAL
from tests.test_starter import STARTER


def stag_roots(rationality: float) -> list[float]:
    """The solutions of p = expit(rationality (4 p - 3)), in x = logit p; both actors choose alike at each."""
    xs = np.linspace(-4.0 * rationality, 4.0 * rationality, 20_001)
    misses = rationality * (4 * expit(xs) - 3) - xs
    (places,) = np.nonzero(np.sign(misses[:-1]) != np.sign(misses[1:]))
    return [float(expit(brentq(lambda x: rationality * (4 * expit(x) - 3) - x, xs[k], xs[k + 1]))) for k in places]


@pytest.mark.parametrize("rationality", [4.0, 10.0])
def test_a_stag_hunt_of_rational_actors_has_three_equilibria_the_principal_one_first(rationality: float) -> None:
    found = equilibria(bimatrix(*STAG_HUNT), 50, rationality=rationality)
    roots = stag_roots(rationality)
    assert len(roots) == len(found) == 3
    assert sorted(one.solution.choice[0] for one in found) == pytest.approx(roots, abs=1e-8)
    for one in found:
        assert one.solution.converged
        assert one.solution.choice[2] == pytest.approx(one.solution.choice[0], abs=1e-8)
    assert found[0].solution.choice[0] == pytest.approx(roots[0], abs=1e-8)
    assert [one.solution.status for one in found] == ["principal", "other branch", "other branch"]
    assert found[1].starts >= found[2].starts > 0
    assert all(one.starts <= 50 for one in found)


def test_a_stag_hunt_of_actors_of_little_rationality_has_one() -> None:
    assert len(stag_roots(0.5)) == 1
    (only,) = equilibria(bimatrix(*STAG_HUNT), 30, rationality=0.5)
    assert only.starts == 30
    assert only.solution.status == "principal"


def test_a_branch_that_turns_back_leaves_three_equilibria_between_its_turns() -> None:
    found = equilibria(volunteers(), 200, rationality=3.9)
    shares = sorted(one.solution.choice[0] for one in found if np.ptp(one.solution.choice[::2]) < 1e-6)
    assert len(shares) >= 3
    assert [joined_at(p) for p in shares] == pytest.approx([3.9] * len(shares), abs=1e-6)
    assert found[0].solution.choice[0] == pytest.approx(shares[0], abs=1e-8)


@pytest.mark.parametrize("paid", [PENNIES, DILEMMA], ids=["pennies", "dilemma"])
@pytest.mark.parametrize("rationality", [0.0, 1.0, 20.0])
def test_a_game_with_one_equilibrium_gives_one(
    paid: tuple[tuple[tuple[int, ...], ...], ...], rationality: float
) -> None:
    (only,) = equilibria(bimatrix(*paid), 30, rationality=rationality)
    assert only.solution.choice == pytest.approx(
        offramp.solve(bimatrix(*paid), rationality=rationality).choice, abs=1e-9
    )


def test_with_perfect_information_and_in_the_signal_game_there_is_one() -> None:
    for text in (BLOCKADE, SIGNAL):
        assert len(equilibria(compile_game(crisis_of(text)), 20)) == 1
    assert len(equilibria(compile_game(offramp.read(STARTER)), 20)) == 1


def test_beyond_a_fork_the_two_new_branches_are_found_beside_the_old_one() -> None:
    """Games of a match, p = expit(10 (2 p - 1)): 1/2 and two more, one the other's mirror image."""
    found = equilibria(bimatrix(*COORDINATION), 60, rationality=10.0)
    high = brentq(lambda p: expit(10 * (2 * p - 1)) - p, 0.6, 1.0, xtol=1e-15)
    assert found[0].solution.status == "bifurcation"
    assert sorted(one.solution.choice[0] for one in found) == pytest.approx([1 - high, 0.5, high], abs=1e-8)


def test_the_same_seed_gives_the_same_list_to_the_last_bit() -> None:
    game = bimatrix(*STAG_HUNT)
    one, two, other = (equilibria(game, 20, seed=seed, rationality=5.0) for seed in (4, 4, 5))
    assert [(found.solution.choice.tolist(), found.starts, found.solution.sweeps) for found in one] == [
        (found.solution.choice.tolist(), found.starts, found.solution.sweeps) for found in two
    ]
    assert [found.starts for found in one] != [found.starts for found in other]


def test_progress_counts_every_start() -> None:
    seen: list[int] = []
    equilibria(bimatrix(*STAG_HUNT), 7, rationality=1.0, progress=seen.append)
    assert sum(seen) == 7


@pytest.mark.parametrize("starts", [0, -1, 100_001])
def test_a_number_of_starts_out_of_bounds_is_refused(starts: int) -> None:
    with pytest.raises(UsageError, match="from 1 to 100,000, found"):
        equilibria(efg('EFG 2 R "g" { "A" } t "" 0'), starts)
