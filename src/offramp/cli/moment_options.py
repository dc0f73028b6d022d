"""`--now` and `--suppose`: the options by which a command speaks as of now, and not from the outset of a crisis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from offramp.cli.frame import completes, with_progress
from offramp.common.errors import UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.crisis.editor.renaming import Renaming
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree
    from offramp.runs.result import Run

Result = TypeVar("Result")


def moment_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add `--now` and `--suppose` to a command; they arrive as `now` and `supposed`, for `at_moment`."""
    suppose = click.option(
        "--suppose",
        "supposed",
        multiple=True,
        metavar="STEP=VALUE[@ROUND]",
        help="Speak as if this had happened too: reply=limited@2, or one of several, reply=limited|broad@2; may be "
        "repeated.",
        shell_complete=completes("steps"),
    )
    now = click.option(
        "--now",
        is_flag=True,
        help="Speak as of the last observed step: what was played stays, --lever and --set act on what is ahead.",
    )
    return now(suppose(command))


def at_moment(crisis: Crisis | Tree, now: bool, supposed: Sequence[str], keys: Renaming | None = None) -> Crisis | Tree:
    """The crisis as of now, if that is asked for, with what is supposed; `keys`: its own by those supposed.

    Raises
    ------
    UsageError
        If it is a game of Gambit; if a supposition is not written as `STEP=VALUE[@ROUND]` or names what does not exist.
    """
    from offramp.crisis.model import Crisis
    from offramp.crisis.steps import Chance, Move

    if not now and not supposed:
        return crisis
    if not isinstance(crisis, Crisis):
        raise UsageError(
            f"{crisis.path} is a game of Gambit, in which nothing is observed: leave out --now and --suppose"
        )
    facts: dict[str, list[str]] = {}
    for text in supposed:
        step, _, rest = text.partition("=")
        values, at, number = rest.strip().partition("@")
        if not values:
            steps = (step for step in crisis.named.values() if isinstance(step, Chance | Move))
            such = next((f", such as {step.key}={step.options[0]}" for step in steps), "")
            raise UsageError(f"--suppose takes STEP=VALUE or STEP=VALUE@ROUND{such}; found '{text}'")
        position = step.strip() + at + number
        if position in facts:
            raise UsageError(f"--suppose gives '{position}' twice: write several values as A|B")
        facts[position] = [value.strip() for value in values.split("|")]
    return crisis.supposing(facts if keys is None else keys.facts(facts))


def run_at_moment(run: Run, now: bool, supposed: Sequence[str]) -> Run:
    """The run, or its draws solved as of now if that is asked for; its levers were then pulled before now."""
    if not now and not supposed:
        return run
    from offramp.crisis.model import Crisis
    from offramp.runs.execution import Execution
    from offramp.runs.run import run as run_of

    crisis = at_moment(run.crisis, now, supposed)
    assert isinstance(crisis, Crisis)
    if crisis == run.crisis:
        return run

    def solved(progress: Callable[[int], None]) -> Run:
        return run_of(crisis, draws=run.draws, seed=run.seed, execution=Execution(progress=progress))

    return with_progress(tr("solving draws"), run.draws, solved)
