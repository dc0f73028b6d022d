"""The editor's services answer as `offramp check` does, for the text as it stands."""

from __future__ import annotations

from typing import Any

from offramp.crisis.reading import read_text
from offramp.gambit.opening import compile_game
from tests.app.served import SMALL, Served


def ask(served: Served, call: str, text: str = SMALL, **more: Any) -> Any:
    """A service's answer for a text."""
    answer = served.client.post(f"/api/{call}", json={"path": "small.yaml", "text": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_text_without_faults_comes_with_what_the_page_shows(served: Served) -> None:
    said = ask(served, "check")
    assert said["ok"]
    model = said["model"]
    assert model["title"] == "One choice"
    assert [actor["key"] for actor in model["actors"]] == ["north", "south"]
    assert [card["name"] for card in model["inputs"]] == ["gain", "harm"]
    assert [move["step"] for move in model["moves"]] == ["answer", "reply"]
    assert model["levers"][0]["does"] == ["gain = gain / 2"]
    size = compile_game(read_text(SMALL.encode(), "small.yaml")).size
    assert model["size"] == {
        "nodes": size.nodes,
        "histories": size.histories,
        "information_sets": size.information_sets,
    }


def test_the_tehran_crisis_comes_whole(served: Served) -> None:
    text = (served.folder / "crisis.yaml").read_text(encoding="utf-8")
    model = ask(served, "check", text)["model"]
    crisis = read_text(text.encode(), "crisis.yaml")
    assert [card["name"] for card in model["inputs"]] == list(crisis.inputs)
    assert [lever["name"] for lever in model["levers"]] == list(crisis.levers)
    assert {move["actor"] for move in model["moves"]} <= set(crisis.actors)
    assert any(len(move["rounds"]) > 1 for move in model["moves"])


def test_faults_stand_where_the_checker_puts_them(served: Served) -> None:
    said = ask(served, "check", SMALL.replace("by: south", "by: suoth"))
    assert not said["ok"]
    assert said["model"] is None
    (fault,) = [each for each in said["faults"] if each["severity"] == "error"]
    assert "south" in fault["message"]
    assert SMALL.replace("by: south", "by: suoth")[fault["from"] : fault["to"]] == "suoth"


def test_an_input_is_rewritten_and_no_other_byte(served: Served) -> None:
    said = ask(served, "rewrite", name="harm", value=2.25)
    assert said["text"] == SMALL.replace("is: 1.5", "is: 2.25")
    refused = served.client.post("/api/rewrite", json={"path": "a.yaml", "text": SMALL, "name": "hram", "value": 1})
    assert refused.status_code == 422
    assert "harm" in refused.json()["error"]


def test_an_event_is_written_and_no_other_byte(served: Served) -> None:
    event = {"position": "answer", "value": "strike", "date": "2031-03-09", "note": "said at noon"}
    said = ask(served, "happened", **event)
    written = SMALL + "observed:\n  - {date: 2031-03-09, answer: strike}  # said at noon\n"
    assert said["text"] == written
    assert ask(served, "check", written)["model"]["observed"] == 1
    assert (served.folder / "small.yaml").read_text(encoding="utf-8") == SMALL
    for change, text, message in (
        ({"value": "hold"}, written, "line 17 of the file says something else: on 2031-03-09, answer: strike"),
        ({}, written, "line 17 of the file says it already: on 2031-03-09, answer: strike"),
        ({"date": "today"}, SMALL, "expected a date"),
        ({}, SMALL + "oops", "the file has a mistake"),
        ({}, SMALL.replace("strike]", "strike], closed: [strike]"), "is closed"),
    ):
        body = {"path": "small.yaml", "text": text} | event | change
        refused = served.client.post("/api/happened", json=body)
        assert refused.status_code == 422
        assert message in refused.json()["error"]


def test_an_event_with_which_no_history_agrees_is_not_written(served: Served) -> None:
    text = SMALL.replace("by: south, options", "by: south, if: answer == strike, options")
    text += "observed: [{date: 2031-03-02, answer: hold}]\n"
    event = {"position": "reply", "value": "absorb", "date": "2031-03-09"}
    refused = served.client.post("/api/happened", json={"path": "small.yaml", "text": text, **event})
    assert refused.status_code == 422
    assert "this was not written: observed 'reply' = absorb cannot" in refused.json()["error"]
    event["value"] = "skipped"
    assert "reply: skipped" in ask(served, "happened", text, **event)["text"]


def test_completion_and_hover_answer_at_a_place(served: Served) -> None:
    place = SMALL.index("strike) * (reply")
    completed = ask(served, "complete", SMALL, offset=place)
    assert {"hold", "strike"} <= {item["label"] for item in completed["items"]}
    place = SMALL.index("gain * (answer")
    hovered = ask(served, "hover", SMALL, offset=place + 1)
    assert (hovered["from"], hovered["to"]) == (place, place + len("gain"))
    assert "uniform(0, 2)" in hovered["title"] + " ".join(hovered["paragraphs"])
    assert ask(served, "hover", SMALL, offset=len(SMALL)) is None


def test_a_source_outside_the_folder_is_not_read(served: Served) -> None:
    secret = served.folder.parent / "secret.txt"
    secret.write_text("the secret phrase")
    for file in (str(secret), "../secret.txt"):
        text = SMALL + f"sources:\n  s: {{title: S, file: {file}}}\n"
        text = text.replace("because: Another", 'because: Another, cite: s "no such phrase"')
        said = served.client.post("/api/check", json={"path": "small.yaml", "text": text})
        assert "phrase" not in str([fault["message"] for fault in said.json()["faults"]])
        assert served.solve(text).status_code == 200
        passage = served.client.post("/api/passage", json={"path": "small.yaml", "text": text, "cite": "s ¶1"})
        assert "secret phrase" not in passage.text
