"""Renames the keys of a crisis as a person does with an editor: every whole word of the text, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from offramp.crisis.model import Crisis
from offramp.study.key_map import SECTIONS, keys_of

Rows = dict[str, dict[str, dict[str, tuple[str, ...]]]]


def words_of(crisis: Crisis) -> list[str]:
    """Every word that is a key of a crisis, or a part of one; not the points of grids, which the language names."""
    keys = [part for section in SECTIONS for key in keys_of(crisis, section) for part in key.split(".")]
    return [word for word in dict.fromkeys(keys) if not re.fullmatch("p[0-9]", word)]


def replaced(text: str, new: Mapping[str, str]) -> str:
    """A text with whole words replaced, all at once."""
    return re.sub(r"\b[^\W\d]\w*\b", lambda word: new.get(word[0], word[0]), text)


def rows_of(crisis: Crisis, new: Mapping[str, str]) -> Rows:
    """The rows of a map from a crisis to the one with other keys, whose labels are `a` and `b`."""

    def other(key: str) -> str:
        return ".".join(new.get(part, part) for part in key.split("."))

    return {
        section: {key: {"a": (key,), "b": (other(key),)} for key in keys_of(crisis, section)} for section in SECTIONS
    }
