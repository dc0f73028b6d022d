"""What a draft holds so far, in words: its stage, its records and its quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from offramp.common.texts import tr, trn
from offramp.common.words import MAX_SHOWN, cut, listed
from offramp.draft.brief_records import claims_of
from offramp.draft.quotes import invented
from offramp.draft.sidecar import Draft

STAGES: dict[str, str] = {
    "extract": tr("who acts, and what each may do"),
    "timeline": tr("the order of play, and the endings"),
    "numbers": tr("numbers and payoffs"),
    "repair": tr("repairs of the crisis file"),
    "sense": tr("a second look at the model"),
}
"""The stages in their order, and what each asks for. A draft skips repairs and the second look if it needs none."""
_COUNTED: Mapping[str, Callable[[int], str]] = {
    "actors": lambda count: trn("{count} actor", "{count} actors", count),
    "moves": lambda count: trn("{count} move", "{count} moves", count),
    "options": lambda count: trn("{count} option", "{count} options", count),
    "unknowns": lambda count: trn("{count} unknown", "{count} unknowns", count),
    "endings": lambda count: trn("{count} ending", "{count} endings", count),
    "inputs": lambda count: trn("{count} number", "{count} numbers", count),
    "stakes": lambda count: trn("{count} payoff term", "{count} payoff terms", count),
    "levers": lambda count: trn("{count} lever", "{count} levers", count),
}


def stage_in_words(stage: str) -> str:
    """The number of a stage among all of them, and what it asks for.

    Examples
    --------
    >>> stage_in_words("timeline"), stage_in_words("quotes")
    ('stage 2 of 5: the order of play, and the endings', 'once more: quotes that were not found in the document')
    """
    if stage == "quotes":  # after each of the first three stages, if some fail
        return tr("once more: quotes that were not found in the document")
    number = list(STAGES).index(stage) + 1
    return tr("stage {number} of {count}: {what}", number=number, count=len(STAGES), what=STAGES[stage])


def records_in_words(draft: Draft) -> str:
    """How many records of each kind there are; "nothing" if there is none."""
    counts = {kind: len(getattr(draft.brief, kind)) for kind in _COUNTED}
    found = [_COUNTED[kind](count) for kind, count in counts.items() if count]
    return listed(found, len(_COUNTED)) or tr("nothing")


def quotes_in_words(draft: Draft) -> str:
    """How many quotes there are, and in which way each was found; and how many records have none."""
    claims = claims_of(draft.brief)
    states = Counter(state.state for id_, state in draft.quotes.items() if id_ in claims)
    ours = states.pop("ours", 0)
    total = sum(states.values())
    found = trn(
        "{count} quote: {exact} exact, {folded} folded, {elsewhere} elsewhere, {failed} not found",
        "{count} quotes: {exact} exact, {folded} folded, {elsewhere} elsewhere, {failed} not found",
        total,
        **{state: states[state] for state in ("exact", "folded", "elsewhere", "failed")},
    )
    own = trn("{count} claim of its own", "{count} claims of its own", ours)
    return f"{found}; {own}"


def unfound_in_words(draft: Draft) -> str:
    """Which records' quotes are not in the document: at most five, and how many more; "" if all were found."""
    unfound = [cut(id_, MAX_SHOWN) for id_ in invented(draft.checks)]
    if not unfound:
        return ""
    return trn(
        "not in the document: the quote of {records}",
        "not in the document: the quotes of {records}",
        len(unfound),
        records=listed(unfound, 5),
    )
