"""Depthwise and separable convolutions, channels last: https://arxiv.org/abs/1610.02357.

FLOPs: 2 x output positions x kernel positions x channels x multiplier, and for a separable one also
2 x output positions x channels x multiplier x filters.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar, final

from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import PADDING, argument
from neural.layers.windows import (
    depth_multiplier,
    dilation_rate,
    filters,
    kernel_size,
    require_map,
    spatial_output,
    strides,
    use_bias,
)
from neural.records import dataclass
from neural.shapes import Padding, Shape


class ChannelwiseConvolution(Layer):
    """What the convolutions that begin with one filter bank per channel share."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1

    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding
    depth_multiplier: int
    dilation_rate: tuple[int, ...]
    activation: str
    use_bias: bool

    @final
    def spatial(self, inputs: Inputs) -> Shape:
        """Return the spatial sizes of the result."""
        (shape,) = inputs
        name = type(self).__name__
        require_map(shape, len(self.kernel_size), name)
        require_known(shape[-1], "the channel axis", name, shape)
        return spatial_output(shape, self.kernel_size, self.strides, self.dilation_rate, self.padding)

    @final
    def multiplied(self, inputs: Inputs) -> int:
        """Return the number of channels that the depthwise part makes."""
        (shape,) = inputs
        return (shape[-1] or 0) * self.depth_multiplier

    @final
    def depthwise_shape(self, inputs: Inputs) -> tuple[int, ...]:
        """Return the shape of the depthwise kernel."""
        (shape,) = inputs
        return (*self.kernel_size, shape[-1] or 0, self.depth_multiplier)


class DepthwiseConvolution(ChannelwiseConvolution):
    """What DepthwiseConv1D and DepthwiseConv2D share."""

    __slots__ = ()

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        """Sizes follow from window, step and padding as those of Conv2D."""
        return (*self.spatial(inputs), self.multiplied(inputs))

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        kernel = Weight("kernel", self.depthwise_shape(inputs))
        return (kernel, Weight("bias", (self.multiplied(inputs),))) if self.use_bias else (kernel,)

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x output elements x kernel positions."""
        return 2 * elements(output) * prod(self.kernel_size)

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and what its activation keeps."""
        return saved_with_activation(self.activation, output)


class SeparableConvolution(ChannelwiseConvolution):
    """What SeparableConv1D and SeparableConv2D share."""

    __slots__ = ()

    filters: int

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        """Sizes follow from window, step and padding as those of Conv2D."""
        return (*self.spatial(inputs), self.filters)

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        ones = (1,) * len(self.kernel_size)
        kernels = (
            Weight("depthwise_kernel", self.depthwise_shape(inputs)),
            Weight("pointwise_kernel", (*ones, self.multiplied(inputs), self.filters)),
        )
        return (*kernels, Weight("bias", (self.filters,))) if self.use_bias else kernels

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x output positions x input channels x depth_multiplier x (kernel positions + filters)."""
        middle = elements(output[:-1]) * self.multiplied(inputs)
        return 2 * middle * prod(self.kernel_size) + 2 * middle * self.filters

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, the result of its depthwise part, and what its activation keeps."""
        middle = elements(output[:-1]) * self.multiplied(inputs)
        kept = saved_with_activation(self.activation, output)
        return Saved(inputs=True, output=kept.output, elements=middle + kept.elements)


@final
@dataclass(frozen=True, slots=True)
class DepthwiseConv1D(DepthwiseConvolution):
    """A convolution over steps that keeps every channel apart.

    Shape: (steps, channels) -> (new steps, channels * depth_multiplier)
    Example: `network Net { input: (100, 16)  layers: DepthwiseConv1D(5, padding="same") }`
    Source: https://keras.io/api/layers/convolution_layers/depthwise_convolution1d/
    """

    kernel_size: tuple[int, ...] = kernel_size(1)
    strides: tuple[int, ...] = strides(1)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    depth_multiplier: int = depth_multiplier()
    dilation_rate: tuple[int, ...] = dilation_rate(1)
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class DepthwiseConv2D(DepthwiseConvolution):
    """A convolution over height and width that keeps every channel apart.

    Shape: (height, width, channels) -> (new height, new width, channels * depth_multiplier)
    Example: `network Net { input: (32, 32, 8)  layers: DepthwiseConv2D(3, padding="same") }`
    Source: https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/
    """

    kernel_size: tuple[int, ...] = kernel_size(2)
    strides: tuple[int, ...] = strides(2)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    depth_multiplier: int = depth_multiplier()
    dilation_rate: tuple[int, ...] = dilation_rate(2)
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class SeparableConv1D(SeparableConvolution):
    """A depthwise convolution over steps, then a 1-wide convolution that mixes the channels.

    Shape: (steps, channels) -> (new steps, filters)
    Example: `network Net { input: (100, 16)  layers: SeparableConv1D(32, 5) }`
    Source: https://keras.io/api/layers/convolution_layers/separable_convolution1d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("SeparableConvolution1D",)

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(1)
    strides: tuple[int, ...] = strides(1)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(1)
    depth_multiplier: int = depth_multiplier()
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class SeparableConv2D(SeparableConvolution):
    """A depthwise convolution over height and width, then a 1x1 convolution that mixes the channels.

    Shape: (height, width, channels) -> (new height, new width, filters)
    Example: `network Net { input: (32, 32, 8)  layers: SeparableConv2D(16, 3, "relu") }`
    Source: https://keras.io/api/layers/convolution_layers/separable_convolution2d/
    """

    aliases: ClassVar[tuple[str, ...]] = ("SeparableConvolution2D",)

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(2)
    strides: tuple[int, ...] = strides(2)
    padding: Padding = argument(PADDING, "How the edges are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(2)
    depth_multiplier: int = depth_multiplier()
    activation: str = activation()
    use_bias: bool = use_bias()
