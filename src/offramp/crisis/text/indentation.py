"""Lines of a YAML text that are indented too little or too much."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from offramp.common.words import quoted
from offramp.crisis import schema
from offramp.crisis.text.yaml_lines import BREAK, line_end, line_of, line_start, tokens_before

_LINE = re.compile(r"(?P<indent> *)(?P<word>- |[^\s#][^:\r\n]*)?")

_DASHES = re.compile(r" *(?:- +)*")


@dataclass(frozen=True)
class Misindented:
    """A line that is indented wrongly: the offset of its first word, and what to say."""

    at: int
    message: str


@dataclass
class _Block:
    column: int
    is_list: bool
    index: int


def misindented(text: str, index: int) -> Misindented | None:
    """The line that is indented wrongly where libyaml stops in a line; None if the line has nothing to do with it.

    The line itself, or, if more of the next lines agree with it than with the lines before, the first line before.
    """
    start = line_start(text, index)
    column, word = _column_and_word(text, start)
    blocks: list[_Block] = []
    closed: list[_Block] = []
    for token in tokens_before(text, index):
        if isinstance(token, yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken):
            mark = token.start_mark
            blocks.append(_Block(mark.column, isinstance(token, yaml.BlockSequenceStartToken), mark.index))
        if not isinstance(token, yaml.BlockEndToken):
            closed.clear()
        elif blocks:
            closed.append(blocks.pop())
    is_list, key = word == "- ", word.strip()
    fitting = [block for block in blocks + closed if block.is_list == is_list]
    below = max((block for block in fitting if block.column < column), key=lambda block: block.column, default=None)
    above = min((block for block in fitting if block.column > column), key=lambda block: block.column, default=None)
    if any(block.column == column for block in fitting) or (below is None and above is None):
        return None
    in_list = any(block.column == column for block in blocks) and not is_list
    if in_list and (above is None or key in schema.STEP_KINDS or key.startswith("-")):
        return None
    before = closed[-1] if closed else blocks[-1] if blocks else None
    if before is not None and before.is_list == is_list and not in_list:
        first = line_start(text, before.index)
        entries = 1 + _entries(text[line_end(text, first) : start], before.column)
        dashes = _DASHES.match(text, first)
        begins = dashes is not None and dashes.end() == before.index
        if begins and _entries(text[start:], column) > entries:
            first_column, first_word = _column_and_word(text, first)
            wanted = first_column + column - before.column
            where = f", as in line {line_of(text, start) + 1}" if wanted == column else ""
            return Misindented(first + first_column, _message([wanted], first_word, first_column, where))
    expected = [block for block in (below, above) if block is not None]
    if in_list:
        expected = [block for block in (above,) if block is not None]
    elif key in {part.word for part in schema.CrisisPart.keys} and blocks and not blocks[0].column:
        expected = blocks[:1]
    nearest = min(abs(block.column - column) for block in expected)
    near = [block for block in expected if abs(block.column - column) == nearest]
    where = f", as in line {_line_like(text, start, near[-1])}" + (", or '- ' for a new entry" if in_list else "")
    return Misindented(start + column, _message([block.column for block in near], word, column, where))


def _line_like(text: str, start: int, block: _Block) -> int:
    """The last line before an offset that begins in a block's column; the block's first line if there is none."""
    number, first = line_of(text, start), line_of(text, block.index)
    for line in reversed(BREAK.split(text[line_start(text, block.index) : start])[:-1]):
        if _column_and_word(line, 0)[0] == block.column:
            return number
        number -= 1
    return first + 1


def _message(columns: list[int], word: str, found: int, where: str) -> str:
    spaces = " or ".join(map(str, columns)) + (" space" if columns == [1] else " spaces")
    shown = "the dash" if word == "- " else quoted(word.strip())
    return f"expected {spaces} before {shown}{where}, found {found}"


def _column_and_word(text: str, start: int) -> tuple[int, str]:
    line = _LINE.match(text, start)
    assert line is not None  # both parts may be empty
    return len(line["indent"]), line["word"] or ""


def _entries(text: str, column: int) -> int:
    """The number of lines that begin in a column, up to the first one that begins before it."""
    count = 0
    for line in BREAK.split(text):
        begin, word = _column_and_word(line, 0)
        if word and begin < column:
            break
        count += bool(word) and begin == column
    return count
