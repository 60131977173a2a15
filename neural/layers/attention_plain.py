"""Attention without projections: the scores come from query and key as they are."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.attention import check_positions, operands
from neural.layers.base import Inputs, Layer, Saved, Weight, elements
from neural.layers.fields import Choice, Flag, Real, argument
from neural.records import dataclass
from neural.shapes import Shape, describe


def dropout() -> Any:
    """Declare the share of the weights that is dropped."""
    return argument(Real(0, 1), "Share of the attention weights dropped while training.", default=0.0)


def use_causal_mask() -> Any:
    """Declare whether the future is hidden."""
    return argument(
        Flag(),
        "Whether a position sees only those before it and itself.",
        default=False,
        aliases=("is_causal", "causal"),
    )


class PlainAttention(Layer):
    """What Attention and AdditiveAttention share: FLOPs are 2 x positions x positions seen x size of a value."""

    __slots__ = ()

    arity: ClassVar[tuple[int, int]] = (1, 3)
    ops_per_output: ClassVar[int] = 1

    dropout: float

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        query, value, key = check_positions(inputs, type(self).__name__, 2)
        if query[-1] != key[-1]:
            raise RuleError(
                f"{query[-1]} and {key[-1]} differ: the features of query {describe(query)} and key {describe(key)} "
                "must agree",
                help="bring them to one size with Dense(...); the references are query, value, key",
            )
        return (*query[:-1], value[-1])

    @final
    def pairs(self, inputs: Inputs) -> int:
        """Return the number of scores."""
        query, _, key = operands(inputs)
        return elements(query[:-1]) * elements(key[:-1])

    @final
    def kept(self, inputs: Inputs, scores: int) -> Saved:
        """Return what is kept: the inputs, ``scores`` values on the way, the weights, and what dropout adds."""
        pairs = self.pairs(inputs)
        dropped = pairs if self.dropout else 0
        return Saved(inputs=True, elements=scores + pairs + 2 * dropped)


@final
@dataclass(frozen=True, slots=True)
class Attention(PlainAttention):
    """Dot-product attention without projections; one input attends to itself.

    Shape: query (positions, in), value (positions, out), key (positions, in) -> (query's positions, out)
    Example: `network Net { input: (20, 64)  layers: Attention() }`
    Source: https://keras.io/api/layers/attention_layers/attention/
    """

    use_scale: bool = argument(Flag(), "Whether the scores are multiplied by a learned number.", default=False)
    score_mode: str = argument(
        Choice(("dot", "concat")), "Scores: products, or the tanh of the sums, added up.", default="dot"
    )
    dropout: float = dropout()
    use_causal_mask: bool = use_causal_mask()

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        scale = (Weight("scale", ()),) if self.use_scale else ()
        return (*scale, Weight("concat_score_weight", ())) if self.score_mode == "concat" else scale

    def contracted_features(self, inputs: Inputs) -> int:
        """Return the features that products add up over: those of a value, and for scores by products of a query."""
        query, value, _ = operands(inputs)
        return (value[-1] or 0) + ((query[-1] or 0) if self.score_mode == "dot" else 0)

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x pairs x contracted features; a pair is a query and a key."""
        return 2 * self.pairs(inputs) * self.contracted_features(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, the weights of all pairs, scores before a scale, the tanh of concat, and what dropout adds."""
        pairs, size = self.pairs(inputs), inputs[0][-1] or 0
        if self.score_mode == "dot":
            return self.kept(inputs, pairs if self.use_scale else 0)
        return self.kept(inputs, pairs * (1 + size + (size if self.use_scale else 0)))


@final
@dataclass(frozen=True, slots=True)
class AdditiveAttention(PlainAttention):
    """Attention by the tanh of the sums of query and key, weighed by a learned vector; one input attends to itself.

    Shape: query (positions, in), value (positions, out), key (positions, in) -> (query's positions, out)
    Example: `network Net { input: (20, 64)  layers: AdditiveAttention() }`
    Source: https://keras.io/api/layers/attention_layers/additive_attention/
    """

    use_scale: bool = argument(Flag(), "Whether a learned vector weighs the features.", default=True)
    dropout: float = dropout()
    use_causal_mask: bool = use_causal_mask()

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("scale", (inputs[0][-1] or 0,)),) if self.use_scale else ()

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x pairs x output features; a pair is a query and a key."""
        return 2 * self.pairs(inputs) * (output[-1] or 0)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, the weights of all pairs, their tanh for every feature, and what dropout adds."""
        return self.kept(inputs, self.pairs(inputs) * (inputs[0][-1] or 0))
