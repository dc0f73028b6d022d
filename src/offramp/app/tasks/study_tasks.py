"""The studies of runs, as the process that does slow work carries them out.

Every function here is called in another process: it takes paths and what `options_of` has read, and gives plain
values or bytes.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.schemas import NODES
from offramp.app.tasks.shown_findings import finding_json
from offramp.common.errors import UsageError
from offramp.gambit.opening import compile_game

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.game.game import Game
    from offramp.runs.result import Run
    from offramp.study.finding import Finding

KEPT = 2
"""So many opened runs are kept."""
RARE = 0.01
"""Situations that play reaches less often than this are not shown; an export has all."""

Options = Mapping[str, Any]

_runs: OrderedDict[tuple[str, int, int], Run] = OrderedDict()


def run_of(folder: Path) -> Run:
    """A run, opened once for as long as its manifest stays as it is."""
    from offramp.runs.opened import open_run

    try:
        manifest = (folder / "manifest.json").stat()
    except OSError:
        return open_run(folder)  # which says what is missing
    key = str(folder), manifest.st_mtime_ns, manifest.st_size
    if key in _runs:
        _runs.move_to_end(key)
    else:
        _runs[key] = open_run(folder)
        while len(_runs) > KEPT:
            _runs.popitem(last=False)
    return _runs[key]


def study_of(folder: Path, study: str, options: Options, since: tuple[str, str] | None = None) -> dict[str, Any]:
    """What a study of a run finds; `since`: path and text of the file with what was observed since, for `update`."""
    return finding_json(_found(folder, study, options, since, in_full=False))


def comparison_of(folder: Path, other: Path, options: Options, names: tuple[str, str]) -> dict[str, Any]:
    """Where two runs' crises differ, and what each difference moves."""
    return finding_json(_compared(folder, other, options, names))


def export_of(
    folder: Path,
    study: str,
    options: Options,
    since: tuple[str, str] | None = None,
    other: tuple[Path, tuple[str, str]] | None = None,
) -> bytes:
    """The files of a finding in one zip archive; `other`: for `compare`, the second run, and what both are called."""
    from offramp.report.export_files import export_finding

    found = (
        _found(folder, study, options, since, in_full=True)
        if other is None
        else _compared(folder, other[0], options, other[1])
    )
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="offramp-") as place:
        export_finding(found, Path(place) / study)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((Path(place) / study).iterdir()):
                archive.write(path, f"{study}/{path.name}")
    return packed.getvalue()


def report_of(folder: Path) -> str:
    """The page that `offramp report` writes."""
    from offramp.report.page import page
    from offramp.study.brief import brief

    run = run_of(folder)
    return page(run, run.manifest, brief(run))


def _compared(folder: Path, other: Path, options: Options, names: tuple[str, str]) -> Finding:
    from offramp.study.comparison.compare import compare

    first, second = run_of(folder), run_of(other)
    return compare(
        first.crisis,
        second.crisis,
        draws=options.get("draws", 128),
        seed=options.get("seed", first.seed),
        labels=names,
        max_nodes=NODES,
    )


def _found(folder: Path, study: str, options: Options, since: tuple[str, str] | None, in_full: bool) -> Finding:
    asked = dict(options)
    ensemble = run_of(folder)
    match study:
        case "endings":
            from offramp.study.outlook.endings import endings

            return endings(ensemble)
        case "moves":
            from offramp.study.outlook.moves import moves_over_draws

            return moves_over_draws(ensemble, rarest=0.0 if in_full else RARE)
        case "weigh":
            from offramp.study.sensitivity.weigh import weigh

            return weigh(ensemble, asked.get("ending"))
        case "levers":
            from offramp.study.interventions.levers_study import levers

            return levers(ensemble.crisis, **({"draws": 96, "seed": ensemble.seed} | asked))
        case "worth":
            from offramp.study.value_of_information.worth import worth

            actor = asked.pop("for", None)
            return worth(ensemble, actor=actor, **({"draws": 320} | asked))
        case "map":
            from offramp.study.two_way_map.map import map_of

            crisis = ensemble.crisis.with_levers(*asked.pop("levers", ()))
            return map_of(crisis, asked.pop("x"), asked.pop("y"), max_nodes=NODES, **asked)
        case "update":
            return _updated(ensemble, since)
        case "paths":
            return _paths(ensemble.crisis, asked)
        case "why":
            from offramp.study.explanation.why import why

            game = _game(ensemble.crisis, asked)
            return why(game, asked.pop("move"), **asked)
        case _:
            raise UsageError(f"'{study}' is of two runs: name the other one")


def _updated(ensemble: Run, since: tuple[str, str] | None) -> Finding:
    from offramp.crisis.reading import read_text
    from offramp.study.updating.update import update

    if since is None:
        return update(ensemble)
    path, text = since
    return update(ensemble, read_text(text.encode(), path))


def _paths(crisis: Crisis, asked: dict[str, Any]) -> Finding:
    from offramp.study.histories.flows import flows_of
    from offramp.study.histories.paths import paths_of
    from offramp.study.histories.plays import solved

    game = _game(crisis, asked)
    block, solution = solved(game, asked.get("rationality"), asked.get("given", {}))
    found = paths_of(block, solution, to=asked.get("to"), top=asked.get("top"))
    return replace(found, flows=flows_of(block, solution))


def _game(crisis: Crisis, asked: dict[str, Any]) -> Game:
    """The game of a run's crisis; further levers are taken from what is asked."""
    return compile_game(crisis.with_levers(*asked.pop("levers", ())), NODES)
