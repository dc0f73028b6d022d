"""`offramp fit`: the numbers of a crisis estimated from a table of past cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.file_changes import offer_change
from offramp.cli.frame import FILE, JSON, guarded, main, with_progress
from offramp.cli.parameter_types import WHOLE, FilePath
from offramp.cli.penalty_options import chosen_penalty, penalty_options
from offramp.cli.screen import console
from offramp.common.errors import UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.fitting.fit import Errors
    from offramp.fitting.fit_finding import Fit
    from offramp.fitting.fit_folder import KeptFit
    from offramp.study.finding import Finding


@main.command(short_help="What do past cases say of the numbers? Estimates.")
@FILE
@click.option(
    "--data",
    type=FilePath(),
    required=True,
    metavar="TABLE",
    help="The table of cases, a .csv or .parquet file.",
)
@click.option(
    "--out",
    type=FilePath(),
    default=None,
    metavar="DIR",
    help="Write the fit into a new folder: fit.json, tables as CSV and Parquet, odds by case, LaTeX, pictures.",
)
@click.option(
    "--into",
    type=FilePath(),
    default=None,
    metavar="CRISIS",
    help="Write the estimates into the inputs of this crisis file; the change is shown first, and you are asked.",
)
@click.option("--yes", is_flag=True, help="With --into: write without being asked.")
@click.option(
    "--se",
    "errors",
    type=click.Choice(["observed", "sandwich", "clustered", "bootstrap"]),
    default="observed",
    show_default=True,
    help="Standard errors: from the curvature, robust, robust by `cases.cluster`, or from fits to resampled cases.",
)
@penalty_options
@click.option("--posterior", is_flag=True, help="Also the posterior, with the priors of the file.")
@click.option("--effects", is_flag=True, help="Also average marginal effects and first differences, with bands.")
@click.option(
    "--over", "columns", multiple=True, metavar="COLUMN", help="Also the probabilities over a column; repeatable."
)
@click.option("--starts", type=WHOLE, default=8, show_default=True, metavar="N", help="Random starts of the search.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, metavar="S", help="The same seed, the same numbers.")
@click.option(
    "--replications",
    type=WHOLE,
    default=500,
    show_default=True,
    metavar="N",
    help="Resamples of --se bootstrap.",
)
@JSON
@guarded
def fit(
    file: Path,
    data: Path,
    out: Path | None,
    into: Path | None,
    yes: bool,
    errors: Errors,
    prior: bool,
    cauchy: bool,
    log_f: bool,
    posterior: bool,
    effects: bool,
    columns: tuple[str, ...],
    starts: int,
    seed: int,
    replications: int,
    as_json: bool,
) -> int:
    """Estimate the coefficients of a crisis from a table of past cases, by maximum likelihood.

    The file says which inputs are columns of the table (`column`), which are coefficients (`estimate`, `linear`), and
    what each row records (`cases`). `offramp check FILE --data TABLE` says which rows a fit uses.

    Exit code 1: there is no finite maximum, the cases do not tell some coefficient, or the search stopped short.
    """
    from offramp.crisis.editor.file_change import file_bytes, read_to_change
    from offramp.crisis.reading import read
    from offramp.fitting.column_odds import check_column
    from offramp.fitting.fit import fit as fit_to
    from offramp.fitting.fit_into_crisis import check_estimated
    from offramp.runs.store.whole_files import check_free

    if yes and into is None:
        raise UsageError("--yes goes with --into")
    penalty = chosen_penalty(prior, cauchy, log_f)
    if out is not None:
        check_free(out, "--out")
    target = None if into is None else read_to_change(file_bytes(into), str(into))
    crisis = read(file)
    if target is not None:
        check_estimated([name for name, entry in crisis.inputs.items() if entry.estimate], target)
    for column in columns:
        check_column(crisis, column)

    def fitted(progress: Callable[[int], None]) -> Fit:
        return fit_to(
            crisis,
            data,
            errors=errors,
            penalty=penalty,
            starts=starts,
            seed=seed,
            replications=replications,
            progress=progress,
        )

    steps = starts + 1 + (replications if errors == "bootstrap" else 0)
    found = with_progress(tr("fitting"), steps, fitted)
    more = dict(_more(found, posterior, effects, seed))
    over = {column: _over(found, column, seed) for column in dict.fromkeys(columns)}
    others = (*more.values(), *over.values())
    if out is not None:
        _write(found, others, _kept(found, more), out)
    if as_json:
        parts: dict[str, Any] = {name: finding.to_dict() for name, finding in more.items()}
        if over:
            parts["over"] = {column: finding.to_dict() for column, finding in over.items()}
        click.echo(json.dumps(found.to_dict() | parts, indent=2, ensure_ascii=False))
    else:
        from offramp.report.findings_in_terminal import show_finding

        show_finding(console(), found, files="--out")
        for finding in others:
            click.echo()
            show_finding(console(), finding, files="--out")
        if out is not None:
            click.echo(f"\nwritten: {out}")
    if into is not None:
        from offramp.fitting.fit_into_crisis import change_of_fit, warnings_of_fit

        kept = _kept(found, more)
        for said in warnings_of_fit(kept, into):
            click.echo(f"\nWarning: {said}", err=True)
        offer_change(change_of_fit(kept, into), yes, as_json)
    return 0 if found.converged else 1


def _more(found: Fit, posterior: bool, effects: bool, seed: int) -> Iterator[tuple[str, Finding]]:
    """What else is asked of the fit, by its key in JSON."""
    if posterior:
        from offramp.fitting.posterior import DRAWS

        def drawn(told: Callable[[Any], None]) -> Finding:
            return found.posterior(DRAWS, seed, progress=told)

        yield "posterior", with_progress(tr("posterior"), DRAWS, drawn, counted=False)
    if effects:
        steps = len(found.contrasts)
        yield "effects", with_progress(tr("effects"), steps, lambda told: found.effects(seed=seed, progress=told))


def _over(found: Fit, column: str, seed: int) -> Finding:
    """The probabilities over a column."""
    steps = found.points_of(column)
    label = tr("over {column}", column=column)
    return with_progress(label, steps, lambda told: found.over(column, seed=seed, progress=told))


def _write(found: Fit, others: tuple[Finding, ...], kept: KeptFit, folder: Path) -> None:
    """Write the fit with its tables, its odds by case, and its pictures."""
    from offramp.fitting.fit_folder import write_fit
    from offramp.report.export_files import write_finding, write_table

    def parts(partial: Path) -> None:
        for finding in (found, *others):
            write_finding(finding, partial)
        write_table(found.odds(), partial)
        (partial / "estimates.tex").write_text(found.to_latex(), encoding="utf-8")

    write_fit(kept, folder, parts)


def _kept(found: Fit, more: dict[str, Finding]) -> KeptFit:
    """What later uses need: the posterior if it was asked for, else the estimates."""
    from offramp.fitting.posterior_finding import FittedPosterior

    posterior = more.get("posterior")
    return (posterior if isinstance(posterior, FittedPosterior) else found).kept()
