"""The texts that a person can start a conversation with."""

from __future__ import annotations

from offramp.mcp.assistant_parts import AssistantPrompt

PROMPTS: tuple[AssistantPrompt, ...] = ()
