"""Where things stand: vectors, angles and biases that tell positions apart, and a place for a learned token."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, position, require_known
from neural.layers.fields import Axes, Flag, Integer, Real, argument
from neural.records import dataclass
from neural.shapes import Shape, describe


def max_wavelength() -> Any:
    """Declare the longest wave."""
    return argument(
        Real(0, open_low=True),
        "Longest wavelength of sines and cosines, over 2 pi.",
        default=10000.0,
        aliases=("rope_theta", "base"),
    )


def check_sequence(shape: Shape, layer: str) -> tuple[int | None, int]:
    """Return the positions and features of (..., positions, features); raise unless both are there."""
    if len(shape) < 2:
        raise RuleError(
            f"{layer} reads (..., positions, features) with the batch before it; it received {describe(shape)}",
            help="give the input an axis of positions, for example with Embedding(...) or Reshape(...)",
        )
    return shape[-2], require_known(shape[-1], "the last axis", layer, shape)


@final
@dataclass(frozen=True, slots=True)
class PositionEmbedding(Layer):
    """Returns a learned vector for each position, of its input's shape; Residual() around it adds them to the input.

    Shape: (..., positions, features) -> (..., positions, features)
    Example: `network Net { input: (20, 64)  layers: Residual() { PositionEmbedding(512) } }`
    Source: https://keras.io/keras_hub/api/modeling_layers/position_embedding/
    """

    differentiable: ClassVar[bool] = False

    sequence_length: int = argument(Integer(1), "Number of vectors: the longest sequence.", aliases=("max_length",))

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        positions, _ = check_sequence(shape, "PositionEmbedding")
        if positions is not None and positions > self.sequence_length:
            raise RuleError(
                f"{positions} > {self.sequence_length}: {describe(shape)} has more positions than there are vectors",
                help=f"use a sequence_length of at least {positions}",
                argument="sequence_length",
                repairs=(Repair(f"use {positions} vectors", "sequence_length", str(positions)),),
            )
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("embeddings", (self.sequence_length, inputs[0][-1] or 0)),)


@final
@dataclass(frozen=True, slots=True)
class SinePositionEncoding(Layer):
    """Returns sines (even features) and cosines (odd ones) of each position, of its input's shape, to be added to it.

    Shape: (..., positions, features) -> (..., positions, features)
    Example: `network Net { input: (20, 64)  layers: Residual() { SinePositionEncoding() } }`
    Source: https://keras.io/keras_hub/api/modeling_layers/sine_position_encoding/
    """

    differentiable: ClassVar[bool] = False
    ops_per_output: ClassVar[int] = 2

    max_wavelength: float = max_wavelength()

    def output_shape(self, inputs: Inputs) -> Shape:
        check_sequence(inputs[0], "SinePositionEncoding")
        return inputs[0]


@final
@dataclass(frozen=True, slots=True)
class RotaryEmbedding(Layer):
    """Turns each pair of features (i, i + features / 2) by an angle that grows with the position.

    Shape: (..., positions, ..., features) -> (..., positions, ..., features)
    Example: `network Net { input: (20, 8, 64)  layers: RotaryEmbedding() }`
    Source: https://keras.io/keras_hub/api/modeling_layers/rotary_embedding/
    """

    ops_per_output: ClassVar[int] = 3

    max_wavelength: float = max_wavelength()
    scaling_factor: float = argument(Real(0, open_low=True), "What positions are divided by.", default=1.0)
    sequence_axis: int = argument(Axes(), "The axis of positions; the batch is axis 0.", default=1)
    feature_axis: int = argument(Axes(), "The axis of features.", default=-1)

    def axes(self, shape: Shape) -> tuple[int, int]:
        """Return where positions and features stand in the shape of a sample."""
        where = {name: getattr(self, name) for name in ("sequence_axis", "feature_axis")}
        first, last = (position(axis, shape, "RotaryEmbedding", name) for name, axis in where.items())
        if first == last:
            raise RuleError(
                f"axis {self.sequence_axis} and axis {self.feature_axis} of {describe(shape)} are one: positions and "
                "features have an axis each",
                help="give the input an axis of positions before its features",
            )
        return first, last

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        axis = self.axes(shape)[1]
        check_pairs(require_known(shape[axis], "the axis of features", "RotaryEmbedding", shape))
        return shape

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """A cosine and a sine for each position and pair of features."""
        first, last = (inputs[0][axis] or 0 for axis in self.axes(inputs[0]))
        return Saved(shared_statistics=first * last)


def check_pairs(size: int, argument: str | None = None) -> None:
    """Raise unless features fall into pairs."""
    if size % 2:
        raise RuleError(
            f"{size} % 2 = 1: rotary positions turn pairs of features, and {size} is odd",
            help="use an even size",
            argument=argument,
        )


@final
@dataclass(frozen=True, slots=True)
class RelativePositionBias(Layer):
    """Returns a learned bias of attention's scores for each head by the distance of key and query, as T5 has it.

    Half the buckets hold a distance each, the rest ranges that grow up to max_distance. Only sizes are read: the first
    reference is the query, the second the key. MultiHeadAttention takes the result as its fourth reference.

    Shape: query (positions, in), key (positions, in) -> (num_heads, query's positions, key's positions)
    Example: `network Net { input: (20, 64)  layers: RelativePositionBias(8) }`
    Source: https://arxiv.org/abs/1910.10683
    """

    arity: ClassVar[tuple[int, int]] = (1, 2)
    differentiable: ClassVar[bool] = False

    num_heads: int = argument(Integer(1), "Number of heads.", aliases=("heads",))
    num_buckets: int = argument(Integer(2), "Number of biases of a head.", default=32)
    max_distance: int = argument(Integer(1), "Distance from which on there is one bias.", default=128)
    bidirectional: bool = argument(Flag(), "Whether later keys have biases of their own.", default=True)

    @property
    def exact(self) -> int:
        """How many distances have a bucket each."""
        return self.num_buckets // (4 if self.bidirectional else 2)

    def output_shape(self, inputs: Inputs) -> Shape:
        for shape in inputs:
            if len(shape) != 2:
                raise RuleError(
                    f"RelativePositionBias reads (positions, features) with the batch before it; it received "
                    f"{describe(shape)}",
                    help="join the axes of positions with Reshape(...) first",
                )
        if not 0 < self.exact < self.max_distance:
            raise RuleError(
                f"{self.num_buckets} buckets hold {self.exact} distances each on their own: expected at least 1 and "
                f"fewer than max_distance={self.max_distance}",
                help="use more buckets (4 where later keys have their own), or a larger max_distance",
                argument="num_buckets",
            )
        return (self.num_heads, inputs[0][0], inputs[-1][0])

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("embeddings", (self.num_buckets, self.num_heads)),)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """The bucket of each query and key, in 8 bytes."""
        return Saved(shared_statistics=2 * elements(output) // self.num_heads)


@final
@dataclass(frozen=True, slots=True)
class ClassToken(Layer):
    """Puts a learned token before the others: where ViT reads its result from.

    Shape: (positions, features) -> (1 + positions, features)
    Example: `network Net { input: (196, 64)  layers: ClassToken() }`
    Source: https://arxiv.org/abs/2010.11929
    """

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if len(shape) != 2:
            raise RuleError(
                f"ClassToken reads (positions, features) with the batch before it; it received {describe(shape)}",
                help="join the axes of positions with Reshape(...) first",
            )
        positions, features = check_sequence(shape, "ClassToken")
        return (None if positions is None else positions + 1, features)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("token", (1, inputs[0][-1] or 0)),)
