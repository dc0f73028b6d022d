"""The table of a run's states: every state is recognised, permits what the table says, and names the next step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.model import Crisis
from offramp.runs.cleaning import Leftover
from offramp.runs.listing import list_runs, state_of
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.layout import locked
from offramp.runs.store.life import OPERATIONS, STATES, Operation, StateName
from offramp.runs.store.manifest import FORMAT
from offramp.runs.store.recognising import life_in
from tests.crises import crisis_of
from tests.runs.folders import bytes_of
from tests.runs.test_evidence import RAID

DOCS = Path(__file__).parents[2] / "docs" / "runs.md"
DRAWS = CHUNK + 10


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def runs(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each state, named after it; `running` is still to be locked."""
    runs = tmp_path_factory.mktemp("runs")
    run_into(crisis, runs / "finished", draws=DRAWS)
    offramp.solve_part(crisis, runs / "unfinished", range(1), draws=DRAWS)
    shutil.copytree(runs / "unfinished", runs / "running")
    (runs / "other").mkdir()
    (runs / "other" / "letter.txt").write_text("mine")
    for name in ("later", "unreadable", "damaged"):
        shutil.copytree(runs / "finished", runs / name)
    manifest = json.loads((runs / "later" / "manifest.json").read_text())
    (runs / "later" / "manifest.json").write_text(json.dumps(manifest | {"format": FORMAT + 1, "colour": "blue"}))
    (runs / "unreadable" / "manifest.json").write_text("{}")
    (runs / "damaged" / "chunk-00001.parquet").unlink()
    return runs


@pytest.fixture
def folder(runs: Path, tmp_path: Path, name: StateName) -> Iterator[Path]:
    """A copy of the run in a state."""
    folder = tmp_path / "run"
    if (runs / name).exists():
        shutil.copytree(runs / name, folder)
    with held(folder, name):
        yield folder


@contextmanager
def held(folder: Path, name: StateName) -> Iterator[None]:
    if name != "running":
        yield
        return
    with locked(folder):
        yield


def cleaned(folder: Path, crisis: Crisis) -> object:
    run = state_of(folder)
    result = offramp.clean([Leftover(folder, "old", (folder / "manifest.json",), 0, run)])
    for _, reason in result.kept:
        raise offramp.UsageError(reason)
    return result


ASKED: dict[Operation, Callable[[Path, Crisis], object]] = {
    "begin": lambda folder, crisis: run_into(crisis, folder, draws=DRAWS),
    "resume": lambda folder, crisis: resume(folder),
    "extend": lambda folder, crisis: resume(folder, draws=DRAWS + 1),
    "merge": lambda folder, crisis: offramp.merge([folder, folder.parent / "part"], folder.parent / "whole"),
    "read": lambda folder, crisis: offramp.open_run(folder),
    "verify": lambda folder, crisis: offramp.verify(folder, draws=1),
    "clean": cleaned,
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_recognised(folder: Path, name: StateName) -> None:
    assert life_in(folder).state is STATES[name]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", STATES)
def test_a_state_permits_what_the_table_says_and_names_the_next_step_for_the_rest(
    folder: Path, runs: Path, crisis: Crisis, name: StateName, operation: Operation
) -> None:
    shutil.copytree(runs / "unfinished", folder.parent / "part")
    if operation in STATES[name].permits:
        assert ASKED[operation](folder, crisis) is not None
        return
    before = bytes_of(folder) if folder.exists() else {}
    with pytest.raises(offramp.UsageError) as caught:
        ASKED[operation](folder, crisis)
    said = str(caught.value)
    assert "\n" not in said
    if operation != "clean":  # there the reason stands behind the folder's name
        assert str(folder) in said
    if operation != "clean" and name != "unreadable":
        step = ("`offramp run ", "`offramp runs ", "wait until it ends", "update Offramp", "choose another --out")
        assert any(word in said for word in step), said
    assert (bytes_of(folder) if folder.exists() else {}) == before  # what is refused changes nothing


def test_a_run_of_a_later_version_is_refused_by_its_format(runs: Path) -> None:
    for command in ("endings", "verify", "run"):
        result = CliRunner().invoke(main, [command, str(runs / "later")])
        assert (result.exit_code, result.output) == (
            2,
            f"{runs}/later/manifest.json has format 2, of a later version of Offramp; this version reads format 1:"
            " update Offramp\n",
        )
    listed = {run.folder.name: run for run in list_runs(runs)}
    assert (listed["later"].state, listed["finished"].state) == ("damaged", "finished")
    assert "has format 2, of a later version of Offramp" in listed["later"].why


def test_runs_that_stopped_were_extended_or_merged_have_no_states_of_their_own(crisis: Crisis, runs: Path) -> None:
    place: Any = runs.parent / "lives"
    shutil.copytree(runs / "unfinished", place / "stopped")
    shutil.copytree(runs / "finished", place / "extended")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resume(place / "extended", draws=2 * DRAWS, execution=offramp.Execution(progress=stop))
    offramp.merge([place / "stopped", runs / "unfinished"], place / "merged")
    assert {run.folder.name: run.state for run in list_runs(place)} == dict.fromkeys(
        ("stopped", "extended", "merged"), "unfinished"
    )


def test_the_page_on_runs_shows_the_table() -> None:
    heads = ["state", "recognised by", *OPERATIONS]
    rows = [
        [state.name, state.known_by, *("yes" if one in state.permits else "–" for one in OPERATIONS)]
        for state in STATES.values()
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows])
    assert table in DOCS.read_text(encoding="utf-8"), table


RARE = """\
format: 1
title: Rare
as_of: 2024-01-01
actors: {ann: {name: Ann}}
inputs: {p: {is: "uniform(0, 1)"}}
timeline:
  - {chance: news, odds: {bad: POWER, good: 1 - POWER}}
  - {move: go, by: ann, options: [left, right]}
payoffs: {ann: {a: p * (go == left)}}
endings: {gone: go == left, stayed: otherwise}
observed: [{date: 2024-01-10, news: bad}]
"""


@pytest.mark.parametrize(("power", "enough"), [("p**60", True), ("p**1000000000", False)])
def test_a_run_whose_draws_explain_too_little_names_at_once_what_does(tmp_path: Path, power: str, enough: bool) -> None:
    run, crisis = tmp_path / "run", crisis_of(RARE.replace("POWER", power)).now()
    with pytest.raises(offramp.UsageError, match=r"are worth only \d+ of 64|impossible, in every draw") as caught:
        run_into(crisis, run, draws=64)
    state = state_of(run)
    asked = str(caught.value).rpartition("--draws ")[2]
    remedy = f"`offramp run {run} --draws {asked}` solves enough" if enough else "no number of draws would do: change "
    assert (state.state, state.remedy[: len(remedy)]) == ("unfinished", remedy)
    for command in (["endings", str(run)], ["runs", str(tmp_path)], ["clean", str(tmp_path)]):
        assert remedy in CliRunner().invoke(main, command).output, command
    if enough:
        assert resume(run, draws=int(asked)).draws == int(asked)


def test_a_run_whose_file_is_lost_names_that_file_when_it_resumes(runs: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(runs / "unfinished", tmp_path / "run"))
    (folder / "situations-00000.parquet").unlink()
    said: list[str] = []
    resume(folder, execution=offramp.Execution(say=said.append))
    assert said[0].endswith("damaged, to be solved again: situations-00000.parquet (missing)")
