"""An inquiry to a model at a server that a person named: what goes there is said and agreed to before it is sent."""

from __future__ import annotations

import shlex

import click

from offramp.cli.model_options import ModelRequest
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.draft.inquiry import Asked, Inquiry, asked, tokens_of_prompt
from offramp.draft.inquiry_state import Usage
from offramp.draft.limits import LimitReachedError
from offramp.draft.prompts import Prompt
from offramp.draft.server_address import ServerError


def by_model(inquiry: Asked, request: ModelRequest) -> tuple[Asked, int]:
    """Ask the model until everything is answered or something stops it; all work is kept.

    The inquiry as it stands then, and the command's exit code: 0 if everything is answered.
    """
    prompt = inquiry.prompt()
    if prompt is None:
        return inquiry, 0
    request = request.of(inquiry.state.models)
    request.check()
    if not _agreed(inquiry, request, prompt):
        click.echo(tr("nothing was sent; everything so far waits in {folder}", folder=inquiry.folder))
        return inquiry, 1
    return answered_by_model(inquiry, request)


def answered_by_model(inquiry: Asked, request: ModelRequest, given: ModelRequest | None = None) -> tuple[Asked, int]:
    """Ask the model, as `by_model` does, after a person has agreed to what is sent.

    `given`: the request that the person gave, if another part of the command has filled it in; to go on, it is enough.
    """
    given = given or request
    prompt, start = inquiry.prompt(), inquiry.state.usage
    try:
        with request.provider() as provider:
            while prompt is not None:
                click.echo(tr("{step}: {model} is asked ...", step=inquiry.step, model=request.model))
                inquiry = asked(inquiry, prompt, provider, request.limits, start, keep=request.keep)
                _show_step(inquiry)
                if reason := inquiry.stuck:
                    click.echo(tr("stopped: {reason}", reason=reason), err=True)
                    return inquiry, _stopped(inquiry, given)
                prompt = inquiry.prompt()
    except (LimitReachedError, ServerError) as error:
        click.echo(tr("stopped: {reason}", reason=error), err=True)
        return inquiry, _stopped(inquiry, given)
    except KeyboardInterrupt:
        click.echo("\n" + tr("interrupted"), err=True)
        _stopped(inquiry, given)
        return inquiry, 130
    click.echo(used_in_words(inquiry.state.usage))
    return inquiry, 0


def server_not_named(inquiry: Inquiry) -> UsageError:
    """The error for going on with an inquiry that a model has answered, without a server and not by pasting."""
    command = shlex.join(inquiry.command)
    return UsageError(
        f"{inquiry.state.model} at {inquiry.state.host} answered so far. A folder does not decide where a document is "
        f"sent, so name the server again:\n  {command} --base-url URL [--key-env VAR]\nor go on by pasting: {command} "
        "--prompt-only"
    )


def _agreed(inquiry: Inquiry, request: ModelRequest, prompt: Prompt) -> bool:
    """Say what is sent where, and ask, unless the person is sure."""
    first, limits = tokens_of_prompt(prompt), request.limits
    what = tr(
        "This is sent to {server}, for {model}: {what}. The first prompt has about {tokens} tokens; there are at most "
        "{calls} calls and {all_tokens} tokens in all. Nothing is sent to anybody else.",
        server=request.server.name,
        model=request.model,
        what=inquiry.sends,
        tokens=f"{first:,}",
        calls=limits.calls,
        all_tokens=f"{limits.tokens:,}",
    )
    return agreed_to(what, request)


def agreed_to(what: str, request: ModelRequest) -> bool:
    """Say in words what is sent where, and ask, unless the person is sure."""
    click.echo(f"\n{click.wrap_text(what, 80)}")
    if request.server.scheme == "http" and not request.server.stays_here:
        warning = tr("warning: the connection is not encrypted: others on the way can read it, and the key")
        click.echo(warning, err=True)
    try:
        return request.is_sure or click.confirm(tr("Send it?"))
    except click.Abort:  # Ctrl-C or Ctrl-D
        click.echo()
        return False


def _show_step(inquiry: Inquiry) -> None:
    if inquiry.state.bad_answers:
        first = inquiry.state.complaints[0] if inquiry.state.complaints else tr("it holds nothing")
        click.echo(f"  {tr('the answer could not be used: {reason}', reason=first)}")
    else:
        show_found(inquiry)


def show_found(inquiry: Inquiry) -> None:
    """What the last answer brought."""
    for line in inquiry.found():
        click.echo(click.wrap_text(line, 80, "  ", "    "))


def _stopped(inquiry: Inquiry, request: ModelRequest) -> int:
    again = request.again(inquiry.command)
    click.echo(tr("Everything so far is kept in {folder}. To go on:", folder=inquiry.folder), err=True)
    click.echo(f"  {again}", err=True)
    return 1


def used_in_words(used: Usage) -> str:
    """How many calls were made, with how many tokens."""
    return tr(
        "{calls} calls, {sent} tokens sent, {answered} answered",
        calls=f"{used.calls:,}",
        sent=f"{used.input_tokens:,}",
        answered=f"{used.output_tokens:,}",
    )
