"""Every text goes through one catalogue, and a translation is a file; what is in the file is text and nothing more."""

from __future__ import annotations

import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.common.texts import catalogue, catalogue_of, entries, tr, trn
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
    assert (catalogue().language, entries(), tr("")) == ("en", {}, "")


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
        "from offramp.common.texts import plural_forms, trn, entries;"
        "said = [trn('{count} draw', '{count} draws', n) for n in (1, 3, 5, 22, 112)];"
        "print(said, plural_forms(200)[112], entries())"
    )
    expected = f"{['1 ciąg', '3 ciągi', '5 ciągów', '22 ciągi', '112 ciągów']} 2 { ({'{count} draw': list(forms)}) }"
    assert said(polish, code) == expected


@pytest.mark.parametrize(
    "value", ["{event.__class__}", "{event[0]}", "{0}", "{event!r}", "{event:>99999999}", "{other}"]
)
def test_a_translation_evaluates_nothing(tmp_path: Path, value: str) -> None:
    assert said(compiled(tmp_path / "de.mo", {"After {event}": value})).startswith(value)


@given(st.binary(max_size=200))
def test_a_file_that_is_no_catalogue_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ValueError, match="no compiled catalogue"):
        catalogue_of(content)
    with suppress(ValueError):
        catalogue_of(struct.pack("<2I", 0x950412DE, 0) + content)


@pytest.mark.parametrize("name", ["none.mo", ".", "text.mo"])
def test_a_translation_that_cannot_be_read_is_an_error_and_no_traceback(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.mo").write_text("msgid", encoding="utf-8")
    command = [sys.executable, "-m", "offramp", "solve", str(CRISES / "tehran-2024" / "crisis.yaml")]
    done = subprocess.run(command, env=speaking(tmp_path / name), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "OFFRAMP_TRANSLATION" in done.stderr
    assert "Traceback" not in done.stderr
