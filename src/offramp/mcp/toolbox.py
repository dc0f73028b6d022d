"""The tools that the server offers, in the order in which an assistant needs them."""

from __future__ import annotations

from offramp.mcp.assistant_parts import AssistantTool
from offramp.mcp.tools.brief_tools import OF_DOCUMENTS
from offramp.mcp.tools.crisis_studies import OF_CRISES
from offramp.mcp.tools.file_tools import OF_FILES, RUN
from offramp.mcp.tools.reading_tools import FILES, READ
from offramp.mcp.tools.run_studies import OF_RUNS
from offramp.mcp.tools.solve_tool import SOLVE

TOOLS: tuple[AssistantTool, ...] = (FILES, READ, *OF_FILES, SOLVE, RUN, *OF_CRISES, *OF_RUNS, *OF_DOCUMENTS)
