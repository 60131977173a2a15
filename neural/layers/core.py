"""Core layers: inputs, dense projections and embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Advice, Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import Choice, Flag, Integer, Integers, argument
from neural.shapes import Shape, describe

DTYPES = Choice(("float32", "float64", "float16", "bfloat16", "int32", "int64", "int8", "uint8", "bool"), optional=True)


@final
@dataclass(frozen=True, slots=True)
class Input(Layer):
    """The tensor a network starts from.

    Shape: -> (shape)
    Example: `network Net { input: (28, 28, 1)  layers: Flatten() }`
    Source: https://keras.io/api/layers/core_layers/input/
    """

    arity: ClassVar[tuple[int, int]] = (0, 0)

    shape: tuple[int | None, ...] = argument(Integers(), "Sizes of one sample, without the batch.")
    dtype: str | None = argument(DTYPES, "Type of its elements; by default the compute type.", default=None)

    def output_shape(self, inputs: Inputs) -> Shape:
        return self.shape


@dataclass(frozen=True, slots=True)
class Affine(Layer):
    """What Dense and Output share: ``activation(inputs @ kernel + bias)`` over the last axis."""

    units: int = argument(Integer(1), "Size of the last axis of the result.", aliases=("out_features",))
    activation: str = activation()
    use_bias: bool = argument(Flag(), "Whether to add a bias vector.", default=True, aliases=("bias",))

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if not shape:
            raise RuleError("it needs at least one axis besides the batch", help="give the input a shape such as (8,)")
        require_known(shape[-1], "the last axis", type(self).__name__, shape)
        return (*shape[:-1], self.units)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        kernel = Weight("kernel", (shape[-1] or 0, self.units))
        return (kernel, Weight("bias", (self.units,))) if self.use_bias else (kernel,)

    def flops(self, inputs: Inputs, output: Shape) -> int:
        (shape,) = inputs
        return 2 * elements(shape) * self.units

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return saved_with_activation(self.activation, output)


@final
@dataclass(frozen=True, slots=True)
class Dense(Affine):
    """A fully connected layer: ``activation(inputs @ kernel + bias)`` over the last axis.

    Shape: (..., in) -> (..., units)
    Example: `network Net { input: (784,)  layers: Dense(10, "relu") }`
    Source: https://keras.io/api/layers/core_layers/dense/
    """

    aliases: ClassVar[tuple[str, ...]] = ("Linear",)
    ops_per_output: ClassVar[int] = 1


@final
@dataclass(frozen=True, slots=True)
class Output(Affine):
    """A Dense layer that is a head of the network.

    Shape: (..., in) -> (..., units)
    Example: `network Net { input: (128,)  layers: Output(10, "softmax") }`
    Source: https://keras.io/api/layers/core_layers/dense/
    """

    ops_per_output: ClassVar[int] = 1

    def advice(self, inputs: Inputs) -> Advice | None:
        (shape,) = inputs
        if len(shape) < 3:
            return None
        return Advice(
            f"Output acts on the last axis of {describe(shape)} and so keeps its other axes",
            help="put Flatten() or a global pooling layer before it for one result per sample",
            repairs=(Repair("insert Flatten() before it", value="Flatten()", action="insert"),),
        )


@final
@dataclass(frozen=True, slots=True)
class Embedding(Layer):
    """A table that turns each whole number below ``input_dim`` into a vector.

    Shape: (steps) -> (steps, output_dim)
    Example: `network Net { input: (100,)  layers: Embedding(10000, 64) }`
    Source: https://keras.io/api/layers/core_layers/embedding/
    """

    integer_input: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    input_dim: int = argument(Integer(1), "Number of rows: the largest index plus one.", aliases=("num_embeddings",))
    output_dim: int = argument(Integer(1), "Length of each vector.", aliases=("embedding_dim",))

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if len(shape) > 1:
            raise RuleError(
                f"Embedding reads whole numbers, one axis of them besides the batch; it received {describe(shape)}, "
                "which looks embedded already",
                help="remove the Embedding, or give the input one axis, such as (100,)",
                repairs=(Repair("remove the Embedding: its input is already embedded", action="remove"),),
            )
        return (*shape, self.output_dim)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("embeddings", (self.input_dim, self.output_dim)),)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        return Saved(inputs=True)
