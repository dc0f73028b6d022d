"""Small PDFs, written by hand: pages of content streams, with Helvetica as `/F1` and Times as `/F2`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

WIDTH, HEIGHT = 595, 842
LEADING = 14
"""Points from line to line of `column`, whose type is 11 points."""


def pdf(
    *pages: str | bytes,
    resources: str = "",
    objects: Mapping[int, bytes] | None = None,
    catalog: str = "",
    page_entries: str = "",
    compressed: bool = False,
) -> bytes:
    """A PDF of pages with these contents; `objects` with numbers from 100 on are added as they are."""
    numbered: dict[int, bytes] = {}
    kids = " ".join(f"{10 + 2 * index} 0 R" for index in range(len(pages)))
    while 10 + 2 * len(pages) > 100 and objects:
        raise ValueError("too many pages for objects from 100 on")
    numbered[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    numbered[2] = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()
    for number, name in ((3, "Helvetica"), (4, "Times-Roman")):
        font = f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        numbered[number] = font.encode()
    for index, content in enumerate(pages):
        data = content.encode("cp1252") if isinstance(content, str) else content
        numbered[10 + 2 * index] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {11 + 2 * index} 0 R "
            f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> {resources} >> {page_entries} >>"
        ).encode()
        numbered[11 + 2 * index] = stream(data, compressed=compressed)
    return written({**numbered, **(objects or {})})


def written(objects: Mapping[int, bytes], trailer: str = "") -> bytes:
    """A file of numbered objects, with its table of references."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table, last = len(out), max(objects)
    out += f"xref\n0 {last + 1}\n0000000000 65535 f \n".encode()
    for number in range(1, last + 1):
        known = number in places
        out += f"{places.get(number, 0):010d} {0 if known else 65535:05d} {'n' if known else 'f'} \n".encode()
    out += f"trailer\n<< /Size {last + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def stream(data: bytes, entries: str = "", *, compressed: bool = False) -> bytes:
    """A stream object."""
    if compressed:
        data, entries = zlib.compress(data), f"/Filter /FlateDecode {entries}"
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def shown(text: str, x: float, y: float, *, size: float = 11, font: str = "F1", before: str = "") -> str:
    """A text at a place; `before`: operators in front of it."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"q {before} BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET Q\n"


def column(
    paragraphs: Iterable[str], *, top: float = 760, left: float = 72, width: int = 80, gap: float = 0, indent: float = 0
) -> str:
    """Paragraphs in lines of `width` characters, with a wider gap or an indent between them, or both."""
    content, y = [], top
    for paragraph in paragraphs:
        for index, line in enumerate(wrap(paragraph, width)):
            content.append(shown(line, left + (indent if index == 0 else 0), y))
            y -= LEADING
        y -= gap
    return "".join(content)


def report(pages: int, paragraphs: Sequence[str]) -> bytes:
    """A report with a running head and a page number on each page, and these paragraphs on each of them."""
    return pdf(
        *(
            shown("The Strait Review", 250, 810, size=9)
            + column(
                (f"Part {chr(64 + number)}. {text} So says part {chr(64 + number)}." for text in paragraphs), gap=8
            )
            + shown(str(number), 297, 30, size=9)
            for number in range(1, pages + 1)
        ),
        compressed=True,
    )
