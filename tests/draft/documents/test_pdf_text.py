"""PDFs: paragraphs by gaps, indents and sizes; what a reader does not see is dropped and reported."""

from __future__ import annotations

import zlib

import pytest

from offramp.common.errors import UsageError
from tests.draft.documents.pdfs import column, pdf, report, shown, stream, written
from tests.draft.documents.reading import read

PARAGRAPHS = [
    "On the third night the frigate crossed the line that both navies had agreed to keep, and the coast guard fired "
    "two shots across its bow.",
    "Nobody was hurt. The admiral said that he would cross again, whatever the ministry wrote, and that the line "
    "begins at the light and not at the rocks.",
    "The ministry has three ways to answer: it may protest, it may board the next ship, or it may close the strait to "
    "all traffic for a week.",
    "What the fleet wants is not known.",
]
WHOLE = "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(("gap", "indent"), [(8, 0), (0, 14), (8, 14)])
def test_a_gap_or_an_indent_starts_a_paragraph(gap: float, indent: float) -> None:
    assert read("pdf", pdf(column(PARAGRAPHS, gap=gap, indent=indent))).paragraphs == PARAGRAPHS


def test_a_short_line_that_ends_a_sentence_ends_a_paragraph() -> None:
    assert read("pdf", pdf(column(PARAGRAPHS, width=90))).paragraphs == PARAGRAPHS


def test_a_heading_in_larger_type_is_the_title_and_a_paragraph() -> None:
    found = read("pdf", pdf(shown("Night at the strait", 72, 790, size=18) + column(PARAGRAPHS, gap=8)))
    assert found.title == "Night at the strait"
    assert found.paragraphs == ["Night at the strait", *PARAGRAPHS]
    assert read("pdf", pdf(column(PARAGRAPHS, gap=8))).title is None


def test_items_of_a_list_are_paragraphs() -> None:
    items = [f"{number}. {text}" for number, text in enumerate(PARAGRAPHS[:3], 1)]
    assert read("pdf", pdf(column(["It may:", *items]))).paragraphs == ["It may:", *items]


def test_a_line_that_is_very_short_ends_a_paragraph_without_a_full_stop() -> None:
    lines = ["who decides in the end", PARAGRAPHS[2], "the fleet", "the ministry", PARAGRAPHS[1]]
    assert read("pdf", pdf(column(lines))).paragraphs == lines


def test_a_paragraph_goes_on_over_the_end_of_a_page_and_of_a_column() -> None:
    first, second = "The frigate crossed the line that both navies had", "agreed to keep, and turned."
    assert read("pdf", pdf(shown(first, 72, 90), shown(second, 72, 760))).paragraphs == [f"{first} {second}"]
    assert read("pdf", pdf(shown(first, 72, 90) + shown(second, 320, 760))).paragraphs == [f"{first} {second}"]
    assert read("pdf", pdf(shown("It ended.", 72, 90), shown("Then it began.", 72, 760))).paragraphs == [
        "It ended.",
        "Then it began.",
    ]


def test_a_full_line_that_ends_a_sentence_at_the_end_of_a_column_ends_a_paragraph() -> None:
    first, second = column(["The frigate crossed the line that both navies had kept."], top=90), "Then it turned."
    assert read("pdf", pdf(first + shown(second, 320, 760))).paragraphs[-1] == second


def test_ligatures_become_letters() -> None:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << /Differences [33 /fi] >> >>"
    page = "BT /F9 11 Tf 72 300 Td (the !rst) Tj ET"
    assert read(
        "pdf",
        pdf(page)
        .replace(b"/F2 4 0 R", b"/F9 4 0 R")
        .replace(b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>", font),
    ).paragraphs == ["the first"]


def test_type_that_is_drawn_by_the_document_itself_is_not_taken_for_tiny() -> None:
    drawn = stream(b"10 0 0 0 10 10 d1 0 0 10 10 re f")
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 10 10] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 100 0 R >> "
        b"/Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [10] >>"
    )
    page = pdf("BT /F1 1 Tf 72 300 Td (aaaa) Tj ET", objects={100: drawn}).replace(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", font
    )
    assert read("pdf", page).paragraphs == ["aaaa"]


def test_the_heads_that_a_browser_prints_on_two_pages_are_dropped() -> None:
    pages = [
        shown("3/2/31, 4:57 PM", 26, 825, size=8)
        + column([text], top=700)
        + shown(f"https://a.b {number}/2", 26, 12, size=8)
        for number, text in enumerate(PARAGRAPHS[:2], 1)
    ]
    found = read("pdf", pdf(*pages))
    assert found.paragraphs == PARAGRAPHS[:2]
    assert found.dropped == ("4 running heads and page numbers",)


def test_running_heads_and_page_numbers_are_dropped_and_reported() -> None:
    found = read("pdf", report(6, PARAGRAPHS))
    assert found.dropped == ("12 running heads and page numbers",)
    assert found.paragraphs == [f"Part {part}. {text} So says part {part}." for part in "ABCDEF" for text in PARAGRAPHS]


def test_a_line_that_only_two_pages_have_is_no_running_head() -> None:
    pages = [shown("As I said before:", 72, 780) + column([text], top=740) for text in PARAGRAPHS[:2]]
    assert read("pdf", pdf(*pages)).paragraphs == [
        "As I said before:",
        PARAGRAPHS[0],
        "As I said before:",
        PARAGRAPHS[1],
    ]


def test_a_hyphen_at_the_end_of_a_line_goes_only_if_the_whole_word_is_in_the_text() -> None:
    content = shown("The international court and the inter-", 72, 700) + shown("national law of anti-", 72, 686)
    content += shown("ship missiles.", 72, 672)
    assert read("pdf", pdf(content)).paragraphs == [
        "The international court and the international law of anti-ship missiles."
    ]


@pytest.mark.parametrize(
    ("content", "report"),
    [
        (shown("secret words", 72, 300, before="1 g"), "2 words in white text on page 1"),
        (shown("secret words", 72, 300, before="1 1 1 rg"), "2 words in white text on page 1"),
        (shown("secret words", 72, 300, before="0 0 0 0 k"), "2 words in white text on page 1"),
        (shown("secret words", 72, 300, before="/DeviceRGB cs 0.99 1 1 sc"), "2 words in white text on page 1"),
        (shown("secret words", 72, 300, before="/CS0 cs 1 scn"), "2 words in white text on page 1"),
        (shown("secret words", 72, 300, size=1.5), "2 words in tiny text on page 1"),
        (shown("secret words", 72, 300, before=".1 0 0 .1 0 0 cm"), "2 words in tiny text on page 1"),
        (shown("secret words", 72, 300, before="3 Tr"), "2 words in invisible text on page 1"),
        (shown("secret words", 72, 300, before="/G0 gs"), "2 words in transparent text on page 1"),
        (shown("secret words", 72, -30), "2 words off the page on page 1"),
        (shown("secret words", 72, 900), "2 words off the page on page 1"),
        (shown("secret words", 700, 300), "2 words off the page on page 1"),
        (shown("secret words", -300, 300), "2 words off the page on page 1"),
        ("0 g 60 290 200 30 re f " + shown("secret words", 72, 300), "2 words in the colour of its ground on page 1"),
        ("BT /F1 11 Tf 72 300 Td 1 g (secret) Tj 0 g ( ) Tj 1 g [( wor) -2 (ds)] TJ ET",
         "2 words in white text on page 1"),
        ("/OC /L0 BDC " + shown("secret words", 72, 300) + " EMC", "2 words in layers that are switched off on page 1"),
        ("q 1 g /X0 Do Q", "2 words in white text on page 1"),
        ("q /G1 gs 0 g 60 290 200 30 re f Q " + shown("secret words", 72, 300, before="1 g"),
         "2 words in white text on page 1"),
    ],
)  # fmt: skip
def test_text_that_a_reader_does_not_see_is_dropped_and_reported(content: str, report: str) -> None:
    form = stream(
        b"BT /G 11 Tf 72 300 Td (secret words) Tj ET",
        "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /G 4 0 R >> >>",
    )
    found = read(
        "pdf",
        pdf(
            column(PARAGRAPHS, gap=8) + content,
            resources="/ExtGState << /G0 << /ca 0 >> /G1 << /ca 0.1 >> >> /ColorSpace << /CS0 [/ICCBased 102 0 R] >> "
            "/Properties << /L0 101 0 R >> /XObject << /X0 100 0 R >>",
            objects={100: form, 101: b"<< /Type /OCG /Name (L) >>", 102: stream(b"", "/N 1")},
            catalog="/OCProperties << /OCGs [101 0 R] /D << /OFF [101 0 R] >> >>",
        ),
    )
    assert found.paragraphs == PARAGRAPHS
    assert found.dropped == (report,)


@pytest.mark.parametrize(
    "content",
    [
        "0 0 0.4 rg 60 290 200 30 re f " + shown("shown words", 72, 300, before="1 g"),
        "q 200 0 0 30 60 290 cm /I0 Do Q " + shown("shown words", 72, 300, before="1 g"),
        shown("shown words", 72, 300, before="/CS1 cs 1 scn"),
        shown("shown words", 7.2, 30, size=1.1, before="10 0 0 10 0 0 cm"),
        "q 1 0 0 1 72 300 cm BT /F1 1 Tf 11 0 0 11 0 0 Tm (shown words) Tj ET Q",
        "/OC /L1 BDC " + shown("shown words", 72, 300) + " EMC",
        "q 1 0 0 1 0 20 cm /X0 Do Q",
        "1 g " + shown("shown words", 72, 300, before="0 g"),
        "/X1 Do BT /F1 11 Tf 72 300 Td (shown words) Tj ET",
    ],
)
def test_text_that_a_reader_sees_stays(content: str) -> None:
    form = stream(
        b"BT /G 11 Tf 72 300 Td (shown words) Tj ET",
        "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /G 4 0 R >> >>",
    )
    white = stream(b"1 g 3 Tr", "/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    picture = stream(
        b"\0", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    )
    found = read(
        "pdf",
        pdf(
            column(PARAGRAPHS, gap=8) + content,
            resources="/ColorSpace << /CS1 [/Separation /Black /DeviceGray 103 0 R] >> "
            "/XObject << /X0 100 0 R /I0 104 0 R /X1 105 0 R >> "
            "/Properties << /L1 102 0 R >>",
            objects={100: form, 102: b"<< /Type /OCG /Name (L) >>", 104: picture, 105: white},
            catalog="/OCProperties << /OCGs [101 0 R 102 0 R] /D << /OFF [101 0 R] >> >>",
        ),
    )
    assert found.paragraphs == [*PARAGRAPHS, "shown words"]
    assert found.dropped == ()


def test_notes_in_the_margin_and_fields_are_counted() -> None:
    notes = (
        "/Annots [<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (secret note) >> "
        "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >> "
        "<< /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (secret) >>]"
    )
    found = read("pdf", pdf(column(PARAGRAPHS, gap=8), page_entries=notes))
    assert found.paragraphs == PARAGRAPHS
    assert found.dropped == ("1 note in the margin (2 words)", "1 field of a form")


def refusal(content: bytes) -> str:
    with pytest.raises(UsageError) as error:
        read("pdf", content)
    return str(error.value)


def test_a_scan_is_refused_with_or_without_a_text_behind_it() -> None:
    picture = stream(
        b"\0", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    )
    page = "q 595 0 0 842 0 0 cm /I0 Do Q "
    more = {"resources": "/XObject << /I0 100 0 R >>", "objects": {100: picture}}
    assert refusal(pdf(page, **more)).startswith("its pages are pictures: recognise the text (OCR)")  # type: ignore[arg-type]
    behind = refusal(pdf(page + shown("what it says", 72, 300, before="3 Tr"), **more))  # type: ignore[arg-type]
    assert "with an invisible text behind them that no reader sees" in behind


def test_an_empty_page_a_broken_file_and_too_many_pages_are_refused_by_name() -> None:
    assert refusal(pdf("")) == "it holds no text that a reader sees"
    assert "broken PDF" in refusal(b"%PDF-1.7\nnothing")
    assert "it has 301 pages, more than 300" in refusal(pdf(*[""] * 301))


def test_an_encrypted_file_is_refused_with_what_to_do() -> None:
    empty = "<" + "00" * 32 + ">"
    secret = f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O {empty} /U {empty} >>"
    content = pdf(column(PARAGRAPHS)).replace(b"/Root 1 0 R", f"/Root 1 0 R /ID [<00> <00>] /Encrypt {secret}".encode())
    assert refusal(content) == "it is protected by a password: save a copy without one"


def test_a_circle_of_pages_or_of_forms_ends() -> None:
    pages = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>",
        3: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
    }
    assert refusal(written(pages))
    form = stream(b"/X0 Do BT /F1 11 Tf 72 300 Td (once) Tj ET", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
                  "/Resources << /Font << /F1 4 0 R >> /XObject << /X0 100 0 R >> >>")  # fmt: skip
    assert read("pdf", pdf("/X0 Do", resources="/XObject << /X0 100 0 R >>", objects={100: form})).paragraphs == [
        "once"
    ]


def test_a_page_that_unpacks_to_far_more_than_it_is_is_refused() -> None:
    assert "bytes of drawing" in refusal(pdf(b" " * 20_000_000, compressed=True))
    twice = zlib.compress(zlib.compress(b" " * 200_000_000))
    bomb = pdf("").replace(stream(b""), stream(twice, "/Filter [/FlateDecode /FlateDecode]"))
    with pytest.raises(Exception, match=r"Limit|limit"):
        read("pdf", bomb)


def test_forms_that_multiply_are_refused() -> None:
    forms = {
        100 + depth: stream(
            b"/X0 Do " * 100 if depth < 5 else b"BT /F1 11 Tf 72 300 Td (word) Tj ET",
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
            f"/Resources << /Font << /F1 4 0 R >> /XObject << /X0 {101 + depth} 0 R >> >>",
        )
        for depth in range(6)
    }
    assert "operations" in refusal(pdf("/X0 Do", resources="/XObject << /X0 100 0 R >>", objects=forms))
