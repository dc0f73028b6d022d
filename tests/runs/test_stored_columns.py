"""A run is studied from its folder, a few columns at a time, and what is read is what was written."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.gambit.opening import compile_game
from offramp.runs.chunk_tables import draws_frame, sums_frame
from offramp.runs.opened import load_run, open_run
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.runs.running import run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store import stored_columns
from offramp.runs.store.layout import MANIFEST, MOVES, tables_of
from offramp.runs.store.whole_files import sha256_of, write_parquet
from offramp.study.outlook.endings import endings
from offramp.study.outlook.moves import moves_over_draws
from offramp.study.sensitivity.weigh import weigh
from offramp.study.updating.update import update
from offramp.study.value_of_information.worth import worth
from tests.crises import crisis_of
from tests.runs.test_evidence import RAID

DRAWS = CHUNK + 200
LEVERED = RAID + "levers: {wall: {set: {prize: prize / 2}}}\n"


@pytest.fixture(scope="module")
def memory() -> Run:
    """A run in memory, with events observed."""
    crisis = crisis_of(LEVERED)
    return run_in_memory(crisis, compile_game(crisis), draws=DRAWS, seed=1)


@pytest.fixture(scope="module")
def written(memory: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run in a folder."""
    return run_into(memory.crisis, tmp_path_factory.mktemp("columns") / "run", draws=DRAWS, seed=1).folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    for path in written.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("page", [5 * 8 * DRAWS, 10**9])
def test_what_is_read_a_page_at_a_time_is_what_was_solved_bit_for_bit(
    memory: Run, written: Path, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_columns, "PAGE_BYTES", page)
    monkeypatch.setattr(stored_columns, "KEPT_BYTES", 2 * page)
    opened = open_run(written)
    assert memory.evidence is not None
    assert opened.evidence is not None
    for name in ("likelihood", "endings", "taken"):
        whole, read = getattr(memory.evidence, name), getattr(opened.evidence, name)
        assert read.shape == whole.shape
        assert np.asarray(read).tobytes() == whole.tobytes(), name
        assert np.array_equal(read[-1, ..., 3], whole[-1, ..., 3])
    for name in ("terms", "own_eyes", "regret", "regret_once"):
        whole, read = getattr(memory, name), getattr(opened, name)
        assert (len(read), read.shape) == (len(whole), whole.shape)
        assert np.asarray(read).tobytes() == whole.tobytes(), name
        assert all(one.tobytes() == other.tobytes() for one, other in zip(read, whole, strict=True))
        assert np.array_equal(read[1:, 5:9], whole[1:, 5:9], equal_nan=True)
        assert np.array_equal(read[-1], whole[-1], equal_nan=True)
    assert all(
        np.asarray(one).tobytes() == other.tobytes() for one, other in zip(opened.taken, memory.taken, strict=True)
    )
    assert all(opened.inputs[name].tobytes() == values.tobytes() for name, values in memory.inputs.items())
    assert opened.inputs_at([0, DRAWS - 1]) == memory.inputs_at([0, DRAWS - 1])


def test_every_study_says_of_a_run_in_a_folder_what_it_says_of_the_same_in_memory(memory: Run, written: Path) -> None:
    opened = open_run(written)
    for study in (endings, moves_over_draws, update, weigh, worth):
        said = [json.dumps(study(one).to_dict(), default=str) for one in (opened, memory)]  # type: ignore[operator]
        assert said[0] == said[1], study
    assert opened.payoff_intervals == memory.payoff_intervals


def test_the_first_inputs_are_read_from_the_first_chunks_alone(memory: Run, folder: Path) -> None:
    opened = open_run(folder)
    (folder / tables_of({}, 1)[0]).unlink()
    first = opened.first_inputs(100)
    assert {name: values.tolist() for name, values in first.items()} == {
        name: values[:100].tolist() for name, values in memory.inputs.items()
    }
    with pytest.raises(offramp.UsageError, match=r"chunk-00001.parquet is missing"):
        next(iter(opened.inputs.values()))


def test_the_inputs_of_some_draws_are_read_from_their_chunks_alone(memory: Run, folder: Path) -> None:
    opened = open_run(folder)
    (folder / tables_of({}, 0)[0]).unlink()
    for ensemble in (opened, memory):
        some = ensemble.inputs_between(CHUNK + 7, CHUNK + 50)
        assert list(some) == list(memory.inputs)
        for name, values in some.items():
            assert values.tobytes() == memory.inputs[name][CHUNK + 7 : CHUNK + 50].tobytes()
    with pytest.raises(offramp.UsageError, match=r"chunk-00000.parquet is missing"):
        opened.inputs_between(CHUNK - 1, CHUNK + 50)


def test_the_endings_are_told_without_a_look_at_any_other_column(memory: Run, folder: Path) -> None:
    opened = open_run(folder)
    for number in range(2):
        (folder / tables_of({}, number)[0]).unlink()
    assert endings(opened).to_dict() == endings(memory).to_dict()
    with pytest.raises(offramp.UsageError, match=r"chunk-00000.parquet is missing"):
        moves_over_draws(opened)


def test_a_chunk_that_is_damaged_after_the_run_was_opened_is_found_before_it_is_read(folder: Path) -> None:
    opened = open_run(folder)
    path = folder / tables_of({}, 1)[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(offramp.UsageError, match=r"chunk-00001.parquet is damaged.*`offramp run .*` restores it"):
        np.asarray(opened.terms)


@pytest.mark.parametrize("which", ["another game", "another place", "moves of another game"])
def test_sound_tables_that_are_not_of_this_run_are_refused(memory: Run, folder: Path, which: str) -> None:
    match which:
        case "another game":
            other = crisis_of(RAID.partition("observed:")[0])
            (chunk,) = solve_chunks(other, compile_game(other), [(0, CHUNK)], seed=1)
            write_parquet(draws_frame(chunk, compile_game(other)), folder / tables_of({}, 0)[0])
        case "another place":
            (chunk,) = solve_chunks(memory.crisis, memory.game, [(0, CHUNK)], seed=1)
            write_parquet(draws_frame(replace(chunk, number=1), memory.game), folder / tables_of({}, 0)[0])
        case "moves of another game":
            import duckdb

            moved = folder / "moved"
            duckdb.sql(
                f"COPY (SELECT * REPLACE (slot + 1 AS slot) FROM '{folder / MOVES}') TO '{moved}' (FORMAT parquet)"
            )
            moved.replace(folder / MOVES)
    manifest = json.loads((folder / MANIFEST).read_text())
    sums = {path.name: sha256_of(path) for path in folder.iterdir()}
    with pytest.raises(offramp.UsageError, match=r"do(es)? not hold the (draws|moves) of this crisis"):
        load_run(memory.crisis, memory.game, folder, manifest, sums, 0.0, moves=which.startswith("moves"))


def _every_column(ensemble: Run) -> Iterator[np.ndarray]:
    yield from ensemble.inputs.values()
    for rows in (ensemble.terms, ensemble.own_eyes, *ensemble.taken, ensemble.regret, ensemble.regret_once):
        yield from rows
    assert ensemble.evidence is not None
    for each in (ensemble.evidence.endings, ensemble.evidence.taken):
        yield from (each[pair] for pair in np.ndindex(each.shape[:-1]))


def test_memory_does_not_grow_with_what_is_not_asked_for(
    memory: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis, game, many = memory.crisis, memory.game, 12
    (chunk,) = solve_chunks(crisis, game, [(0, CHUNK)], seed=1)
    for number in range(many):
        draws, situations = (tmp_path / name for name in tables_of({}, number))
        write_parquet(draws_frame(replace(chunk, number=number), game), draws)
        write_parquet(sums_frame(chunk, game), situations)
    sums = {path.name: sha256_of(path) for path in tmp_path.iterdir()}
    column = 8 * many * CHUNK
    monkeypatch.setattr(stored_columns, "PAGE_BYTES", 4 * column)
    monkeypatch.setattr(stored_columns, "KEPT_BYTES", 8 * column)
    tracemalloc.start()
    try:
        opened = load_run(crisis, game, tmp_path, {"draws": many * CHUNK, "seed": 1}, sums, 0.0)
        read = sum(1 for values in _every_column(opened) if len(values))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read >= 70
    assert peak < 30 * column
