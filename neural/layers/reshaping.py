"""Layers that rearrange the elements of a sample: flattening, reshaping, permuting and repeating."""

from __future__ import annotations

from math import prod
from typing import final

from neural.errors import Repair, RuleError
from neural.layers.base import Inputs, Layer, require_rank
from neural.layers.fields import Integer, Integers, argument, show
from neural.records import dataclass
from neural.shapes import Shape, describe, product, times


@final
@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """Lays all axes of a sample out as one.

    Shape: (...) -> (product of all sizes)
    Example: `network Net { input: (28, 28, 1)  layers: Flatten() }`
    Source: https://keras.io/api/layers/reshaping_layers/flatten/
    """

    def is_view(self) -> bool:
        return True

    def output_shape(self, inputs: Inputs) -> Shape:
        return (product(inputs[0]),)


@final
@dataclass(frozen=True, slots=True)
class Reshape(Layer):
    """Gives the elements of a sample another shape; one size may be -1, to be worked out from the others.

    Shape: (...) -> (target_shape)
    Example: `network Net { input: (784,)  layers: Reshape((28, 28, -1)) }`
    Source: https://keras.io/api/layers/reshaping_layers/reshape/
    """

    target_shape: tuple[int, ...] = argument(
        Integers(-1), "Sizes of the result without the batch; one may be -1.", aliases=("shape",)
    )

    def is_view(self) -> bool:
        return True

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if 0 in self.target_shape or self.target_shape.count(-1) > 1:
            raise RuleError(
                f"expected sizes of at least 1, one of which may be -1, got {show(self.target_shape)}",
                help="leave at most one size to be worked out",
                argument="target_shape",
            )
        size = product(shape)
        if size is None:
            return tuple(None if dim == -1 else dim for dim in self.target_shape)
        known = prod(dim for dim in self.target_shape if dim != -1)
        if size % known or (size != known and -1 not in self.target_shape):
            raise self._mismatch(shape, size, known)
        return tuple(size // known if dim == -1 else dim for dim in self.target_shape)

    def _mismatch(self, shape: Shape, size: int, known: int) -> RuleError:
        sizes = [dim for dim in self.target_shape if dim != -1]
        have, want = f"{times(shape)} = {size} elements", f"{times(tuple(sizes))} = {known}"
        if -1 in self.target_shape:
            message = f"{size} % {known} = {size % known}: the {have} do not divide into {want}"
            return RuleError(message, help=f"use sizes whose product divides {size}", argument="target_shape")
        rest = [i for i, dim in enumerate(sizes) if size % (known // dim) == 0]
        fixed = tuple(-1 if i == rest[-1] else dim for i, dim in enumerate(sizes)) if rest else (-1,)
        return RuleError(
            f"the {have} of {describe(shape)} do not fill {want} elements",
            help=f"use sizes whose product is {size}, such as {show(fixed)}",
            argument="target_shape",
            repairs=(Repair(f"use {show(fixed)}", "target_shape", show(fixed)),),
        )


@final
@dataclass(frozen=True, slots=True)
class Permute(Layer):
    """Reorders the axes of a sample; the first one is 1.

    Shape: (a, b, ...) -> the same sizes in the order of ``dims``
    Example: `network Net { input: (10, 64)  layers: Permute((2, 1)) }`
    Source: https://keras.io/api/layers/reshaping_layers/permute/
    """

    dims: tuple[int, ...] = argument(Integers(1), "The old axis, from 1, that stands at each place of the result.")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        order = tuple(range(1, len(self.dims) + 1))
        if tuple(sorted(self.dims)) != order:
            raise RuleError(
                f"expected each of {show(order)} once, got {show(self.dims)}",
                help="the axes of a sample count from 1",
                argument="dims",
            )
        if len(shape) != len(self.dims):
            raise RuleError(
                f"{show(self.dims)} orders {len(self.dims)} axes, but {describe(shape)} has {len(shape)} "
                "besides the batch",
                help="name every axis once",
                argument="dims",
            )
        return tuple(shape[dim - 1] for dim in self.dims)


@final
@dataclass(frozen=True, slots=True)
class RepeatVector(Layer):
    """Repeats a vector as the steps of a sequence.

    Shape: (features) -> (n, features)
    Example: `network Net { input: (64,)  layers: RepeatVector(10) }`
    Source: https://keras.io/api/layers/reshaping_layers/repeat_vector/
    """

    n: int = argument(Integer(1), "Number of steps.")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_rank(shape, 1, "features", "RepeatVector")
        return (self.n, *shape)
