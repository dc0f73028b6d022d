"""A draft by a model at a server that a person named: what goes there is said and agreed to before it is sent."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from offramp.cli.draft_shown import show_end, show_found
from offramp.common.errors import UsageError
from offramp.draft.asking import asked, models_of, tokens_of_prompt
from offramp.draft.drafting import stuck
from offramp.draft.found_so_far import stage_in_words
from offramp.draft.limits import DraftLimits, LimitReachedError
from offramp.draft.prompts import Prompt
from offramp.draft.provider import Provider
from offramp.draft.server_address import ServerAddress, ServerError, addresses_of
from offramp.draft.sidecar import Draft, paragraphs_of_draft
from offramp.draft.stages import next_prompt


@dataclass(frozen=True)
class ModelRequest:
    """The model to ask, at which server, and within which limits; without a model, the one that the draft has."""

    model: str
    server: ServerAddress
    key_env: str | None
    local_only: bool
    is_sure: bool
    keep: bool
    limits: DraftLimits

    def check(self) -> None:
        """Raise UsageError for a request that could never be sent, before anything is read or written."""
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
        key = os.environ.get(self.key_env, "").strip() if self.key_env else ""
        if self.key_env and not key:
            raise UsageError(f"the environment variable {self.key_env} of --key-env is not set")
        return Provider(self.model, self.server.url, key, seconds=self.limits.seconds, local_only=self.local_only)

    def going_on(self, folder: Path) -> str:
        """The command that goes on with a draft."""
        words = ["offramp", "draft", str(folder), "--model", self.model, "--base-url", self.server.url]
        words += ["--key-env", self.key_env] if self.key_env else []
        words += ["--local-only"] if self.local_only else []
        return shlex.join(words)


def by_model(folder: Path, draft: Draft, request: ModelRequest) -> int:
    """Ask the model stage by stage, until the draft is done or something stops it; all work is kept."""
    prompt = next_prompt(draft, folder)
    if prompt is None:
        show_end(folder, draft)
        return 0
    request = replace(request, model=request.model or models_of(draft)[-1])
    request.check()
    if not _agreed(folder, request, prompt):
        click.echo(f"nothing was sent; the draft waits in {folder}")
        return 1
    start = draft.usage
    try:
        with request.provider() as provider:
            while prompt is not None:
                click.echo(f"{stage_in_words(draft.stage)}: {request.model} is asked ...")
                draft = asked(folder, draft, prompt, provider, request.limits, start, keep=request.keep)
                _show_step(draft)
                if reason := stuck(draft):
                    click.echo(f"stopped: {reason}", err=True)
                    return _stopped(folder, request)
                prompt = next_prompt(draft, folder)
    except (LimitReachedError, ServerError) as error:
        click.echo(f"stopped: {error}", err=True)
        return _stopped(folder, request)
    except KeyboardInterrupt:
        click.echo("\ninterrupted", err=True)
        _stopped(folder, request)
        return 130
    used = draft.usage
    click.echo(f"{used.calls} calls, {used.input_tokens:,} tokens sent, {used.output_tokens:,} answered")
    show_end(folder, draft)
    return 0


def _agreed(folder: Path, request: ModelRequest, prompt: Prompt) -> bool:
    """Say what is sent where, and ask, unless the person is sure."""
    paragraphs = paragraphs_of_draft(folder)
    limits, server = request.limits, request.server
    first = tokens_of_prompt(prompt)
    click.echo(
        f"\nThis is sent to {server.name}, for {request.model}: the document ({len(paragraphs)} paragraphs,\n"
        f"{sum(map(len, paragraphs)):,} characters) and what is drafted from it. The first prompt has about\n"
        f"{first:,} tokens; there are at most {limits.calls} calls and {limits.tokens:,} tokens in all.\n"
        "Nothing is sent to anybody else."
    )
    if server.scheme == "http" and not server.stays_here:
        click.echo("warning: the connection is not encrypted: others on the way can read it, and the key", err=True)
    try:
        return request.is_sure or click.confirm("Send it?")
    except click.Abort:  # Ctrl-C or Ctrl-D
        click.echo()
        return False


def _show_step(draft: Draft) -> None:
    if draft.bad_answers:
        click.echo(f"  the answer could not be used: {draft.complaints[0] if draft.complaints else 'no records'}")
    else:
        show_found(draft)


def _stopped(folder: Path, request: ModelRequest) -> int:
    click.echo(f"Everything so far is kept in {folder}. To go on:\n  {request.going_on(folder)}", err=True)
    return 1
