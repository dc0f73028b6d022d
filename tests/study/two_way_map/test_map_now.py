"""A map as of now: its axes act on what is ahead, the past stays as it was played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.study.two_way_map.map import map_of
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now


@pytest.mark.parametrize("levers", [(), ("hotline",), ("restraint",)])
def test_every_point_is_a_solve_as_of_now(levers: tuple[str, ...]) -> None:
    crisis = raid_now().with_levers(*levers)
    found = map_of(crisis, "q", "prize", size=5)
    for row, column in ((0, 0), (2, 3), (4, 1), (found.y.reference, found.x.reference)):
        given = {"q": float(found.x.values[column]), "prize": float(found.y.values[row])}
        assert found.shares[:, row, column] == pytest.approx(
            list(offramp.solve(crisis, given=given).endings.values()), abs=1e-9
        )


def test_an_axis_that_matters_only_for_what_is_past_moves_nothing() -> None:
    found = map_of(raid_now(), "p", "q", size=5)
    np.testing.assert_allclose(found.shares, np.broadcast_to(found.shares[:, :, :1], found.shares.shape), atol=1e-12)
    assert found.past_only == ("p",)
    assert "P matters only for what is past: from now on it moves nothing." in found.answer
    assert map_of(crisis_of(RAID_NOW), "p", "q", size=5).past_only == ()


def test_a_move_that_is_past_has_no_map() -> None:
    with pytest.raises(offramp.UsageError, match="'warn' is past: as of now, a map"):
        map_of(raid_now(), "p", "q", move="warn", size=5)


def test_a_move_ahead_is_mapped_in_its_first_round_ahead() -> None:
    text = """
format: 1
title: Rounds
actors: {north: {name: North, rationality: 2}}
inputs: {gain: {is: "uniform(-1, 1)"}, loss: {is: "uniform(0, 1)"}}
timeline:
  - rounds: 3
    steps: [{move: answer, by: north, options: [hold, strike]}]
payoffs: {north: {each: {pays: (gain - loss) * (answer == strike), when: each_round}}}
endings: {struck: answer == strike, held: otherwise}
"""
    found = map_of(crisis_of(text).supposing({"answer@1": "hold"}), "gain", "loss", move="answer", size=4)
    assert found.subject.round == 2
    gain, loss = np.meshgrid(found.x.values, found.y.values)
    np.testing.assert_allclose(found.shares[1], 1 / (1 + np.exp(-2 * (gain - loss))), atol=1e-8)


def test_a_map_says_as_of_when(tmp_path: Path) -> None:
    file = tmp_path / "raid.yaml"
    file.write_text(RAID_NOW)
    shown = CliRunner().invoke(main, ["map", str(file), "--x", "q", "--y", "prize", "--size", "4", "--now"])
    assert shown.exit_code == 0, shown.output
    assert "As of 2031-01-01, after warn: speak. Each point is one solve" in " ".join(shown.output.split())
