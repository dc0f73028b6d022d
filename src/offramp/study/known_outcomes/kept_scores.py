"""The scores of the gallery, kept in a file beside its crises, so that nothing is solved to show them.

`docs/track_record.py` writes the file. A score counts only as long as the crisis, its first version and its outcome are
the files that were scored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded
from offramp.common.errors import OfframpError
from offramp.common.texts import tr
from offramp.crisis.gallery import CRISIS, OUTCOME, gallery, gallery_folder
from offramp.crisis.reading import read
from offramp.runs.run import run
from offramp.runs.weighted import Interval
from offramp.study.known_outcomes.crisis_folder import FIRST
from offramp.study.known_outcomes.crisis_score import CrisisScore, score_crisis
from offramp.study.known_outcomes.gallery_score import NO_OUTCOME, GalleryScore, why_left_out
from offramp.study.plain_values import as_plain, from_plain

KEPT = "scores.json"
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class KeptScores:
    """The scores of the gallery. `stamps`: the SHA-256 of the files scored, by crisis; `endings`: those of each crisis
    before any event, over its draws.
    """

    stamps: Mapping[str, str]
    endings: Mapping[str, Mapping[str, Interval]]
    gallery: GalleryScore

    def endings_of(self, name: str) -> Mapping[str, Interval] | None:
        """The endings of a crisis; None if its files have changed since."""
        return self.endings.get(name) if self.is_current(name) else None

    def score_of(self, name: str) -> CrisisScore | None:
        """The score of a crisis; None if it has none, or its files have changed since."""
        return next((one for one in self.gallery.scores if one.folder == name and self.is_current(name)), None)

    def is_current(self, name: str) -> bool:
        """Whether the files of a crisis are those that were scored."""
        folder = gallery().get(name)
        return folder is not None and self.stamps.get(name) == stamp_of(folder)


def stamp_of(folder: Path) -> str:
    """The SHA-256 of the files of a crisis on which its score depends."""
    stamp = hashlib.sha256()
    for name in (CRISIS, FIRST, OUTCOME):
        path = folder / name
        content = read_bounded(path, MOST_BYTES) if path.is_file() else b""
        stamp.update(f"{name} {len(content)}\n".encode() + content)
    return stamp.hexdigest()


def kept_scores() -> KeptScores | None:
    """The kept scores; None if there are none, or they are of another version of Offramp."""
    folder = gallery_folder()
    try:
        content = b"" if folder is None else read_bounded(folder / KEPT, MOST_BYTES)
        return from_plain(json_of(content), KeptScores)
    except (OSError, ValueError):
        return None


def write_scores(*, draws: int, seed: int) -> Iterator[str]:
    """Score the crises of the gallery whose files have changed since, and keep the scores beside it.

    The scores are written after every crisis, so that nothing is lost if this is stopped. Gives the name of each crisis
    before it is solved.

    Raises
    ------
    OfframpError
        If there is no gallery.
    """
    place = gallery_folder()
    if place is None:
        raise OfframpError("there is no gallery to score")
    kept = kept_scores()
    stamps: dict[str, str] = {}
    endings: dict[str, Mapping[str, Interval]] = {}
    scores: list[CrisisScore] = []
    left_out: dict[str, str] = {}
    # those that are known first: what is written before the end has them too
    for name, folder in sorted(gallery().items(), key=lambda item: kept is None or not kept.is_current(item[0])):
        stamps[name] = stamp_of(folder)  # before it is read: a later change is then found
        known = None if kept is None else kept.endings_of(name)
        score = None if kept is None else kept.score_of(name)
        if kept is None or known is None:
            yield name
            try:
                score = score_crisis(folder, draws=draws, seed=seed)
            except OfframpError as error:
                left_out[name] = why_left_out(folder, error)
            known = run(read(folder / CRISIS), draws=draws, seed=seed).ending_intervals if score is None else None
        elif score is None:
            left_out[name] = kept.gallery.left_out[name] if (folder / OUTCOME).exists() else NO_OUTCOME
        endings[name] = score.tuned.before if score is not None else known or {}
        if score is not None:
            scores.append(score)
        ordered = tuple(sorted(scores, key=lambda one: one.folder))
        scored = GalleryScore(tr("The gallery"), ordered, dict(sorted(left_out.items())), draws, seed)
        now = KeptScores(dict(sorted(stamps.items())), dict(sorted(endings.items())), scored)
        text = json.dumps(as_plain(now, KeptScores), ensure_ascii=False, separators=(",", ":"))
        write_whole(place / KEPT, f"{text}\n".encode())
