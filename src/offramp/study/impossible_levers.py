"""Levers that make some draws impossible: what a study that leaves them out says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from offramp.common.texts import tr, trn
from offramp.crisis.names import Names, capital, levers_label
from offramp.study.finding import Column, Table


@dataclass(frozen=True)
class ImpossibleLevers:
    """Levers under which the crisis is impossible in `draws` of `of` draws.

    `why`: what is wrong in the first of these draws, in the words of the check; `line`: where in the file.
    """

    levers: tuple[str, ...]
    draws: int
    of: int
    line: int
    why: str

    @property
    def label(self) -> str:
        """The levers in data, by their keys."""
        return levers_label(self.levers)

    def told(self, names: Names) -> str:
        """A sentence that these levers are left out."""
        return trn(
            "{levers} is left out: impossible in {draws} of {of} draws.",
            "{levers} together are left out: impossible in {draws} of {of} draws.",
            len(self.levers),
            levers=capital(names.lever_set(self.levers)),
            draws=f"{self.draws:,}",
            of=f"{self.of:,}",
        )


def left_out_sentences(found: Sequence[ImpossibleLevers], names: Names) -> Iterator[str]:
    """Sentences on each single lever and on each pair of possible ones, and one on all pairs with a lever left out."""
    for one in (by_itself := left_out_by_themselves(found)):
        yield f"{one.told(names)} {tr('Line {line}: {why}.', line=one.line, why=one.why)}"
    if pairs := len(found) - len(by_itself):
        yield trn(
            "Also left out is {count} pair with one of these levers.",
            "Also left out are {count} pairs with one of these levers.",
            pairs,
        )


def left_out_by_themselves(found: Sequence[ImpossibleLevers]) -> list[ImpossibleLevers]:
    """Each single lever, and each pair of levers that are possible one by one."""
    alone = {one.levers for one in found}
    return [one for one in found if len(one.levers) == 1 or not _parts(one) & alone]


def _parts(found: ImpossibleLevers) -> set[tuple[str, ...]]:
    return {(lever,) for lever in found.levers}


def left_out_table(found: Sequence[ImpossibleLevers], names: Names) -> tuple[Table, ...]:
    """In how many draws the levers left out are impossible, and why; no table if there are none."""
    if not found:
        return ()
    columns = (
        Column("levers", tr("levers"), names={one.label: names.lever_set(one.levers) for one in found}),
        Column("impossible", tr("impossible in"), "count"),
        Column("draws", tr("of draws"), "count"),
        Column("line", tr("line"), "count"),
        Column("why", tr("why")),
    )
    rows = tuple((one.label, one.draws, one.of, one.line, one.why) for one in found)
    return (Table("left_out", tr("Levers left out, since they make some draws impossible"), columns, rows),)
