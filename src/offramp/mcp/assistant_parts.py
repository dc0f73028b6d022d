"""What an assistant is offered: a tool, a resource, a prompt. Each is one object in a list that the server serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offramp.app.schemas import RequestBody
from offramp.mcp.desk import Desk

Answer = Mapping[str, Any]
"""The answer of a tool, which becomes JSON; its first key is `sentence`, the answer in one sentence."""


@dataclass(frozen=True)
class AssistantTool:
    """A tool: its name, what it does, the schema of its arguments, and the function that does it.

    `writes`: whether it writes files.
    """

    name: str
    says: str
    arguments: type[RequestBody]
    work: Callable[[Any, Desk], Awaitable[Answer]]
    writes: bool = False


@dataclass(frozen=True)
class AssistantResource:
    """A text to read, at an address such as `offramp://starter`.

    An address may end in a part in braces, as `offramp://crisis/{file}` does: it stands for the rest of the address.
    `read` gets that part, which is empty for an address without one.
    """

    uri: str
    name: str
    says: str
    read: Callable[[Desk, str], Awaitable[str]]
    mime: str = "text/plain"

    @property
    def is_template(self) -> bool:
        return self.uri.endswith("}")

    @property
    def address(self) -> str:
        """The address without the `+` of a URI template, which says only that a part may hold a `/`."""
        return self.uri.replace("{+", "{")

    def part_of(self, uri: str) -> str | None:
        """The part of an address that stands for the braces; None if it is not an address of this resource.

        Examples
        --------
        >>> async def read(desk: Desk, part: str) -> str: return part
        >>> AssistantResource("offramp://crisis/{file}", "crisis", "A crisis file", read).part_of("offramp://crisis/a/b")
        'a/b'
        """
        if not self.is_template:
            return "" if uri == self.uri else None
        fixed = self.uri.partition("{")[0]
        return uri.removeprefix(fixed) if uri.startswith(fixed) and len(uri) > len(fixed) else None


@dataclass(frozen=True)
class AssistantPrompt:
    """A text that a person starts a conversation with.

    `arguments`: what each argument is, by name; all are needed. `text` makes the prompt of their values.
    """

    name: str
    says: str
    arguments: Mapping[str, str]
    text: Callable[[Mapping[str, str]], str]
