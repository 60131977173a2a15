"""Convolutions, channels last. FLOPs: 2 x output positions x kernel positions x (channels in / groups) x filters."""

from __future__ import annotations

from math import prod
from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import CAUSAL_PADDING, PADDING, argument
from neural.layers.windows import (
    dilation_rate,
    filters,
    groups,
    kernel_size,
    require_map,
    spatial_output,
    strides,
    use_bias,
)
from neural.records import dataclass
from neural.shapes import Padding, Shape


class Convolution(Layer):
    """What Conv1D, Conv2D and Conv3D share. Formula: https://arxiv.org/abs/1603.07285 (sections 2 and 5)."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1

    filters: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding
    dilation_rate: tuple[int, ...]
    groups: int
    activation: str
    use_bias: bool

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        """A size n becomes (n - span) // stride + 1 without padding, with span = dilation x (kernel - 1) + 1, and
        else n / stride, rounded up.
        """
        (shape,) = inputs
        name = type(self).__name__
        require_map(shape, len(self.kernel_size), name)
        channels = require_known(shape[-1], "the channel axis", name, shape)
        self._check_groups(channels)
        check_strides_and_dilation(self.strides, self.dilation_rate)
        spatial = spatial_output(shape, self.kernel_size, self.strides, self.dilation_rate, self.padding)
        return (*spatial, self.filters)

    def _check_groups(self, channels: int) -> None:
        for count, what in ((channels, "input channels"), (self.filters, "filters")):
            if count % self.groups:
                raise RuleError(
                    f"{count} % {self.groups} = {count % self.groups}: "
                    f"groups={self.groups} does not divide the {count} {what}",
                    help="use a number of groups that divides both the input channels and the filters",
                    argument="groups",
                )

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        kernel = Weight("kernel", (*self.kernel_size, (shape[-1] or 0) // self.groups, self.filters))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x output elements x kernel positions x (input channels / groups); padded places count."""
        (shape,) = inputs
        return 2 * elements(output) * prod(self.kernel_size) * ((shape[-1] or 0) // self.groups)

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and what its activation keeps."""
        return saved_with_activation(self.activation, output)


def check_strides_and_dilation(strides: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    """Raise when both are above 1, which Keras refuses."""
    if max(strides) > 1 and max(dilation) > 1:
        raise RuleError(
            f"strides={strides} and dilation_rate={dilation} cannot both be above 1",
            help="use one of the two",
            argument="dilation_rate",
        )


@final
@dataclass(frozen=True, slots=True)
class Conv1D(Convolution):
    """A convolution over the steps of a sequence; "causal" padding lets no step see a later one.

    Shape: (steps, channels) -> (new steps, filters)
    Example: `network Net { input: (100, 16)  layers: Conv1D(32, 5, padding="causal") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution1D",)

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(1)
    strides: tuple[int, ...] = strides(1)
    padding: Padding = argument(CAUSAL_PADDING, "How the edges are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(1)
    groups: int = groups()
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class Conv2D(Convolution):
    """A convolution over height and width.

    Shape: (height, width, channels) -> (new height, new width, filters)
    Example: `network Net { input: (28, 28, 1)  layers: Conv2D(32, 3, "relu") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution2D",)

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(2)
    strides: tuple[int, ...] = strides(2)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(2)
    groups: int = groups()
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class Conv3D(Convolution):
    """A convolution over depth, height and width.

    Shape: (depth, height, width, channels) -> (new depth, new height, new width, filters)
    Example: `network Net { input: (16, 28, 28, 1)  layers: Conv3D(8, 3, "relu") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution3d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution3D",)

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(3)
    strides: tuple[int, ...] = strides(3)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(3)
    groups: int = groups()
    activation: str = activation()
    use_bias: bool = use_bias()
