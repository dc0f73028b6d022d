"""Files as they are after a disk has failed, or somebody has meant harm: real ones with bytes, or parts, changed."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**12, 10**30, "", "x", "\ud800", "\x1b[31m", "../../etc/passwd", "a/b", [], {}),
    *([[]], {"": 0}, "x" * 10_000, "9999-99-99", "2020-01-01T00:00:00"),
)
FRAGMENTS = (
    *(b"1e999", b"-1e999", b"NaN", b"Infinity", b"1" * 5_000, b"1000000000000", b"-5", b"5", b"null", b"[]", b"{}"),
    *(b"[" * 200_000, b'{"a":' * 100_000, b"\x00", b"\xff", b"\xef\xbb\xbf", b'"', b",", b"\n", b"}", b"\\ud800"),
)


@st.composite
def changed_bytes(draw: Any, content: bytes) -> bytes:
    """Some bytes turned, cut out, doubled or put in."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        start, stop = sorted((draw(st.integers(0, len(found))), draw(st.integers(0, len(found)))))
        match draw(st.sampled_from(["turn", "cut", "drop", "double", "put in", "replace"])):
            case "turn" if start < len(found):
                found[start] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del found[start:]
            case "drop":
                del found[start : min(stop, start + 40)]
            case "double":
                found[start:start] = found[start : min(stop, start + 40)]
            case "put in":
                found[start:start] = draw(st.sampled_from(FRAGMENTS))
            case "replace":
                found[start : min(stop, start + 8)] = draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=8))
    return bytes(found)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a tree with each of its keys or positions."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [place for key in keys for place in [(value, key), *places(value[key])]]


@st.composite
def changed_parts(draw: Any, content: bytes) -> bytes:
    """A JSON file with values taken out, renamed, or put where they do not belong."""
    tree = copy.deepcopy(json.loads(content))
    for _ in range(draw(st.integers(1, 3))):
        if not (spots := places(tree)):
            break
        owner, key = draw(st.sampled_from(spots))
        source, other = draw(st.sampled_from(spots))
        match draw(st.sampled_from(["delete", "copy", "hostile", "rename", "number"])):
            case "delete":
                del owner[key]
            case "copy":
                owner[key] = copy.deepcopy(source[other])
            case "hostile":
                owner[key] = draw(st.sampled_from(HOSTILE))
            case "number":
                owner[key] = draw(st.integers(-(10**20), 10**20) | st.floats())
            case "rename" if isinstance(owner, dict):
                owner[draw(st.sampled_from(["", "x", str(other)]))] = owner.pop(key)
    return json.dumps(tree).encode()


def changed(content: bytes) -> st.SearchStrategy[bytes]:
    """A JSON file changed in either way; or anything at all."""
    whole = st.sampled_from(FRAGMENTS) | st.binary(max_size=40)
    return changed_parts(content) | changed_bytes(content) | whole
