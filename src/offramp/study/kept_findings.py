"""Findings of a run that are kept, so that no command, page or tool computes one twice.

They are kept in the user's own cache folder and not with the run: a folder from a stranger cannot bring one, and a run
that cannot be written to, or is at a URL, has them too. A finding's key holds everything that it depends on: the
question with its options, the SHA-256 of every file of the run, the code of Offramp, the translation of its texts, and
the machine. So it never has to be deleted because something changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from offramp.common.isolation import PACKAGE_FOLDER
from offramp.common.texts import catalogue
from offramp.common.user_cache import keep, read_kept
from offramp.runs.store.manifest import machine
from offramp.study.plain_values import as_plain, from_plain

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.runs.result import Run

Answer = TypeVar("Answer")
_NOTED: ContextVar[set[str] | None] = ContextVar("noted", default=None)

PACKAGES = ("common", "crisis", "equilibrium", "gambit", "game", "report", "runs", "study")
"""The packages on which findings depend."""
DRAWING = ("altair", "jinja2", "vl-convert-python")
"""Programs besides those of the machine on which the report's page depends."""


def kept_finding(
    run: Run, question: str, kind: type[Answer], compute: Callable[[], Answer], options: Mapping[str, Any] | None = None
) -> Answer:
    """The answer of a run to a question: the one that is kept, or else a computed one, which is then kept.

    Parameters
    ----------
    run
        The run; of one without a `fingerprint`, which is only in memory, nothing is kept.
    question, options
        What is asked; the options are values of JSON.
    kind
        The type of the answer.
    compute
        The function that computes it; if it raises an error, nothing is kept.
    """
    if run.fingerprint is None:
        return compute()
    return kept_answer(run.fingerprint, question, kind, compute, options, run.crisis)


def kept_answer(
    fingerprint: str,
    question: str,
    kind: type[Answer],
    compute: Callable[[], Answer],
    options: Mapping[str, Any] | None = None,
    crisis: Crisis | None = None,
) -> Answer:
    """As `kept_finding`, of a run that need not be open.

    `crisis`: the run's, if the answer holds it or one of its measures.
    """
    key = _key_of(fingerprint, question, options)
    plain = read_kept(key)
    if plain is not None:
        with suppress(ValueError):
            return from_plain(plain, kind, crisis)
    answer = compute()
    if (noted := _NOTED.get()) is not None:
        noted.add(key)  # before it is kept: an interruption between the two loses no answer
    keep(key, as_plain(answer, kind))
    return answer


@contextmanager
def noting_kept() -> Iterator[Callable[[], int]]:
    """A function that counts the answers which were kept since; a command that is interrupted says how many."""
    noted: set[str] = set()
    token = _NOTED.set(noted)
    try:
        yield lambda: sum(read_kept(key) is not None for key in noted)
    finally:
        _NOTED.reset(token)


def _key_of(fingerprint: str, question: str, options: Mapping[str, Any] | None) -> str:
    """All that the answer of the run with this fingerprint depends on, as text."""
    programs = {"code": code_stamp(), "translation": catalogue().sha256, **{name: version(name) for name in DRAWING}}
    asked = {"run": fingerprint, "question": question, "options": dict(options or {}), "programs": programs}
    return json.dumps(asked | machine(), sort_keys=True)


@cache
def code_stamp() -> str:
    """The SHA-256 of the code that findings depend on."""
    stamp = hashlib.sha256()
    for package in PACKAGES:
        for folder, folders, names in os.walk(Path(PACKAGE_FOLDER, package)):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                content = Path(folder, name).read_bytes()
                stamp.update(f"{folder[len(PACKAGE_FOLDER) :]}/{name} {len(content)}\n".encode())
                stamp.update(content)
    return stamp.hexdigest()
