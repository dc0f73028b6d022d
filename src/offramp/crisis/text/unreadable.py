"""YAML that libyaml cannot read: where it ends, and the text with it blanked out, to read on."""

from __future__ import annotations

import re

from offramp.common.words import quoted
from offramp.crisis.faults import Faults, Location
from offramp.crisis.text.yaml_lines import line_end, line_start

_FENCE = re.compile(r"(?:```|~~~).*", re.MULTILINE)
_LINE = re.compile(r"(?:\r\n|\r|\n)(?P<indent> *)(?P<first>[^\r\n]?)[^\r\n]*")
CLOSES = {"[": "]", "{": "}"}
_MARK = re.compile(r"""(?<=[\s\[{,])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|\#.*)|[\[\]{}]""")


def without_fence(text: str, faults: Faults) -> str:
    r"""The text inside Markdown fences, with every character in its place; the fences themselves are faults.

    What stands between two blocks of the file is no part of it, nor is a later block that is not marked as YAML.

    Examples
    --------
    >>> without_fence("```yaml\nformat: 1\n```\n", Faults())
    '       \nformat: 1\n   \n'
    """
    fences = [match for match in _FENCE.finditer(text) if match.start() == 0 or text[match.start() - 1] in "\r\n"]
    if not fences:
        return text
    first, *others = fences
    before = text[: first.start()].strip()
    is_split = bool(others and before and not _info(first) and _info(others[0]))
    if is_split:
        _report(text, first, f" and all up to the fence in line {_line(text, others[0])}", faults)
        kept, opening = [slice(0, first.start())], others
    elif not others and _info(first) and before and not re.search(r"^format\s*:", before, re.MULTILINE):
        _report(text, first, " and what stands before it", faults)
        kept, opening = [slice(first.end(), len(text))], []
    elif not others and before:
        _report(text, first, "", faults)
        return text[: first.start()] + _blank(first[0]) + text[first.end() :]
    else:
        kept, opening = [], fences
    for number, fence in enumerate(opening[::2]):
        if kept and _info(fence) not in ("yaml", "yml"):
            continue
        closing = opening[2 * number + 1] if 2 * number + 1 < len(opening) else None
        if closing or not is_split or number:
            end = f" and the closing one in line {_line(text, closing)}" if closing else ""
            _report(text, fence, end, faults)
        kept.append(slice(fence.end(), closing.start() if closing else len(text)))
    shown = _blank(text)
    for part in kept:
        shown = shown[: part.start] + text[part] + shown[part.stop :]
    return shown


def _info(fence: re.Match[str]) -> str:
    """What a fence says of its block: `yaml`; empty for one that closes."""
    return fence[0].strip("`~ \t\r").lower()


def _line(text: str, fence: re.Match[str]) -> int:
    return text.count("\n", 0, fence.start()) + 1


def _report(text: str, fence: re.Match[str], more: str, faults: Faults) -> None:
    message = f"{quoted(fence[0].strip())} is a Markdown fence, not part of the file; remove it{more}"
    faults.add(Location(_line(text, fence), 1), message)


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def blanked(text: str, part: slice, is_value: bool = True) -> str:
    """The text with a part of it left out, or replaced by a plain word; every other character keeps its place."""
    word = text[part.start : part.stop][:1] and ("x" if is_value else " ")
    return text[: part.start] + word + _blank(text[part.start + 1 : part.stop]) + text[part.stop :]


def end_of_flow(text: str, index: int) -> int | None:
    """The offset after the bracket that closes the one at `index`; None unless it is on the same line and all match."""
    expected_closings: list[str] = []
    for match in _MARK.finditer(text, index, line_end(text, index)):
        mark = match[0]
        if mark in CLOSES:
            expected_closings.append(CLOSES[mark])
        elif mark in CLOSES.values():
            if mark != expected_closings.pop():
                return None
            if not expected_closings:
                return match.end()
    return None


def end_of_entry(text: str, index: int) -> int:
    """The end of the entry that begins in the line of a bracket: before the next line that is not indented further.

    A comma at its end belongs to the enclosing list or mapping.
    """
    start = line_start(text, index)
    begin = re.compile(r"[ ]*(?:- +)*").match(text, start)
    column = begin.end() - start if begin else 0
    if begin and begin.end() == index and "-" in begin[0]:
        column = begin[0].rindex("-")
    end = line_end(text, index)
    for line in _LINE.finditer(text, end):
        if len(line["indent"]) <= column and line["first"] not in ("", "#", "]", "}"):
            break
        end = line.end()
    kept = text[index:end].rstrip()
    return index + len(kept) - 1 if kept.endswith(",") else end
