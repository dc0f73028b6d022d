"""A fit is written into a crisis with where it comes from, and a run of it in memory is the run of what is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.fitting.fit_folder import write_fit
from offramp.fitting.fit_into_crisis import change_of_fit, warnings_of_fit
from tests.fitting.kept_fits import FITTED, RAIDS, kept

SHA = "SHA-256 " + (FITTED.table_sha256 or "")


@pytest.fixture
def crisis(tmp_path: Path) -> Path:
    (tmp_path / "crisis.yaml").write_text(RAIDS, encoding="utf-8")
    return tmp_path / "crisis.yaml"


def test_estimates_get_their_distribution_reason_source_and_correlation_and_nothing_else_changes(crisis: Path) -> None:
    change = change_of_fit(FITTED, crisis)
    change.write()
    because = 'because: "Fitted to 1,412 cases, 1816 to 2001, of raids.csv", cite: "cases ¶1"'
    assert [line for line in crisis.read_text(encoding="utf-8").splitlines() if line not in RAIDS.splitlines()] == [
        '  resolve: {linear: [1, armed], is: {1: "normal(-1.2346, 0.2)", armed: "normal(0.5, 0.1)"}, '
        f"{because}}}  # two coefficients",
        f'  shame: {{is: "lognormal(1.9403, 0.2462)", estimate: yes, {because}}}',
        "correlations:",
        "  - {of: [resolve.1, resolve.armed], rho: -0.6}",
        f'sources: {{book: {{title: A book}}, cases: {{title: "raids.csv, 1,500 rows, {SHA}"}}}}',
    ]
    assert change.inputs == ("resolve", "shame")
    read = offramp.read(crisis)
    assert isinstance(read, Crisis)
    assert read.warnings == ()
    assert (names_of(read).cite("cases"), names_of(read).cite("cases ¶1")) == ("“raids.csv”", "“raids.csv”")
    assert read.inputs["resolve.1"].estimate
    assert read.inputs["shame"].distribution.quantile(np.array([0.5]))[0] == pytest.approx(1.9403)


def test_the_same_fit_again_changes_nothing_and_another_replaces_it(crisis: Path) -> None:
    change_of_fit(FITTED, crisis).write()
    assert change_of_fit(FITTED, crisis).after == change_of_fit(FITTED, crisis).before
    later = kept({"resolve.1": (1.0, 0.2), "resolve.armed": (0.5, 0.1)}, errors="clustered", table_sha256="0" * 64)
    change_of_fit(later, crisis).write()
    text = crisis.read_text(encoding="utf-8")
    assert "correlations: []" in text
    assert "of raids.csv; clustered standard errors" in text
    assert 'cite: "cases-2 ¶1"' in text
    assert "lognormal(1.9403" in text


def test_a_coefficient_that_was_not_estimated_keeps_its_prior(crisis: Path) -> None:
    change_of_fit(kept({"resolve.armed": (0.5, 0.1)}), crisis).write()
    entry = offramp.read(crisis).inputs["resolve.1"]  # type: ignore[union-attr]
    assert str(entry.distribution) == "normal(mean=0, sd=5)"
    text = crisis.read_text(encoding="utf-8")
    assert 'is: {1: "normal(0, 5)", armed: "normal(0.5, 0.1)"}' in text
    assert "of raids.csv: armed; not fitted: 1" in text


@pytest.mark.parametrize(
    ("fit", "said"),
    [
        (kept({"resolv.1": (1.0, 0.2), "shame": (1.0, 0.1)}), "has no input 'resolv.1', which is estimated; did you"),
        (kept({"a": (1.0, 0.2), "b": (1.0, 0.1)}), r"has no input 'a', which is estimated .*; nor 'b'"),
        (replace(FITTED, covariance=None, remarks=("shame grows",)), "has no standard error.*: shame grows"),
        (kept({"shame": (1.0, 0.0)}), "an estimate has no standard error"),
        (kept({"shame": (-1.0, 0.1)}), "the estimate -1 is not inside its bounds, 0 and inf"),
    ],
)
def test_what_cannot_be_written_is_told(crisis: Path, fit: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        change_of_fit(fit, crisis)  # type: ignore[arg-type]
    assert crisis.read_text(encoding="utf-8") == RAIDS


def test_a_correlation_that_stays_and_contradicts_the_fit_is_named(crisis: Path) -> None:
    pairs = "correlations: [{of: [resolve.1, other], rho: 0.7}, {of: [resolve.armed, other], rho: 0.7}]\n"
    crisis.write_text(RAIDS + pairs, encoding="utf-8")
    with pytest.raises(UsageError, match="contradict those of the file"):
        change_of_fit(FITTED, crisis)


def test_in_memory_the_crisis_is_the_one_that_would_be_written(crisis: Path) -> None:
    write_fit(FITTED, crisis.with_name("fit"))
    before = offramp.read(crisis)
    assert isinstance(before, Crisis)
    fitted = offramp.with_fit(before, crisis.with_name("fit"))
    change_of_fit(FITTED, crisis).write()
    assert fitted == offramp.read(crisis)


def test_a_fit_comes_before_levers_and_suppositions(crisis: Path) -> None:
    before = offramp.read(crisis)
    assert isinstance(before, Crisis)
    for moment in (before.now(), before.supposing({"answer": "volley"})):
        with pytest.raises(UsageError, match="before levers are pulled or anything is supposed"):
            offramp.with_fit(moment, crisis.with_name("fit"))
    with pytest.raises(UsageError, match="expected a fit or the folder of one, found Crisis"):
        offramp.with_fit(before, before)  # type: ignore[arg-type]


def test_coefficients_of_another_rationality_or_rule_are_warned_of_with_both_named(crisis: Path) -> None:
    raids = RAIDS.replace("{name: Northland}", "{name: Northland, rationality: 3}")
    crisis.write_text(raids.replace("{name: Southland}", "{name: S, rationality: 1, choice: probit}"), encoding="utf-8")
    alike = {"north": "logit with rationality 3", "south": "probit with rationality 1"}
    assert warnings_of_fit(replace(FITTED, rules=alike), crisis) == ()
    other = replace(FITTED, rules={"north": "logit with rationality 1", "south": "probit with rationality 1"})
    said = (
        "Coefficients belong to the rationality and rule of choice with which they were fitted: in “Raids” "
        "north: logit with rationality 1 and south: probit with rationality 1. In crisis.yaml north: logit with "
        "rationality 3, so the same ones mean other odds."
    )
    assert warnings_of_fit(other, crisis) == (said,)
    write_fit(other, crisis.with_name("fit"))
    before = offramp.read(crisis)
    assert isinstance(before, Crisis)
    assert offramp.with_fit(before, crisis.with_name("fit")).warnings[-1].message == said
