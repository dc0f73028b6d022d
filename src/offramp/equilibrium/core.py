"""The solver's compiled core: its functions, with checked arguments, from the library that suits this processor.

The core is C++ (`core/` in the repository), compiled when the package is built. Arrays are passed by address and are
never copied: an array of another type or layout is an error.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError

BUILT = Path(__file__).parent / "built"
SOURCES = Path(__file__).parents[3] / "core"
"""The core's sources; only a checkout has them."""
ENDING = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")

OLD = "the solver's core is older than the package: run `make core` in the checkout"

WHOLE = ctypes.c_int64
NUMBER = ctypes.c_double


LEVELS = ("plain", "avx2", "avx512")
"""The instruction sets that the core is built for, on x86-64; elsewhere there is only the first."""


def usable_cores() -> list[Path]:
    """The libraries that run on this processor, the fastest last."""
    plain, *wider = (BUILT / f"core-{level}{ENDING}" for level in LEVELS)
    if not plain.is_file():
        raise UsageError(f"the solver's core is not built: {plain} is missing; run `make core` in the checkout")
    try:
        widest = ctypes.CDLL(str(plain)).widest_instructions
    except AttributeError:
        raise UsageError(OLD) from None
    if (SOURCES / "build.py").is_file() and _is_outdated(plain):
        raise UsageError(OLD)
    widest.restype = WHOLE
    return [plain, *(path for path in wider[: widest()] if path.is_file())]


def _is_outdated(plain: Path) -> bool:
    """Whether a checkout's sources are no longer those that a library is made of, as `core/build.py` hashes them.

    Its functions might take other arguments than they are given, and crash.
    """
    sources = [SOURCES / "build.py", *sorted(SOURCES.glob("*.cpp")), *sorted(SOURCES.glob("*.hpp"))]
    built = plain.stat().st_mtime
    if all(path.stat().st_mtime <= built for path in sources):
        return False
    import hashlib

    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return stamp.encode() not in plain.read_bytes()


LIBRARY = ctypes.CDLL(str(usable_cores()[-1]))


def core_in_use() -> tuple[str, str]:
    """A hash of the core's sources, and the instruction set that it was compiled for: one of `LEVELS`."""
    LIBRARY.core_stamp.restype = ctypes.c_char_p
    return LIBRARY.core_stamp().decode(), Path(LIBRARY._name).stem.removeprefix("core-")


def _start_of(values: Any) -> Any:
    """An array's first byte."""
    if values.flags.writeable:
        return (ctypes.c_char * 0).from_buffer(values)  # also checks that the array is contiguous
    if not values.flags.c_contiguous:
        raise TypeError("the array is not contiguous")
    return (ctypes.c_char * 0).from_address(values.ctypes.data)


class ArrayType:
    """The type of an argument: a C-contiguous array, of any shape; a tenth of the cost of NumPy's `ndpointer`."""

    def __init__(self, kind: type[np.generic]) -> None:
        self.dtype = np.dtype(kind)

    def from_param(self, values: NDArray[Any]) -> Any:
        """What ctypes passes as the array's address."""
        if values.dtype != self.dtype:
            raise TypeError(f"expected an array of {self.dtype}, found one of {values.dtype}")
        return _start_of(values)


FLOATS, INTS, LONGS, BYTES = map(ArrayType, (np.float64, np.int32, np.int64, np.bool_))

PACKED = ctypes.c_char_p
"""The type of an argument: a `Struct`."""


class Struct:
    """Base of a frozen dataclass of arrays and numbers with the members of a struct of the core, in the same order.

    Each member takes eight bytes: a whole number, a number, or the address of an array; a `Struct` takes those of its
    own members. They are laid out once, so the arrays must not be replaced.
    """

    @cached_property
    def _as_parameter_(self) -> bytes:
        return b"".join(_laid_out(getattr(self, name)) for name in self.__class__.__annotations__)


def _laid_out(part: Any) -> bytes:
    if isinstance(part, Struct):
        return part._as_parameter_
    if isinstance(part, np.ndarray):
        return struct.pack("=Q", ctypes.addressof(_start_of(part)))
    return struct.pack("=d" if isinstance(part, float) else "=q", part)


def function(name: str, *arguments: Any) -> Callable[..., None]:
    """A function of the core that works on its arguments; memory that runs out is an error."""
    try:
        found: Any = LIBRARY[name]
    except AttributeError:
        raise UsageError(OLD) from None
    found.argtypes = arguments
    found.restype = WHOLE
    found.errcheck = _check

    def call(*given: Any) -> None:
        try:
            found(*given)
        except ctypes.ArgumentError as error:
            if "KeyboardInterrupt" in str(error):  # Ctrl-C while an argument was checked
                raise KeyboardInterrupt from None
            raise

    return call


def _check(failed: int, *_: Any) -> None:
    if failed:
        raise MemoryError("not enough memory for the solver")
