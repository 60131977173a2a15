"""``dataclass`` as the standard library has it, with its methods compiled when one of them is first used.

The standard library compiles up to six methods for every class that is declared. A program uses a few of the hundreds
of layers and records, so that a short command would spend most of its time on methods that it never calls.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, order: bool = False) -> Callable[[type[T]], type[T]]:
        """Return a decorator that makes a dataclass; the options are the standard library's."""

        def decorate(cls: type[T]) -> type[T]:
            if any(map(dataclasses.is_dataclass, cls.__bases__)):
                return dataclasses.dataclass(frozen=frozen, slots=slots, order=order)(cls)
            return _declared(cls, frozen, slots, order)

        return decorate


def _declared(cls: type[T], frozen: bool, slots: bool, order: bool) -> type[T]:
    """Return the class with fields and slots, and something in the place of each method."""
    own = vars(cls).keys()
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
    known = made.__dataclass_params__
    known.init = known.repr = known.eq = True
    known.frozen, known.order = frozen, order
    for name in ("__init__", "__repr__", "__eq__", *(_ORDERING if order else ()), *(("__hash__",) if frozen else ())):
        if name not in own:
            setattr(made, name, _uncompiled(made, name))
    if frozen:
        for name, method in _FROZEN.items():
            setattr(made, name, method)
    elif "__hash__" not in own:
        made.__hash__ = None
    return made  # type: ignore[no-any-return]


def _uncompiled(cls: type[Any], name: str) -> Callable[..., Any]:
    """Return what stands for a method until it is first called, and is then compiled with those that go with it."""

    def method(*given: Any, **named: Any) -> Any:
        _compile(cls, name)
        return getattr(cls, name)(*given, **named)

    method.__dict__["uncompiled"] = True
    return method


def _compile(cls: type[Any], name: str) -> None:
    """Put the standard library's method, and others of its kind, where others stand. Twice at once does no harm."""
    known = cls.__dataclass_params__
    fields = [(each.name, each.type, each) for each in dataclasses.fields(cls)]
    later = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
    kind = "repr" if name == "__repr__" else "init" if name == "__init__" else "eq"
    whole = dataclasses.make_dataclass(
        cls.__name__,
        fields,
        namespace=later,
        init=kind == "init",
        repr=kind == "repr",
        eq=kind == "eq",
        order=known.order and kind == "eq",
        frozen=known.frozen and kind == "init",
        unsafe_hash=known.frozen and kind == "eq",
    )
    for made, method in vars(whole).items():
        if hasattr(vars(cls).get(made), "uncompiled"):
            setattr(cls, made, method)


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for each, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_ORDERING: Final = ("__lt__", "__le__", "__gt__", "__ge__")

#: What keeps an instance as it is, and lets it be copied all the same.
_FROZEN: Final[dict[str, Callable[..., Any]]] = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _state,
    "__setstate__": _set_state,
}
