"""What two crises have in common by name, and whether that is enough to compare them part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names
from offramp.crisis.steps import Chance, Move

KINDS = {"ending": tr("ending"), "step": tr("step"), "actor": tr("actor"), "input": tr("input")}
"""The kinds of things that two crises may share."""
LACKING = {"ending": tr("no ending"), "step": tr("no step"), "actor": tr("no actor"), "input": tr("no input")}
"""That nothing of a kind is shared."""


@dataclass(frozen=True)
class Common:
    """What two crises A and B share: names of endings, steps and inputs, and the names of actors.

    A step is shared if it is a chance step in both, or a move of the same actor, and some option is the same.
    `fewer`: the crisis with fewer chance steps and moves, A or B; `of_steps`: how many it has.
    """

    endings: tuple[str, ...]
    steps: tuple[str, ...]
    actors: tuple[str, ...]
    inputs: tuple[str, ...]
    of_steps: int
    fewer: str

    @property
    def is_enough(self) -> bool:
        """Whether the two can be compared part by part.

        Without a shared ending no probability can differ. If most steps are not shared, everything that names them
        belongs to one crisis only, and nothing could be carried over alone.
        """
        return bool(self.endings) and 2 * len(self.steps) >= self.of_steps

    @property
    def lack(self) -> str:
        """Why it is not enough, in words."""
        reasons = [] if self.endings else [tr("no ending of the one is an ending of the other")]
        if not self.steps:
            reasons.append(tr("no step of the one is a step of the other"))
        elif 2 * len(self.steps) < self.of_steps:
            reasons.append(
                trn(
                    "of the {count} step of {crisis} the other has only {shared}",
                    "of the {count} steps of {crisis} the other has only {shared}",
                    self.of_steps, crisis=self.fewer, shared=len(self.steps),
                )
            )  # fmt: skip
        return reasons[0] if len(reasons) == 1 else tr("{first}, and {last}", first=reasons[0], last=reasons[1])

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        """Each shared thing: its kind and its name."""
        for what, names in self._kinds.items():
            yield from ((what, name) for name in names)

    def called(self, names: Names) -> dict[tuple[str, str], str]:
        """The names of what is shared, by kind and key."""
        kinds = {"ending": names.endings, "step": names.steps, "actor": {}, "input": names.inputs}
        return {(what, key): kinds[what].get(key, key) for what, keys in self._kinds.items() for key in keys}

    def words(self, names: Names) -> str:
        """What is shared, in words, and of which kinds nothing is shared; actors have proper names, without quotes."""
        called, kinds = self.called(names), self._kinds
        shared = [
            _shared(what, [called[what, key] if what == "actor" else f"“{called[what, key]}”" for key in keys])
            for what, keys in kinds.items()
            if keys
        ]
        lacking = [LACKING[what] for what, keys in kinds.items() if not keys]
        if not shared:
            return tr("nothing")
        if not lacking:
            return listed(shared)
        return tr("{shared}, but {lacking}", shared=listed(shared), lacking=listed(lacking))

    @property
    def _kinds(self) -> Mapping[str, tuple[str, ...]]:
        return {"ending": self.endings, "step": self.steps, "actor": self.actors, "input": self.inputs}


def _shared(what: str, names: Sequence[str]) -> str:
    """The shared things of a kind."""
    count, shown = len(names), listed(names)
    if what == "ending":
        return trn("the ending {names}", "the endings {names}", count, names=shown)
    if what == "step":
        return trn("the step {names}", "the steps {names}", count, names=shown)
    if what == "actor":
        return trn("the actor {names}", "the actors {names}", count, names=shown)
    return trn("the input {names}", "the inputs {names}", count, names=shown)


def common_to(a: Crisis, b: Crisis, endings: tuple[str, ...]) -> Common:
    """What A and B have in common; `endings`: those that are endings of both."""
    steps_a, steps_b = _steps(a), _steps(b)
    fewer = "A" if len(steps_a) <= len(steps_b) else "B"
    return Common(
        endings=endings,
        steps=tuple(name for name, step in steps_a.items() if name in steps_b and _is_same(step, steps_b[name])),
        actors=tuple(actor.name for key, actor in a.actors.items() if key in b.actors),
        inputs=tuple(name for name, entry in a.inputs.items() if name in b.inputs and entry.of_actor is None),
        of_steps=min(len(steps_a), len(steps_b)),
        fewer=fewer,
    )


def _steps(crisis: Crisis) -> dict[str, Chance | Move]:
    return {name: step for name, step in crisis.named.items() if isinstance(step, Chance | Move)}


def _is_same(one: Chance | Move, other: Chance | Move) -> bool:
    by = [step.by if isinstance(step, Move) else None for step in (one, other)]
    return by[0] == by[1] and bool(set(one.options) & set(other.options))
