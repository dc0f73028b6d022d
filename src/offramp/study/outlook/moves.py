"""Who will do what: the options of each move, over all of play and by situation, and how they differ between draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from offramp.common.numerals import percent
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.game.game import Situation
from offramp.runs.result import MoveSummary, Run, SituationSummary
from offramp.study.basis import DRAWS_AS_OF_NOW, moment, of_run
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import keyed, telling_facts

NOTHING_TELLING = "always the same"
"""What stands for what a mover knows if its move has one situation only."""


@dataclass(frozen=True, repr=False)
class Moves(Finding):
    """What each actor does, by move and by situation; as of now, at the moves ahead.

    `moves`: those that are made in some draw, in the order of the timeline. `situations`: most often reached first;
    `facts`: for each what sets it apart from the other situations of its move. `moment`: as of when, in words; empty
    from the outset.
    """

    crisis: str
    names: Names
    draws: int
    converged: int
    moves: tuple[MoveSummary, ...]
    situations: tuple[SituationSummary, ...]
    facts: tuple[Mapping[str, str], ...]
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""

    @property
    def title(self) -> str:
        return f"{self.crisis}: who will do what?"

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.converged:
            return ("No draw converged: there are no numbers.",)
        return tuple(
            sentence(
                self.names,
                move.move,
                move.round,
                move.actor,
                move.reached.mean,
                {option: interval.mean for option, interval in move.options.items()},
            )
            for move in self.moves
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        of_moves = moves_columns(self.names)
        over_play = (
            *of_moves,
            Column("mean", "share", "share"),
            Column("p05", "5 %", "share"),
            Column("p95", "95 %", "share"),
        )
        moves: list[tuple[Value, ...]] = [
            (move.move, move.round or None, move.actor, move.reached.mean, option, i.mean, i.p05, i.p95)
            for move in self.moves
            for option, i in move.options.items()
        ]
        by_situation = (
            *situations_columns(self.names, self.facts),
            Column("deviation", "± over draws", "share"),
        )
        situations: list[tuple[Value, ...]] = [
            (
                summary.reached,
                summary.situation.move,
                summary.situation.round or None,
                in_words(facts),
                option,
                share,
                summary.deviations[option],
            )
            for summary, facts in zip(self.situations, self.facts, strict=True)
            for option, share in summary.options.items()
        ]
        return (
            Table("moves", f"Shares of the options when a move is made, {self.converged:,} converged draws",
                  over_play, tuple(moves), grouped=4),
            Table("situations", "By situation, those that play reaches most often first", by_situation,
                  tuple(situations), grouped=4),
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            *((DRAWS_AS_OF_NOW,) if self.as_of_now else ()),
            "Made, reached: how often play comes there, on average over the draws. The share of an option is its "
            "probability if the move is made, over all draws together, so that a draw in which the move is seldom made "
            "counts less. 5 % to 95 %: of the share in a draw. ± over draws: one standard deviation of that share.",
        )


def moves_columns(names: Names) -> tuple[Column, ...]:
    """The first columns of a table of moves, up to the option."""
    return (
        Column("move", "move", names=names.steps),
        Column("round", "round", "count"),
        Column("actor", "actor", names=names.actors),
        Column("reached", "made", "share"),
        Column("option", "option", of="move", names=names.options),
    )


def situations_columns(names: Names, facts: Iterable[Mapping[str, str]]) -> tuple[Column, ...]:
    """The first columns of a table of situations, up to the option's share."""
    return (
        Column("reached", "reached", "share"),
        Column("move", "move", names=names.steps),
        Column("round", "round", "count"),
        Column("sees", "the mover knows", names={in_words(own): names.facts(own) for own in facts if own}),
        Column("option", "option", of="move", names=names.options),
        Column("share", "share", "share"),
    )


def sentence(names: Names, move: str, when: int, actor: str, reached: float, options: Mapping[str, float]) -> str:
    """One sentence on a move in a round: its likeliest option and the others, with their shares."""
    (first, share), *rest = sorted(options.items(), key=lambda item: -item[1])
    arises = "" if reached > 0.995 else f", which arises in {percent(reached)} of plays"
    where = f"At {names.step(move, when)}{arises}, {names.actors[actor]} chooses"
    others = "".join(f", {names.option(move, option)} in {percent(part)}" for option, part in rest if part >= 0.005)
    return f"{where} {names.option(move, first)} in {percent(share)} of cases{others}."


def in_words(facts: Mapping[str, str]) -> str:
    """Facts by their keys, as in data."""
    return keyed(facts) or NOTHING_TELLING


def moves_over_draws(run: Run, *, rarest: float = 0.0) -> Moves:
    """What each actor does, over the converged draws.

    Parameters
    ----------
    run
        Solved draws.
    rarest
        Situations that play reaches less often than this are left out.

    Returns
    -------
    Each move's options when it is made, and the same by situation (information set), sorted by how often play gets
    there; shares by situation are weighted by reach.
    """
    past = run.crisis.past
    made = tuple(move for move in run.moves if move.reached.mean > 0.0 and (move.move, move.round) not in past)
    facts_of = telling_facts(run.game.situations)
    kept = tuple(
        summary
        for summary in run.by_situation
        if summary.reached >= rarest and not np.isnan(summary.reached)
        if not past or is_ahead(run.crisis, summary.situation, summary.reached)
    )
    facts = tuple(facts_of(summary.situation) for summary in kept)
    return Moves(
        crisis=run.crisis.title,
        names=names_of(run.crisis),
        draws=run.draws,
        converged=int(run.converged.sum()),
        moves=made,
        situations=kept,
        facts=facts,
        moment=moment(run.crisis),
        as_of_now=run.crisis.outset is not None,
    )


def is_ahead(crisis: Crisis, situation: Situation, reached: float) -> bool:
    """Whether an information set lies ahead, and can be reached given what is known."""
    return (situation.move, situation.round) not in crisis.past and reached > 0.0
