"""One draw of a run, converged or not: inputs, endings and strategy profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.names import Names, names_of
from offramp.equilibrium.branch.traced import STATUSES, Status
from offramp.equilibrium.logit import BlockSolution, evaluate_block
from offramp.equilibrium.solution import MoveOdds
from offramp.equilibrium.sweeps import block_of
from offramp.gambit.opening import Playable
from offramp.game.tables import Draws, tabulate
from offramp.runs.blocks import numbered_block
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.runs.sampling import CHUNK, sample_chunk
from offramp.runs.strategy_of_draw import strategy_of
from offramp.runs.study_draws import solve_past, solvers
from offramp.study.basis import AS_OF_NOW, moment
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.outlook.moves import (
    Moves,
    in_words,
    is_ahead,
    moves_columns,
    moves_over_draws,
    sentence,
    situations_columns,
)
from offramp.study.standing import HOW_SURE, status_name
from offramp.study.wording import telling_facts

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MoveInDraw:
    """A move in one round: how often it is made, and the share of each option when it is."""

    move: str
    round: int
    actor: str
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True, repr=False)
class MovesInDraw(Finding):
    """What each actor does in one draw.

    `inputs`: with levers applied. `endings`: likeliest first. `moves`: those that are made, in the order of the
    timeline. `situations`: most often reached first; `facts`: for each what sets it apart from the other situations of
    its move. `status`, `residual`: how the solve went. `kept`: whether the run keeps profiles; otherwise the draw was
    solved again. `moment`: as of when, in words; empty from the outset.
    """

    crisis: str
    names: Names
    draw: int
    inputs: Mapping[str, float]
    endings: Mapping[str, float]
    moves: tuple[MoveInDraw, ...]
    situations: tuple[MoveOdds, ...]
    facts: tuple[Mapping[str, str], ...]
    status: Status
    residual: float
    kept: bool
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""

    @property
    def title(self) -> str:
        return tr("{crisis}: who does what in draw {draw}?", crisis=self.crisis, draw=f"{self.draw:,}")

    @property
    def basis(self) -> str:
        draw, levers = f"{self.draw:,}", listed(self.names.pulled, 20)
        if levers:
            solve = tr("One solve, that of draw {draw}; levers pulled: {levers}.", draw=draw, levers=levers)
        else:
            solve = tr("One solve, that of draw {draw}.", draw=draw)
        return self.moment + solve

    @property
    def answer(self) -> tuple[str, ...]:
        odds = listed(
            (
                tr("{ending} in {share}", ending=self.names.endings[name], share=percent(share))
                for name, share in self.endings.items()
                if share >= 0.005
            ),
            30,
        )
        sentences = [tr("How it ends: {odds} of cases.", odds=odds)]
        if self.status == "unconverged":
            sentences.insert(0, tr("This draw did not converge, so its numbers are not those of an equilibrium."))
        return (*sentences, *(sentence(self.names, m.move, m.round, m.actor, m.reached, m.options) for m in self.moves))

    @property
    def tables(self) -> tuple[Table, ...]:
        moves: list[tuple[Value, ...]] = [
            (made.move, made.round or None, made.actor, made.reached, option, share)
            for made in self.moves
            for option, share in made.options.items()
        ]
        situations: list[tuple[Value, ...]] = [
            (
                shown.reached,
                shown.situation.move,
                shown.situation.round or None,
                in_words(facts),
                option,
                share,
            )
            for shown, facts in zip(self.situations, self.facts, strict=True)
            for option, share in shown.options.items()
        ]
        over_play = (*moves_columns(self.names), Column("share", tr("share"), "share"))
        by_situation = situations_columns(self.names, self.facts)
        of_input = (Column("input", tr("input"), names=self.names.inputs), Column("value", tr("value"), "number"))
        of_ending = (
            Column("ending", tr("ending"), names=self.names.endings),
            Column("probability", tr("probability"), "share"),
        )
        return (
            Table("moves", tr("Shares of the options when a move is made"), over_play, tuple(moves), grouped=4),
            Table("situations", tr("By situation, those that play reaches most often first"), by_situation,
                  tuple(situations), grouped=4),
            Table("endings", tr("How it ends"), of_ending, tuple(self.endings.items())),
            Table("inputs", tr("The inputs of the draw"), of_input, tuple(self.inputs.items())),
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            *((AS_OF_NOW,) if self.as_of_now else ()),
            tr("Made, reached: how often play comes there in this draw."),
            f"{self._solved()} {self._kept()}",
        )

    def _solved(self) -> str:
        if self.status == "unconverged":
            return tr("{how_sure}: this draw did not converge to an equilibrium.", how_sure=HOW_SURE)
        return tr("{how_sure}: this draw was solved to an equilibrium.", how_sure=HOW_SURE)

    def _kept(self) -> str:
        residual = f"{self.residual:.0e}"
        if self.kept:
            return tr(
                "Its status is {status}, its residual {residual}; its profile is as the run has kept it.",
                status=status_name(self.status),
                residual=residual,
            )
        return tr(
            "Its status is {status}, its residual {residual}; its profile is solved again, with the same bits.",
            status=status_name(self.status),
            residual=residual,
        )


def moves_in(run: Playable, draw: int, *, rarest: float = 0.0) -> MovesInDraw:
    """What each actor does in one draw, also in one that did not converge.

    Parameters
    ----------
    run
        Solved draws, in memory or on disk. If the run keeps strategies, the draw's is read; otherwise it is solved
        again, which gives the same bits.
    draw
        The draw's number, from 0.
    rarest
        Situations that play reaches less often than this are left out.

    Returns
    -------
    The draw's inputs and endings, each move's options when it is made, and the same by situation.

    Raises
    ------
    UsageError
        If there is no such draw.
    """
    run = run_of(run)
    game, choice, inputs = run.game, strategy_of(run, draw), run.inputs_of(draw)
    values = {name: np.array([value]) for name, value in inputs.items()}
    if game.as_of_now:
        evaluated = _solved_now(run, draw, values)
    else:
        evaluated = evaluate_block(block_of(game, tabulate(game, Draws(values, [f"draw {draw}"]))), choice[:, None])
    shares = [float(share) for share in choice]
    odds = [
        MoveOdds(situation, float(reached), dict(zip(situation.options, shares[situation.slots], strict=True)))
        for situation, reached in zip(game.situations, evaluated.reached[:, 0], strict=True)
    ]
    facts_of = telling_facts(game.situations)
    shown = [move for move in sorted(odds, key=lambda move: -move.reached) if move.reached >= rarest]
    if game.as_of_now:
        shown = [move for move in shown if is_ahead(run.crisis, move.situation, move.reached)]
    endings = zip((ending.key for ending in run.crisis.endings), map(float, evaluated.endings[:, 0]), strict=True)
    return MovesInDraw(
        crisis=run.crisis.title,
        names=names_of(run.crisis),
        draw=draw,
        inputs=inputs,
        endings=dict(sorted(endings, key=lambda item: -item[1])),
        moves=tuple(
            made
            for made in _over_play(run, odds)
            if made.reached > 0.0 and (made.move, made.round) not in run.crisis.past
        ),
        situations=tuple(shown),
        facts=tuple(facts_of(move.situation) for move in shown),
        status=STATUSES[run.status[draw]],
        residual=float(run.residual[draw]),
        kept=run.strategies is not None,
        moment=moment(run.crisis),
        as_of_now=run.crisis.outset is not None,
    )


def _solved_now(run: Run, draw: int, values: Mapping[str, Array]) -> BlockSolution:
    """A draw of a run as of now, solved again: up to now, and ahead at its inputs, (1,) each."""
    chunk, place = divmod(draw, CHUNK)
    own = {name: column[[place]] for name, column in sample_chunk(run.crisis.before_now, run.seed, chunk).items()}
    with solvers(None) as pool:
        past = solve_past(run.game, 1, own, pool)
    return numbered_block(run.game, values, 0, 1, draw, None, past).solve()


def _over_play(run: Run, odds: list[MoveOdds]) -> list[MoveInDraw]:
    """Each move in each round, over all its situations."""
    taken = {
        (made.move, made.round): dict.fromkeys(run.crisis.offered(made.move, made.round), 0.0)
        for made in run.occurrences
    }
    for move in odds:
        for option, share in move.options.items():
            taken[move.situation.move, move.situation.round][option] += move.reached * share
    moves = []
    for made in run.occurrences:
        shares = taken[made.move, made.round]
        reached = sum(shares.values())
        options = {option: share / reached if reached else 0.0 for option, share in shares.items()}
        moves.append(MoveInDraw(made.move, made.round, made.actor, reached, options))
    return moves


@overload
def moves(run: Playable, *, draw: None = None, rarest: float = 0.0) -> Moves: ...
@overload
def moves(run: Playable, *, draw: int, rarest: float = 0.0) -> MovesInDraw: ...
def moves(run: Playable, *, draw: int | None = None, rarest: float = 0.0) -> Moves | MovesInDraw:
    """What each actor does, over the converged draws of a run, or in one draw.

    Parameters
    ----------
    run
        A run, or a crisis or game, of which 2,048 draws are then solved.
    draw
        The number of one draw, from 0, also one that did not converge; see `moves_in`.
    rarest
        Situations that play reaches less often than this are left out.

    Raises
    ------
    UsageError
        If there is no such draw.
    """
    run = run_of(run)
    return moves_over_draws(run, rarest=rarest) if draw is None else moves_in(run, draw, rarest=rarest)
