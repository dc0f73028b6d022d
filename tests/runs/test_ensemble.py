"""Draws are those of their distributions, and an ensemble's numbers do not depend on how it was cut."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

import offramp
from offramp.crisis.reading import read_text
from offramp.equilibrium.branch.traced import STATUSES
from offramp.gambit.opening import compile_game
from offramp.runs.execution import Execution
from offramp.runs.result import TRACED, Run
from offramp.runs.run import run_in_memory
from offramp.runs.sampling import CHUNK, sample_chunk
from tests.shipped import tehran

CORRELATED = b"""
format: 1
title: Draws
actors: {north: {name: North, rationality: "lognormal(median=4, sigma=0.3)"}}
inputs:
  gain: {is: "beta(2, 5)", because: test}
  loss: {is: "triangular(1, 2, 4)", because: test}
  luck: {is: "uniform(0.2, 0.6)", because: test}
  fixed: {is: 0.5, because: test}
correlations: [{of: [gain, loss], rho: -0.6}]
timeline:
  - {chance: weather, odds: {fair: luck, foul: rest}}
  - {move: sail, by: north, options: [go, stay]}
payoffs:
  north:
    gain: (gain + fixed) * (sail == go) * (weather == fair)
    loss: -loss * (sail == go) * (weather == foul)
endings: {out: sail == go, home: otherwise}
levers: {calm: {set: {luck: luck / 2 + 0.5}}}
"""


def everything(ensemble: Run) -> list[bytes]:
    """All numbers of an ensemble, as bytes."""
    arrays = [*ensemble.inputs.values(), *ensemble.taken, ensemble.situations.reached, ensemble.situations.choice]
    names = ("endings", "terms", "own_eyes", "regret", "regret_once", "residual", "sweeps", "status")
    return [array.tobytes() for array in [*arrays, *(getattr(ensemble, name) for name in names)]]


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers_and_the_blocks() -> None:
    crisis = tehran()
    game = compile_game(crisis)
    reference = everything(run_in_memory(crisis, game, draws=70, seed=3, execution=Execution(workers=1, block=64)))
    for workers, block in ((2, 64), (1, 7), (2, 7), (1, 1), (2, 1)):
        assert (
            everything(run_in_memory(crisis, game, draws=70, seed=3, execution=Execution(workers=workers, block=block)))
            == reference
        )


CHICKEN = b"""
format: 1
title: Chicken
actors: {ann: {name: Ann, rationality: 3}, bob: {name: Bob, rationality: 3}}
inputs: {crash: {is: "uniform(4, 6)", because: test}}
timeline:
  - together:
      - {move: first, by: ann, options: [swerve, drive]}
      - {move: second, by: bob, options: [swerve, drive]}
payoffs:
  ann:
    pride: 2 * (first == drive) * (second == swerve) - 1 * (first == swerve) * (second == drive)
    crash: -crash * (first == drive) * (second == drive)
  bob:
    pride: 2 * (second == drive) * (first == swerve) - 1 * (second == swerve) * (first == drive)
    crash: -crash * (first == drive) * (second == drive)
endings: {crash_: first == drive and second == drive, calm: otherwise}
"""

EAGER = CHICKEN.replace(b"2 * (second == drive)", b"0.2 * (second == drive) + 2 * (second == drive)")
"""Bob likes to drive, so that Ann yields on the principal branch; sweeps, where Bob answers first, lead to him."""

CIRCLES = b"""
format: 1
title: Circles
actors: {north: {name: North, rationality: 4}, south: {name: South, rationality: 4}}
inputs: {prior: {is: "uniform(0.2, 0.6)", because: test}}
timeline:
  - {chance: kind, odds: {firm: prior, bluffing: rest}, seen_by: [north]}
  - {move: signal, by: north, options: [mobilise, wait]}
  - {move: answer, by: south, if: signal == mobilise, options: [yield_, stand]}
payoffs:
  north:
    prize: {pays: 2 * (answer == yield_)}
    war: {pays: (answer == stand) * (1 if kind == firm else -3)}
  south:
    prize: {pays: -1 * (answer == yield_)}
    war: {pays: (answer == stand) * (0.5 - 4 * (kind == firm))}
endings: {clash: answer == stand, calm: otherwise}
"""
"""A signalling game in which plain sweeps turn in circles for many draws."""


def test_draws_that_sweeps_leave_give_the_same_bytes_too() -> None:
    crisis = read_text(CIRCLES, "circles.yaml")
    game = compile_game(crisis)
    one, other = (
        run_in_memory(crisis, game, draws=24, seed=1, execution=Execution(workers=2, block=block)) for block in (1, 24)
    )
    assert one.converged.all()
    assert everything(one) == everything(other)


def test_a_draw_does_not_depend_on_how_many_are_drawn() -> None:
    crisis = read_text(CORRELATED, "draws.yaml")
    game = compile_game(crisis)
    few, many = (run_in_memory(crisis, game, draws=draws, seed=5) for draws in (100, CHUNK + 100))
    assert few.endings.tobytes() == np.ascontiguousarray(many.endings[:, :100]).tobytes()


def test_another_seed_gives_other_draws_and_nearly_the_same_means() -> None:
    crisis = read_text(CORRELATED, "draws.yaml")
    one, other = (offramp.run(crisis, draws=1024, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.endings, other.endings)
    assert one.ending_intervals["out"].mean == pytest.approx(other.ending_intervals["out"].mean, abs=2e-3)


def test_draws_follow_their_distributions_and_correlations() -> None:
    crisis = read_text(CORRELATED, "draws.yaml")
    values = {
        name: np.concatenate([sample_chunk(crisis, 1, chunk)[name] for chunk in range(8)]) for name in crisis.inputs
    }
    assert stats.kstest(values["gain"], stats.beta(2, 5).cdf).statistic < 0.01
    assert stats.kstest(values["loss"], stats.triang(1 / 3, 1, 3).cdf).statistic < 0.01
    assert stats.kstest(values["north.rationality"], stats.lognorm(0.3, scale=4).cdf).statistic < 0.01
    scores = [
        stats.norm.ppf(stats.rankdata(values[name]) / (len(values[name]) + 1)) for name in ("gain", "loss", "luck")
    ]
    correlation = np.corrcoef(scores)
    assert correlation[0, 1] == pytest.approx(-0.6, abs=0.02)
    assert correlation[0, 2] == pytest.approx(0.0, abs=0.02)
    assert np.all(values["fixed"] == 0.5)


def test_a_pulled_lever_sets_its_input_in_every_draw() -> None:
    crisis = read_text(CORRELATED, "draws.yaml")
    plain, pulled = sample_chunk(crisis, 1, 0), sample_chunk(crisis.with_levers("calm"), 1, 0)
    np.testing.assert_array_equal(pulled["luck"], plain["luck"] / 2 + 0.5)
    np.testing.assert_array_equal(pulled["gain"], plain["gain"])


def test_draws_that_did_not_converge_are_named_and_left_out_of_every_mean() -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=64, seed=1)
    assert ensemble.unconverged == []
    status = ensemble.status.copy()
    status[[3, 17]] = STATUSES.index("unconverged")
    endings = ensemble.endings.copy()
    endings[:, [3, 17]] = 1e6
    doubtful = dataclasses.replace(ensemble, status=status, endings=endings)
    assert doubtful.unconverged == [3, 17]
    assert doubtful.ending_intervals["out"].p95 <= 1.0
    assert doubtful.to_dict()["converged"] == 62
    assert "96.9% converged" in repr(doubtful)
    assert doubtful.to_dict()["unconverged"] == [
        {"draw": draw, "inputs": {name: values[draw] for name, values in ensemble.inputs.items()}} for draw in (3, 17)
    ]
    frame, data = doubtful.to_pandas(), doubtful.to_xarray()
    for name in ("ending.out", "payoff.north.gain", "own_eyes.north", "move.sail.go", "regret.north"):
        assert list(np.flatnonzero(frame[name].isna())) == [3, 17]
    assert list(frame["status"][[3, 17]]) == ["unconverged"] * 2
    assert frame[["input.gain", "residual"]].notna().all(axis=None)
    assert float(data.endings.sel(ending="out").mean()) == pytest.approx(doubtful.ending_intervals["out"].mean)


def test_every_128th_draw_and_those_that_sweeps_left_are_compared_with_their_principal_branch() -> None:
    ensemble = offramp.run(read_text(CIRCLES, "circles.yaml"), draws=300, seed=1)
    principal = ensemble.status == STATUSES.index("principal")
    assert principal[::TRACED].all()
    assert ensemble.traced.sample == 3
    assert ensemble.traced.left == principal.sum() - 3
    assert ensemble.statuses == {
        "principal": int(principal.sum()),
        "other branch": 0,
        "not traced": 300 - int(principal.sum()),
        "bifurcation": 0,
        "unconverged": 0,
    }
    assert f"{principal.sum()} principal, {300 - principal.sum()} not traced" in repr(ensemble)
    for draw in np.flatnonzero(principal)[:5]:
        solution = offramp.solve(ensemble.game, given=ensemble.inputs_of(int(draw)))
        assert solution.status == "principal"
        assert ensemble.endings[:, draw] == pytest.approx(list(solution.endings.values()), abs=1e-7)
        assert ensemble.regret[:, draw] == pytest.approx(list(solution.certificate.regret.values()), abs=1e-7)


def test_a_sampled_draw_on_another_branch_than_the_principal_one_is_counted() -> None:
    """In a game that is swept once, since Ann errs by probit."""
    erring = EAGER.replace(b"name: Ann,", b"name: Ann, choice: probit,")
    ensemble = offramp.run(read_text(erring, "chicken.yaml"), draws=200, seed=1)
    assert ensemble.statuses["other branch"] == ensemble.traced.sample == 2
    assert ensemble.statuses["not traced"] == 198


def test_where_all_is_seen_every_draw_is_principal_and_none_is_traced() -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=200, seed=1)
    assert ensemble.statuses["principal"] == 200
    assert (ensemble.traced.sample, ensemble.traced.left) == (0, 0)


def test_a_run_without_a_converged_draw_has_no_numbers_in_its_summary() -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=8, seed=1)
    none = dataclasses.replace(ensemble, status=np.full(8, STATUSES.index("unconverged"), dtype=np.int8))
    assert none.to_dict()["endings"]["out"] == {"mean": None, "p05": None, "p50": None, "p95": None}
    assert json.loads(json.dumps(none.to_dict(), allow_nan=False))["unconverged"][7]["draw"] == 7


def test_an_impossible_draw_is_named_with_its_row_its_context_and_its_inputs() -> None:
    text = CORRELATED.replace(b"fair: luck, foul: rest", b"fair: luck + 0.45, foul: rest")
    with pytest.raises(offramp.CrisisError) as caught:
        offramp.run(read_text(text, "draws.yaml"), draws=64, seed=1)
    assert "odds of 'weather' add up to 1.0" in str(caught.value)
    assert "nothing is left for the rest, foul (draw " in str(caught.value)
    assert ": luck = 0.5" in str(caught.value)


def test_moves_share_out_what_reaches_them() -> None:
    ensemble = offramp.run(tehran(), draws=32, seed=1)
    for move, taken in zip(ensemble.moves, ensemble.taken, strict=True):
        assert sum(interval.mean for interval in move.options.values()) == pytest.approx(1.0, abs=1e-9)
        assert move.reached.mean == pytest.approx(float(taken.sum(axis=0).mean()), abs=1e-12)
    by_move: dict[tuple[str, int], float] = {}
    for summary in ensemble.by_situation:
        key = (summary.situation.move, summary.situation.round)
        by_move[key] = by_move.get(key, 0.0) + summary.reached
    for move in ensemble.moves:
        assert by_move[move.move, move.round] == pytest.approx(move.reached.mean, abs=1e-9)


def test_one_draw_at_the_medians_is_what_a_single_solve_gives() -> None:
    text = CORRELATED
    for written, median in ((b'"beta(2, 5)"', 0.26), (b'"triangular(1, 2, 4)"', 2.2), (b'"uniform(0.2, 0.6)"', 0.4)):
        text = text.replace(written, str(median).encode())
    text = text.replace(b'"lognormal(median=4, sigma=0.3)"', b"4").replace(
        b"correlations: [{of: [gain, loss], rho: -0.6}]", b""
    )
    crisis = read_text(text, "fixed.yaml")
    ensemble = offramp.run(crisis, draws=3, seed=1)
    solution = offramp.solve(compile_game(crisis))
    assert ensemble.endings[:, 2] == pytest.approx(list(solution.endings.values()), abs=1e-12)


def test_labels_come_along_to_pandas_and_xarray() -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=16, seed=1)
    frame, data = ensemble.to_pandas(), ensemble.to_xarray()
    assert list(frame["ending.out"]) == list(ensemble.endings[0])
    assert float(data.endings.sel(ending="home", draw=3)) == ensemble.endings[1, 3]
    assert float(data.payoffs.sel(term="north.loss", draw=3)) == frame["payoff.north.loss"][3]
