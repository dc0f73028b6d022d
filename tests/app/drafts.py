"""Drafts of a workbench under test: a document, and the answers that a model would give to its prompts."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import Any

from tests.app.served import Served

EXAMPLE = files("offramp.draft").joinpath("prompt_texts", "example")
ACCOUNT = EXAMPLE.joinpath("account.txt").read_text(encoding="utf-8")
"""The account of the worked example that stands in the prompts; nothing else knows its answers."""
ANSWERS = tuple(
    EXAMPLE.joinpath(f"{stage}.json").read_text(encoding="utf-8") for stage in ("extract", "timeline", "numbers")
)
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def sent(text: str | bytes, name: str = "tolm.txt") -> dict[str, str]:
    """A document as the page sends it."""
    content = text if isinstance(text, bytes) else text.encode()
    return {"name": name, "content": base64.b64encode(content).decode()}


def begun(served: Served, folder: str, text: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """The state of a draft that is begun."""
    answer = served.client.post("/api/draft/begin", json=sent(text) | {"folder": folder, "as_of": "2031-05-09"} | more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def answered(served: Served, folder: str, text: str) -> dict[str, Any]:
    """The state of a draft after an answer."""
    answer = served.client.post("/api/draft/answer", json={"folder": folder, "answer": text})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def drafted(served: Served, folder: str) -> dict[str, Any]:
    """The state of a draft that is complete."""
    state = begun(served, folder)
    for text in ANSWERS:
        state = answered(served, folder, text)
    while state["prompt"]:  # nothing to mend or to reconsider
        state = answered(served, folder, '{"notes": []}')
    return state


def reviewed(served: Served, folder: str) -> dict[str, Any]:
    """The records of a draft in the order in which they are read."""
    answer = served.client.get("/api/draft/review", params={"folder": folder})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
