"""A session of a real assistant: what it asked Offramp, what it was told, and what it made of it.

The calls in `tehran_session.json` are those that an assistant made when it was asked the question there; the reply is
its own. `python -m tests.mcp.recorded_session` makes the same calls again and writes the answers anew, for instance
after a change of the crisis; the reply then has to be written anew by hand.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.mcp.assistants import Assistant, assistant, text_of

SESSION = Path(__file__).with_name("tehran_session.json")


def session() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SESSION.read_text(encoding="utf-8"))
    return found


def answered(one: Assistant, step: dict[str, Any]) -> dict[str, Any]:
    """A step with what the server answers to it now: of a text that is read, how it begins; of a tool, everything."""
    if "read" in step:
        return {"read": step["read"], "begins": one.read(step["read"])[:80]}
    result = one.result(step["tool"], **step["arguments"])
    asked = {"tool": step["tool"], "arguments": step["arguments"]}
    return asked | {"error" if result.is_error else "answer": text_of(result)}


def main() -> None:
    with tempfile.TemporaryDirectory() as root, assistant(Path(root).resolve()) as one:
        found = session()
        found["steps"] = [answered(one, step) for step in found["steps"]]
    SESSION.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
