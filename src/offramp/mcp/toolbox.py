"""The tools that the server offers, in the order in which an assistant needs them."""

from __future__ import annotations

from offramp.mcp.assistant_parts import AssistantTool
from offramp.mcp.tools.solve_tool import SOLVE

TOOLS: tuple[AssistantTool, ...] = (SOLVE,)
