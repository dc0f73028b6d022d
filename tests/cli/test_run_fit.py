"""`offramp run --fit` is the run of the crisis with the fit written into it, and needs the fit's folder no more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.fitting.fit_folder import write_fit
from offramp.fitting.fit_into_crisis import change_of_fit
from tests.fitting.kept_fits import FITTED, RAIDS


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of a fit, `of-fit`, one of the file with the fit written into it, `of-file`, and no fit."""
    folder = tmp_path_factory.mktemp("fitted")
    write_fit(FITTED, folder / "fit")
    for name in ("of-fit", "of-file"):
        (folder / name).mkdir()
        (folder / name / "raids.yaml").write_text(RAIDS, encoding="utf-8")
    change_of_fit(FITTED, folder / "of-file" / "raids.yaml").write()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, more in (("of-fit", ("--fit", "fit")), ("of-file", ())):
            result = call("run", f"{name}/raids.yaml", *more, "--draws", "1100", "--out", f"{name}/run")
            assert result.exit_code == 0, result.output
    shutil.rmtree(folder / "fit")
    return folder


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def content(run: Path) -> dict[str, bytes]:
    """The files of a run that do not say how long it took."""
    return {path.name: path.read_bytes() for path in run.iterdir() if path.suffix in (".parquet", ".sha256", ".yaml")}


def test_a_run_of_a_fit_has_the_bytes_of_a_run_of_the_file_with_the_fit(runs: Path) -> None:
    of_fit, of_file = content(runs / "of-fit" / "run"), content(runs / "of-file" / "run")
    assert len(of_fit) > 4
    assert of_fit == of_file
    assert b"Fitted to 1,412 cases" in of_fit["crisis.yaml"]
    assert (runs / "of-fit" / "raids.yaml").read_text(encoding="utf-8") == RAIDS
    first, second = (json.loads((runs / name / "run" / "manifest.json").read_text()) for name in ("of-fit", "of-file"))
    assert first == second
    assert first["inputs"]["resolve.1"] == "normal(mean=-1.2346, sd=0.2)"


def test_without_the_folder_of_the_fit_the_run_is_verified_extended_and_asked(runs: Path) -> None:
    run = str(runs / "of-fit" / "run")
    for arguments in (("verify", run), ("run", run, "--draws", "1200"), ("verify", run), ("weigh", run)):
        result = call(*arguments)
        assert result.exit_code == 0, result.output
    assert "Fitted to 1,412 cases, 1816 to 2001, of raids.csv" in (runs / "of-fit/run/crisis.yaml").read_text()
    assert "cases" in result.output


def test_a_run_that_is_there_takes_no_other_fit(runs: Path) -> None:
    result = call("run", str(runs / "of-fit" / "run"), "--fit", "fit")
    assert result.exit_code == 2
    assert "keeps the options it was begun with, so --fit" in result.output


def test_a_folder_that_is_no_fit_is_told(runs: Path) -> None:
    result = call("run", str(runs / "of-fit" / "raids.yaml"), "--fit", str(runs / "of-fit" / "run"))
    assert result.exit_code == 2
    assert "is no fit: it has no fit.json" in result.output
