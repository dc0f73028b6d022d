"""An assistant gets at nothing outside its folder, and no file or request of a stranger harms the server."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from mcp.shared.exceptions import MCPError

from offramp import read, solve
from offramp.mcp.resources import RESOURCES
from offramp.mcp.toolbox import TOOLS
from offramp.runs.running import run_into
from tests.app.served import SMALL
from tests.app.test_folder import OUTSIDE
from tests.app.test_hostile import flips
from tests.crisis.hostile import CASES
from tests.mcp.assistants import Assistant, assistant, ended_when_left, text_of
from tests.mcp.test_workspace import snapshot

SECRET = "crown jewels"
SECONDS = 4
BRIEF: dict[str, Any] = {"actors": []}
SOURCES = {"above": "../../secret.txt", "linked": "copied.txt", "absolute": "BASE/secret.txt"}
"""Crisis files that name a source outside the folder."""


def unseen(count: int) -> str:
    """A crisis of so many moves that nobody sees: its equilibrium takes minutes from 16 on."""
    moves = "".join(f"  - {{move: m{k}, by: {'ab'[k % 2]}, options: [x, y], seen_by: []}}\n" for k in range(count))
    turns = " + ".join(f"(m{k} == x and m{k + 1} == y)" for k in range(count - 1))
    weights = " + ".join(f"{k * 7 % 5 + 1} * (m{k} == x)" for k in range(count))
    return (
        "format: 1\ntitle: Unseen\nactors: {a: {name: A, rationality: 5}, b: {name: B, rationality: 5}}\n"
        f"timeline:\n{moves}payoffs: {{a: {{p: {turns}}}, b: {{p: -({turns}) * ({weights})}}}}\n"
        "endings: {won: m0 == x, lost: otherwise}\n"
    )


pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes of a POSIX system")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("confined").resolve()
    secret = SMALL.replace("One choice", SECRET)
    (base / "secret.yaml").write_text(secret, encoding="utf-8")
    (base / "secret.txt").write_text(SECRET, encoding="utf-8")
    root = base / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "small.yaml").write_text(SMALL, encoding="utf-8")
    (root / "link.yaml").symlink_to(base / "secret.yaml")
    (root / "up").symlink_to(base)
    (root / "sub" / "deep" / "up").symlink_to("../../..")
    (root / "round.yaml").symlink_to("round.yaml")
    (root / "endless.yaml").symlink_to("/dev/zero")
    (root / "hidden.yaml").symlink_to(".hidden.yaml")
    (root / ".hidden.yaml").write_text(secret, encoding="utf-8")
    os.mkfifo(root / "pipe.yaml")
    (root / "giant.yaml").write_text(SMALL + "# " + "x" * 3_000_000, encoding="utf-8")
    (root / "huge.yaml").write_text(flips(40), encoding="utf-8")
    (root / "slow.yaml").write_text(unseen(16), encoding="utf-8")
    for number, name in enumerate(("a billion laughs", "ten thousand brackets", "an anchor in itself, often")):
        (root / f"hostile-{number}.yaml").write_text(CASES[name][0](), encoding="utf-8")
    for name, file in SOURCES.items():
        source = f"sources: {{s: {{title: S, file: {file.replace('BASE', str(base))}}}}}\n"
        cited = SMALL.replace("because: A round guess", "because: A guess, cite: s ¶1")
        (root / "sub" / f"{name}.yaml").write_text(cited.replace("inputs:", source + "inputs:"), encoding="utf-8")
    for outside in ("outside", "outside.yaml", "outside.txt", "outside.html"):
        (base / outside).write_text(secret, encoding="utf-8")
    (root / "account.txt").write_text("Something else.\n\nAnd more.\n", encoding="utf-8")
    run_into(read(root / "small.yaml"), root / "run", draws=16, seed=1)
    (root / "sub" / "copied.txt").symlink_to(base / "secret.txt")
    return root


@pytest.fixture(scope="module")
def one(root: Path) -> Iterator[Assistant]:
    solve(read(root / "small.yaml"))  # loops that are not compiled yet take longer than the limit
    with assistant(root, "--max-seconds", str(SECONDS), "--max-calls", "2") as connected:
        connected.call("solve", file="small.yaml")
        yield connected


def test_paths_that_lead_out_or_hide_are_refused(one: Assistant) -> None:
    for path in OUTSIDE:
        if path.isascii() and path:
            refused = one.refused("solve", file=path)
            assert SECRET not in refused


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("link.yaml", "leads out of the opened folder"),
        ("up/secret.yaml", "leads out of the opened folder"),
        ("sub/deep/up/secret.yaml", "leads out of the opened folder"),
        ("round.yaml", "round.yaml"),
        ("endless.yaml", "leads out"),
        ("hidden.yaml", "leads to a hidden file"),
        ("pipe.yaml", "it is not a regular file"),
        ("giant.yaml", "larger than 2,000,000 bytes"),
        ("sub", "a crisis file's name ends in"),
        ("none.yaml", "there is no file none.yaml"),
        ("huge.yaml", "too large"),
        ("hostile-0.yaml", "anchors and aliases expand"),
        ("hostile-1.yaml", "nested more than 40 deep"),
        ("hostile-2.yaml", "anchors and aliases expand"),
    ],
)
def test_a_file_of_a_stranger_is_refused_in_a_sentence(one: Assistant, root: Path, file: str, says: str) -> None:
    refused = one.refused("solve", file=file)
    assert says in refused
    assert SECRET not in refused
    assert "Traceback" not in refused
    assert one.call("solve", file="small.yaml")["converged"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_outside_the_folder_is_not_read(one: Assistant, name: str) -> None:
    assert SECRET not in str(one.call("solve", file=f"sub/{name}.yaml"))


ASKED: dict[str, dict[str, Any]] = {
    "files": {},
    "read": {"address": "offramp://crisis/small.yaml"},
    "check": {"file": "small.yaml"},
    "skeleton": {"template": "starter", "out": "new.yaml"},
    "solve": {"file": "small.yaml"},
    "run": {"file": "small.yaml", "draws": 16, "out": "new"},
    "why": {"file": "small.yaml", "move": "answer"},
    "levers": {"file": "small.yaml", "draws": 16},
    "map": {"file": "small.yaml", "x": "gain", "y": "harm", "size": 2},
    "compare": {"a": "small.yaml", "b": "small.yaml", "map": "map.yaml", "draws": 16},
    "endings": {"run": "run"},
    "moves": {"run": "run"},
    "weigh": {"run": "run"},
    "worth": {"run": "run", "draws": 16},
    "update": {"run": "run", "from": "small.yaml"},
    "report": {"run": "run", "out": "new.html"},
    "verify_quotes": {"document": "account.txt", "quotes": [{"quote": "crown jewels"}]},
    "compile_brief": {"document": "account.txt", "brief": BRIEF, "out": "new"},
}
"""Arguments of each tool; every text at the top that names a file or folder is replaced by one that leads out."""
PLACES = ("file", "out", "a", "b", "map", "run", "from", "document")
LEADING_OUT = (
    "../outside",
    "up/outside",
    "sub/deep/up/outside",
    "/outside",
    ".outside",
    "sub/../../outside",
    "s3://x/outside",
)


def test_no_tool_reads_or_writes_outside_the_folder(one: Assistant, root: Path) -> None:
    assert [tool.name for tool in TOOLS] == [*ASKED]
    before = snapshot(root.parent)
    for tool in TOOLS:
        asked = ASKED[tool.name]
        schema = tool.arguments.model_json_schema()["properties"]
        paths = [name for name, value in schema.items() if '"maxLength": 1000' in json.dumps(value)]
        assert set(paths) <= set(PLACES)
        for name in set(asked) & set(PLACES):
            for place in LEADING_OUT:
                ending = Path(asked[name]).suffix
                result = one.result(tool.name, **{**asked, name: place + ending})
                assert result.is_error, (tool.name, name, place)
                assert SECRET not in str(result)
                assert str(root) not in str(result)
    for kind in ("crisis/", "account/", "tables/"):
        for place in LEADING_OUT:
            result = one.result("read", address=f"offramp://{kind}{place}")
            assert result.is_error, (kind, place)
            assert SECRET not in str(result)
    assert snapshot(root.parent) == before


@pytest.mark.parametrize("resource", [one.uri for one in RESOURCES if one.is_template])
def test_no_address_leads_outside_the_folder(one: Assistant, root: Path, resource: str) -> None:
    fixed = resource.partition("{")[0]
    for place in (*LEADING_OUT, ""):
        for ending in ("", ".yaml", ".txt", "/draws"):
            for written in (place + ending, quote(place + ending, safe=""), quote(quote(place + ending, safe=""))):
                with pytest.raises(MCPError) as refused:
                    one.read(fixed + written)
                assert SECRET not in str(refused.value)
                assert str(root) not in str(refused.value)


@pytest.mark.parametrize("name", ["manifest.json", "crisis.yaml", "chunk-00000.parquet", "finished.json"])
def test_a_run_with_a_link_in_its_folder_is_not_read(one: Assistant, root: Path, name: str) -> None:
    run = root / "runs" / "linked"
    shutil.copytree(root / "run", run)
    (root.parent / f"moved-{name}").write_bytes((run / name).read_bytes())
    (run / name).unlink()
    (run / name).symlink_to(root.parent / f"moved-{name}")
    (root / "runs" / "whole").symlink_to(root / "run")
    try:
        for tool, asked in (("endings", {"run": "runs/linked"}), ("compare", {"a": "runs/linked", "b": "run"})):
            assert "holds links, which may lead out of the opened folder" in one.refused(tool, **asked)
        assert "holds links" in one.refused("read", address="offramp://tables/runs/linked/draws")
        assert one.call("files")["runs"] == []
    finally:
        shutil.rmtree(root / "runs")
        (root.parent / f"moved-{name}").unlink()


def test_a_request_that_fits_no_schema_is_told_every_mistake(one: Assistant) -> None:
    refused = one.refused("solve", fil="small.yaml", now="maybe", set={"gain": "much"})
    assert "fil is no argument; did you mean 'file'?" in refused
    assert "now: " in refused
    assert "set.gain: " in refused
    assert "file is missing" in refused
    assert "quotes needs at least 1" in one.refused("verify_quotes", document="account.txt", quotes=[])
    assert "there is no file smal.yaml; did you mean 'small.yaml'?" in one.refused("solve", file="smal.yaml")
    assert "did you mean 'solve'?" in one.refused("sovle")
    assert "harm" in one.refused("solve", file="small.yaml", set={"harms": 1.0})
    assert one.refused("solve", file="small.yaml", levers=["x"] * 200)
    assert one.refused("solve", file="x" * 100_000)


def test_what_takes_too_long_is_stopped_and_says_how_it_goes(one: Assistant) -> None:
    told: list[tuple[float, str | None]] = []

    async def hear(done: float, total: float | None, words: str | None) -> None:
        told.append((done, words))

    async def slow() -> Any:
        return await one.client.call_tool("solve", {"file": "slow.yaml"}, progress_callback=hear)

    result = one.portal.call(slow)
    error = text_of(result)["error"]
    assert f"took more than {SECONDS} seconds and was stopped; ask for fewer draws" in error
    assert error.endswith("more --max-seconds")
    assert told[0][1] == "solving, for 1 s so far"
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert one.call("solve", file="small.yaml")["converged"]


def test_a_hundred_calls_at_once_are_all_answered(one: Assistant) -> None:
    values = [number / 100 for number in range(100)]
    found: dict[float, float] = {}

    async def ask(value: float) -> None:
        result = await one.client.call_tool("solve", {"file": "small.yaml", "set": {"gain": value}})
        found[value] = text_of(result)["endings"][0]["probability"]

    async def ask_all() -> None:
        async with anyio.create_task_group() as group:
            for value in values:
                group.start_soon(ask, value)

    one.portal.call(ask_all)
    assert [found[value] for value in values] == sorted(found.values())
    assert len(set(found.values())) == 100


def test_a_cancelled_call_ends_its_process(one: Assistant) -> None:
    one.call("solve", file="small.yaml")
    started = time.monotonic()
    assert one.portal.call(ended_when_left, one.client, "slow.yaml")
    assert time.monotonic() - started < SECONDS
    assert one.call("solve", file="small.yaml")["converged"]
