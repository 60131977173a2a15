"""Layers on graphs: features of nodes, and which nodes are joined as a second reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known, require_rank
from neural.layers.fields import Flag, Integer, Real, argument
from neural.layers.windows import use_bias
from neural.records import dataclass
from neural.shapes import Shape, describe


class GraphLayer(Layer):
    """What the layers on graphs share: they read (nodes, features) and an adjacency (nodes, nodes)."""

    __slots__ = ()

    arity: ClassVar[tuple[int, int]] = (2, 2)
    ops_per_output: ClassVar[int] = 1

    activation: str
    use_bias: bool

    @final
    def nodes(self, inputs: Inputs) -> int | None:
        """Return how many rows the adjacency has; raise unless features and adjacency agree."""
        name = type(self).__name__
        features, adjacency = inputs
        require_rank(features, 2, "nodes, features", name)
        require_known(features[-1], "the last axis", name, features)
        if len(adjacency) != 2 or len({size for size in (features[0], *adjacency) if size is not None}) > 1:
            raise RuleError(
                f"{name} reads features (nodes, in) and an adjacency (nodes, nodes); it received "
                f"{describe(features)} and {describe(adjacency)}",
                help="the references are features, adjacency: a row for each node, a column for each node it reads",
            )
        return adjacency[0]


def units() -> Any:
    """Declare the features of the result."""
    return argument(Integer(1), "Features of a node in the result.", aliases=("out_channels",))


@final
@dataclass(frozen=True, slots=True)
class GraphConv(GraphLayer):
    """Gives each node the features of the nodes it is joined to: ``activation(A @ (x @ kernel) + bias)``.

    With ``normalize`` A is made of the adjacency as Kipf and Welling do: a loop of weight 1 is added to each node, and
    each entry divided by the roots of both nodes' degrees, the sums of their rows. Else A is the adjacency as given.

    Shape: features (nodes, in), adjacency (nodes, nodes) -> (nodes, units)
    Example: `network Net { input: {x: (9, 16), a: (9, 9)}  layers: GraphConv(8, "relu")(x, a) }`
    Source: https://arxiv.org/abs/1609.02907
    """

    aliases: ClassVar[tuple[str, ...]] = ("GCNConv",)

    units: int = units()
    activation: str = activation()
    use_bias: bool = use_bias()
    normalize: bool = argument(
        Flag(), "Whether the adjacency gets loops and is divided by degrees, or is taken as given.", default=True
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        return (self.nodes(inputs), self.units)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (inputs[0][-1] or 0, self.units))
        return (kernel, Weight("bias", (self.units,))) if self.use_bias else (kernel,)

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x output elements x (input features + steps); the steps are the nodes."""
        features, _ = inputs
        return 2 * elements(output) * ((features[-1] or 0) + (features[0] or 0))

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, the adjacency as it is used, and what its activation keeps."""
        return saved_with_activation(self.activation, output)


@final
@dataclass(frozen=True, slots=True)
class GraphAttention(GraphLayer):
    """Each node takes the mean of itself and its neighbours, weighed by learned scores of the pairs, in several heads.

    A neighbour is one whose adjacency is not zero. The score of a pair is
    ``leaky_relu(attention_self . h_i + attention_neighbour . h_j)`` with ``h = x @ kernel``; ``concat`` joins the
    heads' results, and else takes their mean.

    Shape: features (nodes, in), adjacency (nodes, nodes) -> (nodes, num_heads * units, or units without concat)
    Example: `network Net { input: {x: (9, 16), a: (9, 9)}  layers: GraphAttention(8, 4, "elu")(x, a) }`
    Source: https://arxiv.org/abs/1710.10903
    """

    aliases: ClassVar[tuple[str, ...]] = ("GATConv",)

    units: int = units()
    num_heads: int = argument(Integer(1), "Number of heads.", default=1, aliases=("heads",))
    activation: str = activation()
    use_bias: bool = use_bias()
    concat: bool = argument(Flag(), "Whether heads stand side by side, or their mean is taken.", default=True)
    negative_slope: float = argument(Real(0), "Slope of the scores below zero.", default=0.2)
    dropout: float = argument(Real(0, 1), "Share of the attention weights dropped while training.", default=0.0)

    @property
    def width(self) -> int:
        """The features of a node in the result."""
        return self.units * (self.num_heads if self.concat else 1)

    def output_shape(self, inputs: Inputs) -> Shape:
        return (self.nodes(inputs), self.width)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        heads = (self.num_heads, self.units)
        found = (
            Weight("kernel", (inputs[0][-1] or 0, *heads)),
            Weight("attention_self", heads),
            Weight("attention_neighbour", heads),
        )
        return (*found, Weight("bias", (self.width,))) if self.use_bias else found

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x steps x num_heads x units x (input features + steps); the steps are the nodes."""
        nodes, features = (size or 0 for size in inputs[0])
        return 2 * nodes * self.num_heads * self.units * (features + nodes)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its inputs, the heads' features twice, scores and weights of all pairs, what dropout and activation keep."""
        nodes = inputs[0][0] or 0
        pairs = self.num_heads * nodes * nodes
        kept = saved_with_activation(self.activation, output)
        own = 2 * nodes * self.num_heads * self.units + (4 if self.dropout else 2) * pairs
        return replace(kept, elements=kept.elements + own)
