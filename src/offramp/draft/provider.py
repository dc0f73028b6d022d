"""Asks a language model over the chat protocol that hosted services, ollama, the llama.cpp server and vLLM speak.

There is no provider, model or address by default: all are given, and nothing of the environment changes them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from offramp.common.bounded import json_of
from offramp.common.errors import UsageError
from offramp.common.words import cut
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.draft.inquiry_state import Usage
from offramp.draft.limits import tokens_of
from offramp.draft.server_address import ServerAddress, ServerError, server_address

if TYPE_CHECKING:
    from openai import OpenAI

    from offramp.draft.prompts import PromptMessage

RETRIES = 3
"""How often a server that is busy is asked again."""
FIRST_WAIT = 2.0
"""Seconds before the first of these, if the server names no time; each later wait is twice as long."""
_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504, 529))
_NOT_TAKEN = frozenset((400, 422))
"""HTTP states of a request with something that the server does not take."""
_MOST_TOKENS = 10**9
_LONGEST_MESSAGE = 300
"""Characters of a server's own message that are shown."""


@dataclass(frozen=True)
class ServerReply:
    """A model's answer: its text, who gave it, and the tokens, counted by the server or estimated.

    `temperature`: the one that the server took, None if it was left to it.
    """

    text: str
    model: str
    host: str
    usage: Usage
    is_counted: bool
    temperature: float | None = None


class NoAnswerError(ServerError):
    """A reply in which the model gives no answer, or one that was cut; `usage`: what it took all the same."""

    def __init__(self, message: str, usage: Usage, *, is_cut: bool = False) -> None:
        super().__init__(message)
        self.usage = usage
        self.is_cut = is_cut


@dataclass(frozen=True)
class _Form:
    """What a request holds besides model and messages: the schema, the bound on the answer, the temperature."""

    schema: bool = True
    bound: str = "max_tokens"
    temperature: float | None = None

    def without(self, complaint: str) -> _Form | None:
        """The form to try after a server's complaint; None if there is nothing to leave out."""
        if self.bound and ("max_tokens" in complaint or "max_completion_tokens" in complaint):
            return replace(self, bound="max_completion_tokens" if self.bound == "max_tokens" else "")
        if self.temperature is not None and "temperature" in complaint:
            return replace(self, temperature=None)
        return replace(self, schema=False) if self.schema else None


class Provider:
    """A model at a server. It remembers what the server does not take; close it, or use it in `with`.

    Parameters
    ----------
    model
        The model's name at the server.
    base_url
        The server's address, such as `http://localhost:11434/v1`.
    key
        The key, or "" if the server needs none. It is sent to this server, and stands in no message and no file.
    seconds
        Time for one answer, with all repeated attempts.
    local_only
        Whether to refuse a server that is not on this machine.
    temperature
        How freely the model chooses its words; None leaves it to the server.

    Raises
    ------
    UsageError
        If the address, the model's name or the key cannot be right, or the library is not installed.
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        key: str = "",
        *,
        seconds: float,
        local_only: bool = False,
        temperature: float | None = None,
    ) -> None:
        if find_spec("openai") is None:
            raise UsageError("asking a model needs the extra `draft`: pip install 'offramp[draft]'")
        if not model.isprintable() or len(model) > MAX_MODEL:
            raise UsageError(f"--model takes a name of at most {MAX_MODEL} printable characters")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise UsageError("the key must be one line of plain characters without spaces")
        self.model = model
        self.server = server_address(base_url)
        self._seconds = seconds
        self._form = _Form(temperature=temperature)
        self._client = _client(self.server, key, local_only=local_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def answer(self, messages: Sequence[PromptMessage], schema: Mapping[str, Any], most_tokens: int) -> ServerReply:
        """The model's answer, of at most `most_tokens` tokens if the server takes a bound.

        Raises
        ------
        ServerError
            If the server cannot be reached, does not answer in time, refuses, or cuts the answer.
        """
        until = time.monotonic() + self._seconds
        wait = FIRST_WAIT
        for attempt in range(RETRIES + 1):
            status, content, after = self._asked(messages, schema, most_tokens, until)
            if status not in _BUSY:
                break
            pause = wait if after is None else after
            left = until - time.monotonic()
            if attempt == RETRIES or pause >= left:
                raise ServerError(self._busy(status, content, after, left))
            time.sleep(pause)
            wait *= 2
        if status != 200:
            raise ServerError(self._refused(status, content))
        return self._reply(content, messages)

    def _asked(
        self, messages: Sequence[PromptMessage], schema: Mapping[str, Any], most_tokens: int, until: float
    ) -> tuple[int, bytes, float | None]:
        """HTTP state, content and the wait that is asked for; asks again without what the server does not take."""
        while True:
            status, content, after = self._sent(self._body(messages, schema, most_tokens), until)
            form = self._form.without(_message(content)) if status in _NOT_TAKEN else None
            if form is None:
                return status, content, after
            self._form = form

    def _body(self, messages: Sequence[PromptMessage], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
        }
        if self._form.schema and schema:
            named = {"name": "records", "schema": dict(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if self._form.temperature is not None:
            body["temperature"] = self._form.temperature
        if self._form.bound:
            body[self._form.bound] = most_tokens
        return body

    def _sent(self, body: dict[str, Any], until: float) -> tuple[int, bytes, float | None]:
        from openai import APIStatusError, OpenAIError

        left = until - time.monotonic()
        if left <= 0:
            raise ServerError(f"{self.server.name} took longer than {self._seconds:.0f} seconds (--timeout)")
        try:
            raw = self._client.chat.completions.with_raw_response.create(**body, timeout=left)
            return raw.status_code, raw.content, None
        except APIStatusError as error:
            return error.status_code, error.response.content, _seconds(error.response.headers.get("retry-after"))
        except (OpenAIError, ValueError, RecursionError) as error:
            raise ServerError(f"{self.server.name} sent no usable reply ({type(error).__name__})") from None

    def _reply(self, content: bytes, messages: Sequence[PromptMessage]) -> ServerReply:
        name = self.server.name
        try:
            whole = json_of(content)
        except ValueError as error:
            raise ServerError(f"{name} sent no answer of a model: {error}; is --base-url right?") from None
        match whole:
            case {"choices": [{"message": {**message}, **choice}, *_]}:
                text, why = message.get("content"), choice.get("finish_reason")
            case _:
                raise ServerError(f"{name} sent no answer of a model: there is no message; is --base-url right?")
        usage, is_counted = _usage(whole.get("usage"), messages, text)
        if why == "length":
            raise NoAnswerError(
                f"{name} cut the answer at its bound on tokens: take a model or a server setting that allows longer "
                "answers and prompts, raise --max-tokens, or give a shorter document",
                usage,
                is_cut=True,
            )
        if not isinstance(text, str) or not text.strip():
            said = message.get("refusal") or ("its filter held it back" if why == "content_filter" else "it is empty")
            raise NoAnswerError(f"{self.model} gave no answer: {cut(str(said), _LONGEST_MESSAGE)}", usage)
        return ServerReply(text, self.model, name, usage, is_counted, self._form.temperature)

    def _busy(self, status: int, content: bytes, after: float | None, left: float) -> str:
        if after is not None and after >= left:
            return (
                f"{self.server.name} asks to wait {after:.0f} seconds, longer than --timeout allows "
                f"({status}{_said(content)})"
            )
        return f"{self.server.name} is busy or broken: it answered {status} {RETRIES + 1} times{_said(content)}"

    def _refused(self, status: int, content: bytes) -> str:
        name, said = self.server.name, _said(content)
        if 300 <= status < 400:
            return f"{name} redirects elsewhere ({status}); no redirect is followed: name the right --base-url"
        if status in (401, 403):
            return f"{name} refuses the key, or needs one: --key-env names the variable that holds it ({status}{said})"
        if status == 404:
            return f"{name} has no model '{self.model}', or --base-url is wrong: most end in /v1 ({status}{said})"
        if status == 413:
            return f"{name} says that the document is too long ({status}{said})"
        return f"{name} refused: {status}{said}"


def _client(server: ServerAddress, key: str, *, local_only: bool) -> OpenAI:
    """The library's client, which takes nothing from the environment, neither headers nor proxies."""
    import httpx2
    from openai import OpenAI

    from offramp.draft.guarded_http import GuardedTransport

    class Client(OpenAI):
        @property
        def default_headers(self) -> dict[str, Any]:
            return {"Accept": "application/json", "Content-Type": "application/json"}

    transport = GuardedTransport(server, key, local_only=local_only)
    return Client(
        api_key="unused",  # the transport sends the key
        admin_api_key="unused",
        base_url=server.url,
        max_retries=0,
        http_client=httpx2.Client(transport=transport, trust_env=False),
    )


def _usage(counted: object, messages: Sequence[PromptMessage], text: object) -> tuple[Usage, bool]:
    """What a call has used, and whether the server counted the tokens; otherwise they are estimated."""
    match counted:
        case {"prompt_tokens": int(sent), "completion_tokens": int(answered)} if (
            min(sent, answered) >= 0 and max(sent, answered) <= _MOST_TOKENS
        ):
            return Usage(calls=1, input_tokens=sent, output_tokens=answered), True
    sent = tokens_of(message.content for message in messages)
    return Usage(calls=1, input_tokens=sent, output_tokens=tokens_of([text] if isinstance(text, str) else [])), False


def _message(content: bytes) -> str:
    """A server's own message; "" if it has none."""
    try:
        match json_of(content):
            case {"error": {"message": str(text)}} | {"error": str(text)} | {"message": str(text)}:
                return text
            case {"detail": detail}:
                return str(detail)
    except ValueError:
        pass
    return ""


def _said(content: bytes) -> str:
    message = " ".join(_message(content).split())
    return f": {cut(message, _LONGEST_MESSAGE)}" if message else ""


def _seconds(retry_after: str | None) -> float | None:
    """Seconds of a header Retry-After: a number, or a time (RFC 9110, 10.2.3)."""
    from email.utils import parsedate_to_datetime

    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if seconds < float("inf") else None
