"""The answer to the alignment of two rival drafts with the records of `tests.draft.briefs`: all is the same."""

from __future__ import annotations

import json
from typing import Any

from tests.draft.briefs import harbour

_BRIEF: dict[str, Any] = harbour()


def _row(key: str) -> dict[str, Any]:
    return {"key": key, "draft-1": key, "draft-2": key}


SAME = json.dumps(
    {
        "actors": [_row(actor["key"]) for actor in _BRIEF["actors"]],
        "steps": [_row(step["key"]) for step in _BRIEF["steps"] if step["kind"] != "tell"],
        "options": [_row(option["key"]) | {"step": option["of"]} for option in _BRIEF["options"]],
        "inputs": [_row(entry["key"]) for entry in _BRIEF["inputs"]],
        "endings": [
            {"key": ending["key"], "draft-1": [ending["key"]], "draft-2": [ending["key"]]}
            for ending in _BRIEF["endings"]
        ],
        "notes": [{"says": "The drafts are the same."}],
    }
)
