"""A degenerate model is pointed out, with the place in the file and what to do; a sound one is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.equilibrium.multiplicity import equilibria
from offramp.gambit.opening import compile_game
from offramp.study.degenerate import DRAWS, degenerate, draws_for
from tests.crises import crisis_of
from tests.shipped import CRISES

SOUND = """\
format: 1
title: Border
actors: {north: {name: Northland}, south: {name: Southland}}
inputs: {prize: {is: "uniform(0.5, 1.5)", because: test}}
timeline:
  - {chance: line, odds: {low: 0.4, high: rest}, seen_by: [south]}
  - {move: raid, by: north, options: [hold, strike]}
  - {move: reply, by: south, if: raid == strike, options: [absorb, fight]}
payoffs:
  north: {gain: prize * (raid == strike), pain: -2 * (reply == fight)}
  south: {face: -1 * (reply == absorb) * (line == low), pain: -0.5 * (reply == fight)}
endings:
  war: {if: reply == fight, avoid: yes}
  calm: otherwise
"""


def warnings(old: str = "", new: str = "") -> list[str]:
    game = compile_game(crisis_of(SOUND.replace(old, new) if old else SOUND))
    return [warning.as_warning("crisis.yaml") for warning in degenerate(game, DRAWS)]


def test_a_sound_model_and_the_shipped_ones_are_not_warned_of() -> None:
    assert warnings() == []
    for file in (*CRISES.glob("*/crisis.yaml"), *Path(offramp.__file__).parent.glob("**/*.yaml")):
        game = compile_game(offramp.read(file))
        assert degenerate(game, draws_for(game)) == (), file


def test_an_option_that_is_chosen_nowhere_is_named_with_its_place() -> None:
    text = SOUND.replace("[absorb, fight]", "[absorb, fight, surrender]")
    assert not any("surrender" in fault.message for fault in degenerate(compile_game(crisis_of(text)), DRAWS))
    text = text.replace("-0.5 * (reply == fight)", "-0.5 * (reply == fight) - 9 * (reply == surrender)")
    (warning,) = degenerate(compile_game(crisis_of(text)), DRAWS)
    assert (warning.place.line, warning.message) == (
        8,
        "of 'reply', 'surrender' is chosen in under 0.50% of cases in every situation and all 64 draws: a payoff term "
        "of Southland may be too large against the others; change it, or leave the option out",
    )


def test_options_that_come_to_the_same_are_named() -> None:
    text = SOUND.replace("[hold, strike]", "[hold, wait, strike]")
    (warning,) = degenerate(compile_game(crisis_of(text)), DRAWS)
    assert (warning.place.line, warning.message) == (
        7,
        "of 'raid', 'hold' and 'wait' come to the same for Northland in every situation and all 64 draws: name what "
        "tells them apart in a payoff, in an ending or in a later step, or leave one out",
    )
    apart = text.replace("north: {gain:", "north: {delay: -0.1 * (raid == wait), gain:")
    assert degenerate(compile_game(crisis_of(apart)), DRAWS) == ()


def test_a_move_whose_best_option_never_varies_is_pointed_out() -> None:
    lines = warnings("face: -1 * (reply == absorb) * (line == low)", "face: -0.1 * (reply == absorb)")
    found = next(line for line in lines if "'reply'" in line)
    assert found.startswith("crisis.yaml:8:")
    assert "the best option of 'reply' is 'absorb' in every situation and all 64 draws: nothing that is" in found


def test_an_ending_that_hardly_comes_about_is_pointed_out_with_the_question_to_ask() -> None:
    found = warnings("pain: -0.5 * (reply == fight)", "pain: -9 * (reply == fight)")
    assert any(
        "crisis.yaml:13:" in line and "ending 'war' is only <0.001% likely on average over 64 draws" in line
        and "`offramp why FILE --ending war`" in line for line in found
    )  # fmt: skip


def test_an_actor_that_would_rather_have_the_ending_to_avoid_is_named() -> None:
    found = next(line for line in warnings("pain: -2 * (reply", "pain: 0.25 * (reply") if "rather" in line)
    assert found.startswith("crisis.yaml:3:")
    assert "Northland would rather have the ending to avoid: its payoff is" in found


@pytest.mark.parametrize(("payoff", "said"), [("1e12 / 7", False), ("1e6 / 7 + 0.001 * (reply == fight)", True)])
def test_an_actor_for_whom_only_rounding_differs_is_not_said_to_want_an_ending(payoff: str, said: bool) -> None:
    found = warnings("prize * (raid == strike), pain: -2 * (reply == fight)", payoff)
    assert any("would rather have the ending to avoid" in line for line in found) is said


def test_nothing_is_said_of_what_an_actor_wants_that_no_fit_has_estimated() -> None:
    prior = """inputs:
  gain: {is: "normal(0.25, 0.01)", estimate: yes}
  prize: """
    text = SOUND.replace("pain: -2 * (reply", "pain: gain * (reply").replace("inputs: {prize: ", prior)
    unfitted = text.replace("because: test}}", "because: test}")
    fitted = unfitted.replace("estimate: yes}", "estimate: yes, because: fitted to 120 cases}")

    def rather(text: str) -> bool:
        return any("would rather" in fault.message for fault in degenerate(compile_game(crisis_of(text)), DRAWS))

    assert (rather(unfitted), rather(fitted)) == (False, True)


def test_an_actors_payoffs_by_ending_are_those_of_a_closed_form() -> None:
    """North always gains 1 by striking, and 0.25 more in a war: 1.25 there, less elsewhere."""
    text = SOUND.replace('"uniform(0.5, 1.5)"', "1").replace("-2 * (reply", "0.25 * (reply")
    solution = offramp.solve(crisis_of(text))
    war = solution.endings["war"]
    elsewhere = (solution.total("north") - 1.25 * war) / (1.0 - war)
    found = next(fault.message for fault in degenerate(compile_game(crisis_of(text)), 8) if "rather" in fault.message)
    assert f"its payoff is 1.25 on average where the crisis ends in war, and {elsewhere:.2f} where it does not" in found


@pytest.mark.parametrize(("nodes", "draws"), [(6, 64), (15_059, 32), (31_250, 16), (31_251, 0)])
def test_the_larger_the_game_the_fewer_draws_are_solved(nodes: int, draws: int) -> None:
    game = compile_game(crisis_of(SOUND))
    object.__setattr__(game.size, "nodes", nodes)
    assert draws_for(game) == draws


def test_the_check_prints_the_warnings_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(SOUND.replace("because: test", "").replace("pain: -0.5 * (reply", "pain: -9 * (reply"))
    shown = CliRunner().invoke(main, ["check", str(file)])
    assert shown.exit_code == 0, shown.output
    lines = [line for line in shown.output.splitlines() if ": warning:" in line]
    assert "has neither a reason" in lines[0]
    assert "the best option of 'raid' is 'strike'" in lines[1]
    assert "the best option of 'reply' is 'absorb'" in lines[2]
    assert "'fight' is chosen in under 0.50% of cases" in lines[2]
    assert "ending 'war'" in lines[3]


TOGETHER = """\
format: 1
title: Two moves at once
actors: {a: {name: A, rationality: 10}, b: {name: B, rationality: 10}}
timeline:
  - together:
      - {move: m, by: a, options: [h, d]}
      - {move: n, by: b, options: [h2, d2]}
payoffs:
  a: {t: A_WANTS}
  b: {t: B_WANTS}
endings: {both: {if: m == h and n == h2, avoid: yes}, neither: m == d and n == d2, other: otherwise}
"""
MATCH = "1 if (m == h) == (n == h2) else 0"


def come_to_the_same(text: str) -> bool:
    game = compile_game(crisis_of(text))
    return any("come to the same" in fault.message for fault in degenerate(game, DRAWS))


@pytest.mark.parametrize("b_wants", [MATCH, "0 if (m == h) == (n == h2) else 1"])
def test_options_that_only_play_balances_are_not_said_to_come_to_the_same(b_wants: str) -> None:
    """In matching pennies and in coordination, both options come to the same in equilibrium."""
    assert not come_to_the_same(TOGETHER.replace("A_WANTS", MATCH).replace("B_WANTS", b_wants))
    indifferent = TOGETHER.replace("A_WANTS", "1 if n == h2 else 0").replace("B_WANTS", b_wants)
    assert come_to_the_same(indifferent)


def test_options_that_only_odds_balance_are_not_said_to_come_to_the_same() -> None:
    """Whether striking pays depends on what is hidden, half of the time each way."""
    hidden = SOUND.replace("low: 0.4", "low: 0.5").replace("face: -1 * (reply == absorb) * (line == low)", "face: 0")
    hidden = hidden.replace("[south]", "[]").replace("pain: -0.5 * (reply == fight)", "pain: PAIN")
    assert not come_to_the_same(hidden.replace("PAIN", "(reply == fight) * (1 if line == low else -1)"))
    assert come_to_the_same(hidden.replace("PAIN", "1 if line == low else -1"))


@pytest.mark.parametrize(("rationality", "size", "same"), [("1e12", "1e-12", False), ("1", "1e-12", True)])
def test_payoffs_are_the_same_if_choice_sees_no_difference(rationality: str, size: str, same: bool) -> None:
    text = f"""\
format: 1
title: One move
actors: {{a: {{name: A, rationality: {rationality}}}}}
inputs: {{x: {{is: "uniform(-{size}, {size})", because: test}}}}
timeline: [{{move: m, by: a, options: [l, r]}}]
payoffs: {{a: {{t: x * (m == l)}}}}
endings: {{left: m == l, right: otherwise}}
"""
    assert come_to_the_same(text) is same


def test_a_small_difference_of_large_payoffs_is_one_if_choice_sees_it() -> None:
    """Of 1e8, striking gains 0.01 to 0.03, which an actor of ordinary rationality notices."""
    assert come_to_the_same(SOUND.replace("prize * (raid == strike), pain: -2 * (reply == fight)", "1e8"))
    assert not come_to_the_same(
        SOUND.replace("prize * (raid == strike), pain: -2 * (reply == fight)", "1e8 + 0.02 * prize * (raid == strike)")
    )


CHICKEN = TOGETHER.replace(
    "A_WANTS", "(m == h) * (n == d2) - 5 * (m == h) * (n == h2) + x * (m == h)"
).replace("B_WANTS", "(n == h2) * (m == d) - 5 * (m == h) * (n == h2)").replace(
    "timeline:", 'inputs: {x: {is: "uniform(-0.1, 0.1)", because: test}}\ntimeline:'
)  # fmt: skip


def test_what_holds_in_one_of_several_equilibria_is_not_said_of_the_model() -> None:
    """In chicken either side may give way, or both at random; sweeps from equal odds find one of these."""
    assert degenerate(compile_game(crisis_of(CHICKEN)), DRAWS) == ()


def test_what_holds_in_all_equilibria_is_said() -> None:
    mad = CHICKEN.replace("options: [h, d]", "options: [h, d, mad]").replace(
        "x * (m == h)", "x * (m==h) - 9 * (m==mad)"
    )
    (warning,) = degenerate(compile_game(crisis_of(mad)), DRAWS)
    assert warning.message.startswith("of 'm', 'mad' is chosen in under 0.50% of cases in every situation and all 64")


def test_a_single_equilibrium_of_moves_at_once_is_warned_of() -> None:
    eager = CHICKEN.replace("x * (m == h)", "(9 + x) * (m == h)")
    messages = [fault.message for fault in degenerate(compile_game(crisis_of(eager)), DRAWS)]
    assert any(
        message.startswith("the best option of 'm' is 'h' in every situation and all 64") for message in messages
    )
    assert any(message.startswith("ending 'neither' is only") for message in messages)


def test_equilibria_that_sweeps_do_not_settle_on_count_too() -> None:
    """Of the three equilibria of this game, all sweeps settle on the same one; in another, `m` is mostly `h`."""
    text = TOGETHER.replace("h, d]", "h, d, k]").replace("h2, d2]", "h2, d2, k2]").replace("10}", "4}")
    a = [[2.5, -0.2, 2.6], [2.5, 0.4, 1.7], [-1.3, -2.3, 0.6]]
    b = [[-2.7, -0.2, 0.7], [1.6, 2.4, -1.8], [2.2, 0.0, 0.7]]

    def paid(amounts: list[list[float]]) -> str:
        cells = [(one, two, amounts["hdk".index(one)]["hdk".index(two)]) for one in "hdk" for two in "hdk"]
        return " + ".join(f"({amount}) * (m == {one}) * (n == {two}2)" for one, two, amount in cells)

    game = compile_game(crisis_of(text.replace("A_WANTS", paid(a)).replace("B_WANTS", paid(b))))
    several = equilibria(game, 20)
    assert {max(found.solution.choice[:3]) == found.solution.choice[0] for found in several} == {True, False}
    assert not any("the best option of 'm'" in fault.message for fault in degenerate(game, DRAWS))
