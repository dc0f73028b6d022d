"""Paragraphs of a saved page: the blocks of HTML that a reader sees.

Only the page itself is read: nothing that it names is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree, html
from lxml.etree import _Element as Element

from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.draft.documents.dropped import FURNITURE, Dropped
from offramp.draft.documents.page_furniture import furniture, word_count
from offramp.draft.documents.page_styles import (
    WHITE,
    Colour,
    Declarations,
    Styles,
    alike,
    colour,
    is_transparent,
    pixels,
)
from offramp.draft.documents.plain_text import LONGEST_TITLE

RULE = tr("a paragraph is a block of the page")
LONG_LINE = 120
"""Characters; a block with line breaks and a longer line has a paragraph in each line."""
SMALLEST = 2.0
"""Smaller text, in pixels, is not seen."""
FAR = 900.0
"""Pixels out of the page."""

BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section",
        "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
UNSEEN = {
    "script": "scripts", "style": "styles", "template": "templates", "noscript": "noscript", "iframe": "frames",
    "object": "objects", "embed": "frames", "audio": "recordings", "video": "recordings", "canvas": "pictures",
    "svg": "pictures", "button": "inputs", "select": "inputs", "textarea": "inputs", "datalist": "inputs",
    "rp": "inputs",
}  # fmt: skip
"""What no reader of the page reads, by element; the kinds are those of `Dropped`."""
FOR_SCREEN_READERS = frozenset(
    {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"}
)
"""Classes of texts that are there for screen readers only, whose styles are seldom in the page itself."""
NOTHING = re.compile(r"(?:scale[xy]?|opacity)\(\s*0?(?:\.0+)?%?\s*[,)]")
"""What leaves nothing of an element to be seen, in `transform` and in `filter`."""
OLD_COLOURS = frozenset({"color", "bgcolor", "background"})
"""Attributes of HTML 4 that give colours and pictures."""


@dataclass(frozen=True)
class _Look:
    """How text looks in an element: shown at all, its colour on its ground, its size in pixels, within an article."""

    shown: bool = True
    ink: Colour | None = (0, 0, 0)
    ground: Colour | None = WHITE
    size: float = 16.0
    clear: bool = False
    in_article: bool = False

    @property
    def fault(self) -> str | None:
        """Why a reader does not see text here, or None."""
        if not self.shown:
            return "hidden"
        if self.size < SMALLEST:
            return "sizeless"
        if self.clear or alike(self.ink, self.ground):
            return "colourless"
        return None


def page_paragraphs(text: str, dropped: Dropped) -> tuple[str | None, list[str], str]:
    """The title, the paragraphs and the rule of a page.

    Raises
    ------
    UsageError
        If the page is nested too deeply to be read whole.
    """
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(text.encode(errors="replace"), parser)
    except etree.XMLSyntaxError:  # also when memory is short
        raise UsageError("the page is broken or too large, and cannot be read") from None
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise UsageError("the page is nested too deeply, or too large, to be read whole")
    if root is None:
        return None, [], RULE
    styles = Styles()
    for sheet in root.iter("style"):
        if "print" not in (sheet.get("media") or ""):
            styles.read(sheet.text or "")
    unread = ("script", "style", "template", "noscript")
    words = sum(
        word_count(text) for one in root.iter(etree.Element) if one.tag not in unread for text in _own_texts(one)
    )
    walk = _Walk(styles, dropped, words)
    walk.through(root)
    heads = [" ".join("".join(head.itertext()).split()) for head in root.iter("title")][:1]
    title = walk.heading or next((head for head in heads if head), None)
    return title, walk.paragraphs, RULE


class _Walk:
    """One way through a page, which collects the paragraphs."""

    def __init__(self, styles: Styles, dropped: Dropped, words: int) -> None:
        self.styles = styles
        self.dropped = dropped
        self.words = words
        self.paragraphs: list[str] = []
        self.heading: str | None = None
        self.line: list[str] = []
        self.looks = [_Look()]
        self.in_pre = 0

    def through(self, root: Element) -> None:
        """Collect the paragraphs below an element, without recursion: a page may be nested deeply."""
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        skipped: Element | None = None
        for event, element in walker:
            if event in ("comment", "pi"):
                if (element.text or "").strip():
                    self.dropped.add("comments", words=word_count(element.text or ""))
                self.text(element.tail)
            elif event == "start":
                reason = self.reason_to_skip(element)
                if reason is None:
                    self.enter(element)
                else:
                    self.skip(element, reason)
                    skipped = element
                    walker.skip_subtree()
            else:
                if element is skipped:
                    skipped = None
                else:
                    self.leave(element)
                if element is not root:
                    self.text(element.tail)
        self.flush()

    def reason_to_skip(self, element: Element) -> str | None:
        """Why an element is left out with all that is in it, or None; else its look becomes the present one."""
        tag = str(element.tag)
        if tag == "head":
            return "metadata"
        if tag in UNSEEN:
            return UNSEEN[tag]
        declarations = self.styles.of(element)
        if _is_hidden(element, declarations, self.looks[-1].size):
            return "hidden"
        kind = furniture(element, self.looks[-1].in_article, self.words)
        if kind is not None:
            return kind
        self.looks.append(_look(element, declarations, self.looks[-1]))
        return None

    def enter(self, element: Element) -> None:
        tag = str(element.tag)
        self.count_attributes(element)
        if tag in BLOCKS:
            self.flush()
        self.in_pre += tag == "pre"
        if tag == "br":
            self.line.append("\n")
        elif tag in ("td", "th") and any(part.strip() for part in self.line):
            self.line.append(" | ")
        self.text(element.text)

    def leave(self, element: Element) -> None:
        tag = str(element.tag)
        if tag in BLOCKS:
            before = len(self.paragraphs)
            self.flush()
            if tag == "h1" and self.heading is None and len(self.paragraphs) > before:
                self.heading = self.paragraphs[before][:LONGEST_TITLE]
        self.in_pre -= tag == "pre"
        self.looks.pop()

    def text(self, text: str | None) -> None:
        """Add text to the present paragraph, or count it if it is not seen."""
        if not text:
            return
        fault = self.looks[-1].fault
        if fault is None:
            self.line.append(text if self.in_pre else " ".join(f"x{text}x".split())[1:-1])
        elif text.strip():
            self.dropped.add(fault, words=word_count(text))
            self.line.append(" ")

    def flush(self) -> None:
        """End the present paragraph. Two line breaks end one too, and one does in a block of long lines."""
        if not self.line:
            return
        whole = "".join(self.line)
        self.line.clear()
        for block in re.split(r"\n\s*\n", whole):
            lines = [" ".join(line.split()) for line in block.split("\n")]
            lines = [line for line in lines if line.strip(" |")]
            apart = max(map(len, lines), default=0) >= LONG_LINE
            self.paragraphs.extend(lines if apart else [" ".join(lines)] if lines else [])

    def skip(self, element: Element, reason: str) -> None:
        """Count what is left out; elements of blocks end the present paragraph."""
        tag = str(element.tag)
        if tag in BLOCKS:
            self.flush()
        words = word_count(" ".join(element.itertext(etree.Element)))  # without comments
        if tag == "head":
            entries = sum(child.get("content") is not None for child in element.iter("meta"))
            if entries:
                self.dropped.add(reason, entries)
            for child in element.iter(etree.Comment):
                self.dropped.add("comments", words=word_count(child.text or ""))
        elif reason in FURNITURE:
            inside = [one for one in element.iter(etree.Element) if one.tag in BLOCKS and (one.text or "").strip()]
            if words:
                self.dropped.add(reason, max(len(inside), 1), words=words)
        elif tag in ("script", "style", "svg", "canvas", "iframe"):
            self.dropped.add(reason)
        elif words:
            self.dropped.add(reason, words=words)

    def count_attributes(self, element: Element) -> None:
        for name in ("alt", "title"):
            if (element.get(name) or "").strip():
                self.dropped.add(name, words=word_count(element.get(name) or ""))


def _own_texts(element: Element) -> tuple[str, str]:
    """The text at the beginning of an element, and the text behind it."""
    return element.text or "", element.tail or ""


def _is_hidden(element: Element, declarations: Declarations, size: float) -> bool:
    """Whether an element is not shown, and nothing in it can be."""
    if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
        return "display" not in declarations or declarations["display"] == "none"
    if FOR_SCREEN_READERS & set((element.get("class") or "").lower().split()):
        return True
    if declarations.get("display") == "none" or declarations.get("content-visibility") == "hidden":
        return True
    if not declarations:
        return False
    opacity = pixels(declarations.get("opacity", "1"), 1.0)
    if opacity is not None and opacity < 0.05:
        return True
    if NOTHING.search(f"{declarations.get('transform', '')} {declarations.get('filter', '')}"):
        return True
    if declarations.get("scale") in ("0", "0%"):
        return True
    lengths = {name: pixels(value, size) for name, value in declarations.items()}
    placed = declarations.get("position") in ("absolute", "fixed")
    far = [lengths.get(name) for name in (("left", "top", "right") if placed else ()) + ("text-indent",)]
    if any(length is not None and abs(length) >= FAR for length in far):
        return True
    if placed and re.search(r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)", declarations.get("clip", "")):
        return True
    if re.search(r"inset\(\s*(?:50|100)%|circle\(\s*0", declarations.get("clip-path", "")):
        return True
    tight = [lengths.get(name) for name in ("width", "height", "max-height", "max-width")]
    return declarations.get("overflow") in ("hidden", "clip") and any(
        length is not None and length <= 1.0 for length in tight
    )


def _look(element: Element, declarations: Declarations, outer: _Look) -> _Look:
    """How text looks in an element, from what it declares and the look around it."""
    look = outer
    if element.tag in ("article", "main") or element.get("role") in ("main", "article"):
        look = replace(look, in_article=True)
    if not declarations and not OLD_COLOURS & set(element.attrib):
        return look
    ink = declarations.get("-webkit-text-fill-color") or declarations.get("color") or _old(element, "color")
    if ink is not None and ink != "inherit":
        look = replace(look, ink=colour(ink), clear=is_transparent(ink))
    ground = declarations.get("background-color") or declarations.get("background") or _old(element, "bgcolor")
    if ground is not None and not is_transparent(ground) and ground not in ("none", "inherit", "initial"):
        look = replace(look, ground=colour(ground))
    if declarations.get("background-image", "none") != "none" or element.get("background"):
        look = replace(look, ground=None)
    if "visibility" in declarations:
        look = replace(look, shown=declarations["visibility"] not in ("hidden", "collapse"))
    size = declarations.get("font-size") or _size_in(declarations.get("font", ""))
    length = pixels(size, outer.size) if size else None
    return look if length is None else replace(look, size=length)


def _old(element: Element, name: str) -> str | None:
    """A colour given as an attribute of HTML 4, in lower case."""
    value = (element.get(name) or "").strip().lower()
    return value or None


def _size_in(font: str) -> str | None:
    """The size in a value of `font`, such as `italic 12px/1.5 serif`."""
    match = re.search(r"(?:^|\s)(\d*\.?\d+(?:px|pt|em|rem|%))", font)
    return match[1] if match else None
