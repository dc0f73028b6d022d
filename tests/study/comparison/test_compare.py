"""Promises of `offramp compare`: shares of differences that add up to the whole, whatever the differences are."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import offramp
from offramp.cli import main
from offramp.crisis.model import Crisis
from offramp.study.comparison.attribution import grouped, on_the_way
from offramp.study.comparison.comparable import common_to
from offramp.study.comparison.compare import Comparison, compare
from offramp.study.interventions.changes import T95, least_change
from tests.crises import crisis_of, crisis_texts
from tests.crisis.recorded import RECORDED
from tests.phrases import SHARES, STAKES
from tests.shipped import CRISES, tehran

TEXT = """
format: 1
title: Two sides
actors:
  north: {name: North, rationality: 2}
  south: {name: South}
inputs:
  gain: {is: "uniform(0, 2)", because: We think so}
  cost: {is: "uniform(1, 3)"}
correlations: [{of: [gain, cost], rho: 0.5}]
timeline:
  - move: answer
    by: north
    options: [hold, strike]
  - chance: damage
    if: answer == strike
    odds: {none: 0.7, hits: rest}
  - {move: reply, by: south, options: [absorb, hit_back]}
payoffs:
  north: {gain: gain * (answer == strike), cost: -cost * (reply == hit_back)}
  south: {face: -1 * (damage == hits) * (reply == absorb), cost: -cost / 4 * (reply == hit_back)}
endings: {war: reply == hit_back, crisis: answer == strike, quiet: otherwise}
levers: {calm: {set: {gain: gain / 2}}, hold: {forbid: {answer: [strike]}}}
"""


def changed(*edits: tuple[str, str]) -> Crisis:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return crisis_of(text)


def check_adds_up(found: Comparison) -> None:
    if not found.common.is_enough:
        assert not found.differences
        return
    endings = len(found.endings)
    total = sum((difference.moves[:endings] for difference in found.differences), np.zeros(endings))
    np.testing.assert_allclose(total, found.after - found.before, rtol=0.0, atol=1e-9)


def check_one_account(found: Comparison) -> None:
    """Every part that differs is in one difference, and what is said to move nothing is in none or moves nothing."""
    keys = [key for difference in found.differences for key in difference.keys]
    assert len(keys) == len(set(keys))
    assert not found.differences or len(keys) == len(found.parts)
    for difference in found.differences:
        moved = np.abs(difference.moves) > np.fmax(T95 * difference.error, least_change(found.before, found.after))
        named = [said for said in found.answer if f" through {difference.name}" in said]
        nothing = [said for said in found.answer if said.startswith("Moving nothing") and difference.name in said]
        if difference.is_chance:
            assert not moved.any()
            assert not found.kept or bool(nothing) != bool(named)
            assert all(f"{difference.name} (within the error of the draws)" in said for said in named)
        else:
            assert moved.any()


@st.composite
def pairs_of_crises(draw: Any) -> tuple[str, str]:
    """A crisis, and the same with some parts written anew."""
    text = draw(crisis_texts(most_histories=40))
    other = yaml.safe_load(text)
    kinds = ["share", "stake", "rho", "rationality", "term", "endings", "odds", "option", "memory"]
    for kind in draw(st.sets(st.sampled_from(kinds), min_size=1)):
        actor = draw(st.sampled_from(sorted(other["actors"])))
        match kind:
            case "share":
                other["inputs"]["share"]["is"] = draw(st.sampled_from(SHARES))
            case "stake":
                other["inputs"]["stake"]["is"] = draw(st.sampled_from(STAKES))
            case "rho":
                other["correlations"] = [{"of": ["share", "stake"], "rho": "0.5"}]
            case "rationality":
                other["actors"][actor]["rationality"] = draw(st.sampled_from(["0.25", "uniform(0.1, 1)"]))
            case "memory":
                other["actors"][actor]["memory"] = draw(st.sampled_from(["state", "recall"]))
            case "term":
                other.get("payoffs", {}).get(actor, {})["term_0"] = "0.5"
            case "endings":
                other["endings"] = {"other": "otherwise"}
            case "odds":
                for step in other["timeline"]:
                    if "chance" in step and isinstance(step.get("odds"), dict):
                        share = 1.0 / len(step["odds"])
                        step["odds"] = dict.fromkeys(list(step["odds"])[1:], str(share)) | {
                            next(iter(step["odds"])): "rest"
                        }
                        step.pop("believed_by", None)
            case "option":
                other["timeline"].insert(0, {"move": "opening", "by": actor, "options": ["wait", "go"]})
                other.setdefault("payoffs", {}).setdefault(actor, {})["opened"] = "0.5 * (opening == go)"
    return text, yaml.safe_dump(other, sort_keys=False, width=10_000)


@given(pairs_of_crises())
@settings(max_examples=12, deadline=None)
def test_shares_add_up_and_change_sign_with_the_order_of_the_two(texts: tuple[str, str]) -> None:
    try:
        a, b = map(crisis_of, texts)
        one = compare(a, b, draws=8)
    except offramp.CrisisError:
        reject()
    other = compare(b, a, draws=8)
    check_adds_up(one)
    check_one_account(one)
    there = dict(zip(one.endings, one.change, strict=True))
    back = dict(zip(other.endings, other.change, strict=True))
    if set(there) != set(back):  # the one ending has a name of its own in each
        assert list(there.values()) == pytest.approx([-change for change in back.values()], abs=1e-9)
        return
    assert there == pytest.approx({name: -change for name, change in back.items()}, abs=1e-9, nan_ok=True)
    if [difference.keys for difference in one.differences] == [difference.keys for difference in other.differences]:
        for first, second in zip(one.differences, other.differences, strict=True):
            moved = dict(zip(other.endings, second.moves, strict=True))
            assert first.moves == pytest.approx([-moved[name] for name in one.endings], abs=1e-9)


def test_the_whole_is_the_difference_of_the_two_ensembles() -> None:
    a, b = changed(), changed(("rationality: 2", "rationality: 3"), ("uniform(1, 3)", "uniform(1, 2)"))
    found = compare(a, b, draws=64, seed=5)
    means = [offramp.run(crisis, draws=64, seed=5).endings.mean(axis=1) for crisis in (a, b)]
    np.testing.assert_allclose([found.before, found.after], means, atol=1e-12)
    check_adds_up(found)


FIVE = """\
format: 1
title: Five ends
actors: {north: {name: North}}
inputs: {risk: {is: 0.01, because: Ours}, luck: {is: 0.2, because: Ours}, tilt: {is: 0, because: Ours}}
timeline:
  - {chance: lot, odds: {one: luck, two: 0.3 - luck, three: 0.2 + tilt, four: 0.25 - tilt - risk, five: rest}}
  - {move: wait, by: north, options: [yes_, no_]}
payoffs: {north: {gain: wait == yes_}}
endings: {one: lot == one, two: lot == two, three: lot == three, four: lot == four, war: otherwise}
"""


def test_an_ending_to_avoid_is_told_of_however_small_its_change() -> None:
    text = FIVE.replace("war: otherwise", "war: {if: lot == five, avoid: yes}, none_: otherwise")
    after = text.replace("luck: {is: 0.2", "luck: {is: 0.1").replace("risk: {is: 0.01", "risk: {is: 0.02")
    after = after.replace("tilt: {is: 0", "tilt: {is: 0.05")
    found = offramp.compare(crisis_of(text), crisis_of(after))
    assert [sentence.split(":")[0].split(" ")[0] for sentence in found.answer].count("War") == 1


def test_one_difference_carries_everything() -> None:
    found = compare(changed(), changed(("uniform(0, 2)", "uniform(0, 6)")), draws=32)
    (only,) = found.differences
    assert only.keys == (("inputs", "gain"),)
    np.testing.assert_allclose(only.moves, found.change, atol=1e-12)
    np.testing.assert_allclose(only.error, found.error, atol=1e-12)
    assert found.parts == (("the input “gain”", "uniform(0, 2)", "uniform(0, 6)"),)
    assert abs(found.change[0]) > 0.01
    assert "through the input “gain”" in found.answer[0]


def test_shares_are_shapley_values_of_a_worked_example() -> None:
    a, b = changed(), changed(("uniform(0, 2)", "3"), ("uniform(1, 3)", "1"))
    with_gain, with_cost = changed(("uniform(0, 2)", "3")), changed(("uniform(1, 3)", "1"))
    found = compare(a, b, draws=64)
    worth = [compare(a, crisis, draws=64).after for crisis in (with_gain, with_cost)]
    moves = {difference.keys[0][1]: difference.moves for difference in found.differences}
    by_gain = ((worth[0] - found.before) + (found.after - worth[1])) / 2.0
    np.testing.assert_allclose(moves["gain"], by_gain, atol=1e-12)
    np.testing.assert_allclose(moves["cost"], found.change - by_gain, atol=1e-12)


def test_of_many_differences_the_shares_add_up_too() -> None:
    edits = [
        ("rationality: 2", "rationality: 3"),
        ("uniform(1, 3)", "uniform(1, 2)"),
        ("uniform(0, 2)", "uniform(0, 3)"),
        ("none: 0.7", "none: 0.5"),
        ("-cost / 4", "-cost / 5"),
        ("rho: 0.5", "rho: -0.5"),
    ]
    found = compare(changed(), changed(*edits), draws=16)
    assert len(found.differences) == 6
    assert found.hybrids == 12
    check_adds_up(found)
    assert "its reverse" in found.notes[0]


@pytest.mark.parametrize(
    "edit",
    [
        ("title: Two sides", "title: Two sides # a comment"),
        ("{name: North, rationality: 2}", "{rationality: 2, name: North}"),
        ("gain * (answer == strike)", "gain*( answer==strike )"),
        ("of: [gain, cost]", "of: [cost, gain]"),
        ("{gain: gain *", "{gain: {pays: gain *") ,
        ("{name: South}", "{name: South, memory: recall, rationality: 3}"),
    ],
)  # fmt: skip
def test_how_a_file_is_written_makes_no_difference(edit: tuple[str, str]) -> None:
    edits = [edit, ("(answer == strike), cost", "(answer == strike)}, cost")] if "{pays" in edit[1] else [edit]
    assert compare(changed(), changed(*edits)).answer == ("Nothing differs: both are the same crisis.",)


def test_words_are_listed_and_move_nothing() -> None:
    other = changed(("title: Two sides", "title: Two"), ("We think so", "They think so"), ("gain / 2", "gain / 3"))
    found = compare(changed(), other)
    assert not found.differences
    assert found.answer == (
        "Nothing differs that could move an ending.",
        "In words only, moving nothing: the input “gain” and the title.",
        "Not used here, moving nothing: the lever “calm” (not pulled).",
    )
    seen = compare(changed(), crisis_of(TEXT + "observed: [{date: 2031-05-13, answer: strike}]\n"))
    assert seen.answer[1:] == ("Not used here, moving nothing: what was observed.",)
    measured = "measures: {price: {name: the price paid, is: reply == absorb, when: end}}\n"
    priced = compare(crisis_of(TEXT + measured), crisis_of(TEXT + measured.replace("absorb", "hit_back")))
    assert priced.answer[1:] == ("Not used here, moving nothing: the measure “the price paid”.",)
    assert "In words only" in " ".join(
        compare(changed(), changed(("title: Two sides", "title: Two"), ("2}", "1}"))).answer
    )


def test_levers_count_where_they_are_pulled() -> None:
    found = compare(changed(), changed().with_levers("calm"), draws=16)
    assert [difference.name for difference in found.differences] == ["the levers pulled"]
    whole = offramp.run(changed().with_levers("calm"), draws=16).endings.mean(axis=1)
    np.testing.assert_allclose(found.after, whole, atol=1e-12)


def test_a_difference_within_its_error_is_told_in_one_place() -> None:
    """The lever turns an input round, so that each draw moves and the mean hardly does."""
    turned = changed(("correlations: [{of: [gain, cost], rho: 0.5}]\n", ""), ("gain / 2", "1.99 - gain"))
    found = compare(turned, turned.with_levers("calm"), draws=48)
    (only,) = found.differences
    assert only.is_chance
    check_one_account(found)
    assert found.answer == (
        "Quiet is about as likely in both (22.5% in A, 22.6% in B).",
        "War is 0.1 points less likely in B than in A (32.6% in A, 32.5% in B): "
        "−0.1 through the levers pulled (within the error of the draws).",
    )


def test_a_share_reads_the_same_in_the_answer_and_in_the_table() -> None:
    fixed = ('"uniform(0, 2)"', "1"), ('"uniform(1, 3)"', "2"), ("correlations: [{of: [gain, cost], rho: 0.5}]\n", "")
    b = changed(*fixed, ("rationality: 2", "rationality: 8"), ("none: 0.7", "none: 0.69"))
    found = compare(changed(*fixed), b)
    contributions = next(table for table in found.tables if table.name == "contributions")
    rows = [row[1:3] for row in contributions.shown() if row[1] != "all together"]
    shares = re.findall(r"([+−][\d.]+) through (.*?)(?= \(within|, [+−]|\.(?!\d))", " ".join(found.answer))
    assert len(shares) >= 3
    assert any(len(share.partition(".")[2]) == 2 for share, _ in shares), "one share is below a point"
    assert {tuple(reversed(share)) for share in shares} <= set(map(tuple, rows))


def test_differences_that_make_no_crisis_by_themselves_are_one() -> None:
    other = changed(
        ("options: [hold, strike]", "options: [hold, strike, talk]"),
        ("(reply == hit_back)}\n  south", "(reply == hit_back), ease: answer == talk}\n  south"),
        ("uniform(1, 3)", "uniform(1, 2)"),
    )
    found = compare(changed(), other, draws=16)
    keys = {difference.keys for difference in found.differences}
    assert keys == {(("inputs", "cost"),), (("payoffs", "north", "ease"), ("timeline",))}
    check_adds_up(found)
    together = (
        "These go together, because a part of them makes no crisis by itself: the steps and North's payoff “ease”."
    )
    assert together in found.notes[0]


def test_an_ending_of_one_crisis_alone_has_probability_zero_in_the_other() -> None:
    other = changed(("crisis: answer == strike", "standoff: answer == strike and damage == none"))
    found = compare(changed(), other, draws=16)
    before, after = (dict(zip(found.endings, levels, strict=True)) for levels in (found.before, found.after))
    assert before["standoff"] == after["crisis"] == 0.0
    assert before["crisis"] > after["standoff"] > 0.0
    check_adds_up(found)


def test_an_ending_under_another_name_is_the_same_ending() -> None:
    other = changed(("crisis: answer", "standoff: answer"), ("quiet: otherwise", "peace: otherwise"))
    assert compare(changed(), other, draws=16).answer == (
        "Nothing differs that could move an ending.",
        "In words only, moving nothing: the key of the ending “crisis” and the key of the ending “quiet”.",
    )
    both = compare(
        changed(), changed(("crisis: answer", "standoff: answer"), ("uniform(1, 3)", "uniform(1, 2)")), draws=16
    )
    assert both.endings == ("war", "crisis", "quiet")
    assert [difference.name for difference in both.differences] == ["the input “cost”"]
    same = compare(changed(), changed(("uniform(1, 3)", "uniform(1, 2)")), draws=16)
    np.testing.assert_array_equal(both.after, same.after)


LEFT = """
format: 1
title: T
actors: {a: {name: Ann}, b: {name: Ben}}
inputs: {x: {is: "uniform(-1, 1)", because: o}}
timeline:
  - {chance: h, odds: {u: 0.3, v: rest}, seen_by: [a]}
  - {move: m, by: a, options: [l, r]}
  - {move: n, by: b, options: [p, q]}
payoffs:
  a: {t: {pays: x * (m == l) + (h == u) * (n == p), because: o}}
  b: {t: {pays: (n == p) * ((h == u) - 0.5), because: o}}
endings: {l: m == l, r: otherwise}
levers: {calm: {set: {x: x - 1}, because: o}}
"""
HEAT = """
format: 1
title: T
actors: {a: {name: Ann, memory: state}, b: {name: Ben}}
timeline:
  - rounds: 3
    steps:
      - {move: m, by: a, options: [hit, wait]}
      - {state: heat, start: 0, becomes: heat + (m == hit)}
endings: {boiled: heat >= 3, warm: heat >= 1, other: otherwise}
"""


def test_two_unrelated_crises_are_not_compared_part_by_part_and_what_they_share_is_said() -> None:
    found = compare(crisis_of(LEFT), crisis_of(HEAT), draws=16)
    assert not found.common.is_enough
    assert found.answer == (
        "These have too little in common to compare part by part: no ending of the one is an ending of the other, and "
        "no step of the one is a step of the other.",
        "What they share by name: the actors Ann and Ben, but no ending, no step and no input.",
    )
    assert not found.differences
    levels = {row["ending"]: (row["a"], row["b"]) for row in found.table("endings").to_dicts()}
    means = [offramp.run(crisis_of(text), draws=16).endings.mean(axis=1) for text in (LEFT, HEAT)]
    assert [levels[name][0] for name in ("l", "r")] == pytest.approx(means[0].tolist(), abs=1e-12)
    assert [levels[name][1] for name in ("boiled", "warm", "other")] == pytest.approx(means[1].tolist(), abs=1e-12)
    assert levels["warm"][0] is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_starter_and_tehran_share_a_word_here_and_there_and_no_crisis() -> None:
    starter = crisis_of((files("offramp") / "starter.yaml").read_text())
    found = compare(starter, tehran(), draws=16)
    assert found.common.endings == ("war",)
    assert found.common.steps == ("damage",)
    assert (found.common.actors, found.common.inputs) == ((), ("war_cost",))
    assert "of the 6 steps of A the other has only 1." in found.answer[0]
    assert found.answer[2].startswith("A war over the strait has ")


def test_rounds_that_begin_on_the_day_of_the_file_are_compared() -> None:
    text = (files("offramp") / "templates" / "audience-cost.yaml").read_text()
    assert "lasts: 1 week" in text
    assert "from:" not in text
    dearer = text.replace("triangular(1, 1.6, 2.6)", "triangular(2, 2.6, 3.6)").replace("as_of: 2031", "as_of: 2032")
    found = compare(crisis_of(text), crisis_of(dearer), draws=8)
    assert [difference.keys for difference in found.differences] == [(("inputs", "war_cost"),)]


def test_what_moves_nothing_is_said_once_and_has_a_share_of_nothing() -> None:
    """Who plays the last move changes; nobody sees it, and no ending names it."""
    other = LEFT.replace("b: {name: Ben}}", "b: {name: Ben}, c: {name: Cid}}").replace(
        "move: n, by: b", "move: n, by: c"
    )
    found = compare(crisis_of(LEFT), crisis_of(other.replace("  b: {t:", "  c: {t:")), draws=32)
    check_adds_up(found)
    check_one_account(found)
    assert found.answer == (
        "The differences move no ending by as much as 0.1 points.",
        "Moving nothing beyond the error of the draws: the steps, the actor Cid and Cid's payoff “t”; "
        "Ben's payoff “t”.",
    )


def test_a_reason_belongs_to_the_part_that_it_is_given_for() -> None:
    other = changed(('{is: "uniform(0, 2)", because: We think so}', '{is: "uniform(0, 6)", because: They do}'))
    found = compare(changed(), other, draws=16)
    assert found.parts == (
        ("the input “gain”", "is: uniform(0, 2); because: We think so", "is: uniform(0, 6); because: They do"),
    )
    assert not any("words only" in said for said in found.answer)


def test_a_step_with_its_reason_is_one_difference() -> None:
    other = changed(
        ("  - {move: reply", "  - {chance: fog, odds: {thick: 0.5, thin: rest}, because: Autumn}\n  - {move: reply")
    )
    found = compare(changed(), other, draws=16)
    check_one_account(found)
    assert not any("words only" in said for said in found.answer)
    assert "Moving nothing beyond the error of the draws: the steps and the odds of fog." in found.answer


def test_an_input_of_one_crisis_alone_leaves_the_others_draws_alone() -> None:
    other = changed(
        ("  cost: {is", '  aside: {is: "uniform(0, 1)"}\n  cost: {is'), ("-cost / 4 *", "-0 * aside - cost / 4 *")
    )
    found = compare(changed(), other, draws=32)
    np.testing.assert_allclose(found.change, 0.0, atol=1e-12)


def test_the_draws_do_not_depend_on_which_crisis_comes_first() -> None:
    a, b = (
        changed(),
        changed(("  gain: {is", '  aside: {is: "uniform(0, 3)"}\n  gain: {is'), ("-cost / 4 *", "-aside / 4 *")),
    )
    one, other = compare(a, b, draws=16), compare(b, a, draws=16)
    np.testing.assert_allclose(one.change, -other.change, atol=1e-12)
    np.testing.assert_allclose(one.before, other.after, atol=1e-12)
    check_adds_up(one)


def test_groups_are_the_smallest_that_fit() -> None:
    keys = [(name,) for name in "abcdef"]

    def fits(taken: frozenset[tuple[str, ...]]) -> bool:
        names = {key[0] for key in taken}
        return ("a" not in names or "c" in names) and (not {"b", "e"} <= names or "f" in names)

    groups = grouped(keys, fits)
    assert frozenset({("a",), ("c",)}) in groups
    assert frozenset({("d",)}) in groups
    assert frozenset().union(*groups) == set(keys)
    assert all(fits(taken) for taken in on_the_way(groups))


def test_same_seed_same_numbers_and_bad_requests_are_said() -> None:
    a, b = changed(), changed(("2}", "1}"))
    np.testing.assert_array_equal(compare(a, b, draws=16).after, compare(a, b, draws=16).after)
    with pytest.raises(offramp.UsageError, match="draws must lie between 2 and"):
        compare(a, b, draws=1)
    with pytest.raises(offramp.UsageError, match="seed"):
        compare(a, b, seed=-1)


def test_the_command_takes_files_and_runs(tmp_path: Path) -> None:
    one, two, run = tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "run"
    one.write_text(TEXT)
    two.write_text(TEXT.replace("rationality: 2", "rationality: 3"))
    called = CliRunner().invoke
    assert (
        called(main, ["run", str(one), "--draws", "16", "--seed", "3", "--lever", "calm", "--out", str(run)]).exit_code
        == 0
    )
    shown = called(main, ["compare", str(run), str(two), "--draws", "16", "--export", str(tmp_path / "out")])
    assert shown.exit_code == 0, shown.output
    assert "the levers pulled" in shown.output
    assert "seed 3" in shown.output
    found = json.loads(called(main, ["compare", str(one), str(two), "--draws", "16", "--json"]).stdout)
    assert {row["difference"] for row in found["contributions"]} == {"North's rationality", "all together"}
    missing = called(main, ["compare", str(one), str(tmp_path)])
    assert missing.exit_code == 2
    assert "is no run" in missing.output


def test_tehran_and_a_variant_of_it() -> None:
    text = (CRISES / "tehran-2024" / "crisis.yaml").read_text()
    other = crisis_of(text.replace("beta(7, 3)", "beta(4, 4)").replace("    file: sources/five-takeaways.txt\n", ""))
    found = compare(tehran(), other, draws=16)
    assert [difference.name for difference in found.differences] == ["the input “the face that a staged answer saves”"]
    check_adds_up(found)


def test_names_of_options_move_nothing_and_their_numbers_stay() -> None:
    """Options are compared by what they do; a chance step names its options without listing them."""
    named = changed(
        ("    options: [hold, strike]", "    options: {hold: no answer, strike: {name: a strike}}"),
        ("    if: answer == strike\n", "    if: answer == strike\n    options: {none: no damage}\n"),
    )
    assert not compare(changed(), named, draws=16).differences
    valued = changed(
        ("    options: [hold, strike]", "    options: {hold: {value: 0}, strike: {value: 1}}"),
        ("gain * (answer == strike)", "gain * value(answer)"),
    )
    found = compare(changed(), valued, draws=16)
    np.testing.assert_allclose(found.change, 0.0, atol=1e-12)


def test_a_choice_rule_is_a_difference() -> None:
    found = compare(changed(), changed(("rationality: 2", "rationality: 2, choice: probit")), draws=4)
    assert [difference.name for difference in found.differences] == ["North's choice rule"]


def test_levels_and_coefficients_are_inputs_that_two_crises_share_and_a_rationality_is_none() -> None:
    crisis = crisis_of(RECORDED)
    assert common_to(crisis, crisis, ()).inputs == tuple(name for name in crisis.inputs if name != "south.rationality")


def test_the_levels_of_a_comparison_are_said_to_be_those_of_its_own_draws() -> None:
    found = compare(changed(), changed(("gain / 2", "gain / 3"), ("rationality: 2", "rationality: 1")), draws=32)
    said = " ".join(found.notes)
    assert "on the same 32 draws" in said
    assert "In A, in B: means over these draws; those of a run's own draws" in said
