"""Inputs that are columns, coefficients and sums of them, and what recorded cases say of play."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest

import offramp
from offramp.crisis.expressions.exact import exact
from offramp.crisis.expressions.expression import Linear, evaluate
from offramp.crisis.expressions.rounding import size
from offramp.crisis.faults import CrisisError
from offramp.crisis.recorded_cases import CaseRecord
from tests.crises import crisis_of
from tests.crisis.recorded import RECORDED

CRISIS = crisis_of(RECORDED)
SUM = Linear("s", ("s.1", "s.a"), (None, "a"))
WRITTEN_OUT = (
    RECORDED.replace("exp(resolve / 4)", "exp((r1 + rb * balance + rf * full + rm * mixed) / 4)")
    .replace("(resolve + regime.full - (mood", "(r1 + rb * balance + rf * full + rm * mixed + full - (mood")
    .replace("pays: hope * ", "pays: (hb * balance + hf * full) * ")
    .partition("cases:")[0]
)
"""The same crisis with every sum as arithmetic over inputs of other names."""
PLAIN = """\
  balance: {is: 0.2}
  full: {is: 0}
  mixed: {is: 1}
  r1: {is: "normal(0, 5)"}
  rb: {is: "normal(0, 5)"}
  rf: {is: "normal(0, 5)"}
  rm: {is: "normal(0, 5)"}
  hb: {is: "normal(1, 2)"}
  hf: {is: "normal(0, 1)"}
  shame: {is: "lognormal(1, 0.5)"}
correlations:
  - {of: [r1, hb], rho: 0.4}
  - {of: [rf, south.rationality], rho: -0.2}
timeline:
"""


def written_out() -> str:
    """The text of the crisis whose sums are written out."""
    head, _, rest = WRITTEN_OUT.partition("inputs:\n")
    timeline = rest.partition("timeline:\n")[2].replace("resolve.1: resolve.1 + 1", "r1: r1 + 1")
    return f"{head}inputs:\n{PLAIN}{timeline}"


def test_an_entry_makes_an_input_of_each_level_and_each_coefficient_in_the_order_of_the_file() -> None:
    assert list(CRISIS.inputs) == [
        "balance",
        "regime.full",
        "regime.mixed",
        "resolve.1",
        "resolve.balance",
        "resolve.regime.full",
        "resolve.regime.mixed",
        "hope.balance",
        "hope.regime.full",
        "shame",
        "south.rationality",
    ]
    estimates = {key: entry.of_sum for key, entry in CRISIS.inputs.items() if entry.estimate}
    assert estimates == dict.fromkeys(list(CRISIS.inputs)[3:7], "resolve") | {
        "hope.balance": "hope",
        "hope.regime.full": "hope",
        "shame": None,
    }
    columns = {key: entry.column for key, entry in CRISIS.inputs.items() if entry.column is not None}
    assert {key: (column.expression.text, column.level) for key, column in columns.items()} == {
        "balance": ("log(troops1 / troops2)", None),
        "regime.full": ("regime1", "full"),
        "regime.mixed": ("regime1", "mixed"),
    }
    assert columns["balance"].expression.names == {"troops1", "troops2"}


def test_the_level_of_this_crisis_is_1_and_any_other_word_is_the_base() -> None:
    def levels(word: str) -> list[float]:
        inputs = crisis_of(RECORDED.replace("is: mixed,", f"is: {word},")).inputs
        return [inputs[f"regime.{level}"].distribution.parameters["value"] for level in ("full", "mixed")]

    assert (levels("mixed"), levels("full"), levels("none_of_them")) == ([0, 1], [1, 0], [0, 0])


def test_a_word_that_looks_like_a_level_is_pointed_out() -> None:
    def warnings(word: str) -> list[str]:
        return [fault.message for fault in crisis_of(RECORDED.replace("is: mixed,", f"is: {word},")).warnings]

    assert warnings("mixd") == ["'mixd' is no level of 'regime', so that all its levels are 0; did you mean 'mixed'?"]
    assert warnings("autocracy") == warnings("full") == []


def test_a_sum_names_its_coefficients_and_columns_and_a_column_of_text_stands_for_all_its_levels() -> None:
    assert CRISIS.sums["resolve"] == Linear(
        "resolve",
        ("resolve.1", "resolve.balance", "resolve.regime.full", "resolve.regime.mixed"),
        (None, "balance", "regime.full", "regime.mixed"),
    )
    assert CRISIS.sums["hope"] == Linear("hope", ("hope.balance", "hope.regime.full"), ("balance", "regime.full"))
    war = CRISIS.terms[1].pays
    assert war.names == {
        "reply",
        "mood",
        *CRISIS.sums["resolve"].coefficients,
        "balance",
        "regime.full",
        "regime.mixed",
    }


def test_readers_see_a_coefficient_as_the_effect_of_its_column() -> None:
    names = [CRISIS.inputs[key].name for key in ("resolve.1", "resolve.balance", "resolve.regime.full", "regime.mixed")]
    effects = ["the effect of balance on its resolve", "the effect of Northland's regime: full on its resolve"]
    assert names == ["the constant of its resolve", *effects, "Northland's regime: mixed"]


def test_a_sum_is_the_sum_of_coefficients_times_columns_or_the_value_that_its_own_name_has() -> None:
    values = {"s.1": np.array([1.0, 2.0]), "s.a": np.array([0.5, 4.0]), "a": np.array([-3.0, 0.25])}
    assert evaluate(SUM, values).tolist() == [-0.5, 3.0]
    assert size(SUM, values).tolist() == [2.5, 3.0]
    given = {**values, "s": np.array([7.0, -8.0])}
    assert evaluate(SUM, given).tolist() == [7.0, -8.0]
    assert size(SUM, given).tolist() == [7.0, 8.0]


def test_a_sum_is_exact_where_numbers_are_the_decimals_that_are_written() -> None:
    inputs = {"s.1": 0.1, "s.a": 0.3, "a": 0.7}
    assert exact(SUM, {}, inputs) == Fraction(31, 100)
    assert exact(SUM, {}, {**inputs, "s": 0.2}) == Fraction(1, 5)


def test_records_have_steps_by_round_with_their_values_and_endings() -> None:
    cases = CRISIS.cases
    assert cases is not None
    assert cases.observed == {
        "first": {
            "0": CaseRecord({("answer", 1): ("wait",)}, None),
            "1": CaseRecord({("answer", 1): ("volley",)}, None),
        },
        "outcome": {
            "war": CaseRecord({}, ("war",)),
            "no war": CaseRecord({}, ("absorbed", "quiet")),
            "unclear": CaseRecord({}, None),
        },
        "last": {"silent": CaseRecord({("reply", 2): ("absorb", "skipped")}, None)},
    }
    assert (cases.counts, cases.cluster, cases.time, cases.count) == ({}, "dyad", "year", "times")
    assert (cases.place.line, cases.place.column) == (RECORDED[: RECORDED.index("cases:")].count("\n") + 1, 1)


def test_counts_have_a_record_for_each_column() -> None:
    text = RECORDED.partition("cases:")[0] + "cases: {counts: {wars: {ending: war}, silent: {answer@1: wait}}}\n"
    cases = crisis_of(text).cases
    assert cases is not None
    assert cases.counts == {"wars": CaseRecord({}, ("war",)), "silent": CaseRecord({("answer", 1): ("wait",)}, None)}
    assert cases.observed == {}


def test_actors_choose_by_the_rule_that_the_file_says_and_by_logit_if_it_says_none() -> None:
    assert [actor.choice for actor in CRISIS.actors.values()] == ["probit", "private"]
    assert crisis_of(RECORDED.replace("choice: probit, ", "")).actors["north"].choice == "logit"


def logit(text: str) -> str:
    """The text with logit responses for all actors."""
    return text.replace("choice: probit, ", "").replace("choice: private, ", "")


LOGIT = logit(RECORDED)


def test_play_is_that_of_the_crisis_whose_sums_are_written_out_also_with_levers_and_given_inputs() -> None:
    sums = crisis_of(LOGIT)
    plain = crisis_of(logit(written_out()))
    for levers, given in (
        ((), {"r1": 0.5, "rb": -1, "rf": 0.3, "rm": 0.2, "hb": 2, "hf": 1}),
        (("rally",), {"r1": -0.5, "rb": 4, "full": 1, "rf": 2, "balance": 1.5}),
    ):
        keys = {"r1": "resolve.1", "rb": "resolve.balance", "rf": "resolve.regime.full", "rm": "resolve.regime.mixed"}
        keys |= {"hb": "hope.balance", "hf": "hope.regime.full", "full": "regime.full"}
        one = offramp.solve(plain.with_levers(*levers), given=given)
        other = offramp.solve(
            sums.with_levers(*levers), given={keys.get(key, key): value for key, value in given.items()}
        )
        assert other.endings == pytest.approx(one.endings, abs=1e-9)


def test_a_run_draws_coefficients_from_their_priors_with_their_correlations() -> None:
    run = offramp.run(crisis_of(LOGIT), draws=1024, seed=3)
    plain = offramp.run(crisis_of(logit(written_out())), draws=1024, seed=3)
    columns = {
        "r1": "resolve.1",
        "hb": "hope.balance",
        "hf": "hope.regime.full",
        "south.rationality": "south.rationality",
    }
    for old, new in columns.items():
        np.testing.assert_array_equal(run.inputs[new], plain.inputs[old])
    assert np.corrcoef(run.inputs["resolve.1"], run.inputs["hope.balance"])[0, 1] == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "resolve",
            "'resolve' is a sum of coefficients times columns, and no input of its own; its inputs: resolve.1, ",
        ),
        ("regime", "'regime' is a column of text, whose levels are inputs, each 1 or 0: regime.full and regime.mixed"),
        ("resolve.balanc", "unknown input 'resolve.balanc'; did you mean 'resolve.balance'?"),
    ],
)
def test_setting_what_is_no_input_says_what_it_is_and_names_its_inputs(name: str, said: str) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        offramp.solve(crisis_of(LOGIT), given={name: 1.0})
    assert str(caught.value).startswith(said)


def columns(count: int) -> str:
    """A crisis with many columns, all of them in one sum."""
    inputs = "".join(f"  c{k}: {{is: 0.5, column: x{k}}}\n" for k in range(count))
    total = ", ".join(f"c{k}" for k in range(count))
    linear = f'  total: {{linear: [{total}], is: "normal(0, 0.1)"}}\n'
    payoff = RECORDED.replace("pays: hope *", "pays: total *")
    return payoff.replace("inputs:\n", f"inputs:\n{inputs}{linear}")


def test_a_sum_of_two_thousand_columns_is_read_and_solved_at_once() -> None:
    text = logit(columns(2_000))
    offramp.solve(crisis_of(LOGIT))
    began = time.process_time()
    assert offramp.solve(crisis_of(text)).converged
    assert time.process_time() - began < 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (columns(2_001), "expected at most 2,000 in 'linear', found 2,001"),
        (
            RECORDED.replace(
                "inputs:\n",
                "inputs:\n  word: {is: a0, column: w, levels: ["
                + ", ".join(f"a{k}" for k in range(1_000))
                + "]}\n"
                + "".join(f'  s{k}: {{linear: [word], is: "normal(0, 1)"}}\n' for k in range(6)),
            ),
            "more than 5,000 coefficients in one file",
        ),
        (
            RECORDED.replace(
                "cases:\n  observed:\n",
                "cases:\n  observed:\n" + "".join(f"    o{k}: {{1: {{}}}}\n" for k in range(100)),
            ),
            "expected at most 100 in 'observed', found 103",
        ),
        (
            RECORDED.replace("{silent: ", "{" + "".join(f"v{k}: {{}}, " for k in range(1_000)) + "silent: "),
            "expected at most 1,000 in 'last', found 1,001",
        ),
    ],
)
def test_what_is_too_many_is_refused(text: str, said: str) -> None:
    with pytest.raises(CrisisError) as caught:
        crisis_of(text)
    assert said in [fault.message for fault in caught.value.faults]
