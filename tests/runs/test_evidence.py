"""What each draw says of what was observed is what a walk through every history says, and is kept bit for bit."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.faults import Location
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Observation
from offramp.equilibrium.logit import BlockSolution, solve_block
from offramp.gambit.opening import compile_game
from offramp.runs import evidence as evidence_module
from offramp.runs.blocks import NumberedBlock, begin_blocks, threads
from offramp.runs.evidence import Evidence, EvidenceBuilder, events_of
from offramp.runs.execution import Execution
from offramp.runs.opened import open_run
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.runs.sampling import sample_chunk
from offramp.runs.solve_evidence import weigh_again
from offramp.runs.store import stored_columns
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.game.test_against_walker import by_key, scattered
from tests.plays import Play, plays
from tests.runs.test_opened import written

DRAWS = 3
CRISES = crisis_texts(most_histories=120).map(crisis_of)


def with_observed(crisis: Crisis, *events: Mapping[tuple[str, int], str], dates: tuple[str, ...] = ()) -> Crisis:
    """The crisis with events observed, on days one after another unless dates are given."""
    found = []
    for number, event in enumerate(events):
        date = dates[number] if dates else f"2031-03-{number + 1:02}"
        by_round: dict[int, dict[str, str]] = {round_: {} for _, round_ in event}
        for (step, round_), option in event.items():
            by_round[round_][step] = option
        for round_, values in (by_round or {0: {}}).items():
            among = {step: (option,) for step, option in values.items()}
            found.append(Observation(date, round_ or None, among, Location(1, 1)))
    return replace(crisis, observed=tuple(found))


def arrays(evidence: Evidence | None) -> list[bytes]:
    assert evidence is not None
    return [np.asarray(part).tobytes() for part in (evidence.likelihood, evidence.endings, evidence.taken)]


def gathered(crisis: Crisis) -> tuple[Evidence, BlockSolution, dict[str, Any]]:
    """The evidence of a few draws, with their equilibria and inputs."""
    game = compile_game(crisis)
    values = {name: column[:DRAWS] for name, column in sample_chunk(crisis, 1, 0).items()}
    builder = EvidenceBuilder(game, events_of(crisis), DRAWS)

    def work(part: NumberedBlock) -> BlockSolution:
        solved = solve_block(part.block)
        builder.add(part.block, solved, part.first)
        return solved

    with threads(1) as pool:
        (solved,) = begin_blocks(game, DRAWS, values, work, pool, block=DRAWS).results()
    return builder.evidence, solved, values


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), CRISES)
def test_likelihoods_joint_endings_and_hidden_values_are_sums_over_the_plays_that_agree(
    data: Any, crisis: Crisis
) -> None:
    shapes = plays(crisis, scattered)
    happened = data.draw(st.sampled_from(shapes)).happened
    steps = data.draw(st.lists(st.sampled_from(sorted(happened)), max_size=3, unique=True)) if happened else []
    crisis = with_observed(crisis, *({step: happened[step]} for step in steps))
    evidence, solved, values = gathered(crisis)
    game = evidence.game
    for draw in np.flatnonzero(solved.converged):
        profile = by_key(game, solved.choice[:, draw])
        inputs = {name: float(column[draw]) for name, column in values.items()}
        found = plays(crisis, lambda key, _, profile=profile: profile[key], inputs)  # type: ignore[misc]
        for number in range(len(steps) + 1):
            known = {step: (happened[step],) for step in steps[:number]}
            agreed = [play for play in found if play.agrees(known)]
            if number:
                assert evidence.likelihood[number - 1, draw] == close(total(agreed))
                for place, ending in enumerate(crisis.endings):
                    there = total([play for play in agreed if play.ending == ending.key])
                    assert evidence.endings[number - 1, place, draw] == close(there)
            for place, layer in enumerate(game.layers):
                rows = evidence.taken[number, evidence.options(place), draw]
                for option, share in zip(crisis.options_of(layer.step), rows, strict=True):
                    taking = [play for play in agreed if play.happened.get((layer.step, layer.round)) == option]
                    assert share == close(total(taking))
        assert (np.diff(evidence.likelihood[:, draw], prepend=1.0) <= 1e-12).all()
    lost = ~solved.converged
    assert np.isnan(evidence.likelihood[:, lost]).all()
    assert np.isnan(evidence.taken[:, :, lost]).all()


def total(found: list[Play]) -> float:
    return math.fsum(play.probability for play in found)


def close(expected: float) -> Any:
    return pytest.approx(expected, rel=1e-10, abs=1e-10)


RAID = """
format: 1
title: Raid
actors: {north: {name: North, memory: state}, south: {name: South, memory: state}}
inputs:
  chance_low: {is: "beta(2, 3)", because: test}
  prize: {is: "uniform(0, 1)", because: test}
timeline:
  - {chance: line, odds: {low: chance_low, high: rest}, seen_by: [south]}
  - rounds: 2
    until: raid == quiet
    steps:
      - {move: raid, by: north, options: [raid_, quiet]}
      - chance: alarm
        if: raid == raid_
        odds: [{if: line == low, rings: 0.8, silent: rest}, {rings: 0.2, silent: rest}]
        seen_by: [south]
      - {move: reply, by: south, if: raid == raid_, options: [absorb, strike]}
payoffs:
  north: {gain: {pays: prize * (raid == raid_) - (reply == strike), when: each_round}}
  south: {line: {pays: (line == low) * (reply == strike) - 0.5 * (reply == strike), when: each_round}}
endings: {struck: reply == strike, calm: otherwise}
observed:
  - {date: 2031-03-09, round: 1, reply: strike}
  - {date: 2031-03-02, round: 1, raid: raid_}
  - {date: 2031-03-02}
"""


def raid(draws: int = 256, text: str = RAID) -> Run:
    return offramp.run(crisis_of(text), draws=draws, seed=1)


def test_events_come_in_the_order_of_their_dates_and_within_a_day_of_the_file() -> None:
    events = events_of(crisis_of(RAID))
    assert [event.date for event in events] == ["2031-03-02", "2031-03-02", "2031-03-09"]
    assert [dict(event.values) for event in events] == [{("raid", 1): ("raid_",)}, {}, {("reply", 1): ("strike",)}]


def test_an_event_that_says_nothing_changes_nothing_bit_for_bit() -> None:
    evidence = raid().evidence
    assert evidence is not None
    assert evidence.likelihood[1].tobytes() == evidence.likelihood[0].tobytes()
    assert evidence.endings[1].tobytes() == evidence.endings[0].tobytes()
    assert evidence.taken[2].tobytes() == evidence.taken[1].tobytes()


def test_before_any_event_that_says_something_endings_are_those_of_the_draws_bit_for_bit() -> None:
    ensemble = raid(text=RAID.partition("observed:")[0] + "observed: [{date: 2031-03-02}]\n")
    assert ensemble.evidence is not None
    assert (ensemble.evidence.likelihood == 1.0).all()
    assert ensemble.evidence.endings[0].tobytes() == ensemble.endings.tobytes()


def test_where_nothing_is_observed_there_is_no_evidence_and_no_column_of_it(tmp_path: Path) -> None:
    ensemble = raid(text=RAID.partition("observed:")[0])
    assert ensemble.evidence is None
    folder = written(ensemble, tmp_path / "run")
    with duckdb.connect() as connection:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(folder / "chunk-*.parquet")])
        assert not any(row[0].startswith("after") for row in found.fetchall())
    assert open_run(folder).evidence is None


def test_evidence_of_a_run_opened_again_is_that_which_was_written_bit_for_bit(tmp_path: Path) -> None:
    ensemble = raid()
    opened = open_run(written(ensemble, tmp_path / "run"))
    assert arrays(opened.evidence) == arrays(ensemble.evidence)
    assert opened.evidence is not None
    assert opened.evidence.events == events_of(ensemble.crisis)


def test_a_draw_that_did_not_converge_says_nothing() -> None:
    crisis = crisis_of(RAID)
    game = compile_game(crisis)
    builder = EvidenceBuilder(game, events_of(crisis), 4)

    def work(part: NumberedBlock) -> None:
        solved = solve_block(part.block)
        residual = np.where(np.arange(4) == 2, 0.5, solved.residual)
        builder.add(part.block, replace(solved, residual=residual), part.first)

    values = {name: column[:4] for name, column in sample_chunk(crisis, 1, 0).items()}
    with threads(1) as pool:
        begin_blocks(game, 4, values, work, pool, block=4).results()
    evidence = builder.evidence
    for part in (evidence.likelihood, evidence.endings, evidence.taken):
        assert np.isnan(part).any(axis=tuple(range(part.ndim - 1))).tolist() == [False, False, True, False]


def test_evidence_does_not_depend_on_how_the_draws_are_cut() -> None:
    crisis = crisis_of(RAID)
    game = compile_game(crisis)
    reference = arrays(run_in_memory(crisis, game, draws=70, seed=3, execution=Execution(workers=1, block=64)).evidence)
    for workers, block in ((2, 64), (2, 7), (1, 1)):
        found = run_in_memory(
            crisis, game, draws=70, seed=3, execution=Execution(workers=workers, block=block)
        ).evidence
        assert arrays(found) == reference


def test_draws_weighed_again_say_what_they_said(tmp_path: Path) -> None:
    ensemble = raid()
    opened = open_run(written(ensemble, tmp_path / "run"))
    assert arrays(weigh_again(opened, events_of(ensemble.crisis))) == arrays(ensemble.evidence)


def test_draws_weighed_again_a_span_at_a_time_and_put_aside_in_a_file_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble, aside, reported = raid(300), tmp_path / "aside", list[int]()
    opened = open_run(written(ensemble, tmp_path / "run"))
    aside.mkdir()
    monkeypatch.setattr(stored_columns, "KEPT_BYTES", 0)
    monkeypatch.setattr(evidence_module, "SPAN", 70)
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    for one in (opened, ensemble):
        again = weigh_again(one, events_of(ensemble.crisis), reported.append)
        assert arrays(again) == arrays(ensemble.evidence)
        assert isinstance(again.taken, stored_columns.Stored)
        assert isinstance(again.taken._columns, stored_columns.TemporaryColumns)
        assert not isinstance(again.taken._columns._file, BytesIO)
    assert sum(reported) == 2 * 300
    assert not list(aside.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(offramp.OfframpError, match=r"^cannot write .*nowhere: the folder is gone"):
        weigh_again(ensemble, events_of(ensemble.crisis))


def test_a_draw_that_is_impossible_has_its_number_whatever_the_span(monkeypatch: pytest.MonkeyPatch) -> None:
    crisis = crisis_of(RAID.replace("odds: {low: chance_low,", "odds: {low: 1.05 * chance_low,"))
    ensemble = replace(raid(1000), game=compile_game(crisis))
    monkeypatch.setattr(evidence_module, "SPAN", 300)
    with pytest.raises(offramp.CrisisError, match=r"\(draw 949: chance_low"):
        weigh_again(ensemble, events_of(crisis))
