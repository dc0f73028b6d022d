"""The folder of a fit: `fit.json`, which holds what later uses of the estimates need, written whole or not at all.

A folder may come from a stranger: `read_fit` bounds sizes, depth and every number, and checks the covariance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.runs.store.json_shapes import Count, Digest, JsonShape, Seed, Word, checked, read_small
from offramp.runs.store.whole_files import check_free, clear_errors, whole_folder

Array = NDArray[np.float64]

NAME = "fit.json"
FORMAT = 1
"""A later version that writes other files raises it."""
MAX_BYTES = 20_000_000
MOST_PARAMETERS = 500
LARGEST = 1e80
"""The largest number of a fit: a variance of coefficients of columns as small as `cases.LARGEST` allows."""
LATEST = 100_000
"""The largest size of a year."""
ROUNDING = 1e-9
"""How far an eigenvalue of the correlations may lie below 0, by rounding."""

ErrorKind = Literal["observed", "sandwich", "clustered", "bootstrap", "posterior"]
"""How the covariance was estimated."""
PriorUse = Literal["none", "prior", "cauchy", "log-f"]
"""What was added to the log-likelihood."""
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=-LATEST, le=LATEST)]
Row = Annotated[list[Number], Field(max_length=MOST_PARAMETERS)]


@dataclass(frozen=True, eq=False)
class KeptFit:
    """What a fit leaves for later use.

    `values`: (parameters,), in the file's scale. `covariance`: (parameters, parameters), None if some coefficient has
    none, because the cases do not identify it. `priors`: each coefficient's distribution in the crisis, as text.
    `cases`: how many were fitted, of `rows` in the table. `time`: the first and last of the column `cases.time`.
    `rules`: how each actor of the crisis chooses, in words, by its key.
    """

    title: str
    crisis: str
    crisis_sha256: str
    table: str
    table_sha256: str | None
    cases: int
    rows: int
    time: tuple[int, int] | None
    parameters: tuple[str, ...]
    values: Array
    covariance: Array | None
    errors: ErrorKind
    priors: tuple[str, ...]
    penalty: PriorUse
    log_likelihood: float
    converged: bool
    remarks: tuple[str, ...]
    starts: int
    seed: int
    version: str
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def standard_errors(self) -> Array | None:
        """(parameters,), or None if there is no covariance."""
        return None if self.covariance is None else np.sqrt(np.diag(self.covariance))

    @property
    def years(self) -> str:
        """The time of the cases in words: `1816 to 2007`; empty if the crisis names no column of time."""
        if self.time is None:
            return ""
        first, last = self.time
        return str(first) if first == last else f"{first} to {last}"


class _Coefficient(JsonShape):
    name: Name
    value: Number
    prior: Word


class FitShape(JsonShape):
    """The schema of `fit.json`; see `KeptFit`."""

    format: Literal[1]
    title: Word
    crisis: Word
    crisis_sha256: Digest
    table: Word
    table_sha256: Digest | None
    cases: Annotated[int, Field(ge=1, le=2**53)]
    rows: Count
    time: Annotated[list[Year], Field(min_length=2, max_length=2)] | None
    coefficients: Annotated[list[_Coefficient], Field(min_length=1, max_length=MOST_PARAMETERS)]
    covariance: Annotated[list[Row], Field(max_length=MOST_PARAMETERS)] | None
    errors: ErrorKind
    penalty: PriorUse
    log_likelihood: Number
    converged: bool
    remarks: Annotated[list[Word], Field(max_length=1_000)]
    starts: Annotated[int, Field(ge=0, le=10_000)]
    seed: Seed
    version: Annotated[str, Field(max_length=100)]
    rules: Annotated[dict[Name, Word], Field(max_length=MOST_PARAMETERS)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> FitShape:
        names = [coefficient.name for coefficient in self.coefficients]
        if len({*names}) < len(names):
            raise ValueError("a coefficient is listed twice")
        if self.time is not None and self.time[0] > self.time[1]:
            raise ValueError("time runs from a later to an earlier one")
        if self.covariance is not None and (fault := _covariance_fault(self.covariance, len(names))):
            raise ValueError(fault)
        return self


def _covariance_fault(rows: list[list[float]], size: int) -> str | None:
    """Why a matrix is no covariance of so many coefficients; None if it is one."""
    if len(rows) != size or any(len(row) != size for row in rows):
        return f"the covariance must have {size} rows and columns"
    matrix = np.array(rows)
    variance = np.diag(matrix)
    if (variance < 0.0).any():
        return "the covariance has a negative variance"
    scale = np.sqrt(variance)
    scale = np.where(scale > 0.0, scale, 1.0)
    with np.errstate(all="ignore"):
        correlations = matrix / scale / scale[:, None]
    if not np.allclose(correlations, correlations.T, rtol=0.0, atol=ROUNDING):
        return "the covariance is not symmetric"
    if not np.isfinite(correlations).all() or np.linalg.eigvalsh(correlations)[0] < -ROUNDING * size:
        return "the covariance is not positive semidefinite"
    return None


def write_fit(kept: KeptFit, folder: Path, more: Callable[[Path], None] | None = None) -> None:
    """Write a fit into a new folder: all or nothing; `more` writes further files into it.

    Raises
    ------
    UsageError
        If the folder exists and is not empty.
    OfframpError
        If it cannot be written.
    """
    check_free(folder, "--out")
    with clear_errors(folder), whole_folder(folder) as partial:
        (partial / NAME).write_bytes(_as_bytes(kept))
        if more is not None:
            more(partial)


def _as_bytes(kept: KeptFit) -> bytes:
    coefficients = [
        {"name": name, "value": value, "prior": prior}
        for name, value, prior in zip(kept.parameters, kept.values.tolist(), kept.priors, strict=True)
    ]
    content = {
        "format": FORMAT,
        "title": kept.title,
        "crisis": kept.crisis,
        "crisis_sha256": kept.crisis_sha256,
        "table": kept.table,
        "table_sha256": kept.table_sha256,
        "cases": kept.cases,
        "rows": kept.rows,
        "time": None if kept.time is None else list(kept.time),
        "coefficients": coefficients,
        "covariance": None if kept.covariance is None else kept.covariance.tolist(),
        "errors": kept.errors,
        "penalty": kept.penalty,
        "log_likelihood": kept.log_likelihood,
        "converged": kept.converged,
        "remarks": list(kept.remarks),
        "starts": kept.starts,
        "seed": kept.seed,
        "version": kept.version,
        "rules": dict(kept.rules),
    }
    return (printable(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)) + "\n").encode("utf-8")


def read_fit(folder: str | Path) -> KeptFit:
    """Read the fit that `offramp fit --out` has written.

    Raises
    ------
    UsageError
        If the folder holds no fit, or its file does not match the schema.
    """
    path = Path(folder) / NAME
    if not path.is_file():
        raise UsageError(f"{folder} is no fit: it has no {NAME}; `offramp fit FILE --data TABLE --out DIR` writes one")
    try:
        content = read_small(path, MAX_BYTES)
        found = content.get("format") if isinstance(content, dict) else None
        if isinstance(found, int) and not isinstance(found, bool) and found > FORMAT:
            raise UsageError(f"{path} has format {found}, of a later version of Offramp; this version reads {FORMAT}")
        shape = checked(FitShape, content)
    except ValueError as error:
        raise UsageError(f"{path} is not the file of a fit: {error}") from None
    return KeptFit(
        title=shape.title,
        crisis=shape.crisis,
        crisis_sha256=shape.crisis_sha256,
        table=shape.table,
        table_sha256=shape.table_sha256,
        cases=shape.cases,
        rows=shape.rows,
        time=None if shape.time is None else (shape.time[0], shape.time[1]),
        parameters=tuple(coefficient.name for coefficient in shape.coefficients),
        values=np.array([coefficient.value for coefficient in shape.coefficients]),
        covariance=None if shape.covariance is None else np.array(shape.covariance),
        errors=shape.errors,
        priors=tuple(coefficient.prior for coefficient in shape.coefficients),
        penalty=shape.penalty,
        log_likelihood=shape.log_likelihood,
        converged=shape.converged,
        remarks=tuple(shape.remarks),
        starts=shape.starts,
        seed=shape.seed,
        version=shape.version,
        rules=shape.rules,
    )
