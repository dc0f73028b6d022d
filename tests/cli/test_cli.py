"""The command line, by real processes: what it prints, where, with which exit code; and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from offramp.crisis.gallery import gallery, gallery_files
from offramp.crisis.templates import template_text, templates
from tests.copies import OFFRAMP, ran

HARBOUR = """\
format: 1
title: Harbour incident
sources:
  cable-7: {title: The harbour cable, file: cable-7.txt}
actors:
  north: {name: Northland}
  south: {name: Southland, rationality: "lognormal(median=3, sigma=0.2)"}
inputs:
  war_cost: {is: "triangular(4, 6, 9)", cite: cable-7 ¶2}
  low_line: {is: "beta(4, 6)", because: "Ours"}
timeline:
  - chance: red_line
    odds: {low: low_line, high: rest}
    seen_by: [south]
    believed_by: {north: {low: low_line / 2, high: rest}}
  - {move: answer, by: north, options: [stand_down, volley]}
  - {move: reply, by: south, if: answer == volley, options: [absorb, limited, all_out]}
payoffs:
  north:
    face: -1 * (answer == stand_down)
    war: -war_cost * (reply == all_out)
  south:
    face: (-1 - 5 * (red_line == low)) * (reply == absorb) - 2 * (reply == limited)
    war: -war_cost * (reply == all_out)
endings: {war: reply == all_out, absorbed: answer == volley, stand_down: otherwise}
levers:
  talks: {set: {war_cost: 2 * war_cost}, because: "Ours"}
  restraint: {forbid: {reply: [all_out]}, because: "Ours"}
"""

REGIMES = HARBOUR.replace("inputs:\n", "inputs:\n  regime: {is: mixed, column: regime1, levels: [dem, mixed]}\n")
"""With a column of text."""
FAULTY = HARBOUR.replace("by: south, if", "by: souht, if").replace("war: reply == all_out", "war: reply == al_out")


def offramp(folder: Path, *arguments: str, hash_seed: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder; with `hash_seed`, which orders Python's sets, as a person starts it."""
    command = [str(OFFRAMP), *arguments]
    if hash_seed is None:
        result = ran(command, cwd=folder)
    else:
        environment, streams = os.environ | {"PYTHONHASHSEED": hash_seed}, {"capture_output": True, "encoding": "utf-8"}
        result = subprocess.run(command, cwd=folder, env=environment, timeout=120, check=False, **streams)
    assert "Traceback" not in result.stdout + result.stderr, result.stderr
    return result


def done(folder: Path, *arguments: str, hash_seed: str | None = None) -> str:
    """What a command prints that is to succeed, with nothing on standard error."""
    result = offramp(folder, *arguments, hash_seed=hash_seed)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def refused(folder: Path, *arguments: str) -> str:
    """What a command says that is to fail as the user's mistake; nothing goes to standard output."""
    result = offramp(folder, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr.removesuffix("\n")


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """A folder with a crisis that has no fault, one that has two, and one with a column of text."""
    (tmp_path / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (tmp_path / "faulty.yaml").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "regimes.yaml").write_text(REGIMES, encoding="utf-8")
    return tmp_path


def test_new_writes_a_crisis_that_checks_and_says_what_to_do_next(tmp_path: Path) -> None:
    said = done(tmp_path, "new", "my crisis")
    assert said.splitlines()[0] == "wrote my crisis/crisis.yaml"
    for command in ("check", "solve", "run"):
        assert f"offramp {command} 'my crisis/crisis.yaml'" in said
    assert "no errors, 0 warnings" in done(tmp_path, "check", "my crisis/crisis.yaml")


def test_new_lists_the_templates_and_copies_the_one_that_is_named(tmp_path: Path) -> None:
    lines = done(tmp_path, "new", "--list").splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [*templates(), *gallery()]
    assert lines[-1] == "Take one: offramp new DIR --from NAME"
    assert f"offramp check {Path('gulf', 'crisis.yaml')}" in done(tmp_path, "new", "gulf", "--from", "broker")
    assert (tmp_path / "gulf" / "crisis.yaml").read_text(encoding="utf-8") == template_text("broker")


def test_new_copies_a_crisis_of_the_gallery_with_all_its_files_and_overwrites_none(tmp_path: Path) -> None:
    said = done(tmp_path, "new", "mine", "--from", "deterrence-egame")
    copied = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    assert copied == gallery_files("deterrence-egame")
    shipped = gallery()["deterrence-egame"]
    assert copied.keys() == {path.name for path in shipped.iterdir()} | {"crisis.schema.json"}
    assert said.startswith("wrote mine/crisis.yaml\nwrote mine/README.md\n")
    (tmp_path / "mine" / "crisis.yaml").unlink()
    (tmp_path / "mine" / "README.md").write_text("mine")
    assert refused(tmp_path, "new", "mine", "--from", "deterrence-egame").startswith("mine/README.md exists already")
    assert not (tmp_path / "mine" / "crisis.yaml").exists()


def test_new_without_a_folder_or_from_an_unknown_template_says_what_there_is(tmp_path: Path) -> None:
    assert refused(tmp_path, "new", "a gulf.yaml") == "name a folder, not a file: offramp new 'a gulf'"
    assert refused(tmp_path, "new").endswith("`offramp new --list` lists the templates")
    assert refused(tmp_path, "new", "gulf", "--from", "brok") == "no template or crisis 'brok'; did you mean 'broker'?"
    assert refused(tmp_path, "new", "gulf", "--from", "x").endswith(" and tehran-2024")
    assert not (tmp_path / "gulf").exists()


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "crisis.yaml").write_text("mine", encoding="utf-8")
    assert refused(tmp_path, "new", ".") == "crisis.yaml exists already; nothing is overwritten"
    assert (tmp_path / "crisis.yaml").read_text(encoding="utf-8") == "mine"


def test_new_says_in_one_line_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path, "new", "file/inside") == "cannot write file/inside/crisis.yaml: Not a directory"


def test_check_shows_size_and_warnings(harbour: Path) -> None:
    text = HARBOUR.replace(", cite: cable-7 ¶2}", "}")
    (harbour / "bare.yaml").write_text(text, encoding="utf-8")
    lines = done(harbour, "check", "bare.yaml").splitlines()
    assert [line.partition(" in ")[0] for line in lines[1:4]] == [
        "bare.yaml:16:12: warning: the best option of 'answer' is 'volley'",
        "bare.yaml:17:12: warning: of 'reply', 'all_out' is chosen",
        "bare.yaml:25:11: warning: ending 'war' is only 0.0076% likely on average over 64 draws: see why with "
        "`offramp why FILE --ending war`, and check the sizes of the payoffs that keep it away",
    ]
    assert [lines[0], *lines[4:]] == [
        "bare.yaml:9:3: warning: input 'war_cost' has neither a reason (`because`) nor a source (`cite`)",
        "note: the text of the source cable-7 (cable-7.txt) is not here, so its cites are not checked",
        "bare.yaml: no errors, 4 warnings",
        "  8 histories; 13 nodes in the tree, 6 after merging",
        "  3 information sets (north 1, south 2)",
    ]


def test_check_says_what_a_hidden_condition_tells(harbour: Path) -> None:
    text = HARBOUR.replace("if: answer == volley,", "if: answer == volley and red_line == high,")
    (harbour / "hidden.yaml").write_text(text, encoding="utf-8")
    assert "note: whether 'reply' happens tells north something of red_line" in done(harbour, "check", "hidden.yaml")


def test_check_puts_all_faults_on_standard_error_with_place_and_nearest_word(harbour: Path) -> None:
    assert refused(harbour, "check", "faulty.yaml").splitlines() == [
        "faulty.yaml:17:23: unknown actor 'souht' in `by` of 'reply'; did you mean 'south'?",
        "faulty.yaml:25:25: 'al_out' is not an option of 'reply' (absorb, limited and all_out); "
        "did you mean 'all_out'?",
    ]


def test_check_json_holds_the_size_or_the_faults(harbour: Path) -> None:
    good = json.loads(done(harbour, "check", "harbour.yaml", "--json"))
    assert [warning["line"] for warning in good.pop("warnings")] == [16, 17, 25]
    assert good == {
        "ok": True,
        "size": {
            "histories": 8,
            "nodes_tree": 13,
            "nodes": 6,
            "information_sets": 3,
            "information_sets_of": {"north": 1, "south": 2},
        },
        "reveals": [],
    }
    result = offramp(harbour, "check", "faulty.yaml", "--json")
    assert (result.returncode, result.stderr) == (2, "")
    bad = json.loads(result.stdout)
    assert set(bad) == {"ok", "faults"}
    assert bad["ok"] is False
    assert [(fault["line"], fault["column"]) for fault in bad["faults"]] == [(17, 23), (25, 25)]
    assert bad["faults"][0]["message"] == "unknown actor 'souht' in `by` of 'reply'; did you mean 'south'?"


def test_check_cites_shows_the_words_found_where_the_source_is_there(harbour: Path) -> None:
    assert "harbour.yaml:9: cable-7 ¶2  (the source's text is not here: not checked)" in done(
        harbour, "check", "harbour.yaml", "--cites"
    )
    (harbour / "cable-7.txt").write_text(
        "The harbour cable\n\nA war would cost both\nsides dearly.\n", encoding="utf-8"
    )
    shown = 'harbour.yaml:9: cable-7 ¶2  "A war would cost both sides dearly."'
    assert shown in done(harbour, "check", "harbour.yaml", "--cites")
    found = json.loads(done(harbour, "check", "harbour.yaml", "--cites", "--json"))["cites"]
    assert found == [{"line": 9, "cite": "cable-7 ¶2", "found": "A war would cost both sides dearly."}]
    several = HARBOUR.replace("cite: cable-7 ¶2", 'cite: [cable-7 "sides dearly", cable-7 ¶1]').replace(
        "options: [stand_down, volley]", "options: {stand_down: no answer, volley: {cite: cable-7 ¶2}}"
    )
    (harbour / "several.yaml").write_text(several, encoding="utf-8")
    printed = done(harbour, "check", "several.yaml", "--cites")
    for line in (
        '9: cable-7 "sides dearly"  "sides dearly."',
        '9: cable-7 ¶1  "The harbour cable"',
        '16: cable-7 ¶2  "A war would cost both sides dearly."',
    ):
        assert f"several.yaml:{line}\n" in printed
    (harbour / "cable-7.txt").write_text("The harbour cable\n", encoding="utf-8")
    assert "source 'cable-7' has paragraphs ¶1 to ¶1; there is no ¶2" in refused(harbour, "check", "harbour.yaml")


def test_schema_prints_a_json_schema(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(done(tmp_path, "schema")))


def solved(folder: Path, *arguments: str) -> dict[str, Any]:
    solution: dict[str, Any] = json.loads(done(folder, "solve", "harbour.yaml", "--json", *arguments))
    assert solution["converged"] is True
    return solution


def test_solve_json_has_these_keys_and_no_others(harbour: Path) -> None:
    solution = solved(harbour)
    assert set(solution) == {
        "endings", "payoffs", "moves", "rationality", "status", "ended", "turns", "bifurcations", "certificate",
        "sweeps", "converged", "size", "sides", "conditions",
    }  # fmt: skip
    assert list(solution["endings"]) == ["war", "absorbed", "stand_down"]
    assert sum(solution["endings"].values()) == pytest.approx(1.0)
    assert set(solution["payoffs"]["north"]) == {"total", "terms", "in_own_eyes"}
    assert set(solution["payoffs"]["south"]) == {"total", "terms"}
    for payoff in solution["payoffs"].values():
        assert list(payoff["terms"]) == ["face", "war"]
        assert payoff["total"] == pytest.approx(sum(payoff["terms"].values()))
    assert all(set(move) == {"move", "actor", "sees", "reached", "options"} for move in solution["moves"])
    assert [(move["move"], move["actor"], move["sees"]) for move in solution["moves"]] == [
        ("answer", "north", {}),
        ("reply", "south", {"red_line": "low", "answer": "volley"}),
        ("reply", "south", {"red_line": "high", "answer": "volley"}),
    ]
    assert list(solution["moves"][1]["options"]) == ["absorb", "limited", "all_out"]
    assert solution["rationality"] == pytest.approx({"north": 3.0, "south": 3.0})
    assert set(solution["certificate"]) == {"residual", "tolerance", "rounding", "regret_once", "regret"}
    assert 0 <= solution["certificate"]["residual"] <= solution["certificate"]["tolerance"]
    assert solution["sweeps"] >= 1
    assert set(solution["size"]) == {"histories", "nodes_tree", "nodes", "information_sets", "information_sets_of"}


def test_solve_prints_every_ending_and_move(harbour: Path) -> None:
    said = done(harbour, "solve", "harbour.yaml")
    for word in ("Harbour incident", "war", "absorbed", "stand down", "Northland", "Southland", "Answer", "Reply"):
        assert word in said


def test_at_rationality_zero_every_option_is_equally_likely(harbour: Path) -> None:
    solution = solved(harbour, "--rationality", "0")
    assert solution["rationality"] == {"north": 0.0, "south": 0.0}
    for move in solution["moves"]:
        assert list(move["options"].values()) == pytest.approx([1 / len(move["options"])] * len(move["options"]))


def test_the_exit_code_of_a_solve_says_whether_it_converged(harbour: Path) -> None:
    result = offramp(harbour, "solve", "harbour.yaml", "--rationality", "1e9", "--json")
    assert result.returncode == (0 if json.loads(result.stdout)["converged"] else 1)


def test_set_puts_a_value_in_place_of_the_median_and_a_lever_works_on_it(harbour: Path) -> None:
    cheap = solved(harbour, "--set", "war_cost=4", "--set", "south.rationality=2")
    assert cheap["rationality"]["south"] == 2.0
    doubled = solved(harbour, "--set", "war_cost=4", "--lever", "talks")
    assert doubled["endings"] == pytest.approx(solved(harbour, "--set", "war_cost=8")["endings"])
    assert doubled["endings"]["war"] < cheap["endings"]["war"]


def test_a_lever_that_forbids_takes_the_option_away(harbour: Path) -> None:
    solution = solved(harbour, "--lever", "restraint", "--lever", "talks")
    assert solution["endings"]["war"] == 0.0
    assert list(solution["moves"][1]["options"]) == ["absorb", "limited"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["solve", "harbour.yaml", "--set", "war_cots=5"],
            "unknown input 'war_cots'; did you mean 'war_cost'? (inputs: war_cost, low_line and south.rationality)",
        ),
        (
            [
                "solve",
                "harbour.yaml",
                "--set",
                "war_cots=5",
                "--set",
                "x",
                "--set",
                "war_cost=4",
                "--set",
                "war_cost=5",
                "--set",
                "low_line=inf",
                "--set",
                "low=1-2",
                "--set",
                "=3",
            ],
            "--set takes INPUT=VALUE with a number, found 'x'\n"
            "input 'low_line' must be a finite number, found inf\n"
            "--set takes INPUT=VALUE with a number, found 'low=1-2'; a range is written in the file, as the input's "
            "distribution\n"
            "--set takes INPUT=VALUE with the name of an input, found '=3'\n"
            "--set gives 'war_cost' several values, 4 and 5: give one\n"
            "unknown input 'war_cots'; did you mean 'war_cost'? (inputs: war_cost, low_line and south.rationality)",
        ),
        (
            ["solve", "harbour.yaml", "--set", "war_cost=dear"],
            "--set takes INPUT=VALUE with a number, found 'war_cost=dear'",
        ),
        (
            ["solve", "harbour.yaml", "--set", "answer=voley"],
            "--set takes INPUT=VALUE with a number, found 'answer=voley'; 'answer' is a move: "
            "write --suppose answer=volley",
        ),
        (
            ["solve", "harbour.yaml", "--set", "red_line=7x"],
            "--set takes INPUT=VALUE with a number, found 'red_line=7x'; 'red_line' is a chance step: "
            "write --suppose red_line=VALUE, with one of low and high",
        ),
        (
            ["trace", "harbour.yaml", "--set", "answer=volley"],
            "--set takes INPUT=VALUE with a number, found 'answer=volley'; 'answer' is a move, and no input",
        ),
        (
            ["solve", "regimes.yaml", "--set", "regime=demm"],
            "--set takes INPUT=VALUE with a number, found 'regime=demm'; 'regime' is a column of text, whose words are "
            "inputs, each 1 or 0: write --set regime.dem=1",
        ),
        (
            ["solve", "harbor.yaml"],
            "cannot read harbor.yaml: No such file or directory; did you mean 'harbour.yaml'?",
        ),
        (
            ["compare", "harbour.yml", "harbour.yaml"],
            "cannot read harbour.yml: No such file or directory; did you mean 'harbour.yaml'?",
        ),
        (
            ["endings", "harbor"],
            "harbor is no run: it has no manifest.json; `offramp run FILE --out harbor` begins one; "
            "did you mean 'harbour.yaml'?",
        ),
        (
            ["solve", "harbour.yaml", "--set", "low_line=1.5"],
            "harbour.yaml:13:12: odds of 'red_line' add up to 1.5; nothing is left for the rest, high"
            " (at the medians of the inputs, but low line = 1.5: low_line = 1.5)",
        ),
        (
            ["solve", "harbour.yaml", "--lever", "restrain"],
            "unknown lever 'restrain'; did you mean 'restraint'? (levers: talks and restraint)",
        ),
        (["solve", "harbour.yaml", "--rationality", "-1"], "rationality must be a number from 0 up, found -1.0"),
        (
            ["solve", "harbour.yaml", "--max-nodes", "4"],
            "harbour.yaml:16:12: 'answer' makes the game too large: 3 nodes so far and 4 ways on, more than 4;"
            " raise --max-nodes",
        ),
        (["solve", "nowhere.yaml"], "cannot read nowhere.yaml: No such file or directory"),
        (["check", "."], ". is a folder, and a file is expected here"),
        (
            ["endings", "harbour.yaml"],
            "harbour.yaml is a file, and a run is expected here; `offramp run harbour.yaml` makes one of a crisis file",
        ),
        (["run", "harbour.yaml", "--draws", "0"], "draws must lie between 1 and 10,000,000, found 0"),
        (["run", "harbour.yaml", "--seed", "-1"], "a seed is a whole number from 0 up, found -1"),
    ],
)
def test_a_mistaken_request_gets_one_line_that_says_what_is_allowed(
    harbour: Path, arguments: list[str], message: str
) -> None:
    assert refused(harbour, *arguments) == message


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["slove", "harbour.yaml"], "did you mean 'solve'?"),
        (["solve", "harbour.yaml", "--levr", "talks"], "--lever"),
        (["run", "harbour.yaml", "--draw", "8"], "--draws"),
        (["run", "harbour.yaml", "--draws", "many"], "expected a whole number, found 'many'"),
    ],
)
def test_a_misspelt_command_or_option_gets_the_nearest_word(harbour: Path, arguments: list[str], hint: str) -> None:
    assert hint in refused(harbour, *arguments)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1:1: the file is empty; expected a crisis (start one with `offramp new`)"),
        (b"\xff\xfe\x00", "1:1: this is not UTF-8 text; save the file as UTF-8"),
        (b"title: [", "1:8: not valid YAML: the '[' that opens here is not closed in the file; close it with ']'"),
        (b"a: " + b"[" * 3000, "1:43: nested more than 40 deep"),
        (b"#" * 2_000_001, "1:1: the file has 2,000,001 bytes; at most 2,000,000 are read"),
    ],
    ids=["empty", "binary", "cut", "nested", "large"],
)
def test_what_is_no_crisis_is_refused_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "odd.yaml").write_bytes(content)
    assert refused(tmp_path, "check", "odd.yaml") == f"odd.yaml:{message}"


def rows(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()


def columns(path: Path) -> list[str]:
    with duckdb.connect() as connection:
        table = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return [str(row[0]) for row in table]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a crisis was run twice alike without --out, and once with another seed and a lever."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    for hash_seed in ("0", "3"):
        done(folder, "run", "harbour.yaml", "--draws", "24", hash_seed=hash_seed)
    other = ["--draws", "24", "--seed", "7", "--lever", "talks", "--out", "out/other", "--json"]
    (folder / "said.json").write_text(done(folder, "run", "harbour.yaml", *other), encoding="utf-8")
    return folder


def test_run_writes_a_folder_that_says_what_was_run_and_what_came_of_it(runs: Path) -> None:
    folder = runs / "out" / "other"
    names = {"manifest.json", "crisis.yaml", "chunk-00000.parquet", "situations-00000.parquet", "chunk-00000.sha256"}
    names |= {"moves.parquet", "report.html", "finished.json", "log.jsonl", ".lock"}
    assert {path.name for path in folder.iterdir()} == names
    assert [path.name for path in folder.parent.iterdir()] == ["other"]
    assert (folder / "crisis.yaml").read_text(encoding="utf-8") == HARBOUR
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["draws"], manifest["seed"], manifest["levers"]) == (24, 7, ["talks"])
    assert manifest["command"] == "offramp run harbour.yaml --draws 24 --seed 7 --lever talks"
    assert list(manifest["inputs"]) == ["war_cost", "low_line", "south.rationality"]
    finished = json.loads((folder / "finished.json").read_text(encoding="utf-8"))
    assert list(finished["endings"]) == ["war", "absorbed", "stand_down"]
    log = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in log] == ["begins", "finished"]
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    assert len(rows(folder / "chunk-*.parquet")) == 24
    assert {"input.war_cost", "ending.war", "payoff.north.face", "status", "regret.north", "regret_once.south"} <= set(
        columns(folder / "chunk-*.parquet")
    )
    assert {"move", "actor", "sees", "option", "share"} <= set(columns(folder / "moves.parquet"))
    assert len(rows(folder / "moves.parquet")) == 2 + 3 + 3


def test_run_json_holds_the_endings_with_intervals_and_the_places(runs: Path) -> None:
    said = json.loads((runs / "said.json").read_text(encoding="utf-8"))
    assert (said["draws"], said["converged"], said["unconverged"], said["seed"]) == (24, 24, [], 7)
    statuses = {"principal": 1, "other branch": 0, "not traced": 23, "bifurcation": 0, "unconverged": 0}
    assert (said["status"], said["traced"]) == (statuses, {"sample": 1, "left": 0})
    assert (said["out"], said["report"]) == ("out/other", "out/other/report.html")
    finished = json.loads((runs / "out" / "other" / "finished.json").read_text(encoding="utf-8"))
    for part in ("endings", "status", "traced", "unconverged"):
        assert said[part] == finished[part]
    for ending in said["endings"].values():
        assert 0 <= ending["p05"] <= ending["p50"] <= ending["p95"] <= 1
    assert sum(ending["mean"] for ending in said["endings"].values()) == pytest.approx(1.0)


def test_runs_without_a_name_are_numbered(runs: Path) -> None:
    assert sorted(path.name for path in (runs / "runs").iterdir()) == ["harbour-1", "harbour-2"]


def test_the_same_seed_gives_the_same_draws_to_the_last_bit_and_another_seed_others(runs: Path) -> None:
    first, again = (runs / "runs" / name for name in ("harbour-1", "harbour-2"))
    assert sorted(path.name for path in first.iterdir()) == sorted(path.name for path in again.iterdir())
    for path in first.iterdir():
        assert path.name == "log.jsonl" or path.read_bytes() == (again / path.name).read_bytes(), path.name
    assert rows(first / "chunk-00000.parquet") != rows(runs / "out" / "other" / "chunk-00000.parquet")


def test_run_overwrites_nothing(runs: Path) -> None:
    before = (runs / "runs" / "harbour-1" / "manifest.json").read_bytes()
    assert refused(runs, "run", "harbour.yaml", "--draws", "8", "--out", "runs/harbour-1") == (
        "runs/harbour-1 is a run of 24 draws, which cannot become fewer than that (8);"
        " solve the crisis file into another --out"
    )
    (runs / "mine").mkdir(exist_ok=True)
    (runs / "mine" / "notes").write_text("mine", encoding="utf-8")
    assert refused(runs, "run", "harbour.yaml", "--draws", "8", "--out", "mine") == (
        "mine exists already; nothing is overwritten: choose another --out, or remove it"
    )
    assert (runs / "runs" / "harbour-1" / "manifest.json").read_bytes() == before


def test_a_folder_that_cannot_be_written_gets_one_line_and_nothing_is_left_behind(harbour: Path) -> None:
    (harbour / "file").write_text("mine", encoding="utf-8")
    before = sorted(harbour.iterdir())
    said = refused(harbour, "run", "harbour.yaml", "--draws", "8", "--out", "file/run")
    assert said.startswith("cannot write file/run: ")
    assert "\n" not in said
    assert sorted(harbour.iterdir()) == before
