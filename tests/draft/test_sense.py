"""Signs of a degenerate draft: they name records, and never how likely an ending is."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

import offramp
from offramp.draft.sidecar import CRISIS
from offramp.draft.stages import next_prompt
from tests.draft.scripted import begun, driven, parts
from tests.draft.test_prompts import EXAMPLE, EXAMPLE_ACCOUNT


def example(**pays: str) -> dict[str, Any]:
    """The worked example with other payoff terms, such as morvane__hunger."""
    answers = copy.deepcopy(EXAMPLE)
    for stake in answers["numbers"]["stakes"]:
        stake["pays"] = pays.get(f"{stake['actor']}__{stake['key']}", stake["pays"])
    return answers


@pytest.mark.parametrize(
    ("pays", "record", "words"),
    [
        ({"morvane__blame": "-40 * (answer == pay)"}, "options.answer.pay", "hardly ever chosen"),
        ({"verrin__concession": "-3 * (passage == guarded)"}, "moves.passage", "'keep_shut' is the best option"),
        ({"morvane__blame": "-40 * (answer == pay)"}, "endings.paid", "hardly ever comes about"),
        ({"verrin__losses": "- fight_cost*fight"}, "stakes.verrin.losses", "every actor has this payoff term alike"),
    ],
)
def test_each_sign_is_found(tmp_path: Path, pays: dict[str, str], record: str, words: str) -> None:
    draft = driven(tmp_path, begun(tmp_path, paragraphs=EXAMPLE_ACCOUNT), example(**pays))
    assert draft.stage == "sense"
    assert any(sign.record == record and words in sign.message for sign in draft.signs), draft.signs


def test_a_crisis_without_signs_skips_the_second_look(tmp_path: Path) -> None:
    assert driven(tmp_path, begun(tmp_path, paragraphs=EXAMPLE_ACCOUNT), EXAMPLE).stage == "done"


def test_a_second_look_does_not_learn_how_likely_the_endings_are(tmp_path: Path) -> None:
    draft = driven(
        tmp_path, begun(tmp_path, paragraphs=EXAMPLE_ACCOUNT), example(morvane__blame="-40 * (answer == pay)")
    )
    prompt = next_prompt(draft, tmp_path)
    assert prompt is not None
    text = "\n".join(message.content for message in prompt.messages)
    assert re.findall(r"[\d.]+ ?%|percent|per cent|probabilit", text) == []
    for share in offramp.solve(offramp.read(tmp_path / CRISIS)).endings.values():
        for digits in (2, 3, 4):
            assert f"{share:.{digits}f}"[1:] not in text.replace("0.25", "").replace("0.50", "")
            assert f"{100 * share:.{digits - 1}f}" not in text
    assert all(re.search(r"\d", sign.message) is None for sign in draft.signs)


def test_signs_are_of_records_of_the_brief(tmp_path: Path) -> None:
    from offramp.draft.brief_records import entries_of

    draft = driven(tmp_path, begun(tmp_path), parts())
    assert draft.signs
    assert {sign.record for sign in draft.signs} <= {id_ for id_, _ in entries_of(draft.brief)}
