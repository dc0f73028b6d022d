"""A scalar knows the place of each of its characters in the file, in every YAML style."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.crisis.faults import Faults
from offramp.crisis.text.document import Scalar, YamlMapping
from offramp.crisis.text.loading import load

WORDS = st.lists(st.text("abcé😀(+=", min_size=1, max_size=4), min_size=1, max_size=6)


def value_of(text: str) -> Scalar:
    """The value of the key `k` in a document without fault."""
    faults = Faults()
    root = load(text.encode(), faults)
    assert not faults
    assert isinstance(root, YamlMapping)
    value = root[root.key("k")]
    assert isinstance(value, Scalar)
    return value


def written(words: list[str], style: str) -> str:
    """The words as a value of the key `k` over several lines."""
    match style:
        case "plain":
            return "# é\nk: x" + "\n  ".join(words)
        case "one line":
            return "k: x" + " ".join(words)
        case "single":
            return "k: 'it''s " + "\n\n   ".join(words) + "'"
        case "double":
            return 'k: "a\\u00e9\\t\\"\\x41 ' + " \\\n  ".join(words) + '"'
        case "folded":
            return "k: >-  # why\n    " + "\n    ".join(words) + "\n"
        case _:
            return "k: |\n   " + "\n\n   ".join(words) + "\n"


@pytest.mark.parametrize("style", ["plain", "one line", "single", "double", "folded", "literal"])
@given(words=WORDS)
def test_the_place_of_every_word_is_its_place_in_the_file(style: str, words: list[str]) -> None:
    text = written(words, style)
    lines = text.split("\n")
    value = value_of(text)
    offset = 0
    for word in value.split():
        offset = value.index(word, offset)
        if "\\" not in text or offset > len('aé\t"A'):
            place = value.at(offset)
            written_word = word.replace("'", "''") if style == "single" else word
            assert lines[place.line - 1][place.column - 1 :].startswith(written_word)
        offset += len(word)


@pytest.mark.parametrize("text", ["no", "012", "12:30", "1e3", "~", "null", "0x1F", "2031-03-02", "=", "<<x"])
def test_every_scalar_is_a_string_as_written(text: str) -> None:
    assert value_of(f"k: {text}") == text


def test_an_anchor_is_read_where_its_aliases_stand() -> None:
    value = value_of("a: &x some text\nk: *x\n")
    assert value == "some text"
    assert (value.at(5).line, value.at(5).column) == (1, 12)
