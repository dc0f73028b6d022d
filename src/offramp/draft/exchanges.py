"""What was sent to a model and what it answered, kept in the folder of a draft for its owner only."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.common.atomic import write_whole
from offramp.common.errors import OfframpError

if TYPE_CHECKING:
    from offramp.draft.prompts import Prompt, PromptMessage
    from offramp.draft.provider import ServerReply

EXCHANGES = "exchanges"
"""The folder of the exchanges, in the folder of the draft."""
_NUMBERED = re.compile(r"(\d{3,6})-[a-z]+\.json")


def messages_sha256(model: str, messages: Sequence[PromptMessage]) -> str:
    """The SHA-256 of a model's name and of messages: equal requests have the same."""
    plain = [[message.role, message.content] for message in messages]
    return hashlib.sha256(json.dumps([model, plain], ensure_ascii=False).encode(errors="replace")).hexdigest()


def keep_exchange(folder: Path, prompt: Prompt, reply: ServerReply) -> Path:
    """Write an exchange as `exchanges/NNN-STAGE.json`, and return the file.

    Raises
    ------
    OfframpError
        If it cannot be written, or the folder of the exchanges is a link.
    """
    content = {
        "stage": prompt.stage,
        "host": reply.host,
        "model": reply.model,
        "messages_sha256": messages_sha256(reply.model, prompt.messages),
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "answer": reply.text,
        "input_tokens": reply.usage.input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "tokens_counted_by_server": reply.is_counted,
    }
    target = folder / EXCHANGES
    try:
        target.mkdir(mode=0o700, exist_ok=True)
        if not stat.S_ISDIR(target.lstat().st_mode):
            raise OfframpError(f"{target} leads out of the draft's folder: remove that link")
        target.chmod(0o700)
        numbers = [int(found[1]) for path in target.iterdir() if (found := _NUMBERED.fullmatch(path.name))]
        path = target / f"{max(numbers, default=0) + 1:03}-{prompt.stage}.json"
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        write_whole(path, text.encode(errors="replace"), mode=0o600)
    except OSError as error:
        raise OfframpError(f"cannot write to {target}: {error.strerror or error}") from None
    return path
