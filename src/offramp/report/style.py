"""The style sheets of the report and the brief, and their hashes for the Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def style(sheet: str) -> str:
    """The text of a style sheet, by the name of its file."""
    return files("offramp.report").joinpath(sheet).read_text(encoding="utf-8")


def hash_of(text: str) -> str:
    """The Content-Security-Policy source expression that allows this style and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
