"""`offramp draft DOCUMENT --rivals K` from the command line: by models at a named server, and by pasting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.draft import provider as provider_module
from offramp.draft.rivals.endings_rows import confirmed_rows, endings_rows, judged_same
from offramp.draft.rivals.rival_drafts import read_rivals
from offramp.draft.sidecar import read_draft
from tests.draft.briefs import PARAGRAPHS
from tests.draft.rivals.identical import SAME
from tests.draft.scripted import parts
from tests.replay.loopback import Asked, Loopback, Reply, loopback

STAGES = ("extract", "timeline", "numbers")
ANSWERS = {stage: json.dumps(answer) for stage, answer in parts().items()}
NOTHING = json.dumps({"notes": [{"says": "Nothing to change"}]})


def good(asked: Asked) -> Reply:
    """A good answer to any prompt."""
    lists = asked.body["response_format"]["json_schema"]["schema"]["properties"]
    if "draft-1" in json.dumps(asked.body["response_format"]):
        return Reply(SAME)
    return Reply(next((ANSWERS[stage] for stage in STAGES if list(lists) == list(_lists(stage))), NOTHING))


def _lists(stage: str) -> tuple[str, ...]:
    from offramp.draft.stage_answers import LISTS

    return LISTS[stage]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(provider_module, "FIRST_WAIT", 0.02)
    monkeypatch.setenv("COLUMNS", "80")
    Path("account.txt").write_text("\n\n".join(PARAGRAPHS) + "\n", encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["draft", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def done(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, code: int = 2) -> str:
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def begun(server: Loopback, *more: str) -> tuple[str, ...]:
    words = ("account.txt", "--rivals", "2", "--out", "d", "--model", "m-7", "--base-url", server.base_url, "--yes")
    return (*words, *more)


def test_models_take_turns_and_the_drafts_are_aligned() -> None:
    with loopback(good) as server:
        said = " ".join(done(*begun(server, "--rival-model", "q-2", "--temperature", "0.8")).split())
    asked = [(one.model, one.body.get("temperature")) for one in server.asked]
    calls = [read_draft(Path(f"d/draft-{number}")).usage.calls for number in (1, 2)]
    assert asked == [("m-7", 0.8)] * calls[0] + [("q-2", 0.8)] * calls[1] + [("m-7", 0.8)]
    assert "for m-7 and q-2: the document (3 paragraphs," in said
    assert "for 2 drafts, none of which is told of the others; then what they hold, to be aligned." in said
    assert "2 drafts usually take 6 to 18 prompts with " in said
    assert "each of 2 drafts and the alignment: 36 calls and 1,200,000 tokens in all." in said
    assert "draft-2 of 2 (q-2, temperature 0.8, reads from ¶2)" in said
    assert "draft-2, stage 1 of 5: who acts, and what each may do: q-2 is asked ..." in said
    assert "the same in several drafts: 2 actors, 7 steps, 14 options, 3 inputs, 3 endings" in said
    assert "Next: offramp rivals d --confirm" in said
    state = read_rivals(Path("d"))
    assert (state.model, state.usage.calls, state.answers) == ("m-7", 1, 1)
    assert Path("d/map.yaml").read_text().startswith("files: {draft-1: draft-1/crisis.yaml, draft-2: draft-2/")
    assert sorted(path.name for path in Path("d/exchanges").iterdir()) == ["001-align.json"]
    with loopback(good) as server:  # nothing is left to ask
        assert "the same in several drafts" in done("d", "--base-url", server.base_url, "--yes")
    assert server.asked == []


def test_no_draft_is_told_of_another() -> None:
    with loopback(good) as server:
        done(*begun(server))
    starts = ["It is shown from ¶2 on" in str(one.messages[1]["content"]) for one in server.asked]
    calls = [read_draft(Path(f"d/draft-{number}")).usage.calls for number in (1, 2)]
    assert not any(starts[: calls[0]])
    assert starts[calls[0]]
    assert all(len(one.messages) == 2 for one in server.asked)  # no conversation goes on


def test_what_stops_is_gone_on_with_where_it_stopped() -> None:
    asked_of_second: list[Asked] = []

    def breaks(asked: Asked) -> Reply:
        if asked.model == "q-2":
            asked_of_second.append(asked)
        return Reply("no", 400) if len(asked_of_second) == 2 else good(asked)

    with loopback(breaks) as server:
        said = call(*begun(server, "--rival-model", "q-2"))
        assert said.exit_code == 1
        assert f"To go on:\n  offramp draft d --base-url {server.base_url}" in said.stderr
        first, second = (read_draft(Path(f"d/draft-{number}")) for number in (1, 2))
        assert (first.stage, second.stage) == ("done", "timeline")
        asked_of_second.clear()
        asked_of_second += [server.asked[0]] * 2  # the next one is the third
        done("d", "--base-url", server.base_url, "--yes")
    assert read_draft(Path("d/draft-1")) == first
    assert read_draft(Path("d/draft-2")).model == "q-2"  # as it was planned
    assert Path("d/map.yaml").is_file()


def test_one_of_the_drafts_can_be_gone_on_with_by_itself_as_it_was_planned() -> None:
    with loopback(lambda asked: Reply("no", 400)) as server:
        assert call(*begun(server, "--rival-model", "q-2", "--temperature", "0.5")).exit_code == 1
    with loopback(good) as server:
        said = done("d/draft-2", "--base-url", server.base_url, "--yes")
    assert {(one.model, one.body.get("temperature")) for one in server.asked} == {("q-2", 0.5)}
    assert "1 of 2 rival drafts are done; go on: offramp draft d" in said


def test_a_sidecar_says_which_temperature_the_server_took() -> None:
    def fixed(asked: Asked) -> Reply:
        if asked.model == "q-2" and "temperature" in asked.body:
            return Reply("this model takes no temperature", 400)
        return good(asked)

    with loopback(fixed) as server:
        done(*begun(server, "--rival-model", "q-2", "--temperature", "0.5"))
    made = [read_draft(Path(f"d/draft-{number}")).variation for number in (1, 2)]
    assert [one and one.temperature for one in made] == [0.5, None]


def test_a_document_that_describes_no_crisis_leaves_nothing_to_align() -> None:
    none = json.dumps({"notes": [{"says": "A recipe for soup"}]})
    with loopback(lambda asked: Reply(none)) as server:
        said = " ".join(done(*begun(server)).split())
    assert len(server.asked) == 2
    assert said.count("done, but it describes no crisis") == 2
    assert "Fewer than two drafts can be compared, so nothing is aligned." in said
    assert not Path("d/map.yaml").exists()


def test_by_pasting_each_draft_is_answered_by_itself_and_the_alignment_last() -> None:
    said = done("account.txt", "--rivals", "2", "--out", "d", "--prompt-only")
    assert all(Path(f"d/draft-{number}/1-extract.prompt.md").is_file() for number in (1, 2))
    assert "offramp draft d/draft-1 --answer answer.txt" in said
    assert "Use a new conversation for each prompt" in " ".join(said.split())
    assert "tokens, sent and answered" in " ".join(said.split())
    assert "not aligned: offramp draft d" in CliRunner().invoke(main, ["rivals", "d"]).stderr
    assert all(len(line) <= 80 for line in said.split("account.txt\n")[-1].splitlines())
    for number, waiting in ((2, "draft-1 and draft-2 wait for one"), (1, "draft-1 waits for one")):
        place = Path(f"d/draft-{number}")
        assert waiting in refused("d", "--answer", "a.txt")
        while (stage := read_draft(place).stage) != "done":
            Path("a.txt").write_text(ANSWERS.get(stage, NOTHING), encoding="utf-8")
            last = done(str(place), "--answer", "a.txt")
            if stage == "extract":  # the size of the first prompt is not at hand any more
                assert "sent and answered" not in done("d")
        assert f"{3 - number} of 2 rival drafts are done; go on: offramp draft d" in last
    review = CliRunner().invoke(main, ["review", "d"])
    assert (review.exit_code, review.stderr.strip()) == (
        2,
        "d holds rival drafts; review one at a time: offramp review d/draft-1",
    )
    said = done("d")
    assert "wrote d/1-align.prompt.md (the alignment: what is the same in several drafts)" in said
    Path("a.txt").write_text('{"actors": [{"key": "north", "draft-1": "nrth", "draft-2": "north"}]}')
    bad = call("d", "--answer", "a.txt")
    assert bad.exit_code == 2
    assert "actors: row 'north': draft-1 has no 'nrth' among its actors; did you mean 'north'?" in bad.stderr
    assert "wrote d/2-align.prompt.md" in bad.stdout
    Path("a.txt").write_text(f"Here:\n```json\n{SAME}\n```\n")
    result = call("d", "--answer", "a.txt")
    assert "Next: offramp rivals d --confirm" in result.stdout
    assert "draft-1 and draft-2 have the same records, word for word" in " ".join(result.stderr.split())
    assert "waits for no answer" in refused("d", "--answer", "a.txt")
    found = endings_rows(Path("d"))
    for shared in found.waiting:
        found = judged_same(found, shared)
    confirmed_rows(found, "Ada")
    assert "Next: offramp rivals d\n" in done("d")


def test_nothing_is_sent_without_a_word_and_nothing_is_overwritten() -> None:
    with loopback(good) as server:
        words = begun(server)[:-1]
        assert "nothing is sent without your word" in refused(*words)
        assert not Path("d").exists()
        done("account.txt", "--rivals", "2", "--out", "d", "--prompt-only")
        assert "holds other rival drafts already" in refused(*begun(server))
        assert "holds other rival drafts already" in refused(
            "account.txt", "--rivals", "3", "--out", "d", "--prompt-only"
        )
        done("account.txt", "--rivals", "2", "--out", "d", "--prompt-only")  # the same command again does no harm
    assert server.asked == []


def test_a_folder_does_not_decide_where_a_document_is_sent() -> None:
    def breaks(asked: Asked) -> Reply:
        return good(asked) if len(asked.messages) and asked.model == "m-7" else Reply("no", 400)

    with loopback(breaks) as server:
        assert call(*begun(server, "--rival-model", "q-2")).exit_code == 1
        count = len(server.asked)
        path = Path("d/draft-2/crisis.draft.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | {"model": "q-2", "host": "example.org"}))
        assert "q-2 at example.org answered so far" in refused("d")
        assert "Next: paste all of" in done("d", "--prompt-only")
        assert len(server.asked) == count


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("account.txt", "--rivals", "1", "--out", "d", "--prompt-only"), "1 is not in the range 2<=x<=9"),
        (("account.txt", "--rivals", "2", "--prompt-only"), "name the new folder for the draft"),
        (("account.txt", "--rivals", "2", "--out", "d"), "no server is named"),
        (("account.txt", "--temperature", "1", "--out", "d", "--prompt-only"), "go with --rivals K"),
        (("account.txt", "--rivals", "2", "--temperature", "1", "--out", "d", "--prompt-only"), "need --model NAME"),
        (("nowhere",), "there is no document and no draft at nowhere"),
        ((".", "--rivals", "2"), "give no --out, --as-of and --rivals"),
        (("account.txt", "--rivals", "2", "--out", "account.txt", "--prompt-only"), "cannot write account.txt"),
        (("account.txt", "--rivals", "2", "--as-of", "soon", "--out", "d", "--prompt-only"), "expected a day"),
    ],
)
def test_a_mistake_in_the_request_is_said(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)
    assert not Path("d").exists()
