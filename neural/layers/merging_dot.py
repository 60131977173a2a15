"""The dot product of two tensors of each sample, along one axis of each."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, Saved, elements, position
from neural.layers.fields import Axes, Flag, argument, show
from neural.records import dataclass
from neural.shapes import Shape, describe


@final
@dataclass(frozen=True, slots=True)
class Dot(Layer):
    """Multiplies two tensors along an axis of each and adds up: FLOPs are 2 x the size of that axis x the results.

    Shape: (a, n), (b, n) -> (a, b); two vectors give (1)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Dot(axes=1)(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/dot/
    """

    arity: ClassVar[tuple[int, int]] = (2, 2)

    axes: int | tuple[int, ...] = argument(
        Axes(several=True), "The axis of both, or one of each; the batch is axis 0.", aliases=("axis",)
    )
    normalize: bool = argument(Flag(), "Whether both are first scaled to length 1 along it.", default=False)

    def positions(self, inputs: Inputs) -> tuple[int, int]:
        """Return where the axis stands in the shape of one sample of the first and of the second input."""
        axes = self.axes if isinstance(self.axes, tuple) else (self.axes, self.axes)
        if len(axes) != 2:
            raise RuleError(
                f"expected one axis, or a pair of them, got {show(axes)}",
                help="name one axis of the first input and one of the second",
                argument="axes",
            )
        return position(axes[0], inputs[0], "Dot"), position(axes[1], inputs[1], "Dot")

    def output_shape(self, inputs: Inputs) -> Shape:
        first, second = inputs
        i, j = self.positions(inputs)
        if first[i] != second[j]:
            raise RuleError(
                f"{first[i]} and {second[j]} differ: axis {i + 1} of {describe(first)} and axis {j + 1} of "
                f"{describe(second)} are multiplied place by place",
                help="name axes of one size, such as axes=(2, 1)",
                argument="axes",
            )
        return (*first[:i], *first[i + 1 :], *second[:j], *second[j + 1 :]) or (1,)

    def contracted_size(self, inputs: Inputs) -> int:
        """Return the size of the axis that is added up over."""
        i, _ = self.positions(inputs)
        return inputs[0][i] or 0

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x contracted size x output elements."""
        return 2 * self.contracted_size(inputs) * elements(output)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs; with normalize also the scaled ones and two values a vector."""
        if not self.normalize:
            return Saved(inputs=True)
        lengths = [
            elements(shape) // (shape[at] or 1) for shape, at in zip(inputs, self.positions(inputs), strict=True)
        ]
        return Saved(inputs=True, elements=sum(map(elements, inputs)) + 2 * sum(lengths))
