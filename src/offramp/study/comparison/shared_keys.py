"""Gives the second of two crises the keys of the first, by a map of keys, so that they can be compared part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from offramp.common.words import listed
from offramp.crisis.editor.renaming import Keys, Renaming, grids_of, renamed
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, either, names_of
from offramp.crisis.scalars import MAX_NAME
from offramp.study.key_map import KeyMap, check_keys, keys_of

NAMED = ("actors", "inputs", "let", "steps")
"""The sections whose keys share one set of names."""


@dataclass(frozen=True)
class SharedKeys:
    """Two crises, the second of them, `b`, with the keys of the first.

    `counted`: of each ending that counts as one with others, the key under which they count. `told`: the endings that
    stand in a row of the map, by their keys here. `names`: of the parts of both. `by`: the map, in words; "" without.
    """

    b: Crisis
    renaming: Renaming
    counted: Mapping[str, str]
    told: frozenset[str]
    names: Names
    by: str


def with_own_keys(a: Crisis, b: Crisis) -> SharedKeys:
    """Two crises as they are, which share the keys that both have."""
    return SharedKeys(b, Renaming(), {}, frozenset(), either(names_of(a), names_of(b)), "")


def with_shared_keys(a: Crisis, b: Crisis, key_map: KeyMap) -> SharedKeys:
    """Crisis B with A's keys for all that the map says is the same.

    A key in no row stays as it is, so that A and B share it if both have it. A key in a row that names nothing of the
    other crisis is its own: if both have it, B gets another.

    Raises
    ------
    CrisisError
        If the map names what A or B does not have.
    UsageError
        If the map does not name the files of both.
    """
    labels = key_map.labels_of(Path(a.path), Path(b.path))
    check_keys(key_map, dict(zip(labels, (a, b), strict=True)))
    both = _Both(a, b, key_map, labels)
    renaming = both.renaming()
    names = either(names_of(a), _renamed_names(names_of(b), renaming))
    counted, called = both.counted(renaming.endings, names.endings)
    a_told, b_told = both.told("endings")
    return SharedKeys(
        renamed(b, renaming),
        renaming,
        counted,
        frozenset(a_told) | {renaming.endings.get(key, key) for key in b_told},
        replace(names, endings={**names.endings, **called}),
        key_map.in_words,
    )


@dataclass(frozen=True)
class _Both:
    """Two crises and the labels that they have in a map."""

    a: Crisis
    b: Crisis
    key_map: KeyMap
    labels: tuple[str, str]

    def pairs(self, section: str) -> dict[str, str]:
        """A's key by B's, of the rows that have one key of each."""
        rows = [[row.get(label, ()) for label in self.labels] for row in self.key_map.rows(section).values()]
        return {theirs[0]: ours[0] for ours, theirs in rows if len(ours) == len(theirs) == 1}

    def told(self, section: str) -> tuple[Collection[str], Collection[str]]:
        """The keys of A, and of B, that stand in a row."""
        a, b = (self.key_map.shared(section, label) for label in self.labels)
        return a, b

    def renaming(self) -> Renaming:
        """The new keys of B."""
        taken = {key.partition(".")[2] for key in self.pairs("options").values()}  # no option has the name of a step
        names = self.new_keys(NAMED, taken)
        symbols = {names.get(key, key) for section in NAMED for key in keys_of(self.b, section)}
        grids = grids_of(self.b)
        options = self.inner("options", names, symbols)
        return Renaming(
            names=names,
            options={step: keys for step, keys in options.items() if step not in grids},
            terms=self.inner("payoffs", names, ()),
            endings=self.new_keys(("endings",)),
            measures=self.new_keys(("measures",)),
            levers=self.new_keys(("levers",)),
        )

    def new_keys(self, sections: Iterable[str], taken: Collection[str] = ()) -> Keys:
        """New keys in sections that share one set of names; `taken`: what no key without a pair may be."""
        own: list[str] = []
        other: set[str] = set()
        pairs: dict[str, str] = {}
        told: set[str] = set()
        for section in sections:
            own += keys_of(self.b, section)
            other.update(keys_of(self.a, section))
            pairs |= self.pairs(section)
            told.update(*self.told(section))
        return _apart(own, other, pairs, told, taken)

    def inner(self, section: str, names: Keys, taken: Collection[str]) -> dict[str, Keys]:
        """New keys of the options of each step, or the terms of each actor of B; `names`: new ones of the owners."""
        ours, own = (_by_owner(keys_of(crisis, section)) for crisis in (self.a, self.b))
        told_a, told_b = map(_by_owner, self.told(section))
        pairs: dict[str, dict[str, str]] = {}
        for theirs, our in self.pairs(section).items():
            owner, _, key = theirs.partition(".")
            pairs.setdefault(owner, {})[key] = our.partition(".")[2]
        new = {}
        for owner, keys in own.items():
            of_a = names.get(owner, owner)
            told = {*told_a.get(of_a, ()), *told_b.get(owner, ())}
            new[owner] = _apart(keys, ours.get(of_a, ()), pairs.get(owner, {}), told, taken)
        return new

    def counted(self, endings: Keys, names: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """The key under which each of several endings counts, and the names of these keys; `endings`: new keys of B."""
        counted: dict[str, str] = {}
        called: dict[str, str] = {}
        keys = {*keys_of(self.a, "endings"), *(endings.get(key, key) for key in keys_of(self.b, "endings"))}
        for shared, row in self.key_map.rows("endings").items():
            ours = row.get(self.labels[0], ())
            theirs = [endings.get(key, key) for key in row.get(self.labels[1], ())]
            if len(ours) > 1 or len(theirs) > 1:
                members = {*ours, *theirs}
                key = ours[0] if len(ours) == 1 else _fresh(shared, (keys - members) | set(called))
                called[key] = listed((names[member] for member in ours or theirs), last="or")
                counted |= dict.fromkeys(members, key)
        return counted, called


def _apart(
    own: Collection[str],
    other: Collection[str],
    pairs: Mapping[str, str],
    told: Collection[str],
    taken: Collection[str],
) -> Keys:
    """New keys of B: by their pairs those of A; of the others a fresh one if it is taken, or told apart from A's.

    `own`, `other`: the keys of B and of A; `told`: those of both that stand in a row.
    """
    used = {*pairs.values(), *taken}
    new = dict(pairs)
    for key in own:
        if key not in pairs and (key in used or (key in other and key in told)):
            new[key] = _fresh(key, {*own, *other, *used, *new.values()})
    return {old: key for old, key in new.items() if old != key}


def _fresh(key: str, taken: Collection[str]) -> str:
    """A key that is not taken, the given one if it is free."""
    if key not in taken:
        return key
    return next(new for number in count(2) if (new := f"{key[: MAX_NAME - 8]}_{number}") not in taken)


def _by_owner(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys such as `STEP.OPTION` by their first parts."""
    found: dict[str, list[str]] = {}
    for key in keys:
        owner, _, own = key.partition(".")
        found.setdefault(owner, []).append(own)
    return found


def _renamed_names(names: Names, renaming: Renaming) -> Names:
    """What readers call the parts of a crisis, by their new keys."""
    name, ending = renaming.name, renaming.endings
    return replace(
        names,
        actors={name(key): called for key, called in names.actors.items()},
        inputs={name(key): called for key, called in names.inputs.items()},
        steps={name(key): called for key, called in names.steps.items()},
        moves=frozenset(map(name, names.moves)),
        options={(name(step), renaming.option(step, key)): called for (step, key), called in names.options.items()},
        terms={(name(actor), renaming.term(actor, key)): called for (actor, key), called in names.terms.items()},
        endings={ending.get(key, key): called for key, called in names.endings.items()},
        levers={renaming.levers.get(key, key): called for key, called in names.levers.items()},
        measures={renaming.measures.get(key, key): called for key, called in names.measures.items()},
    )
