"""Named scenarios lie in a file beside the crisis, which is written whole and read within bounds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.app.scenario_files import FILE_BYTES, MOST, NamedScenario, read_scenarios, save_scenarios
from tests.app.served import SMALL, Served
from tests.examples import examples
from tests.mutations import HOSTILE, changed_bytes

CALM = {
    "name": "calm",
    "given": {"gain": 0.5},
    "levers": ["hotline"],
    "rationality": 2.5,
    "now": True,
    "supposed": {"answer": "strike"},
}
PLAIN = {"name": "plain", "given": {}, "levers": [], "rationality": None, "now": False, "supposed": {}}


@pytest.fixture
def opened(tmp_path: Path) -> Folder:
    """A folder with a crisis, in another folder."""
    root = tmp_path / "opened"
    root.mkdir()
    (root / "small.yaml").write_text(SMALL, encoding="utf-8")
    return Folder(root.resolve(), {"mine": root / "small.yaml"})


def content(*scenarios: Any, **more: Any) -> bytes:
    return json.dumps({"format": 1, "scenarios": list(scenarios), **more}).encode()


def test_scenarios_are_kept_beside_the_crisis_and_read_again(served: Served) -> None:
    asked = {"path": "small.yaml"}
    none = served.client.get("/api/scenarios", params=asked).json()
    assert none == {"path": "small.scenarios.json", "scenarios": [], "sha": None, "writable": True}
    saved = served.client.put("/api/scenarios", json=asked | {"scenarios": [CALM, PLAIN], "was": None})
    assert saved.status_code == 200
    file = served.folder / "small.scenarios.json"
    assert json.loads(file.read_text(encoding="utf-8")) == {"format": 1, "scenarios": [CALM, PLAIN]}
    assert served.client.get("/api/scenarios", params=asked).json() == saved.json()
    file.write_bytes(content(PLAIN))
    refused = served.client.put("/api/scenarios", json=asked | {"scenarios": [], "was": saved.json()["sha"]})
    assert (refused.status_code, file.read_bytes()) == (409, content(PLAIN))
    assert "has changed on disk" in refused.json()["error"]
    sha = served.client.get("/api/scenarios", params=asked).json()["sha"]
    assert served.client.put("/api/scenarios", json=asked | {"scenarios": [], "was": sha}).status_code == 200
    twice = served.client.put("/api/scenarios", json=asked | {"scenarios": [PLAIN, PLAIN], "was": None})
    assert twice.status_code == 422
    assert "two scenarios have the same name" in twice.json()["error"]
    assert {row["path"] for row in served.client.get("/api/files").json()["files"]} >= {"small.yaml"}
    file.unlink()


def test_a_crisis_that_comes_with_offramp_keeps_no_scenarios(opened: Folder) -> None:
    assert read_scenarios(opened, "shipped:mine").writable is False
    with pytest.raises(Refused, match="keeps no scenarios"):
        save_scenarios(opened, "shipped:mine", (), None)


@pytest.mark.parametrize("path", ["../small.yaml", "/etc/x.yaml", ".x.yaml", "a/../b.yaml", "small.json", "shipped:x"])
def test_paths_that_lead_out_are_refused(opened: Folder, path: str) -> None:
    with pytest.raises(Refused):
        read_scenarios(opened, path)
    with pytest.raises(Refused):
        save_scenarios(opened, path, (), None)


def test_a_link_out_of_the_folder_is_neither_read_nor_written(opened: Folder) -> None:
    secret = opened.root.parent / "secret.json"
    secret.write_bytes(content({**PLAIN, "name": "secret"}))
    (opened.root / "small.scenarios.json").symlink_to(secret)
    for use in (lambda: read_scenarios(opened, "small.yaml"), lambda: save_scenarios(opened, "small.yaml", (), None)):
        with pytest.raises(Refused, match="leads out of the opened folder"):
            use()
    assert b"secret" in secret.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_not_waited_for(opened: Folder) -> None:
    os.mkfifo(opened.root / "small.scenarios.json")
    with pytest.raises(Refused, match="not a regular file"):
        read_scenarios(opened, "small.yaml")


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (b" " * (FILE_BYTES + 1), "larger than 200,000 bytes"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"scenarios": ' * 5_000, "nested too deeply"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"", "is not JSON"),
        (b"[]", "no file of scenarios"),
        (content(format=2), "format"),
        (content(more=1), "more"),
        (content(*({**PLAIN, "name": str(number)} for number in range(MOST + 1))), "at most 50 entries"),
        (content(PLAIN, PLAIN), "two scenarios have the same name"),
        (content({**PLAIN, "name": "x" * 81}), "at most 80 characters"),
        (content({**PLAIN, "name": " "}), "a name of printable characters"),
        (content({**PLAIN, "name": "\u202egnissim"}), "a name of printable characters"),
        (content({**PLAIN, "name": "\ud800"}), "scenarios.0.name"),
        (content({**PLAIN, "given": {"gain": float("nan")}}), "not finite"),
        (content({**PLAIN, "given": {"gain": 1}}).replace(b"1}", b"1e999}"), "not finite"),
        (content({**PLAIN, "given": {"gain": 1}}).replace(b"1}", b"1" * 400 + b"}"), "no file of scenarios"),
        (content({**PLAIN, "given": {"gain": 1}}).replace(b"1}", b"1" * 5_000 + b"}"), "no file of scenarios"),
        (content({**PLAIN, "given": {"gain": True}}), "scenarios.0.given.gain"),
        (content({**PLAIN, "given": {"gain": "1"}}), "scenarios.0.given.gain"),
        (content({**PLAIN, "given": {f"x{number}": 1 for number in range(1001)}}), "at most 1,000 entries"),
        (content({**PLAIN, "given": {"x" * 201: 1}}), "at most 200 characters"),
        (content({**PLAIN, "rationality": -1}), "scenarios.0.rationality"),
        (content({**PLAIN, "levers": [["hotline"]]}), "scenarios.0.levers.0"),
        (content({**PLAIN, "supposed": {"answer": ["hold"]}}), "scenarios.0.supposed.answer"),
        (content({**PLAIN, "text": "format: 1"}), "scenarios.0.text"),
    ],
)
def test_a_file_from_a_stranger_is_read_within_bounds(opened: Folder, damaged: bytes, message: str) -> None:
    (opened.root / "small.scenarios.json").write_bytes(damaged)
    with pytest.raises(Refused, match=message) as refused:
        read_scenarios(opened, "small.yaml")
    assert refused.value.status in (403, 413, 422)
    assert len(refused.value.message) < 500
    with pytest.raises(Refused):
        save_scenarios(opened, "small.yaml", (), None)
    assert (opened.root / "small.scenarios.json").read_bytes() == damaged


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed_bytes(content(CALM, PLAIN)) | st.sampled_from(HOSTILE).map(lambda value: content(value)))
def test_a_damaged_file_is_refused_or_read(opened: Folder, damaged: bytes) -> None:
    (opened.root / "small.scenarios.json").write_bytes(damaged)
    try:
        kept = read_scenarios(opened, "small.yaml")
    except Refused:
        return
    assert all(isinstance(scenario, NamedScenario) for scenario in kept.scenarios)


def test_scenarios_whose_names_are_no_longer_there_are_read(opened: Folder) -> None:
    gone = {**CALM, "given": {"no_such": 1.0}, "levers": ["none"], "supposed": {"nothing@3": "never"}}
    (opened.root / "small.scenarios.json").write_bytes(content(gone))
    (scenario,) = read_scenarios(opened, "small.yaml").scenarios
    assert scenario.model_dump(mode="json") == gone


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_scenarios_of_a_folder_that_cannot_be_written_are_shown(opened: Folder) -> None:
    (opened.root / "small.scenarios.json").write_bytes(content(PLAIN))
    opened.root.chmod(0o500)
    kept = read_scenarios(opened, "small.yaml")
    with pytest.raises(Refused, match="cannot write"):
        save_scenarios(opened, "small.yaml", (), kept.sha)
    opened.root.chmod(0o700)
    assert (len(kept.scenarios), kept.writable) == (1, False)
