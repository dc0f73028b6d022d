"""`offramp news` from the command line: by pasting, by a model, and a person's yes at a terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.draft import provider as provider_module
from offramp.draft.news.news_folder import opened_news
from tests.cli.person import at_terminal
from tests.draft.news.news_sets import HARBOUR, HERALD, ORDER, TWO_PAPERS, answer_with, event
from tests.replay.loopback import Asked, Reply, loopback

PROMPT = "? help\n"
"""What the line of keys ends with."""
BEGIN = ("herald.txt", "ledger.txt", "--crisis", "crisis.yaml", "--out", "n")
DAYS = ("--as-of", "2031-03-15", "--as-of", "herald.txt=2031-03-14")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(provider_module, "FIRST_WAIT", 0.02)
    Path("crisis.yaml").write_text(HARBOUR, encoding="utf-8")
    for name, paragraphs in TWO_PAPERS.texts.items():
        Path(name).write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    Path("answer.txt").write_text(TWO_PAPERS.answer, encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["news", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def done(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, code: int = 2) -> str:
    result = call(*arguments)
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())


def crisis() -> str:
    return Path("crisis.yaml").read_text(encoding="utf-8")


def pasted() -> None:
    done(*BEGIN, *DAYS, "--prompt-only")
    done("n", "--answer", "answer.txt")


def test_by_pasting_the_prompt_is_written_the_answer_taken_and_the_proposals_shown() -> None:
    said = done(*BEGIN, *DAYS, "--prompt-only")
    assert said == (
        "Text 1: herald.txt, of 2031-03-14: 4 paragraphs, 218 characters; a paragraph is a block between blank lines\n"
        "Text 2: ledger.txt, of 2031-03-15: 4 paragraphs, 274 characters; a paragraph is a block between blank lines\n"
        "\nwrote n/1-news.prompt.md (what has happened)\n"
        "Next: paste all of it into an assistant, and save its answer, say as answer.txt\n"
        "      offramp news n --answer answer.txt\n"
    )
    assert HERALD[2] in Path("n/1-news.prompt.md").read_text(encoding="utf-8")
    said = done("n", "--answer", "answer.txt")
    assert "4 proposals for `observed`, 1 event that fits no step; 0 without words" in said
    assert "4 of 5 proposals wait" in said
    assert "observed already" in said
    assert said.endswith("and nothing is written yet.\nNext: offramp news n\n")
    assert crisis() == HARBOUR


def test_an_answer_with_nothing_usable_is_no_success_and_the_next_prompt_is_written() -> None:
    done(*BEGIN, *DAYS, "--prompt-only")
    for number, content in enumerate(("I cannot help.", '{"events": "none"}', "[]", ""), start=2):
        Path("answer.txt").write_text(content, encoding="utf-8")
        result = call("n", "--answer", "answer.txt")
        assert result.exit_code == 2
        assert "The answer could not be used:\n" in result.stderr
        assert f"wrote n/{number}-news.prompt.md" in result.stdout
    Path("answer.txt").write_text(TWO_PAPERS.answer, encoding="utf-8")
    done("n", "--answer", "answer.txt")


def test_by_a_model_the_texts_and_the_steps_are_sent_and_consent_to_that_is_no_yes_to_a_proposal() -> None:
    with loopback(lambda _: Reply(TWO_PAPERS.answer)) as server:
        said = done(*BEGIN, *DAYS, "--model", "small", "--base-url", server.base_url, "--yes")
    (asked,) = server.asked
    assert "the steps of the crisis, with what is observed of them" in " ".join(said.split())
    assert "4 of 5 proposals wait" in said
    assert crisis() == HARBOUR
    sent = asked.messages[1]["content"]
    assert HERALD[2] in sent
    assert "0.41" not in sent
    state = opened_news(Path("n")).state
    assert (state.model, state.usage.calls, state.decisions) == ("small", 1, ())
    assert [path.name for path in Path("n/exchanges").iterdir()] == ["001-news.json"]


def test_events_with_faults_go_back_to_the_model_once() -> None:
    bad = answer_with([event(1, 3, "a port in the south was struck", "anwser", "strike", "2031-03-12", round=1)])

    def answer(asked: Asked) -> Reply:
        return Reply(TWO_PAPERS.answer if "did you mean 'answer'?" in asked.messages[1]["content"] else bad)

    with loopback(answer) as server:
        said = done(*BEGIN, "--model", "small", "--base-url", server.base_url, "--yes")
    assert len(server.asked) == 2
    first = "1 fault: events, record 1: there is no chance step or move 'anwser'"
    assert first in " ".join(said.split())
    assert "once more: events with faults: small is asked ..." in said
    assert len(opened_news(Path("n")).proposals) == 5


def test_a_hostile_text_and_a_model_that_obeys_change_no_crisis_file() -> None:
    Path("herald.txt").write_text("\n\n".join((*HERALD, ORDER)) + "\n", encoding="utf-8")
    obeying = event(1, 5, "Record that Southland yielded on 13 March", "reply", "yield_", "2031-03-13", round=1)
    answers = iter([json.dumps({"events": [obeying], "observed": [{"reply": "yield_"}]}), answer_with([obeying])])
    with loopback(lambda _: Reply(next(answers))) as server:
        result = call(*BEGIN, "--model", "small", "--base-url", server.base_url, "--yes")
    assert result.exit_code == 0, result.output
    assert "warning: ¶5 of herald.txt may speak to a model, not to you" in result.stderr
    assert "observed: there is no such field" in " ".join(result.stdout.split())
    assert "may speak to a language" in " ".join(result.stdout.split())
    assert crisis() == HARBOUR


def test_a_person_decides_at_a_terminal_one_by_one() -> None:
    pasted()
    with at_terminal("news", "n", "--by", "Ada") as person:
        seen = person.sees(PROMPT)
        assert "A yes writes into crisis.yaml (The harbour)." in seen
        assert "4 waiting · proposal 2 of 5" in seen
        assert "The file would say: {date: 2031-03-12, round: 1, answer: strike}" in seen
        assert "Take care: proposal 3 disagrees: Northland's answer in round 1: a strike, on" in " ".join(seen.split())
        assert HERALD[2] in seen
        person.types("s")
        assert "proposal 3 of 5" in person.sees(PROMPT)
        person.types("n")
        seen = person.sees(PROMPT)
        assert "rejected, and not written: " in seen
        assert "proposal 4 of 5" in seen
        person.types("y")
        assert "written: Southland's reply in round 1: no reply, 2031-03-14" in person.sees(PROMPT)
        assert crisis().endswith("reply: absorb}  # ledger.txt ¶3: “there would be no reply”\n")
        person.types("u")
        assert "taken back: Southland's reply in round 1: no reply" in person.sees(PROMPT)
        assert crisis() == HARBOUR
        person.types("y")
        assert "It cannot be written: no step of the crisis is this event" in person.sees(PROMPT)
        person.types("y")
        assert "It cannot be written: no step of the crisis is this event" in person.sees(PROMPT)
        person.types("n")
        assert "proposal 2 of 5" in person.sees(PROMPT)
        person.types("y")
        assert "No proposal waits." in person.sees("2 events written into crisis.yaml.")
        assert person.ends() == 0
    assert [decision.number for decision in opened_news(Path("n")).state.in_force] == [3, 4, 5, 2]


def test_a_file_that_is_edited_during_the_walk_is_shown_again_before_anything_is_written() -> None:
    pasted()
    with at_terminal("news", "n", "--by", "Ada") as person:
        person.sees(PROMPT)
        edited = HARBOUR.replace("0.41", "0.43")
        Path("crisis.yaml").write_text(edited, encoding="utf-8")
        person.types("y")
        assert "nothing was written: look at it again" in " ".join(person.sees(PROMPT).split())
        assert crisis() == edited
        person.types("y")
        person.sees("written: Northland's answer in round 1: a strike")
        person.sees(PROMPT)
        person.types("q")
        assert "1 event written into crisis.yaml." in person.sees("Next: offramp solve crisis.yaml --now")
        assert person.ends() == 0
    assert crisis().startswith(edited)


def test_words_that_stand_in_no_text_are_written_only_after_a_second_yes() -> None:
    Path("answer.txt").write_text(
        answer_with([event(1, 3, "nobody wrote these words", "answer", "strike", "2031-03-12", round=1)]), "utf-8"
    )
    done(*BEGIN, "--prompt-only")
    said = done("n", "--answer", "answer.txt")
    assert "once more: events with faults" in said
    done("n", "--answer", "answer.txt")
    with at_terminal("news", "n", "--by", "Ada") as person:
        seen = " ".join(person.sees(PROMPT).split())
        assert "herald.txt does not hold the words that were given: “nobody wrote these words”" in seen
        person.types("y")
        person.sees("No text has these words. Write it all the same? y/n ")
        person.types("n")
        person.sees(PROMPT)
        assert crisis() == HARBOUR
        person.types("y")
        person.sees("y/n ")
        person.types("y")
        person.sees("No proposal waits.")
        assert person.ends() == 0
    assert crisis().endswith("answer: strike}  # herald.txt, whose words were not found\n")


def test_without_a_terminal_nothing_can_be_accepted_and_the_list_says_what_waits() -> None:
    pasted()
    assert "only a person's yes writes an event, at a terminal" in refused("n")
    found = json.loads(done("n", "--json"))
    assert (found["waiting"], len(found["proposals"])) == ([2, 3, 4, 5], 5)
    assert found["proposals"][1]["disagrees_with"] == [3]
    assert "fits no step" in done("n", "--list")
    assert crisis() == HARBOUR


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (BEGIN, "no server is named, so nothing is sent"),
        (("herald.txt", "--prompt-only"), "name the crisis file and the new folder for the news"),
        (
            (*BEGIN, "--prompt-only", "--as-of", "herold.txt=2031-03-14"),
            "did you mean 'herald.txt'?",
        ),
        ((*BEGIN, "--prompt-only", "--as-of", "2031-03-14", "--as-of", "2031-03-15"), "two days for all texts"),
        ((*BEGIN, "--prompt-only", "--as-of", "Friday"), "expected a date such as 2031-03-02, found 'Friday'"),
        ((*BEGIN, "--list", "--prompt-only"), "go with the folder of news"),
        (("herald.txt", "--crisis", "none.yaml", "--out", "n", "--prompt-only"), "cannot read none.yaml"),
        (("herald.txt", "--crisis", "answer.txt", "--out", "n", "--prompt-only"), "answer.txt:1:1"),
        (("none.txt", "--crisis", "crisis.yaml", "--out", "n", "--prompt-only"), "cannot read none.txt"),
        ((".",), "holds no news"),
        ((".", "herald.txt"), "a folder, with news to go on with, stands alone"),
    ],
)
def test_a_request_that_cannot_be_met_is_a_plain_message(arguments: tuple[str, ...], message: str) -> None:
    assert message in refused(*arguments)
    assert not Path("n").exists()


def test_news_that_are_elsewhere_than_their_crisis_say_how_to_name_it(tmp_path: Path) -> None:
    far = tmp_path / "far" / "away"
    far.mkdir(parents=True)
    said = done("herald.txt", "--crisis", "crisis.yaml", "--out", str(far / "n"), "--prompt-only")
    assert f"offramp news {far / 'n'} --crisis crisis.yaml --answer answer.txt" in said
    assert "name the file with --crisis FILE" in refused(str(far / "n"), "--list")
    assert "0 of 0 proposals wait" in done(str(far / "n"), "--crisis", "crisis.yaml", "--list")


def test_a_crisis_file_with_mistakes_is_refused_with_all_of_them() -> None:
    pasted()
    Path("crisis.yaml").write_text(HARBOUR.replace("by: north", "by: nort"), encoding="utf-8")
    assert refused("n", "--list").count("did you mean 'north'?") == 2


def test_no_control_character_of_a_text_an_answer_or_the_crisis_gets_to_the_terminal() -> None:
    planted = "\x1b]0;owned\x07\x9b31mred\u202edesrever\x7f"
    Path("crisis.yaml").write_text(
        HARBOUR.replace("title: The harbour", f"title: {json.dumps(planted)}").replace(
            "name: Northland's answer", f"name: {json.dumps(planted)}"
        ),
        encoding="utf-8",
    )
    Path(f"{planted[:9]}.txt").write_text("A port was struck.\n\nRest.\n", encoding="utf-8")
    quote = event(1, 1, "A port was struck", "answer", "strike", "2031-03-12", round=1, says=planted)
    lost = event(1, 1, planted, "answer", "pause", planted, round=1, says=planted)
    Path("answer.txt").write_text(answer_with([quote, lost], planted), encoding="utf-8")
    begin = (f"{planted[:9]}.txt", "--crisis", "crisis.yaml", "--out", "n", "--prompt-only")
    said = ""
    for arguments in (begin, ("n", "--answer", "answer.txt"), ("n", "--answer", "answer.txt"), ("n", "--list")):
        with at_terminal("news", *arguments) as person:
            assert person.ends() == 0
            said += person.seen
    with at_terminal("news", "n", "--by", planted) as person:
        person.sees(PROMPT)
        person.types("y")
        person.sees("written: ")
        person.sees(PROMPT)
        person.types("q")
        assert person.ends() == 0
        said += person.seen
    assert "owned" in said
    assert not re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", said)
    assert len(crisis().splitlines()) == len(HARBOUR.splitlines()) + 1
