"""A crisis for the page: its actors, inputs, levers and steps, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.editor.cards import inputs_of
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.crisis.steps import Chance, Move, Reason
from offramp.game.game import Game
from offramp.study.forecasting.claim_words import ending_claim

_KEY = re.compile(r"[A-Za-z_]\w*")


def model_of(crisis: Crisis, game: Game) -> dict[str, Any]:
    """A crisis and the size of its game; `rounds`: those in which a move can be made, empty outside rounds."""
    rounds: dict[str, list[int]] = {}
    for layer in game.layers:
        if layer.round:
            rounds.setdefault(layer.step, []).append(layer.round)
    steps = [step for step in crisis.steps() if isinstance(step, Chance | Move)]
    names = names_of(crisis)
    return {
        "title": crisis.title,
        "as_of": crisis.as_of,
        "summary": crisis.summary,
        "actors": [
            {"key": key, "name": actor.name, "rationality": str(actor.rationality.text), "memory": actor.memory}
            for key, actor in crisis.actors.items()
        ],
        "endings": [
            {
                "name": ending.key,
                "says": ending.says,
                "avoid": ending.avoid,
                "claim": ending_claim(crisis, ending.key),
                **_reason(ending.reason),
            }
            for ending in crisis.endings
        ],
        "inputs": [card.to_dict() for card in inputs_of(crisis)],
        "measures": [{"name": measure.key, "says": measure.says, "unit": measure.unit} for measure in crisis.measures],
        "levers": [
            {
                "name": lever.key,
                "says": lever.says,
                **_reason(lever.reason),
                "cost": lever.cost,
                "does": list(_does(lever, names)),
            }
            for lever in crisis.levers.values()
        ],
        "moves": [
            _step(move) | {"actor": move.by, "rounds": rounds.get(move.key, [])}
            for move in steps
            if isinstance(move, Move)
        ],
        "chances": [
            _step(chance) | {"seen_by": sorted(chance.seen_by)} for chance in steps if isinstance(chance, Chance)
        ],
        "size": {
            "nodes": game.size.nodes,
            "histories": game.size.histories,
            "information_sets": game.size.information_sets,
        },
        "observed": len(crisis.observed),
        "names": _names(crisis, names),
    }


def _does(lever: Lever, names: Names) -> Iterator[str]:
    """What a lever does, by the names of what it changes: `the odds of a lapse = the odds of a lapse / 4`."""
    for name, expression in lever.sets.items():
        yield f"{names.inputs[name]} = {_KEY.sub(lambda key: names.inputs.get(key[0], key[0]), expression.text)}"
    for move, options in lever.forbids.items():
        yield tr("{step}: not {options}", step=names.step(move), options=_either(move, options, names))
    for move, options in lever.allows.items():
        yield tr("{step}: also {options}", step=names.step(move), options=_either(move, options, names))
    for move, option in lever.commits.items():
        yield tr("{step}: always {option}", step=names.step(move), option=names.option(move, option))


def _either(move: str, options: Iterable[str], names: Names) -> str:
    """Options of a move, of which one is taken."""
    return listed((names.option(move, key) for key in options), last="or")


def _names(crisis: Crisis, names: Names) -> dict[str, Any]:
    """What readers see in place of keys."""
    choices = [step for step in crisis.named.values() if isinstance(step, Chance | Move)]
    return {
        "endings": dict(names.endings),
        "inputs": dict(names.inputs),
        "levers": dict(names.levers),
        "measures": dict(names.measures),
        "steps": dict(names.steps),
        "options": {step.key: {key: names.options[step.key, key] for key in step.options} for step in choices},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"because": reason.because, "cites": list(reason.cites)}


def _step(step: Chance | Move) -> dict[str, Any]:
    return {
        "step": step.key,
        "options": list(step.options),
        "says": step.says,
        "option_says": {key: option.says for key, option in step.option_details.items() if option.says},
        "option_reasons": {
            key: _reason(option.reason) for key, option in step.option_details.items() if option.reason != Reason()
        },
        **_reason(step.reason),
        "line": step.place.line,
    }
