"""What a release comes with, as a software bill of materials (CycloneDX): Python packages, and the page's packages.

The Python packages are those of an environment with the wheel and its extras `app` and `mcp`, at the locked versions.
The page's packages are part of the wheel itself, and stand below it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

from release.building import ROOT

SPECIFICATION = "1.6"
"""The version of CycloneDX."""


def page_components(wheel: Path) -> list[dict[str, Any]]:
    """The packages that are bundled in the page of a wheel, as components."""
    with ZipFile(wheel) as files:
        packages = json.loads(files.read("offramp/app/page/packages.json"))
    return [
        {
            "type": "library",
            "bom-ref": f"page:{package['name']}",
            "name": package["name"],
            "version": package["version"],
            "purl": f"pkg:npm/{quote(package['name'], safe='/')}@{package['version']}",
            "licenses": [{"license": {"id": package["licence"]}}],
        }
        for package in packages
    ]


def with_page(bill: dict[str, Any], wheel: Path, version: str) -> dict[str, Any]:
    """A bill whose subject is the release, with the page's packages below it."""
    offramp = {
        "type": "application",
        "bom-ref": bill["metadata"]["component"]["bom-ref"],  # to which the dependencies refer
        "name": "offramp",
        "version": version,
        "purl": f"pkg:pypi/offramp@{version}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "components": page_components(wheel),
    }
    others = [component for component in bill["components"] if component["name"] != "offramp"]
    return {**bill, "metadata": {**bill["metadata"], "component": offramp}, "components": others}


def write_materials(out: Path, uv: Path, wheel: Path, version: str) -> list[Path]:
    """Write the bill of materials of a wheel beside it; the file."""
    from cyclonedx.schema import SchemaVersion  # these come with locks/release.txt only
    from cyclonedx.validation.json import JsonStrictValidator

    with tempfile.TemporaryDirectory(prefix="offramp-materials-") as folder:
        python = Path(folder, "bin", "python")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", python, "--only-binary", ":all:"]
        subprocess.run([*command, "--constraint", ROOT / "locks" / "dev.txt", f"{wheel}[app,mcp]"], check=True)
        command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
        command += ["--spec-version", SPECIFICATION, "--output-format", "JSON"]
        command += ["--pyproject", str(ROOT / "pyproject.toml"), str(python)]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    bill = json.dumps(with_page(json.loads(listed), wheel, version), indent=2) + "\n"
    check = JsonStrictValidator(SchemaVersion.from_version(SPECIFICATION)).validate_str(bill)
    if check is not None:
        sys.exit(f"the bill of materials is not valid: {check.data}")
    file = out / f"offramp-{version}.cdx.json"
    file.write_text(bill, encoding="utf-8")
    return [file]
