"""Read a crisis file: from text to a checked `Crisis`, or all its faults at once.

The shape is checked first (`schema`, `shape`), then names and rules, part by part. A part whose shape is broken still
declares its names, so that one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from offramp.common.bounded import read_bounded
from offramp.common.garbage import uncollected
from offramp.common.lookalikes import disguised_letter, letter_difference, skeleton
from offramp.common.words import one_line
from offramp.crisis import scalars, schema
from offramp.crisis.checks.cites import CiteChecker
from offramp.crisis.checks.sources import unread_sources
from offramp.crisis.checks.warnings_of_text import static_warnings
from offramp.crisis.distribution import is_distribution
from offramp.crisis.draft_standing import unread_beside, unreadable
from offramp.crisis.faults import Fault, Faults, without_faults
from offramp.crisis.model import Crisis
from offramp.crisis.sections.assumptions import read_actors, read_correlations, read_inputs, read_sources
from offramp.crisis.sections.case_inputs import declare_inputs, likely_misspelt
from offramp.crisis.sections.described import text_of
from offramp.crisis.sections.levers import read_levers, read_observed
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.sections.odds import mentions_in, values_of
from offramp.crisis.sections.outcomes import read_endings, read_measures, read_terms
from offramp.crisis.sections.records import read_cases
from offramp.crisis.sections.timeline import TimelineReader
from offramp.crisis.sections.written_steps import check_length, declare_steps, named_parts
from offramp.crisis.text.document import MAX_BYTES, Items, Scalar, Value, YamlMapping, scalar_at
from offramp.crisis.text.loading import load
from offramp.crisis.text.shape import shape_of


def read(path: str | Path, *, allow_outside: bool = False) -> Crisis:
    """Read a crisis file and check every rule of the language that does not need the game.

    Sources outside the folder of the file count as not available, unless `allow_outside`. A draft beside the file that
    a person has not read whole becomes the crisis's `draft`.

    Raises
    ------
    CrisisError
        If the file has faults; it holds all of them.
    OfframpError
        If there is no such file, it is not a regular file, or it is too large.
    """
    path = Path(path)
    try:
        data = read_bounded(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return replace(read_text(data, str(path), allow_outside=allow_outside), draft=unread_beside(path))


def read_text(data: bytes, path: str, *, allow_outside: bool = False) -> Crisis:
    """Like `read`, from the bytes of a file; `path` locates its sources and names it in messages.

    Raises
    ------
    CrisisError
        If the file has faults; it holds all of them.
    """
    with uncollected():
        return without_faults(path, lambda faults: _crisis(data, path, faults, allow_outside))


def _crisis(data: bytes, path: str, faults: Faults, allow_outside: bool) -> Crisis | None:
    """The crisis, or None if anything was added to `faults`."""
    root = load(data, faults)
    shape = None if root is None else shape_of(root, faults)
    if shape is None or not isinstance(root, YamlMapping):
        return None
    document = shape.document
    names = Namespace(faults, shape.complete, mentions=mentions_in(data.decode("utf-8-sig")))
    _declare(document, root, names)
    names.resolve_lets()
    sources = read_sources(document.sources)
    folder = Path(path).parent
    cites = CiteChecker(sources, shape.complete, folder, faults, allow_outside)
    actors, rationalities = read_actors(names, document.actors, cites.reason)
    inputs = read_inputs(names, document.inputs, cites.reason) | rationalities
    correlations = read_correlations(names, document.correlations, inputs, cites.reason)
    check_length(document.timeline, names, all(actor.memory == "state" for actor in actors.values()))
    timeline = TimelineReader(names, cites.reason, frozenset(names.of_kind("actor")), document.as_of)
    steps, default_viewers = timeline.read(document.timeline)
    endings = read_endings(names, document.endings, timeline, cites.reason)
    cases = None
    if document.cases is not None:
        cases = read_cases(names, document.cases, root, endings, timeline)
    crisis = Crisis(
        path=path,
        text=data.decode("utf-8-sig"),
        title=one_line(document.title),
        as_of=text_of(document.as_of),
        summary=text_of(document.summary),
        sources=sources,
        actors=actors,
        inputs=inputs,
        correlations=correlations,
        timeline=steps,
        terms=read_terms(names, document.payoffs, timeline, cites.reason),
        measures=read_measures(names, document.measures, timeline, cites.reason),
        endings=endings,
        levers=read_levers(names, document.levers, timeline, cites.reason),
        observed=read_observed(names, document.observed, timeline),
        cites=tuple(cites.cites),
        warnings=(
            *lookalikes(document),
            *likely_misspelt(document.inputs),
            *unread_sources(folder, sources.values(), allow_outside),
        ),
        allow_outside=allow_outside,
        sums=names.sums,
        cases=cases,
    )
    return None if faults else static_warnings(crisis, default_viewers)


def names_of(document: schema.CrisisPart) -> Iterator[Scalar]:
    """Every name that a file declares, including options."""
    for part in (document.sources, document.actors, document.inputs, document.let, document.endings, document.levers):
        yield from part
    yield from document.measures
    for terms in document.payoffs.values():
        yield from terms
    for step in named_parts(document.timeline):
        if isinstance(step, schema.ChancePart):
            yield step.chance
            yield from values_of(step)
        elif isinstance(step, schema.MovePart):
            yield step.move
            yield from step.options
        elif isinstance(step, schema.StatePart):
            yield step.state


def lookalikes(document: schema.CrisisPart) -> Iterator[Fault]:
    """Warnings about names that look like another name of the file, or contain a letter that looks like another."""
    first: dict[str, Scalar] = {}
    for word in names_of(document):
        other = first.setdefault(skeleton(word), word)
        disguise = disguised_letter(word)
        if other != word:
            where = f"(line {other.place.line})"
            message = f"'{word}' looks like '{other}' {where}, but is a different name"
            yield Fault(word.place, f"{message}: {letter_difference(word, other)}")
        elif disguise is not None and other is word:
            yield Fault(word.place, f"the name {disguise}")


def _declare(document: schema.CrisisPart, root: YamlMapping, names: Namespace) -> None:
    """Declare all names, those of broken parts as `broken`."""
    for key in document.actors:
        names.declare(key, "actor")
        names.called[str(key)] = str(document.actors[key].name)
        text = document.actors[key].rationality
        if text is not None and is_distribution(text):
            names.declare(scalar_at(text.place, f"{key}.rationality"), "input")
    declare_inputs(names, document.inputs)
    for key, text in document.let.items():
        names.declare(key, "let")
        names.lets[str(key)] = text
    declare_steps(document.timeline, names)
    for name in _written_names(root):
        if name not in names.symbols and scalars.is_name(name):
            names.declare(name, "broken")
    names.report_repeated()


def _written_names(root: YamlMapping) -> list[Scalar]:
    """All names that the file declares, even in parts that are broken."""
    parts: dict[str, Value] = {str(key): value for key, value in root.items()}
    names = [key for part in ("actors", "inputs", "let") for key in parts.get(part, ()) if isinstance(key, Scalar)]
    pending: list[Value] = [parts.get("timeline")]
    while pending:
        value = pending.pop()
        if isinstance(value, YamlMapping):
            names += [
                name for key, name in value.items() if key in ("chance", "move", "state") and isinstance(name, Scalar)
            ]
            pending.extend(value.values())
        elif isinstance(value, Items):
            pending.extend(value)
    return names
