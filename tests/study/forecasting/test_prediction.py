"""What a run foretells is what its converged draws say together."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.equilibrium.branch.traced import STATUSES
from offramp.runs.opened import open_run
from offramp.runs.result import Run
from offramp.runs.running import run_into
from offramp.study.forecasting.prediction import prediction
from tests.crises import crisis_of
from tests.raid_now import raid_now
from tests.shipped import tehran
from tests.translations import marking, speaking


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("prediction") / "run"
    run_into(tehran(), folder, draws=32, seed=7)
    return open_run(folder)


def test_an_ending_is_foretold_by_its_mean_with_the_run_it_comes_from(run: Run) -> None:
    found = prediction(run, ending="war")
    assert found.claim == "After the killing in Tehran: the ending is a regional war"
    interval = run.ending_intervals["war"]
    assert found.probability == pytest.approx(interval.mean, abs=1e-15)
    origin = found.origin
    assert (origin.p05, origin.p95) == (interval.p05, interval.p95)
    assert (origin.sha256, origin.seed, origin.draws, origin.converged) == (run.manifest["sha256"], 7, 32, 32)
    assert (origin.target, origin.levers) == ("ending war", ())


def test_a_claim_is_the_same_in_every_language_so_that_a_question_stays_one(run: Run, tmp_path: Path) -> None:
    code = (
        "from offramp.runs.opened import open_run; from offramp.study.forecasting.prediction import prediction;"
        f"run = open_run({str(run.folder)!r});"
        f"print([prediction(run, ending='war').claim, prediction(run, move='iran_answer=staged@2').claim])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=speaking(marking(tmp_path / "marks.mo")), capture_output=True, text=True
    )
    assert told.stdout.strip() == str(
        [prediction(run, ending="war").claim, prediction(run, move="iran_answer=staged@2").claim]
    )


def test_an_option_is_foretold_given_that_the_move_is_made(run: Run) -> None:
    """The chance of both over the chance that it is made: what makes up, over all options, one."""
    place = next(n for n, found in enumerate(run.occurrences) if (found.move, found.round) == ("iran_answer", 2))
    taken, options = run.taken[place], run.occurrences[place].options
    found = [prediction(run, move=f"iran_answer={option}@2").probability for option in options]
    assert sum(found) == pytest.approx(1.0, abs=1e-12)
    assert found == pytest.approx(list(taken.mean(axis=1) / taken.sum(axis=0).mean()), abs=1e-12)
    claim = prediction(run, move="iran_answer=staged@2").claim
    assert claim.endswith("Iran's answer in round 2: a staged answer (void if the move is not made)")


def test_a_run_as_of_now_foretells_with_the_weights_of_its_draws() -> None:
    run = offramp.run(raid_now(), draws=256)
    assert run.evidence is not None
    weight = run.evidence.likelihood[-1]
    war = next(row for ending, row in zip(run.crisis.endings, run.endings, strict=True) if ending.key == "war")
    assert prediction(run, ending="war").probability == pytest.approx(np.average(war, weights=weight), abs=1e-12)
    assert abs(np.average(war, weights=weight) - war.mean()) > 1e-4
    place = next(n for n, found in enumerate(run.occurrences) if found.move == "reply")
    strike, made = run.taken[place][run.occurrences[place].options.index("strike")], run.taken[place].sum(axis=0)
    expected = np.average(strike, weights=weight) / np.average(made, weights=weight)
    assert prediction(run, move="reply=strike").probability == pytest.approx(expected, abs=1e-12)


def test_draws_that_did_not_converge_are_left_out(run: Run) -> None:
    status = run.status.copy()
    status[:8] = STATUSES.index("unconverged")
    endings = run.endings.copy()
    endings[:, :8] = np.nan
    found = prediction(replace(run, status=status, endings=endings), ending="war")
    assert found.probability == pytest.approx(prediction(run, ending="war").probability, abs=0.05)
    assert (found.origin.draws, found.origin.converged) == (32, 24)
    none = replace(run, status=np.full_like(status, STATUSES.index("unconverged")))
    with pytest.raises(UsageError, match="no draw converged"):
        prediction(none, ending="war")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ending": "stand_dwn"}, "unknown ending 'stand_dwn'; did you mean 'stand_down'"),
        ({"move": "iran_anser=staged@1"}, "did you mean 'iran_answer'"),
        ({"move": "iran_answer=stagd@1"}, "iran_answer has no option 'stagd'; did you mean 'staged'"),
        ({"move": "iran_answer=staged"}, "say which of 1 and 2, as in iran_answer=staged@1"),
        ({"move": "iran_answer=staged@9"}, "say which of 1 and 2"),
        ({"move": "relay=keep@1"}, "leave out '@1'"),
        ({"move": "relay"}, "takes MOVE=OPTION or MOVE=OPTION@ROUND, found 'relay'"),
        ({"move": "relay=keep@first"}, "found 'relay=keep@first'"),
        ({}, "give one of the two"),
        ({"ending": "war", "move": "relay=keep"}, "give one of the two"),
    ],
)
def test_what_a_run_cannot_foretell_is_refused_with_what_it_can(run: Run, wrong: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        prediction(run, **wrong)


TIMED = """
format: 1
title: Talks
as_of: 2031-01-31
actors: {north: {name: Northland}}
timeline:
  - {move: invite, by: north, options: [public, quiet]}
  - {rounds: 2, lasts: 1 month, steps: [{move: offer, by: north, options: [low, high]}]}
endings: {cheap: offer == low, dear: otherwise}
"""


def test_a_prediction_is_due_when_its_round_or_the_last_round_ends() -> None:
    timed = offramp.run(crisis_of(TIMED), draws=2)
    assert prediction(timed, ending="cheap").due == date(2031, 3, 30)
    assert prediction(timed, move="offer=low@1").due == date(2031, 2, 27)
    assert prediction(timed, move="offer@1=low") == prediction(timed, move="offer=low@1")
    assert prediction(timed, move="invite=public").due is None


def test_a_forecast_of_a_run_whose_rounds_have_dates_needs_no_due_date(tmp_path: Path) -> None:
    run_into(crisis_of(TIMED.replace("2031", "2931")), tmp_path / "run", draws=2)
    asked = ["forecast", "add", str(tmp_path / "run"), "--ending", "cheap", "--rule", "as signed", "--json"]
    result = CliRunner().invoke(main, [*asked, "--ledger", str(tmp_path / "ledger.sqlite")], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "2931-03-30" in result.output
