"""Texts that an analyst may have in the editor, most of them broken."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from tests.shipped import CRISES

TEHRAN = CRISES / "tehran-2024" / "crisis.yaml"
TEXT = TEHRAN.read_text(encoding="utf-8")
PIECES = [piece for piece in re.split(r"(\s+|[{}\[\],:()\"'])", TEXT) if piece]
FRAGMENTS = st.sampled_from(
    [*"{}[]()<>:,-&*!|'\"%@`#?=+/\t\n\r\x00\ufeff\u2028\ud800 é𝟙😀", "\r\n", "  - ", ": ", "|\n"]
)


@st.composite
def typed(draw: Any) -> str:
    """The Tehran file, truncated, with words removed or inserted; or any text."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.text(max_size=60) | st.text(st.sampled_from("ab:{}[],-&*!|>'\"#%@` \n\t1?😀\r"), max_size=60))
    pieces = list(PIECES)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["delete", "put in", "replace", "double"])):
            case "delete":
                del pieces[at : at + draw(st.integers(1, 40))]
            case "put in":
                pieces.insert(at, draw(FRAGMENTS | st.text(max_size=4)))
            case "replace" if at < len(pieces):
                pieces[at] = draw(FRAGMENTS)
            case "double":
                pieces.insert(at, pieces[at])
        if not pieces:
            return ""
    text = "".join(pieces)
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


def units(text: str) -> int:
    """The length of a text as a browser counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def browser_slice(text: str, start: int, end: int) -> str:
    """The part of a text between two offsets that a browser counts."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
