"""What a red team keeps of the crisis that it looks at, so that it needs the file no more: points, words and claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from offramp.common.bounded import sha256_bounded
from offramp.common.errors import OfframpError
from offramp.common.printable import printable
from offramp.common.words import cut
from offramp.crisis.draft_standing import MAX_SIDECAR
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from offramp.draft.redteam.claims_in_crisis import assumptions_of
from offramp.draft.redteam.examining import Examined
from offramp.draft.redteam.game_in_words import game_in_words
from offramp.draft.redteam.redteam_answers import MOST_CLAIMS
from offramp.draft.redteam.redteam_state import (
    MAX_WORDS,
    MOST_LINES,
    CitedClaim,
    CitedPlace,
    KeptOption,
    KeptPoint,
    KeptQuote,
    KnownMove,
)
from offramp.draft.redteam.target import Target
from offramp.draft.redteam.weak_point import WeakPoint
from offramp.study.basis import moment


def looked_at(target: Target, found: Examined) -> dict[str, Any]:
    """The fields of a `RedTeamState` that come from the crisis and from what a program found in it.

    Raises
    ------
    OfframpError
        If the crisis file cannot be read.
    """
    crisis = target.game.crisis
    moves = [step for step in crisis.named.values() if isinstance(step, Move)]
    named = [actor.name for actor in crisis.actors.values()]
    named += [step.name for step in crisis.named.values() if isinstance(step, Chance)]
    named += [ending.name for ending in crisis.endings]
    try:
        digest = sha256_bounded(target.file, MAX_SIDECAR)
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {target.file}: {getattr(error, 'strerror', None) or error}") from None
    return {
        "file": cut(printable(target.file.name), 200),
        "sha256": digest,
        "title": words(crisis.title),
        "moment": words(moment(crisis)),
        "as_of": crisis.as_of,
        "game": tuple(map(words, game_in_words(crisis)))[:2_000],
        "names": tuple(dict.fromkeys(map(words, named)))[:2_000],
        "moves": tuple(map(_known, moves))[:1_000],
        "claims": tuple(_claims(crisis, target))[:MOST_CLAIMS],
        "draws": found.solving.draws,
        "trouble": words(found.solving.trouble),
        "levers_left_out": found.solving.levers_left_out,
        "best_options": tuple(KeptOption(**asdict(one)) for one in found.solving.options)[:10_000],
    }


def kept_point(point: WeakPoint) -> KeptPoint:
    """A weak point as it is stored: printable, and cut to what a file may hold."""
    quote = point.quote and KeptQuote(
        text=words(point.quote.text), state=point.quote.state, paragraph=point.quote.paragraph
    )
    return KeptPoint(
        kind=point.kind,
        about=words(point.about),
        says=words(point.says),
        answer=words(point.answer),
        lines=point.lines[:MOST_LINES],
        by=cut(point.by, 200),
        quote=quote,
    )


def _known(move: Move) -> KnownMove:
    options = tuple(words(option.name) for option in move.option_details.values())
    return KnownMove(key=move.key, name=words(move.name), line=move.place.line, options=options[:1_000])


def words(text: str) -> str:
    """A text as a red team keeps it."""
    return cut(printable(text), MAX_WORDS)


def _claims(crisis: Crisis, target: Target) -> Iterator[CitedClaim]:
    """The assumptions that cite the document, with what they cite of it."""
    texts, paragraphs = target.texts, target.document
    of_document = {key for key, blocks in texts.paragraphs.items() if tuple(blocks) == paragraphs}
    for one in assumptions_of(crisis):
        cites = []
        for cite in one.reason.cites:
            passage = texts.passage(cite)
            if passage is not None and passage.paragraph is not None and passage.source in of_document:
                whole = passage.words == paragraphs[passage.paragraph - 1]
                cites.append(CitedPlace(paragraph=passage.paragraph, words="" if whole else words(passage.words)))
        if cites:
            because = f": {one.reason.because}" if one.reason.because else ""
            says = words(f"{one.name}{because}")
            yield CitedClaim(about=words(one.about), says=says, cites=tuple(cites[:100]), line=one.line)
