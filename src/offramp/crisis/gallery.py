"""The gallery: worked crises that come with Offramp, each a folder with its crisis file and what belongs to it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.common.words import expected

CRISIS, README, OUTCOME, SCHEMA = "crisis.yaml", "README.md", "outcome.yaml", "crisis.schema.json"
FILES = {
    CRISIS: tr("the crisis: `offramp run` solves it"),
    README: tr("what it is about, how it plays, what came out, and what it cannot show"),
    "first.yaml": tr("the first version, as it was written before the first solve"),
    OUTCOME: tr("what came about, and the base rate: `offramp backtest` reads it, the model does not"),
    SCHEMA: tr("what an editor reads to complete and explain words: `offramp schema` prints it"),
}
"""What is in a file of a crisis, by its name."""
MOST_BYTES = 8_000_000
"""Maximum size of a file of the gallery."""
_PACKAGE = Path(__file__).resolve().parents[1]
_HEAD = 4_096
_ABOVE = re.compile(rb"\[([^\]\n]{1,300})\]\(\.\./[^)\n]{1,300}\)")
"""A link out of a crisis's folder."""


@cache
def gallery_folder() -> Path | None:
    """The folder of the crises: in the package where it is installed, beside `src` in a checkout."""
    places = (_PACKAGE / "crises", _PACKAGE.parents[1] / "crises")
    return next((place for place in places if place.is_dir()), None)


def gallery() -> dict[str, Path]:
    """The folders of the crises, by name."""
    folder = gallery_folder()
    return {file.parent.name: file.parent for file in sorted(folder.glob(f"*/{CRISIS}"))} if folder else {}


def in_gallery(name: str) -> Path:
    """The folder of a crisis of the gallery.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    known = gallery()
    if name not in known:
        raise UsageError(f"no crisis '{name[:60]}' in the gallery{expected(name, known, len(known))}")
    return known[name]


def gallery_files(name: str) -> dict[str, bytes]:
    """The files of a copy of a crisis of the gallery, by name: the crisis first, then its README, then the others.

    A copy stands alone: the schema is beside it, and a link to what is not copied is left as its words.
    """
    folder = in_gallery(name)
    found = {path.name: path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    schema = folder.parent / SCHEMA
    found |= {SCHEMA: schema} if schema.is_file() else {}
    first = [known for known in FILES if known in found]
    names = [*first, *sorted(found.keys() - set(first))]
    return {one: _standing_alone(one, read_bounded(found[one], MOST_BYTES)) for one in names}


def _standing_alone(name: str, content: bytes) -> bytes:
    """A file as it is in a copy, where nothing stands above its folder."""
    if name.endswith(".yaml"):
        return content.replace(f"$schema=../{SCHEMA}\n".encode(), f"$schema={SCHEMA}\n".encode(), 1)
    return _ABOVE.sub(rb"\1", content) if name == README else content


def gallery_title(name: str) -> str:
    """The title of a crisis of the gallery."""
    with (in_gallery(name) / CRISIS).open("rb") as file:
        head = file.read(_HEAD).decode(errors="replace")
    return title_in(head) or name


def title_in(head: str) -> str | None:
    r"""The title near the beginning of a crisis file, if any.

    Examples
    --------
    >>> title_in("format: 1\ntitle: 'Harbour incident'\n")
    'Harbour incident'
    """
    for line in head.split("\n"):
        key, colon, rest = line.partition(":")
        if (key, colon) == ("title", ":") and (title := rest.strip()):
            quoted = title[0] in "'\"" and title[-1] == title[0] and len(title) > 2
            return title[1:-1] if quoted else title
    return None
