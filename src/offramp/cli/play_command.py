"""`offramp play`: a match in the terminal, for one person or several at one screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, FILE, JSON, completes, deliver, guarded, main
from offramp.cli.model_options import ModelRequest, model_options
from offramp.cli.one_solve import OneSolve, one_solve_options
from offramp.cli.parameter_types import WHOLE, FilePath, WholeNumber
from offramp.cli.screen import console
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.common.words import listed

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.play.match import Match
    from offramp.play.seat_text import SeatLine


@main.command(short_help="Play a side; Offramp plays the others.")
@FILE
@click.option(
    "--as",
    "seats",
    multiple=True,
    metavar="ACTOR",
    help="An actor to play; may be repeated.",
    shell_complete=completes("actors"),
)
@click.option("--seed", type=WHOLE, default=None, metavar="S", help="The same seed and choices give the same match.")
@click.option(
    "--save",
    type=FilePath(),
    default=None,
    metavar="PATH",
    help="Save the match to this JSON file after every choice.",
)
@click.option("--seat", "model_seats", multiple=True, metavar="ACTOR=model", help="A language model plays this actor.")
@click.option("--plays", type=WholeNumber(1, 100_000), metavar="N", help="How often the model plays. [100]")
@click.option("--out", type=FilePath(), metavar="FILE", help="The file that keeps the model's plays.")
@JSON
@EXPORT
@guarded
@model_options(calls=1_000, tokens=1_000_000, keeps=False)
@one_solve_options
def play(
    asked: OneSolve,
    seats: tuple[str, ...],
    seed: int | None,
    save: Path | None,
    model_seats: tuple[str, ...],
    plays: int | None,
    out: Path | None,
    request: ModelRequest | None,
    as_json: bool,
    export: Path | None,
) -> int:
    """Play one side of a crisis, or several, against Offramp; then see what each knew, and what choices cost.

    FILE is a crisis, or a match saved with --save: it continues, or, if it is over, its debrief is shown again.
    With --now, the match begins after the last observed step: what was before is drawn so that it agrees with all that
    is known, and each side sees of it what it has seen.

    With --seat ACTOR=model, a language model at a server that you name plays this actor, N times. It is sent what a
    person in that seat sees. Its choices are shown beside the equilibrium's: data about the model, not about the actor.
    """
    if model_seats:
        from offramp.cli.model_seats import ModelPlaysAsked, play_by_models, show_plays

        if seats or save:
            raise UsageError("--seat ACTOR=model goes without --as and --save: all other seats are Offramp's")
        if _is_match(asked.path):
            raise UsageError(f"{asked.path} is a saved match; a model plays a crisis from its beginning")
        finding, code = play_by_models(ModelPlaysAsked(asked, model_seats, seed, plays or 100, out, request), as_json)
        if finding is not None:
            deliver(finding, as_json, export, lambda screen: show_plays(screen, finding))
        return code
    if plays is not None or out is not None or request is not None:
        raise UsageError("--plays, --out and a model's options go with --seat ACTOR=model")
    from offramp.play.debrief import debrief

    if _is_match(asked.path):
        from offramp.play.saves import read_match

        if seats or seed is not None or save or not asked.plain:
            raise UsageError(f"{asked.path} is a saved match: it has its own seats, seed, numbers and file")
        match, save = read_match(asked.path, max_nodes=asked.max_nodes), asked.path
    else:
        match = _new_match(asked, seats, seed, save)
    session = _Session(match, save, _screen(as_json))
    if not match.finished or save != asked.path:
        try:
            session.play()
        except (KeyboardInterrupt, EOFError):
            session.stop()
            return 130
    if save is not None and save != asked.path:
        saved = tr("saved: {path}", path=save)
        session.say(f"[dim]{_safe(saved)}[/dim]")
    session.say("")
    deliver(debrief(session.match), as_json, export)
    return 0


@dataclass
class _Session:
    """A match played at one screen, and how much of the timeline each seat has been shown."""

    match: Match
    save: Path | None
    screen: Console

    def __post_init__(self) -> None:
        self.shown: dict[str, int] = {}
        self.last: str | None = None

    def say(self, text: str, end: str = "\n") -> None:
        self.screen.print(text, end=end)

    def play(self) -> None:
        """Ask the seats in turn until play is over; each is shown only its own view."""
        from offramp.play.match import awaiting, choose
        from offramp.play.seat_text import asked_lines, named_options, seen_lines
        from offramp.play.views import view

        how = tr("Answer with a number or a name; ? shows all that you know; Ctrl-D stops and saves.")
        self.say(f"[dim]{_safe(how)}[/dim]")
        self.save_match()
        while not self.match.finished:
            actor = awaiting(self.match)[0]
            self.hand_over(actor)
            seat = view(self.match, actor)
            self.show(asked_lines(seat, self.shown.get(actor)))
            self.shown[actor] = len(seat.timeline)
            self.match = choose(self.match, actor, self.answer(named_options(seat), seen_lines(seat, 0)))
            self.save_match()
        if len(self.match.seats) == 1:
            seat = view(self.match, self.match.seats[0])
            self.show(seen_lines(seat, self.shown.get(seat.actor, 0)))
        ended = tr("It ended: {ending}.", ending=self.match.board.names.ending(self.match.ending or ""))
        self.say(f"\n[bold]{_safe(ended)}[/bold]")

    def save_match(self) -> None:
        if self.save is not None:
            from offramp.play.saves import write_match

            write_match(self.match, self.save)

    def stop(self) -> None:
        """Save a match that is broken off, and say how to continue it."""
        if self.save is None:
            self.save = next(path for number in count(1) if not (path := Path(f"match-{number}.json")).exists())
        self.save_match()
        saved = tr("saved: {path}; continue with: offramp play {path}", path=self.save)
        self.say(f"\n{_safe(saved)}")

    def hand_over(self, actor: str) -> None:
        """With several seats at one screen, ask the others to look away before a seat is shown what it knows."""
        if len(self.match.seats) > 1 and actor != self.last:
            if self.screen.is_terminal:
                self.screen.clear()
            now = tr("Now {actor}", actor=self.match.board.crisis.actors[actor].name)
            others = tr("the others look away. Press Enter to continue.")
            self.say(f"\n[bold]{_safe(now)}[/bold]; {_safe(others)} ", end="")
            self.read()
        self.last = actor

    def read(self) -> str:
        """Read a line of input."""
        self.screen.file.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        if not sys.stdin.isatty():
            self.say("")
        return line.strip()

    def show(self, lines: Iterable[SeatLine]) -> None:
        from rich.text import Text

        for line in lines:
            text = Text(line.text, "bold" if line.strong else "")
            if line.faint_from is not None:
                text.stylize("dim", line.faint_from)
            self.screen.print(text)

    def answer(self, options: Mapping[str, str], known: Iterable[SeatLine]) -> str:
        """One of the options, asked for again until the answer is one of them; `known` is shown on `?`."""
        from offramp.play.seat_text import chosen_option

        while True:
            self.say("> ", end="")
            answer = self.read()
            if answer == "?":
                self.show(known)
                continue
            chosen, hint = chosen_option(answer, options)
            if chosen is not None:
                return chosen
            self.say(_safe(hint))


def _new_match(asked: OneSolve, seats: tuple[str, ...], seed: int | None, save: Path | None) -> Match:
    from offramp.crisis.model import Crisis
    from offramp.gambit.opening import read
    from offramp.play.board import set_up
    from offramp.play.match import begin, new_seed

    crisis = read(asked.path)
    if not isinstance(crisis, Crisis):
        raise UsageError(f"{asked.path} is a Gambit game: only a crisis can be played")
    if save is not None:
        from offramp.cli.output_files import check_free

        check_free(save, "--save")
    if not seats:
        raise UsageError(f"say whom you play with --as ACTOR (actors: {listed(crisis.actors, 30)})")
    board = set_up(
        asked.of(crisis), given=asked.given(crisis), rationality=asked.rationality, max_nodes=asked.max_nodes
    )
    return begin(board, seats, new_seed() if seed is None else seed)


def _is_match(file: Path) -> bool:
    """Whether a file's name is that of a saved match."""
    return file.suffix.lower() == ".json"


def _screen(as_json: bool) -> Console:
    """The screen on which a match is played: standard error if standard output is for JSON."""
    if not as_json:
        return console()
    return console(err=True)


def _safe(text: str) -> str:
    from rich.markup import escape

    return escape(text)
