"""A run that keeps strategies has each draw's profile, with the same bytes however it was solved, read in part."""

from __future__ import annotations

import json
import re
import shutil
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.runs.cleaning import clean, leftovers
from offramp.runs.execution import Execution
from offramp.runs.executors import processes
from offramp.runs.listing import list_runs, unfinished_run
from offramp.runs.merging import merge
from offramp.runs.opened import open_run
from offramp.runs.run import run_in_memory
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_chunks, solve_only
from offramp.runs.store.layout import seal
from offramp.runs.store.parquet import facts_of
from offramp.runs.store.whole_files import write_parquet
from offramp.runs.strategies import Strategies, strategies_frame
from offramp.runs.strategy_of_draw import strategy_of
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, SHORT, bytes_of, short
from tests.runs.test_evidence import RAID

TABLE = "strategies-00001.parquet"


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def kept(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strategies") / "run"
    return run_into(crisis, folder, draws=DRAWS, keep="strategies", execution=SHORT).folder


@pytest.fixture(scope="module")
def profiles(crisis: Crisis) -> np.ndarray:
    """What the solver has found, (slots, draws), before anything is written."""
    wanted = [(0, CHUNK), (1, CHUNK), (2, 300)]
    found = solve_chunks(crisis, compile_game(crisis), wanted, seed=1, keep="strategies")
    return np.concatenate([chunk.strategies for chunk in found], axis=1)  # type: ignore[arg-type]


@pytest.fixture
def copied(kept: Path, tmp_path: Path) -> Path:
    """A copy, to be spoilt."""
    return Path(shutil.copytree(kept, tmp_path / "run"))


def files(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in bytes_of(folder).items() if name != ".lock"}


def test_every_profile_is_read_as_it_was_solved_bit_for_bit(kept: Path, profiles: np.ndarray) -> None:
    read = open_run(kept).strategies
    assert read is not None
    assert (read.shape, len(read)) == (profiles.shape, len(profiles))
    keys = [3, -1, (slice(None), 1030), (slice(None), -1), (2, 2047), (slice(1, 5), slice(1000, 1100)), slice(2, 4)]
    for key in [*keys, ([4, 0], [2100, 5, 5]), (..., 7), (0, np.arange(DRAWS) % 500 == 0), (slice(0, 0), 3)]:
        wanted = profiles[np.ix_(*key)] if isinstance(key, tuple) and isinstance(key[0], list) else profiles[key]
        assert read[key].shape == wanted.shape
        assert read[key].tobytes() == np.ascontiguousarray(wanted).tobytes(), key
    assert np.asarray(read).tobytes() == profiles.tobytes()
    assert np.asarray(read, dtype=np.float32).dtype == np.float32
    for key in (len(profiles), (0, DRAWS), (0, 0, 0)):
        with pytest.raises(IndexError):
            read[key]


def test_the_tables_agree_with_the_shares_of_the_moves_and_are_read_by_whatever_reads_parquet(kept: Path) -> None:
    run = open_run(kept)
    query = f"""
        SELECT slot, avg(probability) AS mean, stddev_pop(probability) AS spread, any_value(deviation) AS deviation
        FROM '{kept / "strategies-*.parquet"}' JOIN '{kept / "moves.parquet"}' USING (slot)
        GROUP BY slot ORDER BY slot"""
    found = duckdb.sql(query).df()
    assert found["slot"].tolist() == list(range(run.game.slots))
    assert found["spread"].to_numpy() == pytest.approx(found["deviation"].to_numpy(), abs=1e-6)
    for situation in run.game.situations:
        assert found["mean"][situation.slots].sum() == pytest.approx(1.0)


def test_a_run_that_keeps_them_differs_from_one_that_does_not_in_nothing_else(
    crisis: Crisis, kept: Path, tmp_path: Path
) -> None:
    plain, more = (
        files(run_into(crisis, tmp_path / "plain", draws=DRAWS, execution=SHORT).folder),
        files(kept),
    )
    assert "keep" not in json.loads(plain["manifest.json"])
    manifest = json.loads(more["manifest.json"])
    assert manifest["keep"] == "strategies"
    assert manifest["command"].endswith(" --draws 2348 --seed 1 --keep strategies")
    tables = {f"strategies-0000{number}.parquet" for number in range(3)}
    assert more.keys() - plain.keys() == tables
    assert tables <= json.loads(more["finished.json"])["sha256"].keys()
    changed = {name for name in plain if plain[name] != more[name]}
    seals = {f"chunk-0000{number}.sha256" for number in range(3)}
    assert changed == {"manifest.json", "finished.json", *seals}
    assert open_run(tmp_path / "plain").strategies is None


def test_the_bytes_are_the_same_for_threads_processes_and_a_run_that_was_extended(
    crisis: Crisis, kept: Path, tmp_path: Path
) -> None:
    one = run_into(
        crisis, tmp_path / "one", draws=DRAWS, keep="strategies", execution=Execution(workers=1, block=77, page=short)
    )
    assert files(one.folder) == files(kept)
    with processes(2) as pool:
        run_into(
            crisis, tmp_path / "two", draws=DRAWS, keep="strategies", execution=Execution(executor=pool, page=short)
        )
    assert files(tmp_path / "two") == files(kept)
    folder = run_into(crisis, tmp_path / "three", draws=CHUNK + 5, keep="strategies", execution=SHORT).folder
    with ThreadPoolExecutor(2) as pool:
        run_into(
            crisis, folder, draws=DRAWS, execution=Execution(executor=pool, page=short)
        )  # what is not said is as it was
    assert files(folder) == files(kept)


def test_a_run_that_lost_a_table_solves_its_chunk_again(kept: Path, copied: Path) -> None:
    (copied / TABLE).unlink()
    (state,) = list_runs(copied.parent)
    assert state.state == "damaged"
    said: list[str] = []
    resume(copied, execution=Execution(page=short, say=said.append))
    assert said[0].endswith(
        "1,324 of 2,348 draws are done; damaged, to be solved again: strategies-00001.parquet (missing)"
    )
    assert files(copied) == files(kept)


def test_a_run_ended_by_its_error_keeps_the_strategies_of_its_draws_alone(crisis: Crisis, tmp_path: Path) -> None:
    error = 0.01
    asked = {"draws": 8 * CHUNK, "until": error, "keep": "strategies"}
    run = run_into(crisis, tmp_path / "run", **asked, execution=SHORT)  # type: ignore[arg-type]
    chunks = run.draws // CHUNK
    assert 1 <= chunks < 8
    assert len(list(run.folder.glob("strategies-*"))) == chunks
    with ThreadPoolExecutor(4) as pool:
        run_into(crisis, tmp_path / "more", **asked, execution=Execution(executor=pool, page=short))  # type: ignore[arg-type]
    assert files(tmp_path / "more") == files(run.folder)


def test_a_run_keeps_from_its_beginning_or_not_at_all(crisis: Crisis, kept: Path, tmp_path: Path) -> None:
    plain = run_into(crisis, tmp_path / "raid-1", draws=8).folder
    then = r"differs in what it keeps \(then nothing more, now strategies\); nothing is overwritten"
    with pytest.raises(offramp.UsageError, match=then):
        run_into(crisis, plain, draws=8, keep="strategies")
    with pytest.raises(offramp.UsageError, match="a run can keep strategies, found 'everything'"):
        run_into(crisis, tmp_path / "raid-2", draws=8, keep="everything")  # type: ignore[arg-type]
    with pytest.raises(offramp.UsageError, match=r"they differ in what it keeps \(then strategies, now nothing more\)"):
        merge([kept, run_into(crisis, tmp_path / "same", draws=DRAWS).folder], tmp_path / "merged")
    manifest = json.loads((plain / "manifest.json").read_text())
    (plain / "manifest.json").write_text(json.dumps(manifest | {"keep": "all"}))
    with pytest.raises(offramp.UsageError, match="is not the manifest of a run"):
        resume(plain)


def test_an_unfinished_run_is_taken_up_only_if_it_keeps_what_is_asked(
    crisis: Crisis, copied: Path, tmp_path: Path
) -> None:
    (copied / "finished.json").unlink()
    copied.rename(folder := tmp_path / f"{Path(crisis.path).resolve().parent.name}-1")
    found = [
        unfinished_run(crisis, draws=DRAWS, seed=1, keep=keep, directory=tmp_path) for keep in ("strategies", None)
    ]  # type: ignore[arg-type]
    assert found == [folder, None]


def test_runs_that_keep_them_are_merged_and_cleaned_away(kept: Path, tmp_path: Path) -> None:
    parts = [Path(shutil.copytree(kept, tmp_path / name)) for name in ("one", "two")]
    for part, lost in zip(parts, ((0,), (1, 2)), strict=True):
        (part / "finished.json").unlink()
        for number in lost:
            for path in part.glob(f"*-0000{number}.*"):
                path.unlink()
    assert merge(parts, tmp_path / "merged", page=short).finished
    assert files(tmp_path / "merged") == files(kept)
    clean([one for one in leftovers(tmp_path) if one.folder.name in ("one", "two")])
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


@pytest.mark.parametrize("draws", [None, 64])
def test_verify_finds_a_probability_that_the_crisis_does_not_give_in_spite_of_its_hash(
    copied: Path, profiles: np.ndarray, draws: int | None
) -> None:
    assert verify(copied, draws=draws).problems == ()
    spoilt = profiles[:, CHUNK : 2 * CHUNK].copy()
    spoilt[4] += 1e-15
    with duckdb.connect() as connection:
        facts = facts_of(connection, copied / TABLE)
    write_parquet(strategies_frame(spoilt, CHUNK), copied / TABLE, facts, compression="zstd")
    (copied / "finished.json").unlink()
    seal(copied, {"keep": "strategies"}, 1)
    found = verify(copied, draws=draws)
    assert found.differing == (CHUNK if draws is None else sum(problem.chunk == 1 for problem in found.problems)) > 0
    first = found.problems[0]
    assert (first.file, first.chunk, first.column) == (TABLE, 1, "slot 4")
    assert first.draw is not None
    assert (first.held, first.solved) == (spoilt[4, first.draw - CHUNK], profiles[4, first.draw])
    write_parquet(strategies_frame(spoilt[:, ::-1], 0), copied / TABLE, facts, compression="zstd")
    seal(copied, {"keep": "strategies"}, 1)
    assert [str(problem) for problem in verify(copied, draws=draws).problems] == [
        f"{TABLE}: does not hold the strategies of this crisis"
    ]


def test_what_is_damaged_is_found_when_it_is_read_and_nothing_else_is_hindered(kept: Path, copied: Path) -> None:
    content = bytearray((copied / TABLE).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / TABLE).write_bytes(content)
    run = open_run(copied)
    assert run.strategies is not None
    assert run.strategies[:, 5].shape == (run.game.slots,)
    for key in ((slice(None), CHUNK), 0):
        with pytest.raises(offramp.UsageError, match=rf"{TABLE} is damaged.*`offramp run .*` restores it"):
            run.strategies[key]
    other = Strategies(lambda name: kept / name, [TABLE] * 3, run.game.slots, DRAWS)
    with pytest.raises(offramp.UsageError, match=re.escape(f"{kept / TABLE} does not hold the strategies")):
        other[0]
    with duckdb.connect() as connection:
        frame = connection.execute("SELECT * FROM read_parquet(?)", [str(kept / TABLE)]).df()
    write_parquet(frame.iloc[::-1].reset_index(drop=True).copy(), copied / "turned")
    turned = Strategies(lambda name: copied / "turned", [TABLE] * 3, run.game.slots, DRAWS)
    with pytest.raises(offramp.UsageError, match="turned does not hold the strategies of this crisis"):
        turned[:, CHUNK : CHUNK + 3]


def test_a_draws_profile_is_the_same_whether_it_was_kept_or_is_solved_anew(
    crisis: Crisis, kept: Path, tmp_path: Path, profiles: np.ndarray
) -> None:
    run = open_run(kept)
    memory = run_in_memory(crisis, compile_game(crisis), draws=DRAWS, seed=1)
    for draw in (0, 1, 5, CHUNK - 1, CHUNK, 2 * CHUNK + 7, DRAWS - 1):  # traced ones among them
        assert strategy_of(run, draw).tobytes() == strategy_of(memory, draw).tobytes() == profiles[:, draw].tobytes()
    for draw in (-1, DRAWS):
        with pytest.raises(offramp.UsageError, match=rf"there is no draw {draw:,}: the draws are 0 to 2,347"):
            strategy_of(run, draw)


def test_a_slot_or_a_draw_of_many_chunks_takes_little_memory(crisis: Crisis, tmp_path: Path) -> None:
    game, many, slots = compile_game(crisis), 24, 400
    rng = np.random.default_rng(1)
    for number in range(many):
        write_parquet(
            strategies_frame(rng.random((slots, CHUNK)), number * CHUNK), tmp_path / f"{number}", compression="zstd"
        )
    read = Strategies(lambda name: tmp_path / name, [str(number) for number in range(many)], slots, many * CHUNK)
    tracemalloc.start()
    try:
        assert read[17].shape == (many * CHUNK,)
        assert read[:, 20 * CHUNK + 3].shape == (slots,)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * slots * CHUNK  # a chunk's profiles, of which there are many
    assert solve_only(crisis, game, 0, np.array([3]), seed=1).strategies is None
