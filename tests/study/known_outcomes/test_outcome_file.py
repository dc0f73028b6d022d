"""An outcome file is read whole, and every mistake in it has its place, what was expected and the nearest word."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError
from offramp.crisis.reading import read
from offramp.study.known_outcomes.crisis_folder import crisis_folder
from offramp.study.known_outcomes.outcome_file import KnownOutcome, read_outcome
from tests.study.known_outcomes.coins import FIRST, OPEN, WON, coin_folder


def outcome_of(tmp_path: Path, text: str) -> KnownOutcome:
    folder = coin_folder(tmp_path / "coin", text)
    return read_outcome(folder / "outcome.yaml", read(folder / "crisis.yaml"))


def test_a_decided_crisis_has_its_ending_date_and_base_rate(tmp_path: Path) -> None:
    found = outcome_of(tmp_path, WON)
    assert (found.ending, found.on, found.due, found.knew) == ("won", date(2031, 2, 1), None, "all")
    assert found.base_rate == {"won": 0.4, "lost": 0.6}
    assert (found.because, found.knew_how, found.base_rate_of) == ("The coin fell so.", "It was seen.", "Ours: a guess")


def test_an_open_crisis_has_the_day_on_which_it_is_scored(tmp_path: Path) -> None:
    found = outcome_of(tmp_path, OPEN)
    assert (found.ending, found.on, found.due) == (None, None, date(2032, 1, 1))


def test_a_crisis_that_was_over_in_none_of_the_endings_has_the_day_alone(tmp_path: Path) -> None:
    found = outcome_of(tmp_path, WON.replace("ending: won\n", ""))
    assert (found.ending, found.on, found.due, found.knew) == (None, date(2031, 2, 1), None, "all")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "ending: won",
            "ending: wonn",
            ":2:9: expected the key of an ending of the crisis, found 'wonn'; did you mean",
        ),
        ("ending: won", "ending: [won]", ":2:9: expected the key of an ending of the crisis, found a list"),
        ("on: 2031-02-01", "on: 1 February", ":3:5: expected a date such as 2031-03-02 in 'on', found '1 February'"),
        ("on: 2031-02-01\n", "", ":2:1: missing `on`, the date of the ending"),
        ("on: 2031-02-01", "on: 2031-02-01\ndue: 2031-03-01", ":4:1: the crisis is decided, so it has no 'due'"),
        (
            "ending: won\non: 2031-02-01\n",
            "",
            "missing `ending` and `on` of a decided crisis; or `due`, while it is open",
        ),
        ("ending: won\n", "due: 2032-01-01\n", ":3:1: the crisis is open, so it has no 'on'"),
        ("ending: won\non: 2031-02-01", "due: 2032-01-01", "the crisis is open: expected none in 'knew', found 'all'"),
        ("knew: all", "knew: al", ":5:7: expected a word for 'knew', found 'al'; did you mean 'all'?"),
        ("knew_how", "knew_hoe", ":6:1: unknown key 'knew_hoe'; did you mean 'knew_how'?"),
        ("because: The coin fell so.\n", "", "missing `because`"),
        ("because: The coin fell so.", f"because: {'a' * 2_001}", ":4:10: expected a text of at most 2,000 characters"),
        ("won: 0.4", "won: 0.5", ":8:12: the probabilities of the endings sum to 1.1; expected 1"),
        ("won: 0.4", "wonn: 0.4", ":8:13: unknown key 'wonn' in 'endings', which has every ending of the crisis; did"),
        ("won: 0.4, ", "", ":8:12: missing `won` in 'endings', which has every ending of the crisis"),
        ("won: 0.4", "won: 0", ":8:18: expected a probability above 0, such as 0.2, of 'won', found '0'"),
        ("won: 0.4", "won: .nan", "expected a probability above 0, such as 0.2, of 'won', found '.nan'"),
        ("won: 0.4", "won: 1e999", "expected a probability above 0, such as 0.2, of 'won', found '1e999'"),
        ("endings: {won: 0.4, lost: 0.6}", "endings: 0.4", "expected a probability of every ending, found '0.4'"),
        ('  of: "Ours: a guess"\n', "", ":8:3: missing `of` in 'base_rate'"),
        ("on: 2031-02-01", "on: 2031-W05-6", ":3:5: expected a date such as 2031-03-02 in 'on', found '2031-W05-6'"),
        (
            "on: 2031-02-01",
            "on: 2031-01-02",
            ":3:5: 2031-01-02 is before 2031-01-03, the last event that was observed: expected that day or a later one",
        ),
        (
            "ending: won\non: 2031-02-01",
            "due: 2031-01-02",
            ":2:6: 2031-01-02 is before 2031-01-03, the last event that was observed: expected that day or a later one",
        ),
        (WON, "- 1", "expected an outcome, a mapping with `because`"),
    ],
)
def test_a_mistake_has_its_place_and_what_was_expected(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(CrisisError) as caught:
        outcome_of(tmp_path, WON.replace(old, new))
    assert message in str(caught.value)
    assert str(tmp_path / "coin" / "outcome.yaml") in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CrisisError) as caught:
        outcome_of(tmp_path, WON.replace("ending: won", "ending: draw").replace("knew: all", "knew: much"))
    assert len(caught.value.faults) == 2


def test_a_pipe_or_a_huge_file_in_place_of_an_outcome_is_refused(tmp_path: Path) -> None:
    folder = coin_folder(tmp_path / "coin", None)
    crisis = read(folder / "crisis.yaml")
    os.mkfifo(folder / "outcome.yaml")
    with pytest.raises(OfframpError, match="not a regular file"):
        read_outcome(folder / "outcome.yaml", crisis)
    os.unlink(folder / "outcome.yaml")
    (folder / "outcome.yaml").write_text(f"because: {'a' * 2_000_001}")
    with pytest.raises(OfframpError, match="larger than"):
        read_outcome(folder / "outcome.yaml", crisis)


def test_the_first_version_is_scored_on_the_events_of_the_crisis(tmp_path: Path) -> None:
    folder = coin_folder(tmp_path / "coin", first="beta(2, 1)")
    text = (folder / "first.yaml").read_text()
    (folder / "first.yaml").write_text(text[: text.index("observed")])
    found = crisis_folder(folder)
    assert found.first is not None
    assert found.first.observed == found.crisis.observed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("first", "fist", "has no step 'first', which was observed on 2031-01-01; did you mean 'fist'?"),
        ("keep", "hold", "has no option 'keep' of 'note', which was observed"),
        ("lost", "gone", "are scored on the same endings, but differ in gone, lost"),
    ],
)
def test_a_first_version_without_what_was_observed_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = coin_folder(tmp_path / "coin", first="beta(2, 1)")
    text = (folder / "first.yaml").read_text()
    (folder / "first.yaml").write_text(text[: text.index("observed")].replace(old, new))
    with pytest.raises(OfframpError, match=message.replace("?", r"\?")):
        crisis_folder(folder)


@pytest.mark.parametrize("name", ["outcome.yaml", "first.yaml"])
def test_a_link_in_place_of_an_outcome_or_a_first_version_is_not_followed(tmp_path: Path, name: str) -> None:
    folder = coin_folder(tmp_path / "coin", first=FIRST)
    (folder / name).rename(tmp_path / "elsewhere.yaml")
    (folder / name).symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(OfframpError, match=f"{name} is a link; expected a file of the crisis's own folder"):
        crisis_folder(folder)
