"""Recurrent layers: the same weights at every step of a sequence.

FLOPs: 2 x steps x gates x (features x units + units x units). https://arxiv.org/abs/1412.3555 compares the three.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, final

from neural.layers.activations import activation
from neural.layers.base import Inputs, Layer, Saved, Weight, require_known, require_rank
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.shapes import Shape


def units() -> Any:
    """Declare the size of the state."""
    return argument(Integer(1), "Size of the state and of each result.", aliases=("hidden_size",))


def gate_activation() -> Any:
    """Declare the activation of the gates."""
    return activation("Activation of the gates.", "sigmoid")


def state_activation() -> Any:
    """Declare the activation of the state."""
    return activation("Activation of the new state.", "tanh")


def dropped(of: str) -> Any:
    """Declare a share that is dropped while training."""
    return argument(Real(0, 1), f"Share of the {of} dropped while training.", default=0.0)


def return_sequences() -> Any:
    """Declare whether every step has a result."""
    return argument(Flag(), "Whether to return the result of every step, not only the last.", default=False)


def go_backwards() -> Any:
    """Declare the direction."""
    return argument(Flag(), "Whether to read the steps from the last to the first.", default=False)


class Recurrent(Layer):
    """What the recurrent layers share."""

    __slots__ = ()

    #: How many matrices of each kind a step multiplies by: one for each gate and one for the new state.
    gates: ClassVar[int]
    #: Values of the size of the state that the backward pass keeps of each step, as those of PyTorch's cells do.
    kept: ClassVar[int]

    units: int
    use_bias: bool
    dropout: float
    recurrent_dropout: float
    return_sequences: bool
    go_backwards: bool

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        name = type(self).__name__
        require_rank(shape, 2, "steps, features", name)
        require_known(shape[-1], "the feature axis", name, shape)
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    @property
    @abstractmethod
    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        width = self.gates * self.units
        kernels = (Weight("kernel", (shape[-1] or 0, width)), Weight("recurrent_kernel", (self.units, width)))
        return (*kernels, Weight("bias", self.bias_shape)) if self.use_bias else kernels

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        steps, features = inputs[0]
        return 2 * (steps or 0) * self.gates * ((features or 0) * self.units + self.units * self.units)

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        steps, features = (dim or 0 for dim in inputs[0])
        masked = (features if self.dropout else 0) + (self.units if self.recurrent_dropout else 0)
        return Saved(inputs=not self.dropout, elements=steps * (self.kept * self.units + masked), bytes=masked)


@final
@dataclass(frozen=True, slots=True)
class SimpleRNN(Recurrent):
    """A recurrent layer without gates: ``h = activation(x @ kernel + h @ recurrent_kernel + bias)``.

    Shape: (steps, features) -> (units), or (steps, units) with return_sequences
    Example: `network Net { input: (20, 32)  layers: SimpleRNN(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/simple_rnn/
    """

    ops_per_output: ClassVar[int] = 3
    gates: ClassVar[int] = 1
    kept: ClassVar[int] = 1

    units: int = units()
    activation: str = state_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    go_backwards: bool = go_backwards()

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (self.units,)


@final
@dataclass(frozen=True, slots=True)
class LSTM(Recurrent):
    """A recurrent layer with a memory cell and three gates, in the order input, forget, cell, output.

    Shape: (steps, features) -> (units), or (steps, units) with return_sequences
    Example: `network Net { input: (20, 32)  layers: LSTM(64, return_sequences=true) }`
    Source: https://keras.io/api/layers/recurrent_layers/lstm/
    """

    ops_per_output: ClassVar[int] = 17
    gates: ClassVar[int] = 4
    kept: ClassVar[int] = 7

    units: int = units()
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    go_backwards: bool = go_backwards()

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (4 * self.units,)


@final
@dataclass(frozen=True, slots=True)
class GRU(Recurrent):
    """A recurrent layer with an update and a reset gate; ``reset_after`` resets after the recurrent product.

    Shape: (steps, features) -> (units), or (steps, units) with return_sequences
    Example: `network Net { input: (20, 32)  layers: GRU(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/gru/
    """

    ops_per_output: ClassVar[int] = 15
    gates: ClassVar[int] = 3
    kept: ClassVar[int] = 7

    units: int = units()
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    go_backwards: bool = go_backwards()
    reset_after: bool = argument(Flag(), "Whether the reset gate acts after the recurrent product.", default=True)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)
