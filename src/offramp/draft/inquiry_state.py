"""What an inquiry remembers between two answers, and the JSON file that keeps it.

The file stands in a folder, is written whole, and may come from a stranger.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.value_mistakes import first_mistake, shown
from offramp.common.words import cut
from offramp.crisis.draft_standing import MAX_MODEL, MAX_SIDECAR

MAX_MESSAGE, MAX_MESSAGES, MAX_SHORT = 2_000, 200, 200
MAX_COUNT = 10**12
MOST_BAD = 3
"""After so many answers in a row that cannot be used, an inquiry is stuck, or goes on without what it asked for."""
_AND = " and "

Short = Annotated[str, Field(max_length=MAX_SHORT)]
Message = Annotated[str, Field(max_length=MAX_MESSAGE)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class KeptPart(BaseModel):
    """Base of everything that such a file holds: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Usage(KeptPart):
    """What an inquiry has used: calls of a model, and the tokens that its server counted."""

    calls: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0

    def __add__(self, other: Usage) -> Usage:
        """Two usages together, up to the largest that a file may state."""
        return Usage(
            calls=min(self.calls + other.calls, MAX_COUNT),
            input_tokens=min(self.input_tokens + other.input_tokens, MAX_COUNT),
            output_tokens=min(self.output_tokens + other.output_tokens, MAX_COUNT),
        )

    def since(self, start: Usage) -> Usage:
        """What was used after `start`."""
        return Usage(
            calls=self.calls - start.calls,
            input_tokens=self.input_tokens - start.input_tokens,
            output_tokens=self.output_tokens - start.output_tokens,
        )


class InquiryState(KeptPart):
    """The answers so far: who gave them, what they used, and what was wrong with the last.

    `answers`: how many were taken, bad ones among them; `bad_answers`: how many bad ones in a row; `complaints`: what
    was wrong with the last one. `remarks`: what was ignored in answers. `model`: "" if a person pasted all answers.
    """

    model: Annotated[str, Field(max_length=MAX_MODEL)] = ""
    host: Short = ""
    usage: Usage = Usage()
    answers: Count = 0
    bad_answers: Count = 0
    complaints: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)
    remarks: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)

    @property
    def models(self) -> list[str]:
        """The models that have answered, in their order."""
        return [name for name in self.model.split(_AND) if name]

    def answered_by(self, model: str, host: str, usage: Usage) -> Self:
        """The state with the name of a model that has answered, and with what that used."""
        named = self.models if model in self.models else [*self.models, model]
        names = cut(_AND.join(named), MAX_MODEL)
        return self.model_copy(update={"model": names, "host": host, "usage": self.usage + usage})

    def with_bad_answer(self, complaints: Iterable[str]) -> Self:
        """The state after an answer that cannot be used."""
        more = {"answers": self.answers + 1, "bad_answers": self.bad_answers + 1}
        return self.model_copy(update=more | {"complaints": bounded_messages(complaints)})

    def with_good_answer(self, remarks: Iterable[str] = (), **changes: Any) -> Self:
        """The state after an answer that was taken; `changes`: fields of the state with their new values."""
        update = {"answers": self.answers + 1, "bad_answers": 0, "complaints": ()} | changes
        return self.model_copy(update=update | {"remarks": bounded_messages([*self.remarks, *remarks])})

    def stuck_at(self, stage: str = "") -> str | None:
        """Why an inquiry should not ask again by itself: too many answers in a row are bad; None if it may."""
        if self.bad_answers < MOST_BAD:
            return None
        why = "; ".join(self.complaints[:3])
        if not stage:
            return tr("{number} answers in a row could not be used: {reasons}", number=self.bad_answers, reasons=why)
        return tr(
            "{number} answers in a row to '{stage}' could not be used: {reasons}",
            number=self.bad_answers,
            stage=stage,
            reasons=why,
        )


State = TypeVar("State", bound=InquiryState)


def bounded_messages(messages: Iterable[str]) -> tuple[str, ...]:
    """Messages as a state keeps them: printable, cut, and no more than it holds."""
    return tuple(cut(printable(message), MAX_MESSAGE) for message in messages)[:MAX_MESSAGES]


def read_state(path: Path, kind: type[State], missing: str, besides: Container[str] = ()) -> State:
    """The state that a file holds; `missing`: the message if there is no file; `besides`: entries that are not read.

    Raises
    ------
    UsageError
        If there is no such file.
    OfframpError
        If it cannot be read.
    """
    try:
        content: Any = json_of(read_bounded(path, MAX_SIDECAR, follow=False))
    except FileNotFoundError:
        raise UsageError(missing) from None
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        values = {key: value for key, value in content.items() if key not in besides}
        return kind.model_validate(values)
    except AttributeError:
        raise OfframpError(f"cannot read {path}: expected a mapping, found {shown(content)}") from None
    except ValidationError as error:
        raise OfframpError(f"cannot read {path}: {printable(first_mistake(error, values))}") from None


def write_state(path: Path, state: InquiryState, first: dict[str, Any] | None = None) -> None:
    """Write a state whole; `first`: entries before its own, for a reader.

    Raises
    ------
    OfframpError
        If it cannot be written.
    """
    values = (first or {}) | state.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise OfframpError(f"cannot write {path}: {error.strerror or error}") from None


def begin_folder(folder: Path) -> None:
    """Make the new folder of an inquiry.

    Raises
    ------
    UsageError
        If it holds anything already, or is a link.
    OfframpError
        If it cannot be made.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise UsageError(f"{folder} is there already; nothing is overwritten: name another folder")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
