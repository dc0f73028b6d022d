"""What libyaml cannot read: where it is, how it is mended, and the text without it, to be read on."""

from __future__ import annotations

import re

import yaml

from offramp.common.words import quoted
from offramp.crisis import schema
from offramp.crisis.faults import Faults, Location

_IN_WORDS = {
    "a flow mapping": "braces",
    "a flow sequence": "brackets",
    "a block mapping": "a mapping",
    "a block collection": "a list",
}
_FENCE = re.compile(r"(?:```|~~~).*", re.MULTILINE)
_LINE_KEY = re.compile(r"\s*(?:- +)*(?P<key>\w+):(?=(?P<space>\s)|\S)")
_COLON = "mapping values are not allowed in this context"
_OPEN = "did not find expected ',' or"
_NO_NODE = "did not find expected node content"
_START = "found character that cannot start any token"
_BREAK = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"(?:\r\n|\r|\n)(?P<indent> *)(?P<first>[^\r\n]?)[^\r\n]*")
_CLOSES = {"[": "]", "{": "}"}
_MARK = re.compile(r"""(?<=[\s\[{,])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|\#.*)|[\[\]{}]""")


def without_fence(text: str, faults: Faults) -> str:
    r"""The text inside a Markdown fence, every character in its place; that the fence is there is a fault.

    Examples
    --------
    >>> without_fence("```yaml\nformat: 1\n```\n", Faults())
    '       \nformat: 1\n   \n'
    """
    found = [match for match in _FENCE.finditer(text) if match.start() == 0 or text[match.start() - 1] in "\r\n"]
    if not found:
        return text
    first, *others = found
    place = Location(text.count("\n", 0, first.start()) + 1, 1)
    closing = f", and the one that closes it in line {text.count(chr(10), 0, others[0].start()) + 1}" if others else ""
    faults.add(place, f"{quoted(first[0].strip())} is a Markdown fence, no part of the file; leave it out{closing}")
    begin = first.end() if others or not text[: first.start()].strip() else 0
    end = others[0].start() if others else len(text)
    kept = text[begin:end] if begin else text[: first.start()] + _blank(first[0]) + text[first.end() :]
    return _blank(text[:begin]) + kept + _blank(text[end:])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def described(error: yaml.MarkedYAMLError, text: str) -> tuple[Location, str]:
    """What libyaml could not read: where, since which line, and how it can be mended."""
    mark, since = error.problem_mark or error.context_mark, error.context_mark
    problem = str(error.problem)
    if mark is None:
        return Location(1, 1), f"not valid YAML: {problem}"
    line = _line_at(text, mark.index)
    if since is not None and problem == "could not find expected ':'":
        word = _line_at(text, since.index).strip()
        return Location(since.line + 1, since.column + 1), f"not valid YAML: {quoted(word)} is no `key: value`"
    hint = _hint(problem, text, mark.index, since is not None and since.line == mark.line)
    if re.search("[“”„‘’]", line):
        hint += "; quotes are written \" or ', not “ or ”"
    if error.context:
        context = error.context
        for jargon, words in _IN_WORDS.items():
            context = context.replace(jargon, words)
        if since and since.line != mark.line and context.startswith("while"):
            context += f" from line {since.line + 1} on"
        problem = f"{context}, {problem}"
    return Location(mark.line + 1, mark.column + 1), f"not valid YAML: {problem}{hint}"


def _line_at(text: str, index: int) -> str:
    """The whole line in which a character stands."""
    return re.split(r"[\r\n]", text[:index])[-1] + re.split(r"[\r\n]", text[index:], maxsplit=1)[0]


def _hint(problem: str, text: str, index: int, one_line: bool) -> str:
    """How what libyaml complains of at a place is mended in a crisis file."""
    *earlier, before = re.split(r"\r\n|\r|\n", text[:index])
    key = re.search(r"(\w+)\s*\Z", before)
    second = key is not None and key[1] in schema.all_keys() and re.search(r":\s+\S.*\s\Z", before[: key.start()])
    if problem == _COLON:
        if key and second:
            return f"; write one key a line: '{key[1]}' begins the next"
        if ": " in before:
            return "; put quotes around a text that holds ': '"
        above = _LINE_KEY.match(next((line for line in reversed(earlier) if line.strip()), ""))
        if above and not above["space"] and above["key"] in schema.all_keys():
            return f"; write a space behind '{above['key']}:' in the line above"
        return "; begin the line as far to the right as its neighbours"
    if problem.startswith(_OPEN):
        if key and second and one_line:
            return f"; put a comma before '{key[1]}'"
        if one_line:
            return "; put quotes around a text that holds one of [ ] { } : ,"
        return f"; close with {problem[-3:]}"
    if problem == "found undefined alias":
        return "; put quotes around a text that begins with *"
    if "tab" in problem or (problem == _START and text[index : index + 1] == "\t"):
        return "; begin a line with spaces, not tabs"
    if problem == _START:
        return "; put quotes around a text that begins so"
    if problem == "did not find expected '-' indicator":
        space = re.match(r"-\w", text[index : index + 2])
        return "; write a space behind the dash" if space else "; begin each entry of a list with '- '"
    return ""


def unread(error: yaml.MarkedYAMLError, text: str) -> slice | None:
    """The part of the text that libyaml could not read, without which it is read on.

    None where what follows could not be told from what is wrong: lines that are indented wrongly.
    """
    mark, problem = error.problem_mark, str(error.problem)
    if mark is None:
        return None
    if problem == _COLON:
        start = _line_start(text, mark.index)
        key = _LINE_KEY.match(text, start)
        if key is None or not key["space"] or key.end() >= mark.index:
            return None
        return slice(key.end() + 1, _line_end(text, mark.index))
    if problem == "found undefined alias" or (problem == _START and text[mark.index] != "\t"):
        return slice(mark.index, mark.index + 1)
    opened = _opened(text) if problem.startswith(_OPEN) or problem == _NO_NODE else []
    if not opened:
        return None
    closing = _closing(text, opened[-1])
    if closing is not None:
        return slice(opened[-1], closing)
    start = _line_start(text, opened[-1])
    first = next(index for index in opened if index >= start)
    return slice(first, _end_of_entry(text, first))


def blotted(text: str, part: slice) -> str:
    """The text with a part of it made one plain word, every other character in its place."""
    return text[: part.start] + "x" + _blank(text[part.start + 1 : part.stop]) + text[part.stop :]


def line_of(text: str, index: int) -> int:
    """The number of the line in which a character stands, counted from 0."""
    return len(_BREAK.findall(text, 0, index))


def _opened(text: str) -> list[int]:
    """Where the braces and brackets begin in which libyaml stops reading, the outermost first."""
    opened: list[tuple[int, bool]] = []
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.CollectionStartEvent) and event.start_mark:
                opened.append((event.start_mark.index, bool(event.flow_style)))
            elif isinstance(event, yaml.CollectionEndEvent):
                opened.pop()
    except yaml.MarkedYAMLError:
        pass
    return [index for index, flow in opened if flow]


def _line_start(text: str, index: int) -> int:
    return index - len(re.split(r"[\r\n]", text[:index])[-1])


def _line_end(text: str, index: int) -> int:
    return index + len(re.split(r"[\r\n]", text[index:], maxsplit=1)[0])


def _closing(text: str, index: int) -> int | None:
    """Behind the bracket that closes the one at a place, if that is in the same line and all between them match."""
    awaited: list[str] = []
    for match in _MARK.finditer(text, index, _line_end(text, index)):
        mark = match[0]
        if mark in _CLOSES:
            awaited.append(_CLOSES[mark])
        elif mark in _CLOSES.values():
            if mark != awaited.pop():
                return None
            if not awaited:
                return match.end()
    return None


def _end_of_entry(text: str, index: int) -> int:
    """Behind the entry that begins in the line of a bracket: before the next line that is not further to the right.

    A comma at its end is left to what holds the entry.
    """
    start = _line_start(text, index)
    begin = re.compile(r"[ ]*(?:- +)*").match(text, start)
    column = begin.end() - start if begin else 0
    if begin and begin.end() == index and "-" in begin[0]:
        column = begin[0].rindex("-")
    end = _line_end(text, index)
    for line in _LINE.finditer(text, end):
        if len(line["indent"]) <= column and line["first"] not in ("", "#", "]", "}"):
            break
        end = line.end()
    kept = text[index:end].rstrip()
    return index + len(kept) - 1 if kept.endswith(",") else end
