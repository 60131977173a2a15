"""Rows of the layers' tests: a layer by its name and arguments as a program gives them, and the shapes it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from neural.errors import RuleError
from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS
from neural.shapes import Shape


def make(type_name: str, arguments: dict[str, Any]) -> Layer:
    """Read the arguments as the binder does and build the layer."""
    declared = LAYERS[type_name].arguments()
    read = {}
    for name, value in arguments.items():
        try:
            read[name] = declared[name].kind.read(value)
        except RuleError as error:
            error.argument = error.argument or name
            raise
    return LAYERS[type_name](**read)


@dataclass(frozen=True)
class Row:
    """A configuration of a layer on the shapes of its inputs, without the batch."""

    type: str
    shapes: tuple[Shape, ...]
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def layer(self) -> Layer:
        return make(self.type, self.arguments)

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.type}({given}) on {', '.join(map(str, self.shapes))}"


def row(type: str, *shapes: Shape, **arguments: Any) -> Row:
    """Write a row as a program would: the type, the shapes it reads, its arguments."""
    return Row(type, shapes, arguments)
