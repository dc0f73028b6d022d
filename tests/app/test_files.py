"""Opening and saving crisis files through the workbench."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from offramp.app import page_files
from offramp.crisis.templates import template_line, template_text, templates
from tests.app.served import SMALL, Served


def test_hello_says_who_is_there_and_what_is_open(served: Served) -> None:
    said = served.client.get("/api/hello").json()
    assert said["version"] == version("offramp")
    assert (said["role"], said["match"], said["seat"], said["opened"]) == ("analyst", None, None, "crisis.yaml")
    assert said["folder"] == served.folder.name
    assert said["limits"] == {"file_bytes": 2_000_000, "nodes": 200_000, "draws": 1_000_000}


def test_the_folder_the_shipped_crises_and_the_templates_are_listed(served: Served) -> None:
    said = served.client.get("/api/files").json()
    titles = {file["path"]: file["title"] for file in said["files"]}
    assert titles["small.yaml"] == "One choice"
    tehran = next(crisis for crisis in said["shipped"] if crisis["path"] == "shipped:tehran-2024")
    assert tehran["title"] == titles["crisis.yaml"]
    assert tehran["summary"]
    assert [template["name"] for template in said["templates"]] == list(templates())
    for template in said["templates"]:
        assert template["says"] == template_line(template["name"])
        opened = served.client.get("/api/file", params={"path": template["path"]}).json()
        assert (opened["text"], opened["writable"]) == (template_text(template["name"]), False)
    assert not {template["path"] for template in said["templates"]} & {crisis["path"] for crisis in said["shipped"]}


def test_a_file_is_opened_saved_and_found_changed(served: Served) -> None:
    saved = served.client.put("/api/file", json={"path": "new.yaml", "text": SMALL, "was": None})
    assert saved.status_code == 200
    opened = served.client.get("/api/file", params={"path": "new.yaml"}).json()
    assert opened == {"path": "new.yaml", "text": SMALL, "sha": saved.json()["sha"], "writable": True}
    (served.folder / "new.yaml").write_text("of another")
    state = served.client.get("/api/file/state", params={"path": "new.yaml"}).json()
    assert state["sha"] != opened["sha"]
    refused = served.client.put("/api/file", json={"path": "new.yaml", "text": "mine", "was": opened["sha"]})
    assert refused.status_code == 409
    assert refused.json()["text"] == "of another"
    assert refused.json()["sha"] == state["sha"]
    assert (served.folder / "new.yaml").read_text() == "of another"
    (served.folder / "new.yaml").unlink()
    assert served.client.get("/api/file/state", params={"path": "new.yaml"}).json() == {"sha": None}


@pytest.mark.parametrize("path", ["../small.yaml", "/etc/passwd", "%2e%2e/x.yaml", ".hidden.yaml", "", "shipped:none"])
def test_paths_that_lead_out_are_refused_by_every_call(served: Served, path: str) -> None:
    asked = {"path": path, "text": SMALL}
    answers = [
        served.client.get("/api/file", params={"path": path}),
        served.client.get("/api/file/state", params={"path": path}),
        served.client.put("/api/file", json=asked | {"was": None}),
        served.client.post("/api/check", json=asked),
        served.client.post("/api/solve", json=served.setting(path=path) | {"client": "path", "number": 1}),
    ]
    for answer in answers:
        assert answer.status_code in (403, 404, 422) or (path.startswith("%") and answer.status_code == 200)
        if answer.status_code != 200:
            assert answer.json()["error"]
    assert not (served.folder.parent / "x.yaml").exists()


def test_a_shipped_crisis_is_opened_but_not_saved(served: Served) -> None:
    opened = served.client.get("/api/file", params={"path": "shipped:tehran-2024"}).json()
    assert not opened["writable"]
    asked = {"path": opened["path"], "text": "x", "was": opened["sha"]}
    assert served.client.put("/api/file", json=asked).status_code == 403


def test_the_page_is_fresh_and_what_it_is_made_of_is_kept(tmp_path: Path, served: Served) -> None:
    answer = served.client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    (tmp_path / "index.html").write_text("<!doctype html>" + "page " * 100)
    (tmp_path / "main-1.js").write_text("let long = 1;" * 100)
    files = dict(page_files._files(tmp_path))
    assert files["main-1.js"].kind == "text/javascript; charset=utf-8"
    assert 0 < len(files["main-1.js"].packed) < len(files["main-1.js"].content)


@pytest.mark.parametrize("name", ["../server.py", "..%2fserver.py", "%2e%2e/server.py", "index.html", "x.js", "a%00"])
def test_only_files_of_the_page_are_sent(served: Served, name: str) -> None:
    answer = served.client.get(f"/page/{name}")
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_a_draft_says_how_much_of_it_is_read_and_no_other_file_does(served: Served) -> None:
    (served.folder / "drafted").mkdir()
    (served.folder / "drafted/crisis.yaml").write_text(SMALL, encoding="utf-8")
    sidecar = served.folder / "drafted/crisis.draft.json"
    for route in ("/api/file", "/api/file/state"):
        sidecar.write_text('{"standing": {"model": "m-7", "read": 12, "total": 61}}', encoding="utf-8")
        said = served.client.get(route, params={"path": "drafted/crisis.yaml"}).json()
        assert said["draft"] == "draft by m-7, 12 of 61 assumptions read"
        sidecar.write_text('{"standing": {"model": "m-7", "read": 61, "total": 61}}', encoding="utf-8")
        assert "draft" not in served.client.get(route, params={"path": "drafted/crisis.yaml"}).json()
        assert "draft" not in served.client.get(route, params={"path": "small.yaml"}).json()
