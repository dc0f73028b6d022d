"""The report's style sheet, and its hash for the Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def style() -> str:
    """The style sheet's text."""
    return files("offramp.report").joinpath("page.css").read_text(encoding="utf-8")


def hash_of(text: str) -> str:
    """The Content-Security-Policy source expression that allows this style and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
