"""The assumptions of a crisis, each with its reason, its cites and its line; and the texts that they cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offramp.common.texts import tr
from offramp.crisis.checks.cites import located, parts_of
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Reason


@dataclass(frozen=True)
class Assumption:
    """An assumption: its part of the file as in `WeakPoint.about`, its name, what is written of it, and its reason."""

    section: str
    about: str
    name: str
    written: str
    reason: Reason
    line: int


@dataclass(frozen=True)
class CitedWords:
    """What a cite points to: the source, the paragraph (from 1) and its words; "" if they are not found."""

    source: str
    paragraph: int | None
    words: str


@dataclass(frozen=True)
class CitedTexts:
    """The paragraphs of the sources that are at hand, by the key of the source."""

    paragraphs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def passage(self, cite: str) -> CitedWords | None:
        """What a cite points to; None if the text of its source is not at hand."""
        parts = parts_of(cite)
        if parts is None or parts[0] not in self.paragraphs:
            return None
        source, wanted = parts
        blocks = self.paragraphs[source]
        place = located(wanted, blocks)
        if place is None:
            return CitedWords(source, None, "")
        return CitedWords(source, place.paragraph, blocks[place.paragraph - 1][place.start : place.end])


def cited_texts(crisis: Crisis, document: Sequence[str] | None = None) -> CitedTexts:
    """The texts of a crisis's sources; `document`: that of the only source whose file is not at hand."""
    folder = Path(crisis.path).parent
    found: dict[str, Sequence[str]] = {}
    for key, source in crisis.sources.items():
        blocks = None if source.file is None else paragraphs_of(folder, source.file, crisis.allow_outside)
        if blocks:
            found[key] = blocks
    missing = [key for key in crisis.sources if key not in found]
    if document and len(missing) == 1:
        found[missing[0]] = document
    return CitedTexts(found)


def assumptions_of(crisis: Crisis) -> Iterator[Assumption]:
    """The assumptions of a crisis, in the order of the file's sections."""
    for key, actor in crisis.actors.items():
        written = tr("rationality {number}", number=actor.rationality.text)
        yield Assumption("actors", f"actors.{key}", actor.name, written, actor.reason, actor.place.line)
    for key, entry in crisis.inputs.items():
        if entry.of_actor is None and not entry.recorded:
            written = f"{entry.distribution}{f' {entry.unit}' if entry.unit else ''}"
            yield Assumption("inputs", f"inputs.{key}", entry.name, written, entry.reason, entry.place.line)
    for key, step in crisis.named.items():
        if isinstance(step, Chance | Move):
            section = "moves" if isinstance(step, Move) else "chance"
            written = ", ".join(option.name for option in step.option_details.values())
            yield Assumption(section, f"timeline.{key}", step.name, written, step.reason, step.place.line)
    for term in crisis.terms:
        about, name = f"payoffs.{term.actor}.{term.key}", f"{crisis.actors[term.actor].name}: {term.name}"
        yield Assumption("payoffs", about, name, term.pays.text, term.reason, term.place.line)
    for key, lever in crisis.levers.items():
        yield Assumption("levers", f"levers.{key}", lever.name, lever.says or "", lever.reason, lever.place.line)
