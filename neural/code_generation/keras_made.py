"""What a row of the Keras tables gives: the call that makes a layer, and how the layer is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neural.code_generation.writer import Code, Helper, call
from neural.layers.base import Layer, type_name
from neural.layers.fields import MISSING, Margins, Sizes

Reads = Callable[[Layer, Sequence[str]], list[str]]
"""From a layer and its tensors' variables to the arguments it is called with."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that makes a Keras layer, without its name, and how the layer is called."""

    function: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    reads: Reads = lambda layer, tensors: list(tensors)
    helper: Helper | None = None
    """A class that the call needs in the file."""
    groups: tuple[int, ...] = ()
    """How the results behind the first are grouped where some stand together in a tuple: the size of each group."""
    imports: tuple[str, ...] = ()
    """What the call needs besides Keras and its layers."""

    def code(self) -> Code:
        """Return the call as an argument of another one."""
        return Code(call(self.function, self.positional, self.named))


Row = Callable[[Layer], Made]


def same(function: str = "", reads: Reads | None = None, **names: str) -> Row:
    """Return the row of a layer that Keras has with the same arguments; ``names`` are those it calls otherwise."""

    def row(layer: Layer) -> Made:
        positional, named = arguments(layer, names)
        name = f"layers.{function or type_name(layer)}"
        return Made(name, positional, named, reads) if reads else Made(name, positional, named)

    return row


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
