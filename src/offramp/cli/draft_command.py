"""`offramp draft`: from a document to a crisis file, with a language model or by pasting prompts and answers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import guarded, main
from offramp.common.errors import UsageError

if TYPE_CHECKING:
    from offramp.cli.draft_by_model import ModelRequest


@main.command(short_help="Draft a crisis from a document: a model proposes, you decide.")
@click.argument("place", metavar="DOCUMENT|DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="The new folder for the draft.")
@click.option("--as-of", metavar="DATE", help="The day whose knowledge the document has, such as 2031-03-02.")
@click.option("--prompt-only", is_flag=True, help="Send nothing: write each prompt into DIR, for you to paste.")
@click.option("--answer", metavar="FILE", help="The answer to the last prompt; - is standard input.")
@click.option("--model", metavar="NAME", help="The model's name at the server.")
@click.option("--base-url", metavar="URL", help="The server's address, such as http://localhost:11434/v1.")
@click.option("--key-env", metavar="VAR", help="The environment variable that holds the server's key.")
@click.option("--yes", is_flag=True, help="Send without being asked.")
@click.option("--local-only", is_flag=True, help="Refuse a server that is not on this machine.")
@click.option("--max-calls", type=click.IntRange(min=1), metavar="N", help="The most calls of the model. [12]")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="The most tokens in all. [400,000]")
@click.option("--timeout", type=click.IntRange(1, 86_400), metavar="SECONDS", help="Time for one call. [600]")
@click.option("--no-keep", is_flag=True, help="Keep no copy of what is sent and answered.")
@guarded
def draft(
    place: Path,
    out: Path | None,
    as_of: str | None,
    prompt_only: bool,
    answer: str | None,
    model: str | None,
    base_url: str | None,
    key_env: str | None,
    yes: bool,
    local_only: bool,
    max_calls: int | None,
    max_tokens: int | None,
    timeout: int | None,
    no_keep: bool,
) -> int:
    """Draft a crisis from a DOCUMENT (text, Markdown, a saved page or PDF), or go on with the draft in DIR.

    A language model proposes who acts, what each may do and what each wants. Offramp looks up every quote in the
    document, writes the crisis file and checks it. You decide: offramp review DIR.

    With --prompt-only nothing is sent: you paste each prompt into an assistant, and give its answer with --answer. With
    --model and --base-url the document goes to that server, and nowhere else.
    """
    from offramp.cli.draft_by_model import ModelRequest, by_model
    from offramp.cli.draft_by_pasting import paste, take_answer
    from offramp.draft.drafting import resumed
    from offramp.draft.limits import MAX_CALLS, MAX_TOKENS, TIMEOUT, DraftLimits
    from offramp.draft.server_address import server_address

    if base_url is None and (model or key_env):
        raise UsageError("--model and --key-env need --base-url URL: the address of the server")
    if base_url is not None and (prompt_only or answer is not None):
        raise UsageError("give either a server, or --prompt-only and --answer, which send nothing")
    request = None
    if base_url is not None:
        limits = DraftLimits(max_calls or MAX_CALLS, max_tokens or MAX_TOKENS, timeout or TIMEOUT)
        server = server_address(base_url)
        request = ModelRequest(model or "", server, key_env, local_only, yes, not no_keep, limits)
    if place.is_dir():
        if out is not None or as_of is not None:
            raise UsageError(f"{place} is a folder, with a draft to go on with: give no --out and no --as-of")
        found = resumed(place)
        if answer is not None:
            return take_answer(place, found, answer)
        if request is not None:
            return by_model(place, found, request)
        if found.model and found.stage != "done" and not prompt_only:
            raise UsageError(_name_it_again(place, found.model, found.host))
        return paste(place, found)
    if answer is not None:
        raise UsageError("--answer goes with the folder of a draft: offramp draft DIR --answer FILE")
    if request is None and not prompt_only:
        raise UsageError(
            "no server is named, so nothing is sent: give --model NAME and --base-url URL, or give --prompt-only and "
            "paste each prompt into an assistant"
        )
    if out is None:
        raise UsageError("name the new folder for the draft: --out DIR")
    return _begin(place, out, as_of, request)


def _begin(document: Path, folder: Path, as_of: str | None, request: ModelRequest | None) -> int:
    """Read a document, begin its draft, and show the document."""
    from offramp.cli.draft_by_model import by_model
    from offramp.cli.draft_by_pasting import paste
    from offramp.cli.draft_shown import show_document
    from offramp.draft.documents.source_document import read_document
    from offramp.draft.drafting import begin

    if request is not None:
        request.check()
    source = read_document(document)
    begun = begin(source, folder, as_of)
    show_document(folder, begun, source.rule)
    return paste(folder, begun) if request is None else by_model(folder, begun, request)


def _name_it_again(folder: Path, model: str, host: str) -> str:
    command = shlex.join(["offramp", "draft", str(folder)])
    return (
        f"{model} at {host} answered so far. A folder does not decide where a document is sent, so name the server "
        f"again:\n  {command} --base-url URL [--key-env VAR]\nor go on by pasting: {command} --prompt-only"
    )
