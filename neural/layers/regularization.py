"""Layers that act only in training: dropout in its forms, and noise."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.layers.activations import Elementwise
from neural.layers.base import SAVES_INPUT, SAVES_NOTHING, Inputs, Layer, Saved, elements
from neural.layers.fields import Real, argument
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape


def rate(*, below_one: bool = False) -> Any:
    """Declare the share of elements that is dropped."""
    kind = Real(0, 1, open_high=below_one)
    return argument(kind, "Share of the elements that is dropped, 0 to 1.", aliases=("p",))


@final
@dataclass(frozen=True, slots=True)
class Dropout(Elementwise):
    """Sets a share of the elements to zero while training, and scales up the rest.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Dropout(0.5) }`
    Source: https://keras.io/api/layers/regularization_layers/dropout/
    """

    rate: float = rate()

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One value an element, its scaled mask; nothing at a rate of 0."""
        return Saved(elements=elements(output)) if self.rate else SAVES_NOTHING

    def is_view(self) -> bool:
        return not self.rate


class SpatialDropout(Layer):
    """What SpatialDropout1D, SpatialDropout2D and SpatialDropout3D share."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1
    #: Number of axes that a channel spans.
    rank: ClassVar[int]

    rate: float

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, self.rank, type(self).__name__)
        return shape

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One value a channel, its scaled mask; nothing at a rate of 0."""
        return Saved(elements=output[-1] or 0) if self.rate else SAVES_NOTHING

    @final
    def is_view(self) -> bool:
        return not self.rate


@final
@dataclass(frozen=True, slots=True)
class SpatialDropout1D(SpatialDropout):
    """Sets a share of the channels of a sequence to zero while training, and scales up the rest.

    Shape: (steps, channels) -> (steps, channels)
    Example: `network Net { input: (100, 16)  layers: SpatialDropout1D(0.2) }`
    Source: https://keras.io/api/layers/regularization_layers/spatial_dropout1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Dropout1d",)
    rank: ClassVar[int] = 1

    rate: float = rate()


@final
@dataclass(frozen=True, slots=True)
class SpatialDropout2D(SpatialDropout):
    """Sets a share of the channels of a map to zero while training, and scales up the rest.

    Shape: (height, width, channels) -> (height, width, channels)
    Example: `network Net { input: (28, 28, 8)  layers: SpatialDropout2D(0.2) }`
    Source: https://keras.io/api/layers/regularization_layers/spatial_dropout2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Dropout2d",)
    rank: ClassVar[int] = 2

    rate: float = rate()


@final
@dataclass(frozen=True, slots=True)
class SpatialDropout3D(SpatialDropout):
    """Sets a share of the channels of a volume to zero while training, and scales up the rest.

    Shape: (depth, height, width, channels) -> (depth, height, width, channels)
    Example: `network Net { input: (16, 28, 28, 8)  layers: SpatialDropout3D(0.2) }`
    Source: https://keras.io/api/layers/regularization_layers/spatial_dropout3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Dropout3d",)
    rank: ClassVar[int] = 3

    rate: float = rate()


@final
@dataclass(frozen=True, slots=True)
class AlphaDropout(Elementwise):
    """Sets a share of the elements to SELU's lower limit while training, keeping mean and variance.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: AlphaDropout(0.1) }`
    Source: https://keras.io/api/layers/regularization_layers/alpha_dropout/
    """

    rate: float = rate(below_one=True)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One value an element, its mask; nothing at a rate of 0."""
        return Saved(elements=elements(output)) if self.rate else SAVES_NOTHING


@final
@dataclass(frozen=True, slots=True)
class GaussianDropout(Elementwise):
    """Multiplies by noise of mean 1 and deviation ``sqrt(rate / (1 - rate))`` while training.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: GaussianDropout(0.1) }`
    Source: https://keras.io/api/layers/regularization_layers/gaussian_dropout/
    """

    rate: float = rate(below_one=True)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One value an element, its noise; nothing at a rate of 0."""
        return Saved(elements=elements(output)) if self.rate else SAVES_NOTHING


@final
@dataclass(frozen=True, slots=True)
class GaussianNoise(Elementwise):
    """Adds noise of mean 0 while training.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: GaussianNoise(0.1) }`
    Source: https://keras.io/api/layers/regularization_layers/gaussian_noise/
    """

    stddev: float = argument(Real(0, 1), "Standard deviation of the noise, 0 to 1.")


@final
@dataclass(frozen=True, slots=True)
class ActivityRegularization(Elementwise):
    """Returns its input, and adds a penalty of its elements to the loss of training.

    The penalty is ``l1 * sum(abs(x)) + l2 * sum(x ** 2)``, a sample's share of the batch.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: ActivityRegularization(l2=1e-4) }`
    Source: https://keras.io/api/layers/regularization_layers/activity_regularization/
    """

    l1: float = argument(Real(0), "Factor of the sum of absolute values.", default=0.0)
    l2: float = argument(Real(0), "Factor of the sum of squares.", default=0.0)

    def is_view(self) -> bool:
        return True

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, for the gradient of the penalty; nothing without one."""
        return SAVES_INPUT if self.l1 or self.l2 else SAVES_NOTHING
