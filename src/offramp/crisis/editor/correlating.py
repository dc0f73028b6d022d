"""Writes correlations of inputs into a crisis file: those that it has between the same inputs are replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import yaml

from offramp.common.errors import UsageError
from offramp.crisis.editor.rewriting import break_after, child_of, end_of, uses_of
from offramp.crisis.editor.text_edits import TextEdit, new_lines, without_lines


class CorrelatedPair(NamedTuple):
    """Two inputs and the correlation of their normal scores, as it is written."""

    first: str
    second: str
    rho: str

    @property
    def entry(self) -> dict[str, object]:
        """The entry of the file, as plain values."""
        return {"of": [self.first, self.second], "rho": self.rho}

    @property
    def text(self) -> str:
        """The entry of the file."""
        return f"{{of: [{self.first}, {self.second}], rho: {self.rho}}}"


def _is_between(pair: object, inputs: Collection[str]) -> bool:
    """Whether both names of a correlation are of `inputs`, or coefficients of these."""
    return isinstance(pair, list) and all(str(name).partition(".")[0] in inputs for name in pair)


def correlations_after(
    before: object, inputs: Collection[str], correlations: Sequence[CorrelatedPair]
) -> list[object] | None:
    """The entries of `correlations` after the change, as plain values; None if the file has none, before and after."""
    entries = before if isinstance(before, list) else []
    kept = [entry for entry in entries if not _is_between(entry["of"], inputs)]
    after = [*kept, *(pair.entry for pair in correlations)]
    return after if after or before is not None else None


def correlations_edits(
    text: str, tree: yaml.Node | None, shift: int, inputs: Collection[str], correlations: Sequence[CorrelatedPair]
) -> Iterator[TextEdit]:
    """The changes to the section: old entries between the inputs go, and the new ones come last.

    Raises
    ------
    UsageError
        If the section is written in a way that cannot be changed.
    """
    section, lines = child_of(tree, "correlations"), [f"- {pair.text}" for pair in correlations]
    assert isinstance(tree, yaml.MappingNode)
    if section is None:
        if lines and tree.flow_style:
            raise UsageError("the whole file is in braces, so nothing can be added to it; write it on lines")
        if lines:
            indent = " " * tree.start_mark.column
            inputs_section = child_of(tree, "inputs")
            assert inputs_section is not None
            end = end_of(text, inputs_section, shift)
            yield new_lines(text, end, [f"{indent}correlations:", *(f"{indent}  {line}" for line in lines)])
        return
    if not isinstance(section, yaml.SequenceNode) or uses_of(tree)[id(section)] > 1:
        raise UsageError("`correlations` is written with an anchor that an alias repeats; write it out first")
    old = [node for node in section.value if _is_between(_names(node), inputs)]
    if section.flow_style or len(old) == len(section.value):
        kept = [node for node in section.value if node not in old]
        items = [text[node.start_mark.index + shift : end_of(text, node, shift)] for node in kept]
        items += [pair.text for pair in correlations]
        start, end = section.start_mark.index + shift, end_of(text, section, shift)
        if section.flow_style:
            yield TextEdit(start, end, f"[{', '.join(items)}]")
        elif items:
            yield TextEdit(
                start,
                end,
                f"{break_after(text, start)}{' ' * section.start_mark.column}".join(f"- {item}" for item in items),
            )
        else:
            (key,) = (key for key, value in tree.value if value is section)
            yield TextEdit(key.end_mark.index + shift, end, ": []")
        return
    for node in old:
        yield without_lines(text, node.start_mark.index + shift, end_of(text, node, shift))
    if lines:
        indent = " " * section.start_mark.column
        yield new_lines(text, end_of(text, section, shift), [f"{indent}{line}" for line in lines])


def _names(node: yaml.Node) -> list[str]:
    of = child_of(node, "of")
    return [str(name.value) for name in of.value] if isinstance(of, yaml.SequenceNode) else [""]
