"""Adaptive pooling, channels last: the windows follow from the sizes of the result."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.layers.base import SAVES_INPUT, SAVES_NOTHING, Inputs, Layer, Saved, elements
from neural.layers.fields import Sizes, argument
from neural.layers.pooling import INDEX_BYTES
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape


def output_size(rank: int) -> Any:
    """Declare the spatial sizes of the result."""
    return argument(Sizes(rank), "Spatial sizes of the result.")


class AdaptivePooling(Layer):
    """What the adaptive pooling layers share: place i of n covers floor(i size / n) to ceil((i + 1) size / n)."""

    __slots__ = ()

    output_size: tuple[int, ...]

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, len(self.output_size), type(self).__name__)
        return (*self.output_size, shape[-1])


class AdaptiveMaxPooling(AdaptivePooling):
    """What the adaptive layers that keep the largest value share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and an int64 position for each element of the result."""
        return Saved(inputs=True, bytes=INDEX_BYTES * elements(output))


class AdaptiveAveragePooling(AdaptivePooling):
    """What the adaptive layers that take the mean share: that of everything needs no input for its gradient."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input; nothing when the result is of size 1."""
        return SAVES_NOTHING if set(self.output_size) == {1} else SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """Keeps the largest value of each of as many parts of the steps as the result has.

    Shape: (steps, channels) -> (output_size, channels)
    Example: `network Net { input: (100, 16)  layers: AdaptiveMaxPooling1D(10) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_max_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveMaxPool1D",)
    ops_per_output: ClassVar[int] = 2

    output_size: tuple[int, ...] = output_size(1)


@final
@dataclass(frozen=True, slots=True)
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """Keeps the largest value of each of as many parts of height and width as the result has.

    Shape: (height, width, channels) -> (output_size[0], output_size[1], channels)
    Example: `network Net { input: (28, 30, 8)  layers: AdaptiveMaxPooling2D(7) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_max_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveMaxPool2D",)
    ops_per_output: ClassVar[int] = 4

    output_size: tuple[int, ...] = output_size(2)


@final
@dataclass(frozen=True, slots=True)
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """Keeps the largest value of each of as many parts of depth, height and width as the result has.

    Shape: (depth, height, width, channels) -> (*output_size, channels)
    Example: `network Net { input: (8, 28, 28, 8)  layers: AdaptiveMaxPooling3D((2, 7, 7)) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_max_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveMaxPool3D",)
    ops_per_output: ClassVar[int] = 8

    output_size: tuple[int, ...] = output_size(3)


@final
@dataclass(frozen=True, slots=True)
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """Takes the mean of each of as many parts of the steps as the result has.

    Shape: (steps, channels) -> (output_size, channels)
    Example: `network Net { input: (100, 16)  layers: AdaptiveAveragePooling1D(10) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_average_pooling1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveAvgPool1D",)
    ops_per_output: ClassVar[int] = 2

    output_size: tuple[int, ...] = output_size(1)


@final
@dataclass(frozen=True, slots=True)
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """Takes the mean of each of as many parts of height and width as the result has.

    Shape: (height, width, channels) -> (output_size[0], output_size[1], channels)
    Example: `network Net { input: (28, 30, 8)  layers: AdaptiveAveragePooling2D(7) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_average_pooling2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveAvgPool2D",)
    ops_per_output: ClassVar[int] = 4

    output_size: tuple[int, ...] = output_size(2)


@final
@dataclass(frozen=True, slots=True)
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """Takes the mean of each of as many parts of depth, height and width as the result has.

    Shape: (depth, height, width, channels) -> (*output_size, channels)
    Example: `network Net { input: (8, 28, 28, 8)  layers: AdaptiveAveragePooling3D((2, 7, 7)) }`
    Source: https://keras.io/api/layers/pooling_layers/adaptive_average_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("AdaptiveAvgPool3D",)
    ops_per_output: ClassVar[int] = 8

    output_size: tuple[int, ...] = output_size(3)


#: Every one of them.
LAYERS: tuple[type[AdaptivePooling], ...] = (
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
)
