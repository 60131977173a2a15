"""A mixture of experts: https://arxiv.org/abs/2401.04088."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.activations import activation, saved_by_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import Integer, argument
from neural.records import dataclass
from neural.shapes import Shape, describe


@final
@dataclass(frozen=True, slots=True)
class MixtureOfExperts(Layer):
    """Gated feed-forward parts of which a router chooses the best few for each position, as Mixtral has them.

    The result is the sum of the chosen experts, weighed by the softmax of their scores. An expert is
    ``(activation(x @ gate) * (x @ up)) @ down``; nothing has a bias.

    Shape: (..., features) -> (..., features)
    Example: `network Net { input: (20, 64)  layers: MixtureOfExperts(8, 128, top_k=2) }`
    Source: https://arxiv.org/abs/2401.04088
    """

    ops_per_output: ClassVar[int] = 1

    num_experts: int = argument(Integer(1), "Number of experts.", aliases=("num_local_experts",))
    ff_dim: int = argument(Integer(1), "Width inside an expert.", aliases=("intermediate_size",))
    top_k: int = argument(
        Integer(1), "How many experts each position visits.", default=2, aliases=("num_experts_per_tok",)
    )
    activation: str = activation("Activation of the gate.", "silu")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if not shape:
            raise RuleError(f"MixtureOfExperts reads (..., features); it received {describe(shape)}")
        require_known(shape[-1], "the last axis", "MixtureOfExperts", shape)
        if self.top_k > self.num_experts:
            raise RuleError(
                f"{self.top_k} > {self.num_experts}: a position visits more experts than there are",
                help=f"use a top_k of at most {self.num_experts}",
                argument="top_k",
                repairs=(Repair(f"visit {self.num_experts}", "top_k", str(self.num_experts)),),
            )
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        features, experts = inputs[0][-1] or 0, self.num_experts
        return (
            Weight("router", (features, experts)),
            Weight("gate", (experts, features, self.ff_dim)),
            Weight("up", (experts, features, self.ff_dim)),
            Weight("down", (experts, self.ff_dim, features)),
        )

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x input elements x (num_experts + 3 x top_k x ff_dim); a position visits top_k experts."""
        return 2 * elements(inputs[0]) * (self.num_experts + 3 * self.top_k * self.ff_dim)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input; of each visit what the expert reads, its gates and product, its result twice, and its places."""
        visits = elements(inputs[0][:-1]) * self.top_k
        inside = saved_by_activation(self.activation, (visits, self.ff_dim))
        hidden = visits * self.ff_dim
        kept = hidden * (3 + inside.inputs) + inside.elements
        return Saved(inputs=True, elements=kept + 3 * elements(output) * self.top_k + 2 * visits, bytes=24 * visits)
