"""One draw is looked into alone: who does what in it, with its inputs and endings, kept or solved anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.gambit.opening import compile_game
from offramp.runs.opened import open_run
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.runs.running import run_into
from offramp.runs.sampling import CHUNK
from offramp.study.outlook.moves import moves_over_draws
from offramp.study.outlook.one_draw import moves_in
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_unconverged
from tests.runs.test_evidence import RAID

DRAWS = CHUNK + 20
LEVERED = RAID + "levers: {wall: {set: {prize: prize / 2}}}\n"


@pytest.fixture(scope="module")
def memory() -> Run:
    crisis = crisis_of(LEVERED).with_levers("wall")
    return run_in_memory(crisis, compile_game(crisis), draws=DRAWS, seed=3)


def test_a_draw_that_was_kept_says_bit_for_bit_what_one_solved_anew_does(memory: Run, tmp_path: Path) -> None:
    asked = {"draws": DRAWS, "seed": 3}
    kept = run_into(memory.crisis, tmp_path / "kept", keep="strategies", **asked).folder  # type: ignore[arg-type]
    plain = run_into(memory.crisis, tmp_path / "plain", **asked).folder  # type: ignore[arg-type]
    for draw in (0, 17, CHUNK + 3):
        found = [moves_in(one, draw) for one in (open_run(kept), open_run(plain), memory)]
        assert [one.kept for one in found] == [True, False, False]
        assert found[0].tables == found[1].tables == found[2].tables
        assert found[0].answer == found[1].answer
        assert found[0].to_dict()["notes"] != found[1].to_dict()["notes"]


@pytest.mark.parametrize("draw", [0, 5, DRAWS - 1])
def test_it_says_of_the_draw_what_the_ensemble_holds_of_it(memory: Run, draw: int) -> None:
    found = moves_in(memory, draw)
    assert found.inputs == memory.inputs_of(draw)
    names = [ending.key for ending in memory.crisis.endings]
    assert found.endings == dict(zip(names, memory.endings[:, draw].tolist(), strict=True))
    assert list(found.endings.values()) == sorted(found.endings.values(), reverse=True)
    taken = {
        (made.move, made.round): rows[:, draw] for made, rows in zip(memory.occurrences, memory.taken, strict=True)
    }
    for made in found.moves:
        shares = np.array(list(made.options.values()))
        assert made.reached * shares == pytest.approx(taken[made.move, made.round], abs=1e-12)
    assert len(found.situations) == len(memory.game.situations)
    assert (found.status, found.residual) == (("principal", "not traced")[draw > 0], memory.residual[draw])
    assert f"draw {draw:,}" in found.title
    assert all(one.reached >= 0.3 for one in moves_in(memory, draw, rarest=0.3).situations)


def test_the_mean_over_draws_of_what_is_done_in_each_is_what_is_done_over_all() -> None:
    ensemble = harbour(draws=16)
    each = [moves_in(ensemble, draw) for draw in range(16)]
    for place, made in enumerate(moves_over_draws(ensemble).moves):
        assert np.mean([one.moves[place].reached for one in each]) == pytest.approx(made.reached.mean)
        for option, interval in made.options.items():
            taken = [one.moves[place].reached * one.moves[place].options[option] for one in each]
            assert np.mean(taken) / made.reached.mean == pytest.approx(interval.mean)


def test_a_draw_that_did_not_converge_is_shown_and_said_to_be_of_no_equilibrium() -> None:
    ensemble = with_unconverged(harbour(draws=64), 5)
    found = moves_in(ensemble, 5)
    assert found.answer[0] == "This draw did not converge, so its numbers are not those of an equilibrium."
    assert sum(found.endings.values()) == pytest.approx(1.0)
    assert "unconverged" in found.notes[1]
    assert not any("converge" in line for line in moves_in(ensemble, 0).answer)


@pytest.mark.parametrize("draw", [-1, DRAWS, 10**7])
def test_a_draw_that_is_not_there_is_refused(memory: Run, draw: int) -> None:
    with pytest.raises(offramp.UsageError, match=rf"there is no draw {draw:,}: the draws are 0 to 1,043"):
        moves_in(memory, draw)
