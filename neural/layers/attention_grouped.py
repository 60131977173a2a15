"""Attention in several heads of which groups share a key and a value: https://arxiv.org/abs/2305.13245."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.attention import check_positions, operands
from neural.layers.attention_scores import check_scores, rope_theta, shared_by_samples, sliding_window
from neural.layers.base import Inputs, Layer, Saved, Weight, elements
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.records import dataclass
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
    sliding_window: int | None = sliding_window()
    use_causal_mask: bool = argument(
        Flag(),
        "Whether a position sees only those before it and itself.",
        default=False,
        aliases=("is_causal", "causal"),
    )
    rope_theta: float | None = rope_theta()

    def output_shape(self, inputs: Inputs) -> Shape:
        if self.num_query_heads % self.num_key_value_heads:
            heads, groups = self.num_query_heads, self.num_key_value_heads
            raise RuleError(
                f"{heads} % {groups} = {heads % groups}: the {groups} heads of key and value do not share out "
                f"{heads} heads of the query",
                help="use a number of query heads that is a multiple of num_key_value_heads",
                argument="num_key_value_heads",
            )
        query, value, key = check_positions(inputs, "GroupQueryAttention", 2)
        check_scores(self, query, key, "head_dim")
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
        """2 x head_dim x (num_query_heads x (2 x query elements + 2 x queries x keys)
        + num_key_value_heads x (key elements + value elements)); causal masks give no discount.
        """
        query, value, key = operands(inputs)
        seen = elements(key[:-1])
        of_queries = self.num_query_heads * (2 * elements(query) + 2 * elements(query[:-1]) * seen)
        of_keys = self.num_key_value_heads * (elements(key) + elements(value))
        return 2 * self.head_dim * (of_queries + of_keys)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, the projected queries, keys and values, the heads' results, and one float32 a query and head.

        Dropout, which no fused kernel of a CPU has, keeps a key and a value for every query head, and in place of the
        float32 the weights of all pairs, their scaled mask and what it leaves of them. All samples share the
        angles of rotary positions and a window's mask.
        """
        query, _, key = operands(inputs)
        positions, seen = elements(query[:-1]), elements(key[:-1])
        heads = self.num_query_heads
        shared = heads if self.dropout else self.num_key_value_heads
        return Saved(
            inputs=True,
            elements=2 * self.head_dim * (heads * positions + shared * seen)
            + (3 * heads * positions * seen if self.dropout else 0),
            statistics=0 if self.dropout else heads * positions,
            shared_statistics=shared_by_samples(self, self.head_dim, positions, seen),
        )
