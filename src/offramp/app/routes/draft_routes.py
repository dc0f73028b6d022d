"""Routes of drafts: read a document, begin a draft, take the answers of a model, and review the records."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from weakref import WeakValueDictionary

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from offramp.app.draft_jobs import DraftJobs
from offramp.app.http_errors import Refused
from offramp.app.schemas import DOCUMENT_BYTES, Name, RequestBody
from offramp.app.schemas import Path as RequestPath
from offramp.app.tasks import draft_tasks, review_tasks
from offramp.app.tasks.review_tasks import Decided
from offramp.app.workbench import Bench, Workbench, json_response
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.draft.documents.source_document import Document

router = APIRouter()
FolderAsked = Query(min_length=1, max_length=1000)
RecordAsked = Query(min_length=1, max_length=400)
SERVED = tr(
    "this workbench is served to others, so it asks no provider: they would use the keys of its machine; copy the "
    "prompts, or run `offramp draft` there"
)
MAX_ANSWER = 2_000_000
"""Maximum number of characters of an answer of a model."""
HERE = "."
"""The opened folder itself, if it is a draft's."""


class DocumentSent(RequestBody):
    """A document: its file's name, and its bytes in base64."""

    name: Name
    content: Annotated[str, Field(max_length=4 * (DOCUMENT_BYTES + 2) // 3)]


class Beginning(DocumentSent):
    """A document to draft from, in a new folder."""

    folder: RequestPath
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None


class Answered(RequestBody):
    """The answer of a model to the prompt of a draft."""

    folder: RequestPath
    answer: Annotated[str, Field(max_length=MAX_ANSWER)]


class ProviderNamed(RequestBody):
    """A server that speaks the protocol of OpenAI, and the name of the environment variable that holds its key."""

    folder: RequestPath
    base_url: Annotated[str, Field(min_length=1, max_length=500)]
    model: Annotated[str, Field(min_length=1, max_length=100)]
    key_env: Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]{0,99})?$")] = ""


class Asking(ProviderNamed):
    """A provider to ask; `confirmed`: a person has agreed that the document is sent there."""

    confirmed: Literal[True]


class Stopping(RequestBody):
    """A draft whose provider is to be asked no more."""

    folder: RequestPath


class Deciding(RequestBody):
    """A decision on a record, which is as it was when it had the digest `seen`."""

    folder: RequestPath
    record: Annotated[str, Field(min_length=1, max_length=400)]
    seen: Annotated[str, Field(max_length=64)]
    verdict: Literal["accepted", "changed", "rejected", "not said"]
    by: Annotated[str, Field(min_length=1, max_length=100)]
    change: dict[Name, Annotated[str, Field(max_length=4_000)]] = Field(default_factory=dict, max_length=30)
    still_quoted: bool = False


class TakingBack(RequestBody):
    """The last decision on a draft, to be taken back."""

    folder: RequestPath
    by: Annotated[str, Field(min_length=1, max_length=100)]


async def begin(bench: Workbench) -> None:
    jobs = bench.parts["drafts"] = DraftJobs(bench.folder)
    bench.closing.append(jobs.close)
    bench.parts["draft locks"] = WeakValueDictionary()
    bench.parts["documents"] = asyncio.Semaphore(1)


@router.post("/api/draft/read")
async def read(body: DocumentSent, bench: Bench) -> Response:
    """The numbered paragraphs of a document, and what was left out; nothing is written."""
    document = await _document(body, bench)
    return json_response(
        {
            "name": document.name,
            "title": document.title,
            "paragraphs": document.paragraphs,
            "dropped": document.dropped,
            "rule": document.rule,
            "suspicious": document.suspicious,
        }
    )


@router.post("/api/draft/begin")
async def begin_draft(body: Beginning, bench: Bench, request: Request) -> Response:
    """Begin a draft in a new folder."""
    target = bench.folder.within(body.folder, "folder")
    if target.exists():
        raise Refused(409, f"there is {body.folder} already: give the draft a folder of its own")
    if not target.parent.is_dir():
        raise Refused(422, f"the folder of {body.folder} does not exist")
    document = await _document(body, bench)
    async with _alone(body.folder, bench) as target:
        state = await bench.side.call(draft_tasks.begin, document, target, body.as_of, once=True)
    return json_response(_in_full(body.folder, state, bench, request))


@router.get("/api/drafts")
async def drafts(bench: Bench) -> Response:
    """The folders of the drafts in the opened folder."""
    return json_response({"drafts": await asyncio.to_thread(bench.folder.drafts)})


@router.get("/api/draft")
async def state(bench: Bench, request: Request, folder: Annotated[str, FolderAsked]) -> Response:
    """The state of a draft."""
    found = await bench.side.call(draft_tasks.state, _folder(folder, bench))
    return json_response(_in_full(folder, found, bench, request))


@router.post("/api/draft/answer")
async def answer(body: Answered, bench: Bench, request: Request) -> Response:
    """Go on with a draft by the answer to its prompt."""
    async with _alone(body.folder, bench) as target:
        found = await bench.slow.call(draft_tasks.answer, target, body.answer, once=True)
    return json_response(_in_full(body.folder, found, bench, request))


@router.post("/api/draft/sending")
async def sending(body: ProviderNamed, bench: Bench, request: Request) -> Response:
    """What is sent, where, and at most how much, if a provider is asked; nothing is sent."""
    _check_own(request)
    target = _folder(body.folder, bench)
    return json_response(await bench.side.call(draft_tasks.sending, target, body.base_url, body.key_env))


@router.post("/api/draft/ask")
async def ask(body: Asking, bench: Bench, request: Request) -> Response:
    """Ask a provider from here on, by `offramp draft`, in a process of its own."""
    _check_own(request)
    async with _alone(body.folder, bench) as target:
        sent = await bench.side.call(draft_tasks.sending, target, body.base_url, body.key_env)
        if sent["key"] == "not set":
            raise Refused(422, f"the variable {body.key_env} is not set in the process of `offramp app`")
        options = ["--yes", f"--model={body.model}", f"--base-url={body.base_url}"]
        options += [f"--key-env={body.key_env}"] if body.key_env else []
        await _jobs(bench).start(body.folder, target, body.model, sent["host"], options)
    return await state(bench, request, body.folder)


@router.post("/api/draft/stop")
async def stop(body: Stopping, bench: Bench) -> Response:
    """Stop asking a provider; what was answered is kept."""
    _jobs(bench).stop(body.folder)
    return json_response({})


@router.get("/api/draft/review")
async def review(bench: Bench, folder: Annotated[str, FolderAsked]) -> Response:
    """The records of a draft in the order in which they are read."""
    found = await bench.slow.call(review_tasks.review, _folder(folder, bench))
    return json_response(_with_paths(folder, found))


@router.get("/api/draft/falls")
async def falls(bench: Bench, folder: Annotated[str, FolderAsked], record: Annotated[str, RecordAsked]) -> Response:
    """What falls with a record that is rejected."""
    return json_response(await bench.side.call(review_tasks.falls, _folder(folder, bench), record))


@router.post("/api/draft/decide")
async def decide(body: Deciding, bench: Bench) -> Response:
    """Store a decision on a record; the crisis file is written again."""
    day = bench.clock().date().isoformat()
    decided = Decided(body.record, body.seen, body.verdict, body.by, day, body.change, body.still_quoted)
    async with _alone(body.folder, bench) as target:
        found = await bench.side.call(review_tasks.decide, target, decided, once=True)
    return json_response(_with_paths(body.folder, found))


@router.post("/api/draft/undo")
async def undo(body: TakingBack, bench: Bench) -> Response:
    """Take back the last decision on a draft."""
    day = bench.clock().date().isoformat()
    async with _alone(body.folder, bench) as target:
        found = await bench.side.call(review_tasks.undo, target, body.by, day, once=True)
    return json_response(_with_paths(body.folder, found))


def _check_own(request: Request) -> None:
    """Refused if the workbench is served to others: they would use the keys and the network of its machine."""
    if request.app.state.door is not None:
        raise Refused(403, SERVED)


async def _document(body: DocumentSent, bench: Workbench) -> Document:
    """The document of a request, read in a process of its own, one at a time."""
    from offramp.draft.documents.source_document import document_of

    try:
        content = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, "content: expected the document's bytes in base64") from None
    name = re.sub(r"[\x00-\x1f\x7f/\\]+", "_", body.name)
    async with bench.parts["documents"]:
        return await asyncio.to_thread(document_of, Path(name), content)


@asynccontextmanager
async def _alone(folder: str, bench: Workbench) -> AsyncIterator[Path]:
    """The folder of a draft, which only one request, and no provider, changes at a time."""
    target = _folder(folder, bench)
    locks: WeakValueDictionary[str, asyncio.Lock] = bench.parts["draft locks"]
    async with locks.setdefault(str(target), asyncio.Lock()):
        _jobs(bench).check_idle(folder)
        yield target


def _folder(folder: str, bench: Workbench) -> Path:
    """The absolute path of a draft's folder."""
    return bench.folder.root if folder == HERE else bench.folder.within(folder, "folder")


def _with_paths(folder: str, found: dict[str, Any]) -> dict[str, Any]:
    """An answer about a draft, with the path of its crisis file as in requests."""
    crisis = found["crisis"]
    return found | {"crisis": crisis if crisis is None or folder == HERE else f"{folder}/{crisis}"}


def _in_full(folder: str, state: dict[str, Any], bench: Workbench, request: Request) -> dict[str, Any]:
    """The state of a draft, with paths as in requests, with its provider, and why none can be asked."""
    refused = None if request.app.state.door is None else SERVED
    more = {"folder": folder, "work": _jobs(bench).row(folder), "refused": refused}
    if _jobs(bench).going(folder):  # asked for every second, and nobody answers it by hand
        more["prompt"] = None
    return _with_paths(folder, state) | more


def _jobs(bench: Workbench) -> DraftJobs:
    jobs: DraftJobs = bench.parts["drafts"]
    return jobs
