"""Two models of the same cases against each other: the tests of Vuong and of Clarke."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import p_in_words, quantity
from offramp.common.texts import tr, trn
from offramp.study.finding import Column, Finding, Table

Array = NDArray[np.float64]

LEVEL = 0.05
"""A test decides for a model if its p-value is below this."""
TIE = 1e-10
"""A case is for neither model if its log-probabilities, once corrected, differ by no more."""


@dataclass(frozen=True)
class NonnestedTest:
    """A test of two models that are not nested: its statistic, and the p-value of the hypothesis that both are equal.

    `first`: whether the cases are more for the first model than for the second, clearly or not. `ties`: how many cases
    do not count, because they are for neither.
    """

    name: str
    statistic: float
    p: float
    first: bool
    ties: float = 0.0

    @property
    def favours(self) -> int | None:
        """The number of the model that it favours at the level `LEVEL`, 1 or 2; None if it does not decide."""
        return (1 if self.first else 2) if self.p < LEVEL else None


def vuong(first: Array, second: Array, weight: Array, parameters: tuple[int, int]) -> NonnestedTest:
    """Vuong's test (1989, *Econometrica* 57, equation 5.6) of two models that are not nested.

    Parameters
    ----------
    first, second
        The log-probability of what each case records in each model: (cases,).
    weight
        How often each case counts: (cases,).
    parameters
        The number of parameters of each. The sum of the differences is corrected by (p - q) log(n) / 2.
    """
    from scipy.special import ndtr

    count = weight.sum()
    differences = first - second
    correction = (parameters[0] - parameters[1]) * math.log(count) / 2.0
    total = float(weight @ differences)
    variance = float(weight @ (differences - total / count) ** 2) / count
    if variance <= 0.0:
        return NonnestedTest("Vuong", 0.0, 1.0, True)
    statistic = (total - correction) / math.sqrt(count * variance)
    return NonnestedTest("Vuong", statistic, 2.0 * float(ndtr(-abs(statistic))), statistic > 0.0)


def clarke(first: Array, second: Array, weight: Array, parameters: tuple[int, int]) -> NonnestedTest:
    """Clarke's paired sign test (2007, *Political Analysis* 15) of two models that are not nested; as `vuong`.

    The statistic counts the cases that the first model makes likelier, each corrected by (p - q) log(n) / 2n. A tie is
    dropped, as in every sign test (Conover 1999, *Practical Nonparametric Statistics*, section 3.4).
    """
    from scipy.special import bdtr

    count = float(weight.sum())
    correction = (parameters[0] - parameters[1]) * math.log(count) / (2.0 * count)
    lead = first - second - correction
    better, worse = (float(weight @ (side * lead > TIE)) for side in (1.0, -1.0))
    p = min(1.0, 2.0 * float(bdtr(min(better, worse), int(better + worse), 0.5)))
    return NonnestedTest("Clarke", better, p, better > worse, count - better - worse)


def model_names(first: str, second: str) -> tuple[str, str]:
    """The titles of two models, by which a reader tells them apart; by their order if both have the same."""
    return (first, second) if first != second else (tr("the first model"), tr("the second model"))


@dataclass(frozen=True, repr=False)
class RivalFits(Finding):
    """Which of two fitted models the cases favour."""

    titles: tuple[str, str]
    log_likelihoods: tuple[float, float]
    parameters: tuple[int, int]
    cases: int
    tests: tuple[NonnestedTest, ...]

    @property
    def title(self) -> str:
        first, second = self.titles
        return tr("Which model do the cases favour: {first}, or {second}?", first=first, second=second)

    @property
    def basis(self) -> str:
        return trn("{count} case", "{count} cases", self.cases)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentence(test) for test in self.tests)

    def _sentence(self, test: NonnestedTest) -> str:
        said = f"z = {quantity(test.statistic)}"
        if test.name != "Vuong":
            counted = {"some": f"{test.statistic:,.0f}", "cases": f"{self.cases - test.ties:,.0f}"}
            if test.ties:
                said = tr(
                    "the first model makes {some} of {cases} cases likelier, and {ties} are as likely in both and do "
                    "not count",
                    ties=f"{test.ties:,.0f}", **counted,
                )  # fmt: skip
            else:
                said = tr("the first model makes {some} of {cases} cases likelier", **counted)
        values = {"test": test.name, "statistic": said, "p": p_in_words(test.p)}
        if test.favours is None:
            return tr("{test}'s test does not decide between them ({statistic}, {p}).", **values)
        model = self.titles[test.favours - 1]
        return tr("{test}'s test favours {model} ({statistic}, {p}).", model=model, **values)

    @property
    def tables(self) -> tuple[Table, ...]:
        tests = Table(
            "tests",
            tr("Tests that both models are equally close to the truth"),
            (
                Column("test", tr("test")),
                Column("statistic", tr("statistic"), "number"),
                Column("p", "p", "number"),
                Column("favours", tr("favours")),
            ),
            tuple(
                (test.name, test.statistic, test.p, None if test.favours is None else self.titles[test.favours - 1])
                for test in self.tests
            ),
        )
        models = Table(
            "models",
            tr("The two models"),
            (
                Column("model", tr("model")),
                Column("parameters", tr("coefficients"), "count"),
                Column("log_likelihood", tr("log-likelihood"), "amount"),
            ),
            tuple(zip(self.titles, self.parameters, self.log_likelihoods, strict=True)),
        )
        return tests, models

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            tr(
                "Both tests are corrected for the number of coefficients, as the Bayesian information criterion is. "
                "They are for models of which neither is a special case of the other; for nested models compare 2 × "
                "the difference of the log-likelihoods with χ²."
            ),
        )
