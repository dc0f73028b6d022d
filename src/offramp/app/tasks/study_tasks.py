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
from offramp.app.tasks.compiled_scenarios import values_supposed
from offramp.app.tasks.shown_findings import finding_json
from offramp.common.errors import UsageError
from offramp.gambit.opening import Playable, compile_game
from offramp.runs.sampling import MAX_DRAWS

if TYPE_CHECKING:
    from offramp.crisis.editor.renaming import Renaming
    from offramp.crisis.model import Crisis
    from offramp.game.game import Game
    from offramp.runs.result import Run
    from offramp.study.finding import Finding
    from offramp.study.key_map import KeyMap

KEPT = 2
"""Number of opened runs kept in memory."""
OVER_DRAWS = ("endings", "moves", "weigh", "worth", "levers")
"""Studies of a run's own draws: as of another moment the draws are solved again."""
RARE = 0.01
"""Situations reached less often than this are not shown; an export has all."""

Options = Mapping[str, Any]
Progress = Callable[[float], None]
"""Called with the share of the work that was done since the last call."""

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


def _solved_again(run: Run, folder: Path, crisis: Crisis, progress: Progress | None) -> Run:
    """The draws of a run, solved with its crisis as of now."""
    from offramp.runs.execution import Execution
    from offramp.runs.run import run as run_in_memory

    key = *_version(folder), str(sorted(crisis.facts.items()))
    execution = Execution(progress=_counting(progress, run.draws))
    return _kept(key, lambda: run_in_memory(crisis, draws=run.draws, seed=run.seed, execution=execution))


def _counting(progress: Progress | None, total: float) -> Progress | None:
    """A function that counts what was done, out of `total`, and reports the share."""
    return None if progress is None else lambda done: progress(done / total)


def at_moment(crisis: Crisis, options_left: dict[str, Any], keys: Renaming | None = None) -> Crisis:
    """The crisis as of now if the options, from which this is taken, say so; `keys`: its own by those supposed."""
    now, supposed = options_left.pop("now", False), options_left.pop("suppose", {})
    if not now and not supposed:
        return crisis
    facts = values_supposed(supposed)
    return crisis.supposing(facts if keys is None else keys.facts(facts))


def both_at_moment(
    crises: tuple[Crisis, Crisis], options: Options, key_map: KeyMap | None = None
) -> tuple[Crisis, Crisis]:
    """Two crises as of now if the options say so; with a map of keys, what is supposed is named as in the first."""
    from offramp.study.comparison.shared_keys import with_shared_keys

    first, second = crises
    keys = None
    if key_map is not None and options.get("suppose"):
        keys = with_shared_keys(first, second, key_map).renaming.inverse
    return at_moment(first, dict(options)), at_moment(second, dict(options), keys)


def study_of(folder: Path, study: str, options: Options, since: tuple[str, str] | None = None) -> dict[str, Any]:
    """A study of a run; `since`: for `update`, path and text of the file with the events observed since the run."""
    return finding_json(finding_of(folder, study, options, since, in_full=False))


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
        finding_of(folder, study, options, since, in_full=True)
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
    return report_with_lead(folder)[0]


def report_with_lead(folder: Path, progress: Progress | None = None) -> tuple[str, tuple[str, ...]]:
    """The page that `offramp report` writes, and the sentences that it leads with."""
    from offramp.report.report_page import QUESTIONS, report_page

    counting = _counting(progress, QUESTIONS) or (lambda done: None)
    page = report_page(folder, opened=lambda: run_of(folder), progress=counting)
    return page.html, page.lead


def _comparison(folder: Path, other: Path, options: Options, names: tuple[str, str]) -> Finding:
    first, second = run_of(folder), run_of(other)
    return comparison(both_at_moment((first.crisis, second.crisis), options), options, names, first.seed)


def comparison(
    crises: tuple[Crisis, Crisis],
    options: Options,
    names: tuple[str, str],
    seed: int,
    progress: Progress | None = None,
    key_map: KeyMap | None = None,
) -> Finding:
    """Where two crises, each as of its moment, differ.

    `names`: what they are called; `seed`: of the draws, if the options have none; `key_map`: which keys of the second
    stand for which of the first.
    """
    from offramp.study.comparison.compare import compare

    before = 0.0

    def went_on(done: float) -> None:
        nonlocal before
        if progress is not None:
            progress(done - before)
        before = done

    return compare(
        *crises,
        draws=options.get("draws", 128),
        seed=options.get("seed", seed),
        labels=names,
        key_map=key_map,
        max_nodes=NODES,
        progress=went_on,
    )


def finding_of(
    folder: Path,
    study: str,
    options: Options,
    since: tuple[str, str] | None = None,
    *,
    in_full: bool = True,
    progress: Progress | None = None,
) -> Finding:
    """The finding of a study of a run; `in_full`: with the situations that hardly ever come about."""
    options_left = dict(options)
    run = run_of(folder)
    if study == "update":
        return _updated(run, since, progress)
    if study not in OVER_DRAWS:
        return finding_of_crisis(run.crisis, study, options, run.seed, progress)
    crisis = at_moment(run.crisis, options_left)
    if crisis != run.crisis:
        run = _solved_again(run, folder, crisis, None if study in ("worth", "levers") else progress)
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
            return _levers(run, options_left, run.draws, progress)
        case _:
            from offramp.study.scenarios import free_levers
            from offramp.study.value_of_information.worth import worth

            actor, draws = options_left.pop("for", None), options_left.pop("draws", 320)
            total = min(draws, run.draws) * (len(free_levers(run.crisis)) + 1)
            return worth(run, actor=actor, draws=draws, progress=_counting(progress, total), **options_left)


def finding_of_crisis(
    crisis: Crisis, study: str, options: Options, seed: int, progress: Progress | None = None
) -> Finding:
    """The finding of a study of a crisis that needs no run; `seed`: of the draws, if the options have none."""
    options_left = dict(options)
    crisis = at_moment(crisis, options_left)
    match study:
        case "levers":
            asked = {"seed": seed} | options_left
            return _levers(compile_game(crisis, NODES), asked, MAX_DRAWS, progress)
        case "map":
            from offramp.study.two_way_map.map import map_of

            crisis = crisis.with_levers(*options_left.pop("levers", ()))
            x, y, size = options_left.pop("x"), options_left.pop("y"), options_left.pop("size", 25)
            counting = _counting(progress, size * size)
            return map_of(crisis, x, y, size=size, max_nodes=NODES, progress=counting, **options_left)
        case "paths":
            return _paths(crisis, options_left)
        case "why":
            from offramp.study.explanation.explaining import why

            explained: Finding = why(_game(crisis, options_left), **options_left)
            return explained
        case _:
            raise UsageError(f"'{study}' needs two runs: name the other one")


def _levers(given: Playable, options_left: dict[str, Any], most: int, progress: Progress | None) -> Finding:
    """What levers change, on at most so many draws."""
    from offramp.study.interventions.levers_study import levers, sets_of

    draws = min(options_left.pop("draws", 96), most)
    total = draws * (len(sets_of(given)) + 1)
    return levers(given, draws=draws, progress=_counting(progress, total), **options_left)


def _updated(run: Run, since: tuple[str, str] | None, progress: Progress | None) -> Finding:
    from offramp.crisis.reading import read_text
    from offramp.study.updating.update import update

    later = None if since is None else read_text(since[1].encode(), since[0])
    return update(run, later, progress=_counting(progress, run.draws))


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
