"""What is wrong where libyaml cannot read a text: the place, what is expected there, and the part to leave out.

libyaml says which token it did not expect. What the writer of the file has to change is often elsewhere: a quote or a
bracket that is not closed, or a line that is indented wrongly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from offramp.common.lookalikes import is_unseen, plain_hint, skeleton
from offramp.common.words import quoted
from offramp.crisis import schema
from offramp.crisis.faults import Location
from offramp.crisis.text.indentation import misindented
from offramp.crisis.text.quotation import Misquoted, misquoted, never_closed
from offramp.crisis.text.unreadable import CLOSES, end_of_entry, end_of_flow
from offramp.crisis.text.yaml_lines import (
    BREAK,
    flow_opened,
    line_at,
    line_end,
    line_of,
    line_start,
    place_at,
    seen_from,
    tokens_before,
)

_LINE_KEY = re.compile(r"\s*(?:- +)*(?P<key>\w+):(?=(?P<space>\s)|\S)")
_UNSPACED_DASH = re.compile(r" *(?:- +)*(?P<dash>-)[{\"']*(?P<key>\w+)[\"']?:\s")
_FIRST_WORD = re.compile(r"\s*(?:- *)*[^\s:\[\]{},]*\s*")
_COLON = "mapping values are not allowed in this context"
_OPEN = "did not find expected ',' or"
_NO_NODE = "did not find expected node content"
_START = "found character that cannot start any token"
_NO_KEY = "did not find expected key"
_NO_DASH = "did not find expected '-' indicator"
_NO_DOCUMENT = "did not find expected <document start>"
_OTHER_VERSION = "found incompatible YAML document"
_ENDED = ("found unexpected end of stream", "found unexpected document indicator")

_MARKS = frozenset(":,[]{}#")

_PLAIN_WORDS = {
    "but found another document": "a second document begins here; a file holds one, so remove this line",
    _NO_DOCUMENT: "the file goes on after its end; remove what does not belong to it",
    "block sequence entries are not allowed in this context": (
        "a list cannot begin here; begin it in a line of its own, or put quotes around a text that begins with '- '"
    ),
    "mapping keys are not allowed in this context": "'? ' cannot stand here; put quotes around a text that begins so",
    "found undefined alias": "a text that begins with * needs quotes around it",
    "did not find expected alphabetic or numeric character": "a text that begins with & or * needs quotes around it",
    "found unknown escape character": r"in double quotes a \ begins a code; write \\ for the sign itself",
    "did not find expected hexdecimal number": "expected hexadecimal digits here",
    "found invalid Unicode character escape code": "there is no character with this number",
    "did not find expected comment or line break": "expected nothing more in a line that begins a text with | or >",
    "found an indentation indicator equal to 0": "expected nothing after | or >, or a digit from 1 to 9, found 0",
    "found a tab character where an indentation space is expected": "found a tab; indent with spaces, not tabs",
    "found a tab character that violates indentation": "found a tab; indent with spaces, not tabs",
    "second occurrence": "an anchor of this name is above already; put quotes around a text that begins with &",
}
"""What to say of the problems that need no look at the text."""
_BEGINS = "a text that begins with {} needs quotes around it"
_DASH, _SPACE = "expected '- '", "write a space after the dash"
_TOUCHED = r"-[\w{\[\"']"
_DIRECTIVE = "a line that begins with % is no part of a crisis file; put quotes around a text that begins with %"
_TAG = "a text that begins with ! needs quotes around it"


@dataclass(frozen=True)
class YamlMistake:
    """A mistake in a text that libyaml cannot read: its place, what to say, and the part to blank out.

    `part` is None if reading on would only repeat the mistake; `is_value`: something must stand there.
    """

    place: Location
    message: str
    part: slice | None
    is_value: bool = True


def mistake_of(error: yaml.MarkedYAMLError, text: str) -> YamlMistake:
    """The mistake where libyaml stops."""
    mark, since, problem = error.problem_mark or error.context_mark, error.context_mark, str(error.problem)
    if mark is None:
        return YamlMistake(Location(1, 1), f"not valid YAML: {problem}", None)
    index = mark.index
    space = _odd_space(text, index)
    if space is not None:
        message = f"not valid YAML: expected plain spaces before the first word{plain_hint(text[space])}"
        return YamlMistake(place_at(text, space), message, slice(space, end_of_entry(text, space)), is_value=False)
    if problem.startswith((_START, "found a tab")) and not line_at(text, index).strip():
        tab = text.index("\t", line_start(text, index))
        rest = slice(tab, line_end(text, index))
        return YamlMistake(
            place_at(text, tab), "not valid YAML: remove the tab of this empty line", rest, is_value=False
        )
    in_quotes = "quoted" in str(error.context)
    opened = flow_opened(text) if problem.startswith(_OPEN) or problem == _NO_NODE or in_quotes else []
    if problem in _ENDED and since is not None and in_quotes:
        return _of_quotes(never_closed(text, since.index), opened, text)
    if problem in (_NO_KEY, _NO_DASH, _NO_DOCUMENT) or problem.startswith(_OPEN):
        quotes = misquoted(text, index)
        if quotes is not None:
            return _of_quotes(quotes, opened, text)
    dash = _unspaced_dash(text, index) if problem in (_NO_KEY, _NO_DASH, _COLON) else None
    if dash is not None:
        entry = slice(dash, end_of_entry(text, dash))
        message = f"not valid YAML: {_DASH}; {_SPACE}"
        return YamlMistake(place_at(text, dash), message, entry, is_value=False)
    opens = _closed_before(text, index) if problem in (_NO_KEY, _NO_DASH, _NO_DOCUMENT, _COLON) else None
    if opens is not None:
        return _of_closed(text, opens, index)
    if problem in (_NO_KEY, _NO_DASH, _NO_DOCUMENT, _COLON) and _FIRST_WORD.fullmatch(
        text, line_start(text, index), index
    ):
        line = None if _unspaced_key_above(text, index) else misindented(text, index)
        if line is not None:
            entry = slice(line.at, line.ends or end_of_entry(text, line.at))
            return YamlMistake(place_at(text, line.at), f"not valid YAML: {line.message}", entry, is_value=False)
    if problem.startswith(_OPEN) or problem == _NO_NODE:
        at, message = _of_brackets(problem, text, index, opened)
        part = _flow_part(text, opened)
    else:
        at = since.index if since is not None and problem == "could not find expected ':'" else index
        message, part = _of_token(problem, str(error.context), text, at), _part(problem, text, index)
    if re.search("[“”„‘’]", line_at(text, at)):
        message += "; write quotes as \" or ', not “ or ”"
    odd = (sign for sign in line_at(text, at) if sign not in _MARKS and (skeleton(sign) in _MARKS or is_unseen(sign)))
    message += plain_hint(next(odd, ""))
    is_value = problem not in (_NO_KEY, _NO_DASH)
    return YamlMistake(place_at(text, at), f"not valid YAML: {message}", part, is_value)


def _odd_space(text: str, index: int) -> int | None:
    """The first space that is not a plain one before the words of a line, or of the line above it, or None."""
    start = line_start(text, index)
    for begin in (start, line_start(text, start - 1)) if start else (start,):
        odd = re.compile(r" *([^\S \t\r\n])").match(text, begin)
        if odd is not None:
            return odd.start(1)
    return None


def _of_quotes(found: Misquoted, opened: list[int], text: str) -> YamlMistake:
    place = place_at(text, found.at)
    part = slice(found.opens, found.ends)
    start, end = line_start(text, found.opens), line_end(text, found.opens)
    inner = [index for index in opened if start <= index <= end]
    if inner:
        part = slice(inner[0], end_of_entry(text, inner[0]))
    return YamlMistake(place, f"not valid YAML: {found.message}", part)


def _of_closed(text: str, opens: int, index: int) -> YamlMistake:
    """The mistake of words after the bracket that closes a list or mapping."""
    rest = text[index : line_end(text, index)].rstrip()
    key = _LINE_KEY.match(rest)
    message = f"expected nothing more after '{text[:index].rstrip()[-1]}', found {quoted(rest)}"
    if key is not None and key["key"] in schema.all_keys():
        message = f"expected one key per line; '{key['key']}' begins the next"
    elif re.search(r"\w", rest):
        message += f"; {_BEGINS.format(quoted(text[opens]))}"
    return YamlMistake(place_at(text, index), f"not valid YAML: {message}", slice(opens, line_end(text, index)))


def _of_brackets(problem: str, text: str, index: int, opened: list[int]) -> tuple[int, str]:
    """The place and message of a mistake inside, or because of, braces and brackets."""
    found = text[index : index + 1]
    if not opened:
        return index, _unexpected(found)
    opens = opened[-1]
    bracket, closer = text[opens], CLOSES[text[opens]]
    kind = "brackets" if bracket == "[" else "braces"
    one_line = line_of(text, opens) == line_of(text, index)
    before = text[line_start(text, index) : index]
    if found in CLOSES.values() and found != closer:
        where = seen_from(text, opens, index)
        return index, f"expected '{closer}' to close the '{bracket}' of {where}, found '{found}'"
    if not found or (not one_line and _FIRST_WORD.fullmatch(before)):
        word = re.match(r"\s*(?:- *)*([^\s:]*)", line_at(text, index))
        until = f"before {quoted(word[1])} in line {line_of(text, index) + 1}" if found and word else "in the file"
        comment = "" if end_of_flow(text, opens) else re.search(r"\s#", text[opens : line_end(text, opens)])
        hint = "; a # after a space begins a comment" if comment else ""
        return opens, f"the '{bracket}' that opens here is not closed {until}; close it with '{closer}'{hint}"
    if problem == _NO_NODE and found in (",", *CLOSES.values()):
        return index, f"expected a value before '{found}'"
    if problem == _NO_NODE:
        return index, _unexpected(found)
    key = re.search(r"(\w+)\s*\Z", before) or re.match(r"(\w+):", text[index:])
    if key and key[1] in schema.all_keys() and (":" in text[index : index + len(key[1]) + 1]):
        return index, f"expected ',' or '{closer}' inside {kind}; put a comma before '{key[1]}'"
    return index, (
        f"expected ',' or '{closer}' inside {kind}, found {quoted(found)}; "
        "put quotes around a text that contains one of [ ] { } : ,"
    )


def _unexpected(found: str) -> str:
    if found == "-":
        return "expected a value, found '-'; put quotes around a text that begins with '- '"
    return f"expected a value, found {quoted(found)}; put quotes around a text that begins with this character"


def _of_token(problem: str, context: str, text: str, index: int) -> str:
    """The message about any other token that does not fit."""
    found = text[index : index + 1]
    before = text[line_start(text, index) : index]
    if problem == "could not find expected ':'":
        line = line_at(text, index).strip()
        if re.match(_TOUCHED, line):
            return f"{_DASH}; {_SPACE}"
        if touching := re.match(r"(?P<key>\w+):(?P<after>[^ \t])", line):
            odd = f", not U+{ord(touching['after']):04X}, which looks like one" if touching["after"].isspace() else ""
            return f"{quoted(line)} is not a `key: value` pair; write a plain space after '{touching['key']}:'{odd}"
        goes_on = "; a text that goes on here must be indented further than its key" if " " in line else ""
        return f"{quoted(line)} is not a `key: value` pair{goes_on}"
    if problem == _COLON:
        return _of_colon(text, index)
    if problem in (_NO_KEY, _NO_DASH) and found in ("}", "]"):
        return f"this '{found}' closes nothing; remove it, or write the bracket that it closes"
    if problem == _NO_DASH:
        return f"{_DASH}; {_SPACE if re.match(_TOUCHED, text[index:]) else 'each entry of a list begins with it'}"
    if problem == _NO_KEY:
        return f"expected a `key: value` pair, found {quoted(text[index : line_end(text, index)].strip())}"
    if problem == "found unexpected ':'":
        after, key = text[index + 1 : index + 2], re.sub(r".*\W", "", before)
        return (
            f"write a space after '{key}:'"
            if after in "[{"
            else f"expected a value after '{key}:', found {quoted(after)}"
        )
    if problem == _START:
        if found == "\t":
            return "found a tab; indent with spaces, not tabs"
        return _BEGINS.format(quoted(found))
    if "directive" in context or problem == _OTHER_VERSION:
        return _DIRECTIVE
    if "tag" in context or "tag" in problem:
        return _TAG
    return next((words for said, words in _PLAIN_WORDS.items() if problem.startswith(said)), problem)


def _of_colon(text: str, index: int) -> str:
    *_, before = BREAK.split(text[:index])
    key = re.search(r"(\w+)\s*\Z", before)
    if key and key[1] in schema.all_keys() and re.search(r":\s+\S.*\s\Z", before[: key.start()]):
        return f"expected one key per line; '{key[1]}' begins the next"
    if before.rstrip()[-1:] in ("'", '"'):
        return f"expected nothing more after {quoted(before.rstrip()[-1])}, found ':'"
    if ": " in before:
        return "a value that contains ': ' needs quotes around it"
    if above := _unspaced_key_above(text, index):
        return f"write a space after '{above}:' in the line above"
    return "a ':' cannot stand here; write `key: value`, and put quotes around a text that contains ': '"


def _closed_before(text: str, index: int) -> int | None:
    """The bracket that begins the list or mapping that ends right before an offset in its line, or None.

    None before a bracket that closes nothing.
    """
    opened: list[int] = []
    opens = end = None
    for token in tokens_before(text, index):
        if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            opened.append(token.start_mark.index)
        if isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken) and opened:
            opens, end = opened.pop(), token.end_mark.index
        elif not isinstance(token, yaml.BlockEndToken):
            end = None
    if end is None or opened or text[index : index + 1] in ("]", "}", ""):
        return None
    return None if text[end:index].strip(" \t") else opens


def _unspaced_dash(text: str, index: int) -> int | None:
    """The last dash without a space after it that begins an entry with a known key, up to an offset."""
    starts: list[int] = [
        token.start_mark.index for token in tokens_before(text, index) if isinstance(token, yaml.ScalarToken)
    ]
    for at in (index, *reversed(starts)):
        if text[at : at + 1] == "-":
            dash = _UNSPACED_DASH.match(text, line_start(text, at))
            if dash is not None and dash.start("dash") == at and dash["key"] in schema.all_keys():
                return at
    return None


def _unspaced_key_above(text: str, index: int) -> str | None:
    """The key in the line above that has no space after its colon, or None."""
    lines = BREAK.split(text[: line_start(text, index)])
    above = _LINE_KEY.match(next((line for line in reversed(lines) if line.strip()), ""))
    return above["key"] if above and not above["space"] and above["key"] in schema.all_keys() else None


def _part(problem: str, text: str, index: int) -> slice | None:
    """The part of the text to blank out, or None if its end is unknown."""
    if problem == _COLON:
        key = _LINE_KEY.match(text, line_start(text, index))
        if key is None or not key["space"] or key.end() >= index:
            return None
        return slice(key.end() + 1, line_end(text, index))
    closes_nothing = problem in (_NO_KEY, _NO_DASH) and text[index : index + 1] in ("}", "]")
    if (
        problem in ("found undefined alias", "second occurrence")
        or (problem == _START and text[index] != "\t")
        or closes_nothing
    ):
        return slice(index, index + 1)
    return None


def _flow_part(text: str, opened: list[int]) -> slice | None:
    """The innermost open braces or brackets, or what begins with the first ones of their line."""
    if not opened:
        return None
    closing = end_of_flow(text, opened[-1])
    if closing is not None:
        return slice(opened[-1], closing)
    start = line_start(text, opened[-1])
    first = next(index for index in opened if index >= start)
    return slice(first, end_of_entry(text, first))
