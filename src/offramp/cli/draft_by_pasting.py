"""A draft without a server: prompts are written as files, and a person pastes them and gives the answers."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from offramp.cli.draft_shown import show_end, show_found
from offramp.common.atomic import write_whole
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.draft.drafting import advance
from offramp.draft.found_so_far import stage_in_words
from offramp.draft.prompts import Prompt
from offramp.draft.sidecar import Draft
from offramp.draft.stage_answers import earlier_stage
from offramp.draft.stages import next_prompt

MAX_ANSWER = 4_000_000
"""Maximum bytes of an answer."""
MAX_SHOWN = 3
"""Complaints about an answer that are shown."""


def paste(folder: Path, draft: Draft) -> int:
    """Write the next prompt, and say what to do with it; or show the draft, if it is done."""
    prompt = next_prompt(draft, folder)
    if prompt is None:
        show_end(folder, draft)
        return 0
    path = folder / _file_of(prompt)
    try:
        write_whole(path, prompt.text.encode(errors="replace"))
    except OSError as error:
        raise OfframpError(f"cannot write {path}: {error.strerror or error}") from None
    click.echo(f"\nwrote {path} ({stage_in_words(draft.stage)})")
    click.echo("Next: paste all of it into an assistant, and save its answer in a file, such as answer.txt")
    click.echo(f"      offramp draft {shlex.quote(str(folder))} --answer answer.txt")
    return 0


def take_answer(folder: Path, draft: Draft, answer: str) -> int:
    """Take the answer to the last prompt, and write the next one."""
    prompt = next_prompt(draft, folder)
    if prompt is None:
        raise UsageError(f"the draft in {folder} is done and waits for no answer: offramp review DIR")
    text = _text_of(answer)
    after = advance(folder, draft, text)
    if after.bad_answers > draft.bad_answers:
        click.echo("The answer could not be used:", err=True)
        if number := earlier_stage(draft.returns, text):
            click.echo(f"  this looks like the answer to stage {number}, which is taken already;", err=True)
            click.echo(f"  paste the answer to {_file_of(prompt)}", err=True)
            return paste(folder, after)
        for complaint in after.complaints[:MAX_SHOWN]:
            click.echo(f"  {complaint}", err=True)
        if len(after.complaints) > MAX_SHOWN:
            click.echo(f"  and {len(after.complaints) - MAX_SHOWN} more; the next prompt names all", err=True)
    else:
        show_found(after)
    return paste(folder, after)


def _file_of(prompt: Prompt) -> str:
    return f"{prompt.number}-{prompt.stage}.prompt.md"


def _text_of(answer: str) -> str:
    """The text of a file, or of standard input; bounded."""
    if answer == "-":
        if sys.stdin.isatty():
            click.echo("Paste the answer, press Enter, then Ctrl-D (on Windows Ctrl-Z and Enter).", err=True)
        content = sys.stdin.buffer.read(MAX_ANSWER + 1)
        if len(content) > MAX_ANSWER:
            raise UsageError(f"an answer has at most {MAX_ANSWER:,} bytes")
    else:
        try:
            content = read_bounded(Path(answer), MAX_ANSWER)
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read {answer}: {getattr(error, 'strerror', None) or error}") from None
    return content.decode("utf-8-sig", "replace")
