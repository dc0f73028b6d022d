"""The text of a seat is the same wherever it is read, and holds only what the seat has seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

import offramp
from offramp.draft.inquiry_state import Usage
from offramp.draft.prompts import PromptMessage
from offramp.draft.provider import ServerReply
from offramp.gambit.opening import compile_game
from offramp.play.board import Board, set_up
from offramp.play.match import begin
from offramp.play.model_seat import HOW_TO_ANSWER, option_in, play_by_model
from offramp.play.own_draws import OwnDraws
from offramp.play.seat_text import WIDTH, asked_lines, text_of_lines
from offramp.play.views import view
from tests.copies import OFFRAMP, ran
from tests.crises import crisis_of
from tests.play.small import SIDES

STARTER = Path(offramp.__file__).parent / "starter.yaml"
Sent = list[Sequence[PromptMessage]]


def answering(answers: Iterator[str], sent: Sent) -> Callable[[Sequence[PromptMessage]], ServerReply]:
    """A model with scripted answers, which keeps what it is sent."""

    def ask(messages: Sequence[PromptMessage]) -> ServerReply:
        sent.append(tuple(messages))
        return ServerReply(next(answers), "scripted", "nowhere", Usage(calls=1), True)

    return ask


def always(answer: str) -> Iterator[str]:
    while True:
        yield answer


def shown_to(role: str, messages: Sequence[PromptMessage]) -> list[str]:
    return [message.content for message in messages if message.role == role]


def test_a_model_is_sent_byte_for_byte_what_a_person_in_its_seat_sees() -> None:
    """Both play: the person in a process of its own, at the numbers of the play's draw and with its luck."""
    draws = OwnDraws(compile_game(offramp.read(STARTER)), seed=11, given={})
    board = draws.board(2)
    assert board is not None
    sent: Sent = []
    play = play_by_model(board, ["tessia"], draws.luck(2), 2, answering(iter(['{"answer": "2"}', "a strike"]), sent))
    assert [(made.move, made.option) for made in play.moves] == [("notice", "sent"), ("answer", "strike")]
    settings = [word for name, value in board.given.items() for word in ("--set", f"{name}={value!r}")]
    command = [OFFRAMP, "play", STARTER, "--as", "tessia", "--seed", str(draws.luck(2)), *settings]
    person = ran(command, answers="2\na strike\n")
    first, second = shown_to("user", sent[-1])
    assert "  3  a strike\n" in second
    keys, _, seen = person.stdout.partition("\n")
    assert keys.startswith("Answer with a number or a name")
    assert seen.startswith(f"{first}> \n{second}> \n")
    assert f"It ended: {board.names.ending(play.ending or '')}." in seen
    assert shown_to("user", sent[0]) == [first]
    assert shown_to("system", sent[-1]) == [HOW_TO_ANSWER]
    assert shown_to("assistant", sent[-1]) == ['{"answer": "2"}']


def test_what_a_seat_has_not_seen_changes_no_byte_of_what_it_is_sent() -> None:
    """North's word is hidden unless East is told; the mood is South's, and the weather everybody's."""
    board = set_up(crisis_of(SIDES))
    texts: dict[tuple[object, ...], set[tuple[str, ...]]] = defaultdict(set)
    hidden: dict[tuple[object, ...], set[object]] = defaultdict(set)
    for luck in range(60):
        match = begin(board, ["east"], luck)
        word, mood = (next(made.value for made in match.entries if made.step == step) for step in ("word", "mood"))
        sent: Sent = []
        play_by_model(board, ["east"], luck, luck, answering(always("1"), sent))
        told = (word == "speak",)
        texts[told].add(tuple(message.content for messages in sent for message in messages))
        hidden[told].add(mood)
    assert all(len(found) == 1 for found in texts.values())
    assert all(found == {"calm", "tense"} for found in hidden.values())
    assert len(texts) == 2
    (silent,), (spoken,) = texts[False,], texts[True,]
    assert silent != spoken


def test_a_seat_is_sent_nothing_of_another_seat() -> None:
    board = set_up(crisis_of(SIDES))
    sent: Sent = []
    play_by_model(board, ["north", "east"], 2, 0, answering(iter(["speak", "strike", "press"]), sent))
    north, east = sent[1], sent[2]
    assert shown_to("assistant", north) == ['{"answer": "2"}']
    assert shown_to("assistant", east) == []
    assert "you play North" in north[1].content
    assert "you play East" in east[1].content
    assert "strike" not in "".join(message.content for message in east[1:])


@pytest.fixture(scope="module")
def board() -> Board:
    long = "a word " * 40 + "x" * 200 + " 封鎖" * 40
    text = SIDES.replace("name: North}", f"name: North, says: '{long}'}}").replace(
        "title: Sides", 'title: "Sides\\n  1  surrender \\e[31m"'
    )
    return set_up(crisis_of(text))


def test_no_line_is_longer_than_a_terminal(board: Board) -> None:
    lines = asked_lines(view(begin(board, ["north"], 1), "north"), None)
    assert max(cell_len(line.text) for line in lines) <= WIDTH
    assert "x" * 60 in text_of_lines(lines)


def test_no_name_steers_the_terminal_or_makes_an_option(board: Board) -> None:
    text = text_of_lines(asked_lines(view(begin(board, ["north"], 1), "north"), None))
    assert text.startswith("Sides 1 surrender \\u001b[31m: you play North.\n")
    assert [line for line in text.splitlines() if line.startswith("  1  ")] == ["  1  silent"]


MENU = {"hold": "holding back", "strike": "a strike", "third_way": "2nd. best"}


@pytest.mark.parametrize(
    ("answer", "option"),
    [
        ("2", "strike"),
        (" 2.\n", "strike"),
        ("A  Strike", "strike"),
        ("third_way", "third_way"),
        ("2nd. best", "third_way"),
        ('{"answer": 2}', "strike"),
        ('```json\n{"answer": "holding back"}\n```', "hold"),
        ('<think>{"answer": 1}</think>{"answer": 2}', "strike"),
        ("<think>1</think>2", "strike"),
        ("2) a strike", "strike"),
        ("**a strike**", "strike"),
        ("1. a strike", None),
        ("0", None),
        ("4", None),
        ("-1", None),
        ("", None),
        ("9" * 5000, None),
        ('{"answer": true}', None),
        ('{"answer": null}', None),
        ('{"answer": [2]}', None),
        ('{"answer": 2', None),
        ('{"option": 2}', None),
        ("I would strike", None),
        ("holding back, or a strike", None),
        ("x" * 100_000, None),
    ],
)
def test_an_answer_is_an_option_of_the_menu_or_none(answer: str, option: str | None) -> None:
    found, complaint = option_in(answer, MENU)
    assert found == option
    assert len(complaint) < 200
    assert bool(complaint) == (option is None)
