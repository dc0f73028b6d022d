"""Paragraphs of plain text: blocks between blank lines, else lines, else wrapped lines joined."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import pairwise

from offramp.common.texts import tr

BLANK_LINES = tr("a paragraph is a block between blank lines")
EACH_LINE = tr("a paragraph is a line, as the lines are not wrapped at one width")
WRAPPED = tr("the lines are wrapped: a paragraph starts after a short line, or with an indent or a list's mark")

WIDEST = 120
"""A text with wider lines is not wrapped."""
FILLED = 0.5
"""Share of lines that no word more would fit on, above which a text is wrapped."""
LONGEST_TITLE = 150
"""Characters of a first paragraph that may be a title."""
TAIL = 60
"""Characters at the end of a line that say how it ends."""
FEW = 8
"""A block of fewer lines is one paragraph, if there are others."""
CLEAN = 0.9
"""Share of the lines within sentences that are filled, from which any line with room for a word ends a paragraph."""
SLACK = 0.15
"""In other texts a line is short if the next word would have left this share of the width empty."""

_BREAKS = re.compile(r"\r\n?|[\x0b\x85\u2028]")
_PAGES = re.compile(r"[\x0c\u2029]")
_ITEM = re.compile(r"\s*(?:[-*•‣–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)])\s+\S")
_ENDS = re.compile(r"[.!?…:;。！？؟۔।][\"'”’»)\]]*(?:\[\d+\])*$")
_PART_OF_A_WORD = re.compile(
    r"(?:[au]?l?ation|[iu]?tion|sion)(?:s|al|ally)?|iz(?:ed?|ing|ation)|ments?|ings?|it(?:y|ies)|bilit(?:y|ies)|ness|"
    r"[ae]nc(?:es?|y|ies)|[ai]bly|[ts]ives?|tur(?:es?|al)|[ct]ial(?:ly)?|cians?|i?ous(?:ly)?|ical(?:ly)?|at(?:ed|ing|ely)"
)
"""What ends an English word, and is neither a word nor half of a compound."""
_WORDS = re.compile(r"\w+(?:[-’']\w+)*")


def text_paragraphs(text: str) -> tuple[list[str], str]:
    r"""The paragraphs of a text, and the rule that found them.

    Examples
    --------
    >>> text_paragraphs("A title\n\nFirst line,\nsecond line.")
    (['A title', 'First line, second line.'], 'a paragraph is a block between blank lines')
    >>> text_paragraphs("The minister warned the fleet on Monday, and the fleet turned back.\nNobody answered.")[0]
    ['The minister warned the fleet on Monday, and the fleet turned back.', 'Nobody answered.']
    """
    text = _PAGES.sub("\n\n", _BREAKS.sub("\n", text))
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]
    blocks = [[line for line in block if line.strip()] for block in blocks]
    lines = sum(map(len, blocks))
    largest = max(blocks, key=len, default=[])
    if 2 * len(largest) <= lines or len(largest) == 1 or (len(blocks) > 1 and len(largest) < FEW):
        return _joined_blocks(blocks, text), BLANK_LINES
    rule = WRAPPED if is_wrapped(largest) else EACH_LINE
    divided: list[list[str]] = []
    for block in blocks:
        if block is not largest:
            divided.append(block)
        elif rule == WRAPPED:
            divided.extend(_unwrapped(block))
        else:
            divided.extend([line] for line in block)
    return _joined_blocks(divided, text), rule


def plain_title(paragraphs: Sequence[str]) -> str | None:
    """The first paragraph, if it is short and no sentence.

    Examples
    --------
    >>> plain_title(["Night at the strait", "The fleet turned back."]), plain_title(["The fleet turned back."])
    ('Night at the strait', None)
    """
    first = " ".join(paragraphs[0].split()) if len(paragraphs) > 1 else ""
    return first if 0 < len(first) <= LONGEST_TITLE and not first.endswith((".", ",", ";", ":")) else None


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines are broken at one width: on most of them the next line's first word would not have fitted."""
    width = _width(lines)
    if width > WIDEST or len(lines) < 2:
        return False
    pairs = list(pairwise(lines))
    filled = sum(_room(line, following, width) < 0 for line, following in pairs)
    ended = sum(ends_sentence(line) for line in lines)
    return filled >= FILLED * len(pairs) and ended < 0.8 * len(lines)


def joined(lines: Sequence[str], words: Set[str]) -> str:
    """Lines as one text; a hyphen at the end of a line goes if the whole word is among the account's `words`, or if no
    compound ends so.

    Examples
    --------
    >>> joined(["the inter-", "national posi-", "tion of its air-", "craft"], {"international"})
    'the international position of its air-craft'
    """
    parts: list[str] = []
    for line in lines:
        text = " ".join(line.split())
        before = re.search(r"(\w+)([-\u2010\u00ad])$", parts[-1][-TAIL:]) if parts else None
        after = re.match(r"\w+", text)
        if before is None or after is None:
            parts.extend((" ", text) if parts else (text,))
            continue
        whole, halves = f"{before[1]}{after[0]}".lower(), f"{before[1]}-{after[0]}".lower()
        known = whole in words or _PART_OF_A_WORD.fullmatch(after[0]) is not None
        if before[2] == "\u00ad" or (known and halves not in words and after[0][0].islower()):
            parts[-1] = parts[-1][:-1]
        parts.append(text)
    return "".join(parts)


def words_of(text: str) -> Set[str]:
    """The words of a text in lower case, compounds whole; a word broken at the end of a line counts as two."""
    return set(_WORDS.findall(text.lower()))


def ends_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _ENDS.search(line.rstrip()[-TAIL:]) is not None


def is_item(line: str) -> bool:
    """Whether a line begins as an item of a list does."""
    return _ITEM.match(line) is not None


def _joined_blocks(blocks: Sequence[Sequence[str]], text: str) -> list[str]:
    words = words_of(text) if any(re.search(r"\w[-\u2010]\s*$", line) for block in blocks for line in block) else set()
    return [joined(block, words) for block in blocks]


def _unwrapped(lines: Sequence[str]) -> list[list[str]]:
    """The paragraphs of wrapped lines."""
    width = _width(lines)
    margin = sorted(_indent(line) for line in lines)[len(lines) // 4]
    within = [_room(line, following, width) < 0 for line, following in pairwise(lines) if not ends_sentence(line)]
    clean = sum(within) >= CLEAN * len(within)
    paragraphs = [[lines[0]]]
    for line, following in pairwise(lines):
        room = _room(line, following, width)
        told = ends_sentence(line) or len(line.strip()) < 0.6 * width
        short = room >= 0 if clean else room >= SLACK * width and told
        indented = _indent(following) >= margin + 2 and _indent(line) <= margin and not is_item(line)
        if short or is_item(following) or indented:
            paragraphs.append([following])
        else:
            paragraphs[-1].append(following)
    return paragraphs


def _width(lines: Sequence[str]) -> int:
    """The width at which lines are wrapped: the longest line, but for a few that nothing could break."""
    lengths = sorted(len(line.rstrip()) for line in lines)
    usual = lengths[(9 * len(lines) - 1) // 10]
    return max(*(length for length in lengths if length <= 1.1 * usual), 1)


def _room(line: str, following: str, width: int) -> int:
    """Columns to spare if the next line's first word were on this line; negative if it does not fit."""
    first = following.split(maxsplit=1)[0]
    return width - len(line.rstrip()) - 1 - len(first)


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
