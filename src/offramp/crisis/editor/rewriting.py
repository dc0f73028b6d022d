"""Writes a number into a crisis file: replaces the value of one input and changes no other byte."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import yaml

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest
from offramp.crisis.editor.descriptions import distribution_of
from offramp.crisis.editor.offsets import BYTE_ORDER_MARK, LINE_END, Offsets
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.faults import Fault, Faults, StopReadingError
from offramp.crisis.scalars import is_set
from offramp.crisis.text.loading import load

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)+")
_HEADER = re.compile(r"[|>][^\r\n]*(?:\r\n?|\n)\s*")
LARGEST_WHOLE = 1e15


@dataclass(frozen=True)
class _Value:
    """A scalar of the file: its text and its span (in characters, with quotes, without anchors).

    `shared` if an alias repeats it or a value that contains it; `prior` if it is that of a coefficient.
    """

    text: str
    start: int
    end: int
    style: str
    shared: bool
    prior: bool = False


def rewrite_input(text: str, name: str, value: float) -> str:
    r"""The text of a crisis file with an input set to a number and every other character unchanged.

    `name` is an input, `ACTOR.rationality`, or an actor (to set its rationality).

    Raises
    ------
    UsageError
        If the file cannot be read, the input is unknown, the value is not a finite number, or an alias repeats it.

    Examples
    --------
    >>> rewrite_input('inputs:\n  a: {is: "beta(4, 6)", because: why}  # why\n', "a", 0.25)
    'inputs:\n  a: {is: 0.25, because: why}  # why\n'
    """
    if not math.isfinite(value):
        raise UsageError(f"'{name}' must be a finite number, found {value}")
    values = _values(text)
    key = f"{name}.rationality" if name not in values and f"{name}.rationality" in values else name
    if key not in values:
        known = f"inputs: {listed(values, 30)}" if values else "the file has no inputs"
        raise UsageError(f"the file gives no value for '{name}'{nearest(name, values)} ({known})")
    current = values[key]
    if current.prior:
        what = f"'{name}' is estimated from past cases, so its `is` must stay a distribution"
        raise UsageError(f"{what}; to fix its value, take `estimate` or `linear` away first")
    if current.shared:
        raise UsageError(f"'{name}' is written with an anchor that an alias repeats; write its value out first")
    if value < 0 and key.endswith(".rationality"):
        raise UsageError(f"a rationality cannot be negative; found {value:g}")
    start, end = _replaced_span(text, current)
    return text[:start] + written(value) + text[end:]


def value_spans(text: str) -> dict[str, tuple[int, int]]:
    """The spans of the values of inputs and rationalities, in UTF-16 units, with quotes; {} if the file is broken."""
    try:
        values = _values(text)
    except UsageError:
        return {}
    offsets = Offsets(text)
    return {name: (offsets.units(value.start), offsets.units(value.end)) for name, value in values.items()}


def written(value: float) -> str:
    """The shortest text that reads back as the same number.

    Examples
    --------
    >>> written(2.0), written(0.1), written(-1e-7), written(-0.0)
    ('2', '0.1', '-1e-07', '0')
    """
    whole = value == int(value) and abs(value) < LARGEST_WHOLE
    return str(int(value)) if whole else repr(float(value))


def _replaced_span(text: str, value: _Value) -> tuple[int, int]:
    """The span to replace: quotes around a number stay, quotes around a distribution are replaced with it."""
    start, end = value.start, value.end
    if value.style in ("|", ">"):
        header = _HEADER.match(text, start)
        return (header.end() if header else start), end
    if value.style in ("'", '"') and _is_number(value.text):
        return start + 1, end - 1
    return start, end


def _is_number(text: str) -> bool:
    try:
        parse(text)
    except ExpressionError:
        return False
    distribution = distribution_of(text)
    return distribution is not None and distribution.kind == "constant"


def _values(text: str) -> dict[str, _Value]:
    """The values of all inputs by name, and of the rationalities in the file as `ACTOR.rationality`."""
    tree, shift = tree_of(text)
    uses = uses_of(tree)
    values: dict[str, _Value] = {}
    for section, field, tail in (("inputs", "is", ""), ("actors", "rationality", ".rationality")):
        part = child_of(tree, section)
        for key, entry in part.value if isinstance(part, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode):
                for name, node in _numbers(f"{key.value}{tail}", child_of(entry, "linear"), child_of(entry, field)):
                    shared = any(uses[id(ancestor)] > 1 for ancestor in (part, entry, node))
                    values[name] = replace(_value(text, node, shift, shared), prior=_is_prior(entry))
    return values


def _numbers(name: str, summands: yaml.Node | None, written: yaml.Node | None) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """The inputs that an entry makes, each with what is written for it; the coefficients of a sum may share it."""
    if isinstance(written, yaml.MappingNode):
        yield from ((f"{name}.{key.value}", node) for key, node in written.value if isinstance(node, yaml.ScalarNode))
    elif isinstance(written, yaml.ScalarNode) and isinstance(summands, yaml.SequenceNode):
        yield from ((f"{name}.{summand.value}", written) for summand in summands.value)
    elif isinstance(written, yaml.ScalarNode):
        yield name, written


def _is_prior(entry: yaml.Node) -> bool:
    """Whether what an entry writes is the prior of coefficients."""
    estimate = child_of(entry, "estimate")
    return child_of(entry, "linear") is not None or (estimate is not None and is_set(estimate.value))


def tree_of(text: str) -> tuple[yaml.Node | None, int]:
    """The nodes of a crisis file, and what to add to their marks to get offsets in the text; UsageError if broken."""
    faults = Faults()
    try:
        root = load(text.encode("utf-8", "surrogatepass"), faults)
    except StopReadingError:
        root = None
    if root is None or faults:
        raise not_changed(faults.entries)
    shift = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    return yaml.compose(text[shift:], Loader=yaml.CBaseLoader), shift


def content_of(text: str) -> dict[str, object]:
    """What a crisis file without mistakes says, as plain values; empty if it says nothing."""
    content: dict[str, object] = load(text.encode("utf-8", "surrogatepass"), Faults()) or {}
    return content


def end_of(text: str, node: yaml.Node, shift: int) -> int:
    """The offset behind a node, without the comments and empty lines that follow it; `shift` as `tree_of` gives it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return end_of(text, last[1] if isinstance(last, tuple) else last, shift)
    start, end = node.start_mark.index + shift, node.end_mark.index + shift
    return start + len(text[start:end].rstrip())


def break_after(text: str, at: int) -> str:
    """The line break that the file uses after an offset, or else anywhere."""
    found = LINE_END.search(text, at) or LINE_END.search(text)
    return found[0] if found else "\n"


def not_changed(faults: Collection[Fault]) -> UsageError:
    """The error for a file with mistakes."""
    reason = f": line {first.place.line}, {first.message}" if (first := min(faults, default=None)) else ""
    return UsageError(f"the file has a mistake, so it was not changed{reason}")


def child_of(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key, or None."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((child for word, child in pairs if word.value == key), None)


def uses_of(root: yaml.Node | None) -> Counter[int]:
    """How often each node occurs in the document, by id: more than once if aliases repeat it."""
    uses: Counter[int] = Counter()
    pending = [root] if root is not None else []
    while pending:
        node = pending.pop()
        uses[id(node)] += 1
        if uses[id(node)] == 1 and isinstance(node, yaml.CollectionNode):
            for child in node.value:
                pending.extend(child if isinstance(child, tuple) else (child,))
    return uses


def _value(text: str, node: yaml.ScalarNode, shift: int, shared: bool) -> _Value:
    start, end = node.start_mark.index + shift, node.end_mark.index + shift
    properties = _PROPERTIES.match(text, start)
    start = properties.end() if properties else start
    raw = text[start:end].rstrip()
    return _Value(str(node.value), start, start + len(raw), str(node.style or ""), shared)
