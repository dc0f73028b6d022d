"""The report's style sheet, and how a Content-Security-Policy admits it."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def style() -> str:
    """The style sheet's text."""
    return files("offramp.report").joinpath("page.css").read_text(encoding="utf-8")


def style_hash(text: str) -> str:
    """The source expression by which a Content-Security-Policy admits this style and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
