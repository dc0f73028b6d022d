"""Warnings that need no game: each is given once if it applies, and not otherwise."""

from __future__ import annotations

import pytest

from tests.crises import crisis_of

CHANCE = "{chance: weather, odds: {fair: 0.5, foul: rest}}"
HIDDEN = "{chance: weather, odds: {fair: 0.5, foul: rest}, seen_by: []}"
MOVE = "{move: answer, by: north, options: [hold, strike]}"
REPLY = "{move: reply, by: south, options: [absorb, strike]}"


def warnings_of(
    *steps: str, top: str = "", payoff: str = "answer == hold", ending: str = "answer == hold"
) -> list[str]:
    """The warnings about a crisis with these steps."""
    calm = (
        ", south: {calm: 1}" if "south:" in top or "actors:" not in top else ""
    )  # so that south, who may see something, is no idle actor
    lines = [
        "format: 1",
        "title: T",
        "" if "actors:" in top else "actors: {north: {name: North}, south: {name: South}}",
        top,
        "timeline:",
        *(f"  - {step}" for step in steps),
        f"payoffs: {{north: {{term: {{pays: {payoff}, when: end}}}}{calm}}}",
        f"endings: {{first: {ending}, second: otherwise}}",
    ]
    return [warning.message for warning in crisis_of("\n".join(lines)).warnings]


def together(*steps: str) -> str:
    return f"together: [{', '.join(steps)}]"


def rounds(*steps: str) -> str:
    return f"{{rounds: 2, steps: [{', '.join(steps)}]}}"


def test_a_plain_crisis_causes_no_warning() -> None:
    assert warnings_of(MOVE) == []


@pytest.mark.parametrize(
    ("steps", "payoffs", "idle"),
    [
        ([MOVE], "{north: {calm: answer == hold}}", ["south"]),
        ([MOVE, REPLY], "{north: {calm: answer == hold}}", []),
        ([MOVE], "{north: {calm: answer == hold}, south: {war: answer != hold}}", []),
        ([MOVE], "{south: {calm: answer == hold}}", []),
        ([REPLY], "{south: {calm: reply == absorb}}", ["north"]),
    ],
)
def test_an_actor_that_never_moves_and_is_paid_nothing_causes_a_warning(
    steps: list[str], payoffs: str, idle: list[str]
) -> None:
    actors = "actors: {north: {name: North}, south: {name: South}}"
    ending = f"endings: {{first: {'answer == hold' if MOVE in steps else 'reply == absorb'}, second: otherwise}}"
    lines = [
        "format: 1",
        "title: T",
        actors,
        "timeline:",
        *(f"  - {step}" for step in steps),
        f"payoffs: {payoffs}",
        ending,
    ]
    said = [warning.message for warning in crisis_of("\n".join(lines)).warnings]
    assert [message for message in said if message.startswith("actor ")] == [
        f"actor '{actor}' has no move and no payoffs, so it changes nothing; give it one, or leave it out"
        for actor in idle
    ]


@pytest.mark.parametrize(
    ("reason", "count"),
    [
        ("", 1),
        (', because: " "', 1),
        (", because: Ours", 0),
        (", cite: cable ¶1", 0),
        (", because: Ours, cite: cable ¶1", 0),
    ],
)
def test_an_input_without_reason_and_source_causes_a_warning(reason: str, count: int) -> None:
    top = f"sources: {{cable: {{title: The cable}}}}\ninputs: {{luck: {{is: 1{reason}}}}}\n"
    warnings = warnings_of(MOVE, top=top, payoff="luck * (answer == hold)")
    assert warnings == ["input 'luck' has neither a reason (`because`) nor a source (`cite`)"] * count


INPUT = 'inputs: {luck: {is: "uniform(0.4, 0.6)", because: Ours}, cost: {is: "uniform(1, 2)", because: Ours}}\n'
COST = "cost * (answer == hold)"


@pytest.mark.parametrize(
    ("steps", "top", "payoff"),
    [
        ([MOVE], "", "luck * cost * (answer == hold)"),
        ([MOVE], "let: {share: luck / 2}\n", "share * cost * (answer == hold)"),
        ([MOVE], "actors: {north: {name: North, rationality: luck}}\n", COST),
        ([MOVE], "levers: {calm: {set: {cost: cost * luck}}}\n", COST),
        ([CHANCE.replace("0.5", "luck"), MOVE], "", COST),
        ([CHANCE.replace("rest}", "rest}, believed_by: {north: {fair: luck, foul: rest}}"), MOVE], "", COST),
    ],
    ids=["a payoff", "a let", "a rationality", "a lever", "odds", "own odds"],
)
def test_an_input_counts_as_used_if_an_effective_part_names_it(steps: list[str], top: str, payoff: str) -> None:
    assert warnings_of(*steps, top=INPUT + top, payoff=payoff) == []


@pytest.mark.parametrize(
    "top",
    [
        "",
        "let: {share: luck / 2}\n",
        "levers: {calm: {set: {luck: luck / 2}}}\n",
        "correlations: [{of: [luck, cost], rho: 0.5}]\n",
    ],
    ids=["nowhere", "a let that is not used", "a lever on it", "a correlation"],
)
def test_an_input_without_effect_counts_as_not_used(top: str) -> None:
    assert warnings_of(MOVE, top=INPUT + top, payoff=COST) == ["input 'luck' is not used"]


UNSEEN = ["'weather' changes nothing: no later mover sees it and nothing names it"]
FORGETFUL = "actors: {north: {name: North, memory: state}, south: {name: South, memory: state}}\n"
STATE = "{state: weather, start: 0, becomes: weather + 1}"


@pytest.mark.parametrize(
    ("steps", "top"),
    [
        ([MOVE, CHANCE], ""),
        ([HIDDEN, MOVE], ""),
        ([CHANCE.replace("rest}", "rest}, seen_by: [south]"), MOVE], ""),
        ([MOVE, CHANCE, "{tell: weather, to: [north]}"], ""),
        ([together(CHANCE, MOVE)], ""),
        ([rounds(MOVE, CHANCE)], FORGETFUL),
        ([MOVE, STATE], ""),
    ],
    ids=[
        "last",
        "hidden",
        "seen only by an actor who does not move",
        "told too late",
        "at the same time",
        "forgotten",
        "a state",
    ],
)
def test_a_value_that_no_later_mover_sees_and_nothing_names_causes_a_warning(steps: list[str], top: str) -> None:
    assert warnings_of(*steps, top=top) == UNSEEN


@pytest.mark.parametrize(
    ("steps", "top", "ending"),
    [
        ([CHANCE, MOVE], "", ""),
        ([HIDDEN, "{tell: weather, to: [north]}", MOVE], "", "weather == fair"),
        ([together(CHANCE, REPLY), MOVE], "", "reply == absorb"),
        ([rounds(MOVE, CHANCE)], "", ""),
        ([rounds(MOVE, STATE)], FORGETFUL, ""),
        ([MOVE, CHANCE], "", "weather == fair"),
        ([CHANCE, "{move: answer, by: north, options: [hold, strike], only_if: {strike: weather == fair}}"], "", ""),
        ([MOVE, CHANCE, "{state: sun, start: 0, becomes: weather == fair}"], "", "sun == 1"),
    ],
    ids=["seen", "told", "seen after", "seen next round", "a state next round", "an ending", "only_if", "a state"],
)
def test_a_value_that_is_seen_or_named_causes_no_warning(steps: list[str], top: str, ending: str) -> None:
    assert warnings_of(*steps, top=top, ending=ending or "answer == hold") == []


@pytest.mark.parametrize(
    ("payoff", "count"),
    [
        ("-cost * mood == 1", 1),
        ("1 != cost * mood", 1),
        ("-mood == 1", 1),
        ("-cost * (mood == 1)", 0),
        ("cost * mood >= 1", 0),
        ("mood == -1", 0),
        ("mood + 1 == 2", 0),
    ],
)
def test_a_comparison_that_lacks_parentheses_causes_a_warning(payoff: str, count: int) -> None:
    state = "{state: mood, start: 0, becomes: mood + (answer == hold)}"
    top = "inputs: {cost: {is: 1, because: Ours}}\n"
    warnings = warnings_of(MOVE, state, top=top, payoff=payoff)
    assert sum("put parentheses around it" in warning for warning in warnings) == count


SECRET = "{chance: secret, odds: {low: 0.5, high: rest}, seen_by: [north]}"


@pytest.mark.parametrize(
    "steps",
    [
        [SECRET, MOVE],
        [SECRET, MOVE, "{state: idle, start: 0, becomes: secret == low}", REPLY],
        [SECRET.replace("north", "south"), MOVE, REPLY],
    ],
    ids=["not named", "named by a state that changes nothing", "seen only by an actor whose move changes nothing"],
)
def test_a_hidden_fact_that_cannot_change_an_ending_causes_a_warning(steps: list[str]) -> None:
    advice = "let an ending, odds that come later or the payoffs of a mover who sees it depend on it, or leave it out"
    assert warnings_of(*steps).count(f"the hidden fact 'secret' changes no ending: {advice}") == 1


@pytest.mark.parametrize(
    ("steps", "payoff", "ending"),
    [
        ([SECRET.replace(", seen_by: [north]", ""), MOVE], "answer == hold", "answer == hold"),
        ([SECRET, MOVE], "(answer == hold) * (secret == low)", "answer == hold"),
        ([SECRET, MOVE], "answer == hold", "secret == low"),
        ([SECRET, MOVE, f"{CHANCE[:-1]}, if: secret == low}}"], "answer == hold", "weather == fair"),
        ([SECRET, MOVE.replace("by: north", "by: north, if: secret == low")], "answer == hold", "answer == hold"),
        ([REPLY, SECRET, "{tell: reply, to: [north], if: secret == low}", MOVE], "answer == hold", "answer == hold"),
    ],
    ids=["public", "a payoff", "an ending", "a later `if`", "its own `if`", "what the mover is told"],
)
def test_a_hidden_fact_that_may_change_an_ending_causes_no_warning(steps: list[str], payoff: str, ending: str) -> None:
    assert warnings_of(*steps, payoff=payoff, ending=ending) == []


@pytest.mark.parametrize(
    ("seen_by", "count"), [("", 0), (", seen_by: [north]", 0), (", seen_by: []", 0), (", seen_by: [north, south]", 1)]
)
def test_a_state_that_shows_more_than_its_viewers_can_see_causes_a_warning(seen_by: str, count: int) -> None:
    state = f"{{state: mood, start: 0, becomes: mood + (secret == low){seen_by}}}"
    warnings = warnings_of(SECRET, state, MOVE, ending="mood == 1")
    assert warnings == ["state 'mood' shows south more than they can see of the values it names"] * count


@pytest.mark.parametrize(
    ("odds", "absent"),
    [
        ("{fair: 0.5, foul: rest}", []),
        ("[{if: answer == hold, fair: 1, foul: 0}, {fair: 0.5, foul: rest}]", []),
        ("[{if: answer == hold, fair: 1}, {fair: 0.5, foul: rest}]", ["foul"]),
        ("[{if: answer == hold, fair: 1}, {foul: 1}]", ["foul", "fair"]),
    ],
)
def test_a_row_of_odds_that_leaves_out_values_causes_a_warning(odds: str, absent: list[str]) -> None:
    warnings = warnings_of(MOVE, f"{{chance: weather, odds: {odds}}}", ending="weather == fair")
    assert sorted(warnings) == sorted(
        f"this row of 'weather' gives no odds for {value}; they count as 0 here" for value in absent
    )


def test_a_row_that_misspells_a_value_is_told_which_value_is_meant() -> None:
    odds = "[{if: answer == hold, fiar: 1}, {fair: 0.5, foul: rest}]"
    warnings = warnings_of(MOVE, f"{{chance: weather, odds: {odds}}}", ending="weather == fair")
    assert sorted(warnings) == [
        "this row of 'weather' gives no odds for fair and foul; they count as 0 here; did you mean 'fair' by 'fiar'?",
        "this row of 'weather' gives no odds for fiar; they count as 0 here",
    ]


@pytest.mark.parametrize(
    ("stake", "warnings"),
    [
        ('"uniform(1, 2)"', []),
        ("1", ["the correlation of 'luck' and 'stake' has no effect: 'stake' is a constant"]),
    ],
)
def test_a_correlation_with_a_constant_has_no_effect(stake: str, warnings: list[str]) -> None:
    top = (
        f'inputs: {{luck: {{is: "beta(2, 3)", because: Ours}}, stake: {{is: {stake}, because: Ours}}}}\n'
        "correlations: [{of: [luck, stake], rho: 0.5}]\n"
    )
    assert warnings_of(MOVE, top=top, payoff="luck * stake * (answer == hold)") == warnings


def test_correlations_without_effect_cannot_contradict_others() -> None:
    given = {"luck": '"beta(2, 3)"', "stake": '"uniform(1, 2)"', "fee": "1", "toll": "2"}
    inputs = ", ".join(f"{name}: {{is: {value}, because: Ours}}" for name, value in given.items())
    pairs = [("luck", "stake", 0.9), ("luck", "fee", 0.5), ("stake", "fee", -0.5), ("fee", "toll", -0.5)]
    listed = ", ".join(f"{{of: [{first}, {second}], rho: {rho}}}" for first, second, rho in pairs)
    top = f"inputs: {{{inputs}}}\ncorrelations: [{listed}]\n"
    assert warnings_of(MOVE, top=top, payoff="luck * stake * fee * toll * (answer == hold)") == [
        "the correlation of 'luck' and 'fee' has no effect: 'fee' is a constant",
        "the correlation of 'stake' and 'fee' has no effect: 'fee' is a constant",
        "the correlation of 'fee' and 'toll' has no effect: 'fee' is a constant and 'toll' is a constant",
    ]


@pytest.mark.parametrize(
    ("date", "warnings"),
    [
        ("2031-03-02", []),
        (
            "2031-03-01",
            [
                "this is observed on 2031-03-01, before `as_of` (2031-03-02); "
                "`observed` is for what happened after that day"
            ],
        ),
    ],
)
def test_an_observation_before_as_of_causes_a_warning(date: str, warnings: list[str]) -> None:
    top = f"as_of: 2031-03-02\nobserved: [{{date: {date}, answer: hold}}]"
    assert warnings_of(MOVE, top=top) == warnings


LUCK = "{chance: luck, odds: {a: 1}}"
ROUNDS = f"{{rounds: 2, lasts: 1 week, steps: [{MOVE}, {LUCK}]}}"


def test_dates_of_one_entry_or_one_day_are_warned_of_once() -> None:
    late = "{date: 2031-04-02, round: 1, answer: hold, luck: a}, {date: 2031-04-03, round: 2, answer: hold}"
    said = [one for one in warnings_of(ROUNDS, top=f"as_of: 2031-03-02\nobserved: [{late}]") if "observed" in one]
    assert sorted(said) == [
        "'answer' and 'luck' in round 1 are observed on 2031-04-02, after the days of that round "
        "(2031-03-02 to 2031-03-08)",
        "'answer' in round 2 is observed on 2031-04-03, after the days of that round (2031-03-09 to 2031-03-15)",
    ]
    early = "{date: 2031-02-02, round: 1, answer: hold}, {date: 2031-02-02, round: 2, answer: hold}"
    said = [one for one in warnings_of(ROUNDS, top=f"as_of: 2031-03-02\nobserved: [{early}]") if "observed" in one]
    assert said == [
        "this is observed on 2031-02-02, before `as_of` (2031-03-02); `observed` is for what happened after that day"
    ]


@pytest.mark.parametrize(
    ("dates", "observed", "warning"),
    [
        (["2031-03-01", "2031-03-02"], "", None),
        (["2031-03-01", "2031-03-03"], "", "source 's1' is dated 2031-03-03, after `as_of` (2031-03-02)"),
        (["2031-03-09", "2031-03-03"], "", "source 's0' is dated 2031-03-09, after `as_of` (2031-03-02), as is 's1'"),
        (["2031-03-09", "2031-03-03"], "observed: [{date: 2031-03-05, answer: hold}]", None),
    ],
)
def test_a_source_of_later_than_as_of_is_warned_of_unless_the_file_looks_back(
    dates: list[str], observed: str, warning: str | None
) -> None:
    sources = ", ".join(f"s{number}: {{title: A cable, date: {date}}}" for number, date in enumerate(dates))
    hint = "; was what it says known that day? If not, leave it out, or move `as_of`"
    said = warnings_of(MOVE, top=f"as_of: 2031-03-02\nsources: {{{sources}}}\n{observed}")
    assert said == ([] if warning is None else [warning + hint])


@pytest.mark.parametrize(("second", "count"), [("{if: otherwise, avoid: yes}", 1), ("otherwise", 0)])
def test_endings_that_are_all_to_be_avoided_cause_one_warning(second: str, count: int) -> None:
    text = f"""
format: 1
title: T
actors: {{north: {{name: North}}}}
timeline: [{MOVE}]
payoffs: {{north: {{gain: answer == hold}}}}
endings: {{first: {{if: answer == hold, avoid: yes}}, other: {second}}}
"""
    said = [warning.message for warning in crisis_of(text).warnings]
    assert said == ["every ending is marked `avoid`, so no lever can help; leave the better ones unmarked"] * count
