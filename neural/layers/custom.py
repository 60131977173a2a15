"""Layers that a program names and nobody defines here: kept with their arguments, filled in by the person later."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.base import UNBOUNDED, Inputs, Layer, Weight
from neural.layers.fields import Integer, Integers, argument
from neural.records import dataclass
from neural.shapes import Shape


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value, as it was written."""

    @property
    def words(self) -> str:
        return "any value"

    def read(self, value: Any) -> Any:
        return tuple(self.read(item) for item in value) if isinstance(value, list | tuple) else value


@final
@dataclass(frozen=True, slots=True)
class Custom(Layer):
    """A layer of the program's own: `SomethingLayer(...)`. It keeps its input's shape unless it states another.

    Shape: (...) -> output_shape, or that of its first input
    Example: `network Net { input: (8,)  layers: FancyLayer(depth=3, output_shape=(4,), parameters=36) }`
    Source: the program
    """

    arity: ClassVar[tuple[int, int]] = (1, UNBOUNDED)
    ops_per_output: ClassVar[int] = 1

    type: str = argument(Anything(), "Its type, as it was written.")
    settings: tuple[tuple[str, Any], ...] = argument(Anything(), "Its own arguments.", default=())
    shape: tuple[int, ...] | None = argument(
        Integers(low=1, optional=True), "Sizes of one sample of its result; none keeps its input's.", default=None
    )
    parameters: int = argument(Integer(0), "How many trainable parameters it owns.", default=0)

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0] if self.shape is None else self.shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("weights", (self.parameters,)),) if self.parameters else ()


def class_name(layer: Custom) -> str:
    """Return the name of the class that stands for a custom layer: it ends in `Layer`, as its type does or not."""
    return layer.type if layer.type.endswith("Layer") else f"{layer.type}Layer"


def given_settings(layer: Custom) -> dict[str, Any]:
    """Return the arguments of a custom layer under names that every language of arguments takes."""
    named = {f"{name}_" if iskeyword(name) or name in ("self", "name") else name: v for name, v in layer.settings}
    return named if layer.shape is None else {**named, "output_shape": layer.shape}


def is_custom(name: str) -> bool:
    """Whether a type that the catalogue does not have is one that the program defines elsewhere."""
    return (name.endswith("Layer") and len(name) > len("Layer")) or name == "CustomShape"


def custom_layer(type_: str, values: dict[str, Any]) -> Custom:
    """Return the custom layer of some arguments; raise ``RuleError`` for a wrong shape or count."""
    known = Custom.arguments()
    taken: dict[str, Any] = {}
    for written, name in (("output_shape", "shape"), ("parameters", "parameters")):
        if written in values:
            try:
                taken[name] = known[name].kind.read(values[written])
            except RuleError as error:
                raise RuleError(f"`{written}`: {error.message}", argument=written) from None
    settings = tuple((name, value) for name, value in values.items() if name not in ("output_shape", "parameters"))
    return Custom(type_, Anything().read(settings), **taken)


def keeps_shape(layer: Custom) -> str:
    """Return the words of the warning that a custom layer's shape is an assumption."""
    return f"{layer.type} is no layer of the catalogue; it is taken to keep its input's shape"
