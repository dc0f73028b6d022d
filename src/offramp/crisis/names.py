"""The names of a crisis's parts, for everything that a person reads; keys are for the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import cut, listed
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.steps import Chance, Move

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.crisis.observation import Facts

MAX_SOURCE = 40
"""Maximum number of characters of an author or a title in a sentence; a longer one is cut."""

NO_LEVER = "no lever"
"""What stands in data for no lever; with its space it is no lever's key."""


def levers_label(levers: Iterable[str]) -> str:
    """A set of levers in data, by their keys.

    Examples
    --------
    >>> levers_label(["hotline", "talks"]), levers_label([])
    ('hotline + talks', 'no lever')
    """
    return " + ".join(levers) or NO_LEVER


_TABLE = re.compile(r"(?P<name>.+), [0-9,]+ rows?, (?:SHA-256 [0-9a-f]{64}|given in Python)")
"""The title of a table of past cases, which a fit adds as a source; a table has no paragraphs."""


@dataclass(frozen=True)
class Names:
    """How the parts of a crisis are called, by their keys; `options` by step and option, `terms` by actor and term.

    `moves`: the keys of the moves; every other step happens by chance. `pulled`: the names of the levers in force.
    `cites`: cites and sources, by the author or the title of the source. `numbers`: by state and value, the text of
    the values that six digits do not tell apart.
    """

    actors: Mapping[str, str]
    inputs: Mapping[str, str]
    steps: Mapping[str, str]
    moves: frozenset[str]
    options: Mapping[tuple[str, str], str]
    terms: Mapping[tuple[str, str], str]
    endings: Mapping[str, str]
    levers: Mapping[str, str]
    measures: Mapping[str, str]
    cites: Mapping[str, str]
    pulled: tuple[str, ...]
    numbers: Mapping[tuple[str, float], str] = field(default_factory=dict)

    def step(self, label: str, number: int = 0) -> str:
        """A step or state, or the label of a fact that an actor sees: `Iran's answer in round 2`.

        `label` may hold the time itself: `answer@2`, or `war@start`; `number` is a round, 0 outside rounds.
        """
        if label in self.steps:
            name, when = self.steps[label], str(number or "")
        else:
            key, _, when = label.partition("@")
            key, told, count = key.partition(" (told ")
            name = self.steps.get(key, key.replace("_", " "))
            if told:
                name = tr("{step}, as told the {nth} time", step=name, nth=_nth(count))
        if not when:
            return name
        if when == "start":
            return tr("{step} at the start", step=name)
        return tr("{step} in round {round}", step=name, round=when)

    def option(self, step: str, key: str | float) -> str:
        """An option of a step; of a step that does not happen, that it is not made or does not arise.

        `step` may be the label of a fact; a number is the value of a state, or a round.
        """
        step = self.key_of(step)
        if not isinstance(key, str):
            return self.numbers.get((step, key)) or format(key, "g")
        if key == SKIPPED:
            return self.absent(step)
        return self.options.get((step, key), key)

    def ending(self, key: str) -> str:
        """An ending; what stands for several endings at once is its own name."""
        return self.endings.get(key, key)

    def lever(self, key: str) -> str:
        """A lever by its key, or that there is none, by `NO_LEVER`."""
        return self.levers.get(key) or tr("no lever")

    def cite(self, text: str) -> str:
        """A cite or a source: `Andrew Korybko ¶15`."""
        return self.cites.get(text, text)

    def absent(self, step: str) -> str:
        """That a step does not happen, in words: a chance step does not arise, a move is not made."""
        return tr("not made") if step in self.moves else tr("does not arise")

    def key_of(self, label: str) -> str:
        """The step or state that the label of a fact is about."""
        return label if label in self.steps else label.partition("@")[0].partition(" (told")[0]

    def fact(self, label: str, value: str | float) -> str:
        """A fact that an actor knows, as a note: `Iran's answer in round 1: a salvo`."""
        if label == "round":
            return tr("round {round}", round=self.option(label, value))
        return f"{self.step(label)}: {self.option(label, value)}"

    def facts(self, facts: Mapping[str, str | float]) -> str:
        """Facts that an actor knows, in one line."""
        return "; ".join(self.fact(label, value) for label, value in facts.items())

    def known(self, step: str, number: int, values: Iterable[str]) -> str:
        """What is known of a step in a round: `Iran's answer in round 1: a salvo or no answer`."""
        return f"{self.step(step, number)}: {listed((self.option(step, value) for value in values), last='or')}"

    def all_known(self, facts: Facts) -> str:
        """What is known of several steps: `Iran's answer in round 1: a salvo and the talks: not made`."""
        return listed(self.known(step, number, values) for (step, number), values in facts.items())

    def options_of(self, move: str) -> dict[str, str]:
        """The options of a step."""
        return {key: name for (step, key), name in self.options.items() if step == move}

    def terms_of(self, actor: str) -> dict[str, str]:
        """The payoff terms of an actor."""
        return {key: name for (whose, key), name in self.terms.items() if whose == actor}

    def lever_set(self, keys: Iterable[str]) -> str:
        """Levers pulled together, in a sentence."""
        return listed((self.levers[key] for key in keys), 20) or tr("no lever")


def names_of(crisis: Crisis) -> Names:
    """The names of the parts of a crisis."""
    choices = [step for step in crisis.named.values() if isinstance(step, Chance | Move)]
    options = [(step.key, option) for step in choices for option in step.option_details.values()]
    return Names(
        actors={key: printable(actor.name) for key, actor in crisis.actors.items()},
        inputs={key: printable(entry.name) for key, entry in crisis.inputs.items()},
        steps={key: printable(step.name) for key, step in crisis.named.items()},
        moves=frozenset(step.key for step in choices if isinstance(step, Move)),
        options={(step, option.key): printable(option.name) for step, option in options},
        terms={(term.actor, term.key): printable(term.name) for term in crisis.terms},
        endings={ending.key: printable(ending.name) for ending in crisis.endings},
        levers={key: printable(lever.name) for key, lever in crisis.levers.items()},
        measures={measure.key: printable(measure.name) for measure in crisis.measures},
        cites=_cites_of(crisis),
        pulled=tuple(printable(crisis.levers[key].name) for key in crisis.pulled),
    )


def _cites_of(crisis: Crisis) -> dict[str, str]:
    """Sources and cites with the source's author in place of its key; with its title if the author wrote several.

    A table of past cases is its name alone.
    """
    tables = {key: found["name"] for key, source in crisis.sources.items() if (found := _TABLE.fullmatch(source.title))}
    authors = Counter(source.author for source in crisis.sources.values())
    sources = {
        key: printable(
            cut(source.author, MAX_SOURCE)
            if source.author and authors[source.author] == 1
            else f"“{cut(tables.get(key, source.title), MAX_SOURCE)}”"
        )
        for key, source in crisis.sources.items()
    }
    passages = {
        cite.text: "" if cite.source in tables else cite.text.strip().removeprefix(cite.source).strip()
        for cite in crisis.cites
    }
    return sources | {
        cite.text: f"{sources[cite.source]} {printable(passages[cite.text])}".rstrip() for cite in crisis.cites
    }


def either(a: Names, b: Names) -> Names:
    """The names of what two crises have; for what both have, those of `a`."""
    return Names(
        actors={**b.actors, **a.actors},
        inputs={**b.inputs, **a.inputs},
        steps={**b.steps, **a.steps},
        moves=a.moves | b.moves,
        options={**b.options, **a.options},
        terms={**b.terms, **a.terms},
        endings={**b.endings, **a.endings},
        levers={**b.levers, **a.levers},
        measures={**b.measures, **a.measures},
        cites={**b.cites, **a.cites},
        pulled=a.pulled,
    )


def capital(name: str) -> str:
    """A name at the beginning of a sentence or of a heading.

    Examples
    --------
    >>> capital("the war"), capital("US restraint")
    ('The war', 'US restraint')
    """
    return name[:1].upper() + name[1:]


def possessive(name: str) -> str:
    """A name as the owner of what follows.

    Examples
    --------
    >>> possessive("Northland"), possessive("the United States")
    ("Northland's", "the United States'")
    """
    return tr("{owner}'", owner=name) if name.endswith("s") else tr("{owner}'s", owner=name)


def _nth(count: str) -> str:
    number = int(count.rstrip(")"))
    return {1: tr("first"), 2: tr("second"), 3: tr("third")}.get(number) or tr("{number}th", number=number)
