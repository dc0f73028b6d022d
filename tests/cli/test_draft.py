"""`offramp draft` from the command line: by a model at a named server, and by pasting."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.draft import provider as provider_module
from offramp.draft.sidecar import read_draft
from offramp.draft.stage_answers import LISTS
from tests.copies import OFFRAMP, Copy
from tests.draft.briefs import PARAGRAPHS, harbour
from tests.replay.loopback import Asked, Loopback, Reply, loopback

KEY = "sk-a-key-that-nobody-may-see-1234567890"
NOTHING = json.dumps({"notes": [{"says": "Nothing to change"}]})


def part(stage: str) -> str:
    """A good answer to a stage: its part of the brief of the harbour."""
    if stage not in LISTS:
        return NOTHING
    given = harbour()
    return json.dumps({name: given.pop(name) for name in LISTS[stage] if name in given})


PARTS = {stage: part(stage) for stage in ("extract", "timeline", "numbers", "repair", "sense")}
_LETS = json.loads(PARTS["numbers"])
_LETS.pop("lets", None)  # the timeline gives them
PARTS["numbers"] = json.dumps(_LETS)


def stage_of(asked: Asked) -> str:
    """The stage whose lists a request's schema has."""
    asks = list(asked.body["response_format"]["json_schema"]["schema"]["properties"])
    return next((stage for stage, lists in LISTS.items() if asks == list(lists)), "repair")


def good(asked: Asked) -> Reply:
    return Reply(PARTS[stage_of(asked)])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(provider_module, "FIRST_WAIT", 0.02)
    Path("account.txt").write_text("\n\n".join(PARAGRAPHS) + "\n", encoding="utf-8")
    return tmp_path


def call(*arguments: str, answers: bytes = b"") -> Result:
    result = CliRunner().invoke(main, ["draft", *arguments], input=answers)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def done(*arguments: str, answers: bytes = b"") -> str:
    result = call(*arguments, answers=answers)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, code: int = 2) -> str:
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def by_model(server: Loopback, *more: str, out: str = "d") -> tuple[str, ...]:
    return "account.txt", "--out", out, "--model", "small", "--base-url", server.base_url, "--yes", *more


def pasted(out: str) -> None:
    """Draft the account by pasting, to its end."""
    done("account.txt", "--out", out, "--prompt-only")
    while (stage := read_draft(Path(out)).stage) != "done":
        Path("answer.txt").write_text(f"Here you are:\n```json\n{PARTS[stage]}\n```\n", encoding="utf-8")
        done(out, "--answer", "answer.txt")


def test_a_model_drafts_a_crisis_and_every_step_is_said() -> None:
    with loopback(good) as server:
        said = done(*by_model(server))
    host = server.base_url.removeprefix("http://").removesuffix("/v1")
    assert "¶2 Northland has promised an answer" in said
    assert f"This is sent to {host}, for small: the document (3 paragraphs," in said
    assert "at most 12 calls and 400,000 tokens in all" in said
    assert "stage 1 of 5: who acts, and what each may do" in said
    assert " not found; " in said
    assert "It is a proposal: no analysis, and no forecast." in said
    assert "Next: offramp review d" in said
    assert all(len(line) <= 100 for line in said.splitlines())
    draft = read_draft(Path("d"))
    assert (draft.stage, draft.model, draft.host, draft.usage.calls) == ("done", "small", host, len(server.asked))
    assert Path("d/crisis.yaml").is_file()


def test_pasting_gives_the_same_crisis_as_a_model_and_sends_nothing() -> None:
    with loopback(good) as server:
        done(*by_model(server))
        asked = len(server.asked)
        pasted("p")
        assert len(server.asked) == asked
    assert Path("p/crisis.yaml").read_bytes() == Path("d/crisis.yaml").read_bytes()
    assert not Path("p/exchanges").exists()


def test_a_prompt_is_written_with_the_whole_account_and_says_what_to_do_next() -> None:
    said = done("account.txt", "--out", "p", "--prompt-only", "--as-of", "2031-03-02")
    assert said.endswith(
        "wrote p/1-extract.prompt.md (stage 1 of 5: who acts, and what each may do)\n"
        "Next: paste all of it into an assistant, and save its answer, say as answer.txt\n"
        "      offramp draft p --answer answer.txt\n"
    )
    prompt = Path("p/1-extract.prompt.md").read_text(encoding="utf-8")
    assert all(paragraph in prompt for paragraph in PARAGRAPHS)
    assert read_draft(Path("p")).as_of == "2031-03-02"
    assert done("p").endswith(said[said.index("wrote p") :])


@pytest.mark.parametrize("command", ["check", "solve", "run"])
def test_a_crisis_file_that_a_draft_has_not_written_yet_is_told_with_what_to_do(command: str) -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    result = CliRunner().invoke(main, [command, "p/crisis.yaml"])
    assert result.exit_code == 2
    assert result.stderr == (
        "there is no p/crisis.yaml: the draft in p is not done, or ended without one; `offramp draft p` says what is "
        "next\n"
    )
    assert "cannot read p/other.yaml: No such file" in CliRunner().invoke(main, [command, "p/other.yaml"]).stderr


def test_an_answer_comes_from_standard_input() -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    assert "wrote p/2-timeline.prompt.md" in done("p", "--answer", "-", answers=PARTS["extract"].encode())


def test_an_answer_that_cannot_be_used_is_asked_for_again() -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    for number in range(2, 6):
        result = call("p", "--answer", "-", answers=b"I am sorry, I cannot \xff\x00 help with that.")
        assert result.exit_code == 2
        assert "The answer could not be used:\n  the answer holds no JSON object" in result.stderr
        assert f"wrote p/{number}-extract.prompt.md" in result.stdout
    assert "wrote p/6-timeline.prompt.md" in done("p", "--answer", "-", answers=PARTS["extract"].encode())


def test_the_answer_of_an_earlier_stage_is_recognised_and_counts_as_one_that_cannot_be_used() -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    for stage, number in (("extract", 1), ("timeline", 2)):
        done("p", "--answer", "-", answers=PARTS[stage].encode())
        waits = read_draft(Path("p"))
        result = call("p", "--answer", "-", answers=PARTS[stage].encode())
        assert result.exit_code == 2
        assert result.stderr == (
            "The answer could not be used:\n"
            f"  this looks like the answer to stage {number}, which is taken already;\n"
            f"  paste the answer to {waits.answers + 1}-{waits.stage}.prompt.md\n"
        )
        assert read_draft(Path("p")).bad_answers == 1
    nothing = call("p", "--answer", "-", answers=b'{"notes": [], "title": "A title"}')
    assert "looks like the answer" not in nothing.stderr


def test_an_answer_without_end_is_refused() -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    result = call("p", "--answer", "-", answers=b"x" * 4_000_001)
    assert (result.exit_code, result.stderr) == (2, "an answer has at most 4,000,000 bytes\n")
    assert "cannot read /dev/zero" in refused("p", "--answer", "/dev/zero")
    assert "cannot read nowhere.txt" in refused("p", "--answer", "nowhere.txt")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "no server is named, so nothing is sent"),
        (("--model", "small"), "--model and --key-env need --base-url"),
        (("--base-url", "http://127.0.0.1:9/v1", "--yes"), "--base-url needs --model"),
        (("--prompt-only", "--base-url", "http://127.0.0.1:9/v1"), "give either a server, or --prompt-only"),
        (("--prompt-only", "--answer", "a.txt"), "--answer goes with the folder of a draft"),
        (("--prompt-only", "--as-of", "yesterday"), "expected a day such as 2031-03-02, found 'yesterday'"),
        (("--model", "small", "--base-url", "http://127.0.0.1:9/v1"), "there is no terminal to ask at: give --yes"),
        (("--model", "small", "--base-url", "ftp://x", "--yes"), "--base-url takes an address"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_before_anything_is_made(options: tuple[str, ...], message: str) -> None:
    assert message in refused("account.txt", "--out", "d", *options)
    assert not Path("d").exists()


def test_a_draft_needs_a_folder_of_its_own() -> None:
    assert "--out DIR" in refused("account.txt", "--prompt-only")
    done("account.txt", "--out", "p", "--prompt-only")
    assert "holds crisis.draft.json already" in refused("account.txt", "--out", "p", "--prompt-only")
    assert "give no --out" in refused("p", "--out", "q")
    Path("empty").mkdir()
    assert "empty holds no draft" in refused("empty")


def test_a_key_that_is_not_set_is_named_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with loopback(good) as server:
        assert "variable MY_KEY of --key-env is not set" in refused(*by_model(server, "--key-env", "MY_KEY"))
        assert server.asked == []


def test_local_only_refuses_another_machine_before_anything_is_made() -> None:
    options = ("--out", "d", "--model", "small", "--base-url", "http://192.0.2.1/v1", "--yes", "--local-only")
    assert "192.0.2.1, which is not this machine; nothing was sent" in refused("account.txt", *options)
    assert not Path("d").exists()


def test_the_key_is_in_no_file_and_in_nothing_that_is_said(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("MY_KEY", f"{KEY}\n")

    def telling(asked: Asked) -> Reply:
        return Reply(PARTS[stage_of(asked)].replace("Northland's", f"Northland's {asked.headers['Authorization']}"))

    with loopback(telling) as server:
        result = call(*by_model(server, "--key-env", "MY_KEY"))
        assert result.exit_code == 0, result.output
        assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    with loopback(lambda _: Reply(f"the key {KEY} is too old", 401)) as server:
        failed = call(*by_model(server, "--key-env", "MY_KEY", out="e"))
    assert failed.exit_code == 1
    assert "[key]" in failed.output
    assert KEY not in result.output + failed.output
    assert not [path for path in folder.rglob("*") if path.is_file() and KEY in path.read_text(encoding="utf-8")]


def test_exchanges_are_kept_for_the_owner_or_not_at_all() -> None:
    with loopback(good) as server:
        done(*by_model(server))
        done(*by_model(server, "--no-keep", out="e"))
    kept = sorted(Path("d/exchanges").iterdir())
    assert [path.name for path in kept][:3] == ["001-extract.json", "002-timeline.json", "003-numbers.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert json.loads(kept[0].read_text(encoding="utf-8"))["answer"] == PARTS["extract"]
    assert not Path("e/exchanges").exists()


def goes_on(server: Loopback, *more: str) -> str:
    """What `offramp draft DIR` says to its end, without more with the model that the draft had."""
    return done("d", "--base-url", server.base_url, "--yes", *more)


def whole() -> bytes:
    """The crisis file of a draft that nothing has stopped."""
    with loopback(good) as server:
        done(*by_model(server, out="whole"))
    return Path("whole/crisis.yaml").read_bytes()


def test_a_limit_stops_a_draft_which_then_goes_on_to_the_same_end() -> None:
    with loopback(good) as server:
        said = refused(*by_model(server, "--max-calls", "2"), code=1)
        assert "stopped: --max-calls: 2 of 2 calls are made" in said
        assert f"offramp draft d --model small --base-url {server.base_url}" in said
        assert read_draft(Path("d")).stage == "numbers"
        assert "--max-tokens" in refused("d", "--base-url", server.base_url, "--yes", "--max-tokens", "3000", code=1)
        assert len(server.asked) == 2
        goes_on(server)
        assert {asked.model for asked in server.asked} == {"small"}
    assert Path("d/crisis.yaml").read_bytes() == whole()


TROUBLES: dict[str, tuple[Reply, str]] = {
    "cut": (Reply('{"steps": [', finish="length"), "cut the answer"),
    "10 MB": (Reply("x" * 10_000_000), "sent more than"),
    "slow": (Reply("{}", delay=3), "took longer than 1 seconds"),
    "busy": (Reply("slow down", 429), "it answered 429 4 times: slow down"),
    "waits": (Reply("slow down", 429, headers={"Retry-After": "3600"}), "asks to wait 3600 seconds"),
    "refused": (Reply("no such model", 404), "has no model 'small'"),
    "moved": (Reply("", 302, headers={"Location": "http://192.0.2.1/v1"}), "redirects elsewhere"),
    "garbage": (Reply(body=b"<html>"), "sent no answer of a model"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_server_in_trouble_stops_a_draft_with_all_work_kept(trouble: str) -> None:
    reply, message = TROUBLES[trouble]
    with loopback(lambda asked: good(asked) if stage_of(asked) == "extract" else reply) as server:
        said = refused(*by_model(server, "--timeout", "1" if trouble == "slow" else "20"), code=1)
    assert message in said
    assert "Everything so far is kept in d. To go on:" in said
    draft = read_draft(Path("d"))
    assert (draft.stage, draft.usage.calls) == ("timeline", 1)
    with loopback(good) as server:
        goes_on(server)
        assert stage_of(server.asked[0]) == "timeline"


@pytest.mark.parametrize(
    "bad",
    ["I would rather not.", '{"actors": [', json.dumps({"actors": [{"key": "x", "file": "/etc/passwd"}]}), "[" * 9_000],
    ids=["chatter", "truncated", "unknown keys", "deep"],
)
def test_answers_that_cannot_be_used_stop_a_draft_after_three(bad: str) -> None:
    with loopback(lambda _: Reply(bad)) as server:
        said = refused(*by_model(server), code=1)
        assert len(server.asked) == 3
    assert "stopped: 3 answers in a row to 'extract' could not be used" in said
    with loopback(good) as server:
        goes_on(server)


def test_one_bad_answer_is_said_and_asked_again() -> None:
    replies = iter(["no"])
    with loopback(lambda asked: Reply(text) if (text := next(replies, "")) else good(asked)) as server:
        assert "  the answer could not be used: the answer holds no JSON object" in done(*by_model(server))


def test_fences_and_chatter_do_not_matter() -> None:
    with loopback(lambda asked: Reply(f"Sure!\n```json\n{good(asked).text}\n```\nAnything else?")) as server:
        done(*by_model(server))
    assert Path("d/crisis.yaml").read_bytes() == whole()


def test_invented_quotes_go_back_once_and_then_stand_in_no_file() -> None:
    invented = "The admiral ordered the fleet to burn the city"
    first = json.loads(PARTS["extract"])
    first["actors"][0] |= {"quote": invented, "para": 1}

    def inventing(asked: Asked) -> Reply:
        if stage_of(asked) == "extract":
            return Reply(json.dumps(first))
        asks = asked.body["response_format"]["json_schema"]["schema"]["properties"]
        return (
            Reply(json.dumps({"quotes": [{"record": "actors.north", "quote": invented, "para": 2}]}))
            if (list(asks) == ["quotes"])
            else good(asked)
        )

    with loopback(inventing) as server:
        said = done(*by_model(server))
    assert "once more: quotes that were not found in the document" in said
    assert ", 1 not found; " in said
    assert "\n  not in the document: the quote of actors.north\n" in said
    assert invented not in Path("d/crisis.yaml").read_text(encoding="utf-8")


def test_the_end_of_a_draft_shows_the_notes_what_was_left_out_and_what_the_second_look_changed() -> None:
    extract = json.loads(PARTS["extract"])
    extract["notes"] = [{"says": f"Note {number} of the model"} for number in range(9)]
    stake = dict(json.loads(PARTS["numbers"])["stakes"][0], says="It costs more than was thought", quote="", ours=True)
    stake.pop("para", None)
    second = json.dumps({"stakes": [stake], "notes": []})

    def telling(asked: Asked) -> Reply:
        stage = stage_of(asked)
        return Reply(json.dumps(extract) if stage == "extract" else second if stage == "repair" else PARTS[stage])

    with loopback(telling) as server:
        end = done(*by_model(server)).rpartition("is done: ")[2]
    draft = read_draft(Path("d"))
    assert draft.changed_after_solve
    assert "\nThe model's notes:\n  - Note 0 of the model\n" in end
    more = len(draft.brief.notes) - 8
    assert f"  - Note 7 of the model\n  and {more} more, in crisis.draft.json\n" in end
    assert f"second look, so first in review:\n  - {draft.changed_after_solve[0]}\n" in end


def test_a_folder_does_not_decide_where_a_document_is_sent() -> None:
    with loopback(good) as server:
        refused(*by_model(server, "--max-calls", "1"), code=1)
        said = refused("d")
        assert "offramp draft d --base-url URL [--key-env VAR]" in said
        assert len(server.asked) == 1
    assert "wrote d/2-timeline.prompt.md" in done("d", "--prompt-only")


def test_another_model_that_goes_on_is_named_too() -> None:
    with loopback(good) as server:
        refused(*by_model(server, "--max-calls", "1"), code=1)
        goes_on(server, "--model", "large")
    assert read_draft(Path("d")).model == "small and large"
    assert [asked.model for asked in server.asked][:2] == ["small", "large"]


@pytest.mark.parametrize("stage", ["extract", "quotes", "timeline", "numbers", "repair", "sense", "done"])
def test_a_draft_from_a_stranger_at_any_stage_ends_in_a_prompt_or_a_message(stage: str) -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    sidecar = Path("p/crisis.draft.json")
    values = json.loads(sidecar.read_text(encoding="utf-8"))
    sidecar.write_text(json.dumps(values | {"stage": stage, "usage": {"calls": 10**12}}), encoding="utf-8")
    assert call("p").exit_code == 0
    answered = call("p", "--answer", "-", answers=PARTS["timeline"].encode())
    # an answer to another stage is of no use here
    assert answered.exit_code == (0 if stage == "timeline" else 2)
    assert stage == "done" or "p/" in answered.output


def test_a_link_in_place_of_the_account_is_not_followed(folder: Path) -> None:
    done("account.txt", "--out", "p", "--prompt-only")
    (folder / "private.txt").write_text("A line that nobody else may read", encoding="utf-8")
    Path("p/sources/account.txt").unlink()
    Path("p/sources/account.txt").symlink_to(folder / "private.txt")
    with loopback(good) as server:
        options = ("--model", "small", "--base-url", server.base_url, "--yes")
        assert "cannot read p/sources/account.txt" in refused("p", *options)
        assert server.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("word", "code"), [(b"n\n", 1), (b"\n", 1), (b"\x04", 1), (b"y\n", 0)])
def test_at_a_terminal_a_person_is_asked_before_anything_is_sent(word: bytes, code: int) -> None:
    import pty

    ours, theirs = pty.openpty()
    with loopback(good) as server:
        command = [OFFRAMP, "draft", *by_model(server)[:-1]]
        with Copy(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") as process:
            os.close(theirs)
            os.write(ours, word)
            said, _ = process.communicate(timeout=120)
        os.close(ours)
        assert "Send it? [y/N]" in said
        assert process.returncode == code, said
        assert bool(server.asked) == (code == 0)
    assert ("nothing was sent; everything so far waits in d" in said) == (code == 1)


def started(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return Copy([OFFRAMP, "draft", *arguments], env={**os.environ, **environment}, encoding="utf-8", **pipes)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("stage", ["extract", "timeline", "numbers"])
def test_a_draft_that_is_killed_at_any_stage_goes_on_to_the_same_end(stage: str) -> None:
    with loopback(lambda asked: Reply("", delay=20) if stage_of(asked) == stage else good(asked)) as server:
        process = started(*by_model(server))
        until(lambda: any(stage_of(asked) == stage for asked in list(server.asked)))
        process.kill()
        process.communicate(timeout=60)
    draft = read_draft(Path("d"))
    assert (draft.stage, draft.model) == (stage, "" if stage == "extract" else "small")
    with loopback(good) as server:
        goes_on(server, "--model", "small")
    assert Path("d/crisis.yaml").read_bytes() == whole()


def test_ctrl_c_leaves_a_draft_that_goes_on() -> None:
    with loopback(lambda asked: Reply("", delay=20) if stage_of(asked) == "timeline" else good(asked)) as server:
        process = started(*by_model(server, "--key-env", "MY_KEY"), MY_KEY=KEY)
        until(lambda: len(server.asked) == 2)
        if sys.platform == "linux":
            assert KEY not in Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted\nEverything so far is kept in d. To go on:" in said
    assert f"--base-url {server.base_url} --key-env MY_KEY" in said
    assert "Traceback" not in said
    with loopback(good) as server:
        goes_on(server)
