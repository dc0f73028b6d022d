"""What a draft holds so far, in words: its stage, its records and its quotes."""

from __future__ import annotations

from collections import Counter

from offramp.common.words import MAX_SHOWN, cut, listed
from offramp.draft.brief_records import claims_of
from offramp.draft.quotes import invented
from offramp.draft.sidecar import Draft

STAGES: dict[str, str] = {
    "extract": "who acts, and what each may do",
    "timeline": "the order of play, and the endings",
    "numbers": "numbers and payoffs",
    "repair": "repairs of the crisis file",
    "sense": "a second look at the model",
}
"""The stages in their order, and what each asks for. A draft skips repairs and the second look if it needs none."""
_COUNTED = {
    "actors": ("actor", "actors"),
    "moves": ("move", "moves"),
    "options": ("option", "options"),
    "unknowns": ("unknown", "unknowns"),
    "endings": ("ending", "endings"),
    "inputs": ("number", "numbers"),
    "stakes": ("payoff term", "payoff terms"),
    "levers": ("lever", "levers"),
}


def stage_in_words(stage: str) -> str:
    """The number of a stage among all of them, and what it asks for.

    Examples
    --------
    >>> stage_in_words("timeline"), stage_in_words("quotes")
    ('stage 2 of 5: the order of play, and the endings', 'once more: quotes that were not found in the document')
    """
    if stage == "quotes":  # after each of the first three stages, if some fail
        return "once more: quotes that were not found in the document"
    return f"stage {list(STAGES).index(stage) + 1} of {len(STAGES)}: {STAGES[stage]}"


def records_in_words(draft: Draft) -> str:
    """How many records of each kind there are; "nothing" if there is none."""
    counts = {kind: len(getattr(draft.brief, kind)) for kind in _COUNTED}
    found = [f"{count} {_COUNTED[kind][count != 1]}" for kind, count in counts.items() if count]
    return listed(found, len(_COUNTED)) or "nothing"


def quotes_in_words(draft: Draft) -> str:
    """How many quotes there are, and in which way each was found; and how many records have none."""
    claims = claims_of(draft.brief)
    states = Counter(state.state for id_, state in draft.quotes.items() if id_ in claims)
    ours = states.pop("ours", 0)
    total = sum(states.values())
    found = (
        f"{states['exact']} exact, {states['folded']} folded, {states['elsewhere']} elsewhere, "
        f"{states['failed']} not found"
    )
    return f"{total} quote{'s' * (total != 1)}: {found}; {ours} claims of its own"


def unfound_in_words(draft: Draft) -> str:
    """Which records' quotes are not in the document: at most five, and how many more; "" if all were found."""
    unfound = [cut(id_, MAX_SHOWN) for id_ in invented(draft.checks)]
    return f"not in the document: the quote{'s' * (len(unfound) != 1)} of {listed(unfound, 5)}" if unfound else ""
