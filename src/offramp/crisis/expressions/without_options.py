"""An expression without the options of a step that are available nowhere, as text that a person reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    IfElse,
    Is,
    Linear,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    children,
    is_condition,
    walk,
    with_children,
)
from offramp.crisis.expressions.grammar import parse

Gone = Mapping[str, Collection[str]]
"""By step, the options that are available nowhere."""
NO, YES = Number(0), Number(1)
_LOOSEST, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(10)


def without_options(text: str, gone: Gone) -> str | None:
    """The text of an expression, on one line, without options that are gone; None if it is then always 0.

    An expression that names none of them stays as it is written.

    Examples
    --------
    >>> gone = {"word": ["direct"]}
    >>> without_options("-cost * (word != silent) * (1 + (word == direct))", gone)
    '-cost * (word != silent)'
    >>> without_options("2 if word in [sent, direct] else 0.5 * loss", gone)
    '2 if word in [sent] else 0.5 * loss'
    >>> print(without_options("gain * (word == direct)", gone))
    None
    """
    root = parse(text)
    named = {node.name for node in walk(root) if isinstance(node, Name)}
    if not any(step in named and named & set(options) for step, options in gone.items()):
        return " ".join(text.split())
    kept = _folded(root, gone)
    return None if kept == NO else _written(kept, _LOOSEST)


def _folded(node: Node, gone: Gone) -> Node:
    """The node with comparisons to what is gone decided, and what follows from them."""
    match node:
        case Compare(operators=("==" | "!=" as operator,), operands=(Name(name=one), Name(name=other))) if (
            other in gone.get(one, ()) or one in gone.get(other, ())
        ):
            return NO if operator == "==" else YES
        case Member(item=Name(name=step), members=members, negated=negated) if step in gone:
            left = tuple(one for one in members if not (isinstance(one, Name) and one.name in gone[step]))
            return replace(node, members=left) if left else YES if negated else NO
        case _:
            return _simpler(with_children(node, [_folded(part, gone) for part in children(node)]))


def _simpler(node: Node) -> Node:
    """The node without operands that are 0 or 1 and change nothing, and without those that come to nothing."""
    match node:
        case Unary(operator="-", operand=Number(value=0)) | Unary(operator="not", operand=Number(value=1)):
            return NO
        case Unary(operator="not", operand=Number(value=0)):
            return YES
        case Binary(operator="*", left=left, right=right) if NO in (left, right):
            return NO
        case Binary(operator="/", left=Number(value=0)):
            return NO
        case (
            Binary(operator="*", left=Number(value=1), right=kept)
            | Binary(operator="+", left=Number(value=0), right=kept)
            | Binary(operator="*" | "/", left=kept, right=Number(value=1))
            | Binary(operator="+" | "-", left=kept, right=Number(value=0))
        ):
            return kept
        case Binary(operator="-", left=Number(value=0), right=right):
            return Unary("-", right)
        case IfElse(then=then, condition=Number(value=value), otherwise=otherwise):
            return then if value else otherwise
        case Logic(operator=operator, operands=operands):
            decides, changes_nothing = (NO, YES) if operator == "and" else (YES, NO)
            if decides in operands:
                return decides
            kept_operands = tuple(one for one in operands if one != changes_nothing)
            if not kept_operands:
                return changes_nothing
            alone = len(kept_operands) == 1 and is_condition(kept_operands[0])
            return kept_operands[0] if alone else node if len(kept_operands) == 1 else Logic(operator, kept_operands)
        case _:
            return node


def _written(node: Node, least: int) -> str:
    """The text of a node, in brackets if it binds less than `least`."""
    text, binds = _text_of(node)
    return text if binds >= least else f"({text})"


def _text_of(node: Node) -> tuple[str, int]:
    """The text of a node, and how tightly it binds."""
    match node:
        case Number(value=value):
            return f"{float(value):.12g}", _ATOM
        case Name(name=name):
            return name, _ATOM
        case Unary(operator="-", operand=operand):
            return f"-{_written(operand, _SIGN)}", _SIGN
        case Unary(operand=operand):
            return f"not {_written(operand, _NOT)}", _NOT
        case Binary(operator="**", left=left, right=right):
            return f"{_written(left, _ATOM)} ** {_written(right, _SIGN)}", _POWER
        case Binary(operator=operator, left=left, right=right):
            binds = _SUM if operator in "+-" else _PRODUCT
            return f"{_written(left, binds)} {operator} {_written(right, binds + 1)}", binds
        case Compare(operators=operators, operands=operands):
            sides = [_written(one, _SUM) for one in operands]
            pairs = zip(operators, sides[1:], strict=True)
            return sides[0] + "".join(f" {operator} {side}" for operator, side in pairs), _COMPARED
        case Member(item=item, members=members, negated=negated):
            listed = ", ".join(_written(one, _SUM) for one in members)
            return f"{_written(item, _SUM)} {'not in' if negated else 'in'} [{listed}]", _COMPARED
        case Logic(operator=operator, operands=operands):
            binds = _OR if operator == "or" else _AND
            return f" {operator} ".join(_written(one, binds + 1) for one in operands), binds
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            asked = _written(condition, _OR)
            return f"{_written(then, _OR)} if {asked} else {_written(otherwise, _LOOSEST)}", _LOOSEST
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_written(one, _LOOSEST) for one in arguments)})", _ATOM
        case Is() | Linear():  # of resolved expressions alone
            raise TypeError(f"not a node of a text: {node}")
