"""The gallery in the workbench: a card for each crisis, and a copy of one in the opened folder."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.crisis.gallery import CRISIS, gallery, gallery_files
from offramp.crisis.names import names_of
from offramp.study.known_outcomes.gallery_listing import GalleryCrisis, gallery_listing

MOST_COPIES = 100
"""Maximum number of copies of one crisis beside each other."""
MAX_LINE = 300


@cache
def cards() -> tuple[dict[str, Any], ...]:
    """What the page shows of each crisis of the gallery; the files that come with Offramp do not change."""
    return tuple(_card(one) for one in gallery_listing().crises) if gallery() else ()


def _card(one: GalleryCrisis) -> dict[str, Any]:
    crisis, names = one.crisis, names_of(one.crisis).endings
    happened = None if one.outcome is None else one.outcome.ending
    endings = [
        {
            "name": names[ending.key],
            "mean": None if one.endings is None else one.endings[ending.key].mean,
            "p05": None if one.endings is None else one.endings[ending.key].p05,
            "p95": None if one.endings is None else one.endings[ending.key].p95,
            "happened": ending.key == happened,
        }
        for ending in crisis.endings
    ]
    return {
        "name": one.name,
        "title": crisis.title,
        "line": first_sentence(crisis.summary or ""),
        "as_of": crisis.as_of,
        "actors": len(crisis.actors),
        "state": one.state,
        "standing": one.standing,
        "endings": endings,
    }


def first_sentence(text: str) -> str:
    """The first sentence of a text, cut if it is long.

    Examples
    --------
    >>> first_sentence("A drone was shot down. An answer is promised.")
    'A drone was shot down.'
    """
    return re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0][:MAX_LINE]


def copy_into(folder: Folder, name: str) -> str:
    """Copy a crisis of the gallery, with all its files, into a new folder in the opened one; give the crisis's path.

    The folder has the name of the crisis, or that with a number if there is something of that name.

    Raises
    ------
    Refused
        If there is no such crisis, or the copy cannot be written; nothing is left of it then.
    """
    if name not in gallery():
        raise Refused(404, f"no crisis '{name[:60]}' is in the gallery; there are: {', '.join(gallery())}")
    files = gallery_files(name)
    target = _new_folder(folder, name)
    try:
        for file, content in files.items():
            (target / file).write_bytes(content)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise Refused(422, f"cannot write the copy: {error.strerror or error}") from None
    return f"{target.name}/{CRISIS}"


def _new_folder(folder: Folder, name: str) -> Path:
    """A new folder in the opened one; what is there already, a link too, is left alone."""
    for number in range(1, MOST_COPIES + 1):
        target = folder.root / (name if number == 1 else f"{name}-{number}")
        try:
            target.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise Refused(422, f"cannot write the copy: {error.strerror or error}") from None
        return target
    raise Refused(409, f"the folder has {MOST_COPIES} copies of {name} already: delete or rename some")
