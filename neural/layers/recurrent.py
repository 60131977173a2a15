"""Recurrent layers: the same weights at every step of a sequence.

FLOPs: 2 x steps x gates x (features x units + units x units). https://arxiv.org/abs/1412.3555 compares the three.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.activations import activation
from neural.layers.base import Inputs, Layer, Saved, Weight, require_known, require_rank
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.records import dataclass
from neural.shapes import Shape, describe


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


def return_state() -> Any:
    """Declare whether the last states are results too."""
    return argument(Flag(), "Whether the states after the last step are further results.", default=False)


def go_backwards() -> Any:
    """Declare the direction."""
    return argument(Flag(), "Whether to read the steps from the last to the first.", default=False)


class Loop(Layer):
    """What layers share that go over the steps of a sequence with states.

    The states after the last step are further results with ``return_state``. They start at zero, or from the tensors
    that are read behind the sequence, one for each state in the order of those results.
    """

    __slots__ = ()

    arity: ClassVar[tuple[int, int]] = (1, 2)
    #: How many results it has before the states.
    outputs: ClassVar[int] = 1

    return_sequences: bool
    return_state: bool
    go_backwards: bool

    @property
    @abstractmethod
    def state_count(self) -> int:
        """How many states it has."""

    @abstractmethod
    def state_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        """Return the shapes of its states."""

    @property
    def results(self) -> int:  # type: ignore[override]
        """How many results it has, with its states where they are returned."""
        return self.outputs + (self.state_count if self.return_state else 0)

    @final
    def output_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        outputs = (self.output_shape(inputs),) * self.outputs
        return (*outputs, *self.state_shapes(inputs)) if self.return_state else outputs

    @final
    def check_start(self, inputs: Inputs) -> None:
        """Raise unless the tensors behind the sequence fit the states."""
        given, states, name = inputs[1:], self.state_shapes(inputs), type(self).__name__
        if given and len(given) != len(states):
            raise RuleError(
                f"{name} starts from {len(states)} state{'s' * (len(states) > 1)}, and here it is given {len(given)}",
                help="name one tensor for each state behind the sequence, or none",
            )
        for shape, state in zip(given, states, strict=False):
            if not fits(shape, state):
                raise RuleError(
                    f"a state of {name} is {describe(state)}; here it starts from {describe(shape)}",
                    help="start from states of a layer of the same size",
                )


def fits(shape: Shape, wanted: Shape) -> bool:
    """Whether a shape is the one wanted, as far as its sizes are known."""
    return len(shape) == len(wanted) and all(
        None in (size, other) or size == other for size, other in zip(shape, wanted, strict=True)
    )


class Recurrent(Loop):
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

    @property
    def state_count(self) -> int:
        return 1

    @final
    def state_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        return ((self.units,),) * self.state_count

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        shape = inputs[0]
        name = type(self).__name__
        require_rank(shape, 2, "steps, features", name)
        require_known(shape[-1], "the feature axis", name, shape)
        self.check_start(inputs)
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    @property
    @abstractmethod
    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        shape = inputs[0]
        width = self.gates * self.units
        kernels = (Weight("kernel", (shape[-1] or 0, width)), Weight("recurrent_kernel", (self.units, width)))
        return (*kernels, Weight("bias", self.bias_shape)) if self.use_bias else kernels

    @final
    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x steps x gates x units x (input features + units)."""
        steps, features = inputs[0]
        return 2 * (steps or 0) * self.gates * ((features or 0) * self.units + self.units * self.units)

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and of each step several values a unit, as PyTorch's cells do; dropout adds its masks."""
        steps, features = (dim or 0 for dim in inputs[0])
        masked = (features if self.dropout else 0) + (self.units if self.recurrent_dropout else 0)
        return Saved(inputs=not self.dropout, elements=steps * (self.kept * self.units + masked), bytes=masked)


@final
@dataclass(frozen=True, slots=True)
class SimpleRNN(Recurrent):
    """A recurrent layer without gates: ``h = activation(x @ kernel + h @ recurrent_kernel + bias)``.

    Shape: (steps, features), a state of (units) -> (units), or (steps, units) with return_sequences; then the state
    Example: `network Net { input: (20, 32)  layers: SimpleRNN(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/simple_rnn/
    """

    aliases: ClassVar[tuple[str, ...]] = ("SimpleRNNDropoutWrapper",)
    ops_per_output: ClassVar[int] = 3
    gates: ClassVar[int] = 1
    kept: ClassVar[int] = 1

    units: int = units()
    activation: str = state_activation()
    use_bias: bool = use_bias()
    dropout: float = dropped("input")
    recurrent_dropout: float = dropped("state")
    return_sequences: bool = return_sequences()
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (self.units,)


@final
@dataclass(frozen=True, slots=True)
class LSTM(Recurrent):
    """A recurrent layer with a memory cell and three gates, in the order input, forget, cell, output.

    Its states are the last result and the memory.

    Shape: (steps, features), states of (units) -> (units), or (steps, units) with return_sequences; then the states
    Example: `network Net { input: (20, 32)  layers: LSTM(64, return_sequences=true) }`
    Source: https://keras.io/api/layers/recurrent_layers/lstm/
    """

    aliases: ClassVar[tuple[str, ...]] = ("LSTMDropoutWrapper",)
    arity: ClassVar[tuple[int, int]] = (1, 3)
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
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()

    @property
    def state_count(self) -> int:
        return 2

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (4 * self.units,)


@final
@dataclass(frozen=True, slots=True)
class GRU(Recurrent):
    """A recurrent layer with an update and a reset gate; ``reset_after`` resets after the recurrent product.

    Shape: (steps, features), a state of (units) -> (units), or (steps, units) with return_sequences; then the state
    Example: `network Net { input: (20, 32)  layers: GRU(64) }`
    Source: https://keras.io/api/layers/recurrent_layers/gru/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GRUDropoutWrapper",)
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
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()
    reset_after: bool = argument(Flag(), "Whether the reset gate acts after the recurrent product.", default=True)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)
