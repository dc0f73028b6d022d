"""Studies of runs, carried out in the process for slow work.

Every function here is called in another process: it takes paths and options read by `options_of`, and returns plain
values or bytes.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
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
"""Number of opened runs kept in memory."""
OVER_DRAWS = ("endings", "moves", "weigh", "worth")
"""Studies of a run's own draws: as of another moment the draws are solved again."""
RARE = 0.01
"""Situations reached less often than this are not shown; an export has all."""

Options = Mapping[str, Any]

_runs: OrderedDict[tuple[str | int, ...], Run] = OrderedDict()


def run_of(folder: Path) -> Run:
    """A run, opened again only if its manifest has changed."""
    from offramp.runs.opened import open_run

    try:
        version = _version(folder)
    except OSError:
        return open_run(folder)  # raises the error that says what is missing
    return _kept(version, lambda: open_run(folder))


def _version(folder: Path) -> tuple[str | int, ...]:
    """The run in a folder: another run there has another manifest."""
    manifest = (folder / "manifest.json").stat()
    return str(folder), manifest.st_mtime_ns, manifest.st_size


def _kept(key: tuple[str | int, ...], made: Callable[[], Run]) -> Run:
    if key in _runs:
        _runs.move_to_end(key)
    else:
        _runs[key] = made()
        while len(_runs) > KEPT:
            _runs.popitem(last=False)
    return _runs[key]


def _solved_again(run: Run, folder: Path, crisis: Crisis) -> Run:
    """The draws of a run, solved with its crisis as of now."""
    from offramp.runs.run import run as run_in_memory

    key = *_version(folder), str(sorted(crisis.facts.items()))
    return _kept(key, lambda: run_in_memory(crisis, draws=run.draws, seed=run.seed))


def _at_moment(crisis: Crisis, options_left: dict[str, Any]) -> Crisis:
    """The crisis as of now if the options, from which this is taken, say so; several values are written `a|b`."""
    now, supposed = options_left.pop("now", False), options_left.pop("suppose", {})
    if not now and not supposed:
        return crisis
    return crisis.supposing({at: [value.strip() for value in values.split("|")] for at, values in supposed.items()})


def study_of(folder: Path, study: str, options: Options, since: tuple[str, str] | None = None) -> dict[str, Any]:
    """A study of a run; `since`: for `update`, path and text of the file with the events observed since the run."""
    return finding_json(_finding(folder, study, options, since, in_full=False))


def comparison_of(folder: Path, other: Path, options: Options, names: tuple[str, str]) -> dict[str, Any]:
    """Where the crises of two runs differ, and how much each difference changes."""
    return finding_json(_comparison(folder, other, options, names))


def export_of(
    folder: Path,
    study: str,
    options: Options,
    since: tuple[str, str] | None = None,
    other: tuple[Path, tuple[str, str]] | None = None,
) -> bytes:
    """The files of a finding in a zip archive; `other`: for `compare`, the second run and the labels of both."""
    from offramp.report.export_files import export_finding

    finding = (
        _finding(folder, study, options, since, in_full=True)
        if other is None
        else _comparison(folder, other[0], options, other[1])
    )
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="offramp-") as temporary:
        export_finding(finding, Path(temporary) / study)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((Path(temporary) / study).iterdir()):
                archive.write(path, f"{study}/{path.name}")
    return packed.getvalue()


def report_of(folder: Path) -> str:
    """The page that `offramp report` writes."""
    from offramp.report.page import page
    from offramp.study.brief import brief

    run = run_of(folder)
    return page(run, run.manifest, brief(run))


def _comparison(folder: Path, other: Path, options: Options, names: tuple[str, str]) -> Finding:
    from offramp.study.comparison.compare import compare

    first, second = run_of(folder), run_of(other)
    return compare(
        _at_moment(first.crisis, dict(options)),
        _at_moment(second.crisis, dict(options)),
        draws=options.get("draws", 128),
        seed=options.get("seed", first.seed),
        labels=names,
        max_nodes=NODES,
    )


def _finding(folder: Path, study: str, options: Options, since: tuple[str, str] | None, in_full: bool) -> Finding:
    options_left = dict(options)
    run = run_of(folder)
    crisis = _at_moment(run.crisis, options_left)
    if crisis != run.crisis and study in OVER_DRAWS:
        run = _solved_again(run, folder, crisis)
    match study:
        case "endings":
            from offramp.study.outlook.endings import endings

            return endings(run)
        case "moves":
            from offramp.study.outlook.moves import moves_over_draws

            return moves_over_draws(run, rarest=0.0 if in_full else RARE)
        case "weigh":
            from offramp.study.sensitivity.weigh import weigh

            return weigh(run, **options_left)
        case "levers":
            from offramp.study.interventions.levers_study import levers

            return levers(crisis, **({"draws": 96, "seed": run.seed} | options_left))
        case "worth":
            from offramp.study.value_of_information.worth import worth

            actor = options_left.pop("for", None)
            return worth(run, actor=actor, **({"draws": 320} | options_left))
        case "map":
            from offramp.study.two_way_map.map import map_of

            crisis = crisis.with_levers(*options_left.pop("levers", ()))
            return map_of(crisis, options_left.pop("x"), options_left.pop("y"), max_nodes=NODES, **options_left)
        case "update":
            return _updated(run, since)
        case "paths":
            return _paths(crisis, options_left)
        case "why":
            from offramp.study.explanation.explaining import why

            explained: Finding = why(_game(crisis, options_left), **options_left)
            return explained
        case _:
            raise UsageError(f"'{study}' needs two runs: name the other one")


def _updated(run: Run, since: tuple[str, str] | None) -> Finding:
    from offramp.crisis.reading import read_text
    from offramp.study.updating.update import update

    if since is None:
        return update(run)
    path, text = since
    return update(run, read_text(text.encode(), path))


def _paths(crisis: Crisis, options_left: dict[str, Any]) -> Finding:
    from offramp.study.histories.flows import flows_of
    from offramp.study.histories.paths import paths_of
    from offramp.study.histories.plays import solved

    game = _game(crisis, options_left)
    block, solution = solved(game, options_left.get("rationality"), options_left.get("given", {}))
    finding = paths_of(block, solution, to=options_left.get("to"), top=options_left.get("top"))
    return replace(finding, flows=flows_of(block, solution))


def _game(crisis: Crisis, options_left: dict[str, Any]) -> Game:
    """The game of a run's crisis, with the levers taken out of the options."""
    return compile_game(crisis.with_levers(*options_left.pop("levers", ())), NODES)
