"""YAML that libyaml cannot read: where it is, how to fix it, and the text with it blanked out, to read on."""

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
    r"""The text inside a Markdown fence, with every character in its place; the fence itself is a fault.

    Examples
    --------
    >>> without_fence("```yaml\nformat: 1\n```\n", Faults())
    '       \nformat: 1\n   \n'
    """
    fences = [match for match in _FENCE.finditer(text) if match.start() == 0 or text[match.start() - 1] in "\r\n"]
    if not fences:
        return text
    first, *others = fences
    place = Location(text.count("\n", 0, first.start()) + 1, 1)
    closing = f" and the closing one in line {text.count(chr(10), 0, others[0].start()) + 1}" if others else ""
    faults.add(place, f"{quoted(first[0].strip())} is a Markdown fence, not part of the file; remove it{closing}")
    begin = first.end() if others or not text[: first.start()].strip() else 0
    end = others[0].start() if others else len(text)
    kept = text[begin:end] if begin else text[: first.start()] + _blank(first[0]) + text[first.end() :]
    return _blank(text[:begin]) + kept + _blank(text[end:])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def description_of(error: yaml.MarkedYAMLError, text: str) -> tuple[Location, str]:
    """The place and message of an error of libyaml: what, since which line, and how to fix it."""
    mark, since = error.problem_mark or error.context_mark, error.context_mark
    problem = str(error.problem)
    if mark is None:
        return Location(1, 1), f"not valid YAML: {problem}"
    line = _line_at(text, mark.index)
    if since is not None and problem == "could not find expected ':'":
        word = _line_at(text, since.index).strip()
        return Location(since.line + 1, since.column + 1), f"not valid YAML: {quoted(word)} is not a `key: value` pair"
    hint = _hint(problem, text, mark.index, since is not None and since.line == mark.line)
    if re.search("[“”„‘’]", line):
        hint += "; write quotes as \" or ', not “ or ”"
    if error.context:
        context = error.context
        for jargon, words in _IN_WORDS.items():
            context = context.replace(jargon, words)
        if since and since.line != mark.line and context.startswith("while"):
            context += f" from line {since.line + 1} on"
        problem = f"{context}, {problem}"
    return Location(mark.line + 1, mark.column + 1), f"not valid YAML: {problem}{hint}"


def _line_at(text: str, index: int) -> str:
    """The whole line that contains a character."""
    return re.split(r"[\r\n]", text[:index])[-1] + re.split(r"[\r\n]", text[index:], maxsplit=1)[0]


def _hint(problem: str, text: str, index: int, one_line: bool) -> str:
    """How to fix an error of libyaml in a crisis file."""
    *earlier, before = re.split(r"\r\n|\r|\n", text[:index])
    key = re.search(r"(\w+)\s*\Z", before)
    runs_on = key is not None and key[1] in schema.all_keys() and re.search(r":\s+\S.*\s\Z", before[: key.start()])
    if problem == _COLON:
        if key and runs_on:
            return f"; write one key per line: '{key[1]}' begins the next"
        if ": " in before:
            return "; put quotes around a text that contains ': '"
        above = _LINE_KEY.match(next((line for line in reversed(earlier) if line.strip()), ""))
        if above and not above["space"] and above["key"] in schema.all_keys():
            return f"; write a space after '{above['key']}:' in the line above"
        return "; indent the line like its neighbours"
    if problem.startswith(_OPEN):
        if key and runs_on and one_line:
            return f"; put a comma before '{key[1]}'"
        if one_line:
            return "; put quotes around a text that contains one of [ ] { } : ,"
        return f"; close with {problem[-3:]}"
    if problem == "found undefined alias":
        return "; put quotes around a text that begins with *"
    if "tab" in problem or (problem == _START and text[index : index + 1] == "\t"):
        return "; indent with spaces, not tabs"
    if problem == _START:
        return "; put quotes around a text that begins with this character"
    if problem == "did not find expected '-' indicator":
        space = re.match(r"-\w", text[index : index + 2])
        return "; write a space after the dash" if space else "; begin each entry of a list with '- '"
    return ""


def unreadable_part(error: yaml.MarkedYAMLError, text: str) -> slice | None:
    """The part of the text to blank out, so that libyaml can read the rest.

    None if the end of the unreadable part is unknown, as for lines with wrong indentation.
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


def blanked(text: str, part: slice) -> str:
    """The text with a part of it replaced by one plain word; every other character keeps its place."""
    return text[: part.start] + "x" + _blank(text[part.start + 1 : part.stop]) + text[part.stop :]


def line_of(text: str, index: int) -> int:
    """The number of the line that contains a character, counted from 0."""
    return len(_BREAK.findall(text, 0, index))


def _opened(text: str) -> list[int]:
    """The offsets of the braces and brackets that are open where libyaml stops reading, outermost first."""
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
    """The offset after the bracket that closes the one at `index`; None unless it is on the same line and all match."""
    expected_closings: list[str] = []
    for match in _MARK.finditer(text, index, _line_end(text, index)):
        mark = match[0]
        if mark in _CLOSES:
            expected_closings.append(_CLOSES[mark])
        elif mark in _CLOSES.values():
            if mark != expected_closings.pop():
                return None
            if not expected_closings:
                return match.end()
    return None


def _end_of_entry(text: str, index: int) -> int:
    """The end of the entry that begins in the line of a bracket: before the next line that is not indented further.

    A comma at its end belongs to the enclosing list or mapping.
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
