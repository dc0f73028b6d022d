"""The tolerant parser makes the same tree as libyaml for valid YAML, and a sensible tree for broken text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from offramp.crisis.editor.text_tree import Listing, Mapping, Node, Word, words
from offramp.crisis.editor.tolerant import tree_of
from tests.crises import crisis_texts
from tests.crisis.editor.texts import TEHRAN, typed
from tests.examples import examples

STARTER = Path(__file__).parents[3] / "src" / "offramp" / "starter.yaml"
BROKEN = Path(__file__).parents[1] / "broken" / "crisis.yaml"

STYLES = """\
a: >-
  folded
  text  # no comment

  of lines
b: |
  x: 1
  - 2
c:
- 1
-   - 2
    - k: v
      l: "two
        lines, 'x'"
- {a: 'it''s', "b c": [1, [2, {d: e}]], f: {}, g: []}
d: plain text
  that goes on
e: &anchor {x: 1,
   y: two
     lines}
f: https://a.b/c#d   # a comment: with a colon
g: "escaped \\" \\\\ \\x41 \\u00e9"
-1: x
? k
"""


def plain(node: Node | None) -> Any:
    """A tree as plain values, white space folded."""
    match node:
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case Listing():
            return [plain(item) for item in node.items]
        case Word():
            return " ".join(node.text.split()) or None
    return None


def of_libyaml(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: of_libyaml(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [of_libyaml(value) for value in node.value]
    return " ".join(str(node.value).split()) or None


def same(text: str) -> None:
    assert plain(tree_of(text)) == of_libyaml(yaml.compose(text, Loader=yaml.CBaseLoader))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("path", [TEHRAN, STARTER, BROKEN], ids=lambda path: str(path.parent.name))
def test_a_crisis_file_has_the_tree_that_libyaml_makes(path: Path, end: str) -> None:
    same(path.read_text(encoding="utf-8").replace("\n", end))


def test_every_style_of_yaml_has_the_tree_that_libyaml_makes() -> None:
    same(STYLES.removesuffix("? k\n"))


@settings(max_examples=examples(60), deadline=None)
@given(crisis_texts())
def test_any_crisis_has_the_tree_that_libyaml_makes(text: str) -> None:
    same(text)


@settings(max_examples=examples(150), deadline=None)
@given(typed())
def test_the_words_of_any_tree_are_in_the_text_in_order(text: str) -> None:
    last = 0
    for word in words(tree_of(text)):
        assert last <= word.start <= word.end <= len(text)
        last = word.start


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a: {b: 1\nc: 2", {"a": {"b": "1"}, "c": "2"}),
        ("a: [x, {y: 1\nc: 2", {"a": ["x", {"y": "1"}], "c": "2"}),
        ("a: 'open\nc: 2", {"a": "open", "c": "2"}),
        ("  a: {b: \"x\n  c: {d: 'y'}", {"a": {"b": "x"}, "c": {"d": "y"}}),
        ("a:\n  b\n  c: 1", {"a": {"b": None, "c": "1"}}),
        ("a:\n  - b: 1\n  c\nd: 1", {"a": [{"b": "1"}, "c"], "d": "1"}),
        ("because: Ours: a text", {"because": "Ours: a text"}),
        ("a: {b: 1]}\nc: 2", {"a": {"b": "1"}, "c": "2"}),
        ("a:\n    b: 1\n  c: 2\nd: 3", {"a": {"b": "1", "c": "2"}, "d": "3"}),
        ("a:\n -\n - b\nc:", {"a": [None, "b"], "c": None}),
    ],
)
def test_an_unclosed_value_ends_where_its_neighbours_begin(text: str, tree: Any) -> None:
    assert plain(tree_of(text)) == tree


HOSTILE = {
    "brackets": "[" * 20_000,
    "braces": "{a: " * 10_000,
    "blanks": "a" + " " * 500_000,
    "colons": "a:" * 100_000,
    "dashes": "- " * 50_000,
    "stairs": "".join(" " * depth + "a:\n" for depth in range(1_000)),
    "open quotes": "a: 'x\n" * 50_000,
    "two kinds of open quotes": "a: \"x' " * 50_000,
    "empty lines": ("a: x" + "\n" * 50) * 4_000,
    "hashes": "a # " * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_has_a_tree_too(name: str) -> None:
    tree_of(HOSTILE[name])
