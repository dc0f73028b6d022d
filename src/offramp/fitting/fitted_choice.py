"""The rationality and the rule of choice of each actor, to which the coefficients of a fit belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from offramp.common.words import listed
from offramp.crisis.expressions.expression import evaluate
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Actor


def choice_rules(crisis: Crisis) -> dict[str, str]:
    """How each actor chooses, by its key: `logit with rationality 2`."""
    return {actor.key: f"{actor.choice} with rationality {_rationality(actor)}" for actor in crisis.actors.values()}


def _rationality(actor: Actor) -> str:
    """A number to 6 digits; an expression over inputs as it is written."""
    if actor.rationality.names:
        return actor.rationality.text
    return f"{float(evaluate(actor.rationality.root, {})):.6g}"


def rule_warnings(fitted: Mapping[str, str], title: str, crisis: Crisis) -> Iterator[str]:
    """Why coefficients that were fitted with other rules mean something else in a crisis; nothing if the rules agree.

    An actor that the fitted crisis does not have may choose as any of its actors does.
    """
    rules = choice_rules(crisis)
    allowed = {key: {fitted[key]} if key in fitted else {*fitted.values()} for key in rules}
    other = {key: rule for key, rule in rules.items() if rule not in allowed[key]}
    if fitted and other:
        yield (
            f"Coefficients belong to the rationality and rule of choice with which they were fitted: in “{title}” "
            f"{_worded(fitted)}. In {Path(crisis.path).name} {_worded(other)}, so the same ones mean other odds."
        )


def _worded(rules: Mapping[str, str]) -> str:
    """`north and south: logit with rationality 2`."""
    alike: dict[str, list[str]] = {}
    for key, rule in rules.items():
        alike.setdefault(rule, []).append(key)
    return listed((f"{listed(keys, 5)}: {rule}" for rule, keys in alike.items()), 5)
