"""Layers on graphs and mixtures of experts, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_activations import function
from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value, options
from neural.code_generation.writer import Code, Helper
from neural.layers import experts, graphs
from neural.layers.base import Layer

_TENSOR = "from torch import Tensor, nn"

EXPERTS = Helper(
    "MixtureOfExperts",
    '''
class MixtureOfExperts(nn.Module):
    """Gated feed-forward parts of which a router chooses some for each position."""

    def __init__(
        self,
        features: int,
        experts: int,
        hidden: int,
        chosen: int,
        activation: Callable[[Tensor], Tensor],
    ) -> None:
        super().__init__()
        self.chosen, self.activation = chosen, activation
        self.router = nn.Linear(features, experts, bias=False)
        self.gate = nn.Parameter(0.02 * torch.randn(experts, features, hidden))
        self.up = nn.Parameter(0.02 * torch.randn(experts, features, hidden))
        self.down = nn.Parameter(0.02 * torch.randn(experts, hidden, features))

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(0, -2)
        scores, chosen = self.router(tokens).topk(self.chosen)
        shares = scores.softmax(-1)
        result = torch.zeros_like(tokens)
        for index, (gate, up, down) in enumerate(zip(self.gate, self.up, self.down)):
            token, rank = (chosen == index).nonzero(as_tuple=True)
            visit = tokens[token]
            visit = (self.activation(visit @ gate) * (visit @ up)) @ down
            result = result.index_add(0, token, shares[token, rank, None] * visit)
        return result.view_as(x)
''',
    ("from collections.abc import Callable", TORCH, _TENSOR),
)

CONVOLUTION = Helper(
    "GraphConv",
    '''
class GraphConv(nn.Module):
    """Adds up the features of joined nodes; the adjacency may be normalised first."""

    def __init__(
        self, features: int, units: int, bias: bool = True, normalize: bool = True
    ) -> None:
        super().__init__()
        self.normalize = normalize
        self.linear = nn.Linear(features, units, bias=False)
        self.bias = nn.Parameter(torch.zeros(units)) if bias else None

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        if self.normalize:
            loops = torch.eye(len(adjacency[0]), dtype=x.dtype, device=x.device)
            adjacency = adjacency + loops
            roots = adjacency.sum(-1).rsqrt()
            adjacency = roots[:, :, None] * adjacency * roots[:, None]
        x = adjacency @ self.linear(x)
        return x if self.bias is None else x + self.bias
''',
    (TORCH, _TENSOR),
)

ATTENTION = Helper(
    "GraphAttention",
    '''
class GraphAttention(nn.Module):
    """Takes the mean of a node and its neighbours, weighed by learned scores."""

    def __init__(
        self,
        features: int,
        units: int,
        heads: int,
        bias: bool = True,
        concat: bool = True,
        slope: float = 0.2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.concat, self.slope, self.dropout = concat, slope, dropout
        self.heads = heads
        self.linear = nn.Linear(features, heads * units, bias=False)
        self.of_self = nn.Parameter(0.1 * torch.randn(heads, units))
        self.of_neighbour = nn.Parameter(0.1 * torch.randn(heads, units))
        width = heads * units if concat else units
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        x = self.linear(x).unflatten(-1, (self.heads, -1))
        own = (x * self.of_self).sum(-1).transpose(1, 2)[..., None]
        other = (x * self.of_neighbour).sum(-1).transpose(1, 2)[:, :, None]
        scores = F.leaky_relu(own + other, self.slope)
        loops = torch.eye(x.shape[1], dtype=torch.bool, device=x.device)
        apart = (adjacency == 0) & ~loops
        weights = scores.masked_fill(apart[:, None], float("-inf")).softmax(-1)
        weights = F.dropout(weights, self.dropout, self.training)
        x = (weights @ x.transpose(1, 2)).transpose(1, 2)
        x = x.flatten(2) if self.concat else x.mean(2)
        return x if self.bias is None else x + self.bias
''',
    (TORCH, FUNCTIONAL, _TENSOR),
)


def _experts(site: Site) -> Value:
    layer = cast(experts.MixtureOfExperts, site.layer)
    sizes = [site.shape[-1], layer.num_experts, layer.ff_dim, layer.top_k]
    activation = Code(function(site.body.writer, layer.activation))
    module = site.declare(site.helper(EXPERTS), [*sizes, activation])
    layout = program(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _called(site: Site, module: str, activation: str) -> Value:
    features, adjacency = (tensor.to(program(3)) for tensor in site.inputs)
    return Value(f"{module}({features}, {adjacency})", program(3), activation)


def _convolution(site: Site) -> Value:
    layer = cast(graphs.GraphConv, site.layer)
    named = options(bias=(layer.use_bias, True), normalize=(layer.normalize, True))
    module = site.declare(site.helper(CONVOLUTION), [site.input.shape[-1], layer.units], named)
    return _called(site, module, layer.activation)


def _attention(site: Site) -> Value:
    layer = cast(graphs.GraphAttention, site.layer)
    named = options(bias=(layer.use_bias, True), concat=(layer.concat, True))
    named |= options(slope=(layer.negative_slope, 0.2), dropout=(layer.dropout, 0.0))
    sizes = [site.input.shape[-1], layer.units, layer.num_heads]
    module = site.declare(site.helper(ATTENTION), sizes, named)
    return _called(site, module, layer.activation)


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    experts.MixtureOfExperts: _experts,
    graphs.GraphConv: _convolution,
    graphs.GraphAttention: _attention,
}

HELPERS = (EXPERTS, CONVOLUTION, ATTENTION)
