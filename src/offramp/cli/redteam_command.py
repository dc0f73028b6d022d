"""`offramp redteam`: what may be weak in a crisis file or a draft; it changes nothing there."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, JSON, deliver, guarded, main
from offramp.cli.model_options import ModelRequest, model_options, pasting_options
from offramp.cli.parameter_types import FilePath, WholeNumber
from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn

if TYPE_CHECKING:
    from offramp.draft.redteam.redteam_finding import Mark, WeakPoints
    from offramp.draft.redteam.redteam_folder import RedTeam

NUMBERS = WholeNumber(min=1)


@main.command(short_help="What may be weak in a crisis file or a draft?")
@click.argument("place", metavar="FILE|DIR", type=FilePath())
@click.option("--document", type=FilePath(), metavar="TEXT", help="The document it was made from.")
@click.option("--out", type=FilePath(), metavar="DIR", help="Keep the weak points in this folder.")
@click.option("--answered", type=NUMBERS, multiple=True, metavar="N", help="Mark weak point N of DIR as answered.")
@click.option("--set-aside", type=NUMBERS, multiple=True, metavar="N", help="Mark it as set aside.")
@click.option("--reopen", type=NUMBERS, multiple=True, metavar="N", help="Mark it as open again.")
@click.option("--note", default=None, metavar="TEXT", help="How it is answered, or why it is set aside.")
@click.option("--by", default=None, metavar="NAME", help="Who marks it [your name on this machine].")
@JSON
@EXPORT
@guarded
@model_options()
@pasting_options
def redteam(
    place: Path,
    document: Path | None,
    out: Path | None,
    answered: tuple[int, ...],
    set_aside: tuple[int, ...],
    reopen: tuple[int, ...],
    note: str | None,
    by: str | None,
    as_json: bool,
    export: Path | None,
    prompt_only: bool,
    answer: str | None,
    request: ModelRequest | None,
) -> int:
    """List what may be weak in a crisis FILE, or in the draft in DIR: equal numbers, choices with one best option,
    quotes that do not support, assumptions without a source, endings and levers that move nothing. Nothing is changed.

    With --out DIR the list is kept, and you can mark its points. Then a language model can be asked, too: what the
    document says and the crisis leaves out, and which claims their words do not support. With --prompt-only nothing is
    sent: you paste each prompt into an assistant, and give its answer with --answer. With --model and --base-url the
    document and the crisis in words go to that server, and nowhere else; what comes of it stays here.
    """
    from offramp.draft.redteam.redteam_state import REDTEAM

    marks: list[tuple[int, Mark]] = [(number, "answered") for number in answered]
    marks += [(number, "set aside") for number in set_aside]
    marks += [(number, "open") for number in reopen]
    twice = [number for number, times in Counter(number for number, _ in marks).items() if times > 1]
    if twice:
        raise UsageError(f"weak point {twice[0]} is marked twice in one command; give each point one mark")
    if not marks and (note is not None or by is not None):
        raise UsageError("--note and --by go with a mark: --answered N, --set-aside N or --reopen N")
    asking = request is not None or prompt_only or answer is not None
    if sum((asking, bool(marks), as_json or export is not None)) > 1:
        raise UsageError("one thing at a time: ask a model, mark weak points, or show them with --json or --export")
    if place.is_dir() and (place / REDTEAM).is_file():
        if document is not None or out is not None:
            raise UsageError(f"{place} holds a red team, to go on with: give no --document and no --out")
        from offramp.draft.redteam.redteam_folder import opened_redteam

        team = opened_redteam(place)
        if marks:
            return _marked(team, marks, note or "", by)
        return _went_on(team, request, prompt_only, answer) if asking else _shown(team.finding, as_json, export)
    if answer is not None or marks:
        raise UsageError("--answer and marks go with the folder of a red team, which --out DIR makes")
    if asking and out is None:
        raise UsageError("name the folder for what is asked and answered: --out DIR")
    return _begun(place, document, out, request, prompt_only, as_json, export)


def _begun(
    place: Path,
    document: Path | None,
    out: Path | None,
    request: ModelRequest | None,
    prompt_only: bool,
    as_json: bool,
    export: Path | None,
) -> int:
    """Look at a crisis or a draft; keep what is found, and go on by asking."""
    from offramp.draft.redteam.examining import examined
    from offramp.draft.redteam.redteam_finding import WeakPoints, numbered
    from offramp.draft.redteam.redteam_folder import begin_redteam
    from offramp.draft.redteam.target import target_of
    from offramp.study.basis import moment

    if request is not None:
        request.check()
    target = target_of(place, document)
    asking = request is not None or prompt_only
    if asking and not target.document:
        raise UsageError("give --document TEXT, the text that the crisis was made from: a model is asked about it")
    found, crisis = examined(target), target.game.crisis
    if out is None:
        points = numbered(found.points)
        finding = WeakPoints(crisis.title, target.file.name, points, found.solving, moment(crisis))
        return _shown(finding, as_json, export)
    team = begin_redteam(target, found, out)
    if asking:
        click.echo(
            trn(
                "{count} weak point found without a model; kept in {folder}",
                "{count} weak points found without a model; kept in {folder}",
                len(found.points),
                folder=out,
            )
        )
        return _went_on(team, request, prompt_only, None)
    _shown(team.finding, as_json, export)
    if not as_json:
        _show_next(team)
    return 0


def _went_on(team: RedTeam, request: ModelRequest | None, prompt_only: bool, answer: str | None) -> int:
    """Take an answer, ask a model, or write the next prompt; show everything once all is answered."""
    from offramp.cli.inquiry_by_model import by_model
    from offramp.cli.inquiry_by_pasting import paste, take_answer

    if team.state.stage != "done" and not team.document:
        raise UsageError(
            f"{team.folder} holds no document, so a model cannot be asked: look again with --document TEXT"
        )
    code = 0
    if answer is not None:
        team, code = take_answer(team, answer)
    if request is not None:
        team, code = by_model(team, request)
        if code:
            return code
    elif paste(team):
        return code
    _shown(team.finding, as_json=False, export=None)
    _show_next(team)
    return code


def _show_next(team: RedTeam) -> None:
    """Where the weak points are kept, and how one is marked."""
    command = f"{shlex.join(team.command)} --answered N --note TEXT"
    click.echo("\n" + tr("Kept in {folder}. Mark a point: {command}", folder=team.folder, command=command))


def _marked(team: RedTeam, marks: list[tuple[int, Mark]], note: str, by: str | None) -> int:
    """Mark weak points, and say what is left."""
    from offramp.cli.review_session import today, user_name
    from offramp.draft.redteam.redteam_finding import MARKS
    from offramp.draft.redteam.redteam_folder import marked

    team = marked(team, marks, note, by or user_name(), today())
    for number, _ in marks:
        one = team.finding.points[number - 1]
        marked_by = tr("{mark} by {person}", mark=MARKS[one.mark], person=one.marked_by)
        click.echo(f"{number}. {marked_by}: {one.point.says}")
    click.echo(" ".join(team.finding.answer[1:2]))
    return 0


def _shown(finding: WeakPoints, as_json: bool, export: Path | None) -> int:
    from offramp.report.weak_points_in_terminal import show_weak_points

    deliver(finding, as_json, export, lambda screen: show_weak_points(screen, finding))
    return 0
