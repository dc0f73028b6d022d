"""A meter shows the share that a worker has done: it never falls, whatever stands in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.mcp.tasks import meter as module
from offramp.mcp.tasks.meter import Meter


def test_the_share_adds_up_and_never_falls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    worker, server = Meter(tmp_path / "share"), Meter(tmp_path / "share")
    assert server.read() == 0.0
    worker(0.25)
    worker(0.5)
    assert server.read() == pytest.approx(0.75)
    for written in ("", "0.1", "nan", "half"):
        server.file.write_text(written)
        assert server.read() == pytest.approx(0.75)
    server.file.write_text("7")
    assert server.read() == 1.0


def test_a_meter_whose_folder_is_gone_stops_nobody(tmp_path: Path) -> None:
    Meter(tmp_path / "gone" / "share")(0.5)
