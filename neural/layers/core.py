"""Core layers: inputs, dense projections and embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, final

from neural.errors import Repair, RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Advice, Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import Choice, Flag, Integer, Integers, Real, argument, wrong
from neural.records import dataclass
from neural.shapes import Shape, describe

DTYPES = Choice(("float32", "float64", "float16", "bfloat16", "int32", "int64", "int8", "uint8", "bool"), optional=True)


@final
@dataclass(frozen=True, slots=True)
class Input(Layer):
    """The tensor a network starts from.

    Shape: -> (shape)
    Example: `network Net { input: (28, 28, 1)  layers: Conv2D(8, 3) }`
    Source: https://keras.io/api/layers/core_layers/input/
    """

    arity: ClassVar[tuple[int, int]] = (0, 0)

    shape: tuple[int | None, ...] = argument(Integers(), "Sizes of one sample, without the batch.")
    dtype: str | None = argument(DTYPES, "Type of its elements; by default the compute type.", default=None)

    def output_shape(self, inputs: Inputs) -> Shape:
        return self.shape


class Matrix(NamedTuple):
    """The matrix of an Embedding of the network: the Embedding's name, and the number and length of its rows."""

    name: str
    rows: int
    width: int


@dataclass(frozen=True, slots=True)
class EmbeddingName:
    """An Embedding of the network, by its label or its name, for which the binder puts in its matrix."""

    @property
    def words(self) -> str:
        return "the label of an Embedding in quotes, or none"

    def read(self, value: Any) -> Matrix | None:
        if value is None or isinstance(value, Matrix):
            return value
        raise wrong(self, value)


@dataclass(frozen=True, slots=True)
class Affine(Layer):
    """What Dense and Output share: ``activation(inputs @ kernel + bias)`` over the last axis.

    A tied layer has the matrix of an Embedding, transposed, as its kernel: one unit for each row.
    """

    units: int = argument(Integer(1), "Size of the last axis of the result.", aliases=("out_features",))
    activation: str = activation()
    use_bias: bool = argument(Flag(), "Whether to add a bias vector.", default=True, aliases=("bias",))
    tied: Matrix | None = argument(
        EmbeddingName(), "Embedding whose matrix, transposed, is the kernel.", default=None, named=True
    )

    @classmethod
    def completed(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give a tied layer a unit for each row of its matrix, and no bias, where the call says neither."""
        matrix = given.get("tied")
        return {"units": matrix.rows, "use_bias": False, **given} if matrix else given

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if not shape:
            raise RuleError("it needs at least one axis besides the batch", help="give the input a shape such as (8,)")
        require_known(shape[-1], "the last axis", type(self).__name__, shape)
        if self.tied is not None:
            _require_fit(self.tied, self.units, shape)
        return (*shape[:-1], self.units)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        kernel = () if self.tied else (Weight("kernel", (shape[-1] or 0, self.units)),)
        return (*kernel, Weight("bias", (self.units,))) if self.use_bias else kernel

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x input elements x units."""
        (shape,) = inputs
        return 2 * elements(shape) * self.units

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and what its activation keeps."""
        return saved_with_activation(self.activation, output)


def _require_fit(matrix: Matrix, units: int, shape: Shape) -> None:
    """Raise unless a matrix has a row for each unit, each as long as the last axis."""
    name, rows, width = matrix
    if units != rows:
        raise RuleError(
            f"{units} != {rows}: a layer tied to the Embedding `{name}` has a unit for each of its {rows} rows",
            help="leave `units` out",
            argument="units",
            repairs=(Repair(f"use units={rows}", "units", str(rows)),),
        )
    if shape[-1] != width:
        raise RuleError(
            f"{shape[-1]} != {width}: the rows of the Embedding `{name}` hold {width} numbers, "
            f"and the last axis of {describe(shape)} has {shape[-1]}",
            help=f"bring the last axis to {width}, for example with Dense({width}), or leave `tied` out",
            repairs=(Repair(f"insert Dense({width}) before it", value=f"Dense({width})", action="insert"),),
        )


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
class Masking(Layer):
    """Marks the steps whose features all have one value, so that recurrent layers after it leave them out.

    Those steps become zero; a mask goes with the tensor to the layers that read one.

    Shape: (..., features) -> (..., features)
    Example: `network Net { input: (20, 8)  layers: Masking(-1)  Dense(4) }`
    Source: https://keras.io/api/layers/core_layers/masking/
    """

    #: Compare, any of the features, choose.
    ops_per_output: ClassVar[int] = 3

    mask_value: float = argument(Real(), "The value of every feature of a step that is left out.", default=0.0)

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if not shape:
            raise RuleError(
                "it needs an axis of features besides the batch", help="give the input a shape such as (8,)"
            )
        return shape

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One byte a step, its mask."""
        return Saved(bytes=elements(output[:-1]))


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
        """Its indices."""
        return Saved(inputs=True)
