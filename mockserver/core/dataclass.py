"""Dataclasses whose making costs a start next to nothing.

`dataclasses.dataclass` writes the source of up to six methods for a class and has it compiled,
which takes a millisecond a class, and a start imports a hundred of them. Here `__init__` is
compiled when the first instance is made, and the other methods need no source of their own. All
the rest is that of `dataclasses`: fields, `replace`, `asdict`, patterns, copies, pickles, and what
a type checker sees.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(
        *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> Callable[[type], type]:
        """What `dataclasses.dataclass` makes of a class, by those of its options that are used."""

        def made(cls: type) -> type:
            own = {name for name, value in vars(cls).items() if value is not None}
            cls.__doc__ = cls.__doc__ or cls.__name__  # else it is made out at length
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            methods = {"__init__": _first_init(cls, frozen=frozen), "__repr__": _repr}
            if eq:
                methods |= _comparing(cls) | ({} if frozen else {"__hash__": None})
            if frozen:
                methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
            if frozen and slots:
                methods |= {"__getstate__": _state_of, "__setstate__": _become}
            for name in methods.keys() - own:
                setattr(cls, name, methods[name])
            return cls

        return made


def _first_init(cls: type, *, frozen: bool) -> Callable[..., None]:
    """An `__init__` that has the one compiled that takes its place."""

    def __init__(self: object, *given: object, **named: object) -> None:  # noqa: N807 it is one
        init = _compiled_init(cls, frozen=frozen)
        cls.__init__ = init  # type: ignore[misc]  # because that is the point
        init(self, *given, **named)

    return __init__


def _compiled_init(cls: type, *, frozen: bool) -> Callable[..., None]:
    """The `__init__` as `dataclasses` would write it."""
    known: dict[str, object] = {"_set_field": object.__setattr__, "_not_given": MISSING}
    parameters, lines = ["self"], []
    for field in fields(cls):
        name = field.name
        parameter = value = name
        if field.default_factory is not MISSING:
            known[f"_make_{name}"] = field.default_factory
            made = f"_make_{name}()"
            parameter, value = f"{name}=_not_given", f"{made} if {name} is _not_given else {name}"
            value = value if field.init else made
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            continue  # it is for `__post_init__` to set
        if field.init:
            parameters.append(parameter)
        is_set = f"_set_field(self, {name!r}, {value})" if frozen else f"self.{name} = {value}"
        lines.append(is_set)
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    source = "\n ".join([f"def __init__({', '.join(parameters)}):", *lines, "return None"])
    exec(source, known)  # noqa: S102 because `dataclasses` does the same, of nothing but names
    init: Callable[..., None] = known["__init__"]  # type: ignore[assignment]  # because that is it
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _comparing(cls: type) -> dict[str, Callable[..., object]]:
    """Equality, and a hash by the same fields."""
    names = [field.name for field in fields(cls) if field.compare]
    get = attrgetter(*names) if names else lambda _: ()
    of = get if len(names) != 1 else lambda one: (get(one),)

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 the same
        return of(self) == of(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807 the same
        return hash(of(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


@recursive_repr()
def _repr(self: object) -> str:
    told = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)  # type: ignore[arg-type]  # the same
    return f"{self.__class__.__qualname__}({', '.join(told)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state_of(self: object) -> list[object]:
    return [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]  # the same


def _become(self: object, state: list[object]) -> None:
    for field, value in zip(fields(self), state, strict=True):  # type: ignore[arg-type]  # the same
        object.__setattr__(self, field.name, value)
