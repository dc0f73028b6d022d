"""Options of every command that asks a language model: which one, at which server, and within which limits."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.parameter_types import FilePath, WholeNumber
from offramp.common.errors import UsageError
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.draft.limits import MAX_CALLS, MAX_TOKENS, TIMEOUT, DraftLimits

if TYPE_CHECKING:
    from offramp.draft.provider import Provider
    from offramp.draft.server_address import ServerAddress

Command = Callable[..., Any]


@dataclass(frozen=True)
class ModelRequest:
    """The model to ask, at which server, and within which limits; "" for the model that has answered before."""

    model: str
    server: ServerAddress
    key_env: str | None
    local_only: bool
    is_sure: bool
    keep: bool
    limits: DraftLimits
    temperature: float | None = None

    def check(self) -> None:
        """Raise UsageError for a request that could never be sent, before anything is read or written."""
        from offramp.draft.server_address import addresses_of

        if not self.model:
            raise UsageError("--base-url needs --model NAME: the model's name at that server")
        if not self.is_sure and not sys.stdin.isatty():
            raise UsageError("nothing is sent without your word, and there is no terminal to ask at: give --yes")
        if self.local_only:
            addresses_of(self.server, local_only=True)
        with self.provider():
            pass

    def provider(self) -> Provider:
        """The model at its server."""
        from offramp.draft.provider import Provider

        key = os.environ.get(self.key_env, "").strip() if self.key_env else ""
        if self.key_env and not key:
            raise UsageError(f"the environment variable {self.key_env} of --key-env is not set")
        return Provider(
            self.model,
            self.server.url,
            key,
            seconds=self.limits.seconds,
            local_only=self.local_only,
            temperature=self.temperature,
        )

    def again(self, command: Sequence[str]) -> str:
        """A command with the options of this request, to paste into a terminal."""
        words = [*command, *(["--model", self.model] if self.model else []), "--base-url", self.server.url]
        words += ["--key-env", self.key_env] if self.key_env else []
        words += ["--local-only"] if self.local_only else []
        return shlex.join(words)

    def of(self, models: Sequence[str]) -> ModelRequest:
        """The request, of the last of the models that have answered if it names none."""
        return self if self.model or not models else replace(self, model=models[-1])


def model_options(
    *, calls: int = MAX_CALLS, tokens: int = MAX_TOKENS, keeps: bool = True
) -> Callable[[Command], Command]:
    """Add the options of a `ModelRequest`, which the command takes as `request`: None if no server is named.

    `calls`, `tokens`: the limits by default; `keeps`: whether the command keeps copies, unless `--no-keep` is given.
    """

    def add(command: Command) -> Command:
        @click.option("--model", metavar="NAME", help="The model's name at the server.")
        @click.option("--base-url", metavar="URL", help="The server's address, such as http://localhost:11434/v1.")
        @click.option("--key-env", metavar="VAR", help="The environment variable that holds the server's key.")
        @click.option("--yes", is_flag=True, help="Send without being asked.")
        @click.option("--local-only", is_flag=True, help="Refuse a server that is not on this machine.")
        @click.option("--max-calls", type=WholeNumber(min=1), metavar="N", help=f"The most calls. [{calls:,}]")
        @click.option("--max-tokens", type=WholeNumber(min=1), metavar="N", help=f"The most tokens. [{tokens:,}]")
        @click.option(
            "--timeout", type=WholeNumber(1, 86_400), metavar="SECONDS", help=f"Time for a call. [{TIMEOUT:.0f}]"
        )
        @wraps(command)
        def call(
            model: str | None,
            base_url: str | None,
            key_env: str | None,
            yes: bool,
            local_only: bool,
            max_calls: int | None,
            max_tokens: int | None,
            timeout: int | None,
            no_keep: bool = False,
            **others: Any,
        ) -> Any:
            from offramp.draft.server_address import server_address

            request = None
            if model and (not model.isprintable() or len(model) > MAX_MODEL):
                raise UsageError(f"--model takes a name of at most {MAX_MODEL} printable characters")
            if base_url is None and (model or key_env):
                raise UsageError("--model and --key-env need --base-url URL: the address of the server")
            if base_url is not None:
                limits = DraftLimits(max_calls or calls, max_tokens or tokens, timeout or TIMEOUT)
                server = server_address(base_url)
                request = ModelRequest(model or "", server, key_env, local_only, yes, not no_keep, limits)
            return command(request=request, **others)

        no_keep = click.option("--no-keep", is_flag=True, help="Keep no copy of what is sent and answered.")
        return no_keep(call) if keeps else call

    return add


def pasting_options(command: Command) -> Command:
    """Add `--prompt-only` and `--answer`, which the command takes beside `request`; the two ways exclude each other."""

    @click.option("--prompt-only", is_flag=True, help="Send nothing: write each prompt into DIR, for you to paste.")
    @click.option(
        "--answer",
        type=FilePath(str, allow_dash=True),
        metavar="FILE",
        help="The answer to the last prompt; - is standard input.",
    )
    @wraps(command)
    def call(prompt_only: bool, answer: str | None, request: ModelRequest | None, **others: Any) -> Any:
        if request is not None and (prompt_only or answer is not None):
            raise UsageError("give either a server, or --prompt-only and --answer, which send nothing")
        return command(prompt_only=prompt_only, answer=answer, request=request, **others)

    return call
