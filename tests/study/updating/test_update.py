"""What changes with what is known is Bayes' rule, says how much it rests on, and refuses where that is too little."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import offramp
from offramp.cli import main
from offramp.gambit.opening import compile_game
from offramp.runs.evidence import events_of
from offramp.runs.result import Run
from offramp.runs.weighted import influence, interval_of, standard_error
from offramp.study.charts import svg_of
from offramp.study.forecasting.prediction import prediction
from offramp.study.updating.update import update
from offramp.study.updating.update_chart import update_chart
from offramp.study.updating.update_finding import FLOOR, Update
from tests.crises import crisis_of
from tests.game.test_against_walker import by_key
from tests.plays import plays
from tests.report.harbour import with_unconverged
from tests.runs.test_evidence import RAID, raid

COIN = """
format: 1
title: Coin
actors: {north: {name: North}}
inputs: {p: {is: "beta(2, 3)", because: test}, idle: {is: "uniform(0, 1)", because: test}}
timeline:
  - {chance: first, odds: {heads: p, tails: rest}}
  - {chance: second, odds: {heads: p, tails: rest}}
  - {chance: third, odds: {heads: p, tails: rest}}
  - {move: note, by: north, options: [yes_, no_]}
payoffs: {north: {gain: idle * (note == yes_)}}
endings: {won: third == heads, lost: otherwise}
observed: """


def coin(observed: str = "", text: str = COIN, draws: int = 4096) -> Run:
    return offramp.run(crisis_of(observing(observed, text)), draws=draws, seed=2)


def observing(observed: str, text: str = COIN) -> str:
    return f"{text}[{observed.replace(';', ', ')}]\n"


SECOND = "second, odds: {heads: p"
HEADS = "{date: 2031-01-01, first: heads};{date: 2031-01-02, second: heads}"


def test_a_beta_input_observed_to_win_is_the_conjugate_posterior() -> None:
    found = update(coin(HEADS))
    moved = {one.name: one for one in found.inputs}["p"]
    prior, after_one, after = stats.beta(2, 3), stats.beta(3, 3), stats.beta(4, 3)
    assert moved.before.mean == pytest.approx(prior.mean(), abs=1e-3)
    assert moved.after.mean == pytest.approx(after.mean(), abs=3e-3)
    assert [moved.after.p05, moved.after.p50, moved.after.p95] == pytest.approx(after.ppf([0.05, 0.5, 0.95]), abs=5e-3)
    expected = [(one.mean() - prior.mean()) / prior.std() for one in (after_one, after)]
    assert moved.shifts == pytest.approx(expected, abs=0.02)
    assert [stage.endings["won"].mean for stage in found.stages] == pytest.approx([2 / 5, 3 / 6, 4 / 7], abs=3e-3)
    assert [stage.probability for stage in found.stages] == pytest.approx([1.0, 2 / 5, 3 / 6], abs=3e-3)
    third = next(step for step in found.steps if step.step == "third")
    assert third.options["heads"] == pytest.approx([2 / 5, 3 / 6, 4 / 7], abs=3e-3)


def test_what_the_events_do_not_touch_stays_and_errors_tell_it_from_what_moved() -> None:
    moved = {one.name: one for one in update(coin(HEADS)).inputs}
    assert abs(moved["idle"].shifts[-1]) < 2.0 * moved["idle"].error
    assert moved["p"].shifts[-1] > 10.0 * moved["p"].error
    assert list(moved) == ["p", "idle"]


def test_the_error_of_an_ending_is_that_of_the_endings_study_before_any_event_and_as_of_now() -> None:
    run = coin(HEADS, draws=1024)
    found = update(run)
    for entry in offramp.endings(run).endings:
        assert found.stages[0].errors[entry.name] == pytest.approx(entry.error, rel=1e-9)
    now = offramp.endings(offramp.run(run.crisis.now(), draws=1024, seed=2))
    for entry in now.endings:
        assert found.stages[-1].errors[entry.name] == pytest.approx(entry.error, rel=1e-9)


def test_moves_update_and_a_forecast_give_an_option_the_same_probability() -> None:
    run = raid(512)
    found = update(run)
    before = {(step.step, step.round): {name: row[0] for name, row in step.options.items()} for step in found.steps}
    made = [move for move in run.moves if (move.move, move.round) in before]
    assert {move.move for move in made} == {"raid", "reply"}
    for move in made:
        shares = {option: interval.mean for option, interval in move.options.items()}
        assert shares == pytest.approx(before[move.move, move.round])
        for option, share in shares.items():
            assert prediction(run, move=f"{move.move}={option}@{move.round}").probability == pytest.approx(share)


def test_the_errors_are_those_that_independent_draws_show() -> None:
    """Weights and values of which the posterior is known, drawn many times."""
    rng = np.random.default_rng(5)
    means, errors = [], []
    for _ in range(400):
        p = rng.beta(2, 3, 500)
        joint = p * p
        means.append(joint.sum() / p.sum())
        errors.append(standard_error(influence(joint, p)))
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.15)


def test_hidden_values_and_endings_equal_bayes_rule_by_enumeration() -> None:
    """Inputs without spread: every draw is the same, and the posterior is exact."""
    text = RAID.replace('"beta(2, 3)"', "0.4").replace('"uniform(0, 1)"', "0.7")
    found = update(raid(128, text))
    crisis = crisis_of(text)
    solution = offramp.solve(compile_game(crisis))
    profile = by_key(solution.game, solution.choice)
    everything = plays(crisis, lambda key, _: profile[key])
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for number, event in enumerate((None, *events_of(crisis))):
        known |= dict(event.values) if event else {}
        agreed = [play for play in everything if play.agrees(known)]
        total = sum(play.probability for play in agreed)
        stage = found.stages[number]
        assert stage.together == pytest.approx(total, abs=1e-9)
        struck = sum(play.probability for play in agreed if play.ending == "struck") / total
        assert stage.endings["struck"].mean == pytest.approx(struck, abs=1e-9)
        for step in found.steps:
            where = step.step, step.round
            made = [play for play in agreed if play.happened.get(where, "skipped") != "skipped"]
            likely = sum(play.probability for play in made)
            assert step.made[number] == pytest.approx(likely / total, abs=1e-9)
            for option, shares in step.options.items():
                there = sum(play.probability for play in made if play.happened[where] == option)
                assert shares[number] == pytest.approx(there / likely, abs=1e-9)
    assert {step.step for step in found.steps if step.passed} == {"line", "alarm"}
    assert {(step.step, step.round) for step in found.steps if not step.passed} == {
        ("raid", 2), ("alarm", 2), ("reply", 2),
    }  # fmt: skip


HIDDEN = """
format: 1
title: Spy
actors: {north: {name: North}}
timeline:
  - {chance: spy, odds: {there: 0.5, gone: rest}, seen_by: []}
  - {chance: leak, if: spy == there, odds: {plan: 0.25, noise: rest}, seen_by: []}
  - {chance: watch, if: spy == gone, odds: {kept: 0.5, left: rest}, seen_by: []}
  - {chance: caught, odds: [{if: spy == there, yes_: SHARE, no_: rest}, {yes_: 0, no_: rest}]}
  - {move: answer, by: north, if: spy == there, options: [hold, strike]}
endings: {war: answer == strike, calm: otherwise}
observed: [{date: 2031-01-01, caught: SEEN}]
"""


def test_that_a_step_was_made_is_no_news_of_its_value() -> None:
    found = update(coin("", HIDDEN.replace("SHARE", "0.6").replace("SEEN", "yes_").strip() + " #", 256))
    leak, watch, answer = (
        next(step for step in found.steps if step.step == name) for name in ("leak", "watch", "answer")
    )
    assert leak.options["plan"] == pytest.approx((0.25, 0.25))
    assert (leak.made, watch.made, answer.made) == (pytest.approx((0.5, 1)), pytest.approx((0.5, 0)), (0.5, 1.0))
    assert np.isnan(watch.options["kept"][-1])
    text = " ".join(found.answer)
    assert "The events say hardly anything about: leak." in text
    assert "Still to come: answer: hold 50.0% as before." in text
    assert "watch" not in text
    json.dumps(found.to_dict(), allow_nan=False)


def test_whether_a_step_was_made_is_told_apart_from_its_value() -> None:
    found = update(coin("", HIDDEN.replace("SHARE", "0.6").replace("SEEN", "no_").strip() + " #", 256))
    text = " ".join(found.answer)
    assert "spy: gone 50.0% → 71.4%" in text
    assert "leak: made at all 50.0% → 28.6%; " in text
    assert "Still to come: answer: made at all 50.0% → 28.6%, then hold 50.0% as before." in text
    (made,) = [
        row for row in found.table("hidden").to_dicts() if row["step"] == "leak" and "made" in str(row["option"])
    ]
    assert made["after_1"] == pytest.approx(0.2 / 0.7)


@pytest.mark.parametrize("observed", ["", "{date: 2031-01-01}", "{date: 2031-01-01};{date: 2031-01-02}"])
def test_nothing_observed_changes_nothing_bit_for_bit(observed: str) -> None:
    ensemble = coin(observed, draws=100)
    found = update(ensemble)
    assert (found.weights == 1.0).all()
    for stage in found.stages:
        assert stage.endings == ensemble.ending_intervals
        assert (stage.probability, stage.effective) == (1.0, 100.0)
    for one in found.inputs:
        assert one.before == one.after == ensemble.interval(ensemble.inputs[one.name])
        assert set(one.shifts) == {0.0}


def test_before_any_event_endings_are_those_of_the_run_bit_for_bit() -> None:
    ensemble = raid()
    assert update(ensemble).before == ensemble.ending_intervals


def test_whether_events_are_observed_on_one_day_or_on_two_does_not_matter_to_where_they_lead() -> None:
    one = update(coin(HEADS))
    together = update(coin("{date: 2031-01-01, first: heads, second: heads}"))
    assert together.after == one.after
    assert together.weights[-1].tobytes() == one.weights[-1].tobytes()


def test_draws_that_did_not_converge_are_left_out_and_counted() -> None:
    ensemble = coin(HEADS, draws=512)
    lost = with_unconverged(ensemble, *range(100))
    found = update(lost)
    assert found.weights.shape == (3, 412)
    assert found.answer[-1].startswith("100 of 512 draws did not converge")
    assert ensemble.evidence is not None
    weights, joint = ensemble.evidence.likelihood[-1, 100:], ensemble.evidence.endings[-1, 0, 100:]
    assert found.after["won"] == interval_of(joint, weights)
    nothing = update(with_unconverged(ensemble, *range(512)))
    assert nothing.answer == ("No draw converged: there are no numbers.",)
    json.dumps(nothing.to_dict())


def test_an_event_that_no_draw_allows_is_named() -> None:
    with pytest.raises(offramp.UsageError, match=r"impossible, in every draw, that 2031-01-02 \(second: heads\)"):
        update(coin(HEADS, COIN.replace(SECOND, "second, odds: {heads: 0")))


def test_too_few_effective_draws_are_refused_and_the_remedy_does() -> None:
    text = COIN.replace(SECOND, "second, odds: {heads: p ** 20")
    with pytest.raises(offramp.UsageError, match=r"after 2031-01-02 .*effective sample size") as error:
        update(coin(HEADS, text, draws=256))
    remedy = re.search(r"--draws (\d+)", str(error.value))
    assert remedy
    found = update(coin(HEADS, text, draws=int(remedy[1])))
    assert found.stages[-1].effective >= FLOOR


def changed(ensemble: Run, old: str, new: str) -> Update:
    return update(ensemble, crisis_of(ensemble.crisis.text.replace(old, new)))


def test_what_came_in_after_the_run_is_as_if_it_had_been_known() -> None:
    known = update(coin(HEADS, draws=512))
    since = crisis_of("# a comment\n" + observing(HEADS).replace("because: test", "because: another reason"))
    for before in ("", "{date: 2031-01-01, first: heads}", HEADS + ";{date: 2031-01-03, third: heads}"):
        found = update(coin(before, draws=512), since)
        assert found.to_dict() == known.to_dict()


def test_a_crisis_that_differs_in_a_number_is_refused_with_what_differs() -> None:
    ensemble = coin(HEADS, draws=512)
    with pytest.raises(offramp.UsageError, match=r"in its inputs \(p\); only `observed` may: .*`offramp run`"):
        changed(ensemble, "beta(2, 3)", "beta(2, 4)")
    with pytest.raises(offramp.UsageError, match=r"in its timeline;"):
        changed(ensemble, "{chance: third, odds: {heads: p", "{chance: third, odds: {heads: p / 2")
    with pytest.raises(offramp.UsageError, match=r"in its payoffs \(north\.gain\)"):
        changed(ensemble, "idle * (note == yes_)", "2 * idle * (note == yes_)")
    with pytest.raises(offramp.UsageError, match=r"in its payoffs \(north\.gain\)"):
        changed(ensemble, "idle * (note == yes_)", "p * (note == yes_)")
    with pytest.raises(offramp.UsageError, match=r"in its endings"):
        changed(ensemble, "won: third == heads", "won: third == tails")
    assert changed(ensemble, "idle * (note == yes_)", "idle   *  (note == yes_)").after == update(ensemble).after


def test_the_sentences_say_the_numbers_of_the_tables() -> None:
    found = update(coin(HEADS))
    last = found.to_pandas("endings").query("after == '2031-01-02'").set_index("ending")["mean"]
    sentence = next(sentence for sentence in found.answer if sentence.startswith("After 2031-01-02"))
    assert f"→ {last['won']:.1%}" in sentence
    assert f"{found.stages[-1].probability:.1%} likely beforehand" in sentence
    assert [table.name for table in found.tables] == ["endings", "events", "inputs", "hidden", "next", "shifts"]


def test_the_picture_has_every_ending_and_every_date() -> None:
    svg = svg_of(update_chart(update(coin(HEADS)), 320))
    for word in ("won: 40.0% → 57.1%", "lost: 60.0% → 42.9%", "before", "1 Jan", "2 Jan"):
        assert word in svg


def test_the_command_updates_a_run_and_takes_what_came_in_since(tmp_path: Path) -> None:
    file, run = tmp_path / "coin.yaml", tmp_path / "run"
    file.write_text(COIN + "\n  - {date: 2031-01-01, first: heads}\n", encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(main, ["run", str(file), "--draws", "512", "--out", str(run)]).exit_code == 0
    shown = runner.invoke(main, ["update", str(run), "--export", str(tmp_path / "out")])
    assert shown.exit_code == 0, shown.output
    assert "After 2031-01-01 (first: heads)" in shown.output
    assert {"endings.csv", "update.svg", "update.png"} <= {path.name for path in (tmp_path / "out").iterdir()}
    file.write_text(file.read_text() + "  - {date: 2031-01-02, second: heads}\n")
    told = runner.invoke(main, ["update", str(run), "--from", str(file), "--json"])
    assert told.exit_code == 0, told.output
    assert len(json.loads(told.stdout)["events"]) == 2
    file.write_text(file.read_text().replace("beta(2, 3)", "beta(5, 3)"))
    refused = runner.invoke(main, ["update", str(run), "--from", str(file)])
    assert refused.exit_code == 2
    assert "inputs (p)" in refused.output


def test_a_lever_that_forbids_what_happened_makes_it_impossible() -> None:
    text = RAID.replace("observed:", "levers: {truce: {forbid: {reply: [strike]}}}\nobserved:")
    ensemble = offramp.run(crisis_of(text).with_levers("truce"), draws=128)
    with pytest.raises(offramp.UsageError, match=r"reply in round 1: strike"):
        update(ensemble)
    kept = replace(ensemble, evidence=None)
    with pytest.raises(offramp.UsageError, match=r"reply in round 1: strike"):
        update(kept)
