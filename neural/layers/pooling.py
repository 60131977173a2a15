"""Pooling, channels last: windows that keep the largest value or the mean of each channel."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.layers.base import SAVES_INPUT, Inputs, Layer, Saved, elements
from neural.layers.fields import PADDING, Sizes, argument
from neural.layers.windows import require_map, spatial_output
from neural.records import dataclass
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
        """Sizes follow from window, step and padding as those of Conv2D."""
        (shape,) = inputs
        rank = len(self.pool_size)
        require_map(shape, rank, type(self).__name__)
        return (*spatial_output(shape, self.pool_size, self.steps, (1,) * rank, self.padding), shape[-1])


class MaxPooling(Pooling):
    """What MaxPooling1D, MaxPooling2D and MaxPooling3D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and an int64 position for each element of the result."""
        return Saved(inputs=True, bytes=INDEX_BYTES * elements(output))


class AveragePooling(Pooling):
    """What AveragePooling1D, AveragePooling2D and AveragePooling3D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
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
class MaxPooling3D(MaxPooling):
    """Keeps the largest value of each window of depth, height and width.

    Shape: (depth, height, width, channels) -> (new depth, new height, new width, channels)
    Example: `network Net { input: (16, 28, 28, 8)  layers: MaxPooling3D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/max_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("MaxPool3D",)
    ops_per_output: ClassVar[int] = 8

    pool_size: tuple[int, ...] = pool_size(3, default=(2, 2, 2))
    strides: tuple[int, ...] | None = pool_strides(3)
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


@final
@dataclass(frozen=True, slots=True)
class AveragePooling3D(AveragePooling):
    """Takes the mean of each window of depth, height and width, padding left out.

    Shape: (depth, height, width, channels) -> (new depth, new height, new width, channels)
    Example: `network Net { input: (16, 28, 28, 8)  layers: AveragePooling3D(2) }`
    Source: https://keras.io/api/layers/pooling_layers/average_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AvgPool3D",)
    ops_per_output: ClassVar[int] = 8

    pool_size: tuple[int, ...] = pool_size(3)
    strides: tuple[int, ...] | None = pool_strides(3)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
