"""What a command may use of a model: calls, tokens, and seconds a call. A limit stops it with all work kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offramp.common.errors import OfframpError

if TYPE_CHECKING:
    from offramp.draft.inquiry_state import Usage

MAX_CALLS, MAX_TOKENS, TIMEOUT = 12, 400_000, 600.0
"""The limits by default: calls, tokens in and out, and seconds a call."""
LONGEST_ANSWER = 16_000
"""Tokens of an answer at most; a model's own bound may be lower."""
SHORTEST_ANSWER = 2_000
"""With fewer tokens left for the answer, nothing is asked: it would be cut."""
_BYTES_A_TOKEN = 3
"""Fewer than in most texts, so that an estimate is rather too high."""


class LimitReachedError(OfframpError):
    """A limit stops an inquiry."""


@dataclass(frozen=True)
class DraftLimits:
    """The limits of one command: calls, tokens (sent and answered together), and seconds a call."""

    calls: int = MAX_CALLS
    tokens: int = MAX_TOKENS
    seconds: float = TIMEOUT


def tokens_of(texts: Iterable[str]) -> int:
    """An estimate of the tokens of some texts.

    Examples
    --------
    >>> tokens_of(["a staged answer", "a salvo"])
    8
    """
    return -(-sum(len(text.encode(errors="replace")) for text in texts) // _BYTES_A_TOKEN)


def room_for_answer(limits: DraftLimits, used: Usage, to_send: int) -> int:
    """The most tokens that the answer to a prompt of `to_send` tokens may have.

    Raises
    ------
    LimitReachedError
        If one call more is too many.

    Examples
    --------
    >>> from offramp.draft.inquiry_state import Usage
    >>> room_for_answer(DraftLimits(tokens=20_000), Usage(calls=1, input_tokens=9_000), 6_000)
    5000
    """
    if used.calls >= limits.calls:
        raise LimitReachedError(f"--max-calls: {used.calls} of {limits.calls} calls are made")
    left = limits.tokens - used.input_tokens - used.output_tokens
    if left < to_send + SHORTEST_ANSWER:
        raise LimitReachedError(
            f"--max-tokens: {max(left, 0):,} of {limits.tokens:,} tokens are left, and the next call needs about "
            f"{to_send + SHORTEST_ANSWER:,}"
        )
    return min(left - to_send, LONGEST_ANSWER)
