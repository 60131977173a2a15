"""Layers that rearrange the elements of a tensor: reshaping, padding, cropping and repeating."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.base import Inputs, Layer, require_rank
from neural.layers.fields import Choice, Integer, Integers, Margins, Sizes, argument, show
from neural.layers.windows import require_map
from neural.shapes import Shape, describe, product, times

Margin = tuple[tuple[int, int], ...]


@final
@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """Lays all axes of a sample out as one.

    Shape: (...) -> (product of all sizes)
    Example: `network Net { input: (28, 28, 1)  layers: Flatten() }`
    Source: https://keras.io/api/layers/reshaping_layers/flatten/
    """

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


class ZeroPadding(Layer):
    """What ZeroPadding1D and ZeroPadding2D share."""

    __slots__ = ()

    padding: Margin

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        rank = len(self.padding)
        require_map(shape, rank, type(self).__name__)
        pairs = zip(shape[:rank], self.padding, strict=True)
        return (*(None if size is None else size + before + after for size, (before, after) in pairs), shape[-1])


@final
@dataclass(frozen=True, slots=True)
class ZeroPadding1D(ZeroPadding):
    """Adds zeros before and after the steps.

    Shape: (steps, channels) -> (steps + before + after, channels)
    Example: `network Net { input: (100, 16)  layers: ZeroPadding1D((2, 0)) }`
    Source: https://keras.io/api/layers/reshaping_layers/zero_padding1d/
    """

    padding: Margin = argument(Margins(1), "Zeros added before and after the steps.", default=((1, 1),))


@final
@dataclass(frozen=True, slots=True)
class ZeroPadding2D(ZeroPadding):
    """Adds rows and columns of zeros around a map: an integer, (height, width), or ((top, bottom), (left, right)).

    Shape: (height, width, channels) -> (height + top + bottom, width + left + right, channels)
    Example: `network Net { input: (28, 28, 1)  layers: ZeroPadding2D(((1, 0), (2, 2))) }`
    Source: https://keras.io/api/layers/reshaping_layers/zero_padding2d/
    """

    padding: Margin = argument(Margins(2), "Zeros added on each side.", default=((1, 1), (1, 1)))


class Cropping(Layer):
    """What Cropping1D and Cropping2D share."""

    __slots__ = ()

    cropping: Margin

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        rank = len(self.cropping)
        require_map(shape, rank, type(self).__name__)
        return (*(_cropped(size, margin) for size, margin in zip(shape[:rank], self.cropping, strict=True)), shape[-1])


def _cropped(size: int | None, margin: tuple[int, int]) -> int | None:
    if size is None:
        return None
    rest = size - sum(margin)
    if rest < 1:
        raise RuleError(
            f"{size} - {margin[0]} - {margin[1]} = {rest}: cropping {show(margin)} leaves nothing of an axis of {size}",
            help=f"crop at most {size - 1} in all from that axis",
            argument="cropping",
        )
    return rest


@final
@dataclass(frozen=True, slots=True)
class Cropping1D(Cropping):
    """Cuts steps off both ends.

    Shape: (steps, channels) -> (steps - before - after, channels)
    Example: `network Net { input: (100, 16)  layers: Cropping1D((2, 0)) }`
    Source: https://keras.io/api/layers/reshaping_layers/cropping1d/
    """

    cropping: Margin = argument(Margins(1), "Steps cut off each end.", default=((1, 1),))


@final
@dataclass(frozen=True, slots=True)
class Cropping2D(Cropping):
    """Cuts rows and columns off a map: an integer, (height, width), or ((top, bottom), (left, right)).

    Shape: (height, width, channels) -> (height - top - bottom, width - left - right, channels)
    Example: `network Net { input: (28, 28, 1)  layers: Cropping2D((2, 4)) }`
    Source: https://keras.io/api/layers/reshaping_layers/cropping2d/
    """

    cropping: Margin = argument(Margins(2), "Rows and columns cut off each side.", default=((0, 0), (0, 0)))


@final
@dataclass(frozen=True, slots=True)
class UpSampling1D(Layer):
    """Repeats each step.

    Shape: (steps, channels) -> (steps * size, channels)
    Example: `network Net { input: (50, 16)  layers: UpSampling1D(2) }`
    Source: https://keras.io/api/layers/reshaping_layers/up_sampling1d/
    """

    size: int = argument(Integer(1), "How many times each step is repeated.", default=2)

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, 1, "UpSampling1D")
        steps, channels = shape
        return (None if steps is None else steps * self.size, channels)


@final
@dataclass(frozen=True, slots=True)
class UpSampling2D(Layer):
    """Enlarges a map by whole factors, repeating its values or interpolating between them.

    Shape: (height, width, channels) -> (height * size[0], width * size[1], channels)
    Example: `network Net { input: (14, 14, 8)  layers: UpSampling2D(2, interpolation="bilinear") }`
    Source: https://keras.io/api/layers/reshaping_layers/up_sampling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Upsample",)

    size: tuple[int, ...] = argument(
        Sizes(2), "Factors of height and width.", default=(2, 2), aliases=("scale_factor",)
    )
    interpolation: str = argument(
        Choice(("nearest", "bilinear")), "How new values are made.", default="nearest", aliases=("mode",)
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, 2, "UpSampling2D")
        grown = (None if dim is None else dim * factor for dim, factor in zip(shape[:2], self.size, strict=True))
        return (*grown, shape[-1])
