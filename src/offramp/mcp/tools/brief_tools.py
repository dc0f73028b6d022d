"""The tools on a document: quotes looked up in it, and a brief of records compiled to the draft of a crisis."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from offramp.app.schemas import Path, RequestBody
from offramp.mcp.assistant_parts import Answer, AssistantTool
from offramp.mcp.desk import Desk
from offramp.mcp.tasks import brief_tasks

Document = Annotated[
    Path, Field(description="A document in the folder: text, Markdown, a saved page or PDF, such as account.txt")
]


class Quotation(RequestBody):
    """Words that are said to stand in a document."""

    quote: Annotated[str, Field(min_length=1, max_length=2_000, description="The words, copied letter by letter")]
    para: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The number of the paragraph in which they should stand"
    )


class _VerifyQuotes(RequestBody):
    document: Document
    quotes: tuple[Quotation, ...] = Field(
        min_length=1, max_length=1_000, description="The words to look up, each with its paragraph if that is known"
    )


class _CompileBrief(RequestBody):
    document: Document
    brief: dict[str, Any] = Field(description="The records, in the form of the schema at offramp://brief-schema")
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = Field(
        default=None, description="The day whose knowledge the document has, such as 2031-03-02"
    )
    model: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        default="an assistant", description="Who wrote the brief: the name of the language model"
    )
    out: Path | None = Field(
        default=None, description="Write the draft into this new folder if it compiles, for a person to review"
    )


async def _verify_quotes(asked: _VerifyQuotes, desk: Desk) -> Answer:
    document = desk.workspace.folder.within(asked.document, "document")
    quotes = [(one.quote, one.para) for one in asked.quotes]
    return await desk.call(brief_tasks.verify_quotes, document, quotes, doing="looking up quotes", long=True)


async def _compile_brief(asked: _CompileBrief, desk: Desk) -> Answer:
    document = desk.workspace.folder.within(asked.document, "document")
    folder = None if asked.out is None else desk.workspace.check_new(asked.out)
    answer = await desk.call(
        brief_tasks.compile_brief,
        document,
        asked.brief,
        asked.as_of,
        asked.model,
        folder,
        doing="compiling",
        long=True,
    )
    if asked.out is None or not answer.get("ok"):
        return answer
    written = [f"{asked.out}/{name}" for name in ("crisis.yaml", "crisis.draft.json", "sources/account.txt")]
    return answer | {"written": written, "next": f"A person reviews it: offramp review {asked.out}"}


OF_DOCUMENTS = (
    AssistantTool(
        "verify_quotes",
        "Whether words stand in a document: each quote is found exactly, or but for quotation marks, dashes, case and"
        " white space, or in another paragraph, or not at all. The paragraphs: offramp://account/DOCUMENT.",
        _VerifyQuotes,
        _verify_quotes,
    ),
    AssistantTool(
        "compile_brief",
        "Compile a brief, the records that you found in a document with their quotes, to a crisis file. Every quote is"
        " looked up; faults are named by record. With `out` the draft is written for a person, who reviews each"
        " assumption: nothing is accepted here.",
        _CompileBrief,
        _compile_brief,
        writes=True,
    ),
)
