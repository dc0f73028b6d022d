"""The likeliest paths of a crisis, overall and to each ending.

A path lists what is done and what happens, step by step. Circumstances are chance steps before the first move that are
hidden from somebody: paths are summed over them, and their odds given the path are shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from offramp.common.errors import UsageError
from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names, capital, names_of
from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import ConditionedPlay, condition_play
from offramp.gambit.opening import Playable
from offramp.game.agreement import consistent_edges
from offramp.study.basis import AS_OF_NOW, NO_EQUILIBRIUM, moment, one_solve
from offramp.study.finding import Column, Finding, Table
from offramp.study.histories.flows import Flows
from offramp.study.histories.lift import Telling, lift_table, set_apart, telling_choices
from offramp.study.histories.path_search import Circumstance, Path, Step, circumstances, likeliest_paths
from offramp.study.histories.plays import plays_of, solved

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

OVERALL, TO_EACH, TO_ONE = 5, 3, 8
"""Number of paths to look for: overall, to each ending, and to a single ending that the user names."""
MOST_ENDINGS = 6
"""Paths are looked for to this many endings at most, the likeliest."""
MOST_TELLING, FEW = 12, 4
"""Number of choices shown that set an ending apart: of the one that the user names, and of each."""
SURE = 1e-12
"""A probability nearer than this to 1 differs from it by rounding only."""
MOVED = 0.05
"""A circumstance whose probability changes by less than this is not mentioned."""


@dataclass(frozen=True)
class Ways:
    """The likeliest paths, likeliest first: overall (`to` is None), or to an ending, of a `probability`.

    `complete`: False if the search gave up before it found as many as were asked for. `telling`: what sets the ending
    apart, most telling first.
    """

    to: str | None
    probability: float
    paths: tuple[Path, ...]
    complete: bool
    telling: tuple[Telling, ...] = ()

    def share(self, paths: Iterable[Path]) -> float:
        """The share of the probability for which some of the paths account."""
        return sum(path.probability for path in paths) / self.probability


@dataclass(frozen=True, repr=False)
class Paths(Finding):
    """The likeliest paths of a crisis; `movers` gives each move's actor.

    `solved`: what was solved; `run`: the means of the run it belongs to, by ending. `flows`: how play flows along the
    timeline, if that is wanted as a table too. `moment`: as of when, in words; empty from the outset.
    """

    crisis: str
    names: Names
    solved: str
    converged: bool
    ways: tuple[Ways, ...]
    movers: Mapping[str, str]
    run: Mapping[str, float] = field(default_factory=dict)
    flows: Flows | None = None
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""

    @property
    def title(self) -> str:
        return tr("{crisis}: by which paths?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def answer(self) -> tuple[str, ...]:
        warning = [] if self.converged else [NO_EQUILIBRIUM]
        return (*warning, *(" ".join(self._sentences(ways)) for ways in self.ways))

    def _sentences(self, ways: Ways) -> Iterator[str]:
        if ways.to is None:
            yield from self._of_crisis(ways)
        else:
            if apart := set_apart(ways.to, ways.telling, self.names, self.movers):
                yield apart
            yield from self._of_ending(ways, self.names.endings[ways.to], self._likely(ways.to, ways.probability))
        if ways.paths and not ways.complete:
            yield tr("The search gave up before it found more.")

    def _of_crisis(self, ways: Ways) -> Iterator[str]:
        """How the crisis goes most often."""
        if not ways.paths:
            yield tr("The crisis has too many paths to find one: each is very unlikely.")
            return
        yield tr(
            "The crisis goes most often like this, in {share} of cases: {path}.",
            share=percent(ways.share(ways.paths[:1])), path=self.words(ways.paths[0]),
        )  # fmt: skip
        if len(ways.paths) > 1:
            yield trn(
                "The likeliest {count} path accounts for {share} of the probability.",
                "The likeliest {count} paths together account for {share} of the probability.",
                len(ways.paths), share=percent(ways.share(ways.paths)),
            )  # fmt: skip

    def _of_ending(self, ways: Ways, ending: str, likely: str) -> Iterator[str]:
        """How an ending comes about most often."""
        if not ways.probability > 0.0:
            yield tr("No path leads to {ending}.", ending=ending)
        elif not ways.paths:
            yield tr(
                "Too many paths lead to {ending} ({likely}) to find one: each is very unlikely.",
                ending=ending, likely=likely,
            )  # fmt: skip
        else:
            yield tr(
                "{ending} ({likely}) comes about most often like this, in {share} of its cases: {path}.",
                ending=capital(ending), likely=likely,
                share=percent(ways.share(ways.paths[:1])), path=self.words(ways.paths[0]),
            )  # fmt: skip
        if len(ways.paths) > 1:
            yield trn(
                "The likeliest {count} path accounts for {share} of the probability of {ending}.",
                "The likeliest {count} paths together account for {share} of the probability of {ending}.",
                len(ways.paths), share=percent(ways.share(ways.paths)), ending=ending,
            )  # fmt: skip

    def _likely(self, ending: str, probability: float) -> str:
        """How likely an ending is, with the run's figure first."""
        here = percent(probability)
        if ending in self.run:
            return tr("{run} likely, {here} in this solve", run=percent(self.run[ending]), here=here)
        return tr("{here} likely", here=here)

    def words(self, path: Path) -> str:
        """A path as a sentence: `Iran chooses a notice; in round 1 Iran chooses a salvo and Hamas restraint`."""
        clauses: list[str] = []
        for number, in_round in groupby(path.steps, key=lambda step: step[1]):
            parts = [
                self._choices(steps) if moves else ", ".join(self.names.fact(step, value) for step, _, value in steps)
                for moves, steps in groupby(in_round, key=lambda step: step[0] in self.movers)
            ]
            parts[0] = tr("in round {round} {choices}", round=number, choices=parts[0]) if number else parts[0]
            clauses += parts
        return "; ".join(clauses) or tr("nothing is done")

    def _choices(self, steps: Iterable[Step]) -> str:
        """Moves in words, the verb once: `Iran chooses a notice, then a salvo, and Hamas restraint`."""
        choices = [
            (self.names.actors[actor], _one_by_one([self.names.option(step, value) for step, _, value in own]))
            for actor, own in groupby(steps, key=lambda step: self.movers[step[0]])
        ]
        (first, options), *others = choices
        chooses = tr("{actor} chooses {options}", actor=first, options=options)
        return listed([chooses, *(f"{actor} {chosen}" for actor, chosen in others)], 30)

    @property
    def tables(self) -> tuple[Table, ...]:
        tables: tuple[Table, ...] = ()
        for ways in self.ways:
            apart = () if ways.to is None else (lift_table(ways.to, ways.telling, self.names, self.movers),)
            tables = (*tables, *apart, self._table(ways))
        return tables if self.flows is None else (*tables, self.flows.table)

    def _table(self, ways: Ways) -> Table:
        columns = (
            Column("probability", tr("probability"), "share"),
            Column("cumulative", tr("together"), "share"),
            Column("path", tr("path")),
            Column("ends", tr("ends in")) if ways.to is None else Column("share", tr("of ending"), "share"),
            Column("circumstances", tr("what it says of circumstances")),
        )
        rows, together = [], 0.0
        for path in ways.paths:
            together += path.probability / ways.probability
            end = self._listed(path.endings) if ways.to is None else path.probability / ways.probability
            rows.append((path.probability, together, self.words(path), end, self._moved(path)))
        if ways.to is None:
            return Table("paths", tr("The likeliest paths"), columns, tuple(rows))
        caption = tr("The likeliest paths to {ending}", ending=self.names.endings[ways.to])
        return Table(f"paths_{ways.to}", caption, columns, tuple(rows))

    def _moved(self, path: Path) -> str:
        """The circumstances about which the path says most: for each the value whose odds have moved most.

        Of two values that have moved alike, as the only two of a step do, the one that has become likelier.
        """
        phrases = []
        for step, values in groupby(path.circumstances, key=lambda circumstance: circumstance.step):
            most = max(values, key=lambda one: (round(abs(one.given - one.before), 9), one.given - one.before))
            if abs(most.given - most.before) >= MOVED:
                fact = self.names.fact(step, most.value)
                phrases.append(f"{fact} {percent(most.given)} ({percent(most.before)})")
        return "; ".join(phrases) or "–"

    def _listed(self, endings: Mapping[str, float]) -> str:
        """Endings with their odds if there is more than one; those too unlikely to print are left out."""
        likely = sorted(endings, key=lambda name: -endings[name])
        if endings[likely[0]] >= 0.9995:
            return self.names.ending(likely[0])
        return ", ".join(
            f"{self.names.ending(key)} {percent(endings[key])}" for key in likely if endings[key] >= 0.0005
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if self.as_of_now:
            return (
                AS_OF_NOW,
                tr(
                    "Paths begin now, and are summed over what came before and is not known. What a path says of these "
                    "circumstances: how likely a value is given the path, if that is far from its odds now (in "
                    "brackets). Chance steps that do not arise and moves that are not made are left out. Together: the "
                    "share of all plays, or of those to the ending, for which this path and those above it account."
                ),
            )
        return (
            tr(
                "Paths are summed over the chance steps before the first move that are hidden from somebody. What a "
                "path says of these circumstances: how likely a value is given the path, if that is far from the odds "
                "at the outset (in brackets). Chance steps that do not arise and moves that are not made are left out. "
                "Together: the share of all plays, or of those to the ending, for which this path and those above it "
                "account."
            ),
        )


def _one_by_one(options: list[str]) -> str:
    """The choices of one actor in a row: `a notice, then a salvo`."""
    first, *others = options
    for other in others:
        first = tr("{first}, then {next}", first=first, next=other)
    return first


def paths(
    game: Playable,
    *,
    to: str | None = None,
    top: int | None = None,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
) -> Paths:
    """The likeliest paths of a crisis at the medians of its inputs, overall and to each ending, or to one.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    to
        An ending; by default the paths overall and to each of the endings.
    top
        How many paths; by default a few (`OVERALL`, `TO_EACH`, `TO_ONE`).
    rationality, given
        One rationality for all actors, and values for inputs, as in `offramp.solve`.

    Raises
    ------
    UsageError
        An unknown ending.
    """
    return paths_of(*solved(game, rationality, given), to=to, top=top)


def paths_of(
    block: Block,
    solution: Solution,
    *,
    to: str | None = None,
    top: int | None = None,
    run: Mapping[str, float] | None = None,
) -> Paths:
    """The likeliest paths of a solved draw; see `paths`. `run`: means of a run, by ending, to show beside them."""
    game = block.game
    names = [ending.key for ending in game.crisis.endings]
    if to is not None:
        game.crisis.ending_index(to)
    if top is not None and top < 1:
        raise UsageError(f"paths are counted from 1 up, found a request for the {top} likeliest")
    probability = solution.endings
    likeliest = sorted(names, key=lambda name: -probability[name])[:MOST_ENDINGS]
    shown = tuple(name for name in names if name in likeliest or name == to)
    plays = plays_of(block, solution.choice, shown)
    if to is None:
        searches = [(None, top or OVERALL), *((name, top or TO_EACH) for name in likeliest)]
    else:
        searches = [(to, top or TO_ONE)]
    always = condition_play(block, solution.choice[:, None], open_edges(game))
    ways = []
    for name, count_wanted in searches:
        ending = None if name is None else plays.endings.index(name)
        likeliest_first, complete = likeliest_paths(plays, ending, count_wanted)
        described = tuple(_with_circumstances(always, path) for path in likeliest_first)
        telling = () if name is None else telling_choices(block, solution.choice, name)[: MOST_TELLING if to else FEW]
        ways.append(Ways(name, 1.0 if name is None else probability[name], described, complete, telling))
    movers = {layer.step: game.actors[layer.actor] for layer in game.layers if layer.actor >= 0}
    return Paths(
        game.crisis.title,
        names_of(game.crisis),
        one_solve(solution),
        solution.converged,
        tuple(ways),
        movers,
        run or {},
        moment=moment(game.crisis),
        as_of_now=game.crisis.outset is not None,
    )


def _with_circumstances(always: ConditionedPlay, path: Path) -> Path:
    """The path with the odds of its circumstances, given what is done and happens on it; `always`: all plays."""
    game = always.block.game
    hidden = circumstances(game)
    made = {(step, round_): value for step, round_, value in path.steps}
    shown = [(layer.step, layer.round) for place, layer in enumerate(game.layers) if place not in hidden]
    open_edge = consistent_edges(game, {key: (made.get(key, SKIPPED),) for key in shown})
    assert open_edge is not None
    along = condition_play(always.block, always.choice, open_edge & always.open_edge)
    circumstances_: list[Circumstance] = []
    for layer in hidden:
        step, number = game.layers[layer].step, game.layers[layer].round
        before, given = always.option_probabilities(layer)[:, 0], along.option_probabilities(layer)[:, 0]
        if game.past:
            if before.max() > (1.0 - SURE) * before.sum():
                continue  # it is known
            step = f"{step}@{number}" if number else step
        if given.sum() > 0.0:
            shares = zip((before / before.sum()).tolist(), (given / given.sum()).tolist(), strict=True)
            options = game.crisis.options_of(game.layers[layer].step)
            circumstances_ += [
                Circumstance(step, option, *share) for option, share in zip(options, shares, strict=True)
            ]
    return Path(path.steps, path.probability, path.endings, tuple(circumstances_))
