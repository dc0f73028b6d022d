"""The steps of a timeline as they are written: declares their names, and checks their number, before they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from offramp.common.words import listed
from offramp.crisis import scalars, schema
from offramp.crisis.expressions.expression import Rational
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.sections.odds import intended_values
from offramp.crisis.sections.option_numbers import grid_values, option_values
from offramp.crisis.text.document import Scalar

MAX_STEPS = 10_000
"""Maximum number of steps of a timeline, counting steps inside rounds once per round."""
MAX_REMEMBERED = 1_000
"""Maximum number of steps that actors remember: all except those in rounds if every actor forgets them."""


def declare_steps(parts: Sequence[schema.Step], names: Namespace) -> None:
    """Declare the names of all steps, so that a step that comes later is known to exist."""
    for part in parts:
        match part:
            case schema.ChancePart():
                values = grid_values(names, part) if part.grid is not None else option_values(names, part.options)
                _declare(names, part.chance, "chance", intended_values(part, names.mentions), values)
            case schema.MovePart():
                _declare(names, part.move, "move", list(part.options), option_values(names, part.options))
            case schema.StatePart():
                names.declare(part.state, "state")
            case schema.TogetherPart():
                declare_steps(part.together, names)
            case schema.RoundsPart():
                declare_steps(part.steps, names)


def _declare(
    names: Namespace,
    name: Scalar,
    kind: Literal["chance", "move"],
    options: Sequence[Scalar],
    values: Mapping[str, Rational],
) -> None:
    usable = bool(options) and not any(isinstance(option, scalars.StandIn) for option in options)
    names.declare(name, kind if usable else "broken", tuple(map(str, options)), values)


def check_among(
    names: Namespace, written: Iterable[Scalar], step: Scalar, options: Iterable[str], where: str = ""
) -> None:
    """Report words that are not options of a step; `where` they are, in words, before the verb."""
    for option in written:
        if option not in options and names.options_of(step) is not None and not isinstance(option, scalars.StandIn):
            message = f"'{option}' {where}is not an option of '{step}' ({listed(options)})"
            names.fault(option.place, f"{message}{names.option_hint(step, option, options)}")


def check_length(parts: Sequence[schema.Step], names: Namespace, forgetful: bool) -> None:
    """Refuse a timeline that is too long; `forgetful` if every actor has `memory: state`."""
    steps = remembered = 0
    for part in parts:
        inner = list(named_parts([part]))
        times = int(part.rounds) if isinstance(part, schema.RoundsPart) else 1
        steps += times * len(inner)
        if times == 1 or not forgetful:
            remembered += times * sum(
                not (isinstance(step, schema.ChancePart) and step.seen_by == []) for step in inner
            )
        place = part.rounds.place if isinstance(part, schema.RoundsPart) else name_of_step(inner[0]).place
        if steps > MAX_STEPS:
            names.fault(place, f"{steps:,} steps up to here, counting all rounds; the maximum is {MAX_STEPS:,}")
            return
        if remembered > MAX_REMEMBERED:
            message = f"actors remember {remembered:,} steps up to here, counting all rounds; the maximum is"
            names.fault(place, f"{message} {MAX_REMEMBERED:,} (`memory: state` forgets the steps of earlier rounds)")
            return


def named_parts(parts: Iterable[schema.Step]) -> Iterator[schema.NamedPart]:
    """The steps, with the steps inside `rounds` and `together` in place of those."""
    for part in parts:
        match part:
            case schema.RoundsPart():
                yield from named_parts(part.steps)
            case schema.TogetherPart():
                yield from part.together
            case _:
                yield part


def name_of_step(part: schema.NamedPart) -> Scalar:
    """The name that a step declares, or that a tell shows."""
    match part:
        case schema.ChancePart(chance=name) | schema.MovePart(move=name):
            return name
        case schema.TellPart(tell=name) | schema.StatePart(state=name):
            return name
