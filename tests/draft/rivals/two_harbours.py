"""Two rival drafts that are done, with equal records, and a map of them; made without answers."""

from __future__ import annotations

from pathlib import Path

from offramp.draft.rivals.rival_drafts import begin_rivals
from offramp.draft.sidecar import CRISIS, Draft, read_draft, write_draft
from offramp.draft.variation import Variation, variations
from tests.draft.review.harbour_draft import draft_in
from tests.draft.scripted import NOTE

MAP = """\
files: {draft-1: draft-1/crisis.yaml, draft-2: draft-2/crisis.yaml}
endings:
  war: {draft-1: war_comes, draft-2: [war_comes, joined]}
  calm: {draft-1: calm, draft-2: calm}
"""


def two_harbours(folder: Path) -> Path:
    """The folder of two rival drafts with `MAP`."""
    planned = variations(2, len(NOTE.paragraphs))
    begin_rivals(NOTE, folder, planned)
    for variation in planned:
        place = folder / f"draft-{variation.number}"
        _make(place, variation)
    (folder / "map.yaml").write_text(MAP)
    return folder


def _make(place: Path, variation: Variation) -> Draft:
    made = place.parent / f"made-{variation.number}"
    made.mkdir()
    draft = draft_in(made).model_copy(update={"variation": variation})
    (made / CRISIS).rename(place / CRISIS)
    write_draft(place, draft)
    return read_draft(place)
