"""The options of the studies: one schema for the functions, the command line, the server and the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["name", "names", "whole", "number", "share", "values", "facts", "flag"]
"""A name of the crisis file or several, a whole number, a number, a probability, numbers by name, names by step, yes or
no."""

MOST_DRAWS = 4096
"""The maximum number of draws that a study solves for the page."""


_MOVE = re.compile(r"\s*([^=@]+?)\s*(?:@([0-9]{1,9}))?\s*(?:=\s*([^=@]+?)\s*(?:@([0-9]{1,9}))?\s*)?")


def parted_move(text: str) -> tuple[str, str | None, int | None] | None:
    """Move, option and round of `MOVE` or `MOVE=OPTION`, with `@ROUND` after either; None if it is neither.

    Examples
    --------
    >>> parted_move("answer=staged@2") == parted_move("answer@2=staged") == ("answer", "staged", 2)
    True
    """
    match = _MOVE.fullmatch(text)
    if match is None or (match[2] and match[4]):
        return None
    number = match[2] or match[4]
    return match[1], match[3], int(number) if number else None


@dataclass(frozen=True)
class StudyOption:
    """One option of a study.

    `name`: in a request, and on the command line after two dashes. `parameter`: in Python, if it has another name.
    `default`: what the study takes without it. `low`, `high`: bounds of a number in a request; a study says itself
    what it cannot take. `needed`: the study cannot do without it. `metavar`, `help`: on the command line.
    """

    name: str
    kind: Kind
    help: str = ""
    metavar: str = ""
    default: int | float | None = None
    low: int = 0
    high: int = 0
    needed: bool = False
    parameter: str = ""


def _draws(default: int, use: str = "Draws of the inputs; powers of two are best.") -> StudyOption:
    return StudyOption("draws", "whole", use, "N", default, 1, MOST_DRAWS)


ENDING = StudyOption("ending", "name", "The ending to avoid [those marked `avoid`, or the first].", "E")
SEED = StudyOption("seed", "whole", "The same seed gives the same numbers.", "S", 1, 0, 2**53 - 1)
VALUES = StudyOption("given", "values")
LEVERS = StudyOption("levers", "names")
SOLVE = (StudyOption("rationality", "number"), VALUES, LEVERS)
"""Options of every study that solves once; on the command line `--rationality`, `--set` and `--lever`."""

MOMENT = (StudyOption("now", "flag"), StudyOption("suppose", "facts"))
"""Options of every study that can speak as of now; in Python `crisis.now()` and `crisis.supposing(...)`."""

STUDIES: Mapping[str, tuple[StudyOption, ...]] = {
    "endings": MOMENT,
    "moves": MOMENT,
    "weigh": (
        StudyOption("ending", "name", "Analyse only this ending.", "NAME"),
        StudyOption("measure", "name", "Analyse this measure, in place of the endings.", "KEY"),
        *MOMENT,
    ),
    "levers": (
        ENDING,
        StudyOption("below", "share", "Find the cheapest levers that bring the ending below this.", "P"),
        _draws(96, "Draws of the inputs, of a run its first ones; powers of two are best."),
        replace(SEED, help="Seed of the draws [that of the run, else 1].", default=None),
        *MOMENT,
    ),
    "worth": (
        ENDING,
        StudyOption("for", "name", "Choose for this actor's payoff, less the costs.", "ACTOR", parameter="actor"),
        _draws(320, "Use the run's first N draws."),
        *MOMENT,
    ),
    "map": (
        StudyOption("x", "name", "The input on the horizontal axis.", "INPUT", needed=True),
        StudyOption("y", "name", "The input on the vertical axis.", "INPUT", needed=True),
        StudyOption("ending", "name", "Map the probability of an ending.", "NAME"),
        StudyOption(
            "move",
            "name",
            "Map the most likely option of a move, or the probability of one of its options.",
            "MOVE[@ROUND][=OPTION]",
        ),
        StudyOption("measure", "name", "Map the expected amount of a measure.", "KEY"),
        StudyOption("size", "whole", "The number of points along each axis.", "N", 25, 2, 61),
        VALUES,
        LEVERS,
        *MOMENT,
    ),
    "update": (
        StudyOption(
            "from",
            "name",
            "The crisis file with the events observed since the run; the draws are solved again.",
            "FILE",
            parameter="since",
        ),
    ),
    "paths": (
        StudyOption("to", "name", "Paths to this ending only.", "ENDING"),
        StudyOption("top", "whole", "Show N paths, overall and to each ending.", "N", None, 1, 100),
        *SOLVE,
        *MOMENT,
    ),
    "why": (
        StudyOption("move", "name"),
        StudyOption("ending", "name", "Why this ending is so rare, or so likely, in place of a move.", "E"),
        StudyOption("sees", "facts"),
        *SOLVE,
        *MOMENT,
    ),
    "compare": (
        _draws(128, "Draws of the inputs."),
        replace(SEED, help="Seed of the draws [that of the run A, else 1].", default=None),
        *MOMENT,
    ),
}
"""For each study its options."""


def option_of(study: str, name: str) -> StudyOption:
    """One option of a study."""
    return next(option for option in STUDIES[study] if option.name == name)
