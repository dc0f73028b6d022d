"""A formula of the crisis file as a participant reads it: with names in place of keys, and words for comparisons."""

from __future__ import annotations

from collections.abc import Iterable

from offramp.common.numerals import as_given
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.expressions.expression import (
    SKIPPED,
    Binary,
    Call,
    Compare,
    IfElse,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
)
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.names import Names

_LOOSEST, _CHOICE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(11)
_SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "*": "×", "/": "÷", "+": "+", "-": "−"}


def formula_in_words(names: Names, text: str) -> str:
    """The text of an expression with the names of what it names; names of numbers are in quotation marks.

    Examples
    --------
    >>> names = Names({}, {"loss": "what war costs"}, {"reply": "Iran's reply"}, frozenset({"reply"}),
    ...               {("reply", "hold"): "holding back", ("reply", "hit"): "a salvo"}, {}, {}, {}, {}, {}, ())
    >>> formula_in_words(names, "-loss / 2 * (reply != hold)")
    "−“what war costs” ÷ 2 × (Iran's reply is not holding back)"
    >>> formula_in_words(names, "loss if reply in [hold, hit] and round < 3 else min(loss, value(reply))")
    "“what war costs” if Iran's reply is holding back or a salvo and “round” < 3, else min(“what war costs”, number of \
Iran's reply)"
    """
    return _bound(names, parse(text), _LOOSEST)


def _bound(names: Names, node: Node, least: int) -> str:
    """The words of a node, in brackets if they bind less than `least`."""
    words, binds = _words(names, node)
    return words if binds >= least else f"({words})"


def _words(names: Names, node: Node) -> tuple[str, int]:
    """The words of a node, and how tightly they bind."""
    match node:
        case Number(value=value):
            return as_given(float(value)), _ATOM
        case Name(name=name):
            return f"“{_called(names, name)}”", _ATOM
        case Unary(operator="-", operand=operand):
            return f"−{_bound(names, operand, _SIGN)}", _SIGN
        case Unary(operand=operand):
            return tr("not {condition}", condition=_bound(names, operand, _NOT)), _NOT
        case Binary(operator="**", left=left, right=right):
            return f"{_bound(names, left, _ATOM)} ^ {_bound(names, right, _SIGN)}", _POWER
        case Binary(operator=operator, left=left, right=right):
            binds = _SUM if operator in "+-" else _PRODUCT
            return f"{_bound(names, left, binds)} {_SIGNS[operator]} {_bound(names, right, binds + 1)}", binds
        case Compare(operators=("==" | "!=" as operator,), operands=(one, other)) if step := _step(names, one, other):
            return _is(names, *step, operator == "!="), _COMPARED
        case Member(item=Name(name=key), members=members, negated=negated) if key in names.steps:
            return _is(names, key, members, negated), _COMPARED
        case Compare(operators=operators, operands=operands):
            sides = [_bound(names, one, _SUM) for one in operands]
            pairs = zip(operators, sides[1:], strict=True)
            return sides[0] + "".join(f" {_SIGNS[operator]} {side}" for operator, side in pairs), _COMPARED
        case Member(item=item, members=members, negated=negated):
            item_words, values = _bound(names, item, _SUM), _any_of(_bound(names, one, _SUM) for one in members)
            if negated:
                return tr("{number} is not {values}", number=item_words, values=values), _COMPARED
            return tr("{number} is {values}", number=item_words, values=values), _COMPARED
        case Logic(operator="or", operands=operands):
            return tr(" or ").join(_bound(names, one, _AND) for one in operands), _OR
        case Logic(operands=operands):
            return tr(" and ").join(_bound(names, one, _NOT) for one in operands), _AND
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            then_words, other_words = _bound(names, then, _OR), _bound(names, otherwise, _CHOICE)
            asked = _bound(names, condition, _OR)
            return tr("{one} if {condition}, else {other}", one=then_words, condition=asked, other=other_words), _CHOICE
        case Call(function="value", arguments=(Name(name=key),)):
            return tr("number of {step}", step=names.step(key)), _ATOM
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_bound(names, one, _LOOSEST) for one in arguments)})", _ATOM
    raise TypeError(f"not a node of a text: {node}")


def _step(names: Names, one: Node, other: Node) -> tuple[str, tuple[Node, ...]] | None:
    """The step of a comparison of a step with an option, and the option; None of two numbers."""
    for step, option in ((one, other), (other, one)):
        match step, option:
            case Name(name=key), Name(name=value) if (key, value) in names.options or value == SKIPPED:
                return key, (option,)
    return None


def _any_of(values: Iterable[str]) -> str:
    return listed(values, 20, last="or")


def _called(names: Names, key: str) -> str:
    """The name of a state, an input, or of what the file calls something else."""
    return names.inputs.get(key) or names.steps.get(key) or key.replace("_", " ")


def _is(names: Names, step: str, options: tuple[Node, ...], negated: bool) -> str:
    called = {
        "step": names.step(step),
        "options": _any_of(
            names.option(step, one.name) if isinstance(one, Name) else _bound(names, one, _SUM) for one in options
        ),
    }
    return tr("{step} is not {options}", **called) if negated else tr("{step} is {options}", **called)
