"""`offramp run`: many draws."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from offramp.cli.frame import FILE, JSON, LEVERS, MAX_NODES, console, drawn, guarded, main, with_progress


@main.command(short_help="Solve a crisis over draws of its uncertain numbers.")
@FILE
@drawn(2048)
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR", help="The run's folder [runs/NAME-N]."
)
@LEVERS
@MAX_NODES
@JSON
@guarded
def run(
    file: Path, draws: int, seed: int, out: Path | None, levers: tuple[str, ...], max_nodes: int | None, as_json: bool
) -> int:
    """Solve a crisis over draws of its inputs, and write the run with its report."""
    from offramp.game.opening import read

    crisis = read(file).with_levers(*levers)
    from offramp.ensemble import ensemble
    from offramp.ensemble.storing import check_free, free_folder, write_run
    from offramp.report.page import page

    folder = out or free_folder(crisis.path)
    check_free(folder)
    result = with_progress(
        "solving draws",
        draws,
        lambda progress: ensemble(crisis, draws=draws, seed=seed, max_nodes=max_nodes, progress=progress),
    )
    command = f"offramp run {shlex.quote(file.name)} --draws {draws} --seed {seed}" + "".join(
        f" --lever {name}" for name in levers
    )
    write_run(result, folder, command, page)
    if as_json:
        places = {"out": str(folder), "report": str(folder / "report.html")}
        click.echo(json.dumps(result.to_dict() | places, indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_ensemble

        show_ensemble(console(), result)
        click.echo(f"\nrun:    {folder}\nreport: {folder / 'report.html'}")
        click.echo(f"Next: offramp report {shlex.quote(str(folder))}   for reasons, paths, weights and levers too")
    return 0 if result.converged.any() else 1
