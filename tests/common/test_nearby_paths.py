"""A path where there is nothing gets the existing path that is likely to be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.common.nearby_paths import nearest_path


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("base.yml", "base.yaml"),
        ("base", "base.yaml"),
        ("bsae.yaml", "base.yaml"),
        ("harbor/crisis.yaml", "harbour/crisis.yaml"),
        ("harbour/crisis.yml", "harbour/crisis.yaml"),
        ("harbor/other.yaml", "harbour"),
        ("BASE.yaml", "base.yaml"),
    ],
)
def test_the_nearest_existing_path_is_named(tmp_path: Path, asked: str, meant: str) -> None:
    (tmp_path / "harbour").mkdir()
    for name in ("base.yaml", "notes.txt", "harbour/crisis.yaml"):
        (tmp_path / name).touch()
    assert nearest_path(tmp_path / asked) == f"; did you mean '{tmp_path / meant}'?"


@pytest.mark.parametrize("asked", ["base.yaml", "other.csv", "nowhere/at/all.yaml", "secret"])
def test_nothing_is_named_if_the_path_exists_or_nothing_is_near(tmp_path: Path, asked: str) -> None:
    (tmp_path / "base.yaml").touch()
    (tmp_path / ".secret").touch()
    assert nearest_path(tmp_path / asked) == ""


def test_a_path_below_a_file_names_nothing(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").touch()
    assert nearest_path(tmp_path / "base.yaml" / "crisis.yaml") == ""
