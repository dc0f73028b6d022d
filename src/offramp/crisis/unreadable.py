"""What libyaml cannot read: where it is, how it is mended, and the text without it, to be read on."""

from __future__ import annotations

import re

import yaml

from offramp.crisis import schema
from offramp.crisis.faults import Faults, Place, quoted

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
_START = "found character that cannot start any token"


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
    place = Place(text.count("\n", 0, first.start()) + 1, 1)
    closing = f", and the one that closes it in line {text.count(chr(10), 0, others[0].start()) + 1}" if others else ""
    faults.add(place, f"{quoted(first[0].strip())} is a Markdown fence, no part of the file; leave it out{closing}")
    begin = first.end() if others or not text[: first.start()].strip() else 0
    end = others[0].start() if others else len(text)
    kept = text[begin:end] if begin else text[: first.start()] + _blank(first[0]) + text[first.end() :]
    return _blank(text[:begin]) + kept + _blank(text[end:])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def described(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str]:
    """What libyaml could not read: where, since which line, and how it can be mended."""
    mark, since = error.problem_mark or error.context_mark, error.context_mark
    problem = str(error.problem)
    if mark is None:
        return Place(1, 1), f"not valid YAML: {problem}"
    line = _line_at(text, mark.index)
    if since is not None and problem == "could not find expected ':'":
        word = _line_at(text, since.index).strip()
        return Place(since.line + 1, since.column + 1), f"not valid YAML: {quoted(word)} is no `key: value`"
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
    return Place(mark.line + 1, mark.column + 1), f"not valid YAML: {problem}{hint}"


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


def blotted(error: yaml.MarkedYAMLError, text: str) -> str | None:
    """The text with what libyaml could not read made one plain word, every character in its place.

    None where what follows could not be told from what is wrong: lines that are indented wrongly.
    """
    mark, since, problem = error.problem_mark, error.context_mark, str(error.problem)
    if mark is None:
        return None
    begin, end = mark.index, mark.index + 1
    if problem.startswith(_OPEN) and since is not None:
        if since.line != mark.line and not _LINE_KEY.match(_line_at(text, mark.index)):
            return None
        begin, end = since.index, _closing(text, since.index)
    elif problem == _COLON:
        start = mark.index - len(re.split(r"[\r\n]", text[: mark.index])[-1])
        key = _LINE_KEY.match(text, start)
        if key is None or not key["space"] or key.end() >= mark.index:
            return None
        begin, end = key.end() + 1, _line_end(text, mark.index)
    elif problem != "found undefined alias" and (problem != _START or text[begin] == "\t"):
        return None
    return text[:begin] + re.sub(r"[^\r\n]", "x", text[begin:end]) + text[end:]


def _line_end(text: str, index: int) -> int:
    return index + len(re.split(r"[\r\n]", text[index:], maxsplit=1)[0])


def _closing(text: str, index: int) -> int:
    """Behind the bracket that closes the one at a place, in the same line; or the end of the line."""
    depth, stop = 0, _line_end(text, index)
    for at in range(index, stop):
        depth += (text[at] in "{[") - (text[at] in "}]")
        if not depth:
            return at + 1
    return stop
