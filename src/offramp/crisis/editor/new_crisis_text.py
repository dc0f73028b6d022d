"""Writes the crisis file of a new crisis from the answers to its form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from offramp.common.errors import UsageError
from offramp.common.words import one_line
from offramp.crisis.editor.new_crisis import Estimate, NewActor, NewCrisis, NewStep, TakenOptions, faults_of
from offramp.crisis.editor.new_keys import YAML_WORDS, fits_as_key, free, key_from
from offramp.crisis.editor.rewriting import written

WIDTH = 118
"""Longer mappings are written over several lines."""
_PLAIN = re.compile(r"[^\W\d_](?:[\w '’;-]*\w)?")
"""Texts that need no quotes, in braces or outside: they begin with a letter and contain no sign of YAML."""
_NO_REASON = "Ours: a first guess"

_HEAD = """\
# yaml-language-server: $schema=crisis.schema.json
# Written from the answers to a form. From now on it is yours: change anything, and check it after each change.
# For completion and help in your editor, run `offramp schema > crisis.schema.json` in this folder.
"""
_TITLE = """\
# Next: as_of (the day whose knowledge the file holds), summary (what has happened) and sources (the documents).
"""
_ACTORS = """\
# Who acts. Keys such as `{key}` are for this file; readers see names.
"""
_INPUTS = """\
# The numbers that nobody knows well, each as a distribution: triangular(low, likeliest, high).
# Next: a better reason in place of "Ours", or a place in a source, as in `cite: report ¶2`.
"""
_TIMELINE = """\
# What happens, in order.
# Next: `says` tells in one line what a step or an option is, and what repeats goes under `rounds`.
"""
_LET = """\
# Which course leads to which ending.
"""
_PAYOFFS = """\
# What is 1? Say here what a payoff of 1 stands for, and compare every other payoff with that.
# Next: terms of their own for what an actor wins or loses on the way, as in `face: -0.5 * (STEP == OPTION)`.
"""
_ENDINGS = """\
# How it can end: the first whose condition holds. `avoid: yes` marks what is to be kept from happening.
"""
_LEVERS = """\
# Next: what could be tried. `set` changes inputs, `forbid` takes options away.
# levers:
#   talks: {{forbid: {{{step}: [{option}]}}, cost: 1, name: talks, because: "Ours: why it could work"}}
"""


@dataclass(frozen=True)
class NewKeys:
    """The keys of the parts of a new crisis, in the order of the form; `lets`: of the endings' conditions.

    `odds`: the inputs of chance steps by step and option, `payoffs`: those of payoffs by actor and ending.
    """

    actors: tuple[str, ...]
    steps: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    endings: tuple[str, ...]
    lets: tuple[str, ...]
    odds: dict[tuple[int, int], str]
    payoffs: dict[tuple[int, int], str]


def actor_keys(actors: Sequence[NewActor]) -> tuple[str, ...]:
    """The keys of the actors: their own or, if they have none that fits, one made from the name."""
    own = [actor.key if fits_as_key(actor.key) else "" for actor in actors]
    keys: list[str] = []
    for actor, key in zip(actors, own, strict=True):
        keys.append(key or key_from(actor.name, {*keys, *own}, "actor"))
    return tuple(keys)


def new_crisis_text(form: NewCrisis) -> str:
    """The text of a crisis file with the actors, steps, endings and payoffs of a form.

    Raises
    ------
    UsageError
        If an answer is missing or wrong; `faults_of` lists everything that is.
    """
    if faults := faults_of(form):
        raise UsageError(f"{faults[0].at}: {faults[0].message}")
    keys = _keys(form)
    sections = (
        [*_HEAD.splitlines()],
        ["format: 1", f"title: {_scalar(form.title)}", *_TITLE.splitlines()],
        _section(_ACTORS.format(key=keys.actors[0]), "actors", _actors(form, keys)),
        _section(_INPUTS, "inputs", _inputs(form, keys)),
        _section(_TIMELINE, "timeline", _timeline(form, keys)),
        _section(_LET, "let", _lets(form, keys)),
        _section(_PAYOFFS, "payoffs", _payoffs(form, keys)),
        _section(_ENDINGS, "endings", _endings(form, keys)),
        _levers(form, keys),
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _keys(form: NewCrisis) -> NewKeys:
    """Keys for all parts: no two of a kind are equal, and no option has the key of an actor, step, let or input."""
    actors = actor_keys(form.actors)
    steps = _distinct((step.name for step in form.steps), actors, "step")
    options = [_distinct((option.name for option in step.options), {*actors, *steps}, "option") for step in form.steps]
    endings = _distinct((ending.name for ending in form.endings), (), "ending")
    taken = {*actors, *steps, *(key for row in options for key in row)}
    lets: list[str] = []
    for key in endings:
        lets.append(key if key not in {*taken, *lets} else free(f"ends_in_{key}", {*taken, *lets}))
    taken |= set(lets)
    odds: dict[tuple[int, int], str] = {}
    for place, step in enumerate(form.steps):
        for number, option in enumerate(step.options[:-1]):
            if step.by is None and _is_uncertain(option.odds):
                odds[place, number] = free(f"{options[place][number]}_odds", taken)
                taken.add(odds[place, number])
    payoffs: dict[tuple[int, int], str] = {}
    for actor, row in enumerate(form.payoffs):
        for ending, estimate in enumerate(row):
            if any(estimate.bounds):
                payoffs[actor, ending] = free(f"{actors[actor]}_{endings[ending]}", taken)
                taken.add(payoffs[actor, ending])
    return NewKeys(actors, steps, tuple(options), endings, tuple(lets), odds, payoffs)


def _distinct(names: Iterable[str], taken: Iterable[str], otherwise: str) -> tuple[str, ...]:
    keys: list[str] = []
    for name in names:
        keys.append(key_from(name, {*taken, *keys}, otherwise))
    return tuple(keys)


def _is_uncertain(estimate: Estimate) -> bool:
    low, _, high = estimate.bounds
    return low < high


def _section(comment: str, key: str, lines: Sequence[str]) -> list[str]:
    return [*comment.splitlines(), f"{key}:", *lines] if lines else []


def _actors(form: NewCrisis, keys: NewKeys) -> list[str]:
    lines: list[str] = []
    for key, actor in zip(keys.actors, form.actors, strict=True):
        says = {"says": _scalar(actor.wants)} if one_line(actor.wants) else {}
        lines += _mapping(2, key, {"name": _scalar(actor.name)} | says)
    return lines


def _inputs(form: NewCrisis, keys: NewKeys) -> list[str]:
    lines: list[str] = []
    for (place, number), key in keys.odds.items():
        option = form.steps[place].options[number]
        lines += _mapping(2, key, _input(f"the odds of {option.name}", option.odds))
    for (actor, ending), key in keys.payoffs.items():
        name = f"the worth of {form.endings[ending].name} to {form.actors[actor].name}"
        lines += _mapping(2, key, _input(name, form.payoffs[actor][ending]))
    return lines


def _input(name: str, estimate: Estimate) -> dict[str, str]:
    low, guess, high = map(written, estimate.bounds)
    value = f'"triangular({low}, {guess}, {high})"' if _is_uncertain(estimate) else guess
    return {"is": value, "name": _scalar(name), "because": _scalar(one_line(estimate.because) or _NO_REASON)}


def _timeline(form: NewCrisis, keys: NewKeys) -> list[str]:
    seen_by, told = _sights(form)
    lines: list[str] = []
    for place, step in enumerate(form.steps):
        for earlier, actor in told[place]:
            lines.append(f"  - {{tell: {keys.steps[earlier]}, to: [{keys.actors[actor]}]}}")
        options = keys.options[place]
        fields = {"chance" if step.by is None else "move": keys.steps[place], "name": _scalar(step.name)}
        if step.by is not None:
            fields["by"] = keys.actors[step.by]
        if step.happens_if.taken:
            fields["if"] = _condition(step.happens_if, keys)
        first, *rest = (f"{field}: {value}" for field, value in fields.items())
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
        names = (_scalar(option.name) for option in step.options)
        lines += _mapping(4, "options", dict(zip(options, names, strict=True)))
        if step.by is None:
            lines += _mapping(4, "odds", dict(zip(options, _odds(step, place, keys), strict=True)))
        if (actors := seen_by[place]) is not None:
            lines.append(f"    seen_by: [{', '.join(keys.actors[actor] for actor in actors)}]")
    return lines


def _odds(step: NewStep, place: int, keys: NewKeys) -> list[str]:
    given = enumerate(step.options[:-1])
    return [*(keys.odds.get((place, number)) or written(option.odds.bounds[1]) for number, option in given), "rest"]


def _sights(form: NewCrisis) -> tuple[list[list[int] | None], dict[int, list[tuple[int, int]]]]:
    """Who sees each step at once, None for everybody; and before each move, the steps that actors are told.

    An actor that has seen a step at one of its moves has seen it at every later one.
    """
    seen_by: list[list[int] | None] = []
    told: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, step in enumerate(form.steps):
        at_once: list[int] = []
        hidden = False
        for actor in sorted(form.movers() - {step.by}):
            later = [number for number in range(place + 1, len(form.steps)) if form.steps[number].by == actor]
            first = next((number for number in later if place not in form.steps[number].unseen), None)
            if first is not None and first == later[0]:
                at_once.append(actor)
            elif first is not None:
                told[first].append((place, actor))
            hidden = hidden or (bool(later) and first != later[0])
        seen_by.append(at_once if hidden else None)
    return seen_by, told


def _lets(form: NewCrisis, keys: NewKeys) -> list[str]:
    """The conditions of the endings, each without what leads to an ending above it."""
    last = len(form.endings) - 1
    lines: list[str] = []
    for place, (key, ending) in enumerate(zip(keys.lets, form.endings, strict=True)):
        if place == last:
            if any(of == last for _, of in keys.payoffs):
                lines.append(f"  {key}: {' and '.join(f'not {above}' for above in keys.lets[:last])}")
            continue
        above = [
            f"not {keys.lets[other]}" for other in range(place) if not form.endings[other].when.excludes(ending.when)
        ]
        condition = _condition(ending.when, keys)
        several = bool(above) and ending.when.any_of and len(ending.when.taken) > 1
        lines.append(f"  {key}: {' and '.join([f'({condition})' if several else condition, *above])}")
    return lines


def _condition(condition: TakenOptions, keys: NewKeys) -> str:
    taken = dict.fromkeys((one.step, one.option) for one in condition.taken)
    comparisons = (f"{keys.steps[step]} == {keys.options[step][option]}" for step, option in taken)
    return (" or " if condition.any_of else " and ").join(comparisons)


def _payoffs(form: NewCrisis, keys: NewKeys) -> list[str]:
    lines: list[str] = []
    for actor, actor_key in enumerate(keys.actors):
        terms: list[str] = []
        for (whose, ending), key in keys.payoffs.items():
            if whose == actor:
                pays = {"pays": f"{key} * {keys.lets[ending]}", "name": _scalar(form.endings[ending].name)}
                terms += _mapping(4, keys.endings[ending], pays)
        lines += [f"  {actor_key}:", *terms] if terms else []
    return lines


def _endings(form: NewCrisis, keys: NewKeys) -> list[str]:
    last = len(form.endings) - 1
    lines: list[str] = []
    for place, (key, ending) in enumerate(zip(keys.endings, form.endings, strict=True)):
        fields = {"if": keys.lets[place] if place < last else "otherwise", "name": _scalar(ending.name)}
        lines += _mapping(2, key, fields | ({"avoid": "yes"} if place == form.avoid else {}))
    return lines


def _levers(form: NewCrisis, keys: NewKeys) -> list[str]:
    place = next(place for place, step in enumerate(form.steps) if step.by is not None)
    return _LEVERS.format(step=keys.steps[place], option=keys.options[place][-1]).splitlines()


def _mapping(indent: int, key: str, fields: dict[str, str]) -> list[str]:
    """A mapping of values as they stand in the file, in braces if it fits on a line."""
    before = f"{' ' * indent}{key}:"
    pairs = [f"{field}: {value}" for field, value in fields.items()]
    line = f"{before} {{{', '.join(pairs)}}}"
    return [line] if len(line) <= WIDTH else [before, *(f"{' ' * (indent + 2)}{pair}" for pair in pairs)]


def _scalar(text: str) -> str:
    """A text as a value of YAML that reads back as the same text, in quotes if it needs them."""
    text = one_line(text)
    if _PLAIN.fullmatch(text) and text.lower() not in YAML_WORDS:
        return text
    return quoted_text(text)


def quoted_text(text: str) -> str:
    r"""A text in double quotes, as a value of YAML that reads back as the same text.

    Examples
    --------
    >>> print(quoted_text('a "staged" answer, or none'))
    "a \"staged\" answer, or none"
    """
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))).strip()
