"""Properties of `read` that do not depend on the content of the file."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from offramp.common.errors import OfframpError
from offramp.crisis.faults import Location
from offramp.crisis.reading import read, read_text
from offramp.crisis.steps import Move

BASE = (Path(__file__).parent / "broken" / "crisis.yaml").read_bytes()


def test_an_unreadable_path_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OfframpError, match=r"cannot read .*nowhere\.yaml: No such file"):
        read(tmp_path / "nowhere.yaml")
    with pytest.raises(OfframpError, match=r" is a folder, and a file is expected here$"):
        read(tmp_path)
    (tmp_path / "crisis.yaml").write_bytes(BASE)
    with pytest.raises(OfframpError, match=r" is a folder, and .*; the crisis file in it is .*crisis\.yaml$"):
        read(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(OfframpError, match=r" is a run, and a file is expected here; the crisis file in it is "):
        read(tmp_path)
    with pytest.raises(OfframpError, match="cannot read"):
        read("a\0b.yaml")


def test_names_and_titles_stand_on_one_line_so_that_they_cannot_pass_for_output() -> None:
    text = BASE.decode().replace("format: 1\n", "", 1)
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    crisis = read_text(f"format: 1\n{text}".replace(title, 'title: "One\\n\\nwar  100 %"', 1).encode(), "crisis.yaml")
    assert crisis.title == "One war 100 %"
    actor = next(iter(crisis.actors.values()))
    forged = text.replace(f"name: {actor.name}", 'name: "A\\nno errors"', 1)
    assert forged != text
    assert next(iter(read_text(f"format: 1\n{forged}".encode(), "crisis.yaml").actors.values())).name == "A no errors"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = read_text(BASE, "crisis.yaml")
    other = read_text(BASE.decode().encode("utf-8-sig").replace(b"\n", b"\r\n"), "crisis.yaml")
    assert other.timeline == plain.timeline
    assert other.terms == plain.terms


def test_an_expression_knows_the_place_of_each_name() -> None:
    crisis = read_text(BASE, "crisis.yaml")
    reply = crisis.named["reply"]
    assert isinstance(reply, Move)
    assert reply.condition is not None
    assert reply.condition.places == {"answer": Location(44, 13)}
    term = next(term for term in crisis.terms if term.actor == "south" and term.key == "face")
    assert term.pays.places == {"damage": Location(57, 19), "reply": Location(57, 28)}  # through the let `grave`


def test_a_crisis_can_be_pickled() -> None:
    crisis = read_text(BASE, "crisis.yaml")
    again = pickle.loads(pickle.dumps(crisis))
    assert again.timeline == crisis.timeline
    assert all(type(name) is str for name in again.named)


def test_reading_loads_no_large_library() -> None:
    heavy = "{'scipy', 'pandas', 'xarray', 'altair', 'matplotlib'}"
    check = f"import sys, offramp.crisis.reading; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
