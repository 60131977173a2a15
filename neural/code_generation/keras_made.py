"""What a row of the Keras tables gives: the call that makes a layer, and how the layer is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import Any

from neural.code_generation.templates import Cut, Hole, cut, joined
from neural.code_generation.writer import Code, Helper, call, literal
from neural.layers.base import Layer, type_name
from neural.layers.fields import MISSING, Margins, Sizes

Reads = Callable[[Layer, Sequence[str]], list[str]]
"""From a layer and its tensors' variables to the arguments it is called with."""


def _all(layer: Layer, tensors: Sequence[str]) -> list[str]:
    return list(tensors)


@dataclass(frozen=True, slots=True)
class Made:
    """A call that makes a Keras layer, without its name, and how the layer is called."""

    function: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    reads: Reads = _all
    helper: Helper | None = None
    """A class that the call needs in the file."""
    groups: tuple[int, ...] = ()
    """How the results behind the first are grouped where some stand together in a tuple: the size of each group."""
    imports: tuple[str, ...] = ()
    """What the call needs besides Keras and its layers."""
    options: Mapping[str, str | None] = field(default_factory=dict)
    """The arguments by name in Keras's order, numbers and words with what they are where they are left out."""

    def code(self) -> Code:
        """Return the call as an argument of another one."""
        return Code(call(self.function, self.positional, self.named))

    def cut(self, layer: Layer, last: str) -> Cut:
        """Return the call with a hole for each number and word; ``last`` is the source of its last argument."""
        required = [name for name, argument in layer.arguments().items() if argument.required]
        pieces: list[str | Hole] = [f"{self.function}("]
        for position, value in enumerate(self.positional):
            name = required[position] if len(required) == len(self.positional) else "value"
            pieces += [", " if position else "", *_pieces(value, name)]
        for name, default in (self.options or dict.fromkeys(self.named)).items():
            if name not in self.named:
                pieces += [Hole(default, name, default)] if default is not None else []
            elif default is not None and _is_plain(value := self.named[name]):
                pieces.append(Hole(literal(value), name, default))
            else:
                pieces += [", " if len(pieces) > 1 else "", f"{name}=", *_pieces(self.named[name], name)]
        return joined([*pieces, ", " if len(pieces) > 1 else "", f"{last})"])


def _pieces(value: Any, name: str) -> Iterator[str | Hole]:
    """Yield the source of an argument with holes for numbers and words; each size of a shape has its own."""
    if isinstance(value, Code):
        yield from (value,) if value.startswith("lambda ") else cut(value).pieces()
    elif name == "target_shape" and value:
        for position, size in enumerate(value):
            yield ", " if position else "("
            yield from _pieces(size, "size")
        yield ",)" if len(value) == 1 else ")"
    elif _is_plain(value):
        yield Hole(literal(value), name)
    else:
        yield literal(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_number, value))
    return isinstance(value, int | float) and isfinite(value)


def _is_plain(value: Any) -> bool:
    """Whether a value can be what a parameter is given: a number or a word."""
    return _is_number(value) or (isinstance(value, str) and not isinstance(value, Code))


Row = Callable[[Layer], Made]


def same(function: str = "", reads: Reads | None = None, **names: str) -> Row:
    """Return the row of a layer that Keras has with the same arguments; ``names`` are those it calls otherwise."""

    def row(layer: Layer) -> Made:
        positional, named = arguments(layer, names)
        name = f"layers.{function or type_name(layer)}"
        options = _options(type(layer), tuple(names.items()))
        return Made(name, positional, named, reads or _all, options=options)

    return row


@cache
def _options(layer: type[Layer], names: tuple[tuple[str, str], ...]) -> Mapping[str, str | None]:
    """Return the arguments of a layer, by other names for some: their default if it is a number or a word, or None."""
    written = dict(names)
    defaults = {
        name: None if each.required else shortest(each.default, each.kind) for name, each in layer.arguments().items()
    }
    return {
        written.get(name, name): literal(default) if _is_plain(default) else None for name, default in defaults.items()
    }


def arguments(layer: Layer, names: Mapping[str, str]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the required arguments by position and the others that differ from their defaults by name."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, argument in layer.arguments().items():
        value = getattr(layer, name)
        written = shortest(value, argument.kind)
        if argument.required and not named:
            positional.append(written)
        elif argument.default is MISSING or value != argument.default:
            named[names.get(name, name)] = written
    return tuple(positional), named


def shortest(value: Any, kind: Any) -> Any:
    """Return sizes and margins that are all the same as one of them."""
    if isinstance(kind, Margins) and value is not None:
        pairs = tuple(pair[0] if pair[0] == pair[1] else pair for pair in value)
        if len(pairs) == 1 or (len(set(pairs)) == 1 and isinstance(pairs[0], int)):
            return pairs[0]
        return pairs if all(isinstance(pair, int) for pair in pairs) else value
    if isinstance(kind, Sizes) and value is not None and len(set(value)) == 1:
        return value[0]
    return value


def by_activation(name: str) -> Row:
    """Return the row of a layer that Keras has as an activation's name."""
    return lambda layer: Made("layers.Activation", (name,))


def grouped(names: Sequence[str], sizes: Sequence[int], brackets: str = "()") -> list[str]:
    """Return names in groups of some sizes, in brackets where there are several; "" stands for one without a name."""
    rest, found = list(names), []
    for size in sizes if rest else ():
        group, rest = rest[:size], rest[size:]
        several = f"{brackets[0]}{', '.join(name or '_' for name in group)}{brackets[1]}" if any(group) else ""
        found.append(several if size > 1 else group[0])
    return found


def places_of(count: int, sizes: Sequence[int]) -> list[str]:
    """Return where each of the results behind the first stands among all, of which some stand in groups."""
    groups = enumerate(sizes or (1,) * count, 1)
    return [f"[{group}][{index}]" if size > 1 else f"[{group}]" for group, size in groups for index in range(size)]
