"""`offramp why` and `paths`: explain one solve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, FILE_OR_RUN, JSON, completes, deliver, guarded, main
from offramp.cli.one_solve import OneSolve, one_solve_options
from offramp.cli.study_options import study_options
from offramp.common.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.study.explanation.why_ending_finding import WhyEnding
    from offramp.study.explanation.why_finding import Why


@main.command(short_help="Why would they?")
@FILE_OR_RUN
@click.argument("move", required=False, default=None, shell_complete=completes("moves"))
@study_options("why", "ending")
@click.option(
    "--given",
    "facts",
    multiple=True,
    metavar="STEP=VALUE",
    help="What the actor knows at the move; may be repeated.",
    shell_complete=completes("steps"),
)
@one_solve_options
@JSON
@EXPORT
@guarded
def why(
    asked: OneSolve,
    move: str | None,
    ending: str | None,
    facts: tuple[str, ...],
    as_json: bool,
    export: Path | None,
) -> int:
    """Why would they? What each option of MOVE (`reply`; `reply@2` in one round) is worth to its actor.

    With --ending, why is that ending so rare, or so likely? The choices on which it turns, what the actors prefer
    there, and what an input would have to be for that to change.
    """
    from offramp.study.explanation.explaining import why as why_of

    sees = {}
    for fact in facts:
        step, equals, value = fact.partition("=")
        if not equals:
            raise UsageError(f"--given takes STEP=VALUE, found '{fact}'")
        sees[step.strip()] = value.strip()
    game = asked.game()
    given = asked.given(game.crisis)
    if move is None and ending is not None and not sees:
        explained: Why | WhyEnding = why_of(game, ending=ending, rationality=asked.rationality, given=given)
    elif move is not None and ending is None:
        explained = why_of(game, move, sees=sees, rationality=asked.rationality, given=given)
    else:
        raise UsageError("why takes a MOVE, with --given for what its actor knows, or --ending: name one of them")
    deliver(explained, as_json, export)
    return 0 if explained.converged else 1


@main.command(short_help="By which paths?")
@FILE_OR_RUN
@study_options("paths", "to", "top")
@one_solve_options
@JSON
@EXPORT
@guarded
def paths(
    asked: OneSolve,
    to: str | None,
    top: int | None,
    as_json: bool,
    export: Path | None,
) -> int:
    """By which paths? The most likely courses of the crisis, overall and to each ending.

    An export also holds the picture of the timeline, from left to right and, for a narrow page, from top to bottom.
    """
    from offramp.study.histories.flows import flows_of
    from offramp.study.histories.paths import paths_of
    from offramp.study.histories.plays import solved

    game = asked.game()
    block, solution = solved(game, asked.rationality, asked.given(game.crisis))
    finding = paths_of(block, solution, to=to, top=top)
    flows = flows_of(block, solution)

    def show(screen: Console) -> None:
        from offramp.report.findings_in_terminal import show_finding

        show_finding(screen, finding)

    deliver(replace(finding, flows=flows), as_json, export, show)
    return 0 if finding.converged else 1
