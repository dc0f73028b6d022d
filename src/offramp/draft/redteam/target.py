"""What a red team looks at: a crisis file or a draft, with the document that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.crisis.draft_standing import SIDECAR
from offramp.draft.documents.source_document import read_document
from offramp.draft.redteam.claims_in_crisis import CitedTexts, cited_texts
from offramp.draft.sidecar import CRISIS, Draft, paragraphs_of_draft, read_draft
from offramp.gambit.opening import compile_game, read
from offramp.gambit.tree import Tree
from offramp.game.game import Game


@dataclass(frozen=True)
class Target:
    """A compiled crisis, its draft if it is one, and the paragraphs of its document; none if no text is at hand.

    `texts`: those of its sources; a document that a person gave is that of the only source whose text is not at hand.
    """

    game: Game
    file: Path
    texts: CitedTexts
    document: tuple[str, ...] = ()
    draft: Draft | None = None


def target_of(place: Path, document: Path | None = None) -> Target:
    """The crisis file at a path, or the crisis or draft in a folder.

    Its document is the one given, or that of the draft, or the text of its only source that is at hand.

    Raises
    ------
    UsageError
        If it is a game without a crisis, or a draft and a document are given.
    OfframpError
        If a file cannot be read, or the crisis has faults.
    """
    file = place / CRISIS if place.is_dir() else place
    draft = read_draft(file.parent) if file.name == CRISIS and (file.parent / SIDECAR).is_file() else None
    if draft is not None and document is not None:
        raise UsageError(f"{file.parent} holds a draft with its own document: leave out --document")
    given = read_document(document).paragraphs if document is not None else ()
    crisis = read(file)
    if isinstance(crisis, Tree):
        raise UsageError(f"{file} is a game without a crisis: a red team looks at a crisis file")
    game = compile_game(crisis)
    texts = cited_texts(crisis, given)
    if draft is not None:
        return Target(game, file, texts, paragraphs_of_draft(file.parent), draft)
    at_hand = [tuple(blocks) for blocks in texts.paragraphs.values()]
    return Target(game, file, texts, given or (at_hand[0] if len(at_hand) == 1 else ()))
