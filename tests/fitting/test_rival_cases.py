"""Two fits are compared only if they record the same of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from offramp.common.errors import UsageError
from offramp.crisis.reading import read_text
from offramp.fitting.fit import fit
from offramp.fitting.fit_finding import Fit
from tests.fitting.deterrence import TEXT, Array, cases_drawn

TABLE = cases_drawn(150)


def fitted(text: str = TEXT, table: Mapping[str, Array] = TABLE, **options: str) -> Fit:
    return fit(read_text(text.encode(), "crisis.yaml"), table, starts=0, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def one() -> Fit:
    return fitted()


def test_the_names_and_the_order_of_records_do_not_matter(one: Fit) -> None:
    turned = TEXT.replace(
        "{quiet: {attack: hold}, gave way: {reply: yield}, war: {reply: resist}}",
        "{war: {ending: war}, gave way: {reply: yield}, quiet: {attack: hold}}",
    )
    assert turned != TEXT
    found = one.against(fitted(turned))
    assert found.log_likelihoods[0] == pytest.approx(found.log_likelihoods[1], abs=1e-9)
    assert [test.favours for test in found.tests] == [None, None]
    assert found.tests[1].ties == 150.0


def _coarse() -> Fit:
    return fitted(TEXT.replace("gave way: {reply: yield}, war: {reply: resist}", "gave way: {attack: strike}, "
                               "war: {attack: strike}"))  # fmt: skip


def _nested() -> Fit:
    return fitted(TEXT.replace("gave way: {reply: yield}", "gave way: {attack: strike}"))


def _reordered() -> Fit:
    order = np.random.default_rng(1).permutation(150)
    return fitted(table={name: column[order] for name, column in TABLE.items()})


def _other_values() -> Fit:
    return fitted(table=TABLE | {"balance": TABLE["balance"] + 1.0})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (_coarse, "tells rows apart in one model that it does not tell apart in the other"),
        (_nested, "so their likelihoods are of different things"),
        (_reordered, "rows in another order"),
        (_other_values, "see 'balance'"),
        (lambda: fitted(penalty="prior"), "the penalty of one is none, of the other prior"),
        (lambda: fitted(table={name: column[:-1] for name, column in TABLE.items()}), "here one has 150 cases of data"),
    ],
)
def test_what_is_not_the_same_record_of_the_same_rows_is_refused(one: Fit, other: Callable[[], Fit], said: str) -> None:
    second = other()
    with pytest.raises(UsageError) as caught:
        one.against(second)
    assert said in str(caught.value)
    with pytest.raises(UsageError):
        second.against(one)
