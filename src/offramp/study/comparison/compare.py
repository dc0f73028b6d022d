"""Comparing two crises: what differs between them, and how much each difference moves the endings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.crisis.names import Names
from offramp.equilibrium.as_of_now import open_edges
from offramp.gambit.opening import Playable, compile_game, crisis_of
from offramp.gambit.tree import Tree
from offramp.runs.sampling import MAX_DRAWS
from offramp.runs.study_draws import solvers
from offramp.study.accuracy import without_dust
from offramp.study.basis import moment_of_both
from offramp.study.compared_solutions import FOLLOWED, NOTHING_COMPARED, ComparedSolutions, compared_solutions
from offramp.study.comparison.attribution import (
    Flags,
    Group,
    Hybrids,
    SolvedHybrid,
    contributions,
    grouped,
    on_the_way,
    points_of,
)
from offramp.study.comparison.comparable import Common, common_to
from offramp.study.comparison.comparison_finding import Comparison, Difference, MeasureCompared
from offramp.study.comparison.difference_words import in_words
from offramp.study.comparison.differences import Key, changes, differing, matched, only_in_words, written
from offramp.study.comparison.shared_keys import with_own_keys, with_shared_keys
from offramp.study.interventions.changes import least_change
from offramp.study.key_map import KeyMap
from offramp.study.outlook.endings import monte_carlo_error

Array = NDArray[np.float64]

__all__ = ["Comparison", "compare"]


def compare(
    a: Playable,
    b: Playable,
    *,
    draws: int = 128,
    seed: int = 1,
    labels: tuple[str, str] | None = None,
    key_map: KeyMap | None = None,
    max_nodes: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Comparison:
    """Find what differs between two crises, and by how much each difference moves the endings.

    The differences are carried over from A to B one after the other; the change that each makes, on the same draws, is
    its share. Shares are means over orders, so they add up to the whole (Shapley 1953): over all orders for up to
    four differences, otherwise over one order and its reverse.

    Parameters
    ----------
    a, b
        Two crises, with the levers that they have pulled. As of now (`crisis.now()`), each with its own observations:
        what is known is then one of the differences if it differs, and each draw has the weight that it has in `run`.
    draws, seed
        How many draws, and where their sequence begins. An input of both has the same points in both.
    labels
        What to call the two; by default their paths.
    key_map
        Which keys of B stand for which of A, from `read_map`; it must name the files of both.
    max_nodes
        The largest game to compile.
    executor
        Who solves, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this process.
    progress
        Called with the share of the work that is done.

    Returns
    -------
    A `Comparison`. An ending that one of the crises lacks has probability 0 in it. Differences that make no crisis
    one by one (a payoff that names a new option, and the option) count as one. Two crises that have too little in
    common (`Common.is_enough`) are not compared part by part: it says what they share.

    Raises
    ------
    CrisisError
        If some draw's odds or payoffs are impossible in A or in B; if the map names what they do not have.
    UsageError
        If a number asked for makes no sense; a game of Gambit, which has no parts to compare; too few draws that
        explain what is known.
    """
    a, b = crisis_of(a), crisis_of(b)
    if isinstance(a, Tree) or isinstance(b, Tree):
        path = a.path if isinstance(a, Tree) else b.path
        raise UsageError(f"{path} is a game of Gambit, not a crisis: it has no parts to compare")
    if not 2 <= draws <= MAX_DRAWS:
        raise UsageError(f"draws must lie between 2 and {MAX_DRAWS:,}, found {draws:,}")
    check_seed(seed)
    for crisis in (a, b):
        if crisis.past:  # a mistake is then reported where it is in the file, and not in a mixture
            open_edges(compile_game(crisis.before_now, max_nodes))
    shared = with_own_keys(a, b) if key_map is None else with_shared_keys(a, b, key_map)
    b, names, counted = shared.b, shared.names, shared.counted
    left, right = matched(written(a), written(b), shared.told)
    keys = differing(left.parts, right.parts)
    endings_of = [
        list(dict.fromkeys(counted.get(name, name) for name, _ in side.parts["endings",])) for side in (left, right)
    ]
    endings = tuple(dict.fromkeys(name for names in endings_of for name in names))
    common = common_to(a, b, tuple(name for name in endings_of[0] if name in endings_of[1]))
    measures = tuple(one for one in a.measures if ("measures", one.key) in left.parts)
    measured = _nothing_differs(len(endings) + len(measures), draws)
    if keys:
        with solvers(executor) as pool:
            points = points_of(a, b, draws, seed)
            compared = tuple(one.key for one in measures)
            mixtures = Hybrids(left.parts, right.parts, a.path, points, endings, counted, compared, pool, max_nodes)
            groups, solved = _solve_mixtures(mixtures, keys, common, progress)
        measured = _measured(groups, solved, frozenset(keys), names, common)
        if not common.is_enough:
            every = [True] * len(measures)
            measured = measured.of_own_endings([name in own for name in endings] + every for own in endings_of)
    words, idle = only_in_words(left, right, keys)
    return Comparison(
        labels=labels or (a.path, b.path),
        names=names,
        draws=draws,
        seed=seed,
        kept=measured.kept,
        endings=endings,
        before=measured.before[: len(endings)],
        after=measured.after[: len(endings)],
        error=measured.error[: len(endings)],
        differences=measured.differences,
        parts=tuple((in_words([key], names), *changes(key, left.whole(key), right.whole(key))) for key in keys),
        words=in_words(words, names),
        idle=in_words(idle, names),
        hybrids=measured.hybrids,
        common=common,
        moment=moment_of_both(a, b),
        as_of_now=a.outset is not None or b.outset is not None,
        avoided=tuple(dict.fromkeys((*a.avoided, *b.avoided))),
        key_map=shared.by,
        measures=tuple(map(MeasureCompared, measures, *(part[len(endings) :].tolist() for part in measured.levels))),
        followed=measured.followed,
    )


@dataclass(frozen=True)
class _Measured:
    """What solving the mixtures of A and B gives; the fields are those of `Comparison`, (endings + measures,)."""

    kept: int
    hybrids: int
    before: Array
    after: Array
    error: Array
    differences: tuple[Difference, ...]
    followed: ComparedSolutions

    @property
    def levels(self) -> tuple[Array, Array, Array]:
        """In A, in B, and the error of the difference."""
        return self.before, self.after, self.error

    def of_own_endings(self, own: Iterable[list[bool]]) -> _Measured:
        """The same with NaN for the endings that A, and that B, lacks."""
        before, after = (
            np.where(has, level, np.nan) for has, level in zip(own, (self.before, self.after), strict=True)
        )
        return replace(self, before=before, after=after)


def _nothing_differs(numbers: int, draws: int) -> _Measured:
    nothing = np.zeros(numbers)
    return _Measured(draws, 0, nothing, nothing, nothing, (), NOTHING_COMPARED)


def _solve_mixtures(
    mixtures: Hybrids, keys: tuple[Key, ...], common: Common, progress: Callable[[float], None] | None
) -> tuple[tuple[Group, ...], dict[Group, SolvedHybrid]]:
    """The groups of differences to exchange, and every mixture on the way from A to B, solved.

    Two crises with too little in common are one group: only A and B themselves are solved.
    """
    everything = frozenset(keys)
    for taken in (frozenset[Key](), everything):
        mixtures.solve(taken, FOLLOWED)  # raises if A or B itself cannot be solved
    groups = grouped(keys, mixtures.fits) if common.is_enough else (everything,)
    needed = on_the_way(groups)
    solved = {}
    for done, taken in enumerate(needed, start=1):
        solved[taken] = mixtures.solve(taken)
        if progress:
            progress(done / len(needed))
    return groups, solved


def _measured(
    groups: tuple[Group, ...],
    solved: Mapping[Group, SolvedHybrid],
    everything: Group,
    names: Names,
    common: Common,
) -> _Measured:
    """Endings and measures in A and in B, and what each group of differences moves, over the draws that converged
    everywhere.
    """
    converged: Flags = np.logical_and.reduce([hybrid.converged for hybrid in solved.values()])
    numbers = {taken: hybrid.linear(converged) for taken, hybrid in solved.items()}
    nothing = frozenset[Key]()
    before, after = (numbers[taken][:, converged].mean(axis=1) for taken in (nothing, everything))
    size = np.max([np.abs(rows[:, converged]).max(axis=1, initial=0.0) for rows in numbers.values()], axis=0)
    after = before + without_dust(after - before, size)
    error = _errors(numbers[everything] - numbers[nothing], converged, size)
    differences = []
    if common.is_enough:
        least = least_change(np.abs(before), np.abs(after))
        for group, moved in zip(groups, contributions(groups, numbers), strict=True):
            own_error = _errors(moved, converged, size)
            mean = without_dust(moved[:, converged].mean(axis=1), size)
            differences.append(Difference(tuple(sorted(group)), in_words(group, names), mean, own_error, least))
    followed = compared_solutions(solved[taken].status for taken in (nothing, everything))
    return _Measured(int(converged.sum()), len(solved), before, after, error, tuple(differences), followed)


def _errors(moved: Array, converged: Flags, size: Array) -> Array:
    """The standard errors of the means of what is moved, (numbers, draws); 0 of numbers that nothing moves."""
    return without_dust([monte_carlo_error(row, converged) for row in moved], size)
