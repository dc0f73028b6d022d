"""The crises of the gallery, each in a line; and one of them, by the first part of its README and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.common.errors import OfframpError
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.gallery import CRISIS, FILES, OUTCOME, README, gallery, gallery_files, in_gallery
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.crisis.reading import read
from offramp.runs.weighted import Interval
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.known_outcomes.crisis_score import CrisisScore
from offramp.study.known_outcomes.kept_scores import kept_scores
from offramp.study.known_outcomes.outcome_file import KnownOutcome, read_outcome

DECIDED, OPEN, UNSCORED = "decided", "open", "no outcome"
_BOLD = re.compile(r"\*\*([^*\n]{1,1000})\*\*")
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,300}\)")


@dataclass(frozen=True)
class GalleryCrisis:
    """A crisis of the gallery; `score` and `endings`, before any event, as they are kept, or None."""

    name: str
    crisis: Crisis
    outcome: KnownOutcome | None
    score: CrisisScore | None
    endings: Mapping[str, Interval] | None

    @property
    def state(self) -> str:
        """Whether it is decided."""
        if self.outcome is None:
            return UNSCORED
        return OPEN if self.outcome.due is not None else DECIDED

    @property
    def came_about(self) -> str | None:
        """The name of the ending that came about, or None."""
        ending = None if self.outcome is None else self.outcome.ending
        return None if ending is None else names_of(self.crisis).endings[ending]

    @property
    def standing(self) -> str:
        """Whether it is decided, and how or until when, in a few words."""
        if self.outcome is None:
            return tr("no outcome")
        if self.outcome.due is not None:
            return tr("open until {date}", date=self.outcome.due)
        return self.came_about or tr("none of its endings")


@dataclass(frozen=True, repr=False)
class GalleryListing(Finding):
    """The crises of the gallery, by name."""

    crises: tuple[GalleryCrisis, ...]

    @property
    def title(self) -> str:
        return tr("The gallery: worked crises that come with Offramp")

    @property
    def answer(self) -> tuple[str, ...]:
        return (
            trn(
                "{count} crises. `offramp gallery NAME` says more of one; `offramp new DIR --from NAME` makes a copy "
                "of your own, with its README, its first version and its outcome.",
                "{count} crises. `offramp gallery NAME` says more of one; `offramp new DIR --from NAME` makes a copy "
                "of your own, with its README, its first version and its outcome.",
                len(self.crises),
            ),
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("crisis", tr("crisis")), Column("title", tr("title")), Column("as_of", tr("as of")),
            Column("actors", tr("actors"), "count"), Column("endings", tr("endings"), "count"),
        )  # fmt: skip
        rows = tuple(
            (one.name, one.crisis.title, one.crisis.as_of, len(one.crisis.actors), len(one.crisis.endings))
            for one in self.crises
        )
        return Table("crises", tr("The crises"), columns, rows), self._outcomes()

    def _outcomes(self) -> Table:
        columns = (
            Column("crisis", tr("crisis")), Column("state", tr("came about")), Column("before", tr("held"), "share"),
            Column("base_rate", tr("base rate"), "share"), Column("events", tr("events"), "count"),
            Column("log", tr("log score"), "number"), Column("log_at_random", tr("at random"), "number"),
        )  # fmt: skip
        return Table("outcomes", tr("What came about, and how they score"), columns, tuple(map(_row, self.crises)))

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            tr(
                "Held: the probability that the model gave to the ending that came about, before any event. Log score: "
                "the mean of its observed events, lower is better, against play at random. `offramp backtest` computes "
                "both, and docs/track-record.md says what they show."
            ),
            *self._unkept(),
        )

    def _unkept(self) -> Iterator[str]:
        """Which crises have changed since they were scored."""
        if changed := [one.name for one in self.crises if one.endings is None]:
            yield tr(
                "No scores are kept of {crises}: the files have changed since. `offramp backtest DIR` scores a copy.",
                crises=listed(changed, 20),
            )


@dataclass(frozen=True, repr=False)
class GalleryEntry(Finding):
    """A crisis of the gallery: the paragraphs of its README before the first heading, and its files."""

    about: GalleryCrisis
    paragraphs: tuple[str, ...]
    sizes: Mapping[str, int]

    @property
    def title(self) -> str:
        return f"{self.about.name}: {self.about.crisis.title}"

    @property
    def answer(self) -> tuple[str, ...]:
        return (*self.paragraphs, *self._facts())

    def _facts(self) -> Iterator[str]:
        names = names_of(self.about.crisis)
        yield tr(
            "Actors: {actors}. Endings: {endings}.",
            actors=listed(names.actors.values(), 20),
            endings=listed(names.endings.values(), 20),
        )
        yield tr("What came about: {standing}.", standing=self.about.standing)
        yield tr("A copy of your own: offramp new DIR --from {name}", name=self.about.name)

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = Column("file", tr("file")), Column("bytes", tr("bytes"), "count"), Column("holds", tr("holds"))
        rows: list[tuple[Value, ...]] = [
            (name, size, FILES.get(name, tr("data of the crisis"))) for name, size in self.sizes.items()
        ]
        return (Table("files", tr("Files of {name}", name=self.about.name), columns, tuple(rows)),)


def gallery_listing() -> GalleryListing:
    """The crises of the gallery.

    Raises
    ------
    OfframpError
        If none came with this Offramp.
    """
    if not gallery():
        raise OfframpError("no crises came with this Offramp: install it again")
    kept = kept_scores()
    crises = []
    for name in gallery():
        crisis, outcome = _read(name)
        score = None if kept is None else kept.score_of(name)
        crises.append(GalleryCrisis(name, crisis, outcome, score, None if kept is None else kept.endings_of(name)))
    return GalleryListing(tuple(crises))


def gallery_entry(name: str) -> GalleryEntry:
    """One crisis of the gallery.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    files = gallery_files(name)
    crisis, outcome = _read(name)
    kept = kept_scores()
    score, endings = (None, None) if kept is None else (kept.score_of(name), kept.endings_of(name))
    about = GalleryCrisis(name, crisis, outcome, score, endings)
    text = files.get(README, b"").decode(errors="replace")
    return GalleryEntry(about, first_part(text), {one: len(content) for one, content in files.items()})


def first_part(readme: str) -> tuple[str, ...]:
    r"""The paragraphs of a README between its title and the next heading, a line each, links and bold as their words.

    Examples
    --------
    >>> first_part("# Title\n\nOne [link](a.md)\nand **more**.\n\nTwo.\n\n## Next\n\nThree.\n")
    ('One link and more.', 'Two.')
    """
    body = re.split(r"^## ", readme, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", body))
    return tuple(
        _BOLD.sub(r"\1", _LINK.sub(r"\1", block)) for block in blocks if block and not block.startswith(("#", "<!--"))
    )


def _read(name: str) -> tuple[Crisis, KnownOutcome | None]:
    """A crisis of the gallery, and its outcome if it has one."""
    folder = in_gallery(name)
    crisis = read(folder / CRISIS)
    return crisis, read_outcome(folder / OUTCOME, crisis) if (folder / OUTCOME).is_file() else None


def _row(one: GalleryCrisis) -> tuple[Value, ...]:
    held: tuple[Value, ...] = (None, None)
    events: tuple[Value, ...] = (None, None, None)
    if one.score is not None:
        version, outcome = one.score.tuned, one.score.outcome
        if outcome.ending is not None:
            held = version.odds(outcome.ending)[0], outcome.base_rate[outcome.ending]
        if version.events:
            events = len(version.events), version.log_an_event, version.log_at_random_an_event
    return (one.name, one.standing, *held, *events)
