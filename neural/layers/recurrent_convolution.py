"""Recurrent layers whose maps are convolutions, over sequences of lines, maps and volumes, channels last.

FLOPs: the convolutions of the input and of the state at every step. Formula: https://arxiv.org/abs/1506.04214.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Saved, Weight, elements, require_known, require_rank
from neural.layers.convolution import check_strides_and_dilation
from neural.layers.fields import PADDING, argument
from neural.layers.recurrent import (
    Loop,
    dropped,
    gate_activation,
    go_backwards,
    return_sequences,
    return_state,
    state_activation,
)
from neural.layers.windows import AXES, dilation_rate, filters, kernel_size, spatial_output, strides, use_bias
from neural.records import dataclass
from neural.shapes import Padding, Shape, describe, same_padding


class RecurrentConvolution(Loop):
    """What ConvLSTM1D, ConvLSTM2D and ConvLSTM3D share.

    The state is convolved with the same window, always padded to its own size and without steps or dilation.
    """

    __slots__ = ()

    arity: ClassVar[tuple[int, int]] = (1, 3)
    ops_per_output: ClassVar[int] = 17
    #: How many convolutions of each kind a step has: one for each gate and one for the new memory.
    gates: ClassVar[int] = 4

    filters: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding
    dilation_rate: tuple[int, ...]
    activation: str
    recurrent_activation: str
    use_bias: bool
    dropout: float
    recurrent_dropout: float

    @property
    def state_count(self) -> int:
        return 2

    @final
    def state_shape(self, inputs: Inputs) -> Shape:
        """Return the shape of either state."""
        step = inputs[0][1:]
        return (*spatial_output(step, self.kernel_size, self.strides, self.dilation_rate, self.padding), self.filters)

    @final
    def state_elements(self, inputs: Inputs) -> int:
        """Return the number of elements of either state."""
        return elements(self.state_shape(inputs))

    @final
    def state_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        return (self.state_shape(inputs),) * 2

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        """The result of the convolution at each step, or at the last one."""
        shape, name = inputs[0], type(self).__name__
        axes = "size, channels" if len(self.kernel_size) == 1 else AXES[len(self.kernel_size)]
        require_rank(shape, len(self.kernel_size) + 2, f"steps, {axes}", name)
        require_known(shape[-1], "the channel axis", name, shape)
        if None in shape[1:]:
            raise RuleError(
                f"{name} needs all sizes but the number of steps to be known; it received {describe(shape)}",
                help="give those axes of the input a size instead of None",
            )
        check_strides_and_dilation(self.strides, self.dilation_rate)
        state = self.state_shape(inputs)
        self.check_start(inputs)
        return (shape[0], *state) if self.return_sequences else state

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        channels, width = inputs[0][-1] or 0, self.gates * self.filters
        kernels = (
            Weight("kernel", (*self.kernel_size, channels, width)),
            Weight("recurrent_kernel", (*self.kernel_size, self.filters, width)),
        )
        return (*kernels, Weight("bias", (width,))) if self.use_bias else kernels

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x steps x gates x state elements x kernel positions x (input channels + filters); padded places count."""
        steps, channels = inputs[0][0] or 0, inputs[0][-1] or 0
        taps = prod(self.kernel_size) * (channels + self.filters)
        return 2 * steps * self.gates * self.state_elements(inputs) * taps

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and of each step the gates, the states and two activations; what is padded is a copy.

        Dropout keeps a masked copy for each gate of what it masks, and its mask.
        """
        steps, *spatial, channels = (size or 0 for size in inputs[0])
        *state, filters = (size or 0 for size in self.state_shape(inputs))
        ones = (1,) * len(spatial)
        read, looped = prod(spatial) * channels, prod(state) * filters
        spread = _padded(spatial, self.kernel_size, self.strides, self.dilation_rate) * channels
        around = _padded(state, self.kernel_size, ones, ones) * filters
        copied = self.dropout > 0 or (self.padding == "same" and spread > read)
        masks = (self.gates * read if self.dropout else 0) + (self.gates * looped if self.recurrent_dropout else 0)
        each = 6 * looped + (around if any(size % 2 == 0 for size in self.kernel_size) else looped) * (
            self.gates if self.recurrent_dropout else 1
        )
        if copied:
            each += (spread if self.padding == "same" else read) * (self.gates if self.dropout else 1)
        return Saved(inputs=not copied, elements=steps * each + masks)


def _padded(
    spatial: Sequence[int], kernel: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]
) -> int:
    """Return the number of places of a map that is padded to "same"."""
    places = zip(spatial, kernel, strides, dilation, strict=True)
    return prod(size + sum(same_padding(size, *window)) for size, *window in places)


@final
@dataclass(frozen=True, slots=True)
class ConvLSTM1D(RecurrentConvolution):
    """An LSTM over a sequence of lines, whose maps are convolutions.

    Its states are the last result and the memory.

    Shape: (steps, size, channels) -> (new size, filters), or (steps, new size, filters) with return_sequences
    Example: `network Net { input: (10, 32, 8)  layers: ConvLSTM1D(16, 3) }`
    Source: https://keras.io/api/layers/recurrent_layers/conv_lstm1d/
    """

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(1)
    strides: tuple[int, ...] = strides(1)
    padding: Padding = argument(PADDING, "How the edges of the input are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(1)
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()


@final
@dataclass(frozen=True, slots=True)
class ConvLSTM2D(RecurrentConvolution):
    """An LSTM over a sequence of maps, such as the frames of a film, whose maps are convolutions.

    Its states are the last result and the memory.

    Shape: (steps, height, width, channels) -> (new height, new width, filters), after steps with return_sequences
    Example: `network Net { input: (10, 32, 32, 1)  layers: ConvLSTM2D(16, 3, padding="same") }`
    Source: https://keras.io/api/layers/recurrent_layers/conv_lstm2d/
    """

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(2)
    strides: tuple[int, ...] = strides(2)
    padding: Padding = argument(PADDING, "How the edges of the input are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(2)
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()


@final
@dataclass(frozen=True, slots=True)
class ConvLSTM3D(RecurrentConvolution):
    """An LSTM over a sequence of volumes, whose maps are convolutions.

    Its states are the last result and the memory.

    Shape: (steps, depth, height, width, channels) -> (new sizes, filters), after steps with return_sequences
    Example: `network Net { input: (4, 8, 8, 8, 1)  layers: ConvLSTM3D(4, 3) }`
    Source: https://keras.io/api/layers/recurrent_layers/conv_lstm3d/
    """

    filters: int = filters()
    kernel_size: tuple[int, ...] = kernel_size(3)
    strides: tuple[int, ...] = strides(3)
    padding: Padding = argument(PADDING, "How the edges of the input are padded.", default="valid")
    dilation_rate: tuple[int, ...] = dilation_rate(3)
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()
