"""Limits count calls and tokens before anything is asked."""

from __future__ import annotations

import pytest

from offramp.draft.inquiry_state import MAX_COUNT, Usage
from offramp.draft.limits import (
    LONGEST_ANSWER,
    SHORTEST_ANSWER,
    DraftLimits,
    LimitReachedError,
    room_for_answer,
)

LIMITS = DraftLimits(calls=3, tokens=30_000)


def test_an_answer_may_be_as_long_as_the_tokens_that_are_left() -> None:
    assert room_for_answer(LIMITS, Usage(), 5_000) == LONGEST_ANSWER
    assert room_for_answer(LIMITS, Usage(input_tokens=12_000, output_tokens=8_000), 5_000) == 5_000


def test_no_call_more_than_the_limit() -> None:
    assert room_for_answer(LIMITS, Usage(calls=2), 100) > 0
    with pytest.raises(LimitReachedError, match="--max-calls: 3 of 3 calls are made"):
        room_for_answer(LIMITS, Usage(calls=3), 100)


def test_no_call_whose_answer_would_be_cut() -> None:
    spent = Usage(calls=1, input_tokens=20_000, output_tokens=3_000)
    assert room_for_answer(LIMITS, spent, 7_000 - SHORTEST_ANSWER) == SHORTEST_ANSWER
    with pytest.raises(LimitReachedError, match="--max-tokens: 7,000 of 30,000 tokens are left"):
        room_for_answer(LIMITS, spent, 7_001 - SHORTEST_ANSWER)


def test_a_draft_from_a_stranger_cannot_state_more_than_can_be_counted() -> None:
    most = Usage(calls=MAX_COUNT, input_tokens=MAX_COUNT, output_tokens=MAX_COUNT)
    assert most + Usage(calls=1, input_tokens=5, output_tokens=5) == most


def test_what_was_used_before_a_command_does_not_count_for_it() -> None:
    before, more = Usage(calls=9, input_tokens=90, output_tokens=9), Usage(calls=1, input_tokens=4, output_tokens=2)
    assert (before + more).since(before) == more
