"""`offramp play`: a match in the terminal, for one person or several at one screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import EXPORT, FILE, JSON, deliver, guarded, main
from offramp.cli.one_solve import OneSolve, one_solve_options
from offramp.cli.screen import console
from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest_word

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.crisis.names import Names
    from offramp.play.match import Match
    from offramp.play.views import SeatView, Sight


@main.command(short_help="Play a side; Offramp plays the others.")
@FILE
@click.option("--as", "seats", multiple=True, metavar="ACTOR", help="An actor to play; may be repeated.")
@click.option("--seed", type=int, default=None, metavar="S", help="The same seed and choices give the same match.")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    default=None,
    metavar="PATH",
    help="Save the match to this JSON file after every choice.",
)
@one_solve_options
@JSON
@EXPORT
@guarded
def play(
    asked: OneSolve,
    seats: tuple[str, ...],
    seed: int | None,
    save: Path | None,
    as_json: bool,
    export: Path | None,
) -> int:
    """Play one side of a crisis, or several, against Offramp; then see what each knew, and what choices cost.

    FILE is a crisis, or a match saved with --save: it continues, or, if it is over, its debrief is shown again.
    With --now, the match begins after the last observed step: what was before is drawn so that it agrees with all that
    is known, and each side sees of it what it has seen.
    """
    from offramp.play.debrief import debrief

    if _is_match(asked.file):
        from offramp.play.saves import read_match

        if seats or seed is not None or save or not asked.plain:
            raise UsageError(f"{asked.file} is a saved match: it has its own seats, seed, numbers and file")
        match, save = read_match(asked.file, max_nodes=asked.max_nodes), asked.file
    else:
        match = _new_match(asked, seats, seed, save)
    session = _Session(match, save, _screen(as_json))
    if not match.finished or save != asked.file:
        try:
            session.play()
        except (KeyboardInterrupt, EOFError):
            session.stop()
            return 130
    if save is not None and save != asked.file:
        session.say(f"[dim]saved: {_safe(str(save))}[/dim]")
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
        self.shown = dict.fromkeys(self.match.seats, 0)
        self.last: str | None = None

    def say(self, text: str, end: str = "\n") -> None:
        self.screen.print(text, end=end)

    def play(self) -> None:
        """Ask the seats in turn until play is over; each is shown only its own view."""
        from offramp.play.match import awaiting, choose
        from offramp.play.views import view

        names = [self.match.board.crisis.actors[actor].name for actor in self.match.seats]
        self.say(f"[bold]{_safe(self.match.board.crisis.title)}[/bold]: you play {_safe(listed(names))}.")
        self.say("[dim]Answer with a number or a name; ? shows all that you know; Ctrl-D stops and saves.[/dim]")
        self.save_match()
        while not self.match.finished:
            actor = awaiting(self.match)[0]
            self.hand_over(actor)
            option = self.ask(view(self.match, actor))
            self.match = choose(self.match, actor, option)
            self.save_match()
        if len(self.match.seats) == 1:
            self.show_new(view(self.match, self.match.seats[0]))
        self.say(f"\n[bold]It ended: {_safe(self.names.ending(self.match.ending or ''))}.[/bold]")

    def save_match(self) -> None:
        if self.save is not None:
            from offramp.play.saves import write_match

            write_match(self.match, self.save)

    def stop(self) -> None:
        """Save a match that is broken off, and say how to continue it."""
        if self.save is None:
            self.save = next(path for number in count(1) if not (path := Path(f"match-{number}.json")).exists())
        self.save_match()
        self.say(f"\nsaved: {_safe(str(self.save))}; continue with: offramp play {_safe(str(self.save))}")

    def hand_over(self, actor: str) -> None:
        """With several seats at one screen, ask the others to look away before a seat is shown what it knows."""
        if len(self.match.seats) > 1 and actor != self.last:
            if self.screen.is_terminal:
                self.screen.clear()
            name = self.match.board.crisis.actors[actor].name
            self.say(f"\n[bold]Now {_safe(name)}[/bold]; the others look away. Press Enter to continue. ", end="")
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

    def show_new(self, seat: SeatView) -> None:
        """Show what a seat has observed since it was last shown anything."""
        if not self.shown[seat.actor]:
            self.show_stakes(seat.actor)
        for line in _lines(seat.timeline, self.names, since=self.shown[seat.actor]):
            self.say(line)
        self.shown[seat.actor] = len(seat.timeline)

    @property
    def names(self) -> Names:
        return self.match.board.names

    def show_stakes(self, actor: str) -> None:
        """Show what an actor wants, its payoff terms and the inputs in them."""
        from offramp.play.briefing import briefing

        stakes = briefing(self.match.board, actor)
        what = "of what is still to come" if self.match.board.game.as_of_now else "in all"
        self.say(f"\nWhat counts for {_safe(self.names.actors[actor])}, {what}:")
        if stakes.says:
            self.say(f"  {_safe(stakes.says)}")
        for stake in stakes.stakes:
            self.say(f"  {_safe(stake.name)}: [dim]{_safe(stake.pays)}[/dim]")
        if stakes.inputs:
            values = ", ".join(f"{stakes.names[key]} ({key}) {value:.4g}" for key, value in stakes.inputs.items())
            self.say(f"  [dim]with {_safe(values)}[/dim]")

    def ask(self, seat: SeatView) -> str:
        """Ask a seat for one of its options, again until the answer is one of them."""
        from offramp.play.match_wording import condition_in_words

        self.show_new(seat)
        asked = seat.asked
        assert asked is not None
        when = f", round {asked.round}" if asked.round else ""
        names, options = self.names, self.names.options_of(asked.move)
        self.say(f"\n[bold]{_safe(seat.name)}: {_safe(names.steps[asked.move])}{when}?[/bold]")
        for number, key in enumerate(asked.options, start=1):
            says = self.match.board.crisis.option(asked.move, key).says
            self.say(f"  {number}  {_safe(options[key])}" + (f"[dim]: {_safe(says)}[/dim]" if says else ""))
        for closed in asked.closed:
            why = (
                "forbidden by a lever"
                if closed.only_if is None
                else f"only if {condition_in_words(names, closed.only_if)}"
            )
            self.say(f"  [dim]–  {_safe(options[closed.option])} ({_safe(why)})[/dim]")
        while True:
            self.say("> ", end="")
            answer = self.read()
            if answer == "?":
                for line in _lines(seat.timeline, self.names, since=0):
                    self.say(line)
                continue
            chosen, hint = _parse_answer(answer, {key: options[key] for key in asked.options})
            if chosen is not None:
                return chosen
            self.say(_safe(hint))


def _parse_answer(answer: str, options: dict[str, str]) -> tuple[str | None, str]:
    """The option that an answer names, or None and a hint; `options`: names by key, and either may be given."""
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return list(options)[int(answer) - 1], ""
    word = " ".join(answer.lower().split())
    matching = [
        key for key, name in options.items() if word in (name.lower(), key.lower(), key.lower().replace("_", " "))
    ]
    if len(matching) == 1:
        return matching[0], ""
    near = nearest_word(word, options.values())
    hint = f"did you mean {near}? " if near is not None else ""
    return None, f"{hint}A number from 1 to {len(options)}, or a name: {listed(options.values(), 30, last='or')}"


def _lines(timeline: Sequence[Sight], names: Names, since: int) -> Iterable[str]:
    """What was observed, one line per entry from number `since`; changed states are collected in one line.

    If something was before now, headings set it apart.
    """
    states: dict[str, str | float] = {}
    changed: list[str] = []
    was_past = False
    for number, sight in enumerate(timeline):
        if sight.past and number == since == 0:
            yield "\n[bold]Before now[/bold]"
        if was_past and not sight.past and number > since:
            yield "\n[bold]Now[/bold]"
        was_past = sight.past
        if sight.kind == "state":
            if states.get(sight.step) != sight.value and number >= since:
                changed.append(names.fact(sight.step, sight.value))
            states[sight.step] = sight.value
            continue
        if changed:
            yield _safe(f"  now {', '.join(changed)}")
            changed = []
        if number >= since:
            yield _line(sight, names)
    if changed:
        yield _safe(f"  now {', '.join(changed)}")
    if was_past and since < len(timeline):
        yield "\n[bold]Now[/bold]"


def _line(sight: Sight, names: Names) -> str:
    step, value = names.step(sight.step), names.option(sight.step, sight.value)
    match sight.kind:
        case "round":
            return f"\n[bold]Round {value}[/bold]" + (f" ({sight.days})" if sight.days else "")
        case "rounds_over":
            return f"  the rounds are over: {value} played"
        case "told":
            text = f"you are told: {step}: {value}"
        case _ if sight.value == "skipped":
            text = f"{step} {'does not arise' if sight.actor is None else 'is not made'}"
        case _ if sight.own and not sight.past:
            text = f"you chose {value} at {step}"
        case _ if sight.actor is not None:
            text = f"{names.actors[sight.actor]} chose {value} at {step}"
        case _:
            text = f"{step}: {value}"
    return _safe(f"  {text}")


def _new_match(asked: OneSolve, seats: tuple[str, ...], seed: int | None, save: Path | None) -> Match:
    from offramp.crisis.model import Crisis
    from offramp.gambit.opening import read
    from offramp.play.board import set_up
    from offramp.play.match import begin, new_seed

    crisis = read(asked.file)
    if not isinstance(crisis, Crisis):
        raise UsageError(f"{asked.file} is a Gambit game: only a crisis can be played")
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
