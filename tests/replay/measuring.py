"""What is measured of a draft made from recorded answers: its scores against what a reader finds in the account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from offramp.crisis.checks.sources import paragraphs
from offramp.draft.brief_game import brief_game
from offramp.draft.brief_text import ACCOUNT
from offramp.draft.sense import signs_of
from tests.accounts.scoring import (
    Score,
    expected_of,
    quote_kinds,
    score_actors,
    score_endings,
    score_hidden,
    score_options,
    share_of_ours,
)
from tests.replay.recorded import Walk

MEASURED = Path(__file__).parent / "measured.yaml"
SCORES = {"actors": score_actors, "options": score_options, "hidden": score_hidden, "endings": score_endings}


def scores(account: str, walk: Walk) -> dict[str, Score]:
    """The scores of a draft's actors, options, hidden facts and endings."""
    brief = walk.draft.brief.model_dump(by_alias=True)
    return {name: score(brief, expected_of(account)) for name, score in SCORES.items()}


def account_paragraphs(walk: Walk) -> list[str]:
    """The paragraphs of the account in a draft's folder."""
    return paragraphs((walk.folder / ACCOUNT).read_text(encoding="utf-8"))


def measured(account: str, walk: Walk) -> dict[str, Any]:
    """What `measured.yaml` has of an account: found and expected, fitting and given, quotes, and how the draft went."""
    draft = walk.draft
    brief = draft.brief.model_dump(by_alias=True)
    made = scores(account, walk)
    return {
        "found": {name: [score.found, score.expected] for name, score in made.items()},
        "fitting": {name: [score.fitting, score.records] for name, score in made.items()},
        "missed": [name for score in made.values() for name in score.missed],
        "quotes": dict(sorted(quote_kinds(brief, account_paragraphs(walk)).items())),
        "ours": round(share_of_ours(brief), 2),
        "faults_at_first": draft.faults_at_first or 0,
        "answers": draft.answers,
        "returns": draft.returns.get("quotes", 0) + draft.returns.get("repair", 0),
        "signs_at_first": len(draft.signs),
        "signs_at_end": len(_signs(walk)),
    }


def read_measured() -> dict[str, dict[str, Any]]:
    """What was measured when the answers were recorded."""
    content: dict[str, dict[str, Any]] = yaml.safe_load(MEASURED.read_text(encoding="utf-8"))
    return content


def write_measured(content: dict[str, dict[str, Any]]) -> None:
    """Write what was measured, by account."""
    MEASURED.write_text(yaml.safe_dump(content, default_flow_style=None, sort_keys=False, width=110), encoding="utf-8")


def _signs(walk: Walk) -> tuple[object, ...]:
    draft = walk.draft
    game = brief_game(draft, walk.folder).game
    return () if game is None else signs_of(draft.brief, game)
