"""The parts in which two crises differ, in words."""

from __future__ import annotations

from collections.abc import Iterable

from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.names import Names, possessive
from offramp.study.comparison.differences import Key

WIDEST = ("timeline", "endings", "actors", "payoffs", "odds", "let", "inputs")
"""Kinds of parts that come first in a list of parts, in this order."""
_SINGLE = {
    "title": tr("the title"),
    "summary": tr("the summary"),
    "correlations": tr("the correlations"),
    "endings": tr("the endings"),
    "timeline": tr("the steps"),
    "pulled": tr("the levers pulled"),
    "as_of": tr("the date"),
    "observed": tr("what was observed"),
    "cases": tr("what past cases record"),
    "known": tr("what is known to have happened"),
}


def in_words(keys: Iterable[Key], names: Names) -> str:
    """Parts or things in words, the widest first."""
    by_width = sorted(keys, key=lambda key: (WIDEST.index(key[0]) if key[0] in WIDEST else len(WIDEST), key))
    return listed((_word(key, names) for key in by_width), 6)


def _word(key: Key, names: Names) -> str:
    match key:
        case ("inputs", name):
            return tr("the input “{name}”", name=names.inputs.get(name, name))
        case ("actors", name):
            return tr("the actor {name}", name=names.actors.get(name, name))
        case ("actors", name, what):
            return _of_actor(what, possessive(names.actors.get(name, name)))
        case ("payoffs", actor, name):
            whose, term = possessive(names.actors.get(actor, actor)), names.terms.get((actor, name), name)
            return tr("{whose} payoff “{name}”", whose=whose, name=term)
        case ("let", name):
            return tr("what “{name}” stands for", name=name)
        case ("odds", name):
            return tr("the odds of {step}", step=names.steps.get(name, name))
        case ("sources", name):
            return tr("the source {name}", name=name)
        case ("steps", name):
            return _step(name, names)
        case ("ending", name):
            return tr("the words of the ending “{name}”", name=names.ending(name))
        case ("endings", name):
            return tr("the key of the ending “{name}”", name=names.endings.get(name, name))
        case ("levers", name):
            return tr("the lever “{name}”", name=names.lever(name))
        case ("measures", name):
            return tr("the measure “{name}”", name=names.measures.get(name, name))
        case ("unpulled", name):
            return tr("the lever “{name}” (not pulled)", name=names.lever(name))
    return _SINGLE[key[0]]


def _of_actor(what: str, whose: str) -> str:
    """What an actor's entry says, by its key."""
    if what == "choice":
        return tr("{whose} choice rule", whose=whose)
    if what == "memory":
        return tr("{whose} memory", whose=whose)
    return tr("{whose} rationality", whose=whose)


def _step(name: str, names: Names) -> str:
    """A step with its kind, as `differences` names it: `the move “Iran's answer”`."""
    kind, _, key = name.partition(" ")
    called = names.steps.get(key, key)
    match kind:
        case "chance":
            return tr("the chance “{name}”", name=called)
        case "move":
            return tr("the move “{name}”", name=called)
        case "tell":
            return tr("the tell “{name}”", name=called)
        case "state":
            return tr("the state “{name}”", name=called)
        case "rounds":
            return tr("the rounds “{name}”", name=called)
    return tr("the together")
