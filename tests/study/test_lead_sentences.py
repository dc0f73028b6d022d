"""The leading sentences, and the page: no brackets in brackets, no estimate for what never comes about, named cites."""

from __future__ import annotations

import re

import pytest

import offramp
from offramp.crisis.names import names_of
from offramp.report.page import page
from offramp.runs.store.manifest import manifest_of
from offramp.runs.weighted import Interval
from offramp.study.lead import lead_of_draws
from offramp.study.outlook.endings import endings
from offramp.study.outlook.moves import sentence
from tests.crises import crisis_of

TEXT = """
format: 1
title: Two wars
sources: {note: {title: A note, author: Anon}}
actors: {ann: {name: Ann}}
inputs: {gain: {is: "uniform(0, 1)", cite: note ¶4}}
timeline:
  - {move: go, by: ann, options: {joining: joining in, still: holding still}}
payoffs: {ann: {a: {pays: gain * (go == joining), cite: note ¶4}}}
endings:
  war: {name: war, if: go == joining, avoid: yes}
  ruin: {name: ruin, if: gain_never, avoid: yes}
  calm: otherwise
""".replace("gain_never", "go == joining and go == still")


def test_several_endings_to_avoid_are_told_without_brackets_in_brackets() -> None:
    crisis = crisis_of(TEXT)
    found = {ending.key: Interval(0.2, 0.1, 0.2, 0.3) for ending in crisis.endings}
    said = lead_of_draws(crisis, found)[1]
    assert said.startswith("The endings to avoid are these: war: unlikely, 20.0% (10.0% to 30.0% in nine")
    assert re.search(r"\([^)]*\(", said) is None


@pytest.mark.parametrize(
    ("war", "said"),
    [
        (0.7, ["The likeliest ending is war: likely, 70.0% (", "It is the ending to avoid."]),
        (0.3, ["The likeliest ending is calm: likely, 70.0% (", "The ending to avoid is war: unlikely, 30.0% ("]),
        (0.5, ["The likeliest endings are war and calm: ", "The ending to avoid is war: roughly even chance, 50.0% ("]),
    ],
)
def test_the_figures_of_an_ending_to_avoid_that_is_the_likeliest_are_told_once(war: float, said: list[str]) -> None:
    crisis = crisis_of(TEXT.replace("  ruin: {name: ruin, if: go == joining and go == still, avoid: yes}\n", ""))
    found = {"war": Interval(war, war - 0.1, war, war + 0.1), "calm": Interval(1 - war, 0.9 - war, 1 - war, 1.1 - war)}
    lead = lead_of_draws(crisis, found)
    assert len(lead) == 2
    assert all(text.startswith(start) for text, start in zip(lead, said, strict=True))


def test_an_ending_that_no_draw_reaches_is_never_and_cites_have_the_names_of_their_authors() -> None:
    run = offramp.run(crisis_of(TEXT), draws=16, seed=1)
    words = {row[0]: row[-1] for row in endings(run).tables[0].rows}
    assert words["ruin"] == "never"
    assert words["war"] != "never"
    manifest = manifest_of(run.crisis, run.game, draws=16, seed=1, max_nodes=None, until=None, keep=None)
    shown = page(run, manifest)
    assert "Anon ¶4" in shown
    assert "note ¶4" not in shown


def test_an_option_whose_name_ends_with_in_is_told_with_its_share_in_brackets() -> None:
    said = sentence(names_of(crisis_of(TEXT)), "go", 0, "ann", 1.0, {"joining": 0.72, "still": 0.28})
    assert said == "At go, Ann chooses joining in (72.0% of cases), holding still (28.0%)."
