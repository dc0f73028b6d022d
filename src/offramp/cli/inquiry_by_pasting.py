"""An inquiry without a server: prompts are written as files, and a person pastes them and gives the answers."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from offramp.cli.inquiry_by_model import show_found
from offramp.common.atomic import write_whole
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.draft.inquiry import Asked, Inquiry
from offramp.draft.prompts import Prompt

MAX_ANSWER = 4_000_000
"""Maximum bytes of an answer."""
MAX_SHOWN = 3
"""Complaints about an answer, or remarks on it, that are shown."""


def write_prompt(inquiry: Inquiry) -> Path | None:
    """Write the next prompt into the folder, and return its file; None if everything is answered."""
    prompt = inquiry.prompt()
    if prompt is None:
        return None
    path = inquiry.folder / _file_of(prompt)
    try:
        write_whole(path, prompt.text.encode(errors="replace"))
    except OSError as error:
        raise OfframpError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def paste(inquiry: Inquiry) -> bool:
    """Write the next prompt, and say what to do with it; False if everything is answered."""
    path = write_prompt(inquiry)
    if path is None:
        return False
    click.echo("\n" + tr("wrote {file} ({what})", file=path, what=inquiry.step))
    click.echo(tr("Next: paste all of it into an assistant, and save its answer, say as answer.txt"))
    click.echo(f"      {shlex.join(inquiry.command)} --answer answer.txt")
    return True


def take_answer(inquiry: Asked, answer: str) -> tuple[Asked, int]:
    """Take the answer to the last prompt, from a file or standard input, and say what it brought.

    The inquiry then, and the command's exit code: 2 if the answer could not be used at all.
    """
    prompt = inquiry.prompt()
    if prompt is None:
        raise UsageError(f"{inquiry.folder} waits for no answer: everything is answered")
    text = _text_of(answer)
    after = inquiry.take(text)
    if after.state.bad_answers <= inquiry.state.bad_answers:
        show_found(after)
        if after.prompt() is not None:  # at the end, all remarks are shown
            _show_first(after.state.remarks[len(inquiry.state.remarks) :])
        return after, 0
    click.echo(tr("The answer could not be used:"), err=True)
    if number := inquiry.earlier(text):
        taken = tr("this looks like the answer to stage {number}, which is taken already;", number=number)
        click.echo(f"  {taken}", err=True)
        click.echo(f"  {tr('paste the answer to {file}', file=_file_of(prompt))}", err=True)
        return after, 2
    for complaint in after.state.complaints[:MAX_SHOWN]:
        click.echo(f"  {complaint}", err=True)
    if (more := len(after.state.complaints) - MAX_SHOWN) > 0:
        left = trn("and {count} more; the next prompt names all", "and {count} more; the next prompt names all", more)
        click.echo(f"  {left}", err=True)
    return after, 2


def _show_first(remarks: Sequence[str]) -> None:
    """What was left out of an answer, or changed in it."""
    for remark in remarks[:MAX_SHOWN]:
        click.echo(click.wrap_text(f"- {printable(remark)}", 80, "  ", "    "))
    if (more := len(remarks) - MAX_SHOWN) > 0:
        click.echo(f"  {trn('and {count} more', 'and {count} more', more)}")


def _file_of(prompt: Prompt) -> str:
    return f"{prompt.number}-{prompt.stage}.prompt.md"


def _text_of(answer: str) -> str:
    """The text of a file, or of standard input; bounded."""
    if answer == "-":
        if sys.stdin.isatty():
            click.echo(tr("Paste the answer, press Enter, then Ctrl-D (on Windows Ctrl-Z and Enter)."), err=True)
        content = sys.stdin.buffer.read(MAX_ANSWER + 1)
        if len(content) > MAX_ANSWER:
            raise UsageError(f"an answer has at most {MAX_ANSWER:,} bytes")
    else:
        try:
            content = read_bounded(Path(answer), MAX_ANSWER)
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read {answer}: {getattr(error, 'strerror', None) or error}") from None
    return content.decode("utf-8-sig", "replace")
