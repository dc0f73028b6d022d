"""Rival drafts of the accounts, made from answers, and the alignment that is true of them.

The first draft of an account is made from its recorded answers in `exchanges`. `rivals/ACCOUNT/draft-N.json` holds the
answers to the prompts of another one by stage, `align.json` the answer to the alignment, and `truth.yaml` which records
are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from offramp.draft.documents.source_document import read_document
from offramp.draft.drafting import advance, resumed
from offramp.draft.rivals.rival_drafts import Rows, begin_rivals, label_of
from offramp.draft.sidecar import Draft
from offramp.draft.stages import next_prompt
from offramp.draft.variation import variations
from tests.accounts.scoring import expected_of
from tests.replay.recorded import recorded

RIVAL_ANSWERS = Path(__file__).parent / "rivals"
Pair = tuple[str, str, str, str, str]
"""A section, and two records of it that are the same: the label and the key of each."""


def rival_accounts() -> list[str]:
    """The accounts that have rival drafts."""
    return sorted(path.name for path in RIVAL_ANSWERS.iterdir() if path.is_dir())


def answers_of(account: str, number: int) -> dict[str, str]:
    """The answers to the prompts of a draft, by stage."""
    if number == 1:
        return {one.stage: one.answer for one in recorded(account)}
    content = json.loads((RIVAL_ANSWERS / account / f"draft-{number}.json").read_text(encoding="utf-8"))
    return {stage: json.dumps(answer, ensure_ascii=False) for stage, answer in content.items()}


def count_of(account: str) -> int:
    """How many rival drafts an account has, the first included."""
    return 1 + len(list((RIVAL_ANSWERS / account).glob("draft-*.json")))


def finished(folder: Path, answers: Mapping[str, str]) -> Draft:
    """A draft that has begun, to its end."""
    draft = resumed(folder)
    while next_prompt(draft, folder) is not None:
        draft = advance(folder, draft, answers[draft.stage])
    return draft


def drafted_rivals(account: str, folder: Path) -> list[Draft]:
    """All rival drafts of an account, done."""
    expected, count = expected_of(account), count_of(account)
    document = read_document(expected.document)
    begin_rivals(document, folder, variations(count, len(document.paragraphs)), expected.as_of)
    return [finished(folder / label_of(number), answers_of(account, number)) for number in range(1, count + 1)]


def alignment_answer(account: str) -> str:
    """The answer to the alignment of an account's drafts."""
    return (RIVAL_ANSWERS / account / "align.json").read_text(encoding="utf-8")


def true_pairs(account: str) -> set[Pair]:
    """Every two records that are the same, by a reader of the account and of the drafts."""
    content = yaml.safe_load((RIVAL_ANSWERS / account / "truth.yaml").read_text(encoding="utf-8"))
    return {
        pair
        for section, rows in content.items()
        for row in rows
        for pair in _pairs(section, {label_of(number): keys for number, keys in row.items()})
    }


def pairs_of(rows: Rows) -> set[Pair]:
    """Every two records that an alignment has as the same."""
    return {pair for section, found in rows.items() for row in found for pair in _pairs(section, row.keys)}


def _pairs(section: str, row: Mapping[str, Any]) -> set[Pair]:
    lists = {label: [keys] if isinstance(keys, str) else list(keys) for label, keys in row.items()}
    return {
        (section, one, key, other, twin)
        for one, other in combinations(sorted(lists), 2)
        for key in lists[one]
        for twin in lists[other]
    }
