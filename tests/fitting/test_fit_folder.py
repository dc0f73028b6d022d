"""`fit.json` keeps a fit whole, and what a stranger may put there is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.fitting.fit_folder import KeptFit, read_fit, write_fit

KEPT = KeptFit(
    title="Deterrence",
    crisis="crisis.yaml",
    crisis_sha256="0" * 64,
    table="cases.csv",
    table_sha256="1" * 64,
    cases=120,
    rows=125,
    time=(1816, 2007),
    parameters=("firm.1", "tie"),
    values=np.array([0.1 + 0.2, -1e-7 / 3.0]),
    covariance=np.array([[0.04, -0.01], [-0.01, 0.09]]),
    errors="clustered",
    priors=("normal(mean=0.0, sd=5.0)", "lognormal(median=1.0, sigma=0.5)"),
    penalty="none",
    log_likelihood=-81.25,
    converged=True,
    remarks=("5 rows are left out.",),
    starts=8,
    seed=1,
    version="0.1.0",
)


def same(one: KeptFit, other: KeptFit) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(KeptFit))


def test_what_is_read_is_what_was_written_bit_for_bit(tmp_path: Path) -> None:
    write_fit(KEPT, tmp_path / "fit")
    read = read_fit(tmp_path / "fit")
    assert same(read, KEPT)
    assert read.values.tobytes() == KEPT.values.tobytes()
    assert read.years == "1816 to 2007"
    assert read.standard_errors is not None
    np.testing.assert_allclose(read.standard_errors, [0.2, 0.3])


def test_a_fit_without_a_covariance_or_a_time_says_so(tmp_path: Path) -> None:
    write_fit(replace(KEPT, covariance=None, time=None), tmp_path / "fit")
    read = read_fit(tmp_path / "fit")
    assert (read.covariance, read.standard_errors, read.time, read.years) == (None, None, None, "")


def test_nothing_is_left_if_a_further_file_cannot_be_written(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise OSError("no space left")

    with pytest.raises(OfframpError, match="no space left"):
        write_fit(KEPT, tmp_path / "fit", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        write_fit(KEPT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def deep(content: dict[str, Any]) -> str:
    return "[" * 200_000


def changed(**values: Any) -> Callable[[dict[str, Any]], str]:
    return lambda content: json.dumps(content | values)


def coefficient(**values: Any) -> Callable[[dict[str, Any]], str]:
    def change(content: dict[str, Any]) -> str:
        first, second = content["coefficients"]
        return json.dumps(content | {"coefficients": [first | values, second]})

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (deep, "nested too deeply"),
        (lambda content: "{", "it is not JSON: line 1, column 2"),
        (lambda content: "[]", "expected a mapping, found a list"),
        (lambda content: " " * 20_000_001, "larger than 20,000,000 bytes"),
        (changed(extra=1), "extra"),
        (changed(format=2), "format 2, of a later version"),
        (changed(cases=0), "cases"),
        (changed(cases=1.5), "cases"),
        (changed(log_likelihood=1e300), "log_likelihood"),
        (lambda content: json.dumps(content).replace("-81.25", "NaN"), "not finite: NaN"),
        (lambda content: json.dumps(content).replace("-81.25", "1e999"), "not finite"),
        (changed(table_sha256="../etc"), "table_sha256"),
        (changed(time=[2007, 1816]), "a later to an earlier"),
        (changed(covariance=[[0.04]]), "2 rows and columns"),
        (changed(covariance=[[0.04, 0.1], [-0.1, 0.09]]), "not symmetric"),
        (changed(covariance=[[0.04, 0.2], [0.2, 0.09]]), "not positive semidefinite"),
        (changed(covariance=[[-0.04, 0.0], [0.0, 0.09]]), "negative variance"),
        (changed(covariance=[[0.0, 1.0], [1.0, 0.0]]), "not positive semidefinite"),
        (coefficient(value=1e81), "coefficients.0.value"),
        (coefficient(name="tie"), "listed twice"),
        (coefficient(name="x" * 201), "coefficients.0.name"),
        (changed(coefficients=[]), "coefficients"),
    ],
)
def test_a_damaged_or_hostile_file_is_refused_in_one_line(
    change: Callable[[dict[str, Any]], str], said: str, tmp_path: Path
) -> None:
    write_fit(KEPT, tmp_path / "fit")
    path = tmp_path / "fit" / "fit.json"
    path.write_text(change(json.loads(path.read_text())))
    with pytest.raises(UsageError) as caught:
        read_fit(tmp_path / "fit")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_fit_says_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="offramp fit FILE --data TABLE --out DIR"):
        read_fit(tmp_path)
