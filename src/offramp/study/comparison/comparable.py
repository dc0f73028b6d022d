"""What two crises have in common by name, and whether that is enough to compare them part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names
from offramp.crisis.steps import Chance, Move


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
        reasons = [] if self.endings else ["no ending of the one is an ending of the other"]
        if not self.steps:
            reasons.append("no step of the one is a step of the other")
        elif 2 * len(self.steps) < self.of_steps:
            reasons.append(f"of the {self.of_steps} steps of {self.fewer} the other has only {len(self.steps)}")
        return ", and ".join(reasons)

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
        called = self.called(names)
        shared = [
            f"the {what}{'s' if len(keys) > 1 else ''} "
            f"{listed(called[what, key] if what == 'actor' else f'“{called[what, key]}”' for key in keys)}"
            for what, keys in self._kinds.items()
            if keys
        ]
        none = [f"no {what}" for what, keys in self._kinds.items() if not keys]
        return f"{listed(shared) or 'nothing'}{f', but {listed(none)}' if shared and none else ''}"

    @property
    def _kinds(self) -> Mapping[str, tuple[str, ...]]:
        return {"ending": self.endings, "step": self.steps, "actor": self.actors, "input": self.inputs}


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
