"""How much likelier events were under the model than under play at random, in words."""

from __future__ import annotations

from offramp.common.numerals import quantity
from offramp.common.texts import tr

ALIKE = 0.005
"""A ratio nearer than this to 1 reads as 1."""
WORSE = 1.0 - 1e-9
"""Below this ratio a model is worse than play at random; nearer to 1 only rounding differs."""


def compared(ratio: float) -> str:
    """How much likelier something was under the model than under play at random.

    Examples
    --------
    >>> compared(14.21), compared(1.001)
    ('14 times as likely as under play at random', 'as likely as under play at random')
    >>> compared(0.213), compared(1.32)
    ('only 0.21 times as likely as under play at random', '1.3 times as likely as under play at random')
    """
    if abs(ratio - 1.0) < ALIKE:
        return tr("as likely as under play at random")
    shown = quantity(ratio, 2)
    if ratio < 1.0:
        return tr("only {ratio} times as likely as under play at random", ratio=shown)
    return tr("{ratio} times as likely as under play at random", ratio=shown)
