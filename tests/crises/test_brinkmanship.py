"""The textbook game of brinkmanship: Offramp's limit of perfect play is the published solution.

The conditions are those of Dixit and Skeath (Games of Strategy, the chapter on brinkmanship), computed here from
the payoffs alone. Without a threat Washington gets `us_missiles`. A threat of risk q *works* if moderates would
rather withdraw: missiles_stay (1 - q) + soft_war q < soft_withdrawal. It is *acceptable* if it is worth more to
Washington than no threat, with hard-liners, who defy it, of odds p.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import offramp
from offramp.crisis.reading import read_text
from offramp.equilibrium.nash_limit import Limit
from tests.game.test_against_walker import by_key
from tests.shipped import CRISES

FILE = CRISES / "brinkmanship" / "crisis.yaml"
BOOK = {
    "us_success": 1.0,
    "us_missiles": -2.0,
    "us_war": -10.0,
    "missiles_stay": 2.0,
    "soft_withdrawal": -4.0,
    "soft_war": -8.0,
    "hard_withdrawal": -8.0,
    "hard_war": -4.0,
}
TRADE = BOOK | {"us_success": 0.5, "soft_withdrawal": -2.0, "hard_withdrawal": -6.0}
PLEDGE = BOOK | {"missiles_stay": 0.0}
STEPS = [round(0.05 * k, 2) for k in range(1, 21)]


def least_that_works(numbers: dict[str, float]) -> float:
    """The risk above which moderates withdraw."""
    stays, out, war = (numbers[name] for name in ("missiles_stay", "soft_withdrawal", "soft_war"))
    return (stays - out) / (stays - war)


def greatest_acceptable(p: float, numbers: dict[str, float]) -> float:
    """The risk below which a threat that works is better for Washington than none."""
    success, missiles, war = (numbers[name] for name in ("us_success", "us_missiles", "us_war"))
    return (success - missiles) / (missiles - war) * (1 - p) / p


def prediction(p: float, numbers: dict[str, float], steps: list[float]) -> dict[str, float]:
    """The endings of the published solution, on a menu of risks."""
    works = min(q for q in steps if q > least_that_works(numbers) + 1e-9)
    if works >= greatest_acceptable(p, numbers):
        return {"war": 0.0, "withdrawal": 0.0, "defied": 0.0, "no_threat": 1.0}
    return {"war": p * works, "withdrawal": 1 - p, "defied": p * (1 - works), "no_threat": 0.0}


def limit(p: float, numbers: dict[str, float]) -> Limit:
    return offramp.limit(offramp.read(FILE), given={"hardline": p, **numbers})


def test_the_books_numbers_are_those_of_the_file() -> None:
    crisis = offramp.read(FILE)
    solution = offramp.solve(crisis)
    assert all(solution.game.crisis.inputs[name] for name in BOOK)
    assert solution.endings == pytest.approx(offramp.solve(crisis, given=BOOK).endings)
    assert least_that_works(BOOK) == pytest.approx(0.6)
    assert greatest_acceptable(3 / 11, BOOK) == pytest.approx(1.0)
    assert greatest_acceptable(0.4, BOOK) == pytest.approx(0.375 * 0.6 / 0.4)
    assert greatest_acceptable(5 / 13, BOOK) == pytest.approx(0.6)


@pytest.mark.parametrize("numbers", [BOOK, TRADE, PLEDGE], ids=["book", "trade", "pledge"])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.27, 0.3, 0.36, 0.37, 0.45, 0.6])
def test_the_limit_of_perfect_play_is_the_published_solution_on_the_menu(p: float, numbers: dict[str, float]) -> None:
    found = limit(p, numbers)
    assert found.solution.endings == pytest.approx(prediction(p, numbers, STEPS), abs=1e-6)
    assert found.regret < 1e-6


def test_every_risk_is_worth_to_washington_what_the_book_says() -> None:
    p = 0.3
    found = limit(p, BOOK).solution
    ((_, worth),) = [item for item in by_key(found.game, found.option_values).items() if item[0][0] == "threat"]
    for q in STEPS:
        defied = q * BOOK["us_war"] + (1 - q) * BOOK["us_missiles"]
        book = p * defied + (1 - p) * (BOOK["us_success"] if q > 0.6 else defied)
        if not math.isclose(q, 0.6):  # there moderates are indifferent
            gain = worth[f"risk_{round(100 * q):02d}"] - worth["none"]
            assert gain == pytest.approx(book - BOOK["us_missiles"], abs=1e-6)


def test_on_a_finer_menu_the_risk_that_is_chosen_nears_six_in_ten() -> None:
    text = FILE.read_text()
    first, last = text.index("      risk_05:"), text.index('    because: "Schelling: a threat')
    steps = [0.3, 0.5, 0.59, 0.61, 0.7, 0.9]
    menu = "".join(f"      risk_{round(100 * q):02d}: {{value: {q}}}\n" for q in steps)
    crisis = read_text((text[:first] + menu + text[last:].split("levers:")[0]).encode(), "crisis.yaml")
    found = offramp.limit(crisis, given={"hardline": 0.38}).solution.endings
    assert found == pytest.approx(prediction(0.38, BOOK, steps), abs=1e-6)
    assert found["war"] == pytest.approx(0.38 * 0.61, abs=1e-6)


def test_the_hand_computation_of_the_readme() -> None:
    solution = offramp.solve(offramp.read(FILE))
    shares = by_key(solution.game, solution.choice)
    for q, readme in ((0.65, 0.679), (0.85, 0.977)):
        (soft,) = [
            share["withdraw"]
            for key, share in shares.items()
            if key[0] == "reply" and ("kremlin", "soft") in key[2] and ("threat", f"risk_{round(100 * q)}") in key[2]
        ]
        lead = BOOK["soft_withdrawal"] - (q * BOOK["soft_war"] + (1 - q) * BOOK["missiles_stay"])
        assert soft == pytest.approx(1 / (1 + np.exp(-1.5 * lead)))
        assert soft == pytest.approx(readme, abs=5e-4)


@pytest.mark.parametrize(
    ("rationality", "best", "up_to"),
    [
        (1, "risk_95", 0.265),
        (1.5, "risk_85", 0.290),
        (3, "risk_75", 0.326),
        (6, "risk_70", 0.347),
        (20, "risk_65", 0.366),
    ],
)
def test_the_readmes_table_of_what_errors_do_to_the_best_threat(rationality: float, best: str, up_to: float) -> None:
    crisis = offramp.read(FILE)

    def gains(p: float) -> dict[str, float]:
        given = {"hardline": p, "us.rationality": rationality, "soviets.rationality": rationality}
        solution = offramp.solve(crisis, given=given)
        (worth,) = [w for key, w in by_key(solution.game, solution.option_values).items() if key[0] == "threat"]
        return {option: value - worth["none"] for option, value in worth.items() if option != "none"}

    assert max(gains(0.25), key=gains(0.25).__getitem__) == best
    assert max(gains(up_to - 0.002).values()) > 0 > max(gains(up_to + 0.002).values())


def test_all_draws_converge_and_only_risks_from_35_to_55_percent_are_hardly_taken() -> None:
    run = offramp.run(offramp.read(FILE), draws=256, seed=1)
    assert run.converged.all()
    rare = {(move.move, option) for move in run.moves for option, share in move.options.items() if share.mean < 0.005}
    assert rare == {("threat", f"risk_{k}") for k in (35, 40, 45, 50, 55)}
