"""A run opened again is the ensemble that was written, and what is no run says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.ensemble.opened import open_run
from offramp.ensemble.result import Ensemble
from offramp.ensemble.storing import write_run
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_unconverged


def written(ensemble: Ensemble, folder: Path) -> Path:
    write_run(ensemble, folder, "offramp run", lambda *_: "")
    return folder


@pytest.mark.parametrize("levers", [(), ("hotline", "restraint")])
def test_a_run_opened_again_is_the_ensemble_that_was_written_bit_for_bit(tmp_path: Path, levers: tuple[str]) -> None:
    ensemble = harbour(levers=levers)
    opened = open_run(written(ensemble, tmp_path / "run")).ensemble
    for name in ("endings", "terms", "own_eyes", "regret", "regret_once", "residual", "sweeps", "status"):
        assert np.array_equal(getattr(opened, name), getattr(ensemble, name), equal_nan=True), name
    for name in ("reached", "choice", "deviation"):
        assert np.array_equal(getattr(opened.situations, name), getattr(ensemble.situations, name)), name
    assert list(opened.inputs) == list(ensemble.inputs)
    assert all(np.array_equal(opened.inputs[name], values) for name, values in ensemble.inputs.items())
    assert all(np.array_equal(one, other) for one, other in zip(opened.taken, ensemble.taken, strict=True))
    assert (opened.crisis.pulled, opened.seed, opened.draws) == (levers, ensemble.seed, ensemble.draws)


def test_draws_that_did_not_converge_stay_out_of_an_opened_run(tmp_path: Path) -> None:
    ensemble = with_unconverged(harbour(), 3, 17)
    opened = open_run(written(ensemble, tmp_path / "run")).ensemble
    assert opened.unconverged == [3, 17]
    assert opened.ending_intervals == ensemble.ending_intervals


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
    ensemble = offramp.ensemble(crisis_of(text), draws=8, seed=1)
    opened = open_run(written(ensemble, tmp_path / "run")).ensemble
    assert (opened.inputs["gain"] < 1).all()
    assert (opened.inputs["Gain"] >= 5).all()


def test_what_is_no_run_or_is_damaged_is_refused_by_name(tmp_path: Path) -> None:
    run = written(harbour(), tmp_path / "run")

    def refused(break_it: str) -> str:
        with pytest.raises(offramp.UsageError) as caught:
            open_run(tmp_path / break_it)
        return str(caught.value)

    def copy(name: str) -> Path:
        return Path(shutil.copytree(run, tmp_path / name))

    assert "is no run: it has no manifest.json" in refused("nowhere")
    (copy("bare") / "draws.parquet").unlink()
    assert "is no run: it has no draws.parquet" in refused("bare")
    (copy("garbled") / "manifest.json").write_text("{}")
    assert "is not the manifest of a run" in refused("garbled")
    with (copy("edited") / "crisis.yaml").open("a") as file:
        file.write("# changed\n")
    assert "is not the crisis that was run" in refused("edited")
    (copy("torn") / "draws.parquet").write_bytes(b"PAR1")
    assert "cannot be read as a table" in refused("torn")
    manifest = json.loads((run / "manifest.json").read_text())
    (copy("short") / "manifest.json").write_text(json.dumps(manifest | {"draws": 31}))
    assert "has 32 rows, not 31" in refused("short")
    shutil.copy(run / "moves.parquet", copy("swapped") / "draws.parquet")
    assert "draws.parquet" in refused("swapped")
    (copy("moveless") / "moves.parquet").unlink()
    assert "moves.parquet" in refused("moveless")
