"""Frame of the command line: the command group, shared options, error handling.

Exit codes: 0 done, 1 solved but not converged, a fit without a maximum, or a draft that stopped before its end, 2 a
mistake in the file or the request, 130 interrupted.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from offramp.cli.parameter_types import FilePath, FiniteNumber, FolderOrUrl, WholeNumber
from offramp.cli.screen import console, screen_streams
from offramp.common.errors import OfframpError
from offramp.common.texts import tr, trn

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from rich.console import Console

    from offramp.study.finding import Finding

P = ParamSpec("P")
Result = TypeVar("Result")


COMPLETION = "_OFFRAMP_COMPLETE"
"""Variable of the environment by which a shell asks for completions."""
WARNINGS = "offramp.warnings"
"""Key of a command's context that collects warnings; they are printed after the answer, but not after an error."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors in writing to standard output that is sent into a file."""

WRITTEN, KEPT = "offramp.written", "offramp.kept"
"""Keys of a command's context: the files that it has written, and a function that counts the answers it has kept."""


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn every error a user can cause into its message and exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
            for warning in click.get_current_context().meta.get(WARNINGS, ()):
                click.echo(tr("warning: {what}", what=warning), err=True)
        except OfframpError as error:
            click.echo(str(error), err=True)
            code = 2
        except OSError as error:
            if error.filename is None:  # of no file, such as a closed pipe
                raise
            click.echo(f"cannot use {error.filename}: {error.strerror}", err=True)
            code = 2
        except KeyboardInterrupt:
            click.echo(_interrupted(click.get_current_context().meta), err=True)
            code = 130
        except MemoryError:
            click.echo("not enough memory for this game: lower --max-nodes, or use `memory: state`", err=True)
            code = 2
        sys.exit(code or 0)

    return run


def _interrupted(meta: Mapping[str, Any]) -> str:
    """What an interrupted command has written and kept."""
    written, kept = meta.get(WRITTEN, ()), meta.get(KEPT, int)()
    if written:
        said = tr("interrupted; written so far: {files}", files=", ".join(written))
    elif kept:
        said = tr("interrupted; no file was written")
    else:
        return tr("interrupted; nothing was written")
    if not kept:
        return said
    answers = trn(
        "{count} answer is kept, and the same command goes on from it",
        "{count} answers are kept, and the same command goes on from them",
        kept,
    )
    return f"{said}; {answers}"


MODULES = MappingProxyType(
    {
        "new": "check_command",
        "gallery": "gallery_command",
        "draft": "draft_command",
        "review": "review_command",
        "news": "news_command",
        "redteam": "redteam_command",
        "elicit": "elicit_command",
        "fit": "fit_command",
        "backtest": "backtest_command",
        "app": "app_command",
        "mcp": "mcp_command",
        "check": "check_command",
        "schema": "check_command",
        "solve": "solve_command",
        "trace": "trace_command",
        "run": "run_command",
        "runs": "runs_commands",
        "endings": "endings_command",
        "moves": "endings_command",
        "why": "explain_commands",
        "paths": "explain_commands",
        "weigh": "weigh_command",
        "levers": "levers_command",
        "map": "map_command",
        "update": "update_command",
        "worth": "levers_command",
        "compare": "compare_command",
        "rivals": "rivals_command",
        "play": "play_command",
        "forecast": "forecast_command",
        "report": "report_command",
        "export": "export_command",
        "verify": "runs_commands",
        "merge": "runs_commands",
        "clean": "runs_commands",
        "completion": "completion_command",
    }
)
"""The commands in the order in which users need them, and the module of `offramp.cli` that each is in."""


class Suggesting(click.Group):
    """A command group that suggests the nearest command for a misspelt one, and lists commands as they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from offramp.common.words import nearest

            message = error.message.rstrip(".") + nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(message, ctx) from None


class Commands(Suggesting):
    """The commands of `offramp`; the module of a command is loaded when the command is asked for."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        if os.environ.get(COMPLETION):
            import_module("offramp.cli.completion_command")  # a shell asks; click answers in bytes, and ends
        else:
            screen_streams()  # before the options are read, so that messages about wrong options are screened too
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # of no file: `guarded` names the others, and click ends at a closed pipe
            if error.errno not in FULL:
                raise
            with suppress(OSError):
                click.echo(f"cannot write the output: {error.strerror}", err=True)
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), 1)  # what is still to be written would fail again
            sys.exit(2)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return [CompletionItem(option) for option in ("--help", "--version") if option.startswith(incomplete)]
        return [CompletionItem(name) for name in MODULES if name.startswith(incomplete)]  # and loads none of them

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MODULES:
            import_module(f"offramp.cli.{MODULES[cmd_name]}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="offramp")
def main() -> None:
    """Offramp: turn an account of a crisis into an explicit game, solve it, and search it for the way out."""


def completes(kind: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """What a shell completes a parameter with: paths, or names of the crisis (`completed_words.offered`)."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from offramp.cli.completed_words import offered

        return offered(kind, ctx, incomplete)

    return complete


FILE = click.argument("file", type=FilePath(), shell_complete=completes("crises"))
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
MAX_NODES = click.option(
    "--max-nodes", type=WholeNumber(min=1), default=None, help="The largest game to compile (2,000,000)."
)


def _each_once(ctx: click.Context, option: click.Parameter, levers: tuple[str, ...]) -> tuple[str, ...]:
    """The levers named; a lever that is named again would set its inputs again."""
    for place, lever in enumerate(levers):
        if lever in levers[:place]:
            raise click.BadParameter(f"'{lever}' is named twice, and a lever is pulled once", ctx, option)
    return levers


LEVERS = click.option(
    "--lever",
    "levers",
    multiple=True,
    callback=_each_once,
    metavar="NAME",
    help="Pull a lever of the crisis; may be repeated with another one.",
    shell_complete=completes("levers"),
)
SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="INPUT=VALUE",
    help="Set an input to a value, instead of its median; may be repeated.",
    shell_complete=completes("settings"),
)
RATIONALITY = click.option(
    "--rationality",
    type=FiniteNumber(),
    default=None,
    metavar="X",
    help="One rationality for all actors, instead of their own.",
)


ALLOW_OUTSIDE = click.option(
    "--allow-outside", is_flag=True, help="Also quote and hash sources outside the crisis's folder."
)


PLACE = FolderOrUrl()
FILE_OR_RUN = click.argument("file", metavar="FILE|RUN", type=PLACE, shell_complete=completes("crises or runs"))
RUN = click.argument("folder", metavar="RUN", type=PLACE, shell_complete=completes("runs"))
EXPORT = click.option(
    "--export",
    type=FilePath(),
    default=None,
    metavar="DIR",
    help="Write each table as CSV and Parquet, and each picture as SVG and PNG, into a new folder.",
)


def note_written(target: Path | str) -> None:
    """Note a file or folder that the command has written, in case it is interrupted afterwards."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(WRITTEN, []).append(str(target))


@contextmanager
def keeping_answers() -> Iterator[None]:
    """Count the answers of a run that are kept meanwhile, in case the command is interrupted."""
    from offramp.study.kept_findings import noting_kept

    with noting_kept() as count:
        click.get_current_context().meta[KEPT] = count
        yield


def deliver(
    finding: Finding,
    as_json: bool,
    export: Path | None,
    show: Callable[[Console], None] | None = None,
) -> None:
    """Print a finding, as tables or as JSON, and export it if asked.

    `show` prints the finding in the terminal, if not all of it is shown there.
    """
    if export is not None:
        from offramp.report.export_files import export_finding

        export_finding(finding, export)
        note_written(export)
    if as_json:
        click.echo(json.dumps(finding.to_dict(), indent=2, ensure_ascii=False))
        return
    if show is not None:
        show(console())
    else:
        from offramp.report.findings_in_terminal import show_finding

        show_finding(console(), finding)
    if export is not None:
        click.echo(f"\nexported: {export}")


def with_progress(
    label: str, total: float, work: Callable[[Callable[[Any], None]], Result], *, counted: bool = True
) -> Result:
    """Run work that reports progress, with a progress bar if standard error is a terminal, or else a line now and then.

    `counted`: work reports the amount done since its last report; else the amount done in all. Both are out of `total`.
    """
    if not sys.stderr.isatty():
        from offramp.cli.progress_lines import ProgressLines

        lines = ProgressLines(label, total, lambda line: click.echo(line, err=True))
        return work(lines.advanced if counted else lines.reached)
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (MofNCompleteColumn(), TimeRemainingColumn()) if counted else (TaskProgressColumn(),)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), *columns, console=console(err=True), transient=True)
    with bar as bars:
        task = bars.add_task(escape(label), total=total)
        if counted:
            return work(lambda done: bars.advance(task, done))
        return work(lambda reached: bars.update(task, completed=reached))
