"""`offramp play --seat ACTOR=model`: a language model plays, and every play is kept as it finishes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import with_progress
from offramp.cli.inquiry_by_model import agreed_to, used_in_words
from offramp.cli.model_options import ModelRequest
from offramp.cli.one_solve import OneSolve
from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.draft.inquiry_state import Usage
from offramp.draft.limits import LONGEST_ANSWER, DraftLimits, LimitReachedError, room_for_answer, tokens_of
from offramp.draft.provider import NoAnswerError, Provider, ServerReply
from offramp.draft.server_address import ServerError
from offramp.play.kept_plays import (
    KeptPlays,
    PlaysHeader,
    begin_plays,
    check_same,
    header_of,
    keep_play,
    one_writer,
    read_plays,
)
from offramp.play.match import check_actor, new_seed
from offramp.play.model_seat import SCHEMA, ModelPlay, first_messages, play_by_model
from offramp.play.own_draws import OwnDraws
from offramp.play.played_again import PlayOutcome, outcome_of
from offramp.play.seat_frequencies import ModelSeats

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.crisis.model import Crisis
    from offramp.draft.prompts import PromptMessage


@dataclass(frozen=True)
class ModelPlaysAsked:
    """What the command is asked: `seats` as they are written, the number of plays, their file, and the model."""

    solve: OneSolve
    seats: tuple[str, ...]
    seed: int | None
    plays: int
    out: Path | None
    request: ModelRequest | None


def play_by_models(asked: ModelPlaysAsked, as_json: bool) -> tuple[ModelSeats | None, int]:
    """Let a model play what the file of plays does not hold yet; the finding if all is played, and the exit code."""
    trial = _trial(asked)
    request, outcomes = trial.request, dict[int, PlayOutcome]()
    if trial.missing:
        if request is None:
            raise UsageError(
                f"{len(trial.kept):,} of the {asked.plays:,} plays are in {trial.path}: for the others give --model "
                f"NAME and --base-url URL{f', or give --plays {len(trial.kept)}' if trial.kept else ''}"
            )
        request.check()
    if trial.kept:
        with_progress(tr("plays that are kept"), len(trial.kept), lambda tick: trial.take_kept(outcomes, tick))
    if request is None or not trial.missing:
        return trial.finding(outcomes), 0
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        if not agreed_to(trial.sends(request), request):
            click.echo(tr("nothing was sent"))
            return None, 1
    teller = _Teller(request.limits)
    code = 0
    try:
        with one_writer(trial.path), request.provider() as provider:
            trial.prepare()
            with_progress(
                tr("{model} plays", model=request.model),
                len(trial.missing),
                lambda tick: trial.go_on(outcomes, teller.ask(provider), tick),
            )
    except (LimitReachedError, ServerError) as error:
        click.echo(tr("stopped: {reason}", reason=error), err=True)
        code = 1
    except KeyboardInterrupt:
        click.echo("\n" + tr("interrupted"), err=True)
        code = 130
    if code:
        kept = trn(
            "{kept} of {count} play is kept in {file}; the same command goes on.",
            "{kept} of {count} plays are kept in {file}; the same command goes on.",
            asked.plays,
            kept=f"{trial.in_file():,}",
            file=trial.path,
        )
        click.echo(f"{used_in_words(teller.used)}.\n{kept}", err=True)
        return None, code
    return trial.finding(outcomes), 0


def show_plays(screen: Console, finding: ModelSeats) -> None:
    """Print a finding; to leave room for numbers, the captions say what the rows of data are about."""
    from offramp.report.findings_in_terminal import show_finding

    show_finding(screen, replace(finding, labels_rows=False))


@dataclass(frozen=True, eq=False)
class _Trial:
    """The plays that are asked for: their game, their file, and what it holds."""

    asked: ModelPlaysAsked
    request: ModelRequest | None
    path: Path
    draws: OwnDraws
    header: PlaysHeader
    file: KeptPlays | None

    @cached_property
    def kept(self) -> Mapping[int, ModelPlay]:
        """The plays of the file that are asked for, by number."""
        plays = () if self.file is None else self.file.plays
        return {play.number: play for play in plays if play.number < self.asked.plays}

    @cached_property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the plays that are asked for, and not in the file."""
        return tuple(number for number in range(self.asked.plays) if number not in self.kept)

    def in_file(self) -> int:
        """How many of the plays that are asked for are in the file now."""
        return sum(play.number < self.asked.plays for play in read_plays(self.path).plays)

    @property
    def seats(self) -> Sequence[str]:
        return self.header.seats

    def take_kept(self, outcomes: dict[int, PlayOutcome], tick: Callable[[int], None]) -> None:
        """Play the kept plays again, from what they record."""
        for number, play in self.kept.items():
            outcomes[number] = outcome_of(self.draws.board(number), self.seats, self.draws.luck(number), play)
            tick(1)

    def sends(self, request: ModelRequest) -> str:
        """What is sent where, in words."""
        crisis, number = self.draws.game.crisis, self.missing[0]
        names = listed(crisis.actors[actor].name for actor in self.seats)
        board = self.draws.board(number)
        first = () if board is None else first_messages(board, self.seats, self.draws.luck(number))
        limits = request.limits
        sentences = [
            trn(
                "This is sent to {server}, for {model}, at each move of {actors} in {count} play: what a person in "
                "that seat sees, which is the crisis's title, what counts for that actor with its numbers, what it has "
                "seen, and its options.",
                "This is sent to {server}, for {model}, at each move of {actors} in {count} plays: what a person in "
                "that seat sees, which is the crisis's title, what counts for that actor with its numbers, what it has "
                "seen, and its options.",
                len(self.missing),
                server=request.server.name,
                model=request.model,
                actors=names,
            )
        ]
        if first:
            sentences.append(tr("The first message has about {tokens} tokens.", tokens=f"{_tokens(first):,}"))
        sentences += [
            tr(
                "There are at most {calls} calls and {tokens} tokens in all.",
                calls=f"{limits.calls:,}",
                tokens=f"{limits.tokens:,}",
            ),
            tr("Nothing is sent to anybody else."),
        ]
        return " ".join(sentences)

    def prepare(self) -> None:
        """Begin the file, or take off a last line that was not written whole."""
        if (read_plays(self.path) if self.path.exists() else None) != self.file:
            raise UsageError(f"another process has added plays to {self.path}: give the same command again")
        if self.file is None or self.file.is_torn:
            begin_plays(self.path, self.header, () if self.file is None else self.file.plays)

    def go_on(
        self,
        outcomes: dict[int, PlayOutcome],
        ask: Callable[[Sequence[PromptMessage]], ServerReply],
        tick: Callable[[int], None],
    ) -> None:
        """Let the model play the missing plays; each is in the file before the next begins."""
        for number in self.missing:
            board, luck = self.draws.board(number), self.draws.luck(number)
            play = (
                ModelPlay(number, (), None, Usage())
                if board is None
                else play_by_model(board, self.seats, luck, number, ask)
            )
            keep_play(self.path, play)
            outcomes[number] = outcome_of(board, self.seats, luck, play)
            tick(1)

    def finding(self, outcomes: Mapping[int, PlayOutcome]) -> ModelSeats:
        """How the model played."""
        return ModelSeats(self.header, self.draws, tuple(outcomes[number] for number in sorted(outcomes)))


@dataclass
class _Teller:
    """Counts what is used, within limits."""

    limits: DraftLimits
    used: Usage = field(default_factory=Usage)

    def ask(self, provider: Provider) -> Callable[[Sequence[PromptMessage]], ServerReply]:
        """A function that sends messages within the limits."""

        def ask(messages: Sequence[PromptMessage]) -> ServerReply:
            room = room_for_answer(self.limits, self.used, _tokens(messages))
            try:
                reply = provider.answer(messages, SCHEMA, room)
            except NoAnswerError as error:
                self.used += error.usage
                if error.is_cut and room < LONGEST_ANSWER:  # the limit has cut it, not the model
                    raise LimitReachedError(f"--max-tokens: {room:,} tokens were left, too few for an answer") from None
                raise
            self.used += reply.usage
            return reply

        return ask


def _tokens(messages: Sequence[PromptMessage]) -> int:
    return tokens_of([*(message.content for message in messages), json.dumps(SCHEMA)])


def _trial(asked: ModelPlaysAsked) -> _Trial:
    """Read the crisis and the file of plays, and check that they belong together."""
    from offramp.crisis.model import Crisis
    from offramp.gambit.opening import compile_game, read
    from offramp.runs.solve_draws import check_asked

    crisis = read(asked.solve.path)
    if not isinstance(crisis, Crisis):
        raise UsageError(f"{asked.solve.path} is a Gambit game: only a crisis can be played")
    seats = _seats(asked.seats, crisis)
    path = asked.out or Path(f"plays-{'-'.join(seats)}.jsonl")
    file = read_plays(path) if path.exists() else None
    request = asked.request
    if file is None:
        if request is None:
            raise UsageError("name the model that plays: --model NAME and --base-url URL; without, nothing is sent")
        seed = new_seed() if asked.seed is None else asked.seed
        model, host = request.model, request.server.name
    else:
        seed = file.header.seed if asked.seed is None else asked.seed
        request = None if request is None else request.of([file.header.model])
        model, host = (file.header.model, file.header.host) if request is None else (request.model, request.server.name)
    check_asked(asked.plays, seed)
    if request is not None and not model:
        request.check()
    game = compile_game(asked.solve.of(crisis), asked.solve.max_nodes)
    draws = OwnDraws(game, seed, asked.solve.given(crisis), asked.solve.rationality)
    header = header_of(draws, seats, model, host)
    if file is not None:
        check_same(path, file.header, header)
    return _Trial(asked, request, path, draws, header, file)


def _seats(words: Sequence[str], crisis: Crisis) -> tuple[str, ...]:
    """The actors of `ACTOR=model`, in the order of the file."""
    seats = []
    for word in words:
        actor, equals, player = (part.strip() for part in word.partition("="))
        if not equals or player != "model":
            raise UsageError(f"--seat takes ACTOR=model, found '{word[:80]}'; a person plays with --as ACTOR")
        check_actor(crisis, actor)
        seats.append(actor)
    return tuple(actor for actor in crisis.actors if actor in seats)
