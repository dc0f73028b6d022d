"""Reads the odds of chance steps: the analyst's, and the odds that actors believe."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from offramp.common.words import listed, nearest, nearest_word, quoted
from offramp.crisis import scalars, schema
from offramp.crisis.expressions.expression import Expression, evaluate
from offramp.crisis.sections.naming import Mentions, Namespace, Scope
from offramp.crisis.sections.option_numbers import grid_points
from offramp.crisis.steps import Odds, Row
from offramp.crisis.text.document import Scalar, scalar_at

TOLERANCE = 1e-9
"""Tolerance for odds to add up to 1."""

CLEAR = 2
"""How often a word is written elsewhere as a value of a step before the step's odds are taken to misspell it."""
# a word is taken whole or not at all: no part of one is tried again
_MENTION = re.compile(r"\b(\w++)(?:@[0-9]+)?\s*+([!=]=|:)\s*+(?=(\w++))")
_MENTIONS = re.compile(r"\b(\w++)(?:@[0-9]+)?\s*+((?:not\s+)?in|:)\s*+\[([^\[\]{}]*)\]")
_KEY = re.compile(r"\b\w++(?=\s*+:)")

WrittenRow = Mapping[Scalar, Scalar]
Written = WrittenRow | Sequence[WrittenRow]


def written_odds(part: schema.ChancePart) -> Written:
    """The odds of a step, or its weights if it has no odds."""
    return part.odds or part.weights or {}


def rows_of(written: Written) -> Sequence[WrittenRow]:
    """The rows of odds, written as one mapping or as a list."""
    if isinstance(written, Mapping):
        return [written] if written else []
    return written


def values_of(part: schema.ChancePart) -> list[Scalar]:
    """The values of a chance step: all values that its rows name, in order of first appearance, or a grid's points."""
    named = dict.fromkeys(key for row in rows_of(written_odds(part)) for key in row if key != "if")
    return list(named) or grid_points(part)


def mentions_in(text: str) -> Mentions:
    """How often the words of a file are written as values of others, and as keys.

    Examples
    --------
    >>> mentions_in("war: reply == fight or reply in [fight, flee]").values["reply"]
    Counter({'fight': 2, 'flee': 1})
    """
    values: dict[str, Counter[str]] = defaultdict(Counter)
    compared: dict[str, set[str]] = defaultdict(set)
    for pattern in (_MENTION, _MENTIONS):
        for found in pattern.finditer(text):
            words = re.findall(r"\w+", found[3])
            values[found[1]].update(words)
            if found[2] != ":":
                compared[found[1]].update(words)
    return Mentions(values, Counter(_KEY.findall(text)), compared)


def intended_values(part: schema.ChancePart, mentions: Mentions) -> list[Scalar]:
    """The values of a chance step, with those that its odds misspell as they are written elsewhere.

    `options` give the right spelling; without them, what the rest of the file names at least `CLEAR` times.
    """
    values = values_of(part)
    if part.grid is not None:
        return values
    elsewhere = _written_elsewhere(part, mentions)
    missing = {str(option): option for option in part.options or () if option not in values}
    known = {str(option) for option in part.options or ()}
    intended: dict[Scalar, None] = {}
    for value in values:
        spare = [word for word in missing if word not in intended]
        if part.options is None and not elsewhere[value]:
            rows = sum(value in row for row in rows_of(written_odds(part)))
            spare = [word for word, count in elsewhere.items() if count >= CLEAR and word not in values and rows == 1]
        close = None if value in known or elsewhere[value] else nearest_word(value, spare)
        intended[missing.get(close) or scalar_at(value.place, close) if close else value] = None
    return list(intended)


def _written_elsewhere(part: schema.ChancePart, mentions: Mentions) -> Counter[str]:
    """How often each word is written as a value of a step outside its odds."""
    believed = [key for own in (part.believed_by or {}).values() for row in rows_of(own) for key in row if key != "if"]
    return mentions.values.get(str(part.chance), Counter()) + Counter(map(str, believed))


def read_odds(
    names: Namespace,
    written: Written,
    normalised: bool,
    options: Sequence[Scalar],
    scope: Scope,
    *,
    believed: bool = False,
) -> Odds:
    """Read the rows of odds or weights; `scope.what` describes them in messages; `believed`: an actor's own odds."""
    written_rows = rows_of(written)
    what = scope.what
    rows = []
    for number, entries in enumerate(written_rows, start=1):
        last = number == len(written_rows)
        place = next(iter(entries)).place
        texts = {key: text for key, text in entries.items() if key != "if"}
        condition_text = next((text for key, text in entries.items() if key == "if"), None)
        condition = None
        if condition_text is not None:
            condition = names.expression(condition_text, replace(scope, what=f"the `if` in {what}", inputs=False))
            if last:
                message = f"{what}: the last row must have no `if`, so that one row always applies"
                names.fault(condition_text.place, message)
        elif not last:
            names.fault(place, f"{what}: only the last row may be without `if`; the rows below it never apply")
        if not texts:
            names.fault(place, f"{what}: a row has no values")
        parsed = _entries(names, texts, normalised, options, scope, believed)
        rows.append(Row(condition, parsed, place))
        if len(parsed) == len(texts) > 0 and not any(isinstance(text, scalars.StandIn) for text in texts.values()):
            _check_numbers(names, rows[-1], normalised, f"{what}, row {number}," if len(written_rows) > 1 else what)
    return Odds(tuple(rows), normalised)


def _entries(
    names: Namespace,
    texts: WrittenRow,
    normalised: bool,
    options: Sequence[Scalar],
    scope: Scope,
    believed: bool,
) -> dict[str, Expression | None]:
    """The valid numbers of a row by option; None is the rest."""
    what = scope.what
    known = bool(options) and not any(isinstance(option, scalars.StandIn) for option in options)
    parsed: dict[str, Expression | None] = {}
    rest = False
    for key, text in texts.items():
        if known and key not in options:
            hint = names.option_hint(scope.own, key, options) if believed else nearest(key, options)
            names.fault(key.place, f"{quoted(key)} in {what} is not a value of the step ({listed(options)}){hint}")
        elif not names.means(text, "rest"):
            expression = names.expression(text, scope)
            if expression is not None:
                parsed[str(key)] = expression
        elif normalised:
            names.fault(text.place, f"{what}: `rest` is for odds only; weights are normalised")
        elif rest:
            names.fault(text.place, f"{what}: only one value can take the `rest`")
        else:
            rest = True
            parsed[str(key)] = None
    return parsed


def _check_numbers(names: Namespace, row: Row, normalised: bool, what: str) -> None:
    """Check the constant numbers of a row, and their sum if all are constant; the rest is checked per draw."""
    numbers: list[float] = []
    for option, entry in row.entries.items():
        if entry is not None and not entry.names:
            numbers.append(float(evaluate(entry.root, {})))
            if not 0.0 <= numbers[-1] < np.inf:
                names.fault(
                    entry.place, f"{what} give {option} {numbers[-1]:.6g}; odds must be finite and not negative"
                )
                return
    rest = next((option for option, entry in row.entries.items() if entry is None), None)
    if len(numbers) + (rest is not None) < len(row.entries):
        return
    total = sum(numbers)
    if normalised:
        wrong, reason = total <= 0.0, "they must not all be zero"
    elif rest is not None:
        wrong, reason = total > 1.0 + TOLERANCE, f"nothing is left for the rest, {rest}"
    else:
        wrong, reason = abs(total - 1.0) > TOLERANCE, "they must add up to 1; write `rest` for what is left"
        if abs(total - 100.0) <= 100.0 * TOLERANCE:
            reason = "they must add up to 1; write 0.05 for 5%"
    if wrong:
        names.fault(row.place, f"{what} add up to {total:.10g}; {reason}")
