"""The brief as a Word document, to edit and to hand on."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from offramp.common.printable import printable
from offramp.report.brief_document import BriefDocument, BriefTable
from offramp.report.own_words import Passage, passages


def brief_docx(document: BriefDocument) -> bytes:
    """The bytes of the document: the same words as on the page, with Word's own styles; control characters escaped."""
    word: WordDocument = Document()
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(16)
    word.styles["Normal"].font.size = Pt(10)
    word.styles["Normal"].paragraph_format.space_after = Pt(4)
    word.core_properties.title = printable(document.title)[:255]
    word.core_properties.author = "Offramp"
    word.add_paragraph(printable(document.kicker))
    word.add_heading(printable(document.title), 0)
    if document.draft:
        word.add_paragraph().add_run(printable(document.draft)).bold = True
    word.add_paragraph(printable(" ".join(document.lead)))
    for passage in passages(document.own_words):
        _add_passage(word, passage)
    for section in document.sections:
        word.add_heading(printable(section.heading), 2)
        for sentence in section.sentences:
            word.add_paragraph(printable(sentence))
        if section.table is not None:
            _add_table(word, section.table)
    content = BytesIO()
    word.save(content)
    return content.getvalue()


def _add_passage(word: WordDocument, passage: Passage) -> None:
    styles = {"heading": "Heading 2", "paragraph": "Normal", "item": "List Bullet"}
    paragraph = word.add_paragraph(style=styles[passage.kind])
    for phrase in passage.phrases:
        run = paragraph.add_run(printable(phrase.text))
        run.bold = phrase.style == "strong" or None
        run.italic = phrase.style == "em" or None


def _add_table(word: WordDocument, table: BriefTable) -> None:
    grid = word.add_table(rows=1, cols=len(table.heads))
    grid.style = "Light List Accent 1"
    for row in (table.heads, *table.rows):
        cells = grid.rows[0].cells if row is table.heads else grid.add_row().cells
        for place, text in enumerate(row):
            cells[place].text = printable(text)
            if place in table.numbers:
                cells[place].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    word.add_paragraph()
