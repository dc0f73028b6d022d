"""What is given is checked against the annotations, and a number of NumPy is a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from offramp.common.arguments import checked_types
from offramp.common.errors import UsageError


@checked_types
def asked(
    count: int = 1,
    share: float | None = None,
    keep: Literal["all"] | None = None,
    places: Sequence[str | Path] = (),
    values: Mapping[str, float] | None = None,
    labels: tuple[str, str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> bool:
    """Say yes."""
    return True


@pytest.mark.parametrize(
    "given",
    [
        {"count": np.int64(3), "share": np.float32(0.5)},
        {"share": 2},
        {"keep": "some"},  # which words there are, the function says
        {"places": ["runs", Path("runs")]},
        {"values": {"x": 1, "y": np.float64(2.0)}},
        {"labels": ["a", "b"]},
        {"progress": print},
    ],
)
def test_what_fits_is_taken(given: dict[str, Any]) -> None:
    assert asked(**given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": True}, "`count` must be a whole number, found True"),
        ({"count": 2.0}, "`count` must be a whole number, found 2.0"),
        ({"share": "0.5"}, "`share` must be a number or None, found '0.5'"),
        ({"keep": 1}, "`keep` must be 'all' or None, found 1"),
        ({"places": "runs"}, "`places` must be a list of texts or paths, found 'runs'"),
        ({"places": ["runs", 3]}, "`places` must be a list of texts or paths, found list of str and int"),
        ({"values": {"x": "1"}}, "`values` must be a mapping from texts to numbers or None, found dict of str to str"),
        ({"values": []}, "`values` must be a mapping from texts to numbers or None, found list"),
        ({"labels": ("a",)}, "`labels` must be a tuple of 2 texts or None, found tuple of str"),
        ({"progress": 5}, "`progress` must be a function or None, found 5"),
        ({"count": "\x1b[31m" + 100 * "9"}, "`count` must be a whole number, found '\\x1b[31m999"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(**given)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 120


def test_an_unknown_argument_is_left_to_python() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'counts'"):
        asked(counts=2)  # type: ignore[call-arg]
