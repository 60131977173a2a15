"""Attention in several heads of which groups share a key and a value: https://arxiv.org/abs/2305.13245."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.attention import check_positions, operands
from neural.layers.base import Inputs, Layer, Saved, Weight, elements
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.shapes import Shape, describe


@final
@dataclass(frozen=True, slots=True)
class GroupQueryAttention(Layer):
    """Scaled dot-product attention whose query heads share the heads of key and value; one input attends to itself.

    Shape: query (positions, in), value (positions, in), key (positions, in) -> query's (positions, in)
    Example: `network Net { input: (20, 64)  layers: GroupQueryAttention(16, 4, 2) }`
    Source: https://keras.io/api/layers/attention_layers/group_query_attention/
    """

    arity: ClassVar[tuple[int, int]] = (1, 3)
    ops_per_output: ClassVar[int] = 1

    head_dim: int = argument(Integer(1), "Size of a head.")
    num_query_heads: int = argument(Integer(1), "Number of heads of the query.", aliases=("num_heads",))
    num_key_value_heads: int = argument(Integer(1), "Number of heads of key and value.", aliases=("num_kv_heads",))
    dropout: float = argument(Real(0, 1), "Share of the attention weights dropped while training.", default=0.0)
    use_bias: bool = use_bias()
    use_causal_mask: bool = argument(
        Flag(),
        "Whether a position sees only those before it and itself.",
        default=False,
        aliases=("is_causal", "causal"),
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        if self.num_query_heads % self.num_key_value_heads:
            heads, groups = self.num_query_heads, self.num_key_value_heads
            raise RuleError(
                f"{heads} % {groups} = {heads % groups}: the {groups} heads of key and value do not share out "
                f"{heads} heads of the query",
                help="use a number of query heads that is a multiple of num_key_value_heads",
                argument="num_key_value_heads",
            )
        query, value, _ = check_positions(inputs, "GroupQueryAttention", 2)
        if query[-1] != value[-1]:
            raise RuleError(
                f"{query[-1]} and {value[-1]} differ: the features of query {describe(query)} and value "
                f"{describe(value)} must agree",
                help="bring them to one size with Dense(...), or use MultiHeadAttention",
            )
        return query

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        query, value, key = operands(inputs)
        size = self.head_dim
        heads = {"query": self.num_query_heads, "key": self.num_key_value_heads, "value": self.num_key_value_heads}
        shapes = {
            part: ((shape[-1] or 0, heads[part], size), (heads[part], size))
            for part, shape in (("query", query), ("key", key), ("value", value))
        }
        width = query[-1] or 0
        shapes["attention_output"] = ((self.num_query_heads, size, width), (width,))  # type: ignore[assignment]
        names = ("kernel", "bias") if self.use_bias else ("kernel",)
        return tuple(
            Weight(f"{part}/{name}", shape)
            for part, pair in shapes.items()
            for name, shape in zip(names, pair, strict=False)
        )

    def flops(self, inputs: Inputs, output: Shape) -> int:
        query, value, key = operands(inputs)
        seen = elements(key[:-1])
        of_queries = self.num_query_heads * (2 * elements(query) + 2 * elements(query[:-1]) * seen)
        of_keys = self.num_key_value_heads * (elements(key) + elements(value))
        return 2 * self.head_dim * (of_queries + of_keys)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        query, _, key = operands(inputs)
        positions, seen = elements(query[:-1]), elements(key[:-1])
        kept = 2 * self.head_dim * (self.num_query_heads * positions + self.num_key_value_heads * seen)
        return Saved(inputs=True, elements=kept, statistics=self.num_query_heads * positions)
