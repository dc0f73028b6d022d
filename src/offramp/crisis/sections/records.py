"""Reads `cases`: what each row of a table of past crises says of play."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from offramp.common.words import listed, nearest, quoted
from offramp.crisis import scalars
from offramp.crisis.faults import Location
from offramp.crisis.input_parts import CasesPart
from offramp.crisis.observation import Position
from offramp.crisis.parts import Ending
from offramp.crisis.recorded_cases import CaseRecord, RecordedCases
from offramp.crisis.sections.described import text_of
from offramp.crisis.sections.levers import check_observed
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.sections.timeline import TimelineReader
from offramp.crisis.text.document import Scalar, YamlMapping, scalar_at

ENDING = "ending"
"""The key of a record that names endings."""

Written = Mapping[Scalar, Scalar | Sequence[Scalar]]


def read_cases(
    names: Namespace, part: CasesPart, root: YamlMapping, endings: Sequence[Ending], timeline: TimelineReader
) -> RecordedCases:
    """What the rows of a table record; `root` is the file as written, and `timeline` must have read all steps."""
    key = root.key("cases") if "cases" in root else None  # None if the key is misspelt, which is a fault already
    if key is not None:
        written = root[key] or ()
        given = [word for word in ("observed", "counts") if getattr(part, word) is not None or word in written]
        if len(given) != 1:
            found = listed(f"`{word}`" for word in given) or "neither"
            names.fault(key.place, f"`cases` needs one of `observed` and `counts`; found {found}")
    if part.counts is not None and part.count is not None:
        message = "the columns under `counts` say how often each record was seen; leave out `count`"
        names.fault(part.count.place, message)
    for cells in (part.observed or {}).values():
        for cell in cells:
            if not cell.strip():
                names.fault(cell.place, "an empty cell means that nothing is known, so it has no record; leave it out")
    known = [ending.key for ending in endings]

    def read(written: Written) -> CaseRecord:
        return _record(names, written, known, timeline)

    return RecordedCases(
        observed={
            str(column): {str(cell): read(written) for cell, written in cells.items()}
            for column, cells in (part.observed or {}).items()
        },
        counts={str(column): read(written) for column, written in (part.counts or {}).items()},
        cluster=text_of(part.cluster),
        time=text_of(part.time),
        count=text_of(part.count),
        place=root.place if key is None else key.place,
        places=dict(_places(part)),
    )


def _places(part: CasesPart) -> Iterator[tuple[tuple[str, ...], Location]]:
    """Where each column is named, and each cell of an observed one."""
    for column, cells in (part.observed or {}).items():
        yield ("observed", str(column)), column.place
        yield from ((("observed", str(column), str(cell)), cell.place) for cell in cells)
    for column in part.counts or {}:
        yield ("counts", str(column)), column.place
    for key, named in (("cluster", part.cluster), ("time", part.time), ("count", part.count)):
        if named is not None:
            yield (key, str(named)), named.place


def _record(names: Namespace, written: Written, endings: Collection[str], timeline: TimelineReader) -> CaseRecord:
    facts: dict[Position, tuple[str, ...]] = {}
    reached: tuple[str, ...] | None = None
    for key, value in written.items():
        among = (value,) if isinstance(value, Scalar) else tuple(value)
        if key == ENDING:
            reached = _endings(names, among, endings)
            continue
        step, at, number = key.partition("@")
        step_key = scalar_at(key.place, step)
        check_observed(names, step_key, among)
        position = step, _round(names, key, number if at else None, timeline)
        if position in facts:
            names.fault(key.place, f"{quoted(key)} names the same step and round as another key of this record")
        facts[position] = tuple(map(str, among))
    return CaseRecord(facts, reached)


def _endings(names: Namespace, written: Sequence[Scalar], endings: Collection[str]) -> tuple[str, ...]:
    for place, ending in enumerate(written):
        if ending not in endings and names.complete and not isinstance(ending, scalars.StandIn):
            message = f"unknown ending {quoted(ending)}{nearest(ending, endings)} (endings: {listed(endings, 20)})"
            names.fault(ending.place, message)
        elif ending in written[:place]:
            names.fault(ending.place, f"'{ending}' is listed twice")
    return tuple(map(str, written))


def _round(names: Namespace, key: Scalar, number: str | None, timeline: TimelineReader) -> int:
    """The round of a step of a record, 0 outside rounds; a round that it cannot have is a fault."""
    step = key.partition("@")[0]
    rounds = timeline.rounds_of.get(step) if names.may_be(step, "chance", "move") else None
    if rounds is None:
        if number is not None and step in timeline.positions:
            names.fault(key.place, f"'{step}' is not inside rounds; write {step} without '@{number}'")
        return 0
    count = timeline.counts[rounds]
    if number is None:
        names.fault(key.place, f"'{step}' is inside rounds; give the round, as in {step}@1")
    elif not scalars.is_count(number) or int(number) > count:
        names.fault(key.place, f"'{step}' has no round {quoted(number)}; there are rounds 1 to {count}")
    else:
        return int(number)
    return 0
