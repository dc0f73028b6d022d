"""Options have numbers, which expressions use exactly; a chance grid is a step with numbers at its quantiles."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from tests.crises import crisis_of

ACTORS = "format: 1\ntitle: Numbers\nactors: {north: {name: North}, south: {name: South}}\n"
ASK = "  - {move: ask, by: north, options: {tenth: 0.1, seven: 7 / 10, eight: {value: 0.8, name: most}, none: 0}}\n"


def options(crisis: Crisis, step: str) -> dict[str, tuple[str, int | Fraction | None]]:
    named = crisis.named[step]
    assert isinstance(named, Chance | Move)
    return {key: (option.name, option.value) for key, option in named.option_details.items()}


def test_an_unquoted_number_is_an_options_value_and_a_quoted_one_its_name() -> None:
    move = (
        '  - {move: ask, by: north, options: {a: 200, b: "200", c: 1 / 3, d: a text, e: {value: -0.5, name: less}}}\n'
    )
    crisis = crisis_of(f"{ACTORS}timeline:\n{move}endings: {{all: otherwise}}\n")
    third = Fraction(1, 3)
    assert options(crisis, "ask") == {
        "a": ("a", 200),
        "b": ("200", None),
        "c": ("c", third),
        "d": ("a text", None),
        "e": ("less", Fraction(-1, 2)),
    }


def test_values_are_exact_where_they_decide_what_happens() -> None:
    rounds = "  - rounds: 2\n    steps:\n" + "".join(
        f"      {line}\n"
        for line in (
            "- {move: ask, by: north, options: {tenth: 0.1, seven: 0.7}}",
            "- {state: sum, start: 0, becomes: sum + value(ask)}",
        )
    )
    crisis = crisis_of(f"{ACTORS}timeline:\n{rounds}endings: {{eight: sum == 0.8, other: otherwise}}\n")
    assert offramp.solve(crisis).endings == pytest.approx({"eight": 0.5, "other": 0.5})


def test_two_steps_are_compared_by_their_values_and_a_skipped_step_counts_as_zero() -> None:
    bid = "  - {move: bid, by: south, if: ask != none, options: {low: 0.1, high: 0.7}}\n"
    endings = "endings: {above: value(ask) > value(bid), equal: value(ask) == value(bid), below: otherwise}\n"
    crisis = crisis_of(f"{ACTORS}timeline:\n{ASK}{bid}{endings}")
    # tenth against low, high; seven; eight; none against nothing
    assert offramp.solve(crisis).endings == pytest.approx(
        {"above": 3 / 8, "equal": 1 / 8 + 1 / 8 + 1 / 4, "below": 1 / 8}
    )


def test_an_expression_of_values_pays_what_its_sum_over_options_pays() -> None:
    bid = "  - {move: bid, by: south, options: {low: 0.1, high: 0.7}}\n"
    written = "0.1 * (ask == tenth) + 0.7 * (ask == seven) + 0.8 * (ask == eight)"
    tail = "endings: {eight: ask == eight, other: otherwise}\n"

    def solved(term: str) -> dict[str, float]:
        payoffs = f"payoffs: {{north: {{gain: {term}}}, south: {{loss: {term}}}}}\n"
        return dict(offramp.solve(crisis_of(f"{ACTORS}timeline:\n{ASK}{bid}{payoffs}{tail}")).endings)

    assert solved("value(ask)") == solved(written)


GRID = 'grid: "beta(2, 5)", points: 7'
TAIL = """  - {move: offer, by: south, options: {low: 0.2, high: 0.8}}
  - {move: reply, by: north, options: [accept, fight]}
inputs: {stake: {is: "uniform(1, 2)", because: Ours}}
payoffs:
  north: {prize: value(offer) if reply == accept else stake - value(cost)}
  south: {share: (1 - value(offer)) * (reply == accept) - stake * (reply == fight)}
endings: {war: reply == fight, peace: otherwise}
"""


def grid_and_types() -> tuple[str, str]:
    """A file with a grid, and the same with the points written out from SciPy's quantiles."""
    quantiles = stats.beta(2, 5).ppf((np.arange(1, 8) - 0.5) / 7)
    values = ", ".join(f"p{k}: {value:.12g}" for k, value in enumerate(quantiles, start=1))
    odds = ", ".join(f"p{k}: 1 / 7" for k in range(1, 8))
    head = f"{ACTORS}timeline:\n  - {{chance: cost, seen_by: [north], "
    return f"{head}{GRID}}}\n{TAIL}", f"{head}odds: {{{odds}}}, options: {{{values}}}}}\n{TAIL}"


def test_a_grid_has_the_quantiles_of_its_distribution_with_names_of_few_digits() -> None:
    grid, types = (options(crisis_of(text), "cost") for text in grid_and_types())
    assert [value for _, value in grid.values()] == [value for _, value in types.values()]
    assert grid["p1"] == ("0.0765", grid["p1"][1])
    close = options(
        crisis_of(f'{ACTORS}timeline:\n  - {{chance: cost, grid: "uniform(1000, 1001)", points: 3}}\n{TAIL}'), "cost"
    )
    assert [name for name, _ in close.values()] == ["1000.2", "1000.5", "1000.8"]


def test_a_grid_equals_types_written_by_hand_bit_for_bit() -> None:
    grid, types = (offramp.run(crisis_of(text), draws=64) for text in grid_and_types())
    assert grid.endings.tobytes() == types.endings.tobytes()
    assert grid.terms.tobytes() == types.terms.tobytes()


def test_actors_may_have_their_own_odds_of_a_grids_points() -> None:
    """Worked out by hand: the logit of each type of north, and of south against its own mixture of them."""
    believed = "believed_by: {south: {p1: 0.1, p2: 0.2, p3: 0.3, p4: rest}}"
    step = f'  - {{chance: cost, grid: "uniform(0, 2)", points: 4, seen_by: [north], {believed}}}\n'
    tail = TAIL.replace("uniform(1, 2)", "uniform(0.5, 1.5)")
    found = offramp.solve(crisis_of(f"{ACTORS}timeline:\n{step}{tail}")).endings["war"]
    cost, own = np.array([0.25, 0.75, 1.25, 1.75]), np.array([0.1, 0.2, 0.3, 0.4])
    fights = {offer: 1 / (1 + np.exp(-3 * (1 - cost - offer))) for offer in (0.2, 0.8)}
    low, high = ((1 - offer) * (1 - fight @ own) - fight @ own for offer, fight in fights.items())
    offers_low = 1 / (1 + np.exp(-3 * (low - high)))
    assert found == pytest.approx(offers_low * fights[0.2].mean() + (1 - offers_low) * fights[0.8].mean(), abs=1e-9)
