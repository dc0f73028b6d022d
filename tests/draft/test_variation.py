"""Rival drafts read all of one account, each from another paragraph on, and ask as their variation says."""

from __future__ import annotations

import re
from pathlib import Path

from offramp.draft.drafting import begin, resumed
from offramp.draft.prompts import PromptMessage, account_section
from offramp.draft.provider import Provider
from offramp.draft.sidecar import Draft
from offramp.draft.stages import next_prompt
from offramp.draft.variation import Variation, reading_order, variations
from tests.draft.scripted import NOTE, answered, parts
from tests.replay.loopback import Asked, Reply, loopback


def numbers_shown(section: str) -> list[int]:
    """The numbers of the paragraphs of an account in a prompt, in their order."""
    account = section[section.index("<account>\n") : section.rindex("</account>")]
    return [int(number) for number in re.findall(r"^¶(\d+) ", account, re.MULTILINE)]


def asked_of(folder: Path, draft: Draft) -> str:
    """The prompt that a draft asks next."""
    prompt = next_prompt(draft, folder)
    assert prompt is not None
    return prompt.text


def test_each_rival_begins_to_read_elsewhere_and_models_take_turns() -> None:
    three = variations(3, 10, ["m-7", "q-2"], 0.8)
    assert [one.starts_at for one in three] == [1, 4, 7]
    assert [one.model for one in three] == ["m-7", "q-2", "m-7"]
    assert {(one.of, one.temperature) for one in three} == {(3, 0.8)}
    assert three[1].words == "q-2, temperature 0.8, reads from ¶4"
    assert [one.starts_at for one in variations(4, 2)] == [1, 1, 2, 2]  # a short account


def test_every_paragraph_is_read_once_wherever_a_draft_begins() -> None:
    for starts_at in range(1, 12):
        assert sorted(reading_order(9, starts_at)) == list(range(1, 10))
    assert reading_order(9, 10) == reading_order(9, 1)  # a sidecar from a stranger


def test_a_rival_reads_the_account_from_its_paragraph_on_in_each_stage(tmp_path: Path) -> None:
    draft = begin(NOTE, tmp_path, variation=Variation(number=2, of=2, starts_at=2))
    assert resumed(tmp_path).variation == draft.variation
    expected = list(reading_order(len(NOTE.paragraphs), 2))
    for stage in ("extract", "timeline", "numbers"):
        prompt = asked_of(tmp_path, draft)
        assert numbers_shown(prompt) == expected
        assert "It is shown from ¶2 on, and its beginning at the end." in prompt
        draft = answered(tmp_path, draft, parts()[stage])
    assert draft.stage not in ("extract", "timeline", "numbers")


def test_without_rivals_no_prompt_changes(tmp_path: Path) -> None:
    alone = begin(NOTE, tmp_path / "alone")
    first = begin(NOTE, tmp_path / "first", variation=Variation(number=1, of=3))
    assert asked_of(tmp_path / "alone", alone) == asked_of(tmp_path / "first", first)
    assert numbers_shown(account_section(NOTE.paragraphs, None)) == list(range(1, len(NOTE.paragraphs) + 1))
    assert "variation" not in (tmp_path / "alone" / "crisis.draft.json").read_text()


def test_the_temperature_is_sent_and_left_out_if_a_server_does_not_take_it() -> None:
    message = (PromptMessage("user", "Answer."),)

    def fussy(asked: Asked) -> Reply:
        if asked.model == "fixed" and "temperature" in asked.body:
            return Reply("temperature is not supported with this model", 400)
        return Reply("{}")

    with loopback(fussy) as server:
        for model in ("free", "fixed"):
            with Provider(model, server.base_url, seconds=10, temperature=0.8) as provider:
                provider.answer(message, {"type": "object"}, 100)
        with Provider("free", server.base_url, seconds=10) as provider:
            provider.answer(message, {}, 100)
    sent = [(one.model, one.body.get("temperature"), "response_format" in one.body) for one in server.asked]
    assert sent == [("free", 0.8, True), ("fixed", 0.8, True), ("fixed", None, True), ("free", None, False)]
