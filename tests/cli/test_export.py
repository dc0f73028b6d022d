"""`offramp export`, by real processes: what it writes, what it says, and what it refuses."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import duckdb
import pygambit
import pytest

from offramp.cli.output_files import write_whole
from offramp.common.errors import OfframpError
from offramp.gambit.efg import read_efg
from tests.cli.test_cli import HARBOUR, done, offramp, refused
from tests.gambit.peer import peer_nodes
from tests.shipped import CRISES

NFG = 'NFG 1 R "Chicken" { "A" "B" } { 2 2 }\n\n0 0 2 1 1 2 -9 -9\n'
PLAIN = HARBOUR.replace("    believed_by: {north: {low: low_line / 2, high: rest}}\n", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crisis, and a run of it with a lever pulled."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "harbour.yaml").write_text(PLAIN, encoding="utf-8")
    (folder / "own.yaml").write_text(HARBOUR, encoding="utf-8")
    (folder / "chicken.nfg").write_text(NFG, encoding="utf-8")
    done(folder, "run", "harbour.yaml", "--draws", "16", "--lever", "talks", "--lever", "restraint", "--out", "pulled")
    return folder


def payoffs(path: Path) -> set[tuple[Fraction, ...]]:
    return {outcome.payoffs for outcome in read_efg(path.read_text(), str(path)).outcomes}


def test_a_file_is_written_that_gambit_opens_and_its_size_is_said(folder: Path) -> None:
    said = done(folder, "export", "harbour.yaml", "--efg", "new/folder/harbour.efg")
    path = folder / "new" / "folder" / "harbour.efg"
    assert said == f"wrote new/folder/harbour.efg: 13 nodes, 3 information sets, {path.stat().st_size:,} bytes\n"
    game = pygambit.read_efg(str(path))
    assert list(game.players) == ["north", "south"]
    assert [node.label for node in peer_nodes(game) if node.player == "south"] == [
        "reply: red_line = low, answer = volley",
        "reply: red_line = high, answer = volley",
    ]
    assert {label.split(" ")[0] for label in game.get_outcomes()} == {"war", "absorbed", "stand_down"}
    assert [(file.name, file.stat().st_mode & 0o777) for file in path.parent.iterdir()] == [("harbour.efg", 0o644)]


def test_a_file_that_cannot_be_finished_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OfframpError, match="No space left on device"):
        write_whole(tmp_path / "game.efg", b"EFG")
    assert not list(tmp_path.iterdir())


def test_own_odds_are_left_out_aloud(folder: Path) -> None:
    result = offramp(folder, "export", "own.yaml", "--efg", "own.efg")
    note = "Own odds (believed_by) have no place in Gambit's format; the analyst's stand for north at 'red_line'."
    assert (result.returncode, result.stderr) == (0, f"note: {note}\n")
    assert note in (folder / "own.efg").read_text()


def test_standard_output_gets_the_file_and_nothing_else(folder: Path) -> None:
    done(folder, "export", "harbour.yaml", "--efg", "same.efg")
    assert done(folder, "export", "harbour.yaml", "--efg", "-") == (folder / "same.efg").read_text()


def test_set_and_lever_put_their_numbers_into_the_file(folder: Path) -> None:
    arguments = "--set", "war_cost=5.1", "--set", "low_line=0.1", "--lever", "talks"
    done(folder, "export", "harbour.yaml", "--efg", "set.efg", *arguments)
    assert (Fraction("-10.2"), Fraction("-10.2")) in payoffs(folder / "set.efg")
    text = (folder / "set.efg").read_text()
    assert '{ "low" 0.1 "high" 0.9 }' in text
    assert (
        "harbour.yaml: at the medians of the inputs, but war cost = 5.1 and low line = 0.1.\nLevers: talks.\n" in text
    )
    done(folder, "export", "harbour.yaml", "--efg", "forbidden.efg", "--lever", "restraint")
    assert "all_out" not in (folder / "forbidden.efg").read_text().split("\n\n")[1]


def test_a_draw_has_the_inputs_and_the_levers_of_its_run(folder: Path) -> None:
    done(folder, "export", "harbour.yaml", "--efg", "draw.efg", "--draw", "5", "--run", "pulled")
    query = 'SELECT "input.war_cost", "input.low_line" FROM read_parquet(?) WHERE draw = 5'
    with duckdb.connect() as connection:
        ((war_cost, low_line),) = connection.execute(query, [str(folder / "pulled" / "chunk-00000.parquet")]).fetchall()
    text = (folder / "draw.efg").read_text()
    assert f'{{ "low" {low_line!r} "high" ' in text
    assert "draw 5 of the run pulled.\nLevers: talks and restraint.\n" in text
    assert f"war_cost = {war_cost!r}" in text
    assert "all_out" not in text.split("\n\n")[1]


def test_a_file_of_gambits_is_rewritten(folder: Path) -> None:
    done(folder, "export", "chicken.nfg", "--efg", "chicken.efg")
    game = pygambit.read_efg(str(folder / "chicken.efg"))
    assert (game.title, [len(game.get_infosets(player)) for player in game.players]) == ("Chicken", [1, 1])
    done(folder, "export", "chicken.efg", "--efg", "again.efg")
    assert (folder / "again.efg").read_text() == (folder / "chicken.efg").read_text()
    message = "chicken.nfg is a game without inputs and levers: --set, --lever and --draw are for crises"
    assert refused(folder, "export", "chicken.nfg", "--efg", "x.efg", "--lever", "talks") == message


REFUSED = {
    "an output that exists": (
        ["--efg", "harbour.yaml"],
        "harbour.yaml exists already; nothing is overwritten: choose another --efg, or remove it",
    ),
    "an output below a file": (
        ["--efg", "harbour.yaml/x.efg"],
        "cannot write harbour.yaml/x.efg: harbour.yaml is a file, not a folder",
    ),
    "a tree that is too large": (
        ["--efg", "x.efg", "--max-nodes", "12"],
        "harbour.yaml:16:12: 'reply' makes the game too large: 5 nodes so far and 6 ways on, more than 12; "
        "raise --max-nodes",
    ),
    "an input that is none": (
        ["--efg", "x.efg", "--set", "war_costs=1"],
        "unknown input 'war_costs'; did you mean 'war_cost'? (inputs: war_cost, low_line and south.rationality)",
    ),
    "an unknown lever": (
        ["--efg", "x.efg", "--lever", "talk"],
        "unknown lever 'talk'; did you mean 'talks'? (levers: talks and restraint)",
    ),
    "impossible odds": (
        ["--efg", "x.efg", "--set", "low_line=2"],
        "harbour.yaml:13:12: odds of 'red_line' add up to 2; nothing is left for the rest, high "
        "(at the medians of the inputs, but low line = 2: low_line = 2)",
    ),
    "a draw without its run": (
        ["--efg", "x.efg", "--draw", "1"],
        "--draw K and --run DIR go together: draw K of the run in DIR",
    ),
    "a run without a draw": (
        ["--efg", "x.efg", "--run", "pulled"],
        "--draw K and --run DIR go together: draw K of the run in DIR",
    ),
    "a draw and a lever": (
        ["--efg", "x.efg", "--draw", "1", "--run", "pulled", "--lever", "talks"],
        "--draw takes all inputs and levers from the run; it does not go with --set or --lever",
    ),
    "a draw beyond the last": (
        ["--efg", "x.efg", "--draw", "16", "--run", "pulled"],
        "pulled has no draw 16: its draws are 0 to 15",
    ),
    "a draw before the first": (
        ["--efg", "x.efg", "--draw", "-1", "--run", "pulled"],
        "pulled has no draw -1: its draws are 0 to 15",
    ),
    "a folder that is not there": (
        ["--efg", "x.efg", "--draw", "1", "--run", "nowhere"],
        "nowhere is no run: it has no manifest.json; `offramp run FILE --out nowhere` begins one",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_gets_one_line(folder: Path, arguments: list[str], message: str) -> None:
    assert refused(folder, "export", "harbour.yaml", *arguments) == message
    assert not (folder / "x.efg").exists()


def test_a_run_of_another_crisis_is_refused(folder: Path) -> None:
    said = refused(folder, "export", "own.yaml", "--efg", "x.efg", "--draw", "1", "--run", "pulled")
    assert said == "pulled is a run of another crisis than own.yaml ('Harbour incident', see pulled/crisis.yaml)"


@pytest.mark.parametrize("damage", ["manifest", "levers", "no table", "a broken table", "another table"])
def test_a_damaged_run_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(folder / "pulled", run)
    manifest, table = run / "manifest.json", run / "chunk-00000.parquet"
    match damage:
        case "manifest":
            manifest.write_text("{]")
        case "levers":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"levers": None}))
        case "no table":
            table.unlink()
        case "a broken table":
            table.write_bytes(b"PAR1")
        case "another table":
            shutil.copy(run / "moves.parquet", table)
    said = refused(folder, "export", "harbour.yaml", "--efg", "x.efg", "--draw", "1", "--run", str(run))
    lost = "nothing restores it: solve the crisis again with another --out"
    assert said in {
        f"{manifest} is not the manifest of a run: it is not JSON: line 1, column 2; {lost}",
        f"{manifest} is not the manifest of a run: levers: expected a list, found null; {lost}",
        f"{table} is missing; `offramp run {run}` restores it",
        f"{table} is damaged: it has changed since it was written; `offramp run {run}` restores it",
    }


def test_the_tehran_crisis_is_written_node_for_node(tmp_path: Path) -> None:
    result = offramp(tmp_path, "export", str(CRISES / "tehran-2024" / "crisis.yaml"), "--efg", "tehran.efg")
    assert result.stdout.startswith("wrote tehran.efg: 332,338 nodes, 1,243 information sets, 13.1 MB")
