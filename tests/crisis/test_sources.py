"""Source files outside the folder of a crisis are not quoted, hashed or searched, as a crisis may be a stranger's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.checks.sources import MAX_BYTES, MAX_HASHED, sha256_of_source
from offramp.play.saves import read_match
from offramp.runs.opened import open_run
from offramp.runs.running import resume, run_into
from offramp.runs.verifying import verify

SECRET = "The launch code is 7.\n"
CRISIS = """format: 1
title: Nosy
sources:
  s: {title: S, file: FILE}
actors: {a: {name: A}}
inputs: {cost: {is: "uniform(0, 2)", because: x, cite: CITE}}
timeline: [{move: m, by: a, options: [x, y]}]
payoffs: {a: {gain: 1 - cost * (m == x)}}
endings: {left: m == x, right: otherwise}
"""
OUTSIDE = ("../secret.txt", "link.txt", "links/secret.txt", "inner/../../secret.txt", "absolute")
"""Ways out of the folder; `absolute` stands for the file's own path."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder from a stranger, with links to files outside it."""
    (tmp_path / "secret.txt").write_text(SECRET)
    folder = tmp_path / "crisis"
    (folder / "inner").mkdir(parents=True)
    (folder / "own.txt").write_text("A text of its own.\n")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "links").symlink_to(tmp_path)
    return folder


def written(folder: Path, file: str, cite: str = "s ¶1") -> Path:
    """The crisis, with a source in a file and a cite."""
    named = str(folder.parent / "secret.txt") if file == "absolute" else file
    path = folder / "crisis.yaml"
    path.write_text(CRISIS.replace("FILE", json.dumps(named)).replace("CITE", json.dumps(cite)))
    return path


@pytest.mark.parametrize("file", OUTSIDE)
def test_a_file_outside_the_folder_is_neither_quoted_nor_hashed_nor_searched(folder: Path, file: str) -> None:
    crisis = offramp.read(written(folder, file))
    assert isinstance(crisis, offramp.Crisis)
    assert [cite.first_words for cite in crisis.cites] == [None]
    assert any(message.message.startswith("the file of source 's' is outside") for message in crisis.warnings)
    run = run_into(crisis, folder.parent / "run", draws=8)
    assert run.manifest["sources"] == {"s": None}
    assert run.manifest["cites_checked"] == 0
    for phrase in ('s "launch code"', 's "no such words"', "s ¶7"):
        assert offramp.read(written(folder, file, phrase)).path  # the same answer, whatever is in the file


@pytest.mark.parametrize("file", OUTSIDE)
def test_a_file_outside_the_folder_is_quoted_and_hashed_with_allow_outside(folder: Path, file: str) -> None:
    crisis = offramp.read(written(folder, file), allow_outside=True)
    assert isinstance(crisis, offramp.Crisis)
    assert [cite.first_words for cite in crisis.cites] == [SECRET.strip()]
    run = run_into(crisis.with_levers(), folder.parent / "run", draws=8)
    assert run.manifest["sources"] == {"s": hashlib.sha256(SECRET.encode()).hexdigest()}
    assert not crisis.warnings


def test_the_command_line_warns_and_obeys_allow_outside(folder: Path) -> None:
    path = written(folder, "../secret.txt")
    warning = (
        f"{path}:4:3: warning: the file of source 's' is outside the crisis's folder ('../secret.txt'), so it is"
        " neither quoted nor hashed; copy it into the folder, or use --allow-outside\n"
    )
    run, check = ["run", str(path), "--draws", "8", "--json", "--out"], ["check", str(path), "--cites"]
    result = CliRunner().invoke(main, check)
    assert result.exit_code == 0
    assert warning in result.stdout
    assert "launch" not in result.output
    begun = CliRunner().invoke(main, [*run, str(folder / "run")])
    assert (begun.exit_code, begun.stderr) == (0, warning)
    assert json.loads((folder / "run" / "manifest.json").read_text())["sources"] == {"s": None}
    assert '"The launch code is 7."' in CliRunner().invoke(main, [*check, "--allow-outside"]).stdout
    begun = CliRunner().invoke(main, [*run, str(folder / "trusted"), "--allow-outside"])
    assert (begun.exit_code, begun.stderr) == (0, "")
    assert json.loads((folder / "trusted" / "manifest.json").read_text())["sources"]["s"] is not None


def test_opening_verifying_and_resuming_a_run_read_only_sources_in_its_own_folder(folder: Path) -> None:
    crisis = offramp.read(written(folder, "../secret.txt"))
    assert isinstance(crisis, offramp.Crisis)
    run = folder / "run"
    run_into(crisis, run, draws=8)
    (folder / "secret.txt").write_text(SECRET)  # where the run's own crisis.yaml would find it
    assert open_run(run).crisis.cites[0].first_words is None
    assert verify(run).sound
    assert resume(run, draws=16).manifest["sources"] == {"s": None}
    assert open_run(run).crisis.cites[0].first_words is None


def test_a_saved_match_cannot_name_a_folder_for_sources(folder: Path) -> None:
    path, match = written(folder, "own.txt"), folder.parent / "match.json"
    played = ["play", str(path), "--as", "a", "--save", str(match), "--seed", "1"]
    assert CliRunner().invoke(main, played, input="1\n").exit_code == 0
    record = json.loads(match.read_text())
    record["crisis"] = CRISIS.replace("FILE", "secret.txt").replace("CITE", json.dumps('s "no such words"'))
    record["file"] = str(folder.parent / "x.yaml")
    match.write_text(json.dumps(record))
    with pytest.raises(offramp.OfframpError, match="damaged: file"):
        read_match(match)


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of a POSIX system")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "ring", "null", "gone", "huge"])
def test_a_source_that_is_not_a_regular_file_is_unavailable_without_blocking(folder: Path, kind: str) -> None:
    place = folder / "source"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "device":
            place.symlink_to("/dev/zero")
        case "folder":
            place.mkdir()
        case "ring":
            place.symlink_to(place)
        case "huge":
            with place.open("wb") as file:
                file.truncate(MAX_HASHED + 1)
    file = "source\0" if kind == "null" else "source"
    for allow_outside in (False, True):
        crisis = offramp.read(written(folder, file), allow_outside=allow_outside)
        assert isinstance(crisis, offramp.Crisis)
        assert [cite.first_words for cite in crisis.cites] == [None]
        assert sha256_of_source(folder, file, allow_outside) is None
        why = {
            "pipe": "cannot be read ('source'), so it is neither quoted nor hashed: it is not a regular file",
            "device": "cannot be read ('source'), so it is neither quoted nor hashed: it is not a regular file",
            "folder": "cannot be read ('source'), so it is neither quoted nor hashed: it is a folder",
            "ring": "cannot be read ('source'), so it is neither quoted nor hashed: its links form a ring",
            "null": "has a null character in its name ('source\\x00'), which no file can have",
            "huge": "has more than 5,000,000 bytes ('source'), so its cites are not checked",
        }
        if kind == "device" and not allow_outside:
            why["device"] = "is outside the crisis's folder ('source'), so it is neither quoted nor hashed"
        said = [fault.message.replace("\0", "\\x00") for fault in crisis.warnings if "of source" in fault.message]
        assert [one.startswith(f"the file of source 's' {why.get(kind)}") for one in said] == [True] * (kind != "gone")


def test_a_long_source_is_hashed_although_its_cites_are_not_checked(folder: Path) -> None:
    text = b"x" * (MAX_BYTES + 1)
    (folder / "own.txt").write_bytes(text)
    crisis = offramp.read(written(folder, "own.txt"))
    assert isinstance(crisis, offramp.Crisis)
    assert crisis.cites[0].first_words is None
    assert sha256_of_source(folder, "own.txt") == hashlib.sha256(text).hexdigest()


def test_a_crisis_folder_may_itself_be_a_link(folder: Path) -> None:
    linked = folder.parent / "linked"
    linked.symlink_to(folder)
    written(folder, "own.txt")
    crisis = offramp.read(linked / "crisis.yaml")
    assert isinstance(crisis, offramp.Crisis)
    assert crisis.cites[0].first_words == "A text of its own."


def warned_of_sources(path: Path) -> list[str]:
    """What the crisis in a file warns of its sources."""
    crisis = offramp.read(path)
    assert isinstance(crisis, offramp.Crisis)
    return [fault.message for fault in crisis.warnings if "of source" in fault.message]


@pytest.mark.parametrize(
    ("file", "near"),
    [
        ("inner/cdo.txt", "inner/cod.txt"),
        ("inner/Cod.txt", "inner/cod.txt"),
        ("cod.txt", "inner/cod.txt"),
        ("iner/cod.txt", "inner/cod.txt"),
        ("inner/own.txt", "own.txt"),
        ("onw.txt", "own.txt"),
        ("inner/cod", "inner/cod.txt"),
        ("inner/cod.md", "inner/cod.txt"),
    ],
)
def test_a_wrong_path_of_a_source_is_told_with_the_file_that_is_near(folder: Path, file: str, near: str) -> None:
    (folder / "inner" / "cod.txt").write_text("A text.\n")
    message = f"there is no file '{file}' of source 's', so its cites are not checked; did you mean '{near}'?"
    assert [said.partition(" U+")[0] for said in warned_of_sources(written(folder, file))] == [message]


def test_a_source_without_a_near_file_is_left_alone(folder: Path) -> None:
    (folder / "inner" / "deeper").mkdir()
    (folder / "inner" / "deeper" / "cod.txt").write_text("Too deep to be looked at.\n")
    (folder / "crises.txt").mkdir()
    for file in (
        "cod.txt",
        "inner/cod.txt",
        "crisis.txt",
        "secret.txt",
        "link.tx",
        "../secrets.txt",
        "links/secrte.txt",
    ):
        assert [said for said in warned_of_sources(written(folder, file)) if "did you mean" in said] == []


def test_check_notes_the_sources_whose_texts_are_not_here(folder: Path) -> None:
    path = written(folder, "gone.txt")
    assert warned_of_sources(path) == []
    said = CliRunner().invoke(main, ["check", str(path)]).stdout
    assert "note: the text of the source s (gone.txt) is not here, so its cites are not checked\n" in said
    path.write_text(path.read_text().replace("sources:\n", "sources:\n  t: {title: T, file: lost/t.txt}\n"))
    said = CliRunner().invoke(main, ["check", str(path)]).stdout
    assert "note: the texts of the sources t (lost/t.txt) and s (gone.txt) are not here, so their cites are" in said
    for file in ("own.txt", "onw.txt"):  # one that is here, and one of which a warning tells
        assert "not here" not in CliRunner().invoke(main, ["check", str(written(folder, file))]).stdout


def test_a_file_that_another_source_names_is_not_taken_for_a_missing_one(folder: Path) -> None:
    path = written(folder, "owns.txt")
    assert len(warned_of_sources(path)) == 1
    path.write_text(path.read_text().replace("sources:\n", "sources:\n  first: {title: F, file: own.txt}\n"))
    assert warned_of_sources(path) == []
