"""The existing file or folder that is likely to be meant by a path where there is none."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from offramp.common.words import MAX_COMPARED, nearest_word


def nearest_path(path: Path) -> str:
    """The hint `; did you mean 'x'?` for a path where there is nothing, or '' if nothing beside it has a name like it.

    The first part of the path that does not exist is compared with the names in its folder, also without what comes
    after their last dot: `base.yml` is near `base.yaml`, and so is `base`.
    """
    missing = [path, *path.parents]
    while len(missing) > 1 and not os.path.lexists(missing[0]) and not os.path.lexists(missing[1]):
        missing.pop(0)
    first, folder = missing[0], missing[0].parent
    if os.path.lexists(first):
        return ""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, MAX_COMPARED) if not entry.name.startswith("."))
    except OSError:
        return ""
    by_stem = {os.path.splitext(name)[0]: name for name in names}
    stem = nearest_word(os.path.splitext(first.name)[0], by_stem)
    close = nearest_word(first.name, names) or (by_stem[stem] if stem else None)
    if close is None:
        return ""
    whole = folder / close / path.relative_to(first)
    return f"; did you mean '{whole if whole.exists() else folder / close}'?"


def why_unreadable(path: Path, error: OSError | ValueError) -> str:
    """Why a file cannot be read, in words; if there is none, with the file that is likely to be meant.

    Examples
    --------
    >>> why_unreadable(Path("harbour.yaml"), PermissionError(13, "Permission denied"))
    'Permission denied'
    """
    hint = nearest_path(path) if isinstance(error, FileNotFoundError) else ""
    return f"{getattr(error, 'strerror', None) or error}{hint}"
