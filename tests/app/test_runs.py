"""Runs are started, watched, stopped and gone on with from the workbench, and outlive it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import offramp
from tests.app.jobs import finished, started, until
from tests.app.served import SMALL, Served, serving

SLOW = SMALL.replace("options: [hold, strike]", f"options: [hold, strike{''.join(f', o{n}' for n in range(40))}]")


def test_a_run_of_a_saved_crisis_is_solved_listed_and_looked_at(served: Served) -> None:
    run = started(served, levers=["hotline"])
    row = until(served, run, finished)
    assert (row["title"], row["done"], row["draws"], row["seed"]) == ("One choice", 256, 256, 3)
    assert row["levers"] == ["hotline"]
    assert sum(one["mean"] for one in row["endings"].values()) == pytest.approx(1.0)
    found = served.client.get("/api/run", params={"run": run}).json()
    assert (found["manifest"]["seed"], found["crisis_path"], found["state"]) == (3, "small.yaml", "finished")
    assert served.client.post("/api/runs/go-on", json={"run": run}).status_code == 422
    assert served.client.post("/api/runs/stop", json={"run": run}).status_code == 409


NAMED = SMALL.replace(
    "war: answer == strike and reply == retaliate",
    "war: {if: answer == strike and reply == retaliate, name: the open war}",
)


def test_a_list_of_runs_has_the_names_of_endings_and_levers(tmp_path: Path) -> None:
    text = NAMED.replace("hotline: {", "hotline: {name: a tested line, ")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    with serving(tmp_path) as served:
        row = until(served, started(served, draws=8, levers=["hotline"]), finished)
    assert row["names"] == {
        "endings": {"war": "the open war", "quiet": "quiet"},
        "levers": {"hotline": "a tested line"},
    }


def test_the_run_of_a_setting_is_the_newest_with_its_text_levers_and_suppositions(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(tmp_path) as served:

        def of(text: str = SMALL, **more: Any) -> str | None:
            answer = served.client.post("/api/runs/of", json=served.setting(text, **more))
            assert answer.status_code == 200, answer.text
            return answer.json()["run"]  # type: ignore[no-any-return]

        assert of() is None
        plain, pulled, newest = (started(served, draws=8, levers=levers) for levers in ([], ["hotline"], []))
        for run in (plain, pulled, newest):
            until(served, run, finished)
        supposed = offramp.read(tmp_path / "small.yaml").supposing({"answer": "strike"})
        offramp.run(supposed, draws=512, seed=1, out=tmp_path / "runs" / "supposed")
        assert of() == newest
        assert of(levers=["hotline"]) == pulled
        assert of(supposed={"answer": "strike"}) == "runs/supposed"
        assert of(supposed={"answer": "hold"}) is None
        assert of(SMALL + "# another text\n") is None
        assert of(given={"gain": 1.0}) is None
        assert of(rationality=2.0) is None


def test_a_run_asks_and_hashes_no_file_outside_the_folder_of_its_crisis(served: Served) -> None:
    (served.folder.parent / "secret.txt").write_text("the secret phrase")
    (served.folder / "link.txt").symlink_to(served.folder.parent / "secret.txt")
    for file in ("../secret.txt", "link.txt", str(served.folder.parent / "secret.txt")):
        text = SMALL + f"sources:\n  s: {{title: S, file: {file}}}\n"
        text = text.replace("because: Another", 'because: Another, cite: s "no such phrase"')
        (served.folder / "nosy.yaml").write_text(text, encoding="utf-8")
        run = started(served, path="nosy.yaml", draws=8)
        until(served, run, finished)
        assert served.client.get("/api/run", params={"run": run}).json()["manifest"]["sources"] == {"s": None}


def test_a_shipped_crisis_is_run_into_the_opened_folder(served: Served) -> None:
    run = started(served, path="shipped:tehran-2024", draws=8)
    assert run.startswith("runs/tehran-2024-")
    until(served, run, finished)
    assert (served.folder / run / "report.html").is_file()


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"path": "nowhere.yaml"}, 404, "nowhere.yaml"),
        ({"path": "../small.yaml"}, 403, ".."),
        ({"draws": 0}, 422, "draws"),
        ({"draws": 1_000_001}, 422, "draws"),
        ({"seed": -1}, 422, "seed"),
        ({"levers": ["hotlien"]}, 422, "did you mean 'hotline'?"),
        ({"path": "broken.yaml"}, 422, "line"),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_reason(
    served: Served, asked: dict[str, Any], status: int, words: str
) -> None:
    (served.folder / "broken.yaml").write_text("format: 1\ntitle: x\n", encoding="utf-8")
    answer = served.client.post("/api/runs", json={"path": "small.yaml", "draws": 16, "seed": 1} | asked)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text


def test_two_runs_go_at_once_and_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SLOW, encoding="utf-8")
    with serving(tmp_path) as served:
        first, second, third = (started(served, draws=200_000, seed=seed) for seed in (1, 2, 3))
        until(served, first, lambda row: row["done"] > 0)
        rows = {row["run"]: row for row in served.client.get("/api/runs").json()["runs"]}
        assert rows[third]["state"] == "waiting"
        assert {rows[run]["state"] for run in (first, second)} == {"running"}
        for run in (third, second, first):
            assert served.client.post("/api/runs/stop", json={"run": run}).status_code == 200
        row = until(served, first, lambda row: row["state"] == "unfinished" and not row["ours"])
        assert 0 < row["done"] < row["draws"]
        assert served.client.post("/api/runs/go-on", json={"run": first}).status_code == 200
        assert until(served, first, lambda now: now["done"] > row["done"])["state"] == "running"
        assert served.client.post("/api/runs/go-on", json={"run": first}).status_code == 409
        assert served.client.post("/api/runs/stop", json={"run": first}).status_code == 200
        until(served, first, lambda row: row["state"] == "unfinished")


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "runs").write_text("in the way", encoding="utf-8")
    with serving(tmp_path) as served:
        run = started(served)
        row = until(served, run, lambda row: row["state"] == "failed")
        assert "is a file, not a folder" in row["message"]


def test_a_run_goes_on_by_itself_after_the_workbench_was_killed_and_a_stopped_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SLOW, encoding="utf-8")
    with serving(tmp_path) as served:
        going, stopped = started(served, draws=6_000), started(served, draws=6_000, seed=4)
        until(served, stopped, lambda row: row["done"] > 0)
        served.client.post("/api/runs/stop", json={"run": stopped})
        until(served, stopped, lambda row: row["state"] == "unfinished")
        served.process.kill()
        served.process.wait()
    with serving(tmp_path) as served:
        assert until(served, going, finished)["done"] == 6_000
        assert until(served, stopped, lambda row: True)["state"] == "unfinished"
    journal = json.loads((tmp_path / ".offramp" / "runs.json").read_text())["kept"]
    assert {entry["run"]: entry["state"] for entry in journal} == {going: "finished", stopped: "stopped"}
