"""The table beside the shipped crisis is the one that its README simulates, and every row of it is used."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.fitting.case_table import read_table
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.shipped import CRISES

FOLDER = CRISES / "deterrence-egame"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
((CODE),) = re.findall(r"^```python\n((?:.*\n)*?)```$", README, re.MULTILINE)


def test_the_code_of_the_readme_makes_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(CODE.replace('"crises/deterrence-egame/crisis.yaml"', repr(str(FOLDER / "crisis.yaml"))), {})
    assert Path("cases.csv").read_bytes() == (FOLDER / "cases.csv").read_bytes()


def test_every_row_is_used_and_the_crisis_has_no_warnings() -> None:
    game = compile_game(offramp.read(FOLDER / "crisis.yaml"))
    assert warnings_of(game) == ()
    cases = cases_of(game, read_table(FOLDER / "cases.csv"))
    assert (cases.rows, cases.used_rows, cases.span) == (600, 600, (1946.0, 2005.0))
    coefficients = [name for name, entry in game.crisis.inputs.items() if entry.estimate]
    assert re.findall(r"^    \"(\w+\.\w+)\": ", CODE, re.MULTILINE) == coefficients


def test_the_estimates_are_those_of_the_readme_and_the_true_values_come_back() -> None:
    game = compile_game(offramp.read(FOLDER / "crisis.yaml"))
    found = estimates_of(Likelihood(game, cases_of(game, read_table(FOLDER / "cases.csv"))), starts=0)
    rows = re.findall(r"^\| `(\w+\.\w+)` \| (\S+) \| (\S+) \| (\S+) \|$", README.replace("−", "-"), re.MULTILINE)
    assert [row[0] for row in rows] == list(found.likelihood.parameters)
    true, estimates, errors = np.array([row[1:] for row in rows], dtype=float).T
    assert found.values == pytest.approx(estimates, rel=6e-3)
    assert np.sqrt(np.diag(found.covariance("observed"))) == pytest.approx(errors, rel=6e-3)
    assert (np.abs(estimates - true) <= 2.0 * errors).all()
    written = eval(re.search(r"^coefficients = (\{[^}]*\})", CODE, re.MULTILINE)[1])  # type: ignore[index]
    assert true.tolist() == list(written.values())
    assert f"the log-likelihood is −{-found.log_likelihood:.2f}" in README


def test_the_endings_and_levers_of_the_crisis_at_hand_are_those_of_the_readme() -> None:
    crisis = offramp.read(FOLDER / "crisis.yaml")
    assert isinstance(crisis, Crisis)
    fitted = offramp.with_fit(crisis, offramp.fit(crisis, FOLDER / "cases.csv", starts=0))
    rows = re.findall(r"^\| `(\w+)` \| (\S+) % \| (\S+) to (\S+) % \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == ["war", "gives_way", "quiet"]
    endings = offramp.run(fitted).to_dict()["endings"]
    for name, *written in rows:
        found = [100.0 * endings[name][key] for key in ("mean", "p05", "p95")]
        assert found == pytest.approx([float(number) for number in written], abs=0.051)
    levers = offramp.levers(fitted)
    after = {row["levers"]: 100.0 * row["after"] for row in levers.table("levers").to_dicts()}
    helps = {row["levers"]: 100.0 * row["helps"] for row in levers.table("spread").to_dicts()}
    sentence = r"war goes from (\S+) to (\S+) %, and it falls in (\d+) %\s+of them.* to (\S+) %"
    ((*found,),) = re.findall(sentence, README)
    before, by_guarantee, falls, by_court = map(float, found)
    assert before == pytest.approx(100.0 * levers.before["war"], abs=0.051)
    assert (by_guarantee, by_court) == pytest.approx((after["guarantee"], after["court"]), abs=0.051)
    assert falls == pytest.approx(helps["guarantee"], abs=0.51)
