"""Bounded reads: open only regular files, and read at most a given number of bytes.

A pipe or a device in place of a file could block the reader or never end.
"""

from __future__ import annotations

import errno
import json
import math
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, NoReturn

_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_BINARY", "O_NONBLOCK", "O_NOCTTY"))


def open_regular(path: Path, *, follow: bool = True) -> BufferedReader:
    """Open a regular file for reading, without blocking; with `follow`, the path may be a link to one.

    Raises
    ------
    OSError
        If it cannot be opened, or is a folder, a pipe, a device or a socket; `strerror` says which.
    ValueError
        If the path is invalid, for example contains a null character.
    """
    flags = _FLAGS if follow else _FLAGS | getattr(os, "O_NOFOLLOW", 0)
    try:
        # the file owns its handle from the start: an interrupt can neither lose it nor have it closed twice
        file: BufferedReader = BufferedReader(FileIO(path, opener=lambda name, _: os.open(name, flags)))
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise OSError(errno.ELOOP, "it is a link", str(path)) from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    except BaseException:
        file.close()
        raise
    return file


def read_bounded(path: Path, max_bytes: int, *, follow: bool = True) -> bytes:
    """The content of a regular file of at most `max_bytes` bytes.

    Raises
    ------
    OSError
        As for `open_regular`, or if the file is larger (`errno.EFBIG`); no more than the bound is read.
    """
    with open_regular(path, follow=follow) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _too_large(path, max_bytes)
    return content


def json_of(content: bytes) -> Any:
    """The value of a JSON text whose numbers are all finite.

    Raises
    ------
    ValueError
        If it is not JSON, is nested too deep, or has a number that is NaN, infinite or too large.
    """
    try:
        return json.loads(content, parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"it has a number that is not finite: {text[:20]}")


def sha256_bounded(path: Path, max_bytes: int, *, follow: bool = True) -> str:
    """The SHA-256 of a regular file of at most `max_bytes` bytes, in hexadecimal; raises as `read_bounded`."""
    import hashlib  # with it OpenSSL is loaded

    with open_regular(path, follow=follow) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:
            raise _too_large(path, max_bytes)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _too_large(path: Path, max_bytes: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {max_bytes:,} bytes", str(path))
