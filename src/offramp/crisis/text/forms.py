"""Short examples of the value of each key, and other words for keys, for hints in messages."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable

from offramp.common.words import MAX_SHOWN
from offramp.crisis import scalars
from offramp.crisis.expressions.habits import RANGE_FORMS
from offramp.crisis.text.document import Items, Scalar, Value, YamlMapping

_FORMS = {
    "odds": "{VALUE: 0.3, OTHER: rest}",
    "weights": "{VALUE: 3, OTHER: 1}",
    "believed_by": "{ACTOR: {VALUE: 0.3, OTHER: rest}}",
    "only_if": "{OPTION: CONDITION}",
    "set": "{INPUT: VALUE}",
    "forbid": "{MOVE: [OPTION]}",
    "allow": "{MOVE: [OPTION]}",
    "commit": "{MOVE: OPTION}",
    "of": "[INPUT, OTHER]",
    "avoid": "yes",
    "actors": "{KEY: {name: NAME}}",
    "inputs": "{KEY: {is: VALUE}}",
    "levers": "{KEY: {set: {INPUT: VALUE}}}",
    "endings": "{KEY: {if: CONDITION}}",
    "payoffs": "{ACTOR: {KEY: AMOUNT}}",
}
_OTHER_WORDS = {
    "if": ("when", "condition", "unless", "only_when"),
    "by": ("actor", "player", "who", "mover"),
    "options": ("choices", "actions", "values"),
    "odds": ("probability", "probabilities", "chances", "outcomes", "p"),
    "seen_by": ("visible_to", "observers", "known_to", "known_by", "observed_by"),
    "is": ("value", "distribution", "dist", "range"),
    "only_if": ("requires", "available_if", "allowed_if"),
    "because": ("reason", "why", "rationale", "comment", "note"),
    "cite": ("source", "citation", "ref"),
    "pays": ("payoff", "utility", "amount"),
    "to": ("actors",),
    "start": ("initial", "begins"),
    "becomes": ("update", "next"),
    "steps": ("timeline",),
    "lasts": ("length", "duration", "takes"),
    "from": ("begins", "since"),
    "timeline": ("steps", "events"),
    "actors": ("players", "agents"),
    "payoffs": ("utilities",),
    "endings": ("outcomes", "results"),
    "inputs": ("parameters", "variables"),
    "allow": ("open", "enable", "unlock"),
    "forbid": ("ban", "remove", "close"),
    "commit": ("bind", "force", "fix"),
    "levers": ("interventions", "policies"),
    "let": ("define", "definitions"),
    "rho": ("correlation",),
}
_OPPOSITES = {"hidden_from": ("seen_by", "`seen_by` lists who sees it; leave out those from whom it is hidden")}
"""Words that say the opposite of a key: the key, and what to write."""


def hint_of_opposite(word: str, keys: Collection[str]) -> str:
    """The hint for a word that says the opposite of an allowed key, to end a message; '' for any other."""
    key, hint = _OPPOSITES.get(word.lower(), ("", ""))
    return f"; {hint}" if key in keys else ""


def meant_key(word: str, keys: Iterable[str]) -> str | None:
    """The allowed key that has `word` as another name, or None."""
    return next((key for key in keys if word.lower() in _OTHER_WORDS.get(key, ())), None)


def form_of(key: str, value: Value, actors: Collection[str]) -> str | None:
    """The right form of a value that has the wrong shape, with its own words if they are plain; None if unknown.

    Examples
    --------
    >>> form_of("options", Scalar("sign, wait"), []), form_of("odds", Scalar("50/50"), [])
    ('[sign, wait]', '{VALUE: 0.3, OTHER: rest}')
    """
    words = _words_of(value)
    single = words[0] if len(words) == 1 and isinstance(value, Items) else None
    match key, value:
        case ("options", Items()) if any(isinstance(child, YamlMapping) for child in value):
            return f"{{{', '.join(_described_options(value))}}}"
        case ("options" | "closed" | "to" | "seen_by", _):
            usable = key in ("options", "closed") or set(words) <= set(actors)
            return f"[{', '.join(words)}]" if words and usable and all(map(scalars.is_name, words)) else None
        case ("observed", YamlMapping()):
            facts = [f"{word}: {_in_braces(fact) or 'VALUE'}" for word, fact in value.items()]
            own = "date" in value and len(facts) > 1
            return f"`- {{{', '.join(facts) if own else 'date: DATE, STEP: VALUE'}}}`"
        case ("is" | "rationality", Items() | YamlMapping()):
            ends = [word for word in words if re.fullmatch(r"-?[0-9.]+", word)]
            return RANGE_FORMS.format(low=ends[0], high=ends[-1]) if len(ends) > 1 else None
        case ("if" | "until", YamlMapping()) if all(isinstance(option, Scalar) for option in value.values()):
            return " and ".join(f"{step} == {option}" for step, option in value.items())
        case ("move" | "chance" | "state", YamlMapping()):
            return f"{key}: NAME, with the other keys below it"
        case _:
            return _FORMS.get(key, single)


def _in_braces(value: Value) -> str | None:
    """A short text as it is written in braces, in quotes if it needs them; None for any other value."""
    if not isinstance(value, Scalar) or not 0 < len(value) <= MAX_SHOWN:
        return None
    return str(value) if re.fullmatch(r"\w[\w .'’()-]*", value) else json.dumps(value, ensure_ascii=False)


def _described_options(entries: Items) -> list[str]:
    """The options of a list of `OPTION: TEXT`, as the entries of one mapping."""
    pairs = [
        pair for entry in entries for pair in (entry.items() if isinstance(entry, YamlMapping) else [(entry, None)])
    ]
    return [f"{option}: {_in_braces(text) or 'TEXT'}" for option, text in pairs if isinstance(option, Scalar)]


def _words_of(value: Value) -> list[str]:
    """The words of a text, a list or a mapping (its keys, or its values if they are numbers)."""
    if isinstance(value, Scalar):
        return [word for word in re.split(r"\s*[,;/|]\s*|\s+(?:or|and)\s+", value.strip()) if word]
    if isinstance(value, YamlMapping):
        inner = [child for child in value.values() if isinstance(child, Scalar)]
        return [str(word) for word in (inner if all(re.fullmatch(r"-?[0-9.]+", word) for word in inner) else value)]
    return [str(child) for child in value if isinstance(child, Scalar)]
