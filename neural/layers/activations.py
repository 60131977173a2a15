"""The activation functions by name, and the layers that apply one."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.base import (
    SAVES_INPUT,
    SAVES_NOTHING,
    SAVES_OUTPUT,
    Inputs,
    Layer,
    Saved,
    Weight,
    elements,
    position,
    require_known,
)
from neural.layers.fields import Axes, Choice, Integers, Real, argument, show
from neural.records import dataclass
from neural.shapes import Shape, describe

#: Every activation that keeps its input's shape. https://keras.io/api/layers/activations/
ACTIVATIONS = Choice(
    (
        "linear",
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "selu",
        "celu",
        "gelu",
        "silu",
        "mish",
        "sigmoid",
        "log_sigmoid",
        "hard_sigmoid",
        "hard_silu",
        "hard_tanh",
        "hard_shrink",
        "soft_shrink",
        "softplus",
        "softsign",
        "softmax",
        "log_softmax",
        "tanh",
        "tanh_shrink",
        "exponential",
        "squareplus",
    ),
    synonyms=(("swish", "silu"), ("hard_swish", "hard_silu"), ("none", "linear"), ("identity", "linear")),
    none="linear",
    elsewhere=(("glu", "a gated unit halves the last axis: put GLU() after the layer"),),
)

#: Those whose backward pass reads the output; every other one but ``linear`` reads its input.
_SAVES_OUTPUT = frozenset({"relu", "sigmoid", "tanh", "softmax", "log_softmax", "exponential"})


def activation(doc: str = "Activation applied to the result; none is linear.", default: str = "linear") -> Any:
    """Declare an ``activation`` argument."""
    return argument(ACTIVATIONS, doc, default=default)


def saved_by_activation(name: str, output: Shape) -> Saved:
    """Return what the backward pass of an activation keeps, of its own input and output."""
    if name == "linear":
        return SAVES_NOTHING
    if name == "softsign":  # a quotient, which keeps its divisor too
        return Saved(inputs=True, elements=elements(output))
    return SAVES_OUTPUT if name in _SAVES_OUTPUT else SAVES_INPUT


def saved_with_activation(name: str, output: Shape) -> Saved:
    """Return what a contraction followed by an activation keeps: its input, and what the activation reads."""
    if name == "linear":
        return SAVES_INPUT
    kept = saved_by_activation(name, output)
    own = elements(output) if kept.inputs else 0
    return Saved(inputs=True, output=kept.output, elements=own + kept.elements)


class Elementwise(Layer):
    """What the layers that apply a function to each element share: the shape of the result is that of the input."""

    __slots__ = ()

    ops_per_output: ClassVar[int] = 1

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0]


def halved(axis: int, shape: Shape, layer: str) -> Shape:
    """Return a shape with an axis half as large, which holds as many values as gates."""
    index = position(axis, shape, layer)
    size = shape[index]
    if size is not None and size % 2:
        raise RuleError(
            f"{size} / 2 is no whole number: a gated unit needs as many gates as values, "
            f"and axis {axis} of {describe(shape)} has {size}",
            help=f"bring that axis to an even size, such as {size + 1}",
        )
    return (*shape[:index], None if size is None else size // 2, *shape[index + 1 :])


@final
@dataclass(frozen=True, slots=True)
class Activation(Layer):
    """Applies an activation by its name; glu halves the last axis.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Activation("gelu") }`
    Source: https://keras.io/api/layers/core_layers/activation/
    """

    ops_per_output: ClassVar[int] = 1

    activation: str = argument(
        Choice((*ACTIVATIONS.values, "glu"), ACTIVATIONS.synonyms, "linear"), "Name of the activation."
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        return halved(-1, inputs[0], "Activation") if self.activation == "glu" else inputs[0]

    def is_view(self) -> bool:
        return self.activation == "linear"

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its result for relu, sigmoid, tanh, exponential and softmax, nothing for linear, its input for the rest."""
        return saved_by_activation(self.activation, output)


@final
@dataclass(frozen=True, slots=True)
class ReLU(Elementwise):
    """Keeps what is above the threshold, up to a largest value, and scales what is below by a slope.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: ReLU(max_value=6) }`
    Source: https://keras.io/api/layers/activation_layers/relu/
    """

    max_value: float | None = argument(
        Real(0, optional=True), "Largest value of the result; none is no limit.", default=None
    )
    negative_slope: float = argument(Real(0), "Factor of what is below the threshold.", default=0.0)
    threshold: float = argument(Real(0), "Where the result starts to rise.", default=0.0)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its result, shared with the next layer's input; its input when a limit, slope or threshold is set."""
        plain = self.max_value is None and not self.negative_slope and not self.threshold
        return SAVES_OUTPUT if plain else SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class LeakyReLU(Elementwise):
    """Keeps what is above zero and scales what is below by a slope.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: LeakyReLU(0.2) }`
    Source: https://keras.io/api/layers/activation_layers/leaky_relu/
    """

    negative_slope: float = argument(Real(0), "Factor of what is below zero.", default=0.3, aliases=("alpha",))

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class PReLU(Layer):
    """Keeps what is above zero and scales what is below by learned slopes, one for each place of a sample.

    Shape: (...) -> (...)
    Example: `network Net { input: (28, 28, 8)  layers: PReLU(shared_axes=(1, 2)) }`
    Source: https://keras.io/api/layers/activation_layers/prelu/
    """

    ops_per_output: ClassVar[int] = 1

    shared_axes: tuple[int, ...] | None = argument(
        Integers(1, optional=True), "Axes, from 1, along which the slopes are shared.", default=None
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        shared = self.shared_axes or ()
        if shared and max(shared) > len(shape):
            raise RuleError(
                f"expected axes from 1 to {len(shape)} of {describe(shape)}, got {show(shared)}",
                help="the axes of a sample count from 1",
                argument="shared_axes",
            )
        for axis, dim in enumerate(shape, 1):
            if axis not in shared:
                require_known(dim, f"axis {axis}", "PReLU", shape)
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        shared = self.shared_axes or ()
        slopes = tuple(1 if axis in shared else dim or 0 for axis, dim in enumerate(inputs[0], 1))
        return (Weight("alpha", slopes),)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class ELU(Elementwise):
    """Keeps what is above zero and bends what is below towards ``-alpha``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: ELU() }`
    Source: https://keras.io/api/layers/activation_layers/elu/
    """

    alpha: float = argument(Real(), "How far below zero the result goes.", default=1.0)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class Softmax(Layer):
    """Turns the values along an axis into shares that add up to 1.

    Shape: (...) -> (...)
    Example: `network Net { input: (10,)  layers: Softmax() }`
    Source: https://keras.io/api/layers/activation_layers/softmax/
    """

    ops_per_output: ClassVar[int] = 5

    axis: int = argument(
        Axes(), "The axis whose values add up to 1; the batch is axis 0.", default=-1, aliases=("dim",)
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        position(self.axis, shape, "Softmax")
        return shape

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its result."""
        return SAVES_OUTPUT


@final
@dataclass(frozen=True, slots=True)
class GLU(Layer):
    """A gated linear unit: the first half of an axis times the logistic function of the second.

    Shape: (..., 2 * size) -> (..., size)
    Example: `network Net { input: (64,)  layers: GLU() }`
    Source: https://arxiv.org/abs/1612.08083
    """

    #: A logistic function and a product.
    ops_per_output: ClassVar[int] = 5

    axis: int = argument(Axes(), "The axis that is halved; the batch is axis 0.", default=-1, aliases=("dim",))

    def output_shape(self, inputs: Inputs) -> Shape:
        return halved(self.axis, inputs[0], "GLU")

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class GELU(Elementwise):
    """The exact Gaussian error linear unit: ``x * P(X <= x)`` for a normal X.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: GELU() }`
    Source: https://arxiv.org/abs/1606.08415
    """

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class SiLU(Elementwise):
    """The sigmoid linear unit, also called swish: ``x * sigmoid(x)``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: SiLU() }`
    Source: https://arxiv.org/abs/1710.05941
    """

    aliases: ClassVar[tuple[str, ...]] = ("Swish",)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class Sigmoid(Elementwise):
    """The logistic function: ``1 / (1 + exp(-x))``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Sigmoid() }`
    Source: https://keras.io/api/layers/activations/#sigmoid-function
    """

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its result."""
        return SAVES_OUTPUT


@final
@dataclass(frozen=True, slots=True)
class Tanh(Elementwise):
    """The hyperbolic tangent.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Tanh() }`
    Source: https://keras.io/api/layers/activations/#tanh-function
    """

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its result."""
        return SAVES_OUTPUT
