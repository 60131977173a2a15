"""Pooling, channels last: windows that keep the largest value or the mean, and their global forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from neural.layers.base import SAVES_INPUT, SAVES_NOTHING, Inputs, Layer, Saved, elements
from neural.layers.fields import PADDING, Flag, Sizes, argument
from neural.layers.windows import require_map, spatial_output
from neural.shapes import Padding, Shape

#: Bytes of the position that max pooling keeps for each output: PyTorch's are int64.
INDEX_BYTES = 8


def pool_size(rank: int, **default: Any) -> Any:
    """Declare the sizes of the window."""
    return argument(Sizes(rank), "Size of the window.", aliases=("kernel_size",), **default)


def pool_strides(rank: int) -> Any:
    """Declare the steps of the window."""
    return argument(
        Sizes(rank, optional=True), "Step of the window; none is its size.", default=None, aliases=("stride",)
    )


class Pooling(Layer):
    """What the windowed pooling layers share."""

    __slots__ = ()

    pool_size: tuple[int, ...]
    strides: tuple[int, ...] | None
    padding: Padding

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of the window: ``strides``, or the window's size."""
        return self.strides or self.pool_size

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        rank = len(self.pool_size)
        require_map(shape, rank, type(self).__name__)
        return (*spatial_output(shape, self.pool_size, self.steps, (1,) * rank, self.padding), shape[-1])


class MaxPooling(Pooling):
    """What MaxPooling1D and MaxPooling2D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return Saved(inputs=True, bytes=INDEX_BYTES * elements(output))


class AveragePooling(Pooling):
    """What AveragePooling1D and AveragePooling2D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class MaxPooling1D(MaxPooling):
    """Keeps the largest value of each window of steps.

    Shape: (steps, channels) -> (new steps, channels)
    Example: `network Net { input: (100, 16)  layers: MaxPooling1D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/max_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("MaxPool1D",)
    ops_per_output: ClassVar[int] = 2

    pool_size: tuple[int, ...] = pool_size(1, default=(2,))
    strides: tuple[int, ...] | None = pool_strides(1)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")


@final
@dataclass(frozen=True, slots=True)
class MaxPooling2D(MaxPooling):
    """Keeps the largest value of each window of height and width.

    Shape: (height, width, channels) -> (new height, new width, channels)
    Example: `network Net { input: (28, 28, 8)  layers: MaxPooling2D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/max_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("MaxPool2D",)
    ops_per_output: ClassVar[int] = 4

    pool_size: tuple[int, ...] = pool_size(2, default=(2, 2))
    strides: tuple[int, ...] | None = pool_strides(2)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")


@final
@dataclass(frozen=True, slots=True)
class AveragePooling1D(AveragePooling):
    """Takes the mean of each window of steps, padding left out.

    Shape: (steps, channels) -> (new steps, channels)
    Example: `network Net { input: (100, 16)  layers: AveragePooling1D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/average_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AvgPool1D",)
    ops_per_output: ClassVar[int] = 2

    pool_size: tuple[int, ...] = pool_size(1)
    strides: tuple[int, ...] | None = pool_strides(1)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")


@final
@dataclass(frozen=True, slots=True)
class AveragePooling2D(AveragePooling):
    """Takes the mean of each window of height and width, padding left out.

    Shape: (height, width, channels) -> (new height, new width, channels)
    Example: `network Net { input: (28, 28, 8)  layers: AveragePooling2D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/average_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AvgPool2D",)
    ops_per_output: ClassVar[int] = 4

    pool_size: tuple[int, ...] = pool_size(2)
    strides: tuple[int, ...] | None = pool_strides(2)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")


def keepdims() -> Any:
    """Declare whether the pooled axes stay, with size 1."""
    return argument(Flag(), "Whether the pooled axes stay, with size 1.", default=False, aliases=("keepdim",))


class GlobalPooling(Layer):
    """What the global pooling layers share."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1
    #: Number of axes that are pooled.
    rank: ClassVar[int]

    keepdims: bool

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, self.rank, type(self).__name__)
        return (*(1,) * self.rank, shape[-1]) if self.keepdims else (shape[-1],)


class GlobalMaxPooling(GlobalPooling):
    """What GlobalMaxPooling1D and GlobalMaxPooling2D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return Saved(inputs=True, output=True)


class GlobalAveragePooling(GlobalPooling):
    """What GlobalAveragePooling1D and GlobalAveragePooling2D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return SAVES_NOTHING


@final
@dataclass(frozen=True, slots=True)
class GlobalMaxPooling1D(GlobalMaxPooling):
    """Keeps the largest value of each channel over all steps.

    Shape: (steps, channels) -> (channels), or (1, channels) with keepdims
    Example: `network Net { input: (100, 16)  layers: GlobalMaxPooling1D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_max_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalMaxPool1D",)
    rank: ClassVar[int] = 1

    keepdims: bool = keepdims()


@final
@dataclass(frozen=True, slots=True)
class GlobalMaxPooling2D(GlobalMaxPooling):
    """Keeps the largest value of each channel over the whole map.

    Shape: (height, width, channels) -> (channels), or (1, 1, channels) with keepdims
    Example: `network Net { input: (28, 28, 8)  layers: GlobalMaxPooling2D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_max_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalMaxPool2D",)
    rank: ClassVar[int] = 2

    keepdims: bool = keepdims()


@final
@dataclass(frozen=True, slots=True)
class GlobalAveragePooling1D(GlobalAveragePooling):
    """Takes the mean of each channel over all steps.

    Shape: (steps, channels) -> (channels), or (1, channels) with keepdims
    Example: `network Net { input: (100, 16)  layers: GlobalAveragePooling1D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalAvgPool1D",)
    rank: ClassVar[int] = 1

    keepdims: bool = keepdims()


@final
@dataclass(frozen=True, slots=True)
class GlobalAveragePooling2D(GlobalAveragePooling):
    """Takes the mean of each channel over the whole map.

    Shape: (height, width, channels) -> (channels), or (1, 1, channels) with keepdims
    Example: `network Net { input: (28, 28, 8)  layers: GlobalAveragePooling2D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalAvgPool2D",)
    rank: ClassVar[int] = 2

    keepdims: bool = keepdims()
