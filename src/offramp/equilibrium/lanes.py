"""Several draws in one machine vector: a value type for the compiled loops.

`load(array, start, like)` reads consecutive numbers of a flat array as one value. `like` is a tuple with one entry for
each lane; its length decides how wide the loops are compiled, so the same source serves one draw and eight at a time.
Lanes support `+ - * /`, comparison, `where`, `largest`, `magnitude` and `exponential`; every lane goes through the
same operations, so its bits do not depend on the other lanes. LLVM's own vectorizer would have to prove at every short
loop that rows do not overlap, and loses most of the gain there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.extending import intrinsic, lower_builtin, register_model, type_callable

ALONE = (0.0,)
FOUR = (0.0,) * 4
EIGHT = (0.0,) * 8
DOUBLE, BIT, LONG = ir.DoubleType(), ir.IntType(1), ir.IntType(64)

LOWEST = -708.0
"""Lower arguments of the exponential count as this one: the result is about 3e-308, never zero."""
SHIFTER = 1.5 * 2.0**52
"""Adding this to a number below 2**51 puts the nearest whole number in the low bits."""
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts; the first times any exponent is exact (Cody & Waite 1980)."""
TERMS = 13
"""Terms of the exponential's series: enough for the last bit on [-ln 2 / 2, ln 2 / 2]."""


class Lanes(types.Type):
    """A vector of numbers, one for each lane."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")


class Flags(types.Type):
    """A vector of truth values, one for each lane."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Flags({width})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(DOUBLE, lanes.width))


@register_model(Flags)
class _FlagsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, flags: Flags) -> None:
        super().__init__(manager, flags, ir.VectorType(BIT, flags.width))


def operation(typed: Callable[..., Any]) -> Any:
    """An operation of the compiled loops, defined by its type and its machine code."""
    return intrinsic(typed)


def _constant(width: int, value: float) -> ir.Constant:
    return ir.Constant(ir.VectorType(DOUBLE, width), [value] * width)


def _address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """The address of the first of consecutive numbers, as a pointer to a vector."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    first = builder.gep(array.data, [args[1]])
    width = signature.args[2].count if isinstance(signature.args[2], types.UniTuple) else signature.args[2].width
    return builder.bitcast(first, ir.VectorType(DOUBLE, width).as_pointer())


@operation
def load(_: Any, array: Any, start: Any, like: Any) -> Any:
    """Read the numbers of a flat float64 array from `start` on, as many as `like` has."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = builder.load(_address(context, builder, signature, args))
        vector.align = 8
        return vector

    return Lanes(like.count)(array, types.intp, like), code


@operation
def store(_: Any, array: Any, start: Any, lanes: Any) -> Any:
    """Write lanes into a flat float64 array from `start` on."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.none(array, types.intp, lanes), code


@operation
def fill(_: Any, value: Any, like: Any) -> Any:
    """The same number in every lane."""
    width = like.count

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = ir.Constant(ir.VectorType(DOUBLE, width), ir.Undefined)
        for lane in range(width):
            vector = builder.insert_element(vector, args[0], ir.Constant(ir.IntType(32), lane))
        return vector

    return Lanes(width)(types.float64, like), code


def _arithmetic(sign: Callable[..., Any], instruction: str) -> None:
    @type_callable(sign)
    def typed(_: Any) -> Any:
        return lambda left, right: left if isinstance(left, Lanes) and isinstance(right, Lanes) else None

    @lower_builtin(sign, Lanes, Lanes)
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


def _comparison(sign: Callable[..., Any], symbol: str) -> None:
    @type_callable(sign)
    def typed(_: Any) -> Any:
        return lambda left, right: Flags(left.width) if isinstance(left, Lanes) and isinstance(right, Lanes) else None

    @lower_builtin(sign, Lanes, Lanes)
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fcmp_ordered(symbol, *args)


for _sign, _instruction in (
    (operator.add, "fadd"), (operator.iadd, "fadd"),
    (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv"),
):  # fmt: skip
    _arithmetic(_sign, _instruction)
_comparison(operator.lt, "<")
_comparison(operator.gt, ">")


@operation
def where(_: Any, flags: Any, then: Any, otherwise: Any) -> Any:
    """`then` in the lanes whose flag is set, `otherwise` in the rest."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return then(flags, then, otherwise), code


@operation
def largest(_: Any, left: Any, right: Any) -> Any:
    """The larger number in each lane; `right` if either is NaN."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return left(left, right), code


@operation
def magnitude(_: Any, lanes: Any) -> Any:
    """Absolute values."""
    width = lanes.width

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = ir.VectorType(LONG, width)
        bits = builder.and_(builder.bitcast(args[0], whole), ir.Constant(whole, [2**63 - 1] * width))
        return builder.bitcast(bits, ir.VectorType(DOUBLE, width))

    return lanes(lanes), code


@operation
def exponential(_: Any, lanes: Any) -> Any:
    """Exponentials of numbers from `LOWEST` to 709, within four units in the last place."""
    width = lanes.width

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = ir.VectorType(LONG, width)
        low = _constant(width, LOWEST)
        x = builder.select(builder.fcmp_ordered(">", args[0], low), args[0], low)
        shifter = _constant(width, SHIFTER)
        shifted = builder.fadd(builder.fmul(x, _constant(width, 1.0 / math.log(2.0))), shifter)
        power = builder.fsub(shifted, shifter)
        rest = builder.fsub(x, builder.fmul(power, _constant(width, LN2_HIGH)))
        rest = builder.fsub(rest, builder.fmul(power, _constant(width, LN2_LOW)))
        series = [_constant(width, 1.0 / math.factorial(term)) for term in range(TERMS)]
        raised = rest
        while len(series) > 1:  # in pairs, so that steps need not wait for one another (Estrin's scheme)
            odd = series[1::2]
            pairs = [
                builder.fadd(even, builder.fmul(next_odd, raised))
                for even, next_odd in zip(series[::2], odd, strict=False)
            ]
            series = pairs + series[2 * len(odd) :]
            raised = builder.fmul(raised, raised)
        bits = builder.add(builder.bitcast(shifted, whole), ir.Constant(whole, [1023] * width))
        scale = builder.bitcast(builder.shl(bits, ir.Constant(whole, [52] * width)), ir.VectorType(DOUBLE, width))
        return builder.fmul(series[0], scale)

    return lanes(lanes), code
