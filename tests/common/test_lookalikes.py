"""Names that look alike but differ cause a warning with the Unicode names of their letters."""

from __future__ import annotations

import pytest

import offramp
from offramp.crisis.reading import read_text

TEXT = """
format: 1
title: T
actors: {north: {name: North}}
inputs: {INPUTS}
timeline: [{move: answer, by: north, options: [OPTIONS]}]
payoffs: {north: {term: PAYS * (answer == hold)}}
endings: {first: answer == hold, second: otherwise}
"""
MICRO, MU, CYRILLIC, WIDE = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}", "\N{CYRILLIC SMALL LETTER A}", "\uff57"


def text(inputs: str = "cost: {is: 1, because: o}", options: str = "hold, strike", pays: str = "cost") -> bytes:
    return TEXT.replace("INPUTS", inputs).replace("OPTIONS", options).replace("PAYS", pays).encode()


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (text(), []),
        (text(f"{MU}: {{is: 1, because: o}}", pays=MU), []),
        (text("время: {is: 1, because: o}", pays="время"), []),
        (text("coût: {is: 1, because: o}", pays="coût"), []),
        (
            text(f"{MICRO}: {{is: 1, because: o}}", pays=MICRO),
            [f"the name '{MICRO}' contains U+00B5 MICRO SIGN, which looks like U+03BC GREEK SMALL LETTER MU"],
        ),
        (
            text(f"{WIDE}ar: {{is: 1, because: o}}", pays=f"{WIDE}ar"),
            [
                f"the name '{WIDE}ar' contains U+FF57 FULLWIDTH LATIN SMALL LETTER W, "
                "which looks like U+0077 LATIN SMALL LETTER W"
            ],
        ),
        (
            text(options=f"hold, w{CYRILLIC}r"),
            [
                f"the name 'w{CYRILLIC}r' contains U+0430 CYRILLIC SMALL LETTER A, "
                "which looks like U+0061 LATIN SMALL LETTER A"
            ],
        ),
        (
            text(f"{MU}: {{is: 1, because: o}}, {MICRO}: {{is: 2, because: o}}", pays=f"{MU} * {MICRO}"),
            [
                f"'{MICRO}' looks like '{MU}' (line 5), but is a different name: "
                f"'{MICRO}' has U+00B5 MICRO SIGN, '{MU}' U+03BC GREEK SMALL LETTER MU"
            ],
        ),
        (
            text(options=f"hold, a, {CYRILLIC}"),
            [
                f"'{CYRILLIC}' looks like 'a' (line 6), but is a different name: "
                f"'{CYRILLIC}' has U+0430 CYRILLIC SMALL LETTER A, 'a' U+0061 LATIN SMALL LETTER A"
            ],
        ),
    ],
)
def test_a_name_that_looks_like_another_causes_a_warning(data: bytes, warnings: list[str]) -> None:
    assert [warning.message for warning in read_text(data, "a.yaml").warnings] == warnings


def test_an_unknown_name_that_looks_like_a_known_one_gets_a_hint_with_the_letters() -> None:
    with pytest.raises(offramp.CrisisError) as error:
        read_text(text(f"{MU}: {{is: 1, because: o}}", pays=MICRO), "a.yaml")
    assert str(error.value) == (
        f"a.yaml:7:25: unknown name '{MICRO}'; did you mean '{MU}'? "
        f"'{MICRO}' has U+00B5 MICRO SIGN, '{MU}' U+03BC GREEK SMALL LETTER MU"
    )
