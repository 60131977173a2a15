"""Attention: each position of a query looks at every position of a key, and takes the mean of the values it weighs."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.attention_scores import (
    check_bias,
    check_scores,
    rope_theta,
    scale,
    shared_by_samples,
    sliding_window,
)
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.records import dataclass
from neural.shapes import Shape, describe


@final
@dataclass(frozen=True, slots=True)
class MultiHeadAttention(Layer):
    """Scaled dot-product attention in several heads, over all axes but the last; one input attends to itself.

    A fourth reference is added to the scores: a bias for each head, query and key, such as RelativePositionBias makes.

    Shape: query (..., in), value (..., in), key (..., in) -> query's (..., output_dim), by default its own last size
    Example: `network Net { input: (20, 64)  layers: MultiHeadAttention(4, key_dim=16) }`
    Source: https://keras.io/api/layers/attention_layers/multi_head_attention/
    """

    arity: ClassVar[tuple[int, int]] = (1, 4)
    ops_per_output: ClassVar[int] = 1

    num_heads: int = argument(Integer(1), "Number of heads.", aliases=("heads",))
    key_dim: int = argument(Integer(1), "Size of a head's query and key.")
    value_dim: int | None = argument(
        Integer(1, optional=True), "Size of a head's value; none is key_dim.", default=None
    )
    dropout: float = argument(Real(0, 1), "Share of the attention weights dropped while training.", default=0.0)
    use_bias: bool = use_bias()
    output_dim: int | None = argument(
        Integer(1, optional=True),
        "Size of the last axis of the result; none is the query's.",
        default=None,
        aliases=("output_shape",),
        keras="output_shape",
    )
    sliding_window: int | None = sliding_window()
    use_causal_mask: bool = argument(
        Flag(),
        "Whether a position sees only those before it and itself.",
        default=False,
        aliases=("is_causal", "causal"),
    )
    rope_theta: float | None = rope_theta()
    scale: float | None = scale()
    use_key_bias: bool = argument(Flag(), "Whether keys too have a bias where the others have one.", default=True)

    @property
    def value_size(self) -> int:
        """The size of a head's value."""
        return self.value_dim or self.key_dim

    def output_shape(self, inputs: Inputs) -> Shape:
        query, _, key = check_positions(inputs, "MultiHeadAttention")
        check_scores(self, query, key, "key_dim")
        for bias in inputs[3:]:
            check_bias(bias, query, key, self.num_heads)
        return (*query[:-1], self.output_dim or query[-1])

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        query, value, key = operands(inputs)
        heads, size = self.num_heads, self.output_dim or query[-1] or 0
        shapes = {
            "query": ((query[-1] or 0, heads, self.key_dim), (heads, self.key_dim)),
            "key": ((key[-1] or 0, heads, self.key_dim), (heads, self.key_dim)),
            "value": ((value[-1] or 0, heads, self.value_size), (heads, self.value_size)),
            "attention_output": ((heads, self.value_size, size), (size,)),
        }
        return tuple(
            Weight(f"{part}/{name}", shape)
            for part, pair in shapes.items()
            for name, shape in zip(("kernel", "bias"), pair, strict=True)
            if name == "kernel" or (self.use_bias and (self.use_key_bias or part != "key"))
        )

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x num_heads x (key_dim x (query elements + key elements) + value_size x (value elements + output elements)
        + queries x keys x (key_dim + value_size)); causal masks give no discount.
        """
        query, value, key = operands(inputs)
        positions, seen = elements(query[:-1]), elements(key[:-1])
        projections = elements(query) * self.key_dim + elements(key) * self.key_dim + elements(value) * self.value_size
        attention = positions * seen * (self.key_dim + self.value_size)
        return 2 * self.num_heads * (projections + attention + elements(output) * self.value_size)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, the projected queries, keys and values, the heads' results, and one float32 a query and head.

        Dropout, which no fused kernel of a CPU has, keeps in place of the float32 the weights of all pairs, their
        scaled mask and what it leaves of them. All samples share the angles of rotary positions and a window's mask.
        """
        query, _, key = operands(inputs)
        positions, seen = elements(query[:-1]), elements(key[:-1])
        head, pairs = self.key_dim + self.value_size, positions * seen
        return Saved(
            inputs=True,
            elements=self.num_heads * (head * (positions + seen) + (3 * pairs if self.dropout else 0)),
            statistics=0 if self.dropout else self.num_heads * positions,
            shared_statistics=shared_by_samples(self, self.key_dim, positions, seen),
        )


def operands(inputs: Inputs) -> tuple[Shape, Shape, Shape]:
    """Return query, value and key: value is by default the query, key the value."""
    query = inputs[0]
    value = inputs[1] if len(inputs) > 1 else query
    return query, value, inputs[2] if len(inputs) > 2 else value


def check_positions(inputs: Inputs, layer: str, rank: int | None = None) -> tuple[Shape, Shape, Shape]:
    """Return query, value and key; raise unless their ranks agree and each key goes with one value."""
    query, value, key = operands(inputs)
    for shape in (query, value, key):
        if len(shape) < 2 or len(shape) != (rank or len(query)):
            raise RuleError(
                f"{layer} reads (positions, features) with the batch before it, every input with as many "
                f"axes; it received {' and '.join(map(describe, inputs))}",
                help="give each input an axis of positions, for example with Reshape(...)",
            )
        require_known(shape[-1], "the last axis", layer, shape)
    if value[:-1] != key[:-1]:
        raise RuleError(
            f"value {describe(value)} and key {describe(key)} differ in their positions: each key goes with one value",
            help="give value and key the same sizes but for the last; the references are query, value, key",
        )
    return query, value, key
