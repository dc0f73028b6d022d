"""Promise of every command: NumPy's products run on one thread, unless the user says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

ASKED = """
import sys
import offramp.cli
assert "numpy" not in sys.modules, "too late: NumPy reads the variables when it is loaded"
import os
print(os.environ["OPENBLAS_NUM_THREADS"], os.environ["MKL_NUM_THREADS"])
"""


def test_numpy_is_told_to_use_one_thread_before_it_is_loaded_unless_the_user_has_told_it_otherwise() -> None:
    own = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    for told, found in (({}, "1 1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3 1")):
        done = subprocess.run([sys.executable, "-c", ASKED], env=own | told, capture_output=True, text=True, check=True)
        assert done.stdout.split() == found.split()
