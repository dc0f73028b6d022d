"""The options that docs/fitting.md names exist, and its file for R gives the numbers of R."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from offramp.crisis.reading import read_text
from offramp.fitting.case_table import read_table
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game
from tests.every_command import EVERY_COMMAND
from tests.fitting.reference_games import reference_fits
from tests.reference_data import DATA, needs_data

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fitting.md").read_text(encoding="utf-8")
WAR1800 = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
COMMANDS = re.findall(r"^    offramp (.*)$", PAGE, re.MULTILINE)
SECTION = PAGE[PAGE.index("## What the answer says") :].split("\n## ")[0]


def test_the_options_of_the_page_are_those_of_the_command() -> None:
    options = {option for parameter in EVERY_COMMAND["fit"].params for option in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", SECTION)) - {"--fit"}
    assert named >= {"--se", "--effects", "--over", "--out", "--replications", "--json"}
    assert named <= options


def test_every_command_of_the_page_exists_with_its_options() -> None:
    assert len(COMMANDS) > 6
    for written in COMMANDS:
        name, *words = shlex.split(written)
        options = {option for parameter in EVERY_COMMAND[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


@needs_data
def test_the_file_for_egame12_gives_the_numbers_of_r() -> None:
    fit = reference_fits()["war_agent_logit"]
    game = compile_game(read_text(WAR1800.encode(), "war1800.yaml"))
    cases = cases_of(game, read_table(DATA / "war1800.csv"))
    found = estimates_of(Likelihood(game, cases), starts=0)
    assert cases.total == 282
    assert found.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    assert found.values == pytest.approx(fit.estimates, rel=1e-5, abs=1e-5)
    assert np.sqrt(np.diag(found.covariance("observed"))) == pytest.approx(fit.errors, rel=1e-4)


def test_the_names_on_the_page_are_those_of_its_file() -> None:
    inputs = read_text(WAR1800.encode(), "war1800.yaml").inputs
    assert {"u11.1", "u11.revis1", "u14.regime1.dem", "regime1.dem", "regime1.mixed"} <= set(inputs)
