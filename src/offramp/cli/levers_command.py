"""`offramp levers` and `worth`: what opens a way out, and the value of information before choosing a lever."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import EXPORT, FILE_OR_RUN, JSON, RUN, deliver, guarded, keeping_answers, main, with_progress
from offramp.cli.moment_options import at_moment, moment_options, run_at_moment
from offramp.cli.opened_crisis import is_run
from offramp.cli.study_options import study_options
from offramp.common.errors import UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.game.game import Game
    from offramp.runs.result import Run


@main.command(short_help="What opens a way out?")
@FILE_OR_RUN
@study_options("levers", "ending", "below", "draws", "seed")
@moment_options
@executor_options
@JSON
@EXPORT
@guarded
def levers(
    file: Path | str,
    ending: str | None,
    below: float | None,
    draws: int,
    seed: int | None,
    now: bool,
    supposed: tuple[str, ...],
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """What opens a way out: try every lever, and every pair, on the same draws."""
    from offramp.gambit.tree import Tree
    from offramp.study.interventions.levers_study import levers as levers_of
    from offramp.study.interventions.levers_study import sets_of

    given: Run | Game
    if is_run(file):
        from offramp.runs.opened import open_run

        given = run_at_moment(open_run(file), now, supposed)
        draws = min(draws, given.draws)
    else:
        from offramp.gambit.opening import compile_game, read

        crisis = at_moment(read(file), now, supposed)
        if isinstance(crisis, Tree):
            raise UsageError(f"{file} is a game without inputs and levers")
        given = compile_game(crisis)
    total = draws * (len(sets_of(given)) + 1)
    options: Any = {"ending": ending, "below": below, "draws": draws, "seed": seed}
    with executor_of(workers, dask) as executor:
        finding = with_progress(
            tr("trying levers"),
            total,
            lambda progress: levers_of(given, **options, executor=executor, progress=progress),
        )
    deliver(finding, as_json, export)


@main.command(short_help="What is it worth to find out? (value of information)")
@RUN
@study_options("worth", "ending", "for", "draws")
@moment_options
@executor_options
@JSON
@EXPORT
@guarded
def worth(
    folder: Path | str,
    ending: str | None,
    actor: str | None,
    draws: int,
    now: bool,
    supposed: tuple[str, ...],
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """Value of information: what it is worth to find out an input or a hidden value before choosing a lever."""
    from offramp.runs.opened import open_run
    from offramp.study.scenarios import free_levers
    from offramp.study.value_of_information.worth import worth as worth_of

    run = run_at_moment(open_run(folder), now, supposed)
    total = min(draws, run.draws) * (len(free_levers(run.crisis)) + 1)
    options: Any = {"ending": ending, "actor": actor, "draws": draws}
    with keeping_answers(), executor_of(workers, dask) as executor:
        finding = with_progress(
            tr("trying levers"), total, lambda progress: worth_of(run, **options, executor=executor, progress=progress)
        )
    deliver(finding, as_json, export)
