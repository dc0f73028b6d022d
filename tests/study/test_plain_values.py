"""Promises of findings as plain values: what is read is what was written, and what has another form is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import TypeAliasType

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Measure
from offramp.report.page import page
from offramp.runs.store.manifest import manifest_of
from offramp.study.brief import Brief, brief
from offramp.study.plain_values import as_plain, from_plain
from offramp.study.value_of_information.worth import worth
from offramp.study.value_of_information.worth_finding import Worths
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW

MEASURED = RAID_NOW.replace("levers:", "measures: {dead: {is: 900 * (spiral == war), unit: people}}\nlevers:")


@dataclass(frozen=True, eq=False)
class Everything:
    """All that a field of a finding may be."""

    crisis: Crisis
    measure: Measure | None
    numbers: tuple[float, ...]
    pair: tuple[str | float, int]
    by_two: Mapping[tuple[str, int], bool]
    kind: Literal["one", "two"]
    names: frozenset[str]
    slots: slice
    rows: NDArray[np.float64]
    nothing: str | None = None


def everything() -> Everything:
    crisis = crisis_of(MEASURED)
    return Everything(
        crisis,
        crisis.measures[0],
        (0.1, 5e-324, float("inf"), float("-inf"), float("nan"), -0.0),
        ("ü\u2028", 7),
        {("b", 2): True, ("a", 1): False},
        "two",
        frozenset("ab"),
        slice(3, 5),
        np.array([[1.0, np.nan], [np.inf, 1 / 3]]),
    )


def through_json(value: Any, kind: Any, crisis: Crisis) -> Any:
    return from_plain(json.loads(json.dumps(as_plain(value, kind), allow_nan=False)), kind, crisis)


def test_what_is_read_is_what_was_written() -> None:
    value = everything()
    found = through_json(value, Everything, value.crisis)
    assert found.crisis is value.crisis
    assert found.measure is value.measure
    assert list(map(repr, found.numbers)) == list(map(repr, value.numbers))
    assert list(found.by_two.items()) == list(value.by_two.items())
    assert found.rows.tobytes() == value.rows.tobytes()
    assert found.rows.shape == value.rows.shape
    for name in ("pair", "kind", "names", "slots", "nothing"):
        assert getattr(found, name) == getattr(value, name)


@pytest.mark.parametrize("supposed", [False, True], ids=["from the outset", "as of now"])
def test_a_report_of_findings_that_were_read_is_that_of_the_findings_to_the_byte(supposed: bool) -> None:
    crisis = crisis_of(MEASURED)
    run = offramp.run(crisis.now() if supposed else crisis, draws=256, seed=1)
    manifest, found = manifest_of(run.crisis, run.game, draws=256, seed=1), brief(run)
    assert found.weights
    assert found.levers
    assert (found.update is None) == supposed
    assert page(run, manifest, through_json(found, Brief, run.crisis)) == page(run, manifest, found)
    valued = worth(run, draws=256)
    assert through_json(valued, Worths, run.crisis).to_dict() == valued.to_dict()


@pytest.mark.parametrize(
    ("field", "planted"),
    [
        (1, [0, "no such measure"]),
        (1, [9, "dead"]),
        (2, "0.1"),
        (2, [True]),
        (2, [["1e400"]]),
        (2, [None]),
        (3, [[0, "a"]]),
        (3, [[0, "a"], 7.5]),
        (4, [[["a"], True]]),
        (4, {"a": True}),
        (5, "three"),
        (6, [["a"]]),
        (7, [0]),
        (7, [0, None]),
        (8, ["|O", [1], [1]]),
        (8, ["<f8", [3], [1.0]]),
        (8, ["<f8", [10**12], [1.0]]),
        (8, ["<f8", [1], ["x"]]),
        (9, None),
    ],
)
def test_what_has_another_form_is_refused(field: int, planted: Any) -> None:
    value = everything()
    plain = as_plain(value, Everything)
    for wrong in ([*plain[:field], planted, *plain[field + 1 :]], plain[:-1], None, {}, [None] * len(plain)):
        with pytest.raises(ValueError, match="it is not of the form of Everything"):
            from_plain(wrong, Everything, value.crisis)


def test_a_type_that_is_not_written_is_a_mistake_of_the_program() -> None:
    @dataclass(frozen=True)
    class Strange:
        value: object

    with pytest.raises(TypeError, match="object"):
        as_plain(Strange(1), Strange)


def test_an_array_is_written_also_where_its_type_is_an_alias_as_from_numpy_2_5_on() -> None:
    number = TypeVar("number", bound=np.generic)
    alias = TypeAliasType("alias", np.ndarray[tuple[Any, ...], np.dtype[number]], type_params=(number,))
    written = as_plain(np.array([[1.5, 2.0]]), alias[np.float64])
    assert written == ["<f8", [1, 2], [1.5, 2.0]]
    assert from_plain(written, alias[np.float64]).tolist() == [[1.5, 2.0]]
