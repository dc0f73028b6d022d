"""What a person reads before a match: what the actor it plays wants, its payoff terms, and their numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from offramp.crisis.expressions.grammar import DOTTED
from offramp.crisis.expressions.without_options import without_options
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.model import Crisis
from offramp.game.game import PayoffTerms
from offramp.play.board import Board
from offramp.play.formula_words import formula_in_words
from offramp.play.match import check_actor


@dataclass(frozen=True)
class Stake:
    """A payoff term of the actor; `pays` is its formula in words, on one line, without closed options."""

    term: str
    name: str
    says: str | None
    pays: str
    because: str | None


@dataclass(frozen=True)
class Briefing:
    """An actor's payoff terms, as of now those still to come, and the value here of every input that they name.

    `says`: what the actor wants, in a line. `names`: of the inputs. What a term pays for an option that is available
    nowhere, as one that no lever has opened, is left out.

    In a draw every actor knows the inputs and all payoffs, so a briefing contains nothing that is hidden from a seat.
    """

    actor: str
    says: str | None
    stakes: tuple[Stake, ...]
    inputs: Mapping[str, float]
    names: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def briefing(board: Board, actor: str) -> Briefing:
    """The briefing of an actor; raises UsageError if the actor is unknown."""
    check_actor(board.crisis, actor)
    crisis, names = board.crisis, board.names
    values = resolved_inputs(crisis, medians(crisis), board.given)
    settled = _settled(board)
    open_terms = [term for number, term in enumerate(crisis.terms) if term.actor == actor and number not in settled]
    gone = _gone(crisis)
    texts = [(term, without_options(term.pays.text, gone)) for term in open_terms]
    terms = [(term, text) for term, text in texts if text is not None]
    named = {name for term, text in terms for name in term.pays.names - _left_out(term.pays.text, text)}
    return Briefing(
        actor,
        crisis.actors[actor].says,
        tuple(
            Stake(term.key, term.name, term.says, formula_in_words(names, text), term.reason.because)
            for term, text in terms
        ),
        {name: float(value[0]) for name, value in values.items() if name in named},
        {name: crisis.inputs[name].name for name in values if name in named},
    )


def _left_out(written: str, shown: str) -> set[str]:
    """The words of an expression that are not shown."""
    return set(re.findall(DOTTED, written)) - set(re.findall(DOTTED, shown))


def _gone(crisis: Crisis) -> dict[str, frozenset[str]]:
    """By move, the options that are available in no round."""
    gone: dict[str, frozenset[str]] = {}
    for (step, _), menu in crisis.menus.items():
        gone[step] = gone.get(step, menu.gone) & menu.gone
    return gone


def _settled(board: Board) -> set[int]:
    """The payoff terms, by number, of which nothing is still to come; none from the outset."""
    entries = enumerate(board.game.payoff_entries)
    terms = {place: part.term for place, part in entries if isinstance(part, PayoffTerms) and part.term is not None}
    return set(terms.values()) - {term for place, term in terms.items() if place not in board.game.paid}
