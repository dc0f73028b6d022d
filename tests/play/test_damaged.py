"""Whatever is in a saved match, or in the workbench's file of one, it is read, or refused in a message."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from offramp.app.match_room import FACILITATOR, MatchRoom, from_json, to_json, with_match
from offramp.app.private_dir import load, save
from offramp.common.errors import OfframpError
from offramp.play.saves import read_match, write_match
from tests.examples import examples
from tests.mutations import changed
from tests.play.small import played
from tests.play.test_saving import board

FUZZ = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


def saved(folder: Path) -> Path:
    write_match(played(board(), ("north",), 1, 1), folder / "match.json")
    return folder / "match.json"


def test_a_match_with_anything_in_it_is_played_or_refused(tmp_path: Path) -> None:
    file = saved(tmp_path)

    @FUZZ
    @given(changed(file.read_bytes()))
    @example(b"5")
    @example(b"[" * 200_000)
    def fuzz(content: bytes) -> None:
        file.write_bytes(content)
        with suppress(OfframpError):
            assert read_match(file, board=board()).seed >= 0

    fuzz()


@pytest.mark.skipif(os.name != "posix", reason="pipes of a POSIX system")
def test_nobody_waits_for_a_match_that_is_a_pipe_or_has_no_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "match.json")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    for name in ("match.json", "zero.json"):
        with pytest.raises(OfframpError, match="it is not a regular file"):
            read_match(tmp_path / name)


def test_a_table_with_anything_in_it_is_taken_up_or_passed_over(tmp_path: Path) -> None:
    match = played(board(), ("north",), 1, 1)
    seats = {actor: "person" if actor == "north" else "offramp" for actor in match.board.crisis.actors}
    begun = "2031-01-01T00:00:00+00:00"
    empty = MatchRoom("a" * 12, "T", seats, begun, 60.0, dict.fromkeys((FACILITATOR, "north"), "d"), {})
    table, _ = with_match(empty, match, 0.0)
    save(tmp_path / "table.json", to_json(table))
    content = json.dumps(load(tmp_path / "table.json").value).encode()
    assert from_json(json.loads(content)) == table

    @FUZZ
    @given(changed(content))
    @example(b"5")
    def fuzz(content: bytes) -> None:
        (tmp_path / "table.json").write_bytes(content)
        with suppress(OfframpError):
            found = from_json(load(tmp_path / "table.json").value)
            assert set(found.versions) == {FACILITATOR, *found.people}
            assert isinstance(found.started, str)
            assert found.next_due is None or found.next_due < 10**12
            assert set(found.record["seats"]) == set(found.people)

    fuzz()
