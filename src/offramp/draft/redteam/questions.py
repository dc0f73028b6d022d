"""What a red team asks a model, and what it makes of an answer: proposals of weak points, with verified quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from offramp.common.texts import tr, trn
from offramp.common.words import quoted
from offramp.draft.documents.suspicion import suspicious
from offramp.draft.prompts import Prompt, account_section, list_section, prompt_of
from offramp.draft.quotes import verified
from offramp.draft.redteam.looked_at import kept_point
from offramp.draft.redteam.redteam_answers import DoubtRecord, MissingAnswer, MissingRecord, SupportAnswer
from offramp.draft.redteam.redteam_state import MOST_POINTS, KeptPoint, RedTeamState, Stage
from offramp.draft.redteam.weak_point import ASSISTANT, Kind, PointQuote, WeakPoint
from offramp.draft.stage_answers import answer_in

STEPS: dict[Stage, str] = {
    "missing": tr("question 1 of 2: what is missing"),
    "support": tr("question 2 of 2: claims that their words do not support"),
    "done": tr("everything is answered"),
}
_KINDS: dict[str, Kind] = {
    "actor": "missing actor",
    "option": "missing option",
    "ending": "missing ending",
    "hidden fact": "missing hidden fact",
}
_CALLED = {
    "actor": tr("actor"),
    "option": tr("option"),
    "ending": tr("ending"),
    "hidden fact": tr("hidden fact"),
}
_SECTIONS = {"actor": "actors", "option": "timeline", "ending": "endings", "hidden fact": "timeline"}
_ANSWERS: dict[str, str] = {
    "actor": tr("add it with its choices, or say why they could not change how it ends"),
    "option": tr("add it, or say why the actor could not or would not take it"),
    "ending": tr("tell it apart from the others, or say which of them it is"),
    "hidden fact": tr("add it as a chance step that only some see, or say why it changes nothing"),
}


def question(state: RedTeamState, document: Sequence[str]) -> Prompt | None:
    """What is asked next; None if nothing is. No probability of an ending, and no number of the game, is in it."""
    if state.stage == "done" or not document:
        return None
    if state.stage == "missing":
        game = list_section("The game", "game", state.game)
        sections, model = [game, account_section(document, state.as_of)], MissingAnswer
        return prompt_of("missing", state.answers + 1, sections, model, state.complaints)
    claims = list_section("The claims", "claims", _claims(state))
    shown = account_section(document, state.as_of, {place.paragraph for claim in state.claims for place in claim.cites})
    return prompt_of("support", state.answers + 1, [claims, shown], SupportAnswer, state.complaints)


def taken(state: RedTeamState, text: str, document: Sequence[str]) -> RedTeamState:
    """The state after an answer; what it proposes stands with its quotes, found in the document or not."""
    if state.stage == "done":
        return state
    if state.stage == "missing":
        missing = answer_in(text, MissingAnswer)
        if isinstance(missing, tuple):
            return state.with_bad_answer(missing)
        found = [_missing(state, record, document) for record in missing.missing]
        after: Stage = "support" if state.claims else "done"
        return _proposed(state, found, missing.notes, after)
    support = answer_in(text, SupportAnswer)
    if isinstance(support, tuple):
        return state.with_bad_answer(support)
    doubts = [_doubt(state, record, document) for record in support.unsupported]
    return _proposed(state, doubts, support.notes, "done")


def earlier_question(stage: Stage, text: str) -> int | None:
    """1 if a text is the answer to the first question, and that is answered."""
    if stage == "missing":
        return None
    answer = answer_in(text, MissingAnswer)
    return 1 if isinstance(answer, MissingAnswer) else None


def _claims(state: RedTeamState) -> Iterator[str]:
    for number, claim in enumerate(state.claims, start=1):
        yield f"claim {number}: {claim.says.rstrip('.')}. It cites {claim.cited}"


def _missing(state: RedTeamState, record: MissingRecord, document: Sequence[str]) -> WeakPoint | str:
    """A proposal of something missing; in words, why it is left out."""
    move = next((move for move in state.moves if record.of in (move.key, move.name)), None)
    there = state.names if record.what != "option" else move.options if move is not None else ()
    if record.name.casefold() in {name.casefold() for name in there}:
        return tr(
            "{kind} {name}: left out, because the crisis has one of that name",
            kind=_CALLED[record.what],
            name=quoted(record.name),
        )
    section, says = _SECTIONS[record.what], record.says
    if record.what == "option" and move is not None:
        section = f"timeline.{move.key}"
        says = tr("{claim} It would be an option of {move}", claim=_sentence(says), move=move.name)
    elif record.what == "option" and record.of:
        says = tr(
            "{claim} It is proposed for {key}, which is no move of the crisis",
            claim=_sentence(says),
            key=quoted(record.of),
        )
    quote = _quote(record, document)
    return WeakPoint(
        _KINDS[record.what],
        f"{section}: {record.name}",
        f"{record.name}: {says}{_care(quote, document)}",
        _ANSWERS[record.what],
        (move.line,) if move is not None and record.what == "option" else (),
        _by(state),
        quote,
    )


def _doubt(state: RedTeamState, record: DoubtRecord, document: Sequence[str]) -> WeakPoint | str:
    """A proposal that a claim is not supported; in words, why it is left out."""
    if record.claim > len(state.claims):
        return trn(
            "claim {number}: left out, because there is {count} claim",
            "claim {number}: left out, because there are {count} claims",
            len(state.claims),
            number=record.claim,
        )
    claim, quote = state.claims[record.claim - 1], _quote(record, document)
    return WeakPoint(
        "unsupported claim",
        f"{claim.about}: {claim.cited}",
        tr(
            "{claim} It cites {words}, which may not say so: {doubt}",
            claim=_sentence(claim.says),
            words=claim.cited,
            doubt=f"{record.says}{_care(quote, document)}",
        ),
        tr("read the words; then cite others, change the claim, or say that it is ours"),
        (claim.line,),
        _by(state),
        quote,
    )


def _sentence(says: str) -> str:
    return f"{says.rstrip('.')}."


def _quote(record: MissingRecord | DoubtRecord, document: Sequence[str]) -> PointQuote | None:
    """The record's quote with what became of it; None if it is the model's own idea."""
    if not record.quote:
        return None
    check = verified(record.quote, record.para, document)
    return PointQuote(check.text or record.quote, check.state, check.paragraph)


def _care(quote: PointQuote | None, document: Sequence[str]) -> str:
    """A warning if a quote stands in a paragraph that may speak to a model; else empty."""
    if quote is None or quote.paragraph is None or not suspicious([document[quote.paragraph - 1]]):
        return ""
    return f" {tr('Take care: ¶{number} may speak to a model, not to you', number=quote.paragraph)}"


def _by(state: RedTeamState) -> str:
    return state.models[-1] if state.models else ASSISTANT


def _proposed(
    state: RedTeamState, found: Sequence[WeakPoint | str], notes: Sequence[str], after: Stage
) -> RedTeamState:
    """The state with proposals, each once, and with remarks on what is left out."""
    known = {kept.point.id for kept in state.points}
    fresh: list[KeptPoint] = []
    remarks = [one for one in found if isinstance(one, str)]
    for one in found:
        if isinstance(one, WeakPoint) and one.id not in known:
            known.add(one.id)
            fresh.append(kept_point(one))
    points = (*state.points, *fresh)
    if len(points) > MOST_POINTS:
        remarks.append(
            trn(
                "{count} proposal left out: there is room for {most}",
                "{count} proposals left out: there is room for {most}",
                len(points) - MOST_POINTS,
                most=f"{MOST_POINTS:,}",
            )
        )
    remarks += [tr("The model notes: {note}", note=note) for note in notes]
    return state.with_good_answer(remarks, points=points[:MOST_POINTS], stage=after)
