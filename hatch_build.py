"""Puts the solver's core and the workbench's page into a wheel: they are built with it, and no built code is committed.

If the page cannot be built, for want of Node's packages, the wheel is made without it and says so: everything but
`offramp app` works. Nothing works without the core.
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CORE = "src/offramp/equilibrium/built"
PAGE = "src/offramp/app/page"
TAGS = {"linux": "manylinux2014", "macos": "macosx_11_0", "windows": "win"}
SYSTEM = "OFFRAMP_SYSTEM"
"""Variable of the environment that names another system to build a wheel for, one of `TARGETS` in core/build.py."""


def built(root: Path) -> str | None:
    """The name of this machine in core/build.py, if its core is there, compiled from the sources as they are."""
    names = runpy.run_path(str(root / "core" / "build.py"))
    here, stamp = names["here"](), names["stamp"]().encode()
    levels = names["LEVELS"].get(here.partition("-")[2], {"plain": None})
    ending = names["TARGETS"].get(here, ("", ""))[1]
    libraries = [root / CORE / f"core-{level}{ending}" for level in levels]
    return here if all(path.is_file() and stamp in path.read_bytes() for path in libraries) else None


class CoreAndPage(BuildHookInterface[Any]):
    """Builds core and page before a wheel is put together; an editable install takes the page from `make page`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the core and the page, if the wheel's are not there yet, and add them to it.

        An editable install compiles the core in any case: the compiler may be another one than before.
        """
        other = os.environ.get(SYSTEM) if version != "editable" else None
        target = None if other or version == "editable" else built(Path(self.root))
        if target is None:
            command = [sys.executable, str(Path(self.root, "core", "build.py")), *([other] if other else [])]
            target = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        core = Path(self.root, f"{CORE}-{target}")
        if other and core.is_dir():
            build_data["force_include"][str(core)] = CORE.removeprefix("src/")
        else:
            build_data["artifacts"].append(f"{CORE}/**")
        build_data["pure_python"] = False
        system, _, processor = target.partition("-")
        build_data["tag"] = "py3-none-" + "_".join((TAGS[system], processor)).replace("win_x86_64", "win_amd64")
        page, build = Path(self.root, PAGE), Path(self.root, "web", "build.py")
        if version == "editable":
            return
        if not (page / "index.html").is_file() and subprocess.run([sys.executable, str(build)], check=False).returncode:
            self.app.display_warning("the page could not be built: `offramp app` will have nothing to show")
            return
        build_data["artifacts"].append(f"{PAGE}/**")
