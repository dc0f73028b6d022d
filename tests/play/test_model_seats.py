"""A model in a seat: its frequencies beside the equilibrium, its invalid answers, its file, and going on."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scipy.stats import binomtest

import offramp
from offramp.cli import main
from offramp.draft.inquiry_state import Usage
from offramp.draft.prompts import PromptMessage
from offramp.draft.provider import ServerReply
from offramp.play.kept_plays import begin_plays, header_of, one_writer
from offramp.play.model_seat import play_by_model
from offramp.play.own_draws import OwnDraws
from tests.cli.person import at_terminal
from tests.copies import OFFRAMP, Copy
from tests.play.test_seat_text import STARTER
from tests.replay.loopback import Asked, Loopback, Reply, loopback

ONE_MOVE = """
format: 1
title: One move
actors: {north: {name: North}, south: {name: South}}
timeline:
  - {chance: mood, odds: {calm: 0.25, tense: rest}}
  - {chance: secret, odds: {yes_: 0.5, no_: rest}, seen_by: [south]}
  - {move: act, by: north, options: {hold: holding back, press: pressing on}}
payoffs: {north: {gain: (act == press) * (2 * (mood == tense) - 1) * 0.2}}
endings: {pressed: act == press, held: otherwise}
"""
LARGE = """
format: 1
title: Large
actors: {a: {name: A}}
inputs: {x: {is: "lognormal(median=1e10, sigma=6)", because: ours}}
timeline: [{move: m, by: a, options: [l, r]}]
payoffs: {a: {gain: x + (m == l)}}
endings: {l: m == l, r: otherwise}
"""
KNOWN = {"calm": 0.3, "tense": 0.65}
"""How often the scripted model presses on."""


def scripted(asked: Asked) -> Reply:
    """A model that always answers with the first option."""
    return Reply('{"answer": "1"}')


@pytest.fixture
def crisis(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    path.write_text(ONE_MOVE)
    return path


def play(file: Path, *words: str, seat: str = "north", out: Path | None = None) -> Result:
    place = file.parent / "plays.jsonl" if out is None else out
    return CliRunner().invoke(main, ["play", str(file), "--seat", f"{seat}=model", "--out", str(place), *words])


def at(server: Loopback, *words: str) -> list[str]:
    return ["--model", "tiny", "--base-url", server.base_url, "--yes", *words]


def found(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert isinstance(content, dict)
    return content


def test_known_frequencies_are_recovered_within_their_intervals(crisis: Path) -> None:
    """1,000 plays of a model whose probabilities are known, by information set, fixed seeds; no server, to be quick."""
    random = Random(5)
    sent: list[Sequence[PromptMessage]] = []

    def ask(messages: Sequence[PromptMessage]) -> ServerReply:
        sent.append(tuple(messages))
        mood = "calm" if "mood: calm" in messages[-1].content else "tense"
        answer = random.choice(["2", "pressing on", '{"answer": 2}']) if random.random() < KNOWN[mood] else "1"
        return ServerReply(answer, "tiny", "nowhere", Usage(calls=1), True)

    draws = OwnDraws(offramp.compile_game(offramp.read(crisis)), 1, {})
    board = offramp.set_up(draws.game)
    plays = [play_by_model(board, ["north"], draws.luck(number), number, ask) for number in range(1000)]
    begin_plays(crisis.parent / "plays.jsonl", header_of(draws, ["north"], "tiny", "nowhere"), plays)
    result = found(play(crisis, "--plays", "1000", "--json"))
    assert len(sent) == 1000
    assert all(len(messages) == 2 for messages in sent)  # nothing of an earlier play
    rows = [row for row in result["situations"] if row["option"] == "pressing on"]
    assert len(rows) == 2
    for row in rows:
        mood = "calm" if "calm" in row["situation"] else "tense"
        total = sum(other["count"] for other in result["situations"] if other["situation"] == row["situation"])
        assert row["low"] < KNOWN[mood] < row["high"]
        assert row["share"] == row["count"] / total
        exact = binomtest(row["count"], total).proportion_ci(0.95, "exact")
        assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high), abs=1e-12)
        held = next(one for one in board.game.situations if one.sees["mood"] == mood)
        assert row["equilibrium"] == pytest.approx(board.solution.choice[held.slots][1], abs=1e-12)
    pressed = next(row for row in result["endings"] if row["ending"] == "pressed")
    assert pressed["low"] < 0.25 * KNOWN["calm"] + 0.75 * KNOWN["tense"] < pressed["high"]
    assert pressed["equilibrium"] == pytest.approx(board.solution.endings["pressed"], abs=1e-12)
    assert result["usage"][0]["calls"] == 1000


def test_the_equilibrium_beside_is_that_of_a_run_with_the_same_draws(tmp_path: Path) -> None:
    """Levers and set inputs included; the history of each play has the shares of its own draw."""
    with loopback(scripted) as server:
        words = ["--plays", "6", "--seed", "4", "--lever", "hotline", "--json"]
        result = found(play(STARTER, *at(server), *words, seat="tessia", out=tmp_path / "p"))
    game = offramp.read(STARTER).with_levers("hotline")
    run = offramp.run(game, draws=6, seed=4)
    means = {row["ending"]: row["equilibrium"] for row in result["endings"]}
    keys = [ending.key for ending in run.crisis.endings]
    assert means == pytest.approx(dict(zip(keys, run.endings.mean(axis=1).tolist(), strict=True)), abs=1e-6)
    draws = OwnDraws(offramp.compile_game(game), 4, {})
    at_notice = next(one.slots for one in draws.game.situations if one.move == "notice")
    boards = [board for number in range(6) if (board := draws.board(number)) is not None]
    sent = [float(board.solution.choice[at_notice][1]) for board in boards]
    assert len({round(share, 6) for share in sent}) == 6
    row = next(row for row in result["moves"] if row["option"] == "a notice")
    assert row["equilibrium"] == pytest.approx(sum(sent) / 6, abs=1e-12)


def test_an_invalid_answer_is_asked_for_once_more_and_then_breaks_the_play_off(crisis: Path) -> None:
    answers = iter(["1", "\x1b[31mI press", "2", "none", '{"answer": 7}', "", "1", "2", "2" * 400, "2"])

    def answer(asked: Asked) -> Reply:
        return Reply(next(answers))

    with loopback(answer) as server:
        result = found(play(crisis, *at(server), "--plays", "6", "--seed", "1", "--json"))
    assert [len(asked.messages) for asked in server.asked] == [2, 2, 4, 2, 4, 2, 4, 2, 2, 4]
    again = server.asked[2].messages
    assert [message["role"] for message in again] == ["system", "user", "assistant", "user"]
    assert again[-1]["content"] == ("A number from 1 to 2, or a name: holding back or pressing on\n")
    (answers_row,) = result["answers"]
    assert (answers_row["asked"], answers_row["valid"], answers_row["invalid"], answers_row["broken_off"]) == (
        6,
        5,
        5,
        1,
    )
    assert sum(row["count"] for row in result["moves"]) == 5
    assert sum(row["share"] for row in result["moves"]) == pytest.approx(1.0)
    draws = OwnDraws(offramp.compile_game(offramp.read(crisis)), 1, {})
    board = offramp.set_up(offramp.read(crisis))
    shares = [board.shares(board.place(offramp.begin(board, ["north"], draws.luck(k)).node)) for k in (0, 1, 3, 4, 5)]
    expected = [row["equilibrium"] for row in result["moves"]]
    assert expected == pytest.approx([sum(share[k] for share in shares) / 5 for k in (0, 1)], abs=1e-12)
    assert sum(row["count"] for row in result["endings"]) == 5
    assert result["usage"][0]["calls"] == 10
    assert "5 answers were no option of the menu; 1 play broke off." in result["answer"]
    lines = [json.loads(line) for line in (crisis.parent / "plays.jsonl").read_text().splitlines()[1:]]
    assert lines[2]["ending"] is None
    assert lines[2]["moves"][0]["invalid"] == ["none", '{"answer": 7}']
    assert lines[1]["moves"][0]["invalid"] == ["\\u001b[31mI press"]
    assert lines[3]["moves"][0]["invalid"] == [""]
    assert lines[5]["moves"][0]["invalid"] == ["2" * 79 + "…"]


def test_endings_are_not_compared_with_those_of_plays_that_broke_off(crisis: Path) -> None:
    """A model that only ever answers where it holds back: its finished plays all end the same way, by selection."""
    random = Random(3)

    def answer(asked: Asked) -> Reply:
        return Reply("1" if len(asked.messages) == 2 and random.random() < 0.5 else "I press on")

    with loopback(answer) as server:
        result = found(play(crisis, *at(server), "--plays", "20", "--seed", "1", "--json"))
    broken_off = result["usage"][0]["broken_off"]
    assert 0 < broken_off < 20
    told = next(line for line in result["answer"] if "finished play" in line)
    assert told.startswith("0.0% (95% interval 0.0% to")
    assert told.endswith(f"also counts the {broken_off} plays that broke off.")
    assert any("the finished plays are not a fair sample" in note for note in result["notes"])
    whole = found(play(crisis, "--plays", "1", "--json"))
    assert whole["usage"][0]["broken_off"] == 0
    assert not any("fair sample" in note for note in whole["notes"])
    assert any("the equilibrium's" in line and "the interval" in line for line in whole["answer"] if "finished" in line)


def test_an_answer_that_is_cut_is_none_but_not_if_a_limit_cuts_it(crisis: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply("Let me see", finish="length") if len(server.asked) % 2 else Reply("1")

    with loopback(answer) as server:
        result = found(play(crisis, *at(server), "--plays", "2", "--seed", "1", "--json"))
        assert (result["answers"][0]["valid"], result["answers"][0]["invalid"]) == (2, 2)
        assert result["usage"][0]["calls"] == 4
        few = play(crisis, *at(server, "--max-tokens", "4000"), "--plays", "3")
    assert few.exit_code == 1
    assert "--max-tokens: 3," in few.stderr
    assert "tokens were left, too few for an answer" in few.stderr
    assert "2 of 3 plays are kept" in few.stderr


def test_a_server_that_refuses_stops_and_keeps(crisis: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply("1") if len(server.asked) < 3 else Reply("no such key", 401)

    with loopback(answer) as server:
        stopped = play(crisis, *at(server), "--plays", "5")
    assert stopped.exit_code == 1
    assert "refuses the key" in stopped.stderr
    assert "2 of 5 plays are kept" in stopped.stderr


def test_a_draw_without_an_equilibrium_is_not_played_and_said(tmp_path: Path) -> None:
    """Rounding spoils the draws in which `x` is large."""
    file = tmp_path / "large.yaml"
    file.write_text(LARGE)
    with loopback(scripted) as server:
        words = ["--plays", "16", "--seed", "1", "--json"]
        result = found(play(file, *at(server), *words, seat="a"))
        asked = len(server.asked)
    ensemble = offramp.run(offramp.read(file), draws=16, seed=1)
    spoilt = len(ensemble.unconverged)
    assert 0 < spoilt < 16
    assert asked == result["usage"][0]["plays"] == 16 - spoilt
    assert f"Draws that did not converge, and were not played: {spoilt}." in result["notes"]
    assert found(play(file, *words, seat="a")) == result


def test_several_seats_play_as_of_now_in_one_draw(tmp_path: Path) -> None:
    with loopback(lambda asked: Reply("2")) as server:
        words = ["--seat", "marland=model", "--suppose", "notice=sent", "--plays", "12", "--seed", "1", "--json"]
        result = found(play(STARTER, *at(server), *words, seat="tessia", out=tmp_path / "p"))
        texts = [asked.messages[1]["content"] for asked in server.asked]
    assert len({text for text in texts if "you play Tessia" in text}) == 1
    assert "Tessia chose a notice at Tessia's notice" in texts[0]
    assert "Supposing Tessia's notice: a notice. 12 plays, of one draw" in result["basis"]
    chosen = {row["move"]: row["option"] for row in result["moves"] if row["count"] == 12}
    assert chosen == {"Tessia's answer": "a staged answer", "Marland's reply": "a strike back"}


def test_whose_data_these_are_stands_everywhere(crisis: Path, tmp_path: Path) -> None:
    label = "Data about the model tiny in this game, not about North."
    with loopback(scripted) as server:
        shown = play(crisis, *at(server), "--plays", "40", "--seed", "1", "--export", str(tmp_path / "tables"))
    assert shown.exit_code == 0, shown.output
    assert label in " ".join(shown.stdout.split())
    assert " ".join(shown.stdout.split()).count("(data about tiny, not North):") == 5
    result = found(play(crisis, "--plays", "40", "--json"))
    assert result["data_about"] == label
    assert result["model"] == "tiny"
    tables = sorted((tmp_path / "tables").glob("*.csv"))
    assert [table.stem for table in tables] == ["answers", "endings", "moves", "situations", "usage"]
    for table in tables:
        rows = list(csv.DictReader(table.read_text().splitlines()))
        assert rows
        assert all(row["data_about"] == "tiny, not North" for row in rows)
    assert all(row["data_about"] == "tiny, not North" for name in ("moves", "endings") for row in result[name])


def test_nothing_is_sent_without_a_person_s_word(crisis: Path) -> None:
    with loopback(scripted) as server:
        silent = play(crisis, "--model", "tiny", "--base-url", server.base_url)
        assert silent.exit_code == 2
        assert "nothing is sent without your word" in silent.output
        assert server.asked == []
    assert not (crisis.parent / "plays.jsonl").exists()


def test_it_is_said_what_is_sent_where(crisis: Path) -> None:
    with loopback(scripted) as server:
        shown = play(crisis, *at(server), "--plays", "3", "--max-calls", "9", "--max-tokens", "9000", "--json")
    told = " ".join(shown.stderr.split())
    assert f"This is sent to {server.base_url[7:-3]}, for tiny, at each move of North in 3 plays" in told
    assert "at most 9 calls and 9,000 tokens in all" in told


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {key: value for key, value in one.items() if key != "host"} == {
        key: value for key, value in other.items() if key != "host"
    }


@pytest.mark.parametrize("limit", [("--max-calls", "4"), ("--max-tokens", "2600")])
def test_a_limit_keeps_the_plays_and_the_same_command_goes_on(crisis: Path, limit: tuple[str, str]) -> None:
    words = ["--plays", "10", "--seed", "9", "--json"]
    with loopback(scripted) as server:
        part = play(crisis, *at(server, *limit), *words)
        assert part.exit_code == 1
        assert limit[0] in part.stderr
        kept = len(server.asked)
        assert 0 < kept < 10
        assert f"{kept} of 10 plays are kept in" in part.stderr
        unasked = play(crisis, "--plays", "10")
        assert unasked.exit_code == 2
        assert f"{kept} of the 10 plays are in" in unasked.output
        rest = found(play(crisis, *at(server), *words[:2], "--json"))
        assert len(server.asked) == 10
        whole = found(play(crisis, *at(server), *words, out=crisis.parent / "whole.jsonl"))
        assert found(play(crisis, *words)) == rest
    assert same(rest, whole)


def test_an_interrupt_keeps_the_plays(crisis: Path) -> None:
    def slow(asked: Asked) -> Reply:
        return Reply("2", delay=0.0 if len(server.asked) < 4 else 30.0)

    with loopback(slow) as server:
        words = ["play", crisis, "--seat", "north=model", "--out", "plays.jsonl", "--plays", "9", *at(server)]
        process = Copy(
            [OFFRAMP, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=crisis.parent,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        kept = crisis.parent / "plays.jsonl"
        while not (kept.exists() and kept.read_text().count("\n") == 4):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "3 of 9 plays are kept in plays.jsonl; the same command goes on" in said
    assert "Traceback" not in said
    assert found(play(crisis, "--plays", "3", "--json"))["usage"][0]["plays"] == 3


def test_one_process_at_a_time_adds_plays(crisis: Path) -> None:
    with loopback(scripted) as server, one_writer(crisis.parent / "plays.jsonl"):
        second = play(crisis, *at(server), "--plays", "2")
        assert server.asked == []
    assert second.exit_code == 2
    assert "another process adds plays to" in second.output
    assert not (crisis.parent / "plays.jsonl").exists()


def test_plays_that_another_process_kept_meanwhile_are_not_lost(crisis: Path) -> None:
    """While a person is asked, another command begins the same file of plays, and ends."""
    place = crisis.parent / "plays.jsonl"
    with loopback(scripted) as server:
        words = ["--model", "tiny", "--base-url", server.base_url, "--seed", "1", "--plays", "2"]
        with at_terminal("play", str(crisis), "--seat", "north=model", "--out", str(place), *words) as person:
            person.sees("Send it?")
            found(play(crisis, *at(server), "--plays", "3", "--seed", "1", "--json"))
            there = place.read_bytes()
            person.types("y\n")
            person.sees("another process has added plays to")
            assert person.ends() == 2
        assert len(server.asked) == 3
    assert place.read_bytes() == there


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of four plays beside its crisis."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "one.yaml").write_text(ONE_MOVE)
    with loopback(scripted) as server:
        found(play(folder / "one.yaml", *at(server), "--plays", "4", "--seed", "1", "--json"))
    return folder / "plays.jsonl"


def test_a_line_that_was_not_written_whole_does_not_count(kept: Path, crisis: Path) -> None:
    torn = crisis.parent / "plays.jsonl"
    content = kept.read_bytes()
    torn.write_bytes(content[:-9])
    assert found(play(crisis, "--plays", "3", "--json"))["usage"][0]["plays"] == 3
    header = json.loads(content.splitlines()[0])
    with loopback(scripted) as server:
        moved = header | {"host": server.base_url[7:-3]}
        torn.write_bytes(json.dumps(moved).encode() + content[content.index(b"\n") : -9])
        found(play(crisis, *at(server), "--plays", "4", "--json"))
        assert len(server.asked) == 1
    assert torn.read_bytes().splitlines()[1:] == content.splitlines()[1:]


def changed(line: int, **values: Any) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        content = json.loads(lines[line]) | values
        return [*lines[:line], json.dumps(content), *lines[line + 1 :]]

    return change


MOVE = {"actor": "north", "move": "act", "round": 0, "option": "hold"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "this is no file of plays of a model"),
        (lambda lines: ["{}", *lines[1:]], "line 1 is damaged: missing `kind`"),
        (lambda lines: ["[" * 100_000, *lines[1:]], "line 1 is damaged: it is nested too deeply"),
        (lambda lines: [lines[0], "no", *lines[2:]], "line 2 is damaged: it is not JSON: line 1, column 1"),
        (lambda lines: [*lines, lines[2]], "line 6: play 1 stands twice"),
        (lambda lines: [lines[0], "NaN"], "line 2 is damaged: it has a number that is not finite"),
        (changed(0, kind="offramp match"), "line 1 is damaged: kind"),
        (changed(0, seed=-1), "line 1 is damaged: seed"),
        (changed(0, model="x" * 10_000), "line 1 is damaged: model"),
        (changed(0, command="rm"), "line 1 is damaged: unknown key 'command'"),
        (changed(0, seats=["south"]), "holds plays that differ in the model's seats"),
        (changed(0, crisis_sha256="0" * 64), "holds plays that differ in the crisis's file"),
        (changed(0, levers=["x"], given={"y": 1.0}), "in the pulled levers and the inputs that are set"),
        (changed(2, play=100_001), "line 3 is damaged: play"),
        (changed(2, ending="pressed"), "play 1 does not come out again"),
        (changed(2, ending="\x1b[31m"), "play 1 does not come out again"),
        (changed(2, ending=None), "play 1 does not come out again"),
        (changed(2, moves=[]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE, MOVE]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"option": None}]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"option": "press"}]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"option": "none"}]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"actor": "south"}]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"move": "other"}]), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"round": 1}]), "play 1 does not come out again"),
        (changed(2, moves=[], ending=None), "play 1 does not come out again"),
        (changed(2, moves=[MOVE | {"invalid": ["x" * 200]}]), "line 3 is damaged: moves.0.invalid.0"),
        (changed(2, calls=10**30), "line 3 is damaged: calls"),
    ],
)
def test_a_file_of_plays_that_was_changed_is_refused(
    kept: Path, crisis: Path, change: Callable[[list[str]], list[str]], message: str
) -> None:
    lines = change(kept.read_text().splitlines())
    (crisis.parent / "plays.jsonl").write_text("".join(f"{line}\n" for line in lines))
    refused = play(crisis, "--plays", "4")
    assert refused.exit_code == 2
    assert message in refused.output
    assert "Traceback" not in refused.output
    assert "\x1b" not in refused.output


def test_another_model_or_seed_is_not_mixed_in(kept: Path) -> None:
    file = kept.parent / "one.yaml"
    with loopback(scripted) as server:
        other = play(file, "--model", "other", "--base-url", server.base_url, "--yes", "--plays", "5")
        assert server.asked == []
    assert "differ in the model (tiny) and the server (127.0.0.1:" in other.output
    assert "differ in the seed (1)" in play(file, "--seed", "2", "--plays", "4").output
    assert other.exit_code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seat", "north"], "--seat takes ACTOR=model, found 'north'; a person plays with --as ACTOR"),
        (["--seat", "north=person"], "--seat takes ACTOR=model"),
        (["--seat", "nort=model"], "unknown actor 'nort'; did you mean 'north'?"),
        (["--seat", "south=model"], "'south' has no move to make; those that have: north"),
        (["--seat", "north=model"], "name the model that plays"),
        (["--seat", "north=model", "--as", "north"], "goes without --as and --save"),
        (["--as", "north", "--plays", "3"], "--plays, --out and a model's options go with --seat ACTOR=model"),
        (["--seat", "north=model", "--base-url", "http://localhost:1/v1", "--yes"], "needs --model NAME"),
        (["--seat", "north=model", "--base-url", "ftp://x", "--yes", "--model", "m"], "--base-url takes an address"),
        (["--seat", "north=model", "--base-url", "http://localhost:1/v1", "--model", "\udcff"], "printable characters"),
        (["--seat", "north=model", "--seed", "-1", "--model", "m", "--base-url", "http://localhost:1/v1"], "a seed is"),
    ],
)
def test_a_mistake_is_told_in_a_line(crisis: Path, words: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["play", str(crisis), *words])
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
