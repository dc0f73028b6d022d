"""The starter crisis that `offramp new` writes."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml
import yamlcore

import offramp
from offramp.crisis.json_schema import json_schema
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of

STARTER = Path(offramp.__file__).parent / "starter.yaml"


@pytest.fixture(scope="module")
def starter() -> Crisis:
    return offramp.read(STARTER)


def test_the_starter_checks_without_a_warning(starter: Crisis) -> None:
    assert warnings_of(compile_game(starter)) == ()


def test_an_editor_accepts_the_starter_and_is_told_where_its_schema_is() -> None:
    text = STARTER.read_text(encoding="utf-8")
    first, _, third = text.splitlines()[:3]
    assert first.startswith("# yaml-language-server: $schema=crisis.schema.json")
    assert "offramp schema > crisis.schema.json" in third
    document = yaml.load(text, Loader=yamlcore.CoreLoader)
    jsonschema.validate(document, json_schema(), cls=jsonschema.Draft202012Validator)


def test_the_starter_solves_with_every_lever(starter: Crisis) -> None:
    assert len(starter.levers) == 2
    for levers in [(), *((lever,) for lever in starter.levers)]:
        assert offramp.solve(compile_game(starter.with_levers(*levers))).converged


def test_the_starter_converges_in_every_draw_and_leaves_every_ending_open(starter: Crisis) -> None:
    ensemble = offramp.run(starter, draws=256, seed=1)
    assert ensemble.converged.all()
    for name, interval in ensemble.ending_intervals.items():
        assert 0.03 <= interval.mean <= 0.85, name


def test_the_starter_is_short_and_fits_on_a_screen() -> None:
    lines = STARTER.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 90
    assert max(map(len, lines)) <= 120
