"""Who will do what: the options of each move, over all of play and by situation, and how they differ between draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.game.game import Situation
from offramp.runs.result import MoveSummary, Run, SituationSummary
from offramp.study.basis import DRAWS_AS_OF_NOW, moment, of_run
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.standing import NO_NUMBERS
from offramp.study.wording import keyed, telling_facts

NOTHING_TELLING = "always the same"
"""What stands in data for what a mover knows if its move has one situation only."""


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
        return tr("{crisis}: who will do what?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.converged:
            return (NO_NUMBERS,)
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
            Column("mean", tr("share"), "share"),
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
            Column("deviation", tr("± over draws"), "share"),
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
        caption = trn(
            "Shares of the options when a move is made, {count} converged draws",
            "Shares of the options when a move is made, {count} converged draws",
            self.converged,
        )
        return (
            Table("moves", caption, over_play, tuple(moves), grouped=4),
            Table("situations", tr("By situation, those that play reaches most often first"), by_situation,
                  tuple(situations), grouped=4),
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            *((DRAWS_AS_OF_NOW,) if self.as_of_now else ()),
            tr(
                "Made, reached: how often play comes there, on average over the draws. The share of an option is its "
                "probability if the move is made, over all draws together, so that a draw in which the move is seldom "
                "made counts less. 5 % to 95 %: of the share in a draw. ± over draws: one standard deviation of that "
                "share."
            ),
        )


def moves_columns(names: Names) -> tuple[Column, ...]:
    """The first columns of a table of moves, up to the option."""
    return (
        Column("move", tr("move"), names=names.steps),
        Column("round", tr("round"), "count"),
        Column("actor", tr("actor"), names=names.actors),
        Column("reached", tr("made"), "share"),
        Column("option", tr("option"), of="move", names=names.options),
    )


def situations_columns(names: Names, facts: Iterable[Mapping[str, str]]) -> tuple[Column, ...]:
    """The first columns of a table of situations, up to the option's share."""
    known = {NOTHING_TELLING: tr("always the same")} | {in_words(own): names.facts(own) for own in facts if own}
    return (
        Column("reached", tr("reached"), "share"),
        Column("move", tr("move"), names=names.steps),
        Column("round", tr("round"), "count"),
        Column("sees", tr("the mover knows"), names=known),
        Column("option", tr("option"), of="move", names=names.options),
        Column("share", tr("share"), "share"),
    )


def sentence(names: Names, move: str, when: int, actor: str, reached: float, options: Mapping[str, float]) -> str:
    """One sentence on a move in a round: its likeliest option and the others, with their shares."""
    (first, share), *rest = sorted(options.items(), key=lambda item: -item[1])
    chosen = [tr("{option} ({share} of cases)", option=names.option(move, first), share=percent(share))]
    chosen += [
        tr("{option} ({share})", option=names.option(move, option), share=percent(part))
        for option, part in rest
        if part >= 0.005
    ]
    step, options_chosen = names.step(move, when), ", ".join(chosen)
    if reached > 0.995:
        return tr("At {step}, {actor} chooses {options}.", step=step, actor=names.actors[actor], options=options_chosen)
    return tr(
        "At {step}, which arises in {share} of plays, {actor} chooses {options}.",
        step=step,
        share=percent(reached),
        actor=names.actors[actor],
        options=options_chosen,
    )


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
