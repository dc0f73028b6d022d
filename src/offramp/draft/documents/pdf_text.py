"""Text of a PDF: its lines with their places, without what a reader does not see."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import ContentStream, DictionaryObject, NameObject, RectangleObject

from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.draft.documents.dropped import Dropped
from offramp.draft.documents.pdf_contents import ShownText, hidden_layers_of, page_contents, times
from offramp.draft.documents.pdf_inks import entry, resolved
from offramp.draft.documents.pdf_lines import TextLine, paragraphs_of_lines

MAX_PAGES = 300


def pdf_paragraphs(content: bytes, dropped: Dropped) -> tuple[str | None, list[str], str]:
    """The title, the paragraphs and the rule of a PDF.

    Raises
    ------
    UsageError
        If it is encrypted, broken, too long, or has pictures instead of text.
    """
    reader = _opened(content)
    layers = hidden_layers_of(reader)
    lines: list[TextLine] = []
    unseen: dict[str, dict[int, int]] = defaultdict(dict)
    pictures = 0
    for number, page in enumerate(reader.pages, 1):
        contents = page_contents(page, reader, layers)
        pictures += contents.pictures
        lines.extend(_lines(number, _flat(contents.seen, contents.fonts, reader), page.cropbox))
        for reason, shown in contents.unseen.items():
            words = len(_flat(shown, contents.fonts, reader).extract_text().split())
            if words:
                unseen[reason][number] = words
        _count_notes(page, dropped)
    for reason, words_on in unseen.items():
        dropped.add(reason, sum(words_on.values()), pages=_pages(words_on))
    if not lines and pictures:
        layer = ", with an invisible text behind them that no reader sees" if "invisible" in unseen else ""
        raise UsageError(
            f"its pages are pictures{layer}: recognise the text (OCR), compare it with the pages, and give it as .txt"
        )
    return paragraphs_of_lines(lines, dropped)


def _opened(content: bytes) -> PdfReader:
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UsageError("it is protected by a password: save a copy without one")
        pages = len(reader.pages)
    except (PdfReadError, RecursionError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"it is a broken PDF ({type(error).__name__}): open it and print it to a new PDF") from None
    except ImportError:  # pypdf reads some encryptions only with a further library
        raise UsageError("it is encrypted: save a copy without encryption") from None
    if pages > MAX_PAGES:
        raise UsageError(f"it has {pages:,} pages, more than {MAX_PAGES}: give the part that tells of the crisis")
    return reader


def _flat(shown: ShownText, fonts: DictionaryObject, reader: PdfReader) -> PageObject:
    """A page that shows this text."""
    page = PageObject.create_blank_page(reader, 1, 1)
    stream = ContentStream(None, reader)
    stream.operations = shown.operations
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = stream
    return page


def _lines(number: int, page: PageObject, box: RectangleObject) -> list[TextLine]:
    """The lines of a page, in the order in which it shows them."""
    bottom, height = float(box.bottom), max(float(box.height), 1.0)
    lines: list[TextLine] = []
    pieces: list[tuple[str, float, float, float]] = []

    def take(text: str, user: Any, matrix: Any, font: Any, size: float) -> None:
        _, _, c, d, x, y = times(tuple(matrix), tuple(user))
        for index, part in enumerate(text.split("\n")):
            if index:
                finish()
            if part:
                pieces.append((part, x, y, abs(size) * (c * c + d * d) ** 0.5))

    def finish() -> None:
        text = "".join(piece[0] for piece in pieces)
        inked = [piece for piece in pieces if piece[0].strip()]
        if inked:
            size = max(inked, key=lambda piece: len(piece[0]))[3]
            x, y = min(piece[1] for piece in inked), inked[0][2]
            lines.append(TextLine(number, _without_ligatures(text.strip()), x, y, size, (y - bottom) / height))
        pieces.clear()

    page.extract_text(visitor_text=take)
    finish()
    return lines


def _without_ligatures(text: str) -> str:
    """A text with the letters of ligatures, as a person would type them.

    Examples
    --------
    >>> _without_ligatures("the \ufb01rst o\ufb03cer")
    'the first officer'
    """
    return re.sub("[\ufb00-\ufb06]", lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _count_notes(page: PageObject, dropped: Dropped) -> None:
    """Count the notes and fields on a page, whose texts are not the page's."""
    notes = entry(page, "/Annots")
    for note in map(resolved, notes) if isinstance(notes, list) else ():
        if isinstance(note, DictionaryObject):
            if note.get("/Subtype") == "/Widget":
                dropped.add("fields")
            elif note.get("/Subtype") not in ("/Link", "/Popup") and note.get("/Contents"):
                dropped.add("notes", words=len(str(note["/Contents"]).split()))


def _pages(numbers: Any) -> str:
    """`page 4`, `pages 4 and 7`, or `pages 4 to 9` if there are more.

    Examples
    --------
    >>> _pages([4]), _pages([4, 7]), _pages([4, 7, 9])
    ('page 4', 'pages 4 and 7', 'pages 4 to 9')
    """
    numbers = sorted(numbers)
    if len(numbers) == 1:
        return tr("page {number}", number=numbers[0])
    if len(numbers) == 2:
        return tr("pages {first} and {last}", first=numbers[0], last=numbers[-1])
    return tr("pages {first} to {last}", first=numbers[0], last=numbers[-1])
