"""Layers that change the sizes of a map: padding and cropping its edges, and enlarging it by whole factors."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer
from neural.layers.fields import Choice, Integer, Margins, Sizes, argument, show
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape

Margin = tuple[tuple[int, int], ...]


class ZeroPadding(Layer):
    """What ZeroPadding1D, ZeroPadding2D and ZeroPadding3D share."""

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


@final
@dataclass(frozen=True, slots=True)
class ZeroPadding3D(ZeroPadding):
    """Adds zeros around a volume: an integer, (depth, height, width), or three pairs (before, after).

    Shape: (depth, height, width, channels) -> each size with what is added before and after it
    Example: `network Net { input: (8, 28, 28, 1)  layers: ZeroPadding3D((0, 2, 2)) }`
    Source: https://keras.io/api/layers/reshaping_layers/zero_padding3d/
    """

    padding: Margin = argument(Margins(3), "Zeros added on each side.", default=((1, 1), (1, 1), (1, 1)))


class Cropping(Layer):
    """What Cropping1D, Cropping2D and Cropping3D share."""

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
class Cropping3D(Cropping):
    """Cuts a margin off a volume: an integer, (depth, height, width), or three pairs (before, after).

    Shape: (depth, height, width, channels) -> each size less what is cut off before and after it
    Example: `network Net { input: (8, 28, 28, 1)  layers: Cropping3D((0, 2, 2)) }`
    Source: https://keras.io/api/layers/reshaping_layers/cropping3d/
    """

    cropping: Margin = argument(Margins(3), "What is cut off each side.", default=((1, 1), (1, 1), (1, 1)))


def enlarged(shape: Shape, factors: tuple[int, ...]) -> Shape:
    """Return the spatial sizes times their factors."""
    spatial = shape[: len(factors)]
    return tuple(None if size is None else size * factor for size, factor in zip(spatial, factors, strict=True))


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
        return (*enlarged(shape, self.size), shape[-1])


@final
@dataclass(frozen=True, slots=True)
class UpSampling3D(Layer):
    """Enlarges a volume by whole factors, repeating its values.

    Shape: (depth, height, width, channels) -> each size times its factor, channels
    Example: `network Net { input: (4, 14, 14, 8)  layers: UpSampling3D((1, 2, 2)) }`
    Source: https://keras.io/api/layers/reshaping_layers/up_sampling3d/
    """

    size: tuple[int, ...] = argument(
        Sizes(3), "Factors of depth, height and width.", default=(2, 2, 2), aliases=("scale_factor",)
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, 3, "UpSampling3D")
        return (*enlarged(shape, self.size), shape[-1])
