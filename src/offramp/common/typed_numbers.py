"""Numbers that a person types on the command line: plain digits only, and a hint for other ways to write them."""

from __future__ import annotations

import re

from offramp.common.lookalikes import plain_hint

_NUMBER = re.compile(r"\s*[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|inf|infinity|nan)\s*", re.ASCII | re.IGNORECASE)
_MARKED = r"\d{1,3}(?:,\d{3})+"
_NOT_WHOLE = r"\d+[,/]\d+|[\d.]+ ?%"
_WITHOUT = "; write the thousands without a mark"
_HINTS = (
    (r"\d+(?:_\d+)+", "; write the digits without '_'"),
    (r"\d{1,3}(?:[ ']\d{3})+(?:\.\d+)?|\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?", _WITHOUT),
    (r"\d+,\d+", "; write '.' for a decimal comma, and no comma between thousands"),
    (r"\d+/\d+", "; write the fraction as a decimal number"),
    (r"[\d.]+ ?%", "; write a percentage as a share, such as 0.05 for 5%"),
    (r"0[xX][0-9a-fA-F]+", "; write it in decimal digits"),
)


def number_of(text: str) -> float:
    """The number that a text writes; as `float`, but without `1_0` and digits of other scripts.

    Raises
    ------
    ValueError
        If it is none; the text of the error is a hint on how to write it, or empty.

    Examples
    --------
    >>> number_of("1e-3"), number_hint("1_0"), number_hint("ten")
    (0.001, "; write the digits without '_'", '')
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(number_hint(text))
    return float(text)


def number_hint(text: str, *, whole: bool = False) -> str:
    """How to write a number that is written in another way, or ''; `whole`: whether a whole number is expected."""
    bare = text.strip().lstrip("+-")
    if whole and re.fullmatch(_MARKED, bare, re.ASCII):
        return _WITHOUT
    if whole and re.fullmatch(_NOT_WHOLE, bare, re.ASCII):
        return ""
    hint = next((hint for pattern, hint in _HINTS if re.fullmatch(pattern, bare, re.ASCII)), "")
    return hint or plain_hint(text)
