"""Global pooling, channels last: the largest value or the mean of each channel over all of its places."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.layers.base import SAVES_NOTHING, Inputs, Layer, Saved
from neural.layers.fields import Flag, argument
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape


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
    """What GlobalMaxPooling1D, GlobalMaxPooling2D and GlobalMaxPooling3D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input and its result."""
        return Saved(inputs=True, output=True)


class GlobalAveragePooling(GlobalPooling):
    """What GlobalAveragePooling1D, GlobalAveragePooling2D and GlobalAveragePooling3D share."""

    __slots__ = ()

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Nothing."""
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
class GlobalMaxPooling3D(GlobalMaxPooling):
    """Keeps the largest value of each channel over the whole volume.

    Shape: (depth, height, width, channels) -> (channels), or (1, 1, 1, channels) with keepdims
    Example: `network Net { input: (16, 28, 28, 8)  layers: GlobalMaxPooling3D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_max_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalMaxPool3D",)
    rank: ClassVar[int] = 3

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


@final
@dataclass(frozen=True, slots=True)
class GlobalAveragePooling3D(GlobalAveragePooling):
    """Takes the mean of each channel over the whole volume.

    Shape: (depth, height, width, channels) -> (channels), or (1, 1, 1, channels) with keepdims
    Example: `network Net { input: (16, 28, 28, 8)  layers: GlobalAveragePooling3D() }`
    Source: https://keras.io/api/layers/pooling_layers/global_average_pooling3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GlobalAvgPool3D",)
    rank: ClassVar[int] = 3

    keepdims: bool = keepdims()
