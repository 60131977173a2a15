"""Recurrent cells: one step from a state of zeros, so that a vector becomes a state.

FLOPs: 2 x gates x (features x units + units x units), as a recurrent layer has for each step.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, final

from neural.layers.base import Inputs, Layer, Saved, Weight, require_known, require_rank
from neural.layers.fields import Flag, argument
from neural.layers.recurrent import (
    GRU,
    LSTM,
    Recurrent,
    SimpleRNN,
    dropped,
    gate_activation,
    state_activation,
    units,
)
from neural.layers.windows import use_bias
from neural.records import dataclass
from neural.shapes import Shape


class Cell(Layer):
    """What the cells share: the rules of the recurrent layer, on a sequence of one step."""

    __slots__ = ()

    units: int

    @property
    @abstractmethod
    def sequence(self) -> Recurrent:
        """The layer that applies this cell to every step."""

    @property
    @final
    def gates(self) -> int:
        """How many matrices of each kind the step multiplies by."""
        return self.sequence.gates

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        name = type(self).__name__
        require_rank(shape, 1, "features", name)
        require_known(shape[-1], "the feature axis", name, shape)
        return (self.units,)

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return self.sequence.weights(one_step(inputs))

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x gates x units x (input features + units)."""
        return self.sequence.flops(one_step(inputs), output)

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What the recurrent layer of its kind keeps of one step."""
        return self.sequence.saved(one_step(inputs), output)


def one_step(inputs: Inputs) -> Inputs:
    """Return the shapes of vectors as those of sequences of one step."""
    return tuple((1, *shape) for shape in inputs)


@final
@dataclass(frozen=True, slots=True)
class SimpleRNNCell(Cell):
    """One step of SimpleRNN from a state of zeros.

    Shape: (features) -> (units)
    Example: `network Net { input: (32,)  layers: SimpleRNNCell(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/simple_rnn_cell/
    """

    aliases: ClassVar[tuple[str, ...]] = ("RNNCell",)
    ops_per_output: ClassVar[int] = 3

    units: int = units()
    activation: str = state_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")

    @property
    def sequence(self) -> SimpleRNN:
        """The layer that applies this cell to every step."""
        return SimpleRNN(**dict(self.given()))


@final
@dataclass(frozen=True, slots=True)
class LSTMCell(Cell):
    """One step of LSTM from a state and a memory of zeros.

    Shape: (features) -> (units)
    Example: `network Net { input: (32,)  layers: LSTMCell(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/lstm_cell/
    """

    ops_per_output: ClassVar[int] = 17

    units: int = units()
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")

    @property
    def sequence(self) -> LSTM:
        """The layer that applies this cell to every step."""
        return LSTM(**dict(self.given()))


@final
@dataclass(frozen=True, slots=True)
class GRUCell(Cell):
    """One step of GRU from a state of zeros.

    Shape: (features) -> (units)
    Example: `network Net { input: (32,)  layers: GRUCell(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/gru_cell/
    """

    ops_per_output: ClassVar[int] = 15

    units: int = units()
    activation: str = state_activation()
    recurrent_activation: str = gate_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    reset_after: bool = argument(Flag(), "Whether the reset gate acts after the recurrent product.", default=True)

    @property
    def sequence(self) -> GRU:
        """The layer that applies this cell to every step."""
        return GRU(**dict(self.given()))
