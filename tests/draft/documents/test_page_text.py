"""Saved pages: a paragraph is a block, and what a reader does not see is dropped and counted."""

from __future__ import annotations

import pytest

from offramp.common.errors import UsageError
from tests.accounts.scoring import accounts, expected_of
from tests.draft.documents.reading import read


def body(content: str, head: str = "") -> list[str]:
    return read("html", f"<!doctype html><html><head>{head}</head><body><p>seen{content}</body></html>").paragraphs


def test_a_paragraph_is_a_block_and_inline_elements_are_not() -> None:
    found = read(
        "html",
        "<title>Paper - Night</title><h1>Night at the <em>strait</em></h1><p>The fleet <b>turn</b>ed\n back."
        "<p>It was late."
        "<ul><li>first <ul><li>deep</ul><li><p>second</ul><dl><dt>word<dd>meaning</dl><blockquote>said</blockquote>"
        "<table><tr><th>who<th>what<tr><td>fleet<td>turns</table><div>loose<p>inner</p>tail</div>",
    )
    assert found.title == "Night at the strait"
    assert found.paragraphs == [
        "Night at the strait", "The fleet turned back.", "It was late.", "first", "deep", "second", "word", "meaning",
        "said", "who | what", "fleet | turns", "loose", "inner", "tail",
    ]  # fmt: skip


def test_two_line_breaks_part_paragraphs_and_one_does_only_between_long_lines() -> None:
    assert read("html", "<p>Street 1<br>Town<br><br>next").paragraphs == ["Street 1 Town", "next"]
    long = "The fleet turned back in the night, and nobody knew why it did. " * 3
    assert read("html", f"<div>{long}<br>{long}</div>").paragraphs == [long.strip()] * 2


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- secret -->",
        "<span hidden>secret</span>",
        "<div style='display : none'>secret <b style='display:block'>secret</b></div>",
        "<p style='VISIBILITY:hidden'>secret</p>",
        "<span style='opacity:0'>secret</span>",
        "<span style='opacity: 0.01'>secret</span>",
        "<span style='font-size:0'>secret</span>",
        "<span style='font: 1px/1 serif'>secret</span>",
        "<div style='font-size:10%'><span style='font-size:10%'>secret</span></div>",
        "<span style='color:#fff'>secret</span>",
        "<span style='color: rgb(255, 255, 254)'>secret</span>",
        "<span style='color:transparent'>secret</span>",
        "<span style='color:rgba(0,0,0,0)'>secret</span>",
        "<font color=white>secret</font>",
        "<div style='background:#000'><span style='color:black'>secret</span></div>",
        "<div style='position:absolute;left:-9999px'>secret</div>",
        "<div style='text-indent:-9999px'>secret</div>",
        "<div style='height:0;overflow:hidden'>secret</div>",
        "<div style='position:absolute;clip:rect(0 0 0 0)'>secret</div>",
        "<div style='clip-path:inset(50%)'>secret</div>",
        "<div style='transform:scale(0)'>secret</div>",
        "<div style='scale:0'>secret</div>",
        "<div style='filter:blur(1px) opacity(0%)'>secret</div>",
        "<div style='clip-path:circle(0)'>secret</div>",
        "<div style='d\\69 splay:no\\6e e'>secret</div>",
        "<div style='font-size:calc(0px)'>secret</div>",
        "<div style='color:hsl(120, 50%, 100%)'>secret</div>",
        "<span class='sr-only'>secret</span>",
        "<img alt='secret' title='secret'>",
        "<a title='secret'></a>",
        "<script>secret</script>", "<style>secret</style>", "<template>secret</template>",
        "<noscript>secret</noscript>", "<iframe>secret</iframe>", "<object>secret</object>",
        "<textarea>secret</textarea>", "<select><option>secret</select>", "<svg><title>secret</title></svg>",
        "<input type=hidden value=secret>", "<dialog>secret</dialog>", "<?php secret ?>",
        "<nav>secret</nav>", "<div role=navigation>secret</div>", "<aside>secret</aside>", "<footer>secret</footer>",
        "<div role=dialog>secret</div>",
    ],
)  # fmt: skip
def test_what_a_reader_does_not_see_is_dropped_and_reported(hidden: str) -> None:
    found = read("html", f"<html><body><p>seen {hidden} end<p>{'more ' * 20}</body></html>")
    assert " ".join(found.paragraphs) == f"seen end {'more ' * 20}".strip()
    assert found.dropped or "input" in hidden


@pytest.mark.parametrize(
    "shown",
    [
        "<span aria-hidden=true>shown</span>",
        "<span style='display:inline'>shown</span>",
        "<div style='background:navy'><span style='color:white'>shown</span></div>",
        "<div style='background-image:url(x.png)'><span style='color:white'>shown</span></div>",
        "<table bgcolor='#003'><tr><td><font color=white>shown</font></table>",
        "<div style='visibility:hidden'><b style='visibility:visible'>shown</b></div>",
        "<div style='font-size:0'><b style='font-size:16px'>shown</b></div>",
        "<div style='color:white'><b style='color:#111'>shown</b></div>",
        "<span style='color:rgb(0, 0, 0)'>shown</span>",
        "<span style='color:hsl(120, 50%, 50%);transform:scale(0.5);filter:opacity(0.5)'>shown</span>",
        "<span style='opacity:0.9;height:0;overflow:visible'>shown</span>",
        "<article><footer>shown</footer></article>",
        "<details><summary>more</summary>shown</details>",
        "<dialog open>shown</dialog>",
        "<div hidden style='display:block'>shown</div>",
    ],
)
def test_what_a_reader_sees_stays(shown: str) -> None:
    assert "shown" in " ".join(body(shown))


@pytest.mark.parametrize(
    ("sheet", "content", "seen"),
    [
        (".x{display:none}", "<b class='a x'>text</b>", False),
        ("#x, .y { color: #FFF }", "<b id=x>text</b>", False),
        ("b.x{font-size:0px}", "<i class=x>text</i>", True),
        ("div .x{display:none}", "<div><p><b class=x>text</b></div>", False),
        ("div > .x{display:none}", "<div><p><b class=x>text</b></div>", True),
        ("[data-n='1']{visibility:hidden}", "<b data-n=1>text</b>", False),
        (".x{display:none}.x.open{display:block}", "<b class='x open'>text</b>", True),
        (".x.open{display:block}.x{display:none}", "<b class='x open'>text</b>", True),
        (".x{display:block}.y{display:none}", "<b class='y x'>text</b>", False),
        (".x{display:none!important}.x.open{display:block}", "<b class='x open'>text</b>", False),
        (".x{display:none}", "<b class=x style='display:inline'>text</b>", True),
        ("@media print{.x{display:none}}", "<b class=x>text</b>", True),
        ("@media screen{.x{display:none}} .y{color:red}", "<b class=x>text</b>", False),
        ("/* .x{display:none} */ b:hover{display:none}", "<b class=x>text</b>", True),
        ("@font-face{font-family:a;src:url(b)} @import 'c'; .x{display:none}", "<b class=x>text</b>", False),
        (".x{display:none", "<b class=x>text</b>", False),
        ("}}}{{{ .x{", "<b class=x>text</b>", True),
    ],
)
def test_a_rule_of_the_pages_own_style_hides_what_it_is_for(sheet: str, content: str, seen: bool) -> None:
    assert ("text" in " ".join(body(content, f"<style>{sheet}</style>"))) == seen


def test_a_style_sheet_for_paper_hides_nothing() -> None:
    assert "text" in body("<b class=x>text</b>", "<style media=print>.x{display:none}</style>")[0]
    assert "text" not in body("<b class=x>text</b>", "<style media=screen>.x{display:none}</style>")[0]


def test_what_was_dropped_is_said_with_how_much_of_it() -> None:
    found = read(
        "html",
        "<head><meta name=description content='a b'></head><p>seen<!-- one two -->"
        "<b hidden>three</b><b hidden>four five</b>"
        f"<span style='color:white'>six</span>{'more ' * 9}<nav><ul><li>Home<li>World</ul></nav>",
    )
    assert found.dropped == (
        "1 entry of metadata",
        "1 comment (2 words)",
        "2 hidden elements (3 words)",
        "1 text in the colour of its ground (1 word)",
        "2 paragraphs of navigation (2 words)",
    )


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><a>Home</a></nav>", "<header><a>The Paper</a></header>", "<div class='cookie-banner'><p>We use it</div>",
        "<div id=comments><p>rubbish</div>", "<section class='article related'><h3>More</h3></section>",
        "<ul><li><a>One</a><li><a>Two</a></ul>", "<div class=site_footer>Imprint</div>",
        "<div role=banner>The Paper</div>",
    ],
)  # fmt: skip
def test_what_the_page_itself_sets_apart_is_dropped_and_reported_unless_it_holds_the_account(furniture: str) -> None:
    text = "The fleet turned back in the night. " * 8
    found = read(
        "html", f"<body><article>{furniture}<h1>Night</h1><p>{text}</article></body>".replace("article>", "div>")
    )
    assert found.paragraphs == ["Night", text.strip()]
    assert len(found.dropped) == 1
    assert "paragraph" in found.dropped[0]


@pytest.mark.parametrize(
    "around", ["nav", "aside", "footer", "div class=sidebar", "div id=comments", "div role=dialog"]
)
def test_an_account_is_kept_whatever_it_stands_in(around: str) -> None:
    text = "The fleet turned back in the night. " * 8
    page = f"<body><p>The Paper of today</p><{around}><p>{text}</p></{around.split()[0]}></body>"
    assert read("html", page).paragraphs == ["The Paper of today", text.strip()]


def test_a_list_with_text_and_a_footer_of_an_article_are_no_furniture() -> None:
    listed = "<ul><li><a>One</a> says a thing<li><a>Two</a></ul>"
    page = f"<article><p>{'more ' * 40}</p>{listed}<footer>end</footer></article>"
    assert read("html", page).paragraphs[1:] == ["One says a thing", "Two", "end"]


def test_the_account_that_is_a_page_is_read_without_what_a_reader_does_not_see() -> None:
    for name in accounts():
        expected = expected_of(name)
        if expected.document.suffix == ".html":
            found = read("html", expected.document.read_bytes())
            text = " ".join(found.paragraphs)
            assert found.title == "Before the speech: Monday afternoon in Washington"
            assert len(found.paragraphs) == 17
            assert expected.not_seen
            assert not [mark for mark in expected.not_seen if mark in text]


def test_no_file_or_address_that_a_page_names_is_opened(tmp_path: object) -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<head><base href="file:///etc/"><link rel=stylesheet href=hostname></head><body><p>seen &x;'
        '<xi:include href="file:///etc/hostname" parse="text"/><iframe src="/etc/hostname"></iframe>'
        '<img src="/etc/hostname"><object data="/etc/hostname"></object></body></html>'
    )
    assert read("html", page).paragraphs[-1] == "seen &x;"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<meta charset=windows-1251><p>Привет".encode("cp1251"), "Привет"),
        ('<?xml version="1.0" encoding="utf-8"?><html><p>Köln'.encode(), "Köln"),
        ("<meta charset=latin-1><p>“Köln”".encode("cp1252"), "“Köln”"),
        ("<meta charset=no-such><p>Köln".encode("cp1252"), "Köln"),
        ("<meta charset=rot13><p>Köln".encode("cp1252"), "Köln"),
        ("<html><p>Köln".encode("utf-16"), "Köln"),
    ],
)
def test_a_page_is_decoded_as_it_declares(content: bytes, text: str) -> None:
    assert read("html", content).paragraphs == [text]


@pytest.mark.parametrize("name", ["unicode_escape", "raw_unicode_escape", "utf-7", "idna", "punycode"])
def test_words_that_no_browser_shows_are_not_read_by_an_encoding_of_python(name: str) -> None:
    content = rf"<meta charset={name}><p>Köln \u0049gnore +AEk-gnore".encode("cp1252")
    assert read("html", content).paragraphs == [r"Köln \u0049gnore +AEk-gnore"]


def test_a_page_that_is_nested_too_deeply_is_refused_and_one_that_is_deep_is_read() -> None:
    assert read("html", "<div>" * 1500 + "deep" + "</div>" * 1500).paragraphs == ["deep"]
    with pytest.raises(UsageError, match="nested too deeply"):
        read("html", "<p>first</p>" + "<div>" * 100_000 + "deep")


def test_a_page_with_one_long_line_is_read_or_refused_by_its_length() -> None:
    assert len(read("html", "<p>" + "word " * 900_000).paragraphs[0]) == 4_499_999
    with pytest.raises(UsageError, match="longer than 5,000,000 bytes"):
        read("html", "<p>" + "word " * 3_000_000)
