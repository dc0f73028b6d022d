"""Writes the crisis file of a brief: every text in quotes, and the same bytes from equal briefs.

It says which record each line comes from, so that a message about a line names a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from offramp.crisis.editor.new_crisis_text import quoted_text
from offramp.crisis.reasoned_parts import MAX_CITES
from offramp.draft.brief_records import (
    CHOSEN,
    EVERYONE,
    DraftBrief,
    MoveRecord,
    OddsRecord,
    StepRecord,
    UnknownRecord,
    claims_of,
)
from offramp.draft.quotes import QuoteCheck, because_of

SOURCE = "account"
"""The key of the document among the sources of the crisis."""
ACCOUNT = "sources/account.txt"
"""The file with the document's text, in the folder of the draft."""
_HEAD = """\
# yaml-language-server: $schema=crisis.schema.json
# A draft, compiled from the records in crisis.draft.json. `offramp review` shows them to you one by one.
"""


@dataclass(frozen=True)
class WrittenBrief:
    """The text of a crisis file, and for each of its lines the id of the record that it comes from, or ""."""

    text: str
    record_at: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    text: str
    id: str = ""


def written_brief(
    brief: DraftBrief, checks: Mapping[str, QuoteCheck], title: str, as_of: str | None = None
) -> WrittenBrief:
    """The crisis file of a brief.

    Parameters
    ----------
    brief
        A brief without faults (`brief_checks.brief_faults`).
    checks
        What became of the quotes, by record (`quotes.verified_brief`).
    title
        The document's title.
    as_of
        The day whose knowledge the document has, such as 2031-03-02.
    """
    lines = [*map(_Line, _HEAD.splitlines()), *_Writer(brief, checks).lines(title, as_of)]
    return WrittenBrief("\n".join(line.text for line in lines) + "\n", tuple(line.id for line in lines))


class _Writer:
    """Writes the parts of one brief in the order of the language."""

    def __init__(self, brief: DraftBrief, checks: Mapping[str, QuoteCheck]) -> None:
        self.brief = brief
        self.checks = checks
        self.claims = claims_of(brief)

    def lines(self, title: str, as_of: str | None) -> Iterator[_Line]:
        brief = self.brief
        yield _Line("format: 1")
        yield _Line(f"title: {quoted_text(brief.title or title)}")
        if as_of:
            yield _Line(f"as_of: {as_of}")
        if brief.summary:
            yield _Line(f"summary: {quoted_text(brief.summary)}")
        yield _Line("")
        yield _Line("sources:")
        yield _Line(f"  {SOURCE}: {{title: {quoted_text(title)}, file: {ACCOUNT}}}")
        yield from self._section("actors", self._actors())
        yield from self._section("inputs", self._inputs())
        yield from self._section(
            "let", (_Line(f"  {let.key}: {quoted_text(let.value)}", f"lets.{let.key}") for let in brief.lets)
        )
        yield from self._section("timeline", self._timeline())
        yield from self._section("payoffs", self._payoffs())
        yield from self._section("endings", self._endings())
        yield from self._section("levers", self._levers())

    def _section(self, key: str, lines: Iterable[_Line]) -> Iterator[_Line]:
        found = list(lines)
        if found:
            yield from (_Line(""), _Line(f"{key}:"), *found)

    def _actors(self) -> Iterator[_Line]:
        for actor in self.brief.actors:
            id_ = f"actors.{actor.key}"
            says = [f"says: {quoted_text(actor.wants)}"] if actor.wants else []
            yield from self._part(2, f"{actor.key}:", [f"name: {quoted_text(actor.name)}", *says], [id_])

    def _inputs(self) -> Iterator[_Line]:
        for entry in self.brief.inputs:
            unit = [f"unit: {quoted_text(entry.unit)}"] if entry.unit else []
            fields = [f"is: {quoted_text(entry.value)}", f"name: {quoted_text(entry.name)}", *unit]
            yield from self._part(2, f"{entry.key}:", fields, [f"inputs.{entry.key}"])

    def _timeline(self) -> Iterator[_Line]:
        for inside, steps in groupby(self.brief.steps, lambda step: step.in_rounds):
            indent = 2
            if inside and self.brief.rounds is not None:
                rounds = self.brief.rounds
                yield _Line(f"  - rounds: {rounds.count}", "rounds")
                if rounds.until:
                    yield _Line(f"    until: {quoted_text(rounds.until)}", "rounds")
                yield _Line("    steps:", "rounds")
                indent = 6
            for label, together in groupby(steps, lambda step: step.together):
                if label:
                    yield _Line(f"{' ' * indent}- together:")
                for step in together:
                    yield from self._step(indent + 4 if label else indent, step)

    def _step(self, indent: int, step: StepRecord) -> Iterator[_Line]:
        ids = [f"steps.{step.id}"]
        first = f"- {step.kind}: {step.of if step.kind == 'tell' else step.key}"
        own = [f"if: {quoted_text(step.happens_if)}"] if step.happens_if else []
        fields: list[str] = []
        blocks: list[_Line] = []
        if step.kind == "tell":
            own.insert(0, f"to: {_flow(step.to)}")
        elif EVERYONE not in step.seen_by:
            own.append(f"seen_by: {_flow(step.seen_by)}")
        if step.kind == "state":
            name = [f"name: {quoted_text(step.name)}"] if step.name else []
            own = [*name, f"start: {quoted_text(step.start)}", f"becomes: {quoted_text(step.becomes)}", *own]
        elif step.kind in CHOSEN:
            entry = self._of_step(step)
            if entry is not None:
                ids.insert(0, f"{'moves' if step.kind == 'move' else 'unknowns'}.{entry.key}")
                by = [f"by: {entry.by}"] if isinstance(entry, MoveRecord) else []
                fields = [f"name: {quoted_text(entry.name)}", *by]
            blocks = [*self._options(indent + 2, step.key), *self._restrictions(indent + 2, step.key)]
            rows = [row for row in self.brief.odds if row.step == step.key]
            blocks += self._odds(indent + 2, rows)
            ids += [f"restrictions.{limit.id}" for limit in self.brief.restrictions if limit.of == step.key]
            ids += [f"odds.{row.id}" for row in rows]
        of_step = (_Line(f"{' ' * (indent + 2)}{field}", f"steps.{step.id}") for field in own)
        yield from self._part(indent, first, fields, ids, [*of_step, *blocks])

    def _of_step(self, step: StepRecord) -> MoveRecord | UnknownRecord | None:
        entries: Sequence[MoveRecord | UnknownRecord] = self.brief.moves if step.kind == "move" else self.brief.unknowns
        return next((entry for entry in entries if entry.key == step.key), None)

    def _options(self, indent: int, key: str) -> Iterator[_Line]:
        options = [option for option in self.brief.options if option.of == key]
        if options:
            yield _Line(f"{' ' * indent}options:", f"options.{options[0].id}")
        for option in options:
            value = [f"value: {quoted_text(option.value)}"] if option.value else []
            fields = [f"name: {quoted_text(option.name)}", *value]
            yield from self._part(indent + 2, f"{option.key}:", fields, [f"options.{option.id}"])

    def _restrictions(self, indent: int, key: str) -> Iterator[_Line]:
        limits = [limit for limit in self.brief.restrictions if limit.of == key]
        conditions = [limit for limit in limits if limit.only_if]
        if conditions:
            yield _Line(f"{' ' * indent}only_if:")
        for limit in conditions:
            text = f"{' ' * (indent + 2)}{limit.option}: {quoted_text(limit.only_if)}"
            yield _Line(text, f"restrictions.{limit.id}")
        closed = [limit for limit in limits if limit.closed]
        if closed:
            yield _Line(f"{' ' * indent}closed:", f"restrictions.{closed[0].id}")
        for limit in closed:
            yield _Line(f"{' ' * (indent + 2)}- {limit.option}", f"restrictions.{limit.id}")

    def _odds(self, indent: int, rows: Sequence[OddsRecord]) -> Iterator[_Line]:
        ours = [row for row in rows if not row.believed_by]
        if ours:
            yield _Line(f"{' ' * indent}odds:", f"odds.{ours[0].id}")
            yield from _rows(indent + 2, ours)
        believers = dict.fromkeys(row.believed_by for row in rows if row.believed_by)
        if believers:
            yield _Line(f"{' ' * indent}believed_by:")
        for actor in believers:
            theirs = [row for row in rows if row.believed_by == actor]
            yield _Line(f"{' ' * (indent + 2)}{actor}:", f"odds.{theirs[0].id}")
            yield from _rows(indent + 4, theirs)

    def _payoffs(self) -> Iterator[_Line]:
        for actor in dict.fromkeys(stake.actor for stake in self.brief.stakes):
            yield _Line(f"  {actor}:")
            for stake in self.brief.stakes:
                if stake.actor == actor:
                    when = [f"when: {stake.when}"] if stake.when != "once" else []
                    fields = [f"name: {quoted_text(stake.name)}", f"pays: {quoted_text(stake.pays)}", *when]
                    yield from self._part(4, f"{stake.key}:", fields, [f"stakes.{stake.id}"])

    def _endings(self) -> Iterator[_Line]:
        for ending in self.brief.endings:
            avoid = ["avoid: yes"] if ending.avoid else []
            fields = [f"if: {quoted_text(ending.condition)}", f"name: {quoted_text(ending.name)}", *avoid]
            yield from self._part(2, f"{ending.key}:", fields, [f"endings.{ending.key}"])

    def _levers(self) -> Iterator[_Line]:
        for lever in self.brief.levers:
            acts = [act for act in self.brief.lever_acts if act.lever == lever.key]
            cost = [f"cost: {quoted_text(lever.cost)}"] if lever.cost else []
            blocks: list[_Line] = []
            for kind in ("set", "forbid", "allow", "commit"):
                of_kind = [act for act in acts if act.act == kind]
                if of_kind:
                    blocks.append(_Line(f"    {kind}:"))
                for on, theirs in groupby(sorted(of_kind, key=lambda act: act.on), lambda act: act.on):
                    blocks += _values(6, on, [(act.value, f"lever_acts.{act.id}") for act in theirs], kind)
            fields = [f"name: {quoted_text(lever.name)}", *cost]
            yield from self._part(2, f"{lever.key}:", fields, [f"levers.{lever.key}"], blocks)

    def _part(
        self, indent: int, first: str, fields: Sequence[str], ids: Sequence[str], blocks: Iterable[_Line] = ()
    ) -> Iterator[_Line]:
        """A part of the file: its first line, its fields and blocks, and the reasons of the records that it holds."""
        inner = " " * (indent + 2)
        yield _Line(f"{' ' * indent}{first}", ids[0])
        yield from (_Line(f"{inner}{field}", ids[0]) for field in fields)
        yield from blocks
        reason = because_of((id_, self.claims[id_], self.checks[id_]) for id_ in ids)
        yield _Line(f"{inner}because: {quoted_text(reason)}", ids[0])
        found = sorted({number for id_ in ids if (number := self.checks[id_].paragraph) is not None})
        cites = [f"{SOURCE} ¶{number}" for number in found[:MAX_CITES]]
        if cites:
            yield _Line(f"{inner}cite: {cites[0] if len(cites) == 1 else _flow(cites)}", ids[0])


def _rows(indent: int, rows: Sequence[OddsRecord]) -> Iterator[_Line]:
    """The rows of odds: one for each condition, in the order in which the conditions first stand."""
    conditions = dict.fromkeys(row.when for row in rows)
    single = list(conditions) == [""]
    for when in conditions:
        of_row = [row for row in rows if row.when == when]
        begin = " " * indent if single else f"{' ' * indent}- "
        if when:
            yield _Line(f"{begin}if: {quoted_text(when)}", f"odds.{of_row[0].id}")
            begin = " " * (indent + 2)
        for row in of_row:
            yield _Line(f"{begin}{row.option}: {quoted_text(row.odds)}", f"odds.{row.id}")
            begin = " " * len(begin)


def _values(indent: int, key: str, values: Sequence[tuple[str, str]], act: str) -> Iterator[_Line]:
    """What a lever does to one input or move, from values with the ids of their records; a list for options."""
    first = f"{' ' * indent}{key}:"
    if act in ("forbid", "allow"):
        yield _Line(first, values[0][1])
        yield from (_Line(f"{' ' * (indent + 2)}- {quoted_text(value)}", id_) for value, id_ in values)
    else:
        yield from (_Line(f"{first} {quoted_text(value)}", id_) for value, id_ in values)


def _flow(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
