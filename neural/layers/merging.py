"""Layers that make one tensor of several."""

from __future__ import annotations

from functools import reduce
from typing import ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.base import SAVES_NOTHING, UNBOUNDED, Inputs, Layer, Saved, elements, position
from neural.layers.fields import Axes, argument
from neural.records import dataclass
from neural.shapes import Dim, Shape, broadcast, describe


class ElementwiseMerge(Layer):
    """What the merging layers that work element by element share: Keras's broadcasting of their inputs.

    Shapes of fewer axes get axes of size 1 after the batch; then each axis must agree, be 1, or be unknown.
    """

    __slots__ = ()

    arity: ClassVar[tuple[int, int]] = (2, UNBOUNDED)
    ops_per_output: ClassVar[int] = 1

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        return reduce(self._merge, inputs)

    def _merge(self, first: Shape, second: Shape) -> Shape:
        merged = broadcast(first, second)
        if merged is not None:
            return merged
        pairs = zip(reversed(first), reversed(second), strict=False)
        offset, (a, b) = next((i, pair) for i, pair in enumerate(pairs, 1) if broadcast(pair[:1], pair[1:]) is None)
        raise RuleError(
            f"{a} and {b} differ in axis {-offset}: {type(self).__name__} cannot merge {describe(first)} "
            f"with {describe(second)}",
            help="give its inputs equal sizes, for example with a 1x1 Conv2D in one branch, or use Concatenate",
        )


class Sum(ElementwiseMerge):
    """What the merging layers whose gradient needs no input share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Nothing."""
        return SAVES_NOTHING


class Fold(ElementwiseMerge):
    """What the merging layers that keep both operands of each step share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, and the result of each step but the last."""
        steps = [reduce(self._merge, inputs[:count]) for count in range(2, len(inputs))]
        return Saved(inputs=True, elements=sum(elements(step) for step in steps))


@final
@dataclass(frozen=True, slots=True)
class Add(Sum):
    """Adds its inputs.

    Shape: (...), (...), ... -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  b = Dense(8)  Add()(a, b) }`
    Source: https://keras.io/api/layers/merging_layers/add/
    """


@final
@dataclass(frozen=True, slots=True)
class Subtract(Sum):
    """Subtracts its second input from its first.

    Shape: (...), (...) -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Subtract()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/subtract/
    """

    arity: ClassVar[tuple[int, int]] = (2, 2)


@final
@dataclass(frozen=True, slots=True)
class Average(Sum):
    """Takes the mean of its inputs.

    Shape: (...), (...), ... -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Average()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/average/
    """


@final
@dataclass(frozen=True, slots=True)
class Multiply(Fold):
    """Multiplies its inputs.

    Shape: (...), (...), ... -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Multiply()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/multiply/
    """


@final
@dataclass(frozen=True, slots=True)
class Maximum(Fold):
    """Keeps the largest of its inputs, element by element.

    Shape: (...), (...), ... -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Maximum()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/maximum/
    """


@final
@dataclass(frozen=True, slots=True)
class Minimum(Fold):
    """Keeps the smallest of its inputs, element by element.

    Shape: (...), (...), ... -> (...)
    Example: `network Net { input: (8,)  layers: a = Dense(8)  Minimum()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/minimum/
    """


@final
@dataclass(frozen=True, slots=True)
class Concatenate(Layer):
    """Joins its inputs along an axis; their other sizes agree.

    Shape: (..., a), (..., b), ... -> (..., a + b + ...)
    Example: `network Net { input: (8,)  layers: a = Dense(4)  Concatenate()(a, input) }`
    Source: https://keras.io/api/layers/merging_layers/concatenate/
    """

    arity: ClassVar[tuple[int, int]] = (2, UNBOUNDED)

    axis: int = argument(Axes(), "The axis to join along; the batch is axis 0.", default=-1, aliases=("dim",))

    def output_shape(self, inputs: Inputs) -> Shape:
        first = inputs[0]
        for other in inputs[1:]:
            if len(other) != len(first):
                raise RuleError(
                    f"it cannot join {describe(first)} and {describe(other)}: they have {len(first) + 1} "
                    f"and {len(other) + 1} axes",
                    help="give its inputs as many axes, for example with Reshape(...)",
                )
        index = position(self.axis, first, "Concatenate")
        differing = [axis for axis, sizes in enumerate(zip(*inputs, strict=True)) if len(_known(sizes)) > 1]
        if set(differing) - {index}:
            raise self._mismatch(inputs, index, differing)
        sizes = [shape[index] for shape in inputs]
        total = None if None in sizes else sum(size for size in sizes if size is not None)
        return (*first[:index], total, *first[index + 1 :])

    def _mismatch(self, inputs: Inputs, index: int, differing: list[int]) -> RuleError:
        axis = next(axis for axis in differing if axis != index)
        first, second = sorted(_known(tuple(shape[axis] for shape in inputs)))[:2]
        only = differing == [axis]
        return RuleError(
            f"{first} and {second} differ in axis {axis + 1}: joining {' and '.join(map(describe, inputs))} along "
            f"axis {index + 1} needs every other size to agree",
            help=f"join along axis {axis + 1}, or make the sizes agree" if only else "make the sizes agree",
            repairs=(Repair(f"use axis={axis + 1}", "axis", str(axis + 1)),) if only else (),
        )


def _known(sizes: tuple[Dim, ...]) -> set[int]:
    return {size for size in sizes if size is not None}
