"""Records are dataclasses in all that can be seen; their methods are compiled when one is first used."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from inspect import signature
from typing import Any

import pytest

from neural.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A point."""

    x: int
    y: int = 0
    names: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Twin:
    """The same, by the standard library."""

    x: int
    y: int = 0
    names: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(slots=True)
class Basket:
    """One that may change."""

    things: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Named:
    """One with a method of its own that the decorator would have made."""

    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Untouched:
    """Declares a fresh class of which nothing was used yet."""

    def __new__(cls) -> Any:
        return dataclass(frozen=True, slots=True)(type("Fresh", (), {"__annotations__": {"x": int}, "__doc__": "One."}))


def test_it_is_a_dataclass() -> None:
    assert is_dataclass(Point)
    assert [each.name for each in fields(Point)] == ["x", "y", "names"]
    assert vars(Point)["__slots__"] == vars(Twin)["__slots__"]
    assert Point.__match_args__ == Twin.__match_args__  # type: ignore[attr-defined]
    assert repr(Point.__dataclass_params__) == repr(Twin.__dataclass_params__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__"])
def test_any_use_may_be_the_first(name: str) -> None:
    fresh = Untouched()
    one = fresh(1) if name == "__init__" else object.__new__(fresh)
    object.__setattr__(one, "x", 1)
    uses: dict[str, Any] = {
        "__init__": lambda: one.x == 1,
        "__repr__": lambda: repr(one) == "Fresh(x=1)",
        "__eq__": lambda: one == fresh(1) and one != fresh(2),
        "__hash__": lambda: hash(one) == hash((1,)),
        "__setattr__": lambda: _refused(lambda: setattr(one, "x", 2)),
        "__delattr__": lambda: _refused(lambda: delattr(one, "x")),
    }
    assert uses[name]()
    assert fresh(3) == replace(one, x=3)


def _refused(change: Any) -> bool:
    with pytest.raises(FrozenInstanceError):
        change()
    return True


def test_methods_are_those_of_the_standard_library() -> None:
    assert str(signature(Point)) != str(signature(Twin))
    points, twins = ([kind(1), kind(1, 2), kind(0, 5, ("a",)), kind(x=1, names=("b",))] for kind in (Point, Twin))
    assert str(signature(Point)) == str(signature(Twin))
    assert [repr(each) for each in points] == [repr(each).replace("Twin", "Point") for each in twins]
    assert [hash(each) for each in points] == [hash(each) for each in twins]
    assert [a == b for a in points for b in points] == [a == b for a in twins for b in twins]
    assert [a < b for a in points for b in points] == [a < b for a in twins for b in twins]
    assert Point(1) != Twin(1)


@pytest.mark.parametrize("given", [{}, {"z": 1}, {"x": 1, "z": 1}])
def test_wrong_arguments_are_refused(given: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Untouched()(**given)


def test_copies() -> None:
    point = Point(1, 2, ("a",))
    for other in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert (other, other.names) == (point, point.names)


def test_one_that_may_change() -> None:
    first, second = Basket(), Basket()
    first.things.append("egg")
    assert (first.things, second.things) == (["egg"], [])
    second.things = ["egg"]
    assert first == second
    with pytest.raises(TypeError):
        hash(first)


def test_its_own_methods_stay() -> None:
    assert repr(Named("a")) == "<a>"
    assert Named("a") == Named("a")


def test_what_inherits_a_dataclass_is_made_at_once() -> None:
    child = dataclass(frozen=True)(type("Child", (Twin,), {"__annotations__": {"z": int}, "z": 3, "__doc__": "One."}))
    assert child(1).z == 3  # type: ignore[call-arg]
