"""The texts that an assistant can read."""

from __future__ import annotations

from offramp.app.http_errors import Refused
from offramp.mcp.assistant_parts import AssistantResource
from offramp.mcp.desk import Desk
from offramp.mcp.kept_answers import ADDRESS


async def _answer(desk: Desk, key: str) -> str:
    text = desk.kept.read(key)
    if text is None:
        raise Refused(404, "there is no such answer, or it is no longer kept: call the tool again")
    return text


RESOURCES: tuple[AssistantResource, ...] = (
    AssistantResource(
        ADDRESS + "{answer}",
        "answer",
        "A long answer of a tool in full, at the address that the tool gave; followed by / and a key, that part of it",
        _answer,
        "application/json",
    ),
)
