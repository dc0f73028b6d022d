"""A form becomes a crisis file that reads, solves and says what the form says; what is wrong is said at its field."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import one_line
from offramp.crisis.editor.new_crisis import (
    MAX_COURSES,
    MAX_NAME,
    MAX_PAYOFF,
    Estimate,
    NewActor,
    NewCrisis,
    NewEnding,
    NewOption,
    NewStep,
    OptionTaken,
    TakenOptions,
    faults_of,
)
from offramp.crisis.editor.new_crisis_text import actor_keys, new_crisis_text
from offramp.crisis.editor.new_keys import fits_as_key, key_from
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.scalars import is_name
from offramp.crisis.steps import Chance, Move, Tell
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.examples import examples

ODD_NAMES = [
    *("yes", "no", "null", "~", "true", "1e3", "012", "1 / 2", "min(1, 2)", "0x1f", "2031-01-01", "12:30", ".inf"),
    *(
        "- a",
        "# x",
        "a #b",
        "a: b",
        "a:",
        ": a",
        '"',
        "'",
        "''",
        '"a" b',
        "it's",
        "{",
        "[x]",
        "}",
        ",",
        "a, b",
        "\\",
        "\\n",
    ),
    *(
        "!!str x",
        "&a",
        "*a",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "? a",
        "---",
        "...",
        "<<",
        "=",
        "${x}",
        "<b>",
        "a\n b",
        "a\tb",
    ),
    *("rest", "otherwise", "if", "skipped", "round", "date", "log", "value", "step", "option", "ending", "north"),
    *(
        "ﬁre",
        "Straße",
        "İ",
        "½",
        "É",
        "Ёж",
        "戦争",
        "👍",
        "\ufeffx",
        "می\u200cخواهد",
        "ㅎㅏ",
        "µ",
        "аcid",
        "the the",
    ),
]
NAMES = st.one_of(
    st.sampled_from(ODD_NAMES),
    st.text(st.characters(exclude_categories=("C",)), max_size=MAX_NAME).filter(
        lambda text: printable(one_line(text)) == one_line(text)
    ),
).filter(one_line)


def names(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=count, max_size=count, unique_by=one_line)


@st.composite
def estimates(draw: st.DrawFn, least: float, most: float) -> Estimate:
    numbers = st.floats(least, most)
    guess = draw(numbers)
    ends = draw(st.tuples(st.none() | numbers, st.none() | numbers))
    low, high = (None if end is None else pick(end, guess) for end, pick in zip(ends, (min, max), strict=True))
    return Estimate(guess, low, high, draw(st.just("") | NAMES))


@st.composite
def conditions(draw: st.DrawFn, steps: list[NewStep], least: int) -> TakenOptions:
    any_of = draw(st.booleans())
    places = (
        draw(st.lists(st.integers(0, len(steps) - 1), min_size=least, max_size=3, unique=not any_of)) if steps else []
    )
    taken = [OptionTaken(place, draw(st.integers(0, len(steps[place].options) - 1))) for place in places]
    return TakenOptions(tuple(taken), any_of)


@st.composite
def forms(draw: st.DrawFn, payoff: float = 4.0) -> NewCrisis:
    actors = [NewActor(name, wants=draw(st.just("") | NAMES)) for name in draw(names(draw(st.integers(1, 3))))]
    steps: list[NewStep] = []
    for place, name in enumerate(draw(names(draw(st.integers(1, 4))))):
        by = draw(st.integers(0, len(actors) - 1)) if place == 0 else draw(st.none() | st.integers(0, len(actors) - 1))
        named = draw(names(draw(st.integers(2, 3))))
        odds = [draw(estimates(0.0, 1 / (len(named) - 1))) if by is None else Estimate() for _ in named[1:]]
        options = tuple(map(NewOption, named, [*odds, Estimate()]))
        unseen = draw(st.sets(st.integers(0, place - 1))) if place and by is not None else set()
        happens_if = draw(conditions(steps, 0))
        steps.append(NewStep(name, by, options, tuple(sorted(unseen)), happens_if))
    ends = draw(names(draw(st.integers(2, 4))))
    endings = [*(NewEnding(name, draw(conditions(steps, 1))) for name in ends[:-1]), NewEnding(ends[-1])]
    rows = []
    for _ in actors:
        row = [draw(st.just(Estimate()) | estimates(-payoff, payoff)) for _ in endings]
        rows.append((Estimate(1.0), *row[1:]) if not any(any(estimate.bounds) for estimate in row) else tuple(row))
    avoid = draw(st.integers(0, len(endings) - 1))
    return NewCrisis(draw(NAMES), tuple(actors), tuple(steps), tuple(endings), avoid, tuple(rows))


def read(form: NewCrisis) -> Crisis:
    return read_text(new_crisis_text(form).encode(), "new.yaml")


def median(estimate: Estimate) -> float:
    """The median of a triangular distribution, in closed form."""
    low, mode, high = estimate.bounds
    if mode - low >= (high - low) / 2:
        return low + math.sqrt((high - low) * (mode - low) / 2)
    return high - math.sqrt((high - low) * (high - mode) / 2)


def courses(form: NewCrisis) -> Iterator[tuple[dict[int, int], float]]:
    """Every course of the crisis as the form tells it, with its probability under play at random."""

    def on(place: int, course: dict[int, int], share: float) -> Iterator[tuple[dict[int, int], float]]:
        if place == len(form.steps):
            yield course, share
            return
        step = form.steps[place]
        if step.happens_if.taken and not holds(step.happens_if, course):
            yield from on(place + 1, course, share)
            return
        given_odds = [median(option.odds) for option in step.options[:-1]]
        odds = [*given_odds, 1 - sum(given_odds)] if step.by is None else [1 / len(step.options)] * len(step.options)
        for option, odd in enumerate(odds):
            yield from on(place + 1, {**course, place: option}, share * odd)

    yield from on(0, {}, 1.0)


def holds(condition: TakenOptions, course: dict[int, int]) -> bool:
    found = [course.get(one.step) == one.option for one in condition.taken]
    return any(found) if condition.any_of else all(found)


@settings(max_examples=examples(300), deadline=None)
@given(forms())
def test_a_form_gives_a_crisis_with_its_actors_moves_endings_and_numbers(form: NewCrisis) -> None:
    assert faults_of(form) == ()
    crisis = read(form)
    assert crisis.title == one_line(form.title)
    assert [actor.name for actor in crisis.actors.values()] == [one_line(actor.name) for actor in form.actors]
    assert [actor.says for actor in crisis.actors.values()] == [one_line(actor.wants) or None for actor in form.actors]
    assert tuple(crisis.actors) == actor_keys(form.actors)
    steps = [step for step in crisis.named.values() if isinstance(step, Chance | Move)]
    for asked, step in zip(form.steps, steps, strict=True):
        assert step.name == one_line(asked.name)
        assert (step.by if isinstance(step, Move) else None) == (
            None if asked.by is None else [*crisis.actors][asked.by]
        )
        details = step.option_details.values()
        assert [option.name for option in details] == [one_line(option.name) for option in asked.options]
        assert [option.value for option in details] == [None] * len(asked.options)
    assert [ending.name for ending in crisis.endings] == [one_line(ending.name) for ending in form.endings]
    assert [place for place, ending in enumerate(crisis.endings) if ending.avoid] == [form.avoid]
    chance = [option.odds for step in form.steps if step.by is None for option in step.options[:-1]]
    given_numbers = [estimate for estimate in chance if estimate.bounds[0] < estimate.bounds[2]]
    given_numbers += [estimate for row in form.payoffs for estimate in row if any(estimate.bounds)]
    written = [tuple(entry.distribution.parameters.values()) for entry in crisis.inputs.values()]
    expected = [one.bounds if one.bounds[0] < one.bounds[2] else (one.guess,) for one in given_numbers]
    assert written == expected
    reasons = [entry.reason.because for entry in crisis.inputs.values()]
    assert reasons == [one_line(one.because) or "Ours: a first guess" for one in given_numbers]


@settings(max_examples=examples(150), deadline=None)
@given(forms())
def test_the_crisis_of_a_form_is_played_and_paid_as_the_form_tells(form: NewCrisis) -> None:
    crisis = read(form)
    warnings_of(compile_game(crisis))
    assert offramp.solve(crisis).converged
    at_random = offramp.solve(crisis, rationality=0.0)
    shares: dict[int, float] = defaultdict(float)
    for course, share in courses(form):
        ended = next(place for place, ending in enumerate(form.endings) if holds(ending.when, course))
        shares[ended] += share
    expected = [shares[place] for place in range(len(form.endings))]
    assert [*at_random.endings.values()] == pytest.approx(expected, abs=1e-9)
    paid = [sum(share * median(row[place]) for place, share in shares.items()) for row in form.payoffs]
    assert [sum(terms.values()) for terms in at_random.payoffs.values()] == pytest.approx(paid, abs=1e-7)


@settings(max_examples=examples(300), deadline=None)
@given(forms())
def test_an_actor_has_seen_what_the_form_says_at_every_move(form: NewCrisis) -> None:
    crisis = read(form)
    known: dict[str, set[str]] = {actor: set() for actor in crisis.actors}
    order: list[str] = []
    for step in crisis.timeline:
        if isinstance(step, Tell):
            for actor in step.to:
                known[actor].add(step.step)
            continue
        assert isinstance(step, Chance | Move)
        asked = form.steps[len(order)]
        if isinstance(step, Move):
            earlier = [number for number in range(len(order)) if form.steps[number].by == asked.by]
            for place, key in enumerate(order):
                views = [form.steps[number] for number in earlier if number > place] + [asked]
                seen = form.steps[place].by == asked.by or any(place not in view.unseen for view in views)
                assert (key in known[step.by]) == seen
        for actor in step.seen_by:
            known[actor].add(step.key)
        order.append(step.key)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_every_name_gives_a_key_of_the_language_and_no_key_twice(texts: list[str]) -> None:
    taken: list[str] = []
    for text in texts:
        taken.append(key_from(text, taken, "step"))
    assert len(set(taken)) == len(taken)
    assert all(is_name(key) and fits_as_key(key) for key in taken)


def test_a_small_form_gives_a_tidy_file() -> None:
    assert new_crisis_text(SMALL_FORM) == SMALL_TEXT
    assert warnings_of(compile_game(read(SMALL_FORM))) == ()
    assert max(map(len, SMALL_TEXT.splitlines())) <= 120
    with_lever = SMALL_TEXT.replace("# levers:", "levers:").replace("#   talks", "  talks")
    assert [*read_text(with_lever.encode(), "new.yaml").levers] == ["talks"]


SMALL_FORM = NewCrisis(
    title="The rig on the reef",
    actors=(NewActor("Northland", "north", "The reef, without shots"), NewActor("Southland")),
    steps=(
        NewStep("a quiet word", 0, (NewOption("silence"), NewOption("a warning"))),
        NewStep("Northland's answer", 0, (NewOption("a protest"), NewOption("a blockade"))),
        NewStep(
            "Southland's reply",
            1,
            (NewOption("withdrawing the rig"), NewOption("sending the navy")),
            unseen=(0,),
            happens_if=TakenOptions((OptionTaken(1, 1),)),
        ),
        NewStep(
            "shots",
            None,
            (NewOption("shots at sea", Estimate(0.3, 0.1, 0.6, "A nervous coast guard")), NewOption("no shots")),
            happens_if=TakenOptions((OptionTaken(2, 1),)),
        ),
        NewStep("Southland's last word", 1, (NewOption("an apology"), NewOption("no word"))),
    ),
    endings=(
        NewEnding("a clash", TakenOptions((OptionTaken(3, 0),))),
        NewEnding("the rig gone", TakenOptions((OptionTaken(2, 0), OptionTaken(4, 0)), any_of=True)),
        NewEnding("the rig in its place"),
    ),
    avoid=0,
    payoffs=(
        (Estimate(-3, -5, -1.5, "One chance in four for the reef"), Estimate(1), Estimate()),
        (Estimate(-2), Estimate(-1), Estimate(0.2)),
    ),
)
SMALL_TEXT = """\
# yaml-language-server: $schema=crisis.schema.json
# Written from the answers to a form. From now on it is yours: change anything, and check it after each change.
# For completion and help in your editor, run `offramp schema > crisis.schema.json` in this folder.

format: 1
title: The rig on the reef
# Next: as_of (the day whose knowledge the file holds), summary (what has happened) and sources (the documents).

# Who acts. Keys such as `north` are for this file; readers see names.
actors:
  north: {name: Northland, says: "The reef, without shots"}
  southland: {name: Southland}

# The numbers that nobody knows well, each as a distribution: triangular(low, likeliest, high).
# Next: a better reason in place of "Ours", or a place in a source, as in `cite: report ¶2`.
inputs:
  shots_at_sea_odds: {is: "triangular(0.1, 0.3, 0.6)", name: the odds of shots at sea, because: A nervous coast guard}
  north_clash:
    is: "triangular(-5, -3, -1.5)"
    name: the worth of a clash to Northland
    because: One chance in four for the reef
  north_rig_gone: {is: 1, name: the worth of the rig gone to Northland, because: "Ours: a first guess"}
  southland_clash: {is: -2, name: the worth of a clash to Southland, because: "Ours: a first guess"}
  southland_rig_gone: {is: -1, name: the worth of the rig gone to Southland, because: "Ours: a first guess"}
  southland_rig_in_its_place:
    is: 0.2
    name: the worth of the rig in its place to Southland
    because: "Ours: a first guess"

# What happens, in order.
# Next: `says` tells in one line what a step or an option is, and what repeats goes under `rounds`.
timeline:
  - move: quiet_word
    name: a quiet word
    by: north
    options: {silence: silence, warning: a warning}
    seen_by: []
  - move: northlands_answer
    name: Northland's answer
    by: north
    options: {protest: a protest, blockade: a blockade}
  - move: southlands_reply
    name: Southland's reply
    by: southland
    if: northlands_answer == blockade
    options: {withdrawing_rig: withdrawing the rig, sending_navy: sending the navy}
  - chance: shots
    name: shots
    if: southlands_reply == sending_navy
    options: {shots_at_sea: shots at sea, no_shots: no shots}
    odds: {shots_at_sea: shots_at_sea_odds, no_shots: rest}
  - {tell: quiet_word, to: [southland]}
  - move: southlands_last_word
    name: Southland's last word
    by: southland
    options: {apology: an apology, no_word: no word}

# Which course leads to which ending.
let:
  clash: shots == shots_at_sea
  rig_gone: (southlands_reply == withdrawing_rig or southlands_last_word == apology) and not clash
  rig_in_its_place: not clash and not rig_gone

# What is 1? Say here what a payoff of 1 stands for, and compare every other payoff with that.
# Next: terms of their own for what an actor wins or loses on the way, as in `face: -0.5 * (STEP == OPTION)`.
payoffs:
  north:
    clash: {pays: north_clash * clash, name: a clash}
    rig_gone: {pays: north_rig_gone * rig_gone, name: the rig gone}
  southland:
    clash: {pays: southland_clash * clash, name: a clash}
    rig_gone: {pays: southland_rig_gone * rig_gone, name: the rig gone}
    rig_in_its_place: {pays: southland_rig_in_its_place * rig_in_its_place, name: the rig in its place}

# How it can end: the first whose condition holds. `avoid: yes` marks what is to be kept from happening.
endings:
  clash: {if: clash, name: a clash, avoid: yes}
  rig_gone: {if: rig_gone, name: the rig gone}
  rig_in_its_place: {if: otherwise, name: the rig in its place}

# Next: what could be tried. `set` changes inputs, `forbid` takes options away.
# levers:
#   talks: {forbid: {quiet_word: [warning]}, cost: 1, name: talks, because: "Ours: why it could work"}
"""


def test_a_reason_of_white_space_is_none() -> None:
    first, *others = SMALL_FORM.payoffs
    blank = changed(payoffs=(tuple(replace(estimate, because=" \n") for estimate in first), *others))
    bare = changed(payoffs=(tuple(replace(estimate, because="") for estimate in first), *others))
    assert new_crisis_text(blank) == new_crisis_text(bare)


def changed(**more: Any) -> NewCrisis:
    return replace(SMALL_FORM, **more)


def with_step(place: int, **more: Any) -> NewCrisis:
    steps = [*SMALL_FORM.steps]
    steps[place] = replace(steps[place], **more)
    return changed(steps=tuple(steps))


TWO = (NewOption("a"), NewOption("b"))
BOTH = (OptionTaken(0, 0), OptionTaken(0, 1))
WRONG = [
    (changed(title=" "), "title", "give the crisis a title"),
    (changed(title="x\x1b"), "title", "take out the control character"),
    (changed(title="x" * 121), "title", "at most 120 characters; found 121"),
    (changed(actors=(), payoffs=()), "actors", "add an actor: at least 1"),
    (changed(actors=(NewActor("A"), NewActor("A"))), "actors.1.name", "another one here has this name"),
    (changed(actors=(NewActor("A", "2"), NewActor("B"))), "actors.0.key", "letters, digits and _"),
    (changed(actors=(NewActor("A", "x"), NewActor("B", "x"))), "actors.1.key", "another actor has this key"),
    (changed(actors=(NewActor("A"), NewActor(""))), "actors.1.name", "give it a name"),
    (changed(steps=()), "steps", "add a step: at least 1"),
    (with_step(0, options=TWO[:1]), "steps.0.options", "add an option: at least 2"),
    (with_step(0, options=(NewOption("a"), NewOption(" a "))), "steps.0.options.1.name", "another one here"),
    (with_step(0, by=2), "steps.0.by", "choose who moves"),
    (with_step(0, unseen=(0,)), "steps.0.unseen", "an actor can see earlier steps only"),
    (
        with_step(1, happens_if=TakenOptions((OptionTaken(1, 0),))),
        "steps.1.happens_if.0",
        "an option of an earlier step",
    ),
    (with_step(3, options=(NewOption("a"), NewOption("b"))), "steps.3.options.0.odds", "give the odds"),
    (with_step(3, options=(NewOption("a", Estimate(1.2)), NewOption("b"))), "steps.3.options.0.odds", "from 0 to 1"),
    (
        with_step(3, options=(NewOption("a", Estimate(0.6)), NewOption("b", Estimate(0.2, high=0.5)), NewOption("c"))),
        "steps.3.options",
        "as much as 1.1",
    ),
    (changed(steps=(replace(SMALL_FORM.steps[0], options=TWO * 3),) * 6), "steps", "46,656 courses; at most 20,000"),
    (changed(steps=(replace(SMALL_FORM.steps[3], happens_if=TakenOptions()),)), "steps", "add a move"),
    (changed(endings=SMALL_FORM.endings[:1], payoffs=((Estimate(1),),) * 2), "endings", "add an ending: at least 2"),
    (changed(endings=(NewEnding("a"), *SMALL_FORM.endings[1:])), "endings.0.when", "say which option leads here"),
    (
        changed(
            endings=(NewEnding("a", TakenOptions((OptionTaken(0, 0), OptionTaken(0, 1)))), *SMALL_FORM.endings[1:])
        ),
        "endings.0.when.1",
        "a step takes one option only",
    ),
    (changed(endings=(*SMALL_FORM.endings[1:], SMALL_FORM.endings[0])), "endings.2.when", "is reached otherwise"),
    (changed(avoid=3), "avoid", "choose the ending to avoid"),
    (changed(payoffs=()), "payoffs", "for each actor and ending"),
    (changed(payoffs=(SMALL_FORM.payoffs[0], (Estimate(),) * 3)), "payoffs.1", "chooses at random"),
    (changed(payoffs=(SMALL_FORM.payoffs[0], (Estimate(low=1), Estimate(1), Estimate()))), "payoffs.1.0", "best guess"),
    (changed(payoffs=(SMALL_FORM.payoffs[0], (Estimate(1, 2, 3),) * 3)), "payoffs.1.0", "from the lowest"),
    (changed(payoffs=(SMALL_FORM.payoffs[0], (Estimate(101),) * 3)), "payoffs.1.2", "from -100 to 100"),
]


@pytest.mark.parametrize(("form", "at", "message"), WRONG, ids=[f"{at} {message[:20]}" for _, at, message in WRONG])
def test_what_is_wrong_is_said_at_its_field(form: NewCrisis, at: str, message: str) -> None:
    found = {fault.at: fault.message for fault in faults_of(form)}
    assert message in found[at]
    with pytest.raises(UsageError):
        new_crisis_text(form)


def test_all_that_is_wrong_is_said_at_once() -> None:
    form = replace(with_step(0, name=""), title="", avoid=1)
    assert {fault.at for fault in faults_of(form)} == {"title", "steps.0.name"}


def test_the_largest_form_still_solves_in_the_workbench() -> None:
    from offramp.app.schemas import NODES

    steps = tuple(NewStep(f"step {place}", place % 3, TWO) for place in range(12))
    courses_made = 2**12
    steps = (*steps[:10], *(replace(step, options=(*TWO, NewOption("c"), NewOption("d"))) for step in steps[10:]))
    assert courses_made * 4 <= MAX_COURSES
    actors = tuple(NewActor(f"actor {place}") for place in range(3))
    when = TakenOptions(tuple(OptionTaken(place, 1) for place in range(8)), any_of=False)
    endings = (*(NewEnding(f"e{place}", replace(when, any_of=place % 2 == 1)) for place in range(7)), NewEnding("last"))
    payoffs = tuple(tuple(Estimate(MAX_PAYOFF * (-1) ** (a + e)) for e in range(8)) for a in range(3))
    form = NewCrisis("large", actors, steps, endings, 0, payoffs)
    assert faults_of(form) == ()
    game = compile_game(read(form), NODES)
    assert offramp.solve(game).converged
