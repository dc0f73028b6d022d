"""What the server answers: tools, resources and prompts, each error with what to do about it."""

from __future__ import annotations

import json
import traceback
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused, refusal_of
from offramp.common.errors import OfframpError
from offramp.common.value_mistakes import mistake_in_words
from offramp.common.words import expected, quoted
from offramp.mcp.assistant_parts import AssistantTool
from offramp.mcp.assistant_prompts import PROMPTS
from offramp.mcp.calls import Calls, Caps
from offramp.mcp.desk import Desk
from offramp.mcp.kept_answers import KeptAnswers
from offramp.mcp.resources import RESOURCES, text_at
from offramp.mcp.toolbox import TOOLS
from offramp.mcp.workspace import Workspace

Context = ServerRequestContext[Any]

INTERNAL = "the server has an internal error; its standard error shows the details"
MOST_ARGUMENT = 20_000
"""Maximum number of characters of an argument of a prompt."""


class ProtocolMethods:
    """What the server does for an assistant that works on one folder."""

    def __init__(self, folder: Folder, caps: Caps, *, overwrite: bool = False) -> None:
        self.workspace = Workspace(folder, overwrite)
        self.caps = caps
        self.calls = Calls(caps)
        self.kept = KeptAnswers()

    def _desk(self, ctx: Context) -> Desk:
        return Desk(self.workspace, self.caps, self.calls, self.kept, ctx.session.report_progress)

    async def list_tools(self, ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS])

    async def call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await self._answer(params.name, params.arguments or {}, self._desk(ctx))
        except Refused as refused:
            return self._refused(refused)
        except OfframpError as error:
            return self._refused(refusal_of(error))
        except Exception:
            traceback.print_exc()  # to standard error: standard output carries only the protocol
            return self._refused(Refused(500, INTERNAL))
        found = self.kept.answer(answer)
        content: list[types.ContentBlock] = [types.TextContent(type="text", text=found.text)]
        if found.address is not None:
            name = f"{params.name} in full"
            link = types.ResourceLink(
                uri=found.address, name=name, description=name, mime_type="application/json", size=found.size
            )
            content.append(link)
        return types.CallToolResult(content=content)

    async def _answer(self, name: str, arguments: dict[str, Any], desk: Desk) -> Any:
        tool = next((tool for tool in TOOLS if tool.name == name), None)
        if tool is None:
            hint = expected(name, [tool.name for tool in TOOLS], limit=20)
            raise Refused(404, f"there is no tool {quoted(name)}{hint}")
        try:
            asked = tool.arguments.model_validate_json(json.dumps(arguments))
        except ValidationError as error:
            raise _not_understood(tool, error) from None
        except ValueError:  # half of a character
            raise Refused(422, "the arguments hold half of a character (a lone surrogate); remove it") from None
        return await tool.work(asked, desk)

    def _refused(self, refused: Refused) -> types.CallToolResult:
        """The answer that says what is wrong and what to do, without paths of this machine."""
        more = {key: value for key, value in refused.more.items() if key != "text"}
        message = INTERNAL if refused.status == 500 else self._without_paths(refused.message)
        found = {"error": message, **_each_text(more, self._without_paths)}
        text = self.kept.answer(found).text
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)

    def _without_paths(self, message: str) -> str:
        return self.workspace.folder.without_paths(message)

    async def list_resources(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        listed = [
            types.Resource(uri=one.uri, name=one.name, description=one.says, mime_type=one.mime)
            for one in RESOURCES
            if not one.is_template
        ]
        return types.ListResourcesResult(resources=listed)

    async def list_resource_templates(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        listed = [
            types.ResourceTemplate(uri_template=one.uri, name=one.name, description=one.says, mime_type=one.mime)
            for one in RESOURCES
            if one.is_template
        ]
        return types.ListResourceTemplatesResult(resource_templates=listed)

    async def read_resource(self, ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        try:
            text, mime = await text_at(self._desk(ctx), uri)
        except Refused as refused:
            raise MCPError(types.INVALID_PARAMS, self._without_paths(refused.message)) from None
        except OfframpError as error:
            raise MCPError(types.INVALID_PARAMS, self._without_paths(refusal_of(error).message)) from None
        except Exception:
            traceback.print_exc()
            raise MCPError(types.INTERNAL_ERROR, INTERNAL) from None
        content = types.TextResourceContents(uri=uri, text=text, mime_type=mime)
        return types.ReadResourceResult(contents=[content])

    async def list_prompts(self, ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        listed = [
            types.Prompt(
                name=prompt.name,
                description=prompt.says,
                arguments=[
                    types.PromptArgument(name=name, description=says, required=True)
                    for name, says in prompt.arguments.items()
                ],
            )
            for prompt in PROMPTS
        ]
        return types.ListPromptsResult(prompts=listed)

    async def get_prompt(self, ctx: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        prompt = next((prompt for prompt in PROMPTS if prompt.name == params.name), None)
        if prompt is None:
            hint = expected(params.name, [prompt.name for prompt in PROMPTS])
            raise MCPError(types.INVALID_PARAMS, f"there is no prompt {quoted(params.name)}{hint}")
        given = params.arguments or {}
        if given.keys() != prompt.arguments.keys() or any(len(text) > MOST_ARGUMENT for text in given.values()):
            wanted = ", ".join(prompt.arguments) or "none"
            raise MCPError(
                types.INVALID_PARAMS,
                f"{prompt.name} takes these arguments, of at most {MOST_ARGUMENT:,} characters each: {wanted}",
            )
        content = types.TextContent(type="text", text=prompt.text(given))
        message = types.PromptMessage(role="user", content=content)
        return types.GetPromptResult(description=prompt.says, messages=[message])


def _described(tool: AssistantTool) -> types.Tool:
    hints = types.ToolAnnotations(
        read_only_hint=not tool.writes, destructive_hint=False, idempotent_hint=not tool.writes, open_world_hint=False
    )
    schema = tool.arguments.model_json_schema(schema_generator=_Untitled)
    for of_class in ("title", "description"):  # for readers of the code
        schema.pop(of_class, None)
    return types.Tool(name=tool.name, description=tool.says, input_schema=schema, annotations=hints)


class _Untitled(GenerateJsonSchema):
    """Makes schemas whose fields have no titles: these would say the names again, and assistants pay by the word."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _not_understood(tool: AssistantTool, error: ValidationError) -> Refused:
    """What is wrong with the arguments: every mistake, with the nearest right name for a wrong one."""
    fields = list(tool.arguments.model_fields)
    faults = []
    for mistake in error.errors(include_url=False)[:20]:
        place = ".".join(str(part) for part in mistake["loc"])[:120] or "the arguments"
        match mistake["type"]:
            case "missing":
                faults.append(f"{place} is missing")
            case "extra_forbidden":
                faults.append(f"{place} is no argument{expected(place, fields)}")
            case "too_short":
                faults.append(f"{place} needs at least {mistake['ctx']['min_length']}")
            case _:
                faults.append(f"{place}: {mistake_in_words(mistake)[:200]}")
    return Refused(422, f"{tool.name} does not take this: {'; '.join(faults)}")


def _each_text(value: Any, change: Any) -> Any:
    """A JSON value with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(one, change) for one in value]
    return value
