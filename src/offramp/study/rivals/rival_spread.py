"""Solves rival drafts, each over the same number of draws: how far apart they are, and how unsure each of them is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import listed, quoted
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.crisis.parts import name_of
from offramp.crisis.reading import read
from offramp.gambit.opening import compile_game
from offramp.runs.sampling import MAX_DRAWS
from offramp.runs.study_draws import Solved, solve_values, solvers
from offramp.runs.weighted import Interval, interval_of
from offramp.study.key_map import IN_TWO, MAP_FILE, KeyMap, check_keys, keys_of
from offramp.study.outlook.endings import monte_carlo_error
from offramp.study.rivals.rivals_finding import DraftEnding, OnlySome, Rivals, SharedEnding, SolvedDraft
from offramp.study.scenarios import drawn_inputs

Array = NDArray[np.float64]

DRAWS = 256
"""How many draws of each draft are solved."""
COMPARED = ("endings", "actors", "steps", "options", "inputs")
"""The sections of a map of which it is said what only some drafts have."""


def spread_of_rivals(
    key_map: KeyMap,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    max_nodes: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rivals:
    """Solve every draft of a map, and say how far apart they are and what only some of them have.

    Parameters
    ----------
    key_map
        The map of the drafts' keys, from `read_map`. If no person has confirmed its endings, their numbers are given
        for each draft alone.
    draws, seed
        How many draws of each draft, and where their sequence begins: those of `offramp run` with the same two.
    max_nodes
        The largest game to compile.
    executor
        Who solves; by default threads of this process.
    progress
        Called with the number of draws done since the last call, of `draws` for each draft.

    Raises
    ------
    OfframpError
        If a draft cannot be read, has mistakes, or lacks what the map names; with the mistakes of all drafts.
    UsageError
        If a number asked for makes no sense, a draft lies outside the folder of the map, or two are one file.
    """
    if not 2 <= draws <= MAX_DRAWS:
        raise UsageError(f"draws must lie between 2 and {MAX_DRAWS:,}, found {draws:,}")
    check_seed(seed)
    crises = crises_of(key_map)
    check_keys(key_map, crises)
    with solvers(executor) as pool:
        solved = {label: _solved(crisis, draws, seed, max_nodes, pool, progress) for label, crisis in crises.items()}
    names = {label: names_of(crisis) for label, crisis in crises.items()}
    confirmed = key_map.are_endings_confirmed
    shared = [_shared(key, row, crises, solved, names) for key, row in key_map.rows("endings").items() if confirmed]
    sections = [section for section in COMPARED if section in key_map.sections and (confirmed or section != "endings")]
    return Rivals(
        place=str(key_map.path.parent if key_map.path.name == MAP_FILE else key_map.path),
        draws=draws,
        seed=seed,
        confirmation=key_map.confirmation,
        are_endings_confirmed=confirmed,
        drafts=tuple(_draft(label, crisis, solved[label], names[label]) for label, crisis in crises.items()),
        endings=tuple(shared),
        own={label: _own(key_map, label, crisis, confirmed) for label, crisis in crises.items()},
        only_some=tuple(one for section in sections for one in _only_some(key_map, section, crises, names)),
    )


def crises_of(key_map: KeyMap) -> dict[str, Crisis]:
    """The crisis of each draft by its label; OfframpError with the mistakes of all that cannot be read."""
    crises: dict[str, Crisis] = {}
    first: dict[Path, str] = {}
    mistakes = []
    for label in key_map.files:
        try:
            path = key_map.file_inside(label)
            other = first.setdefault(path.resolve(), label)
            if other != label:
                raise UsageError(
                    f"{key_map.path}: {quoted(label)} and {quoted(other)} are one file, {path}; name each draft once"
                )
            crises[label] = read(path)
        except OfframpError as error:
            mistakes.append(str(error))
    if mistakes:
        raise OfframpError("\n".join(mistakes))
    return crises


def _solved(
    crisis: Crisis, draws: int, seed: int, max_nodes: int | None, pool: Executor, progress: Callable[[int], None] | None
) -> Solved:
    game = compile_game(crisis, max_nodes)
    return solve_values(game, draws, drawn_inputs(crisis, draws, seed), pool, progress)


def _measured(keys: Iterable[str], crisis: Crisis, solved: Solved) -> DraftEnding:
    """The probability that play ends in one of some endings, over the draws that converged."""
    share = np.sum([solved.endings[crisis.ending_index(key)] for key in keys], axis=0)
    kept = share[solved.converged]
    if not len(kept):
        return DraftEnding(Interval(*[np.nan] * 4), np.nan, np.nan)
    return DraftEnding(
        interval_of(kept, np.ones(len(kept))), float(kept.std()), monte_carlo_error(share, solved.converged)
    )


def _draft(label: str, crisis: Crisis, solved: Solved, names: Names) -> SolvedDraft:
    endings = {ending.key: _measured([ending.key], crisis, solved) for ending in crisis.endings}
    return SolvedDraft(label, names, int(solved.converged.sum()), endings, crisis.draft)


def _shared(
    key: str,
    row: Mapping[str, tuple[str, ...]],
    crises: Mapping[str, Crisis],
    solved: Mapping[str, Solved],
    names: Mapping[str, Names],
) -> SharedEnding:
    by_draft = {label: _measured(row[label], crisis, solved[label]) for label, crisis in crises.items() if label in row}
    return SharedEnding(key, _called("endings", row, names), by_draft)


def _own(key_map: KeyMap, label: str, crisis: Crisis, confirmed: bool) -> tuple[str, ...]:
    """The endings of a draft that are in no row, or all of them if no person has confirmed the rows."""
    shared = key_map.shared("endings", label) if confirmed else {}
    return tuple(key for key in keys_of(crisis, "endings") if key not in shared)


def _only_some(
    key_map: KeyMap, section: str, crises: Mapping[str, Crisis], names: Mapping[str, Names]
) -> Iterable[OnlySome]:
    """What some drafts have and others do not: rows without some of them, then keys in no row.

    Options of a step that only one draft has are left out.
    """
    every = tuple(crises)
    for row in key_map.rows(section).values():
        having = tuple(label for label in every if label in row)
        if len(having) < len(every):
            yield OnlySome(section, _called(section, row, names), having, _without(every, having))
    steps = {label: key_map.shared("steps", label) for label in every}
    for label, crisis in crises.items():
        shared = key_map.shared(section, label)
        for key in keys_of(crisis, section):
            if key not in shared and (section != "options" or key.partition(".")[0] in steps[label]):
                called = _name(section, key, names[label])
                yield OnlySome(section, called, (label,), _without(every, (label,)))


def _without(every: Iterable[str], some: Collection[str]) -> tuple[str, ...]:
    """The labels that are not among some, in their order."""
    return tuple(label for label in every if label not in some)


def _called(section: str, row: Mapping[str, tuple[str, ...]], names: Mapping[str, Names]) -> str:
    """What readers call the thing of a row: its name in the first draft in which it has one key, or all its names."""
    label = min((label for label in names if label in row), key=lambda label: len(row[label]) > 1)
    return listed((_name(section, key, names[label]) for key in row[label]), last="or")


def _name(section: str, key: str, names: Names) -> str:
    """What readers call a part of a draft: `limited strike (reply)` of an option."""
    if section in IN_TWO:
        step, _, option = key.partition(".")
        return f"{names.option(step, option)} ({names.step(step)})"
    kinds = {"endings": names.endings, "actors": names.actors, "steps": names.steps, "inputs": names.inputs}
    return kinds[section].get(key, name_of(key))
