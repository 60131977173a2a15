"""Transposed convolutions, channels last: the sizes of a convolution's gradient, so that a step enlarges.

FLOPs: 2 x input positions x kernel positions x channels x filters. https://arxiv.org/abs/1603.07285 (section 4).
"""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.convolution import check_strides_and_dilation
from neural.layers.fields import PADDING, Sizes, argument, show
from neural.layers.windows import dilation_rate, filters, kernel_size, require_map, strides, use_bias
from neural.records import dataclass
from neural.shapes import Dim, Padding, Shape, reach


def output_padding(rank: int) -> Any:
    """Declare what is added to the result."""
    return argument(
        Sizes(rank, low=0, optional=True), "Places added after the end; none chooses the usual size.", default=None
    )


class TransposedConvolution(Layer):
    """What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1

    filters: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding
    output_padding: tuple[int, ...] | None
    dilation_rate: tuple[int, ...]
    activation: str
    use_bias: bool

    @property
    @final
    def spans(self) -> tuple[int, ...]:
        """The places that the window spans along each axis."""
        return tuple(reach(k, d) for k, d in zip(self.kernel_size, self.dilation_rate, strict=True))

    @property
    @final
    def surplus(self) -> tuple[int, ...]:
        """What is cut off the whole result, ``(size - 1) * stride + span``; below zero, what is added after it."""
        given = self.output_padding or (None,) * len(self.kernel_size)
        rows = zip(self.spans, self.strides, given, strict=True)
        if self.padding == "valid":
            return tuple(min(span - step, 0) if added is None else -added for span, step, added in rows)
        return tuple(span - step if added is None else span - span % 2 - added for span, step, added in rows)

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        """A size n becomes n x stride with "same" padding and (n - 1) x stride + max(span, stride) with "valid", with
        span = dilation x (kernel - 1) + 1; output_padding sets the places behind the last window itself.
        """
        (shape,) = inputs
        name = type(self).__name__
        require_map(shape, len(self.kernel_size), name)
        require_known(shape[-1], "the channel axis", name, shape)
        check_strides_and_dilation(self.strides, self.dilation_rate)
        self._check_output_padding()
        rows = zip(shape, self.strides, self.spans, self.surplus, strict=False)
        spatial: tuple[Dim, ...] = tuple(
            None if size is None else (size - 1) * step + span - cut for size, step, span, cut in rows
        )
        return (*spatial, self.filters)

    def _check_output_padding(self) -> None:
        for added, step, span in zip(self.output_padding or (), self.strides, self.spans, strict=False):
            if added >= step:
                raise RuleError(
                    f"output_padding={show(self.output_padding)} must stay below strides={show(self.strides)}, "
                    f"axis by axis: {added} >= {step}",
                    help="use a smaller output_padding, or leave it out" if step > 1 else "leave output_padding out",
                    argument="output_padding",
                )
            if self.padding == "same" and span % 2 + added < 1:
                raise RuleError(
                    f'{span} % 2 + {added} = 0: with padding="same" an even window of {span} and output_padding=0 '
                    "leave the result one step short",
                    help="leave output_padding out, or use an odd window",
                    argument="output_padding",
                )

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        kernel = Weight("kernel", (*self.kernel_size, self.filters, shape[-1] or 0))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x input elements x kernel positions x filters."""
        (shape,) = inputs
        return 2 * elements(shape) * prod(self.kernel_size) * self.filters

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and what its activation keeps."""
        return saved_with_activation(self.activation, output)


@final
@dataclass(frozen=True, slots=True)
class Conv1DTranspose(TransposedConvolution):
    """A convolution over the steps of a sequence turned round, so that strides enlarge the sequence.

    Shape: (steps, channels) -> (new steps, filters)
    Example: `network Net { input: (50, 16)  layers: Conv1DTranspose(8, 3, strides=2, padding="same") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution1d_transpose/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution1DTranspose", "ConvTranspose1d")

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(1)
    strides: tuple[int, ...] = strides(1)
    padding: Padding = argument(PADDING, '"same" cuts the result down to input times strides.', default="valid")
    output_padding: tuple[int, ...] | None = output_padding(1)
    dilation_rate: tuple[int, ...] = dilation_rate(1)
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class Conv2DTranspose(TransposedConvolution):
    """A convolution over height and width turned round, so that strides enlarge the map.

    Shape: (height, width, channels) -> (new height, new width, filters)
    Example: `network Net { input: (14, 14, 16)  layers: Conv2DTranspose(8, 3, strides=2, padding="same") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution2DTranspose", "ConvTranspose2d")

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(2)
    strides: tuple[int, ...] = strides(2)
    padding: Padding = argument(PADDING, '"same" cuts the result down to input times strides.', default="valid")
    output_padding: tuple[int, ...] | None = output_padding(2)
    dilation_rate: tuple[int, ...] = dilation_rate(2)
    activation: str = activation()
    use_bias: bool = use_bias()


@final
@dataclass(frozen=True, slots=True)
class Conv3DTranspose(TransposedConvolution):
    """A convolution over depth, height and width turned round, so that strides enlarge the volume.

    Shape: (depth, height, width, channels) -> (new depth, new height, new width, filters)
    Example: `network Net { input: (4, 7, 7, 16)  layers: Conv3DTranspose(8, 3, strides=2, padding="same") }`
    Source: https://keras.io/api/layers/convolution_layers/convolution3d_transpose/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Convolution3DTranspose", "ConvTranspose3d")

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(3)
    strides: tuple[int, ...] = strides(3)
    padding: Padding = argument(PADDING, '"same" cuts the result down to input times strides.', default="valid")
    output_padding: tuple[int, ...] | None = output_padding(3)
    dilation_rate: tuple[int, ...] = dilation_rate(3)
    activation: str = activation()
    use_bias: bool = use_bias()
