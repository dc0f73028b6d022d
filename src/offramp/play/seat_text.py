"""What a seat reads when it is asked: one text, shown to a person in the terminal and sent to a model.

The text is laid out in lines of at most `WIDTH` columns, so that it is the same, byte for byte, wherever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import listed, nearest_word
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.play.briefing import briefing
from offramp.play.match import Question
from offramp.play.match_wording import condition_in_words
from offramp.play.views import SeatView, Sight

WIDTH = 80
"""Maximum width of a line, in columns of a terminal."""
_LONGEST_WORD = 60


@dataclass(frozen=True)
class SeatLine:
    """A line of the text. `strong`: it is a heading; `faint_from`: from this character on it matters less, or None."""

    text: str
    strong: bool = False
    faint_from: int | None = None


def asked_lines(seat: SeatView, since: int | None) -> tuple[SeatLine, ...]:
    """What a seat that is asked is shown: what it has seen since, and its question with all options.

    Parameters
    ----------
    seat
        The view of a seat whose turn it is.
    since
        The number of entries of the timeline that the seat has been shown; None at its first question, which begins
        with whom it plays and what counts for it.
    """
    assert seat.asked is not None
    opening = () if since is not None else (*_title(seat), *_stakes(seat))
    return (*opening, *seen_lines(seat, since or 0), *_question(seat, seat.asked))


def seen_lines(seat: SeatView, since: int) -> tuple[SeatLine, ...]:
    """What a seat has seen, from entry number `since` of its timeline."""
    return tuple(_seen(seat.timeline, seat.board.names, since))


def text_of_lines(lines: Iterable[SeatLine]) -> str:
    """Lines as plain text."""
    return "".join(f"{line.text}\n" for line in lines)


def chosen_option(answer: str, options: Mapping[str, str]) -> tuple[str | None, str]:
    """The option that an answer names, or None and a hint; `options`: names by key, and either may be given.

    Examples
    --------
    >>> chosen_option("2", {"hold": "holding back", "strike": "a strike"})
    ('strike', '')
    >>> chosen_option("A  Strike", {"hold": "holding back", "strike": "a strike"})
    ('strike', '')
    """
    if answer.isdecimal() and len(answer) < 10 and 1 <= int(answer) <= len(options):
        return list(options)[int(answer) - 1], ""
    word = " ".join(answer.lower().split())
    matching = [
        key for key, name in options.items() if word in (name.lower(), key.lower(), key.lower().replace("_", " "))
    ]
    if len(matching) == 1:
        return matching[0], ""
    near = nearest_word(word, options.values())
    hint = [] if near is None else [tr("did you mean {option}?", option=near)]
    names = listed(options.values(), 30, last="or")
    choice = tr("A number from 1 to {last}, or a name: {options}", last=len(options), options=names)
    return None, " ".join([*hint, choice])


def named_options(seat: SeatView) -> dict[str, str]:
    """The names of the options that a seat is asked about, by key, in the order of the menu."""
    assert seat.asked is not None
    names = seat.board.names.options_of(seat.asked.move)
    return {key: names[key] for key in seat.asked.options}


def _title(seat: SeatView) -> Iterator[SeatLine]:
    yield from _laid_out("", tr("{crisis}: you play {actor}.", crisis=seat.crisis, actor=seat.name), strong=True)


def _stakes(seat: SeatView) -> Iterator[SeatLine]:
    """What an actor wants, its payoff terms and the inputs in them."""
    stakes = briefing(seat.board, seat.actor)
    if seat.board.game.as_of_now:
        heading = tr("What counts for {actor}, of what is still to come:", actor=seat.name)
    else:
        heading = tr("What counts for {actor}, in all:", actor=seat.name)
    yield SeatLine("")
    yield from _laid_out("", heading)
    if stakes.says:
        yield from _laid_out("  ", stakes.says)
    for stake in stakes.stakes:
        yield from _laid_out("  ", f"{stake.name}:", stake.pays)
    if stakes.stakes:
        yield from _laid_out("  ", "", tr("(a condition in brackets counts 1 if it holds, else 0)"))
    if stakes.inputs:
        values = ", ".join(f"“{stakes.names[key]}” {value:.4g}" for key, value in stakes.inputs.items())
        yield from _laid_out("  ", "", tr("with {values}", values=values))


def _question(seat: SeatView, asked: Question) -> Iterator[SeatLine]:
    names, options = seat.board.names, seat.board.names.options_of(asked.move)
    called = {"actor": seat.name, "move": names.steps[asked.move]}
    if asked.round:
        heading = tr("{actor}: {move}, round {round}?", round=asked.round, **called)
    else:
        heading = tr("{actor}: {move}?", **called)
    yield SeatLine("")
    yield from _laid_out("", heading, strong=True)
    for number, key in enumerate(asked.options, start=1):
        says = seat.board.crisis.option(asked.move, key).says
        yield from _laid_out(f"  {number}  ", f"{options[key]}{':' if says else ''}", says or "")
    for closed in asked.closed:
        option = options[closed.option]
        if closed.only_if is None:
            text = tr("{option} (forbidden by a lever)", option=option)
        else:
            condition = condition_in_words(names, closed.only_if)
            text = tr("{option} (only if {condition})", option=option, condition=condition)
        yield from _laid_out("  –  ", "", text)


def _seen(timeline: tuple[Sight, ...], names: Names, since: int) -> Iterator[SeatLine]:
    """What was observed, an entry a line from number `since`; changed states are collected in one line.

    If something was before now, headings set it apart.
    """
    states: dict[str, str | float] = {}
    changed: list[str] = []
    was_past = False
    for number, sight in enumerate(timeline):
        if sight.past and number == since == 0:
            yield from (SeatLine(""), SeatLine(tr("Before now"), strong=True))
        if was_past and not sight.past and number > since:
            yield from (SeatLine(""), SeatLine(tr("Now"), strong=True))
        was_past = sight.past
        if sight.kind == "state":
            if states.get(sight.step) != sight.value and number >= since:
                changed.append(names.fact(sight.step, sight.value))
            states[sight.step] = sight.value
            continue
        if changed:
            yield from _laid_out("  ", tr("now {changes}", changes=", ".join(changed)))
            changed = []
        if number >= since:
            yield from _sight(sight, names)
    if changed:
        yield from _laid_out("  ", tr("now {changes}", changes=", ".join(changed)))
    if was_past and since < len(timeline):
        yield from (SeatLine(""), SeatLine(tr("Now"), strong=True))


def _sight(sight: Sight, names: Names) -> Iterator[SeatLine]:
    step, value = names.step(sight.step), names.option(sight.step, sight.value)
    match sight.kind:
        case "round":
            yield SeatLine("")
            days = f" ({sight.days})" if sight.days else ""
            heading = tr("Round {round}", round=value)
            yield SeatLine(f"{heading}{days}", strong=True, faint_from=len(heading) if days else None)
            return
        case "rounds_over":
            text = tr("the rounds are over: {count} played", count=value)
        case "told":
            text = tr("you are told: {step}: {value}", step=step, value=value)
        case _ if sight.value == SKIPPED and sight.actor is None:
            text = tr("{step} does not arise", step=step)
        case _ if sight.value == SKIPPED:
            text = tr("{step} is not made", step=step)
        case _ if sight.own and not sight.past:
            text = tr("you chose {option} at {move}", option=value, move=step)
        case _ if sight.actor is not None:
            actor = names.actors[sight.actor]
            text = tr("{actor} chose {option} at {move}", actor=actor, option=value, move=step)
        case _:
            text = f"{step}: {value}"
    yield from _laid_out("  ", text)


def _laid_out(lead: str, text: str, faint: str = "", *, strong: bool = False) -> Iterator[SeatLine]:
    """A paragraph as lines: `lead`, `text`, and what matters less; later lines stand under the text."""
    words = [(piece, is_faint) for part, is_faint in ((text, False), (faint, True)) for piece in _words(part)]
    start = line = lead
    under = " " * (cell_len(lead) if lead.strip() else cell_len(lead) + 2)
    faint_from: int | None = None
    for word, is_faint in words:
        if line != start and cell_len(line) + 1 + cell_len(word) > WIDTH:
            yield SeatLine(line, strong, faint_from)
            start = line = under
            faint_from = None
        line += word if line == start else f" {word}"
        if is_faint and faint_from is None:
            faint_from = len(line) - len(word)
    yield SeatLine(line, strong, faint_from)


def _words(text: str) -> Iterator[str]:
    """The words of a text without characters that steer a terminal; a word longer than a line in pieces."""
    for word in printable(text).split():
        yield from chop_cells(word, _LONGEST_WORD) if cell_len(word) > _LONGEST_WORD else [word]
