"""The standard library's `dataclass`, except that a class's functions are written when they are first needed.

The library writes and compiles up to six functions for each class, whether they are used or not: a fifth of the time
that `offramp check` takes in a new process. Here `__init__` is written when it is first looked up, and what compares,
hashes, shows and freezes objects is common to all classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    import sys
    from functools import partial
    from operator import attrgetter
    from reprlib import recursive_repr
    from types import MethodType

    def dataclass(cls=None, /, *, frozen=False, eq=True, repr=True):  # noqa: A002
        """A class as a dataclass, with the standard library's meaning of `frozen`, `eq` and `repr`.

        Bases that are dataclasses must be made here too.
        """
        if cls is None:
            return partial(dataclass, frozen=frozen, eq=eq, repr=repr)
        own = frozenset(vars(cls))
        own_hash = cls.__dict__.get("__hash__") is not None
        cls.__doc__ = cls.__doc__ or cls.__name__  # else the library writes one, for which it needs `__init__`
        cls = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
        added = {"__init__": _Init(cls, frozen)}
        if repr:
            added["__repr__"] = _shown
        if frozen:
            added |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
        if eq:
            added["__eq__"] = _equality(cls)
        for name, function in added.items():
            if name not in own:
                setattr(cls, name, function)
        if eq and not own_hash:
            cls.__hash__ = _hashing(cls) if frozen else None
        return cls

    class _Init:
        """The `__init__` of a class, which is written when it is first looked up."""

        def __init__(self, cls, frozen):
            self.cls, self.frozen = cls, frozen

        def __get__(self, instance, owner=None):
            self.cls.__init__ = written = _written_init(self.cls, self.frozen)
            return written if instance is None else MethodType(written, instance)

    class _Factory:
        """What stands for the default of a field that makes its default anew."""

        def __repr__(self):
            return "<factory>"

    LEFT_OUT = _Factory()

    def _written_init(cls, frozen):
        parameters, by_name, body = ["self"], [], []
        given = {"_left_out": LEFT_OUT, "_set": object.__setattr__}
        for field in dataclasses.fields(cls):
            name, value, default = field.name, field.name, ""
            if field.default_factory is not dataclasses.MISSING:
                given[f"_new_{name}"], default = field.default_factory, " = _left_out"
                value = f"_new_{name}() if {name} is _left_out else {name}" if field.init else f"_new_{name}()"
            elif field.default is not dataclasses.MISSING:
                given[f"_default_{name}"], default = field.default, f" = _default_{name}"
            if field.init:
                (by_name if field.kw_only else parameters).append(name + default)
            if field.init or field.default_factory is not dataclasses.MISSING:
                body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        parameters += ["*", *by_name] if by_name else []
        lines = "".join(f"  {line}\n" for line in body or ["pass"])
        text = f"def write({', '.join(given)}):\n def __init__({', '.join(parameters)}):\n{lines} return __init__"
        made = {}
        exec(text, vars(sys.modules[cls.__module__]), made)
        written = made["write"](**given)
        written.__qualname__ = f"{cls.__qualname__}.__init__"
        written.__annotations__ = {field.name: field.type for field in dataclasses.fields(cls) if field.init}
        written.__annotations__["return"] = None
        return written

    def _values(names):
        """What gives an object's values of some attributes as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda one: tuple(getattr(one, name) for name in names)

    def _equality(cls):
        values = _values([field.name for field in dataclasses.fields(cls) if field.compare])

        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        return equal

    def _hashing(cls):
        fields = dataclasses.fields(cls)
        values = _values([one.name for one in fields if (one.compare if one.hash is None else one.hash)])

        return lambda self: hash(values(self))

    @recursive_repr()
    def _shown(self):
        shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
        return f"{self.__class__.__qualname__}({shown})"

    def _refuse_to_set(self, name, value):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
