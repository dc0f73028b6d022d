"""What a release comes with is named: in the bill of materials, and with its licence beside the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from release.materials import with_page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src" / "offramp" / "app" / "page"
LOCKED: dict[str, Any] = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
TEXTS = ("Permission is hereby granted", "Redistribution and use", "Apache License", "Permission to use, copy")

needs_page = pytest.mark.skipif(not (PAGE / "packages.json").is_file(), reason="the page is not built: `make page`")


def packages() -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads((PAGE / "packages.json").read_text(encoding="utf-8"))
    return listed


@needs_page
def test_every_package_that_the_page_depends_on_is_listed_with_its_locked_version_and_licence() -> None:
    locked = {
        name.removeprefix("node_modules/"): entry for name, entry in LOCKED.items() if name and "dev" not in entry
    }
    named = {package["name"]: (package["version"], package["licence"]) for package in packages()}
    assert set(LOCKED[""]["dependencies"]) <= set(named)
    assert named == {name: (locked[name]["version"], locked[name]["license"]) for name in named}
    unused = set(locked) - set(named)
    assert not unused - {"crelt"}, "a package of the page's lock file is neither bundled nor known to be left out"


@needs_page
def test_the_text_of_each_licence_stands_beside_the_page() -> None:
    sections = (PAGE / "licenses.txt").read_text(encoding="utf-8").split("\n" + "-" * 72 + "\n\n")
    for package, section in zip(packages(), sections, strict=True):
        heading, _, text = section.partition("\n")
        assert heading == "{name} {version} ({licence})".format(**package)
        assert any(known in text for known in TEXTS), heading


def test_the_bill_of_materials_has_the_release_with_the_packages_of_its_page_below_it(tmp_path: Path) -> None:
    wheel = tmp_path / "offramp.whl"
    listed = [{"name": "@codemirror/view", "version": "6.1.0", "licence": "MIT"}]
    with ZipFile(wheel, "w") as files:
        files.writestr("offramp/app/page/packages.json", json.dumps(listed))
    python = [{"name": "numpy", "version": "2.4"}, {"name": "offramp", "version": "1.2.3"}]
    bill = with_page({"metadata": {"component": {"bom-ref": "root"}}, "components": python}, wheel, "1.2.3")
    assert [component["name"] for component in bill["components"]] == ["numpy"]
    release = bill["metadata"]["component"]
    assert (release["bom-ref"], release["purl"]) == ("root", "pkg:pypi/offramp@1.2.3")
    assert [component["purl"] for component in release["components"]] == ["pkg:npm/%40codemirror/view@6.1.0"]
