"""Whatever is in a file of a run, the run is told to be damaged, and why; the others are shown as they are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from offramp.cli import main
from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.runs.chunk_tables import places_of
from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.cleaning import leftovers
from offramp.runs.listing import RunState, list_runs
from offramp.runs.opened import open_run
from offramp.runs.running import run_into
from offramp.runs.store.layout import as_marker, read_log, seal, seconds_of
from offramp.runs.store.whole_files import sha256_of
from offramp.runs.stored_draw import read_draw
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.examples import examples
from tests.mutations import changed, changed_bytes

TEXT = """format: 1
title: Damage
actors: {a: {name: A}}
inputs: {cost: {is: "uniform(0, 2)", because: x}}
timeline: [{move: m, by: a, options: [x, y]}]
payoffs: {a: {gain: 1 - cost * (m == x)}}
endings: {left: m == x, right: otherwise}
levers: {tax: {set: {cost: 2}, because: x}}
"""
SMALL = ("manifest.json", "finished.json", "log.jsonl", "chunk-00000.sha256")
TABLES = ("chunk-00000.parquet", "situations-00000.parquet", "strategies-00000.parquet", "moves.parquet")
FUZZ = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(TEXT)


@pytest.fixture(scope="module")
def runs(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two runs: `good`, and one to be damaged."""
    folder = tmp_path_factory.mktemp("damaged") / "runs"
    for name in ("good", "bad"):
        run_into(crisis, folder / name, draws=16, keep="strategies")
    return folder


@pytest.fixture
def bad(runs: Path, tmp_path: Path) -> Path:
    """A run that may be damaged, beside a good one."""
    shutil.copytree(runs, tmp_path / "runs")
    return tmp_path / "runs" / "bad"


def states(folder: Path) -> dict[str, RunState]:
    return {run.folder.name: run for run in list_runs(folder)}


def used(folder: Path, crisis: Crisis) -> None:
    """Do with a run all that reads it; nothing but Offramp's own errors may come of that."""
    found = states(folder.parent)
    assert (found["good"].state, found["good"].why) == ("finished", "")
    assert (found["bad"].state == "damaged") == bool(found["bad"].why)
    assert json.loads(json.dumps([vars(run) for run in found.values()], default=str, allow_nan=False))
    leftovers(folder.parent, older_than=1)
    with suppress(OfframpError):
        verify(folder, draws=None)
    with suppress(OfframpError):
        run = open_run(folder)
        for column in (*run.inputs.values(), *run.taken):
            assert len(column.T) == run.draws
        assert run.strategies is not None
        run.strategies[:, 3]
    with suppress(OfframpError):
        read_draw(folder, crisis, 3)
    assert seconds_of(folder) >= 0


@pytest.mark.parametrize("name", SMALL)
def test_a_small_file_with_anything_in_it_ends_in_a_message(runs: Path, crisis: Crisis, name: str) -> None:
    file = runs / "bad" / name
    whole = file.read_bytes()

    @FUZZ
    @given(
        changed(whole.splitlines()[0] if name == "log.jsonl" else whole) if name[-1] != "6" else changed_bytes(whole)
    )
    def fuzz(content: bytes) -> None:
        file.write_bytes(content)
        used(runs / "bad", crisis)

    try:
        fuzz()
    finally:
        file.write_bytes(whole)


def sealed(folder: Path, **others: Any) -> None:
    """Seal a run as it stands, so that its damage lies deeper."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    marker = json.loads((folder / "finished.json").read_bytes())
    del marker["seal"]
    seal(folder, manifest, 0)
    marker["sha256"] = {name: sha256_of(folder / name) for name in marker["sha256"]}
    (folder / "finished.json").write_bytes(as_marker(marker | others))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_with_anything_in_it_ends_in_a_message_though_its_seals_fit(
    runs: Path, crisis: Crisis, name: str
) -> None:
    file = runs / "bad" / name
    kept = {each: each.read_bytes() for each in (runs / "bad").iterdir()}

    @FUZZ
    @given(changed_bytes(kept[file]))
    def fuzz(content: bytes) -> None:
        file.write_bytes(content)
        sealed(runs / "bad")
        used(runs / "bad", crisis)

    try:
        fuzz()
    finally:
        for each, content in kept.items():
            each.write_bytes(content)


OTHER_TABLES = {
    "lists": 'SELECT * REPLACE ([1.0] AS "{}") FROM old',
    "structures": "SELECT * REPLACE ({{'a': 1}} AS \"{}\") FROM old",
    "texts": "SELECT * REPLACE ('text' AS \"{}\") FROM old",
    "long texts": "SELECT * REPLACE (repeat('x', 2000000) AS \"{}\") FROM old",
    "blobs": "SELECT * REPLACE ('\\xFF'::BLOB AS \"{}\") FROM old",
    "nothing": 'SELECT * REPLACE (NULL::DOUBLE AS "{}") FROM old',
    "infinite": "SELECT * REPLACE ('inf'::DOUBLE AS \"{}\") FROM old",
    "huge": 'SELECT * REPLACE (170141183460469231731687303715884105727::HUGEINT AS "{}") FROM old',
    "one column": 'SELECT "{}" FROM old',
    "one column more": 'SELECT *, "{}" AS more FROM old',
    "no rows": 'SELECT * FROM old WHERE "{}" IS NULL AND false',
    "a row more": 'SELECT * FROM old UNION ALL (SELECT * FROM old WHERE "{}" IS NOT NULL LIMIT 1)',
    "many rows": 'SELECT old.* FROM old, range(20000) WHERE "{}" IS NOT NULL',
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", OTHER_TABLES)
def test_a_sound_table_of_other_columns_or_rows_ends_in_a_message_though_its_seals_fit(
    bad: Path, crisis: Crisis, name: str, kind: str
) -> None:
    manifest, table = json.loads((bad / "manifest.json").read_bytes()), bad / name
    facts = "" if name == "moves.parquet" else json.dumps(facts_of_chunk(manifest, 0, 16)["offramp"]).replace("'", "''")
    stated = f", KV_METADATA {{offramp: '{json.loads(facts)}'}}" if facts else ""
    shutil.copy(table, bad.parent / "old.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW old AS SELECT * FROM read_parquet('{bad.parent / 'old.parquet'}')")
        columns = [row[0] for row in connection.execute("DESCRIBE old").fetchall()]
        query = OTHER_TABLES[kind].format(columns[3 if len(columns) > 3 else 1])
        connection.execute(f"COPY ({query}) TO '{table}' (FORMAT parquet{stated})")
    sealed(bad)
    used(bad, crisis)
    assert not verify(bad, draws=None).sound


@pytest.mark.parametrize(("of", "value"), [*product(["inputs", "endings"], ["inf", "nan"]), ("endings", "1.5")])
def test_numbers_that_no_solve_gives_are_refused_though_their_seals_fit(
    bad: Path, crisis: Crisis, of: str, value: str
) -> None:
    table, place = bad / "chunk-00000.parquet", places_of(compile_game(crisis)).results[of][0]
    manifest = json.loads((bad / "manifest.json").read_bytes())
    shutil.copy(table, bad.parent / "old.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW old AS SELECT * FROM read_parquet('{bad.parent / 'old.parquet'}')")
        column = connection.execute("DESCRIBE old").fetchall()[place][0]
        query = f"SELECT * REPLACE ('{value}'::DOUBLE AS \"{column}\") FROM old"
        stated = facts_of_chunk(manifest, 0, 16)["offramp"]
        connection.execute(f"COPY ({query}) TO '{table}' (FORMAT parquet, KV_METADATA {{offramp: '{stated}'}})")
    sealed(bad)
    with pytest.raises(UsageError, match="do not hold the draws of this crisis"):
        list(open_run(bad).inputs.values())


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "brackets": (lambda run: (run / "manifest.json").write_text("[" * 200_000), "it is nested too deeply"),
    "five": (lambda run: (run / "manifest.json").write_text("5"), "expected a mapping, found 5"),
    "too large": (lambda run: changed_value(run, draws="1e999"), "it has a number that is not finite: 1e999"),
    "no number": (lambda run: changed_value(run, draws="NaN"), "it has a number that is not finite: NaN"),
    "many draws": (lambda run: changed_value(run, draws="1000000000000"), "draws: expected a number of at most"),
    "a seed": (lambda run: changed_value(run, seed="1" * 60), "seed: expected a number below"),
    "a marker": (lambda run: (run / "finished.json").write_text("{" * 200_000), "finished.json is damaged"),
    "a missing table": (lambda run: (run / "moves.parquet").unlink(), "moves.parquet is missing"),
    "another marker": (lambda run: sealed(run, draws=8), "finished.json belongs to another run"),
    "an infinite marker": (lambda run: sealed(run, converged=float("inf")), "finished.json is damaged"),
}


def changed_value(run: Path, **values: str) -> None:
    file = run / "manifest.json"
    held = json.loads(file.read_bytes())
    for name, value in values.items():
        file.write_text(file.read_text().replace(f'"{name}": {held[name]}', f'"{name}": {value}'))


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_listed_with_the_reason_and_the_rest_is_shown(bad: Path, kind: str) -> None:
    damage, why = DAMAGE[kind]
    damage(bad)
    found = states(bad.parent)
    assert found["good"].state == "finished"
    assert found["bad"].state == "damaged"
    assert why in found["bad"].why
    assert str(bad) not in found["bad"].why
    for command in (["runs", str(bad.parent)], ["runs", str(bad.parent), "--json"], ["clean", str(bad.parent)]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(main, ["verify", str(bad)])
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.output


KEPT = ("crisis.yaml", "finished.json", "moves.parquet", *SMALL[3:], *TABLES[:3], ".lock", "log.jsonl")
WAYS: dict[str, Callable[[Path], object]] = {
    "a folder": lambda file: file.mkdir(),
    "a full folder": lambda file: (file / "more").mkdir(parents=True),
    "missing": lambda file: None,
    "garbage": lambda file: file.write_text("hello"),
    "a link to nothing": lambda file: file.symlink_to("nowhere"),
    "a pipe": os.mkfifo if hasattr(os, "mkfifo") else lambda file: None,
}


def said_by(*command: str | Path) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "400"}).invoke(main, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def advised(text: str, run: Path, crisis: Path) -> tuple[str, tuple[str | Path, ...]]:
    """What a message tells to do about a run: the file to remove, if any, and then the command."""
    assert "nothing restores it: solve the crisis again with another --out" not in text, text
    removed = re.search(r"remove ([\w.-]+),? then|([\w.-]+) is a (folder|link), where a file belongs: remove it", text)
    taken = (removed[1] or removed[2]) if removed else ""
    if "`offramp run FILE --out " in text:
        return taken, ("run", crisis, "--out", run)
    assert f"`offramp run {run}` re" in text or removed, text
    return taken, ("run", run)


def followed(run: Path, taken: str, command: tuple[str | Path, ...]) -> None:
    """Do what a message tells to do about a run."""
    if taken:
        (os.unlink if (run / taken).is_symlink() else shutil.rmtree)(run / taken)
    code, said = said_by(*command)
    assert code == 0, said


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of a POSIX system")
@pytest.mark.parametrize(
    ("name", "way"),
    [
        *product(KEPT, ["a folder"]),
        *product(("crisis.yaml", "finished.json", "chunk-00000.parquet"), sorted(WAYS.keys() - {"a folder"})),
        (".lock", "a link to nothing"),
    ],
)
def test_what_a_message_advises_about_a_damaged_run_makes_it_sound(
    bad: Path, tmp_path: Path, name: str, way: str
) -> None:
    crisis, file = tmp_path / "damage.yaml", bad / name
    crisis.write_text(TEXT)
    (bad.parent / "other.txt").write_text("")
    file.unlink(missing_ok=True)
    WAYS[way](file)
    code, verified = said_by("verify", bad)
    said = [verified] if code else []
    _, listed = said_by("runs", bad.parent)
    _, cleanable = said_by("clean", bad.parent)
    said += [line for line in (*listed.splitlines(), *cleanable.splitlines()) if "offramp run" in line]
    code, shown = said_by("endings", bad)
    said += [shown] if code else []
    code, resumed = said_by("run", bad)
    said += [resumed] if code else []
    for advice in {advised(message, bad, crisis) for message in said}:
        shutil.rmtree(bad)
        shutil.copytree(bad.parent / "good", bad)
        file.unlink(missing_ok=True)
        WAYS[way](file)
        followed(bad, *advice)
        assert verify(bad).sound
        assert open_run(bad).draws == 16
    if not said:
        assert verify(bad).sound
        assert open_run(bad).draws == 16


@pytest.mark.parametrize("damage", ["a folder", "missing", "garbage", "a number"])
def test_a_run_whose_manifest_is_lost_is_said_to_be_beyond_repair(bad: Path, tmp_path: Path, damage: str) -> None:
    file = bad / "manifest.json"
    if damage == "a number":
        changed_value(bad, cites_checked="7")
    else:
        file.unlink()
        WAYS[damage](file)
    for command in (("verify", bad), ("endings", bad), ("run", bad)):
        code, said = said_by(*command)
        assert code
        assert "nothing restores it: solve the crisis again with another --out" in said or command[0] == "run"
        assert "solves damaged" not in said
        assert "lists the runs in it" not in said


@pytest.mark.skipif(os.name != "posix", reason="rights of a POSIX system")
@pytest.mark.parametrize("name", ["manifest.json", "crisis.yaml", "finished.json"])
def test_a_file_that_only_others_may_read_is_not_called_damaged(bad: Path, name: str) -> None:
    (bad / name).chmod(0)
    lines = """
import sys
from click.testing import CliRunner
from offramp.cli import main
for words in (["endings"], ["run"], ["verify", "--draws", "0"]):
    print(CliRunner().invoke(main, [*words, sys.argv[1]]).output)
"""
    command = [sys.executable, "-c", lines, str(bad)]
    if os.geteuid() == 0:  # who may read everything gives that up
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.count(f"{bad / name} cannot be read: Permission denied; make it readable for you") == 2, said
    assert "Do not use any number of this run: make it readable for you." in said
    assert "nothing restores it" not in said


@pytest.mark.parametrize(
    "words", [("run", ""), ("runs", ""), ("verify", ""), ("clean", ""), ("run", "x.yaml", "--out", "")]
)
def test_an_empty_place_is_not_this_folder(words: tuple[str, ...]) -> None:
    code, said = said_by(*words)
    assert code == 2
    assert "expected a folder, a file or a URL, found nothing." in said


def test_wrong_numbers_under_right_hashes_are_said_to_be_beyond_repair(bad: Path) -> None:
    with duckdb.connect() as connection:
        shutil.copy(bad / "moves.parquet", bad.parent / "old.parquet")
        query = f"SELECT * REPLACE (0.123 AS \"reached\") FROM read_parquet('{bad.parent / 'old.parquet'}')"
        connection.execute(f"COPY ({query}) TO '{bad / 'moves.parquet'}' (FORMAT parquet)")
    sealed(bad)
    code, said = said_by("verify", bad)
    assert code == 1
    assert "Do not use any number of this run: nothing restores it: solve the crisis again" in said


def test_a_log_that_leads_elsewhere_is_not_written_through(bad: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("precious")
    (bad / "log.jsonl").unlink()
    (bad / "log.jsonl").symlink_to(other)
    run_into(crisis_of(TEXT), bad, draws=32, keep="strategies")
    assert other.read_text() == "precious"
    assert read_log(bad)


@pytest.mark.skipif(os.name != "posix", reason="pipes of a POSIX system")
def test_a_run_goes_on_where_its_log_is_a_pipe_and_not_where_its_lock_is_a_link(bad: Path, tmp_path: Path) -> None:
    (bad / "log.jsonl").unlink()
    os.mkfifo(bad / "log.jsonl")
    run_into(crisis_of(TEXT), bad, draws=32, keep="strategies")
    assert read_log(bad)
    other = tmp_path / "other.txt"
    other.write_text("precious")
    (bad / ".lock").unlink(missing_ok=True)
    (bad / ".lock").symlink_to(other)
    with pytest.raises(OfframpError, match="is a link"):
        run_into(crisis_of(TEXT), bad, draws=64, keep="strategies")
    assert other.read_text() == "precious"


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of a POSIX system")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "huge"])
@pytest.mark.parametrize("name", [*SMALL, *TABLES, "crisis.yaml", ".lock"])
def test_nobody_waits_for_what_is_no_file_of_a_run(bad: Path, crisis: Crisis, name: str, kind: str) -> None:
    file = bad / name
    file.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "device":
            file.symlink_to("/dev/zero")
        case "folder":
            file.mkdir()
        case "huge":
            with file.open("wb") as made:
                made.truncate(2**33)
    if name == "manifest.json" and kind != "huge":
        assert set(states(bad.parent)) == {"good"}
        return
    used(bad, crisis)


@pytest.mark.skipif(os.name != "posix", reason="links of a POSIX system")
def test_looking_at_a_run_changes_nothing_that_its_lock_leads_to(bad: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("precious")
    (bad / ".lock").unlink(missing_ok=True)
    (bad / ".lock").symlink_to(other)
    (bad / "finished.json").unlink()
    list_runs(bad.parent)
    with suppress(OfframpError):
        run_into(crisis_of(TEXT), bad, draws=32, keep="strategies")
    assert other.read_text() == "precious"


def test_a_log_of_anything_has_the_lines_that_are_some(bad: Path) -> None:
    good = '{"at": "2031-01-01T00:00:00+00:00", "event": "begun", "draws": 0, "seconds": 1.5}'
    lines = ["5", "[", "{}", good.replace("1.5", "NaN"), good.replace("1.5", "1e999"), "[" * 200_000, good, "\x00"]
    (bad / "log.jsonl").write_text("\n".join(lines))
    assert [line["seconds"] for line in read_log(bad)] == [1.5]
