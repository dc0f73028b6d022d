"""A base rate that counts the Militarized Interstate Disputes is the count: it is counted again from the data set."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable

import pytest
import yaml

from tests.reference_data import DATA, needs_data
from tests.shipped import CRISES

DISPUTES = DATA / "mid_escalation_dyads_1816_2014.csv"
Row = dict[str, int]
"""One originator dyad: side 1 began the dispute."""
COLUMNS = ["dispnum", "ccode1", "ccode2", "styear", "outcome", "settle", "hostlev", "hostlev1", "rivalry"]
COLUMNS += ["major1", "major2", "war"]
KARGIL, TURKEY, RUSSIA = 4007, 640, 365
WESTERN, EASTERN = {2, 200, 220}, {RUSSIA, 710}
GREAT = {200, 220, 255, 300, 325, RUSSIA}
YIELDED = {1, 4}
"""Outcomes of a dispute in which the side that was attacked loses or gives way."""
NEGOTIATED = 1
FORCE = 4


def disputes() -> list[Row]:
    with DISPUTES.open(encoding="utf-8", newline="") as lines:
        return [{column: int(float(row[column])) for column in COLUMNS} for row in csv.DictReader(lines)]


def count(rows: Iterable[Row], holds: Callable[[Row], bool]) -> int:
    """The number of disputes, not of dyads, for which it holds."""
    return len({row["dispnum"] for row in rows if holds(row)})


def stated(name: str) -> dict[str, object]:
    rate = yaml.safe_load((CRISES / name / "outcome.yaml").read_text(encoding="utf-8"))["base_rate"]
    return {**rate["endings"], "of": rate["of"]}


@needs_data
def test_the_base_rate_of_july_1914_is_counted() -> None:
    begun = [
        row
        for row in disputes()
        if 1871 <= row["styear"] <= 1913
        and row["ccode1"] in GREAT
        and row["major1"]
        and not row["major2"]
        and (200 <= row["ccode2"] <= 395 or row["ccode2"] == TURKEY)
    ]
    wars = count(begun, lambda row: row["war"] == 1)
    gave_way = count(begun, lambda row: row["war"] == 0 and row["outcome"] in YIELDED)
    total = count(begun, lambda row: True)
    assert (total, wars, gave_way) == (21, 2, 12)
    rate, of = stated("july-1914"), total + 4
    assert rate["general_war"] == pytest.approx(1 / of)
    assert rate["local_war"] == pytest.approx((wars + 1) / of)
    assert rate["submission"] == pytest.approx((gave_way + 1) / of)
    assert rate["settlement"] == pytest.approx((total - wars - gave_way + 1) / of)
    assert "21 disputes, of which 2 wars" in " ".join(str(rate["of"]).split())


@needs_data
def test_the_base_rate_of_cuba_1962_is_counted() -> None:
    between = [
        row
        for row in disputes()
        if 1946 <= row["styear"] <= 1961
        and row["major1"]
        and row["major2"]
        and len({row["ccode1"], row["ccode2"]} & WESTERN) == len({row["ccode1"], row["ccode2"]} & EASTERN) == 1
    ]
    total = count(between, lambda row: True)
    assert total == 23
    assert count(between, lambda row: row["war"] == 1 or row["outcome"] in {1, 2, 3, 4}) == 0
    rate = stated("cuba-1962")
    for ending in ("war", "struck", "traded", "pledged"):
        assert rate[ending] == pytest.approx(1 / (total + 5), abs=0.0005)
    assert rate["stays"] == pytest.approx((total + 1) / (total + 5), abs=0.0015)


@needs_data
def test_the_base_rate_of_kargil_1999_is_counted() -> None:
    before = [
        row
        for row in disputes()
        if {row["ccode1"], row["ccode2"]} == {750, 770}
        and row["styear"] < 1999
        and row["hostlev"] >= FORCE
        and row["dispnum"] != KARGIL
    ]
    total, wars = count(before, lambda row: True), count(before, lambda row: row["war"] == 1)
    negotiated = count(before, lambda row: row["war"] == 0 and row["settle"] == NEGOTIATED)
    assert (total, wars, negotiated) == (27, 3, 6)
    rate = stated("kargil-1999")
    assert rate["war"] == pytest.approx(wars / total, abs=0.005)
    assert rate["brokered"] == pytest.approx(negotiated / total, abs=0.005)


@needs_data
def test_the_base_rate_of_tehran_2024_is_counted() -> None:
    rivals = [row for row in disputes() if row["styear"] >= 1946 and row["rivalry"] and row["hostlev1"] >= FORCE]
    wars = sum(row["war"] for row in rivals)
    assert (len(rivals), wars) == (516, 27)
    assert stated("tehran-2024")["war"] == pytest.approx(wars / len(rivals), abs=0.005)


def test_what_a_base_rate_does_not_count_is_said_to_be_ours() -> None:
    wholly_counted = {"july-1914", "cuba-1962"}
    for file in sorted(CRISES.glob("*/outcome.yaml")):
        if file.parent.name not in wholly_counted:
            assert re.search(r"\bours\b", str(stated(file.parent.name)["of"]), re.IGNORECASE), file
