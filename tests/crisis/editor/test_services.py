"""Every service answers for any text and any cursor, with ranges inside the text."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.editor.completion import complete
from offramp.crisis.editor.hovering import hover
from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.rewriting import rewrite_input, value_spans
from offramp.crisis.editor.symbols import symbols
from offramp.game.checks.text_checks import check_text
from tests.crisis.editor.texts import TEHRAN, TEXT, browser_slice, typed, units
from tests.examples import examples


@settings(max_examples=examples(120), deadline=None)
@given(typed())
def test_any_text_is_checked(text: str) -> None:
    checked = check_text(text, TEHRAN, max_nodes=20_000)
    assert checked.ok or any(fault.severity == "error" for fault in checked.faults)
    for fault in checked.faults:
        assert 0 <= fault.start <= fault.end <= units(text)
        assert fault.line == fault.end_line
        assert not set(browser_slice(text, fault.start, fault.end)) & {"\n", "\r"}
    checked.to_dict()


@settings(max_examples=examples(150), deadline=None)
@given(typed(), st.integers(-5, 30_000))
def test_completion_hover_and_outline_answer_anywhere(text: str, offset: int) -> None:
    completions = complete(text, offset)
    assert 0 <= completions.start <= completions.end <= units(text)
    help_text = hover(text, offset)
    assert help_text is None or 0 <= help_text.start <= help_text.end <= units(text)
    assert all(symbol.start <= symbol.end <= units(text) for symbol in symbols(text))


@settings(max_examples=examples(60), deadline=None)
@given(typed())
def test_rewriting_any_text_succeeds_or_is_refused(text: str) -> None:
    spans = value_spans(text)
    with contextlib.suppress(UsageError):
        assert value_spans(rewrite_input(text, "intercept", 0.5)).keys() == spans.keys()


def test_services_answer_at_every_place_of_the_shipped_crisis() -> None:
    for offset in range(0, len(TEXT), 211):
        complete(TEXT, offset)
        hover(TEXT, offset, TEHRAN)


@given(st.text(st.sampled_from("a😀é\r\n\t"), max_size=20))
def test_offsets_are_counted_as_a_browser_counts(text: str) -> None:
    offsets = Offsets(text)
    for character in range(len(text) + 1):
        unit = units(text[:character])
        assert offsets.units(character) == unit
        assert offsets.characters(unit) == character
