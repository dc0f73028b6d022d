"""Fits for tests, made by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from offramp.fitting.fit_folder import KeptFit

RAIDS = """\
format: 1
title: Raids
actors: {north: {name: Northland}, south: {name: Southland}}
inputs:
  armed: {is: 1, column: armed, because: Seen}
  resolve: {linear: [1, armed], is: "normal(0, 5)", because: A wide prior, cite: book ¶1}  # two coefficients
  shame: {is: "lognormal(1, 0.5)", estimate: yes, because: A prior}
  other: {is: "uniform(0, 1)", because: Ours}
sources: {book: {title: A book}}
timeline:
  - {move: answer, by: north, options: [stand_down, volley]}
  - {move: reply, by: south, if: answer == volley, options: [absorb, all_out]}
payoffs:
  north: {shame: -shame * (answer == stand_down), war: other * resolve * (reply == all_out)}
  south: {war: resolve * (reply == all_out)}
endings: {war: reply == all_out, absorbed: reply == absorb, quiet: otherwise}
cases: {observed: {answered: {0: {answer: stand_down}, 1: {answer: volley}}}, time: year}
"""


def kept(estimates: Mapping[str, tuple[float, float]], rho: float = 0.0, **changes: object) -> KeptFit:
    """A fit with estimates and standard errors by coefficient, the first two of which are correlated."""
    names, count = tuple(estimates), len(estimates)
    values, errors = np.array([*estimates.values()], dtype=float).T
    correlation = np.eye(count)
    if rho:
        correlation[0, 1] = correlation[1, 0] = rho
    fit = KeptFit(
        title="Raids",
        crisis="raids.yaml",
        crisis_sha256=hashlib.sha256(RAIDS.encode()).hexdigest(),
        table="data/raids.csv",
        table_sha256=hashlib.sha256(b"raids").hexdigest(),
        cases=1_412,
        rows=1_500,
        time=(1816, 2001),
        parameters=names,
        values=values,
        covariance=correlation * errors * errors[:, None],
        errors="observed",
        priors=("normal(0, 5)",) * count,
        penalty="none",
        log_likelihood=-812.5,
        converged=True,
        remarks=(),
        starts=8,
        seed=1,
        version="0",
    )
    return replace(fit, **changes)  # type: ignore[arg-type]


FITTED = kept({"resolve.1": (-1.234567, 0.2), "resolve.armed": (0.5, 0.1), "shame": (2.0, 0.5)}, rho=-0.6)
"""A fit of all coefficients of `RAIDS`."""
