"""The tool `solve`: how a crisis ends, at the medians of its inputs."""

from __future__ import annotations

from offramp.mcp.assistant_parts import Answer, AssistantTool
from offramp.mcp.desk import Desk
from offramp.mcp.tasks import solve_task
from offramp.mcp.tools.common_arguments import ScenarioArguments


async def _solve(asked: ScenarioArguments, desk: Desk) -> Answer:
    scenario = desk.workspace.scenario(
        asked.file,
        given=asked.set,
        levers=asked.levers,
        rationality=asked.rationality,
        now=asked.now,
        supposed=asked.suppose,
    )
    # by a process that knows the crisis from its outset: what is supposed or pulled starts from there
    return await desk.call(solve_task.solve, scenario, doing="solving", key=scenario.at_outset.key)


SOLVE = AssistantTool(
    "solve",
    "Solve a crisis once, at the medians of its inputs: the probability of each ending. Ask what happens if inputs have"
    " other values (set), if levers are pulled (levers), or if a step goes a certain way (suppose). The tool"
    " `run` gives the spread over all that is uncertain.",
    ScenarioArguments,
    _solve,
)
