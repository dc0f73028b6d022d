"""The texts that a person can start a conversation with."""

from __future__ import annotations

from collections.abc import Mapping

from offramp.common.printable import printable
from offramp.mcp.assistant_parts import AssistantPrompt
from offramp.mcp.language_pages import assistant_text


def _prompt(name: str, argument: str, is_: str, says: str) -> AssistantPrompt:
    """A prompt with one argument, from the text `NAME_prompt.md`, in which the argument stands in braces."""

    def text(given: Mapping[str, str]) -> str:
        shown = " ".join(printable(given[argument]).split()).replace("`", "'")
        return assistant_text(f"{name}_prompt.md").replace(f"{{{argument}}}", shown)

    return AssistantPrompt(name, says, {argument: is_}, text)


PROMPTS: tuple[AssistantPrompt, ...] = (
    _prompt(
        "draft",
        "document",
        "The document in the folder, such as account.txt",
        "Draft a crisis file from a document: a brief with quotes, compiled, for a person to review",
    ),
    _prompt(
        "red_team",
        "file",
        "The crisis file in the folder, such as crisis.yaml",
        "Criticise a crisis file: what is missing, what is not supported, what decides everything; change nothing",
    ),
)
