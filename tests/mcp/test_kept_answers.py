"""An answer has at most 40 KB; a longer one is cut at its largest parts, and is at an address in full for a while."""

from __future__ import annotations

import json

from offramp.mcp.kept_answers import ADDRESS, MOST_BYTES, MOST_KEPT, KeptAnswers


def test_a_short_answer_is_given_whole() -> None:
    found = KeptAnswers().answer({"sentence": "So it ends.", "rows": [1, 2]})
    assert json.loads(found.text) == {"sentence": "So it ends.", "rows": [1, 2]}
    assert found.address is None


def test_a_long_answer_leaves_out_its_largest_parts_and_is_kept_in_full() -> None:
    kept = KeptAnswers()
    answer = {"sentence": "So it ends.", "rows": ["é" * 10] * 3_000, "few": [1], "more": "y" * 30_000}
    found = kept.answer(answer)
    assert len(found.text.encode()) <= MOST_BYTES
    shown = json.loads(found.text)
    assert next(iter(shown)) == "sentence"
    assert shown["left_out"] == ["rows"]
    assert shown["few"] == [1]
    assert found.address is not None
    key = found.address.removeprefix(ADDRESS)
    whole = kept.read(key)
    assert whole is not None
    assert json.loads(whole) == answer
    assert found.size == len(whole.encode()) == shown["bytes_in_full"]
    assert json.loads(kept.read(f"{key}/few") or "") == [1]
    assert kept.read(f"{key}/nothing") is None
    assert kept.read("x") is None


def test_a_sentence_without_end_is_cut_too() -> None:
    found = KeptAnswers().answer({"sentence": "é" * MOST_BYTES, "few": [1]})
    assert len(found.text.encode()) <= MOST_BYTES
    assert json.loads(found.text)["in_full"] == found.address
    assert json.loads(found.text)["few"] == [1]


def test_the_oldest_answers_are_forgotten() -> None:
    kept = KeptAnswers()
    keys = [(kept.answer({"rows": "x" * MOST_BYTES}).address or "").removeprefix(ADDRESS) for _ in range(MOST_KEPT + 1)]
    assert kept.read(keys[0]) is None
    assert kept.read(keys[1]) is not None


def test_no_character_of_an_answer_controls_a_terminal() -> None:
    text = KeptAnswers().answer({"sentence": "\x1b[31mred\u202e"}).text
    assert text.isprintable()
    assert json.loads(text)["sentence"] == "\x1b[31mred\u202e"
