"""docs/track-record.md says what the shipped crises score, to the printed digits."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from offramp.crisis.gallery import gallery, gallery_folder
from offramp.study.known_outcomes.crisis_score import score_crisis
from offramp.study.known_outcomes.kept_scores import KEPT, KeptScores, kept_scores

DOCS = Path(__file__).parents[2] / "docs"
AGAIN = "run `python docs/track_record.py`, which scores what has changed and writes the page"
QUICK = "gas-2009"
"""The crisis that every run of the tests scores again; `make thorough` scores all of them."""


@pytest.fixture(scope="module")
def kept() -> KeptScores:
    found = kept_scores()
    assert found is not None, AGAIN
    return found


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/track_record.py as a module."""
    specification = importlib.util.spec_from_file_location("track_record", DOCS / "track_record.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_the_kept_scores_make(kept: KeptScores, script: ModuleType) -> None:
    assert script.PAGE.read_text(encoding="utf-8") == script.page_of(kept), AGAIN


@pytest.mark.parametrize("name", gallery())
def test_the_kept_scores_are_of_the_crises_as_they_are(kept: KeptScores, name: str) -> None:
    assert kept.is_current(name), AGAIN
    has_outcome = (gallery()[name] / "outcome.yaml").is_file()
    assert (kept.score_of(name) is not None) == has_outcome


@pytest.mark.parametrize("name", gallery() if os.environ.get("OFFRAMP_TESTS") == "thorough" else [QUICK])
def test_a_crisis_scored_again_has_the_scores_that_are_kept(kept: KeptScores, name: str) -> None:
    score = kept.score_of(name)
    if score is None:
        pytest.skip("a crisis without an outcome has no score")
    again = score_crisis(gallery()[name], draws=kept.gallery.draws, seed=kept.gallery.seed)
    assert again.answer == score.answer
    assert [table.shown() for table in again.tables] == [table.shown() for table in score.tables]


def test_the_kept_scores_name_no_place_of_the_machine_that_made_them() -> None:
    folder = gallery_folder()
    assert folder is not None
    assert not re.search(r'"[^"]*(?:/work|/home|/root|/tmp|[A-Z]:\\\\)', (folder / KEPT).read_text(encoding="utf-8"))


def test_the_figures_of_fitted_crises_are_those_of_the_page_on_fitting(script: ModuleType) -> None:
    fitting = (DOCS / "fitting.md").read_text(encoding="utf-8")
    rows = [line for line in script.FITTED.splitlines() if line.startswith("|")]
    assert len(rows) == 5
    assert all(row in fitting for row in rows)
    words = " ".join(fitting.split())
    for figure in ("0.017 a case", "0.001 to 0.033", "0.033 (0.019 to 0.047)", "0.011 (0.005 to 0.017)", "10 to 12 %"):
        assert figure in words
        assert figure in " ".join(script.FITTED.split())
