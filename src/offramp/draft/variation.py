"""How one of several rival drafts differs from the others: its model, its temperature, where it begins to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from offramp.common.texts import tr
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.draft.inquiry_state import KeptPart

MOST_RIVALS = 9
"""Maximum number of rival drafts: all have to be paid for, and read."""
HOTTEST = 2.0
"""The highest temperature that servers take."""
MAX_PARAGRAPH = 1_000_000


class Variation(KeptPart):
    """How one rival draft is made: the `number`th `of` so many.

    `model`: the model that is to be asked, "" if a person pastes. `temperature`: None leaves it to the server.
    `starts_at`: the paragraph with which the account begins in the prompts; those before it follow at the end.
    """

    number: Annotated[int, Field(ge=1, le=MOST_RIVALS)]
    of: Annotated[int, Field(ge=2, le=MOST_RIVALS)]
    model: Annotated[str, Field(max_length=MAX_MODEL)] = ""
    temperature: Annotated[float, Field(ge=0, le=HOTTEST)] | None = None
    starts_at: Annotated[int, Field(ge=1, le=MAX_PARAGRAPH)] = 1

    @property
    def words(self) -> str:
        """It in words, such as `m-7, temperature 0.8, reads from ¶9`."""
        parts = [self.model] if self.model else []
        if self.temperature is not None:
            parts.append(tr("temperature {temperature}", temperature=f"{self.temperature:g}"))
        return ", ".join([*parts, tr("reads from ¶{paragraph}", paragraph=self.starts_at)])


def variations(
    count: int, paragraphs: int, models: Sequence[str] = (), temperature: float | None = None
) -> tuple[Variation, ...]:
    """How each of so many rival drafts of a document with so many paragraphs is made.

    The models take turns. The account begins at other paragraphs, evenly apart: a language model heeds the beginning
    and the end of a long prompt more than its middle (Liu et al. 2024, Lost in the Middle), so each draft slights
    another part.

    Examples
    --------
    >>> [(one.model, one.starts_at) for one in variations(3, 12, ["m-7", "q-2"])]
    [('m-7', 1), ('q-2', 5), ('m-7', 9)]
    """
    return tuple(
        Variation(
            number=place + 1,
            of=count,
            model=models[place % len(models)] if models else "",
            temperature=temperature,
            starts_at=1 + place * paragraphs // count,
        )
        for place in range(count)
    )


def reading_order(paragraphs: int, starts_at: int) -> tuple[int, ...]:
    """The numbers of so many paragraphs in the order in which a draft reads them.

    Examples
    --------
    >>> reading_order(5, 4)
    (4, 5, 1, 2, 3)
    """
    first = starts_at if starts_at <= paragraphs else 1
    return (*range(first, paragraphs + 1), *range(1, first))
