"""Files read within bounds: what is opened is a regular file, and no more of it is read than is asked for.

A pipe or a device in the place of a file would keep its reader waiting, or never end.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_BINARY", "O_NONBLOCK", "O_NOCTTY"))


def open_regular(path: Path, *, follow: bool = True) -> BufferedReader:
    """A regular file, opened for reading, without a wait; `follow`: also where the path ends in a link to one.

    Raises
    ------
    OSError
        Where it cannot be opened, or is a folder, a pipe, a device or a socket: `strerror` says so.
    ValueError
        Where the path is no path, as one with a null character.
    """
    handle = os.open(path, _FLAGS if follow else _FLAGS | getattr(os, "O_NOFOLLOW", 0))
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_bounded(path: Path, most: int, *, follow: bool = True) -> bytes:
    """The content of a regular file of at most so many bytes; otherwise as `open_regular`.

    Raises
    ------
    OSError
        Also where the file is larger (`errno.EFBIG`); no more than the bound is then in memory.
    """
    with open_regular(path, follow=follow) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise _too_large(path, most)
    return content


def json_of(content: bytes) -> Any:
    """The value of a JSON text, all its numbers finite.

    Raises
    ------
    ValueError
        Where it is none, is nested too deep, or has a number that is none, or is too large.
    """
    try:
        return json.loads(content, parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"it has a number that is not finite: {text[:20]}")


def sha256_bounded(path: Path, most: int, *, follow: bool = True) -> str:
    """The SHA-256 of a regular file of at most so many bytes, in hexadecimal; raises as `read_bounded`."""
    with open_regular(path, follow=follow) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise _too_large(path, most)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
