"""What a reader of a page has at hand before its first command: files of the kind that the page speaks of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from offramp.crisis.templates import template_text
from tests.cli.test_cli import done
from tests.cli.test_draft import PARTS
from tests.docs.page_blocks import ROOT, Piece, read
from tests.draft.briefs import PARAGRAPHS
from tests.draft.documents.pdfs import report
from tests.draft.news.news_sets import HARBOUR, TWO_PAPERS
from tests.draft.review.harbour_draft import draft_in

STARTER = template_text("starter")
TEHRAN = "crises/tehran-2024/crisis.yaml"


def with_news(folder: Path) -> None:
    (folder / "harbour").mkdir()
    (folder / "harbour" / "crisis.yaml").write_text(HARBOUR, encoding="utf-8")
    herald, ledger = TWO_PAPERS.texts.values()
    (folder / "herald.txt").write_text("\n\n".join(herald), encoding="utf-8")
    (folder / "agency.pdf").write_bytes(report(1, ledger))
    (folder / "answer.txt").write_text(TWO_PAPERS.answer, encoding="utf-8")


def with_draft(folder: Path) -> None:
    """A finished draft in `harbour`."""
    draft_in(folder / "harbour")
    (folder / "answer.txt").write_text('{"missing": []}', encoding="utf-8")


def with_answer(folder: Path) -> None:
    """The answer of a model to the first prompt of a draft."""
    (folder / "answer.txt").write_text(PARTS["extract"], encoding="utf-8")


def with_panel(folder: Path) -> None:
    (panel,) = re.findall(r"```yaml\n(.*?)```", read("docs/elicitation.md"), re.DOTALL)
    (folder / "panel.yaml").write_text(panel, encoding="utf-8")


def with_cases(folder: Path) -> None:
    for name in ("crisis.yaml", "cases.csv"):
        shutil.copy(ROOT / "crises" / "deterrence-egame" / name, folder / name)
    shutil.copy(folder / "cases.csv", folder / "past.csv")


def with_run(folder: Path) -> None:
    """A run of the starter, with strategies, in `runs/harbour-1`."""
    done(folder, "run", "crisis.yaml", "--draws", str(STARTER_DRAWS), "--keep", "strategies", "--out", "runs/harbour-1")


FILLED: dict[str, Callable[[Path], None]] = {
    "docs/news.md": with_news,
    "docs/redteam.md": with_draft,
    "docs/drafting.md: Two ways": with_answer,
    "docs/drafting.md: Rival drafts": with_answer,
    "docs/drafting.md: Review": with_draft,
    "docs/elicitation.md": with_panel,
    "docs/fitting.md": with_cases,
    "docs/runs.md": with_run,
    "docs/clusters.md": with_run,
}
"""What a page, or one section of a page whose sections are each on their own, needs besides the files of every page."""
STARTER_DRAWS = 512
"""Draws of the run that some pages speak of."""
PLACES = {"FILE": TEHRAN, "RUN": "a-run", "LATER_RUN": "a-run", "ACTOR": "iran"}
"""What stands for the words in capitals."""


def filled(folder: Path, name: str, pieces: list[Piece]) -> str:
    """Fill a folder for a page with the crises, an account, a crisis file of one's own, and what only this page needs.

    Returns the crisis that the page's `crisis` in Python is.
    """
    shutil.copytree(ROOT / "crises", folder / "crises", ignore=shutil.ignore_patterns("sources"))
    (folder / "account.txt").write_text("\n\n".join(PARAGRAPHS) + "\n", encoding="utf-8")
    (folder / "crisis.yaml").write_text(STARTER, encoding="utf-8")
    if any("RUN" in piece.text.split() for piece in pieces):
        done(folder, "run", TEHRAN, "--draws", "64", "--out", PLACES["RUN"])
    FILLED.get(name, lambda folder: None)(folder)
    return "crisis.yaml" if FILLED.get(name) is with_run else TEHRAN
