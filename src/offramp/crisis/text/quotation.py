"""Quotes in a YAML text that are not closed, or closed before the text ends."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

import yaml

from offramp.common.words import quoted
from offramp.crisis import schema
from offramp.crisis.text.yaml_lines import line_end, line_of, seen_from, tokens_before

_KINDS = {"'": "single", '"': "double"}
_WHOLE = {
    "'": "write '' for an apostrophe, or put the whole text in double quotes",
    '"': "put the whole text in quotes, with single quotes inside",
}
_INSIDE = {"'": "''", '"': '\\"'}
_KEY = re.compile(r"\s*(?P<key>\w+):(?=\s|\Z)")


@dataclass(frozen=True)
class Misquoted:
    """A mistake with quotes: the offset of its place, what to say, and where the text in quotes opens and ends."""

    at: int
    message: str
    opens: int
    ends: int


def never_closed(text: str, opens: int) -> Misquoted:
    """The mistake of a text in quotes that reaches to the end of the file."""
    mark = text[opens]
    message = f"the {_KINDS[mark]} quote that opens a text here is never closed; write {mark} at the end of the text"
    return Misquoted(opens, message, opens, line_end(text, opens))


def misquoted(text: str, index: int) -> Misquoted | None:
    """The mistake of quotes that close right before the character where libyaml stops; None if there are none."""
    last = deque(tokens_before(text, index), maxlen=1)
    token = last[0] if last else None
    if not isinstance(token, yaml.ScalarToken) or token.style not in _KINDS:
        return None
    opens, after = token.start_mark.index, token.end_mark.index
    mark, closes = str(token.style), after - 1
    if text[after:index].strip() or text[index : index + 1] in ("", "]", "}", ":", "\t"):
        return None
    key = _KEY.match(text, after)
    kind = _KINDS[mark]
    one_line = line_of(text, opens) == line_of(text, index)
    if mark == "'" and text[closes - 1].isalnum() and text[after].isalnum():
        begins = f"the text in single quotes that opens in {seen_from(text, opens, closes)}"
        message = f"{begins} ends at this apostrophe; write '' for it, or put the text in double quotes"
        return Misquoted(closes, message, opens, line_end(text, index))
    if not one_line and line_of(text, after) == line_of(text, index):
        message = f"the text in {kind} quotes that opens here ends only at {seen_from(text, closes, opens)}"
        message += f"; write {mark} where it ends, and a quote inside it as {_INSIDE[mark]}"
        return Misquoted(opens, message, opens, line_end(text, opens))
    if not one_line or (key and key["key"] in schema.all_keys()) or text[index] in "'\"[{":
        return None
    rest = quoted(text[index : line_end(text, index)].rstrip())
    begins = f"the text in {kind} quotes that opens in {seen_from(text, opens, closes)} ends here, but {rest} follows"
    message = f"{begins}; {_WHOLE[mark]}"
    return Misquoted(closes, message, opens, line_end(text, index))
