"""What carries a run's endings is weighed from its own draws, and said as the numbers have it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

import offramp
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.common.numerals import percent, quantity
from offramp.crisis.names import capital
from offramp.runs.result import Run
from offramp.study.sensitivity.results import NO_SOURCE
from offramp.study.sensitivity.variance import ranks_of
from offramp.study.sensitivity.weigh import before_levers, resting, weigh
from offramp.study.sensitivity.weights_chart import weights_chart
from offramp.study.sensitivity.weights_finding import Weights
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_unconverged

Array = NDArray[np.float64]

PLAIN = harbour(draws=256)


def planted(ensemble: Run, first: Array) -> Run:
    """The ensemble with these probabilities of its first ending, and the rest given to the second."""
    return replace(ensemble, endings=np.array([first, 1.0 - first, 0.0 * first]))


def rank(ensemble: Run, name: str) -> Array:
    ranks: Array = ranks_of(ensemble.inputs[name][None, :])[0]
    return ranks


def test_the_input_that_was_planted_carries_the_ending_and_tips_it_at_its_own_value() -> None:
    found = weigh(planted(PLAIN, 0.2 + 0.6 * rank(PLAIN, "unexplained")))
    assert found.heaviest == ("unexplained",)
    assert all(weight.total.value < 1e-6 for weight in found.weights if weight.input != "unexplained")
    heavy = found.weights_of("war")[0]
    assert heavy.first.value == pytest.approx(1.0, abs=1e-6)
    assert heavy.total.value == pytest.approx(1.0, abs=1e-6)
    assert heavy.direction == "up"
    assert (heavy.at_low, heavy.at_high) == pytest.approx((0.26, 0.74), abs=1e-3)
    (before, after, value) = found.tipped[0].changes[0]
    assert {before, after} == {"answered", "war"}
    median = float(np.median(PLAIN.inputs["unexplained"]))
    assert value.p50 == pytest.approx(median, rel=0.01)
    text = "\n".join(found.answer)
    assert f"unexplained is below {quantity(value.p50)}" in text
    assert "Unexplained carries 100.0%" in text


def test_a_region_is_said_in_the_input_s_own_numbers() -> None:
    cost = PLAIN.inputs["war_cost"]
    limit = float(np.quantile(cost, 0.6))
    found = weigh(planted(PLAIN, np.where(cost > limit, 0.9, 0.1)))
    box = next(one for one in found.dominance if one.ending == "war")
    assert box.above is None
    assert list(box.limits) == ["war_cost"]
    low, high = box.limits["war_cost"]
    assert high is None
    assert low == pytest.approx(limit, rel=0.03)
    assert box.everywhere == pytest.approx(np.mean(cost[128:] > limit))
    said = next(sentence for sentence in found.answer if "mostly where" in sentence)
    assert f"war cost is above {quantity(low or 0.0)}" in said
    assert f"in {percent(box.density)} of the draws there, against {percent(box.everywhere)} everywhere" in said


def test_all_four_numbers_of_a_region_are_counts_of_the_same_draws_and_no_region_is_everything() -> None:
    cost = PLAIN.inputs["war_cost"]
    noise = np.random.default_rng(3)
    told, untold = (cost > np.quantile(cost, 0.6)) ^ (noise.random(len(cost)) < 0.1), noise.random(len(cost)) < 0.3
    for noisy, has_region in ((told, True), (untold, False)):
        found = weigh(planted(PLAIN, np.where(noisy, 0.9, 0.1)))
        rows = [row["ending"] for row in found.to_dict()["regions"]]
        assert set(rows) == {one.ending for one in found.dominance if one.limits}
        assert ("war" in rows) == has_region
        for one in found.dominance:
            half = slice(len(cost) // 2 if one.limits else 0, None)
            inside = np.ones(len(cost), dtype=bool)
            for name, (low, high) in one.limits.items():
                inside &= PLAIN.inputs[name] >= (-np.inf if low is None else low * (1 - 1e-9))
                inside &= PLAIN.inputs[name] <= (np.inf if high is None else high * (1 + 1e-9))
            case = noisy if one.ending == "war" else ~noisy
            inside, case = inside[half], case[half]
            counted = case[inside].sum() / case.sum(), case[inside].mean(), inside.mean(), case.mean()
            assert (one.coverage, one.density, one.mass, one.everywhere) == pytest.approx(counted)


def test_an_ending_that_is_never_likeliest_is_told_apart_by_its_highest_tenth() -> None:
    found = weigh(planted(PLAIN, 0.1 + 0.2 * rank(PLAIN, "intercept")))
    box = next(one for one in found.dominance if one.ending == "war")
    assert box.above == pytest.approx(0.28, abs=0.002)
    assert list(box.limits) == ["intercept"]
    assert not any(one.changes for one in found.tipped)
    assert any(s.startswith("No single input") and "answered the likeliest" in s for s in found.answer)


def test_the_heaviest_are_said_with_reason_and_source() -> None:
    found = weigh(harbour("A stated reason.", draws=256))
    assert len(found.heaviest) == 3
    assert list(found.carried.values()) == sorted(found.carried.values(), reverse=True)
    for name, sentence in zip(found.heaviest, found.answer, strict=False):
        reason = found.crisis.inputs[name].reason
        assert sentence.startswith(capital(found.names.inputs[name]))
        assert f"carries {percent(found.carried[name])}" in sentence
        assert (reason.because or "No reason is given") in sentence
        assert (f"Source: {found.names.cite(reason.cites[0])}" if reason.cites else "It cites no source") in sentence


def test_every_uncertain_input_rests_on_one_passage_or_none() -> None:
    crisis = crisis_of(PASSAGES)
    names = list(crisis.inputs)
    assert resting(crisis, names) == {
        "cable": ["a", "b", "c"],
        'cable "one"': ["a", "b"],
        'cable "two"': ["c"],
        'wire "three"': ["d"],
        NO_SOURCE: ["e", "fixed"],
    }


def test_an_input_that_cites_several_passages_rests_on_each_and_they_are_said_together() -> None:
    several = """cite: ['cable "two"', 'wire "four"', 'cable "five"']"""
    crisis = crisis_of(PASSAGES.replace("""cite: 'cable "two"'""", several))
    assert resting(crisis, list(crisis.inputs)) == {
        "cable": ["a", "b", "c"],
        "wire": ["c", "d"],
        'cable "one"': ["a", "b"],
        'cable "two"': ["c"],
        'wire "four"': ["c"],
        'cable "five"': ["c"],
        'wire "three"': ["d"],
        NO_SOURCE: ["e", "fixed"],
    }
    alone, found = (weigh(offramp.run(one, draws=256, seed=1)) for one in (crisis_of(PASSAGES), crisis))
    said = [sentence for sentence in found.answer if sentence not in alone.answer]
    (heavy,) = (sentence for sentence in said if sentence.startswith("C carries"))
    assert heavy.endswith('Sources: “The cable” "two", B. Writer "four" and “The cable” "five".')
    (wrong,) = (sentence for sentence in said if sentence.startswith("If "))
    assert wrong.startswith('If “The cable” "two", B. Writer "four" or “The cable” "five" is wrong: as the one number')
    shares = {group.rests_on: group.share for group in found.groups if group.ending == "out"}
    assert shares['cable "two"'] == shares['wire "four"'] == shares['cable "five"']


def test_a_passage_carries_what_its_inputs_carry_together() -> None:
    ensemble = offramp.run(crisis_of(PASSAGES), draws=512, seed=2)
    ranks = {name: rank(ensemble, name) for name in "abcde"}
    out = 0.3 * ranks["a"] * ranks["b"] + 0.1 * ranks["e"]
    varied = replace(ensemble, endings=np.array([out, 1.0 - out]))
    found = weigh(varied)
    groups = {group.rests_on: group for group in found.groups if group.ending == "out"}
    product = 7 / 144 * 0.09
    whole = product + 0.01 / 12
    assert groups['cable "one"'].share.value == pytest.approx(product / whole, abs=0.02)
    assert groups["cable"].share.value == pytest.approx(product / whole, abs=0.04)
    assert groups[NO_SOURCE].share.value == pytest.approx(0.01 / 12 / whole, abs=0.02)
    assert groups['cable "two"'].share.value == pytest.approx(0.0, abs=0.02)
    one = groups['cable "one"']
    low, high = np.quantile(0.3 * ranks["a"] * ranks["b"] + 0.05, [0.05, 0.95])
    assert (one.low, one.high) == pytest.approx((low, high), abs=0.01)
    said = next(s for s in weigh(varied, "out").answer if s.startswith('If “The cable” "one" is wrong'))
    assert f"is {percent(one.low)} to {percent(one.high)} likely in nine draws out of ten" in said


def test_inputs_are_those_before_the_levers() -> None:
    pulled = harbour(levers=("hotline",), draws=256)
    assert not np.array_equal(pulled.inputs["war_cost"], PLAIN.inputs["war_cost"])
    before = before_levers(pulled, pulled.draws)
    assert all(np.array_equal(before[name], PLAIN.inputs[name]) for name in PLAIN.inputs)
    assert any("before the pulled levers" in note for note in weigh(pulled).notes)


def test_draws_that_did_not_converge_count_for_nothing() -> None:
    marked = with_unconverged(PLAIN, 3, 77, 200)
    spoilt = marked.endings.copy()
    spoilt[:, [3, 77, 200]] = np.nan
    found, other = weigh(marked), weigh(replace(marked, endings=spoilt))
    assert found.to_dict() == other.to_dict()
    assert "3 of 256 draws did not converge; they are left out of every number." in found.answer


def test_too_few_draws_are_refused_with_what_is_needed() -> None:
    with pytest.raises(UsageError, match=r"the run has only 32 draws.* at least 64.* more draws"):
        weigh(harbour(draws=32))
    with pytest.raises(UsageError, match=r"only 63 of 64 draws converged; to weigh the assumptions takes at least 64"):
        weigh(with_unconverged(harbour(draws=64), 3))


def test_an_unknown_ending_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown ending 'wars'; did you mean 'war'\? \(endings: war, "):
        weigh(PLAIN, ending="wars")


def test_one_ending_can_be_asked_for() -> None:
    found = weigh(PLAIN, ending="war")
    assert {weight.ending for weight in found.weights} == {"war"}
    assert [one.ending for one in found.dominance] == ["war"]
    everything = weigh(PLAIN)
    assert found.weights == tuple(everything.weights_of("war"))


def test_an_ending_that_does_not_vary_has_no_shares() -> None:
    found = weigh(planted(PLAIN, np.full(256, 0.25)))
    assert found.weights == found.groups == found.dominance == ()
    assert "War is 25.0% likely in every draw: no input moves it." in found.answer
    assert "NaN" not in json.dumps(found.to_dict())
    assert found.in_doubt is None


def test_nothing_is_weighed_where_nothing_is_uncertain() -> None:
    crisis = crisis_of(PASSAGES.replace('"uniform(0, 1)"', "0.5"))
    found = weigh(offramp.run(crisis, draws=4, seed=1))
    advice = "Give those that nobody knows a distribution, as in `is: triangular(LOW, LIKELIEST, HIGH)`."
    assert found.answer == (f"No input of this crisis is uncertain, so there is nothing to weigh. {advice}",)
    assert repr(found)


def test_constant_inputs_are_not_weighed() -> None:
    found = weigh(offramp.run(crisis_of(PASSAGES), draws=64, seed=1))
    assert {weight.input for weight in found.weights} == set("abcde")


def test_the_same_run_gives_the_same_numbers() -> None:
    assert weigh(PLAIN).to_dict() == weigh(PLAIN).to_dict()


def test_no_number_in_the_tables_is_out_of_its_range() -> None:
    found = weigh(PLAIN)
    for weight in found.weights:
        for share in (weight.first, weight.total):
            assert 0.0 <= share.low <= share.value <= share.high <= 1.0
    for group in found.groups:
        assert 0.0 <= group.share.low <= group.share.value <= group.share.high <= 1.0
        assert 0.0 <= group.low <= group.high <= 1.0


def test_no_mean_leaves_the_range_of_the_draws_where_the_surrogate_does() -> None:
    few = harbour(draws=64)
    found = weigh(planted(few, np.where(rank(few, "unexplained") > 0.5, 1.0, 0.0)))
    for weight in found.weights:
        assert 0.0 <= min(weight.at_low, weight.at_high) <= max(weight.at_low, weight.at_high) <= 1.0
    for group in found.groups:
        assert 0.0 <= group.low <= group.high <= 1.0


def test_a_chart_has_a_row_for_each_input_and_plain_words() -> None:
    hostile = weigh(harbour("</script>\x1b[31m", draws=256))
    for width in (320, 720):
        specification = json.dumps(weights_chart(hostile, width).to_dict())
        assert "\x1b" not in str(json.loads(specification))
        assert specification.count('"label": "') == min(10, len(hostile.weights_of(str(hostile.in_doubt))))


def run(tmp_path: Path, *more: str) -> tuple[int, str]:
    (tmp_path / "crisis.yaml").write_text(PASSAGES, encoding="utf-8")
    runner = CliRunner()
    out = str(tmp_path / "run")
    done = runner.invoke(main, ["run", str(tmp_path / "crisis.yaml"), "--draws", "128", "--out", out])
    assert done.exit_code == 0, done.output
    asked = runner.invoke(main, ["weigh", out, *more])
    return asked.exit_code, asked.output


def test_the_command_gives_json_and_files(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--json", "--export", str(tmp_path / "out"))
    assert code == 0
    found = json.loads(output)
    names = ("weights", "directions", "groups", "tipping", "leads", "regions", "limits")
    assert set(found) == {"title", "basis", "answer", *names, "notes"}
    expected = {f"{name}.{kind}" for name in names for kind in ("csv", "parquet")} | {"weights.svg", "weights.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == expected


def test_a_mistake_ends_with_code_two_and_no_traceback(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--ending", "ouut")
    assert code == 2
    assert "unknown ending 'ouut'; did you mean 'out'?" in output
    assert "Traceback" not in output


PASSAGES = """
format: 1
title: Passages
sources: {cable: {title: The cable}, wire: {title: The wire, author: B. Writer}}
actors: {north: {name: North}}
inputs:
  a: {is: "uniform(0, 1)", because: test, cite: 'cable "one"'}
  b: {is: "uniform(0, 1)", because: test, cite: 'cable "one"'}
  c: {is: "uniform(0, 1)", because: test, cite: 'cable "two"'}
  d: {is: "uniform(0, 1)", because: test, cite: 'wire "three"'}
  e: {is: "uniform(0, 1)", because: test}
  fixed: {is: 0.5, because: test}
timeline:
  - {move: sail, by: north, options: [go, stay]}
payoffs:
  north:
    gain: (a * b + c - d * e + fixed) * (sail == go)
endings: {out: sail == go, home: otherwise}
"""


def test_a_correlation_with_one_number_weighs_nothing_and_is_named() -> None:
    coupled = PASSAGES.replace(
        "timeline:",
        "correlations: [{of: [a, fixed], rho: 0.5}, {of: [a, b], rho: 0.4}]\n"
        "levers: {settle: {set: {b: 0.3}}, scatter: {set: {fixed: c}}}\ntimeline:",
    )
    plain = PASSAGES.replace("timeline:", "correlations: [{of: [a, b], rho: 0.4}]\ntimeline:")
    one, other = (weigh(offramp.run(crisis_of(text), draws=128, seed=1)) for text in (coupled, plain))
    assert one.weights == other.weights
    said = "The correlation of a and fixed has no effect: one of them is fixed."
    assert [note for note in one.notes if note not in other.notes] == [said]
    both = weigh(offramp.run(crisis_of(coupled).with_levers("settle", "scatter"), draws=128, seed=1))
    settled = "The correlation of a and b has no effect: one of them is fixed."
    assert [note for note in both.notes if "has no effect" in note] == [said, settled]


COUPLED = PASSAGES.replace(
    "timeline:",
    "correlations: [{of: [a, c], rho: 0.6}, {of: [b, e], rho: 0.6}]\n"
    "levers: {fix: {set: {a: 0.5}}, swap: {set: {a: 0.5, d: a}}, "
    "all: {set: {a: 1, b: 1, c: 1, d: 1, e: 1}}}\ntimeline:",
)


@pytest.mark.parametrize(
    ("lever", "felt", "idle"),
    [("fix", "bcde", "a and c"), ("swap", "abce", None), ("all", "", "a and c")],
)
def test_an_input_that_a_pulled_lever_replaces_carries_nothing(lever: str, felt: str, idle: str | None) -> None:
    """Its draws still shape those that it is correlated with; the game feels these alone."""
    found = weigh(offramp.run(crisis_of(COUPLED).with_levers(lever), draws=256, seed=1))
    assert {weight.input for weight in found.weights} == set(felt)
    assert {one.input for one in found.tipped} == set(felt)
    assert {name for group in found.groups for name in group.inputs} == set(felt)
    assert (f"The correlation of {idle} has no effect" in " ".join(found.notes)) == bool(idle)
    assert repr(found)
    if not felt:
        assert found.answer == ("With these levers pulled no input is uncertain, so there is nothing to weigh.",)


def test_a_run_names_the_correlation_that_its_lever_leaves_without_effect(tmp_path: Path) -> None:
    file, said = tmp_path / "crisis.yaml", "the correlation of 'a' and 'c' has no effect: lever 'fix' sets 'a' to 0.5"
    file.write_text(COUPLED, encoding="utf-8")
    for lever in ("fix", "swap"):
        asked = ["run", str(file), "--draws", "4", "--lever", lever, "--out", str(tmp_path / lever)]
        done = CliRunner().invoke(main, asked)
        assert done.exit_code == 0, done.output
        assert (said in done.stderr) == (lever == "fix")


def test_the_finding_prints_itself() -> None:
    found: Weights = weigh(PLAIN)
    assert found.title in repr(found)
    assert "<table>" in found._repr_html_()


def test_of_a_large_run_the_first_draws_are_weighed_and_the_endings_told_over_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = weigh(harbour(draws=128)), harbour(draws=256)
    assert not any("from the first" in note for note in few.notes)
    monkeypatch.setattr("offramp.study.sensitivity.weigh.MOST", 128)
    found = weigh(many)
    assert (found.weights, found.groups, found.tipped) == (few.weights, few.groups, few.tipped)
    assert found.endings == many.ending_intervals != few.endings
    assert any("over all 256 draws that converged, everything else is from the first 128" in n for n in found.notes)


RARE = """
format: 1
title: Rare
actors: {north: {name: North}}
inputs:
  wind: {is: "uniform(0, 1)"}
  tide: {is: "uniform(0, 1)"}
timeline:
  - {chance: storm, odds: {breaks: wind ** 9 * tide ** 9, holds: rest}}
  - {move: act, by: north, options: [go, stay]}
payoffs: {north: {loss: -1 * (act == go) * (storm == breaks)}}
endings: {lost: storm == breaks, other: otherwise}
"""


def test_no_probability_that_is_fitted_lies_below_zero_or_above_one() -> None:
    found = offramp.weigh(offramp.run(crisis_of(RARE), draws=256, seed=1))
    assert found.groups
    for low, high in [(one.low, one.high) for one in found.groups] + [
        (one.at_low, one.at_high) for one in found.weights
    ]:
        assert 0.0 <= low <= 1.0
        assert 0.0 <= high <= 1.0


SEEDS = 40
IDLE = 6
WITH_IDLE = (
    "format: 1\ntitle: T\nactors:\n  a: {name: A}\ninputs:\n"
    + "".join(f'  x{number}: {{is: "uniform(0, 1)", because: test}}\n' for number in range(IDLE + 1))
    + "timeline:\n  - {move: m, by: a, options: [l, r]}\npayoffs:\n  a: {all: ("
    + " + ".join(f"x{number}" for number in range(IDLE + 1))
    + ") * (m == l)}\nendings:\n  up: m == l\n  down: otherwise\n"
)


@pytest.mark.parametrize("tail", [False, True])
def test_inputs_without_effect_are_named_in_few_runs_of_few_draws(tail: bool) -> None:
    """At 64 draws chance alone would name one of six idle inputs in most runs; five in a hundred are allowed."""
    crisis, noise = crisis_of(WITH_IDLE), np.random.default_rng(7)
    idle = {f"x{number}" for number in range(1, IDLE + 1)}
    false, missed, said = 0, 0, 0
    for seed in range(SEEDS):
        run = offramp.run(crisis, draws=64, seed=seed)
        chance = noise.pareto(2.0, 64) * 0.02 if tail else noise.uniform(0.0, 0.25, 64)
        level = np.minimum((0.1 if tail else 0.3) + (0.0 if tail else 0.25) * run.inputs["x0"] + chance, 1.0)
        found = weigh(replace(run, endings=np.array([level, 1.0 - level])))
        false += any(weight.input in idle and weight.larger > 0.0 for weight in found.weights)
        false += any(idle & set(box.limits) for box in found.dominance)
        false += any(one.input in idle and one.changes for one in found.tipped)
        missed += "x0" not in found.heaviest
        said += any("64 draws are too few to tell" in sentence for sentence in found.answer)
    assert false <= 0.1 * SEEDS
    assert tail or missed <= 0.3 * SEEDS
    assert said > 0.5 * SEEDS


def test_what_could_be_chance_counts_as_nothing_and_keeps_its_upper_end() -> None:
    run = offramp.run(crisis_of(WITH_IDLE), draws=64, seed=1)
    level = np.random.default_rng(1).uniform(0.2, 0.4, 64)
    found = weigh(replace(run, endings=np.array([level, 1.0 - level])))
    assert found.heaviest == ()
    for weight in found.weights:
        assert (weight.first.value, weight.first.low, weight.direction) == (0.0, 0.0, "no trend")
        assert weight.first.high > 0.0
        assert (
            weight.at_low
            == weight.at_high
            == pytest.approx(level.mean() if weight.ending == "up" else 1 - level.mean())
        )
