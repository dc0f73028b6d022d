"""Reads what inputs are to recorded cases: columns, levels of columns of text, coefficients, and sums of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from offramp.common.words import expected, listed, nearest, nearest_word, quoted
from offramp.crisis import scalars
from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.expressions.expression import VALUE, Call, Expression, Linear, Name, call_fault, walk
from offramp.crisis.expressions.grammar import ExpressionError, check_no_range, parse
from offramp.crisis.faults import Fault, StopReadingError
from offramp.crisis.input_parts import InputPart
from offramp.crisis.parts import CaseColumn
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.sections.resolving import KIND_WORDS, Kind
from offramp.crisis.text.document import Scalar, scalar_at

MAX_COEFFICIENTS = 5_000
"""Maximum number of coefficients of all sums of a file, with every level of a column of text counted."""
_ROLES = ("column", "estimate", "linear")

Parts = Mapping[Scalar, InputPart]


def declare_inputs(names: Namespace, parts: Parts) -> None:
    """Declare the inputs, with the levels of columns of text and the coefficients of sums; and check what they are."""
    for key, part in parts.items():
        kind: Kind = "sum" if part.linear is not None else "text" if part.levels is not None else "input"
        if any(isinstance(word, scalars.StandIn) for word in (*(part.linear or ()), *(part.levels or ()))):
            kind = "broken"
        names.declare(key, kind, tuple(map(str, part.levels or ())))
        for level in dict.fromkeys(part.levels or ()):
            names.declare(scalar_at(level.place, f"{key}.{level}"), "input")
    count = 0
    for key, part in parts.items():
        _check_roles(names, key, part)
        coefficients: dict[str, str | None] = {}
        for entry in part.linear or ():
            for column in _columns(names, entry, parts):
                coefficient = f"{key}.{column or 1}"
                if coefficient in coefficients:
                    names.fault(entry.place, f"'{column or 1}' is twice in `linear` of '{key}'")
                elif count == MAX_COEFFICIENTS:
                    names.fault(entry.place, f"more than {MAX_COEFFICIENTS:,} coefficients in one file")
                    raise StopReadingError
                else:
                    count += 1
                    coefficients[coefficient] = column
                    names.declare(scalar_at(entry.place, coefficient), "input")
        if part.linear is not None:
            names.sums[str(key)] = Linear(str(key), tuple(coefficients), tuple(coefficients.values()))


def _check_roles(names: Namespace, key: Scalar, part: InputPart) -> None:
    """Report an input that is several things at once, and levels that are wrong."""
    given = {"column": part.column, "estimate": scalars.is_set(part.estimate) or None, "linear": part.linear}
    roles = [role for role in _ROLES if given[role] is not None]
    if len(roles) > 1:
        found = listed(f"`{role}`" for role in roles)
        names.fault(key.place, f"'{key}' has {found}; an input has at most one of `column`, `estimate` and `linear`")
    if part.levels is not None and part.column is None:
        names.fault(part.levels[0].place, f"the levels of '{key}' lack a `column`, the name of a column of text")
    seen: set[str] = set()
    for level in part.levels or ():
        if level in seen and not isinstance(level, scalars.StandIn):
            names.fault(level.place, f"level '{level}' of '{key}' appears twice")
        seen.add(level)


def _columns(names: Namespace, entry: Scalar, parts: Parts) -> Sequence[str | None]:
    """The columns that an entry of `linear` stands for: none for a fault, several for a column of text."""
    base, _, level = entry.partition(".")
    part = parts.get(scalar_at(entry.place, base))
    if entry == "1":
        return (None,)
    if part is not None and part.levels is not None and level in ("", *part.levels):
        return (str(entry),) if level else [f"{entry}.{one}" for one in dict.fromkeys(part.levels)]
    if part is not None and part.column is not None and not level:
        return (str(entry),)
    if isinstance(entry, scalars.StandIn) or (part is None and names.may_be(entry, "broken")):
        return ()
    if part is not None and part.levels is not None:
        message = f"'{level}' is not a level of '{base}' ({listed(part.levels)}){nearest(level, part.levels)}"
    elif part is not None and not level:
        message = f"'{entry}' has no `column`; `linear` adds up columns, each times its coefficient"
    elif entry in names.symbols:
        message = f"'{entry}' is {KIND_WORDS[names.symbols[entry].kind]}; `linear` adds up columns and 1"
    else:
        known = [str(key) for key, other in parts.items() if other.column is not None]
        hint = expected(entry, known, 20) if known else "; no input has a `column`"
        message = f"unknown column {quoted(entry)} in `linear`{hint}"
    names.fault(entry.place, message)
    return ()


def likely_misspelt(parts: Parts) -> Iterator[Fault]:
    """Warnings about a word that is no level of its column of text but looks like one: it would count as the base."""
    for key, part in parts.items():
        word = part.distribution
        if part.levels is not None and not isinstance(word, dict) and word not in part.levels:
            meant = nearest_word(word, part.levels)
            if meant is not None:
                message = f"'{word}' is no level of '{key}', so that all its levels are 0; did you mean '{meant}'?"
                yield Fault(word.place, message)


def read_column(names: Namespace, key: Scalar, part: InputPart) -> Iterator[tuple[str, CaseColumn]]:
    """The inputs that a part makes by its `column`: itself, or one of each level; none if it has no good one."""
    if part.column is None:
        return
    expression = _expression(names, part.column, bare=part.levels is not None)
    if expression is not None and part.levels is None:
        yield str(key), CaseColumn(expression, None, part.column.place)
    elif expression is not None:
        for level in part.levels or ():
            yield f"{key}.{level}", CaseColumn(expression, str(level), level.place)


def _expression(names: Namespace, text: Scalar, *, bare: bool) -> Expression | None:
    """The expression of a `column`, over the columns of a table; with `bare`, the name of one column."""
    if isinstance(text, scalars.StandIn):
        return None
    try:
        root = parse(text)
        check_no_range(root, falling=False)
        for call in (node for node in walk(root) if isinstance(node, Call)):
            fault = call_fault(call)
            if call.function in DISTRIBUTIONS or call.function == VALUE:
                what = "takes a step" if call.function == VALUE else "is a distribution"
                fault = f"{call.function}() {what}; `column` is computed from the columns of the table of cases"
            if fault:
                raise ExpressionError(fault, call.at)
        columns = [node for node in walk(root) if isinstance(node, Name)]
        if bare and not isinstance(root, Name):
            raise ExpressionError("with `levels`, `column` is the name of one column, without arithmetic", 0)
        if not columns:
            raise ExpressionError("`column` names no column of the table of cases; write one, as in log(gdp)", 0)
    except ExpressionError as error:
        names.fault(text.at(error.offset), error.message)
        return None
    return Expression(str(text), text.place, root, {node.name: text.at(node.at) for node in columns})
