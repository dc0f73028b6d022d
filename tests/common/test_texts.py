"""Every text goes through one catalogue, and a translation is a file; what is in the file is text and nothing more."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.common.mo_file import Catalogue, read_mo
from offramp.common.texts import catalogue, tr, trn
from tests.shipped import CRISES
from tests.translations import compiled, speaking

SAYS = (
    "from offramp.common.texts import tr, trn;"
    "print(tr('After {event}', event='{war}'), trn('{count} draw', '{count} draws', 3))"
)


def said(path: Path, code: str = SAYS) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=speaking(path), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_without_a_translation_texts_are_english() -> None:
    assert tr("After {event}", event="war") == "After war"
    assert (trn("{count} draw", "{count} draws", 1), trn("{count} draw", "{count} draws", 2048)) == (
        "1 draw",
        "2,048 draws",
    )
    assert (catalogue(), tr("")) == (Catalogue(), "")


def test_a_count_may_be_anything_as_a_text_may_be_made_before_it_is_known_to_be_needed() -> None:
    said = [trn("{count} draw", "{count} draws", count) for count in (-1000, -1, 0, 1, 199, 200, 1001)]
    assert said == ["-1,000 draws", "-1 draws", "0 draws", "1 draw", "199 draws", "200 draws", "1,001 draws"]


def test_a_translation_is_a_file(tmp_path: Path) -> None:
    german = compiled(
        tmp_path / "de.mo",
        {"After {event}": "Nach {event}", ("{count} draw", "{count} draws"): ("{count} Zug", "{count} Züge")},
    )
    assert said(german) == "Nach {war} 3 Züge"


def test_processes_of_offramp_speak_by_a_translation_named_from_the_current_folder(tmp_path: Path) -> None:
    compiled(tmp_path / "de.mo", {"After {event}": "Nach {event}"})
    start = (
        "import subprocess, sys; from offramp.common.isolation import PACKAGE_FOLDER, environment;"
        f"print(subprocess.run([sys.executable, '-c', {SAYS!r}], cwd=PACKAGE_FOLDER, env=environment(),"
        " capture_output=True, text=True, check=True).stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, env=speaking(Path("de.mo")), capture_output=True, text=True
    )
    assert done.stdout.strip() == "Nach {war} 3 draws", done.stderr


def test_plural_forms_are_those_of_the_language(tmp_path: Path) -> None:
    forms = ("{count} ciąg", "{count} ciągi", "{count} ciągów")
    polish = compiled(tmp_path / "pl.mo", {("{count} draw", "{count} draws"): forms}, "pl")
    code = (
        "from offramp.common.texts import catalogue, plural_form, trn;"
        "print([trn('{count} draw', '{count} draws', n) for n in (0, 1, 3, 5, 22, 112, 1003)]);"
        "print(plural_form(112), catalogue().texts)"
    )
    counts = ["0 ciągów", "1 ciąg", "3 ciągi", "5 ciągów", "22 ciągi", "112 ciągów", "1,003 ciągi"]
    expected = f"{counts}\n2 { ({'{count} draw': forms}) }"
    assert said(polish, code) == expected


@pytest.mark.parametrize(
    "value", ["{event.__class__}", "{event[0]}", "{0}", "{event!r}", "{event:>99999999}", "{other}"]
)
def test_a_translation_evaluates_nothing(tmp_path: Path, value: str) -> None:
    assert said(compiled(tmp_path / "de.mo", {"After {event}": value})).startswith(value)


@given(st.binary(max_size=200))
def test_a_file_that_is_no_catalogue_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ValueError, match="no compiled catalogue"):
        read_mo(content)
    with suppress(ValueError):
        read_mo(struct.pack("<2I", 0x950412DE, 0) + content)


def written(header: str, texts: Mapping[str, str], language: str = "de") -> bytes:
    """A compiled catalogue with a header of its own, which no tool would write."""
    pairs = [("", f"Language: {language}\n{header}\n"), *texts.items()]
    places, body = [], b""
    for text in (text for column in zip(*pairs, strict=True) for text in column):
        places += [len(text.encode()), 28 + 16 * len(pairs) + len(body)]
        body += text.encode() + b"\0"
    return struct.pack(f"<{7 + len(places)}I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0, *places) + body


@pytest.mark.parametrize(
    "rule",
    ["n/0", "n%0", "1/(n-7)", "0-1", "2", "n", "n*!n", "EXPRESSION", "1 1", "(" * 200, "n*" * 99 + "n", "9" * 900],
)
def test_a_rule_of_plurals_that_gives_no_form_is_refused_before_it_is_used(rule: str) -> None:
    with pytest.raises(ValueError, match="Plural-Forms that gives no form"):
        read_mo(written(f"Plural-Forms: nplurals=2; plural={rule};", {}))


def test_a_small_file_does_not_fill_the_memory() -> None:
    count, length = 300, 100_000
    rows = [struct.pack("<2I", length - row, 28 + 16 * count) for row in range(count)]
    content = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0) + b"".join(rows * 2) + b"A" * length
    with pytest.raises(ValueError, match="no compiled catalogue"):
        read_mo(content)


def test_a_translation_steers_no_terminal_and_its_language_is_no_html() -> None:
    read = read_mo(written("", {"Draws": "\x1b]0;title\x07\u202eZüge"}, 'pt_BR"><script>'))
    assert (read.texts, read.language) == ({"Draws": r"\u001b]0;title\u0007\u202eZüge"}, "pt-BR")
    assert [read_mo(written("", {}, name)).language for name in ("sr@latin", "German", "<b>", "")] == [
        "sr", "und", "und", "und",
    ]  # fmt: skip


def test_what_has_no_translation_stays_english() -> None:
    assert read_mo(written("", {"Draws": "", "{count} draw\0{count} draws": "\0"})).texts == {}


def test_texts_in_another_encoding_than_utf_8_are_said_to_be() -> None:
    with pytest.raises(ValueError, match="not in UTF-8"):
        read_mo(written("", {"Draws": "Zuege"}).replace(b"ue", b"\xfc\xff"))


@pytest.mark.parametrize("name", ["none.mo", ".", "text.mo"])
def test_a_translation_that_cannot_be_read_is_an_error_and_no_traceback(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.mo").write_text("msgid", encoding="utf-8")
    command = [sys.executable, "-m", "offramp", "solve", str(CRISES / "tehran-2024" / "crisis.yaml")]
    done = subprocess.run(command, env=speaking(tmp_path / name), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "OFFRAMP_TRANSLATION" in done.stderr
    assert "Traceback" not in done.stderr
