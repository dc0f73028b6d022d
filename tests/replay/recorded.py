"""Answers recorded for the accounts of `tests/accounts`, and drafts made again from them.

`exchanges/ACCOUNT/STAGE-N.json` holds one exchange: the model, the SHA-256 of what it was asked, and its answer. An
answer belongs to the very words of its prompt. If a prompt changes, its answers are out of date.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from offramp.draft.documents.source_document import read_document
from offramp.draft.drafting import advance, begin
from offramp.draft.prompts import Prompt
from offramp.draft.sidecar import Draft
from offramp.draft.stages import next_prompt
from tests.accounts.scoring import expected_of
from tests.replay.loopback import Asked, Reply, UnknownRequestError, request_hash

EXCHANGES = Path(__file__).parent / "exchanges"


class PromptChangedError(UnknownRequestError):
    """A prompt is not the one that its recorded answer was given to."""


@dataclass(frozen=True)
class Recorded:
    """One exchange: the answer to the prompt with that number."""

    path: Path
    stage: str
    number: int
    model: str
    messages_sha256: str
    answer: str


@dataclass(frozen=True)
class Walk:
    """A draft made from recorded answers: its folder, and the draft after each answer, the last one done."""

    folder: Path
    drafts: tuple[Draft, ...]

    @property
    def draft(self) -> Draft:
        """The draft at its end."""
        return self.drafts[-1]


def recorded_accounts() -> list[str]:
    """The accounts that have recorded answers."""
    return sorted({path.parent.name for path in EXCHANGES.glob("*/*.json")})


def recorded(account: str) -> list[Recorded]:
    """The exchanges of an account in their order."""
    found = []
    for path in (EXCHANGES / account).glob("*.json"):
        stage, _, number = path.stem.rpartition("-")
        content = json.loads(path.read_text(encoding="utf-8"))
        answer = content["answer"]
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        found.append(Recorded(path, stage, int(number), content["model"], content["messages_sha256"], text))
    return sorted(found, key=lambda one: one.number)


def begun(account: str, folder: Path, model: str) -> Draft:
    """The draft of an account before its first answer."""
    expected = expected_of(account)
    return begin(read_document(expected.document), folder, expected.as_of, model)


def hash_of(prompt: Prompt, model: str) -> str:
    """The SHA-256 of a prompt as a client sends it to a model."""
    return request_hash(model, [{"role": one.role, "content": one.content} for one in prompt.messages])


def replayed(account: str, folder: Path) -> Walk:
    """The draft that the recorded answers of an account make.

    Raises
    ------
    PromptChangedError
        If a prompt is not the one that its answer was given to, or has no answer.
    """
    exchanges = recorded(account)
    drafts = [begun(account, folder, exchanges[0].model)]
    for one in exchanges:
        prompt = next_prompt(drafts[-1], folder)
        if prompt is None or hash_of(prompt, one.model) != one.messages_sha256:
            raise PromptChangedError(_changed(account, one))
        drafts.append(advance(folder, drafts[-1], one.answer))
    if drafts[-1].stage != "done":
        raise PromptChangedError(f"{account}: the stage {drafts[-1].stage!r} has no recorded answer: run `make record`")
    return Walk(folder, tuple(drafts[1:]))


def answering(account: str) -> Callable[[Asked], Reply]:
    """What a loopback server answers from an account's recorded exchanges."""
    exchanges = recorded(account)
    by_hash = {one.messages_sha256: one for one in exchanges}
    given: list[Recorded] = []

    def answer(asked: Asked) -> Reply:
        one = by_hash.get(request_hash(asked.model, asked.messages))
        if one is None:
            following = exchanges[len(given)] if len(given) < len(exchanges) else exchanges[-1]
            raise PromptChangedError(_changed(account, following))
        given.append(one)
        return Reply(one.answer)

    return answer


def _changed(account: str, one: Recorded) -> str:
    return (
        f"the prompt of stage {one.stage!r} changed since {account}/{one.path.name} was recorded: run `make record` "
        "with a model, or `python -m tests.replay.record --keep-answers` if the answers still stand"
    )
