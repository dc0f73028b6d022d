"""`offramp fit --into` shows what it would write, writes it with a yes, and a run of it is `run --fit`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.cli import main
from offramp.crisis.model import Crisis
from tests.shipped import CRISES

FOLDER = CRISES / "deterrence-egame"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped crisis, its table and a fit of it."""
    folder = tmp_path_factory.mktemp("into")
    for name in ("crisis.yaml", "cases.csv"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = call(*FIT, "--out", "fit", "--into", "crisis.yaml")
    assert result.exit_code == 0, result.output
    (folder / "said.txt").write_text(result.output, encoding="utf-8")
    return folder


FIT = ("fit", "crisis.yaml", "--data", "cases.csv", "--starts", "0")


def test_without_a_yes_the_change_is_shown_and_nothing_is_written(fitted: Path) -> None:
    said = (fitted / "said.txt").read_text(encoding="utf-8")
    assert "crisis.yaml: the inputs 'calm', 'clash' and 'stand'" in said
    assert '+    is: {1: "normal(-0.428' in said
    assert '-    is: "normal(0, 2)"' in said
    assert "nothing was written; --yes writes it" in said
    assert (fitted / "crisis.yaml").read_bytes() == (FOLDER / "crisis.yaml").read_bytes()


def test_into_and_then_run_has_the_bytes_of_run_with_the_fit(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    assert call("run", "crisis.yaml", "--fit", "fit", "--draws", "256", "--out", "in-memory").exit_code == 0
    before = offramp.read("crisis.yaml")
    assert isinstance(before, Crisis)
    assert call(*FIT, "--into", "crisis.yaml", "--yes").exit_code == 0
    assert call("run", "crisis.yaml", "--draws", "256", "--out", "written").exit_code == 0
    for name in ("chunk-00000.parquet", "crisis.yaml", "manifest.json"):
        assert (fitted / "in-memory" / name).read_bytes() == (fitted / "written" / name).read_bytes()
    assert call(*FIT, "--into", "crisis.yaml", "--yes").output.endswith("says this already; nothing was written\n")
    assert offramp.with_fit(before, offramp.fit(before, "cases.csv", starts=0)) == offramp.read("crisis.yaml")


def test_a_file_that_cannot_be_changed_is_told_before_anything_is_fitted(
    fitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fitted)
    (fitted / "broken.yaml").write_text("format: 1\n", encoding="utf-8")
    (fitted / "other.yaml").write_bytes((files("offramp") / "starter.yaml").read_bytes())
    for name, said in (
        ("nothere.yaml", "there is no file nothere.yaml"),
        ("broken.yaml", "the file has a mistake"),
        ("cases.csv", "the file has a mistake"),
        ("other.yaml", "other.yaml has no input 'calm.1', which is estimated"),
    ):
        result = call(*FIT, "--out", "other", "--into", name)
        assert result.exit_code == 2
        assert result.output.startswith(said), result.output
        assert not (fitted / "other").exists()


def test_yes_needs_a_file_to_write_into(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    result = call(*FIT, "--yes")
    assert (result.exit_code, result.output) == (2, "--yes goes with --into\n")
