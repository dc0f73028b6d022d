"""Tests of Offramp.

JupyterLab brings a package along that checks addresses in JSON Schema. Nothing here asks for that, and building its
grammars would take every process that draws a chart two seconds.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
