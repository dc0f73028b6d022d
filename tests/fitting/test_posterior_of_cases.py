"""The posterior of a crisis's coefficients from recorded cases: exact where that is known, else with uniform ranks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

from offramp.crisis.model import Crisis
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.posterior import Posterior, posterior_of
from offramp.fitting.priors import file_prior
from offramp.fitting.simulated_cases import simulate_cases
from offramp.gambit.opening import compile_game
from tests.crises import crisis_of
from tests.examples import THOROUGH

COIN = """\
format: 1
title: Heads or tails
actors: {one: {name: One}}
inputs: {p: {is: "beta(2, 3)", estimate: yes}}
timeline:
  - {chance: coin, odds: {heads: p, tails: rest}}
  - {move: go, by: one, options: [on, off]}
payoffs: {one: {go: go == on}}
cases: {counts: {heads: {coin: heads}, tails: {coin: tails}}}
endings: {heads: coin == heads, tails: otherwise}
"""
BLUFF = """\
format: 1
title: Resolve is never recorded
actors: {attacker: {name: A, rationality: fierce}, defender: {name: D, rationality: 2}}
inputs:
  dem: {is: 0, column: dem}
  fierce: {is: "lognormal(1.5, 0.4)", estimate: yes}
  firm: {is: "beta(2, 2)", estimate: yes}
  worth: {linear: [1, dem], is: "normal(0, 1)"}
correlations: [{of: [worth.1, worth.dem], rho: -0.5}]
timeline:
  - {chance: resolve, odds: {strong: firm, weak: rest}, seen_by: [defender]}
  - {move: threat, by: defender, options: [quiet, threaten]}
  - {move: attack, by: attacker, options: [hold, strike]}
  - {move: fight, by: defender, if: attack == strike, options: [give_way, resist]}
payoffs:
  defender:
    bluff: -1 * (threat == threaten) * (fight == give_way)
    war: (2 * (resolve == strong) - 2) * (fight == resist)
    lost: -1 * (fight == give_way)
  attacker: {win: fight == give_way, war: worth * (fight == resist)}
endings: {war: fight == resist, gives_way: fight == give_way, peace: otherwise}
cases:
  observed:
    result: {peace: {attack: hold}, war: {fight: resist}, surrender: {fight: give_way}}
"""


def fitted(crisis: Crisis, data: object, *, draws: int = 2048, seed: int = 1) -> Posterior:
    game = compile_game(crisis)
    cases = cases_of(game, table_of(data))
    return posterior_of(Likelihood(game, cases), file_prior(crisis, cases.parameters), draws=draws, seed=seed)


def test_odds_with_a_beta_prior_and_counts_have_the_beta_posterior() -> None:
    posterior = fitted(crisis_of(COIN), {"heads": [4, 3], "tails": [0, 4]})
    exact = stats.beta(2 + 7, 3 + 4)
    np.testing.assert_allclose(posterior.quantiles()[:, 0], exact.ppf([0.05, 0.5, 0.95]), atol=2e-3)
    assert posterior.mean[0] == pytest.approx(exact.mean(), abs=5e-4)
    assert posterior.sd[0] == pytest.approx(exact.std(), rel=5e-3)
    assert posterior.log_evidence is not None
    assert posterior.log_evidence[0] == pytest.approx(betaln(9, 7) - betaln(2, 3), abs=2e-3)


def test_the_best_values_with_the_files_priors_are_the_mode_of_the_posterior() -> None:
    crisis = crisis_of(COIN)
    cases = cases_of(compile_game(crisis), table_of({"heads": [7], "tails": [4]}))
    likelihood, prior = Likelihood(compile_game(crisis), cases), file_prior(crisis, cases.parameters)
    estimates = estimates_of(likelihood, penalty=prior)
    posterior = posterior_of(likelihood, prior, known=[estimates.values], draws=512)
    np.testing.assert_allclose(estimates.values, posterior.mode, atol=1e-7)
    assert posterior.modes[0].starts == ("optimum 1", "medians")


def test_ranks_of_the_true_coefficients_are_uniform() -> None:
    """Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018), with a hidden type."""
    sets, draws = 50 if THOROUGH else 4, 63
    crisis = crisis_of(BLUFF)
    names = tuple(name for name, entry in crisis.inputs.items() if entry.estimate)
    prior = file_prior(crisis, names)
    rng = np.random.default_rng(5)
    factor = np.linalg.cholesky(prior.correlation)
    ranks, trusted = [], 0
    for number in range(sets):
        true = prior.values(factor @ rng.normal(size=4))[0]
        data = simulate_cases(
            crisis, dict(zip(names, true.tolist(), strict=True)), {"dem": rng.integers(0, 2, 60)}, seed=number
        )
        posterior = fitted(crisis, data, draws=512, seed=number)
        trusted += posterior.trusted
        ranks.append((posterior.draws(draws) < true).sum(axis=0))
    assert trusted == sets
    shares = (np.array(ranks) + rng.uniform(size=(sets, 4))) / (draws + 1)
    for column in shares.T:
        assert stats.kstest(column, "uniform").pvalue > 0.01
