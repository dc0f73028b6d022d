"""A run as of now: draws weighted by what happened, the same bits however it is made, and honest if too few fit."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.runs.result import Run
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW, raid_now

ARRAYS = ("endings", "terms", "own_eyes", "residual", "status", "regret")


def same(one: Run, other: Run) -> bool:
    """Whether all results of two runs have the same bits."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ARRAYS]
    pairs += [*zip(one.taken, other.taken, strict=True)]
    pairs += [(getattr(one.situations, name), getattr(other.situations, name)) for name in ("reached", "choice")]
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in pairs)


def test_if_nothing_is_pulled_endings_are_those_of_update_bit_for_bit() -> None:
    updated = offramp.update(offramp.run(crisis_of(RAID_NOW), draws=256))
    now = offramp.run(raid_now(), draws=256)
    assert now.ending_intervals == updated.after
    assert now.weights is not None
    assert now.weights.tobytes() == updated.weights[-1].tobytes()


@pytest.mark.parametrize("levers", [(), ("hotline",), ("restraint",), ("doubt",)])
def test_a_run_as_of_now_has_the_same_bits_however_it_is_split(levers: tuple[str, ...]) -> None:
    crisis = raid_now().with_levers(*levers)
    whole = offramp.run(crisis, draws=256)
    assert same(offramp.run(crisis, draws=256, execution=offramp.Execution(block=7)), whole)
    with ProcessPoolExecutor(2) as pool:
        assert same(offramp.run(crisis, draws=256, execution=offramp.Execution(pool)), whole)


def test_each_draw_is_the_solve_at_its_inputs() -> None:
    run = offramp.run(raid_now().with_levers("hotline"), draws=256)
    assert run.weights is not None
    for draw in (0, 17):
        fixed = {
            name: replace(entry, distribution=_constant(run, name, draw)) for name, entry in raid_now().inputs.items()
        }
        solution = offramp.solve(replace(raid_now(), inputs=fixed).with_levers("hotline"))
        assert solution.endings["war"] == pytest.approx(run.endings[0, draw], abs=1e-9)
        assert solution.likelihood == pytest.approx(run.weights[draw], abs=1e-9)


def _constant(run: Run, name: str, draw: int) -> object:
    from offramp.crisis.distribution import constant

    value = run.inputs[name][draw]
    return constant(float(2.0 * value if name == "q" else value))  # before the lever halves it


def test_means_are_weighted_by_what_happened() -> None:
    run = offramp.run(raid_now(), draws=256)
    weights = run.weights
    assert weights is not None
    war = float((run.endings[0] * weights).sum() / weights.sum())
    assert run.ending_intervals["war"].mean == pytest.approx(war)
    assert offramp.endings(run).intervals["war"].mean == pytest.approx(war)
    (warn, raid, _) = run.moves
    assert warn.options["speak"].mean == pytest.approx(1.0)
    situation = next(entry for entry in run.by_situation if entry.situation.sees.get("warn") == "speak")
    assert situation.options["go"] == pytest.approx(raid.options["go"].mean)
    assert {move.move for move in offramp.moves(run).moves} == {"raid", "reply"}


def test_a_run_on_disk_is_as_of_now_without_being_asked(tmp_path: Path) -> None:
    crisis = crisis_of(RAID_NOW).with_levers("doubt").supposing({"raid": ["go"]}).with_levers("hotline")
    made = offramp.run(crisis, draws=256, out=tmp_path / "run")
    opened = offramp.open_run(tmp_path / "run")
    assert same(opened, made)
    assert opened.ending_intervals == made.ending_intervals
    assert (opened.crisis.outset, opened.crisis.pulled) == (("doubt",), ("doubt", "hotline"))
    assert opened.crisis.facts == crisis.facts
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["now"] == {
        "outset": ["doubt"],
        "supposed": {"raid": ["go"]},
    }
    assert offramp.verify(tmp_path / "run").problems == ()
    assert (
        "Supposing raid: go." in offramp.endings(opened).basis or "supposing raid: go" in offramp.endings(opened).basis
    )
    with pytest.raises(offramp.UsageError, match="whether it is as of now"):
        offramp.run(crisis_of(RAID_NOW).with_levers("doubt", "hotline"), draws=256, out=tmp_path / "run")


def test_too_few_draws_that_fit_are_refused_in_the_words_of_update() -> None:
    run = offramp.run(raid_now(), draws=64)
    with pytest.raises(offramp.UsageError, match=r"effective sample size; at least 100 are needed\): run again with"):
        offramp.endings(run)


def test_a_run_from_the_outset_has_no_weights_and_says_nothing_of_now() -> None:
    run = offramp.run(crisis_of(RAID_NOW), draws=64)
    assert run.weights is None
    assert offramp.endings(run).basis == "The run's 64 draws."
