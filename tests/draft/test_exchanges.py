"""What is sent and answered is kept for its owner only, in the draft's own folder, and nowhere else."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from offramp.common.errors import OfframpError
from offramp.draft.exchanges import keep_exchange, messages_sha256
from offramp.draft.inquiry_state import Usage
from offramp.draft.prompts import Prompt, PromptMessage
from offramp.draft.provider import ServerReply
from tests.replay.loopback import request_hash

PROMPT = Prompt("extract", 1, (PromptMessage("system", "a"), PromptMessage("user", "¶1 é \ud800")), {"type": "object"})
REPLY = ServerReply('{"actors": []}', "small", "localhost:1", Usage(calls=1, input_tokens=7, output_tokens=3), True)


def test_an_exchange_is_written_for_its_owner_only_and_numbered(tmp_path: Path) -> None:
    first, second = keep_exchange(tmp_path, PROMPT, REPLY), keep_exchange(tmp_path, PROMPT, REPLY)
    assert [path.relative_to(tmp_path).as_posix() for path in (first, second)] == [
        "exchanges/001-extract.json",
        "exchanges/002-extract.json",
    ]
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    kept = json.loads(first.read_text(encoding="utf-8"))
    assert kept["answer"] == REPLY.text
    assert (kept["stage"], kept["host"], kept["model"]) == ("extract", "localhost:1", "small")
    assert (kept["input_tokens"], kept["output_tokens"], kept["tokens_counted_by_server"]) == (7, 3, True)
    assert len(kept["messages"]) == 2


def test_the_hash_of_an_exchange_is_the_one_that_recorded_answers_go_by() -> None:
    messages = PROMPT.messages[:1]
    plain = [{"role": message.role, "content": message.content} for message in messages]
    assert messages_sha256("small", messages) == request_hash("small", plain)


def test_a_folder_that_is_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "exchanges").mkdir(mode=0o755)
    keep_exchange(tmp_path, PROMPT, REPLY)
    assert stat.S_IMODE((tmp_path / "exchanges").stat().st_mode) == 0o700


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    draft = tmp_path / "draft"
    draft.mkdir()
    (draft / "exchanges").symlink_to(elsewhere)
    with pytest.raises(OfframpError, match="leads out of the draft's folder"):
        keep_exchange(draft, PROMPT, REPLY)
    assert list(elsewhere.iterdir()) == []


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "exchanges"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "041-timeline.json").write_text("{}", encoding="utf-8")
    assert keep_exchange(tmp_path, PROMPT, REPLY).name == "042-extract.json"
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
