"""Crises whose coefficients are known: cases are simulated of them, fitted, and the intervals are counted that cover.

Columns take few values, so that equal cases are many and a fit is fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.simulated_cases import simulate_cases
from offramp.gambit.opening import compile_game
from tests.crises import crisis_of

Array = NDArray[np.float64]
HALF_WIDTH = 1.959963984540054
"""Of a 95 % interval, in standard errors."""


@dataclass(frozen=True)
class Recovered:
    """A crisis with known coefficients: `rows` cases, whose columns take these values at random."""

    text: str
    true: Mapping[str, float]
    columns: Mapping[str, tuple[float, ...]]
    rows: int

    @property
    def crisis(self) -> Crisis:
        return crisis_of(self.text)

    def covered(self, seed: int) -> NDArray[np.bool_]:
        """Whether the interval of each coefficient covers its true value in one simulated table: (coefficients,)."""
        dice = np.random.default_rng(seed)
        columns = {name: dice.choice(values, self.rows) for name, values in self.columns.items()}
        game = compile_game(self.crisis)
        table = table_of(simulate_cases(game, self.true, columns, seed=seed))
        estimates = estimates_of(Likelihood(game, cases_of(game, table)), starts=0)
        true = np.array([self.true[name] for name in estimates.likelihood.parameters])
        errors = np.sqrt(np.diag(estimates.covariance("observed")))
        return np.asarray(np.abs(estimates.values - true) <= HALF_WIDTH * errors)


DETERRENCE = Recovered(
    """\
format: 1
title: Deterrence
actors: {challenger: {name: C, rationality: 1}, defender: {name: D, rationality: 1}}
inputs:
  revision: {is: 1, column: revision}
  balance: {is: 0.2, column: balance}
  ally: {is: 1, column: ally}
  calm: {linear: [1, revision], is: "normal(0, 2)"}
  clash: {linear: [1, balance], is: "normal(0, 2)"}
  stand: {linear: [1, balance, ally], is: "normal(0, 2)"}
timeline:
  - {move: threat, by: challenger, options: [hold, threaten]}
  - {move: reply, by: defender, if: threat == threaten, options: [give_way, resist]}
payoffs:
  challenger: {calm: calm * (threat == hold), clash: clash * (reply == resist)}
  defender: {stand: stand * (reply == resist)}
endings: {war: reply == resist, gives_way: reply == give_way, quiet: otherwise}
cases:
  observed:
    threat: {0: {threat: hold}, 1: {threat: threaten}}
    war: {0: {reply: [give_way, skipped]}, 1: {reply: resist}}
""",
    {
        "calm.1": -0.3, "calm.revision": -1.0, "clash.1": -2.0, "clash.balance": 0.8,
        "stand.1": -0.5, "stand.balance": -1.0, "stand.ally": 2.0,
    },
    {"revision": (0, 1), "balance": (-1.5, -0.5, 0.0, 0.5, 1.5), "ally": (0, 1)},
    1_000,
)  # fmt: skip

CHAIN = Recovered(
    """\
format: 1
title: Three movers with private shocks
actors:
  one: {name: One, choice: private, rationality: 1}
  two: {name: Two, choice: private, rationality: exp(-spread)}
  three: {name: Three, choice: private, rationality: 1}
inputs:
  x: {is: 0, column: x}
  z: {is: 0, column: z}
  stay: {linear: [1, x], is: "normal(0, 5)"}
  hold: {linear: [1, z], is: "normal(0, 5)"}
  last: {linear: [1, x, z], is: "normal(0, 5)"}
  spread: {estimate: yes, is: "normal(0, 1)"}
timeline:
  - {move: first, by: one, options: [stop, go]}
  - {move: second, by: two, if: first == go, options: [stop, go]}
  - {move: third, by: three, if: second == go, options: [stop, go]}
payoffs:
  one: {stay: stay * (first == stop), prize: 1.5 * (third == go)}
  two: {hold: hold * (second == stop), prize: 2 * (third == go)}
  three: {last: last * (third == go)}
endings: {far: third == go, near: first == go, none: otherwise}
cases: {observed: {y: {1: {first: stop}, 2: {second: stop}, 3: {third: stop}, 4: {third: go}}}}
""",
    {
        "stay.1": 0.4, "stay.x": -0.8, "hold.1": 0.6, "hold.z": 0.9, "last.1": 0.2, "last.x": 0.7, "last.z": -0.6,
        "spread": 0.2,
    },
    {"x": (-1, 0, 1), "z": (-1.5, 0, 1.5)},
    4_000,
)  # fmt: skip

RESOLVE = Recovered(
    """\
format: 1
title: Resolve is never recorded
actors: {attacker: {name: A, rationality: 2}, defender: {name: D, rationality: 2}}
inputs:
  dem: {is: 1, column: dem}
  balance: {is: 0.2, column: balance}
  firm: {linear: [1, dem], is: "normal(0, 2)"}
  worth: {linear: [1, balance], is: "normal(0, 2)"}
  strength: {is: "lognormal(2, 0.5)", estimate: yes}
timeline:
  - {chance: resolve, weights: {strong: exp(firm), weak: 1}, seen_by: [defender]}
  - {move: threat, by: defender, options: [quiet, threaten]}
  - {move: attack, by: attacker, options: [hold, strike]}
  - {move: fight, by: defender, if: attack == strike, options: [give_way, resist]}
payoffs:
  defender:
    bluff: -1 * (threat == threaten) * (fight == give_way)
    war: (strength * (resolve == strong) - 1) * (fight == resist)
    lost: -1 * (fight == give_way)
  attacker: {win: fight == give_way, war: worth * (fight == resist)}
endings: {war: fight == resist, gives_way: fight == give_way, peace: otherwise}
cases:
  observed:
    threatened: {0: {threat: quiet}, 1: {threat: threaten}}
    result: {peace: {attack: hold}, war: {ending: war}, surrender: {fight: give_way}}
""",
    {"firm.1": 0.2, "firm.dem": 1.0, "worth.1": -0.5, "worth.balance": 0.6, "strength": 2.5},
    {"dem": (0, 1), "balance": (-1, 0, 1)},
    4_000,
)

TOGETHER = Recovered(
    """\
format: 1
title: Two choices made together
actors: {north: {name: N, rationality: 1}, south: {name: S, rationality: 1, choice: probit}}
inputs:
  x: {is: 0, column: x}
  hold_n: {linear: [1, x], is: "normal(0, 5)"}
  hold_s: {is: "normal(0, 5)", estimate: yes}
  harm: {is: "uniform(0, 4)", estimate: yes}
timeline:
  - together:
      - {move: n, by: north, options: [wait, push]}
      - {move: s, by: south, options: [wait, push]}
payoffs:
  north: {hold: hold_n * (n == wait), harm: -2 * (n == push) * (s == push)}
  south: {hold: hold_s * (s == wait), harm: -harm * (n == push) * (s == push)}
endings: {clash: n == push and s == push, calm: otherwise}
cases:
  counts: {neither: {n: wait, s: wait}, north: {n: push, s: wait}, south: {n: wait, s: push}, both: {ending: clash}}
""",
    {"hold_n.1": -0.8, "hold_n.x": 1.0, "hold_s": -0.6, "harm": 1.8},
    {"x": (-1.5, -0.5, 0.5, 1.5)},
    2_000,
)

RECOVERED = {"deterrence": DETERRENCE, "chain": CHAIN, "resolve": RESOLVE, "together": TOGETHER}
