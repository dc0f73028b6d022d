"""What an inquiry remembers is bounded, and read back as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.draft.inquiry_state import MAX_MESSAGE, MAX_MESSAGES, InquiryState, Usage, read_state, write_state


def test_a_bad_answer_is_counted_until_a_good_one_comes() -> None:
    bad = InquiryState().with_bad_answer(["no JSON"]).with_bad_answer(["no list"])
    assert (bad.answers, bad.bad_answers, bad.complaints) == (2, 2, ("no list",))
    good = bad.with_good_answer(["one key was ignored"])
    assert (good.answers, good.bad_answers, good.complaints, good.remarks) == (3, 0, (), ("one key was ignored",))


def test_every_model_that_answered_is_named_once_with_all_that_was_used() -> None:
    state = InquiryState()
    for name in ("small", "large", "small"):
        state = state.answered_by(name, "localhost", Usage(calls=1, input_tokens=10))
    assert state.models == ["small", "large"]
    assert state.usage == Usage(calls=3, input_tokens=30)


def test_what_is_kept_can_be_read_again_whatever_an_answer_holds(tmp_path: Path) -> None:
    loud = ["\x1b[2J" + "x" * 2 * MAX_MESSAGE] * 2 * MAX_MESSAGES
    state = InquiryState().answered_by("m" * 2 * MAX_MODEL, "h", Usage()).with_good_answer(loud).with_bad_answer(loud)
    write_state(tmp_path / "s.json", state, {"standing": "for a reader"})
    assert read_state(tmp_path / "s.json", InquiryState, "missing", besides=("standing",)) == state
    assert "\x1b" not in (tmp_path / "s.json").read_text()


@pytest.mark.parametrize("content", ["[]", "{", '{"answers": -1}', '{"unknown": 1}', '{"usage": {"calls": 1e400}}'])
def test_a_file_that_is_no_state_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(OfframpError, match=r"^cannot read \S+s\.json: [^\n]+$"):
        read_state(tmp_path / "s.json", InquiryState, "missing")


def test_a_link_is_not_followed_and_a_missing_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "s.json").symlink_to("/etc/hostname")
    with pytest.raises(OfframpError, match="cannot read"):
        read_state(tmp_path / "s.json", InquiryState, "missing")
    with pytest.raises(UsageError, match="nothing here"):
        read_state(tmp_path / "t.json", InquiryState, "nothing here")
