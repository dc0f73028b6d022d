"""Puts the workbench's page into a wheel: it is built with the package, and no built code is committed.

Where the page cannot be built, for want of Node's packages, the wheel is made without it and says so: everything but
`offramp app` works all the same.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "src/offramp/app/page"


class PageHook(BuildHookInterface[Any]):
    """Builds the page before a wheel is put together; an editable install takes it from `make page`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where there is none yet, and add it to the wheel."""
        page, build = Path(self.root, PAGE), Path(self.root, "web", "build.py")
        if version == "editable":
            return
        if not (page / "index.html").is_file() and subprocess.run([sys.executable, str(build)], check=False).returncode:
            self.app.display_warning("the page could not be built: `offramp app` will have nothing to show")
            return
        build_data["artifacts"].append(f"{PAGE}/**")
