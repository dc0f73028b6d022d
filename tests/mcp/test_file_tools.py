"""Tools on files: checks as `offramp check`, runs as `offramp run`, new files only, and drafts that nobody accepted."""

from __future__ import annotations

import hashlib
import json
import re
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio
import pytest

import offramp
from offramp.crisis.draft_standing import standing_beside
from offramp.crisis.json_schema import json_schema
from offramp.crisis.templates import STARTER, template_text
from offramp.draft.brief_records import DraftBrief
from offramp.draft.sidecar import read_draft
from offramp.mcp.language_pages import condensed_language, language_sections
from offramp.mcp.toolbox import TOOLS
from tests.mcp.assistants import Assistant
from tests.mcp.test_study_tools import printed

EXAMPLE = files("offramp.draft").joinpath("prompt_texts", "example")
FORM = {
    "title": "A drone over the strait",
    "actors": [{"name": "Tessia"}, {"name": "Marland"}],
    "steps": [
        {"name": "Tessia's answer", "by": 0, "options": [{"name": "a protest"}, {"name": "a strike"}]},
        {"name": "Marland's reply", "by": 1, "options": [{"name": "nothing"}, {"name": "a strike back"}]},
    ],
    "endings": [{"name": "war", "when": {"taken": [{"step": 1, "option": 1}]}}, {"name": "calm"}],
    "avoid": 0,
    "payoffs": [[{"guess": -3, "low": -5, "high": -1}, {"guess": 0}], [{"guess": -2}, {"guess": 1}]],
}


BLIND = "  never: {name: blind alarm, set: {spiral: spiral + 1}, cost: 1}\n"


def brief() -> dict[str, Any]:
    """The whole brief of the worked example."""
    content: dict[str, Any] = {}
    for stage in ("extract", "timeline", "numbers"):
        content |= json.loads(EXAMPLE.joinpath(f"{stage}.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module", autouse=True)
def written(root: Path) -> None:
    """A file with a mistake, and a document."""
    (root / "wrong.yaml").write_text(template_text(STARTER).replace("staged: notice", "stagd: notice"), "utf-8")
    (root / "account.txt").write_text(EXAMPLE.joinpath("account.txt").read_text(encoding="utf-8"), "utf-8")


@pytest.fixture(scope="module")
def theirs(root: Path) -> dict[str, Any]:
    """What the command line says of a run that it has written to `cli`."""
    return printed(root, "run", "crisis.yaml", "--draws", "64", "--seed", "3", "--lever", "hotline", "--out", "cli")


def test_check_says_what_the_command_line_says_of_a_file_and_of_a_text_that_is_not_saved(
    one: Assistant, root: Path
) -> None:
    answer = one.call("check", file="crisis.yaml", cites=True)
    assert answer.pop("sentence").startswith("The file has no mistakes and no warnings; its game has 28 nodes")
    assert answer == printed(root, "check", "crisis.yaml", "--cites")
    wrong = one.call("check", file="crisis.yaml", text=(root / "wrong.yaml").read_text(encoding="utf-8"))
    assert wrong == one.call("check", file="wrong.yaml")
    assert not wrong["ok"]
    assert "did you mean 'staged'" in wrong["sentence"]
    assert wrong["faults"] == printed(root, "check", "wrong.yaml", code=2)["faults"]


def test_a_run_is_written_as_the_command_line_writes_it_and_only_into_a_new_folder(
    one: Assistant, root: Path, theirs: dict[str, Any]
) -> None:
    answer = one.call("run", file="crisis.yaml", draws=64, seed=3, levers=["hotline"])
    assert answer["out"] == f"runs/{root.name}-1"
    assert "(64 draws, seed 3; levers pulled: a tested hotline; from the outset)" in answer["sentence"]
    same = theirs.keys() - {"seconds", "out", "report"}
    assert {key: answer[key] for key in same} == {key: theirs[key] for key in same}
    assert (root / answer["report"]).is_file()
    ours, cli = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")}
        for folder in (root / answer["out"], root / "cli")
    )
    assert ours
    assert ours == cli
    assert "exists already" in one.refused("run", file="crisis.yaml", draws=64, out=answer["out"])
    assert one.call("run", file="crisis.yaml", draws=16)["out"] == f"runs/{root.name}-2"


def test_the_sentence_on_levers_names_those_that_are_left_out(one: Assistant, root: Path) -> None:
    text = (root / "crisis.yaml").read_text(encoding="utf-8").replace("levers:\n", "levers:\n" + BLIND, 1)
    (root / "blind.yaml").write_text(text, encoding="utf-8")
    run = one.call("run", file="blind.yaml", draws=64)["out"]
    for answer in (one.call("levers", file="blind.yaml", draws=16), one.call("worth", run=run)):
        assert answer["sentence"].count("Blind alarm is left out: impossible in ") == 1, answer["sentence"]
        assert "Blind alarm is left out" in " ".join(answer["answer"])


def test_a_run_over_the_cap_out_of_the_folder_or_of_a_wrong_file_leaves_nothing(one: Assistant, root: Path) -> None:
    before = sorted(root.rglob("*"))
    assert "at most 500,000 draws" in one.refused("run", file="crisis.yaml", draws=500_001)
    assert "within it" in one.refused("run", file="crisis.yaml", draws=16, out="../out")
    assert "did you mean 'staged'" in one.refused("run", file="wrong.yaml", draws=16, out="none")
    assert sorted(root.rglob("*")) == before


def test_a_long_run_reports_its_share_and_a_cancelled_one_ends(one: Assistant, root: Path) -> None:
    shares: list[float] = []

    async def reported(progress: float, total: float | None, message: str | None) -> None:
        shares.append(progress)

    async def cancelled() -> None:
        asked = {"file": "crisis.yaml", "draws": 500_000, "out": "long"}
        with anyio.move_on_after(60):
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: one.client.call_tool("run", asked, progress_callback=reported))
                while len(shares) < 2 or shares[-1] < 0.01:
                    await anyio.sleep(0.05)
                group.cancel_scope.cancel()

    one.portal.call(cancelled)
    assert 0.01 <= shares[-1] < 1.0
    assert len(set(shares)) == len(shares)
    done = _draws_done(root / "long")
    time.sleep(1.5)
    assert _draws_done(root / "long") == done
    assert done < 500_000
    assert one.call("solve", file="crisis.yaml")["converged"]


def _draws_done(run: Path) -> int:
    return offramp.progress_of(run).done


def test_a_skeleton_is_what_the_workbench_writes_and_compiles(one: Assistant, root: Path) -> None:
    answer = one.call("skeleton", form=FORM, out="strait/crisis.yaml")
    assert answer["sentence"].endswith("It is written to strait/crisis.yaml.")
    assert (root / "strait" / "crisis.yaml").read_text(encoding="utf-8") == answer["text"]
    assert one.call("check", file="strait/crisis.yaml")["ok"]
    assert "exists already" in one.refused("skeleton", form=FORM, out="strait/crisis.yaml")
    faulty = one.call("skeleton", form=FORM | {"avoid": 7}, out="faulty/crisis.yaml")
    assert faulty["faults"] == [{"at": "avoid", "message": "choose the ending to avoid"}]
    assert not (root / "faulty").exists()
    assert one.call("skeleton", template="blank")["text"] == template_text("blank")
    assert "did you mean 'blank'" in one.refused("skeleton", template="blanc")
    assert "give one of them" in one.refused("skeleton")
    assert ".yaml or .yml" in one.refused("skeleton", template="blank", out="notes.txt")


def test_quotes_are_found_exactly_folded_elsewhere_or_not(one: Assistant, root: Path) -> None:
    first = one.read("offramp://account/account.txt").split("\n\n")[1].removeprefix("¶2 ")
    quotes = [
        {"quote": first[:40], "para": 2},
        {"quote": first[:40].upper(), "para": 2},
        {"quote": first[:40], "para": 1},
        {"quote": "words that nobody wrote", "para": 1},
        {"quote": first[:40]},
        {"quote": first[:40].upper()},
    ]
    answer = one.call("verify_quotes", document="account.txt", quotes=quotes)
    assert [row["state"] for row in answer["quotes"]] == ["exact", "folded", "elsewhere", "failed", "exact", "folded"]
    assert "6 quotes were looked up in the 5 paragraphs of account.txt: 2 found word for word" in answer["sentence"]
    assert "1 not found. Whether the words support a claim, a person decides." in answer["sentence"]


def test_a_brief_compiles_to_a_draft_of_which_nothing_is_read(one: Assistant, root: Path) -> None:
    answer = one.call("compile_brief", document="account.txt", brief=brief(), model="m-7", out="draft")
    assert answer["ok"], answer
    assert answer["quotes_not_found"] == []
    assert (root / "draft" / "crisis.yaml").read_text(encoding="utf-8") == answer["text"]
    draft = read_draft(root / "draft")
    assert draft.decisions == ()
    assert draft.crisis_sha256 == hashlib.sha256(answer["text"].encode()).hexdigest()
    standing = standing_beside(root / "draft" / "crisis.yaml")
    assert standing is not None
    assert (standing.model, standing.read) == ("m-7", 0)
    says = f"draft by m-7, 0 of {standing.total} assumptions read"
    assert says in one.call("levers", file="draft/crisis.yaml", draws=16)["sentence"]
    assert says in one.call("solve", file="draft/crisis.yaml")["sentence"].lower()
    assert "exists already" in one.refused("compile_brief", document="account.txt", brief=brief(), out="draft")


def test_a_brief_that_does_not_compile_is_answered_by_record_and_not_written(one: Assistant, root: Path) -> None:
    content = brief()
    content["moves"][0]["by"] = "nobody_there"
    content["moves"][0] |= {"quote": "words that nobody wrote", "para": 1, "ours": False}
    answer = one.call("compile_brief", document="account.txt", brief=content, out="faulty")
    key = content["moves"][0]["key"]
    assert {"record": f"moves.{key}", "message": "there is no actor 'nobody_there'"} in answer["faults"]
    assert answer["quotes_not_found"] == [f"moves.{key}"]
    unread = one.call("compile_brief", document="account.txt", brief={"actors": [{"key": "9"}], "x": 1}, out="faulty")
    assert len(unread["complaints"]) > 2
    assert not (root / "faulty").exists()


def test_the_resources_are_the_texts_themselves(one: Assistant, root: Path) -> None:
    assert one.read("offramp://language") == condensed_language()
    assert one.read("offramp://language/payoffs") == language_sections()["payoffs"]
    assert json.loads(one.read("offramp://schema")) == json_schema()
    assert json.loads(one.read("offramp://brief-schema")) == DraftBrief.model_json_schema()
    assert one.read("offramp://starter") == one.read("offramp://crisis/crisis.yaml") == template_text(STARTER)
    assert one.read("offramp://crisis/shipped:tehran-2024").startswith("# ")


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("offramp://language/payoff", "did you mean 'payoffs'"),
        ("offramp://crisis/../secret.yaml", "within it"),
        ("offramp://crisis/%2Fetc%2Fpasswd", "within it"),
        ("offramp://account/none.txt", "cannot read none.txt"),
        ("offramp://tables/cli/none", "the run has no table 'none'; expected one of draws"),
        ("offramp://tables/none/draws", "there is no run none"),
        ("offramp://nothing", "there is no resource at 'offramp://nothing'; "),
    ],
)
def test_a_resource_that_is_not_there_is_answered_in_words(one: Assistant, uri: str, says: str) -> None:
    with pytest.raises(Exception, match="(?s)" + says.replace("'", ".")):
        one.read(uri)


def test_the_tool_read_gives_every_text_in_parts_that_fit(one: Assistant, root: Path) -> None:
    (root / "long.txt").write_text('Über die Lage, "kurz".\n\n' * 4_000, encoding="utf-8")
    long = {"offramp://schema", "offramp://account/long.txt"}
    for address in ("offramp://language", "offramp://crisis/crisis.yaml", *long):
        parts, start = [], 0
        while True:
            answer = one.call("read", address=address, start=start)
            parts.append(answer["text"])
            if "next" not in answer:
                break
            start = answer["next"]
        assert "".join(parts) == one.read(address)
        assert (len(parts) > 1) == (address in long)
    for address, says in (("offramp://crisis/../secret.yaml", "within it"), ("offramp://nothing", "no resource")):
        assert says in one.refused("read", address=address)
    assert "expected one of offramp://language, " in one.refused("read", address="crisis.yaml")
    assert "offramp://crisis/{file}, " in one.refused("read", address="crisis.yaml")


def test_the_tool_files_lists_what_can_be_asked_about(one: Assistant, root: Path) -> None:
    before = one.call("files")
    one.call("run", file="crisis.yaml", draws=16, out="runs/listed")
    answer = one.call("files")
    assert {"crisis.yaml", "wrong.yaml"} <= {row["file"] for row in answer["files"]}
    assert "account.txt" in answer["documents"]
    assert answer["runs"][0]["run"] == "runs/listed"
    assert sum(answer["runs"][0]["endings"].values()) == pytest.approx(1.0)
    assert len(answer["runs"]) == len(before["runs"]) + 1
    assert "shipped:tehran-2024" in {row["file"] for row in answer["shipped"]}
    assert str(root) not in json.dumps(answer)


@pytest.mark.usefixtures("theirs")
def test_the_tables_of_a_run_are_its_own_numbers(one: Assistant, root: Path) -> None:
    run = offramp.open_run(root / "cli")
    assert one.read("offramp://tables/cli/draws") == run.to_pandas().to_csv(index=False, lineterminator="\n")
    lines = one.read("offramp://tables/cli/draws-8-15").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(draw) for draw in range(8, 16)]
    endings = offramp.endings(run).to_pandas().to_csv(index=False, lineterminator="\n")
    assert one.read("offramp://tables/cli/endings") == endings


@pytest.mark.usefixtures("theirs")
def test_a_report_is_a_page_in_a_new_file(one: Assistant, root: Path) -> None:
    answer = one.call("report", run="cli", out="report.html")
    page = (root / "report.html").read_text(encoding="utf-8")
    assert page.startswith(("<!DOCTYPE html>", "<!doctype html>"))
    assert answer["bytes"] == len(page.encode())
    assert answer["sentence"].startswith(answer["answer"][0].rstrip(" ."))
    assert "exists already" in one.refused("report", run="cli", out="report.html")
    assert "there is no run none" in one.refused("report", run="none", out="other.html")


def test_prompts_say_what_to_do_and_that_only_a_person_accepts(one: Assistant) -> None:
    names = {prompt.name: prompt for prompt in one.portal.call(one.client.list_prompts).prompts}
    assert set(names) == {"draft", "red_team"}
    draft = one.prompt("draft", document="sub/account.txt")
    assert "offramp://account/sub/account.txt" in draft
    assert "only a person can accept an assumption" in draft
    assert "Change nothing" in one.prompt("red_team", file="crisis.yaml")
    for text in (draft, one.prompt("red_team", file="crisis.yaml")):
        assert "{" not in text


def test_every_tool_says_what_it_takes_and_none_accepts_an_assumption_or_sends_anything(one: Assistant) -> None:
    tools = {tool.name: tool for tool in one.portal.call(one.client.list_tools).tools}
    wanted = (
        "check skeleton compile_brief verify_quotes solve run endings moves why weigh levers map update compare report"
    )
    assert set(wanted.split()) | {"worth", "files", "read"} == set(tools) == {tool.name for tool in TOOLS}
    for tool in tools.values():
        assert tool.description
        assert tool.annotations is not None
        assert tool.annotations.open_world_hint is False
        assert tool.input_schema["additionalProperties"] is False
        for name, field in tool.input_schema["properties"].items():
            assert field.get("description"), (tool.name, name)
            assert not {"accept", "accepted", "verdict", "decision", "url", "base_url"} & {name}


@pytest.mark.usefixtures("theirs")
def test_nothing_outside_the_folder_is_read_or_written(
    one: Assistant, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("a secret that nobody may quote", encoding="utf-8")
    (root / "link.txt").symlink_to(outside / "secret.txt")
    (root / "way").symlink_to(outside)
    quotes = [{"quote": "a secret that nobody may quote"}]
    for document in ("link.txt", "way/secret.txt", "../secret.txt", "/etc/passwd", ".hidden"):
        said = one.refused("verify_quotes", document=document, quotes=quotes)
        assert re.search("leads out of the opened folder|within it|hidden", said), said
        assert "secret that" not in said
    assert "leads out" in one.refused("skeleton", template="blank", out="way/crisis.yaml")
    assert "leads out" in one.refused("run", file="crisis.yaml", draws=16, out="way/run")
    assert "leads out" in one.refused("compile_brief", document="account.txt", brief=brief(), out="way/draft")
    assert "leads out" in one.refused("report", run="cli", out="way/report.html")
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]


def test_a_hostile_brief_is_answered_in_words(one: Assistant, root: Path) -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = {"notes": [deep]}
    big = {"key": "a", "name": "n" * 300_000, "says": "s", "ours": True}
    escaped = {"actors": [{"key": "a", "name": "\x1b[31mred\u202e", "says": "x", "ours": True}]}
    for hostile in (deep, {"actors": [big]}, {"actors": [big] * 10}, {"\x1b[31m": 1}, {"steps": [[]] * 500}):
        answer = one.call("compile_brief", document="account.txt", brief=hostile, out="hostile")
        assert answer["complaints"]
        assert "\x1b" not in json.dumps(answer, ensure_ascii=False)
        assert len(json.dumps(answer)) < 40_000
    text = json.dumps(one.call("compile_brief", document="account.txt", brief=escaped), ensure_ascii=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not (root / "hostile").exists()
