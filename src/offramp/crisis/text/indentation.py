"""Lines of a YAML text that are indented too little or too much."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from offramp.common.words import nearest_word, quoted
from offramp.crisis import schema
from offramp.crisis.text.yaml_lines import BREAK, line_end, line_of, line_start, tokens_before

_CRISIS_KEYS = frozenset(part.word for part in schema.CrisisPart.keys)
_TEXT_KEYS = frozenset({"title", "summary", "author", "name", "says", "because", "cite", "unit"})
_LINE = re.compile(r"(?P<indent> *)(?P<word>- |[^\s#][^:\r\n]*)?")

_BULLET = re.compile(r"(?P<mark>[–—−•‣▪◦·])\s*(?=\w)|-(?P<space>[\u00a0\u2007\u202f])")
"""What text programs make of the dash that begins an entry, or of the space after it."""
_EMPTY = re.compile(r" *(?:- +)*[^\s:#]+:[ \t]*(?:#.*)?$", re.MULTILINE)
_DASHES = re.compile(r" *(?:- +)*")


@dataclass(frozen=True)
class Misindented:
    """A line that is indented wrongly: the offset of its first word, what to say, and where its entry ends if known."""

    at: int
    message: str
    ends: int | None = None


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
    scalars: list[yaml.ScalarToken] = []
    for token in tokens_before(text, index):
        if isinstance(token, yaml.ScalarToken):
            scalars = [*scalars[-1:], token]
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
    at_left = _of_crisis(key, text[:start]) and bool(blocks) and not blocks[0].column
    if in_list and not at_left and (above is None or key in schema.STEP_KINDS or key.startswith("-")):
        return None
    expected = [block for block in (below, above) if block is not None]
    if at_left:
        expected = blocks[:1]
    elif in_list:
        expected = [block for block in (above,) if block is not None]
    elif not is_list:
        outdented = None if below is None else _outdented(text, start, below, scalars)
        if outdented is not None:
            return outdented
        possible = [block for block in expected if _may_stand(key, block, text, scalars)]
        wrapped = None if possible else _of_wrapped(text, start + column, word, scalars)
        if wrapped is not None:
            return wrapped
        expected = possible or expected
    around = [block for block in closed[-1:] + blocks[-1:] if block.is_list == is_list and not (at_left or in_list)]
    before = min(around, key=lambda block: abs(block.column - column), default=None)
    if before is not None:
        first = line_start(text, before.index)
        entries = 1 + _entries(text[line_end(text, first) : start], before.column)
        dashes = _DASHES.match(text, first)
        begins = dashes is not None and dashes.end() == before.index
        first_column, first_word = _column_and_word(text, first)
        alike = first_word not in schema.all_keys() or key in schema.all_keys()
        empty = _EMPTY.match(text, first) and _column_and_word(text, line_end(text, first) + 1)[0] == first_column
        more = alike and not _dash_agrees(text, first) and _entries(text[start:], column) > entries
        if begins and (more or empty):
            wanted = first_column + column - before.column
            where = f", as in line {line_of(text, start) + 1}" if wanted == column else ""
            message = _message([wanted], first_word, first_column, where)
            return Misindented(first + first_column, message, start if empty else None)
    nearest = min(abs(block.column - column) for block in expected)
    near = [block for block in expected if abs(block.column - column) == nearest]
    where = f", as in line {_line_like(text, start, near[-1])}" + (
        ", or '- ' for a new entry" if expected == [above] and in_list else ""
    )
    return Misindented(start + column, _message([block.column for block in near], word, column, where))


def _may_stand(key: str, block: _Block, text: str, scalars: list[yaml.ScalarToken]) -> bool:
    """Whether a key, or one that is meant by it, can be a key of a block; any word can where names are given."""
    if not block.column:
        return key in _CRISIS_KEYS or nearest_word(key, _CRISIS_KEYS) is not None
    first = re.match(r"\w*", text[block.index :])
    holds = [scalar for scalar in scalars[:1] if scalar.start_mark.column == block.column]
    if (first and first[0] in schema.STEP_KINDS) or (holds and holds[0].value in _TEXT_KEYS):
        return nearest_word(key, schema.all_keys()) is not None
    return True


def _of_crisis(key: str, before: str) -> bool:
    """Whether a key can only be one of the crisis, which has none of this name yet."""
    return key in _CRISIS_KEYS and re.search(rf"^{key}:", before, re.MULTILINE) is None


def _outdented(text: str, start: int, block: _Block, scalars: list[yaml.ScalarToken]) -> Misindented | None:
    """The line above that is indented less than it should be, so that the line at an offset does not fit below it.

    It stands below a key without a value, it cannot stand in its block, or it is a key of the language among names.
    """
    column, word = _column_and_word(text, start)
    above: list[tuple[int, int, str]] = []
    at = start
    while at > block.index and len(above) < 2:
        at = line_start(text, at - 1)
        begin, one = _column_and_word(text, at)
        if one and begin <= block.column:
            above.append((at, begin, one))
        if one and begin < block.column:
            break
    if not above or above[0][1] != block.column or above[0][2] == "- " or above[0][0] <= block.index:
        return None
    moved, found, key = above[0]
    empty = above[1:] and _EMPTY.match(text, above[1][0])
    names = re.match(r"\w*", text[block.index :])
    among_names = names is not None and names[0] not in schema.all_keys() and bool(block.column)
    if (
        (empty and line_of(text, moved) == line_of(text, above[1][0]) + 1)
        or not _may_stand(key, block, text, scalars)
        or (among_names and {key, word} <= schema.all_keys())
    ):
        where = f", as in line {line_of(text, start) + 1}"
        return Misindented(moved + found, _message([column], key, found, where))
    return None


def _of_wrapped(text: str, at: int, word: str, scalars: list[yaml.ScalarToken]) -> Misindented | None:
    """What is wrong if the line belongs to the text that begins above it; None if no text goes on here."""
    scalar = scalars[-1] if len(scalars) > 1 else None
    if scalar is None or scalar.style in ("'", '"') or line_of(text, scalar.start_mark.index) == line_of(text, at):
        return None
    opens = line_of(text, scalar.start_mark.index) + 1
    if scalar.end_mark.index > at:
        return Misindented(at, f"a text that contains ': ' needs quotes around it; this one begins in line {opens}")
    if scalar.style not in ("|", ">") or text[scalar.end_mark.index : at].strip():
        return None
    lines = BREAK.split(text[scalar.start_mark.index : at])
    first = next((number for number, line in enumerate(lines) if number and line.strip()), None)
    if first is None:
        return None
    column, _ = _column_and_word(lines[first], 0)
    where = f", as in the text that begins in line {opens + first}"
    return Misindented(at, _message([column], word, at - line_start(text, at), where))


def _dash_agrees(text: str, first: int) -> bool:
    """Whether a line begins with a dash that stands below or above another dash of its list."""
    column, word = _column_and_word(text, first)
    above, below = BREAK.split(text[:first]), BREAK.split(text[line_end(text, first) :])
    for lines in (reversed(above), iter(below)):
        begins = (_column_and_word(line, 0) for line in lines)
        if word == "- " and next((one for one in begins if one[1] and one[0] <= column), None) == (column, word):
            return True
    return False


def _line_like(text: str, start: int, block: _Block) -> int:
    """The last line before an offset that begins in a block's column; the block's first line if there is none."""
    number, first = line_of(text, start), line_of(text, block.index)
    for line in reversed(BREAK.split(text[line_start(text, block.index) : start])[:-1]):
        if _column_and_word(line, 0)[0] == block.column:
            return number
        number -= 1
    return first + 1


def _message(columns: list[int], word: str, found: int, where: str) -> str:
    if bullet := _BULLET.match(word):
        if bullet["mark"]:
            return f"expected '- ' before a new entry, found '{bullet['mark']}'"
        return f"expected a plain space after the dash, found U+{ord(bullet['space']):04X}, which looks like one"
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
