"""A run opened again is the ensemble that was written, and what is no run says so."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.runs.chunk_tables import draws_frame, sums_frame
from offramp.runs.opened import load_run, open_run
from offramp.runs.result import UNCONVERGED, Run
from offramp.runs.running import run_into
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store.layout import tables_of
from offramp.runs.store.whole_files import sha256_of, write_parquet
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_unconverged


def written(ensemble: Run, folder: Path) -> Path:
    """The run of an ensemble, solved anew."""
    return run_into(ensemble.crisis, folder, draws=ensemble.draws, seed=ensemble.seed).folder


@pytest.mark.parametrize("levers", [(), ("hotline", "restraint")])
def test_a_run_opened_again_is_the_ensemble_that_was_written_bit_for_bit(tmp_path: Path, levers: tuple[str]) -> None:
    ensemble = harbour(levers=levers)
    opened = open_run(written(ensemble, tmp_path / "run"))
    for name in ("endings", "terms", "own_eyes", "regret", "regret_once", "residual", "sweeps", "status"):
        assert np.array_equal(getattr(opened, name), getattr(ensemble, name), equal_nan=True), name
    for name in ("reached", "choice", "deviation"):
        assert np.array_equal(getattr(opened.situations, name), getattr(ensemble.situations, name)), name
    assert list(opened.inputs) == list(ensemble.inputs)
    assert all(np.array_equal(opened.inputs[name], values) for name, values in ensemble.inputs.items())
    assert all(np.array_equal(one, other) for one, other in zip(opened.taken, ensemble.taken, strict=True))
    assert (opened.crisis.pulled, opened.seed, opened.draws) == (levers, ensemble.seed, ensemble.draws)


def test_draws_that_did_not_converge_stay_out_of_an_opened_run(tmp_path: Path) -> None:
    run = open_run(written(harbour(), tmp_path / "run"))
    game, names = run.game, tables_of({}, 0)
    (chunk,) = solve_chunks(run.crisis, game, [(0, 32)], seed=3)
    status = np.where(np.isin(np.arange(32), [3, 17]), UNCONVERGED, chunk.status).astype(np.int8)
    write_parquet(draws_frame(replace(chunk, status=status), game), run.folder / names[0])
    write_parquet(sums_frame(chunk, game), run.folder / names[1])
    sums = {name: sha256_of(run.folder / name) for name in names}
    opened = load_run(run.crisis, game, run.folder, run.manifest, sums, 0.0)
    assert opened.unconverged == [3, 17]
    assert opened.ending_intervals == with_unconverged(harbour(), 3, 17).ending_intervals


def test_inputs_that_differ_in_capitals_only_are_told_apart(tmp_path: Path) -> None:
    text = """
    format: 1
    title: Capitals
    actors: {ann: {name: Ann}}
    inputs: {gain: {is: "uniform(0, 1)"}, Gain: {is: "uniform(5, 6)"}}
    timeline: [{move: go, by: ann, options: [left, right]}]
    payoffs: {ann: {a: gain * (go == left), b: Gain * (go == right)}}
    endings: {gone: go == left, stayed: otherwise}
    """
    ensemble = offramp.run(crisis_of(text), draws=8, seed=1)
    opened = open_run(written(ensemble, tmp_path / "run"))
    assert (opened.inputs["gain"] < 1).all()
    assert (opened.inputs["Gain"] >= 5).all()


def test_a_run_of_a_crisis_without_a_move_is_opened_too(tmp_path: Path) -> None:
    text = """
    format: 1
    title: Storm
    actors: {north: {name: North}}
    inputs: {odds_: {is: "uniform(0.1, 0.3)"}}
    timeline: [{chance: storm, odds: {comes: odds_, passes: rest}}]
    payoffs: {north: {harm: -1 * (storm == comes)}}
    endings: {hit: storm == comes, spared: otherwise}
    """
    run = run_into(crisis_of(text), tmp_path / "run", draws=32)
    opened = open_run(run.folder)
    assert opened.endings.tobytes() == run.endings.tobytes()
    assert opened.by_situation == ()
    assert verify(run.folder, draws=None).sound


def test_what_is_no_run_or_is_damaged_is_refused_by_name(tmp_path: Path) -> None:
    run = written(harbour(), tmp_path / "run")

    def refused(break_it: str) -> str:
        with pytest.raises(offramp.UsageError) as caught:
            open_run(tmp_path / break_it)
        return str(caught.value)

    def copy(name: str) -> Path:
        return Path(shutil.copytree(run, tmp_path / name))

    assert "is no run: it has no manifest.json" in refused("nowhere")
    (copy("garbled") / "manifest.json").write_text("{}")
    assert "is not the manifest of a run" in refused("garbled")
    manifest = json.loads((run / "manifest.json").read_text())
    (copy("reseeded") / "manifest.json").write_text(json.dumps(manifest | {"seed": 4}))
    assert "manifest.json is damaged: it has changed since the run finished" in refused("reseeded")
    with (copy("edited") / "crisis.yaml").open("a") as file:
        file.write("# changed\n")
    assert "is not the crisis that was run" in refused("edited")
    (copy("lost") / "crisis.yaml").unlink()
    assert "lost/crisis.yaml is missing; `offramp run FILE --out " in refused("lost")
    (copy("lost_early") / "crisis.yaml").unlink()
    (tmp_path / "lost_early" / "finished.json").unlink()
    assert "is not finished: crisis.yaml is missing; `offramp run FILE --out " in refused("lost_early")
    (copy("marked") / "finished.json").write_text("{")
    assert "finished.json is damaged; `offramp run " in refused("marked")


@pytest.mark.parametrize("table", ["chunk-00000.parquet", "situations-00000.parquet"])
@pytest.mark.parametrize("damage", ["a bit", "cut short", "empty", "gone", "of another run"])
def test_a_damaged_chunk_is_found_before_a_number_is_shown(tmp_path: Path, table: str, damage: str) -> None:
    run = written(harbour(), tmp_path / "run")
    content = bytearray((run / table).read_bytes())
    match damage:
        case "a bit":
            content[len(content) // 2] ^= 4
        case "cut short":
            content = content[:-9]
        case "empty":
            content = bytearray()
        case "of another run":
            content = bytearray((written(harbour(draws=33), tmp_path / "other") / table).read_bytes())
    (run / table).unlink() if damage == "gone" else (run / table).write_bytes(content)
    with pytest.raises(offramp.UsageError, match=f"{table} is (damaged|missing).*`offramp run .*` restores it"):
        open_run(run)


def test_a_folder_whose_name_is_a_pattern_is_read_and_no_folder_that_fits_the_pattern(tmp_path: Path) -> None:
    crisis, other = harbour(draws=4).crisis, harbour("Another.", draws=4).crisis
    run_into(other, tmp_path / "r1", draws=8)
    run_into(crisis, tmp_path / "r[12*?]", draws=16)
    run_into(crisis, tmp_path / "r*", draws=16)
    for name in ("r[12*?]", "r*"):
        assert verify(tmp_path / name, draws=None).sound
        assert open_run(tmp_path / name).draws == 16
