"""`offramp weigh`: sensitivity analysis, which assumptions the endings of a run depend on."""

from __future__ import annotations

from pathlib import Path

from offramp.cli.frame import EXPORT, JSON, RUN, deliver, guarded, keeping_answers, main
from offramp.cli.moment_options import moment_options, run_at_moment
from offramp.cli.study_options import study_options


@main.command(short_help="Which assumptions carry it? (sensitivity analysis)")
@RUN
@study_options("weigh", "ending", "measure")
@moment_options
@JSON
@EXPORT
@guarded
def weigh(
    folder: Path | str,
    ending: str | None,
    measure: str | None,
    now: bool,
    supposed: tuple[str, ...],
    as_json: bool,
    export: Path | None,
) -> None:
    """Sensitivity analysis: which assumptions carry the endings, by input, by source and by cited passage."""
    from offramp.runs.opened import open_run
    from offramp.study.sensitivity.weigh import weigh as weigh_run

    run = run_at_moment(open_run(folder), now, supposed)
    with keeping_answers():
        finding = weigh_run(run, ending, measure=measure)
    deliver(finding, as_json, export)
