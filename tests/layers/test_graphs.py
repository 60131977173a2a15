"""Graphs and mixtures of experts against layers written after their papers, and PyTorch."""

from typing import Any

import pytest

from neural.code_generation.emitter import generate
from neural.code_generation.pytorch_layout import native
from neural.shapes import Shape
from tests.code_generation.plans import NO_LINES, plan_of
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, row
from tests.layers.test_saved import kept_bytes
from tests.layers.torch_oracle import F, FlopCounterMode, saved_bytes, torch

nn = torch.nn


def experts(*shapes: Shape, num_experts: Any = 4, ff_dim: Any = 6, **arguments: Any) -> Row:
    return row("MixtureOfExperts", *shapes, num_experts=num_experts, ff_dim=ff_dim, **arguments)


def graph(name: str, features: Shape, *adjacency: Shape, **arguments: Any) -> Row:
    shapes = adjacency or ((features[0], features[0]),)
    return row(name, features, *shapes, **{"units": 3, **arguments})


AGREE = [
    *(experts(shape) for shape in ((5, 8), (8,), (2, 3, 8), (1, 1), (None, 8), (2, 2, 2, 4))),
    experts((5, 8), top_k=1),
    experts((5, 8), top_k=4),
    experts((5, 8), num_experts=1, top_k=1),
    experts((5, 8), num_experts=7, ff_dim=1, top_k=3),
    experts((5, 8), activation="relu"),
    experts((5, 8), activation="gelu"),
    experts((5, 8), activation=None),
    *(graph("GraphConv", shape) for shape in ((5, 8), (1, 1), (12, 2), (None, 8))),
    graph("GraphConv", (5, 8), units=1),
    graph("GraphConv", (5, 8), use_bias=False),
    graph("GraphConv", (5, 8), activation="relu"),
    graph("GraphConv", (5, 8), activation="softmax", normalize=False),
    graph("GraphConv", (5, 8), normalize=False),
    graph("GraphConv", (12, 8), normalize=False, use_bias=False, units=16),
    graph("GraphConv", (None, 8), (7, 7)),
    graph("GraphConv", (7, 8), (None, None)),
    graph("GraphConv", (None, 8), (None, None), normalize=False),
    *(graph("GraphAttention", shape) for shape in ((5, 8), (1, 1), (12, 2), (None, 8))),
    graph("GraphAttention", (5, 8), num_heads=4),
    graph("GraphAttention", (5, 8), num_heads=4, concat=False),
    graph("GraphAttention", (5, 8), num_heads=2, concat=False, use_bias=False),
    graph("GraphAttention", (5, 8), num_heads=2, use_bias=False, activation="elu"),
    graph("GraphAttention", (5, 8), negative_slope=0),
    graph("GraphAttention", (5, 8), negative_slope=1.5, dropout=0.5),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_the_papers(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


class MixtralBlock(nn.Module):  # type: ignore[misc]
    """The sparse block of Mixtral with the parts and sizes of its published form."""

    def __init__(self, features: int, hidden: int, experts: int) -> None:
        super().__init__()
        self.gate = nn.Linear(features, experts, bias=False)
        parts = {"w1": (features, hidden), "w2": (hidden, features), "w3": (features, hidden)}
        self.experts = nn.ModuleList(
            nn.ModuleDict({name: nn.Linear(*sizes, bias=False) for name, sizes in parts.items()})
            for _ in range(experts)
        )

    def forward(self, x: Any, top_k: int = 2) -> Any:
        shares, chosen = self.gate(x).softmax(-1).topk(top_k)
        shares = shares / shares.sum(-1, keepdim=True)
        result = torch.zeros_like(x)
        for index, each in enumerate(self.experts):
            token, rank = torch.where(chosen == index)
            inside = F.silu(each["w1"](x[token])) * each["w3"](x[token])
            result.index_add_(0, token, each["w2"](inside) * shares[token, rank, None])
        return result


@pytest.mark.parametrize(("features", "hidden", "count"), [(8, 20, 4), (16, 56, 8)])
def test_counts_are_those_of_a_block_of_mixtral(features: int, hidden: int, count: int) -> None:
    each = experts((10, features), num_experts=count, ff_dim=hidden)
    block = MixtralBlock(features, hidden, count)
    with FlopCounterMode(display=False) as counter:
        block(torch.randn(10, features))
    parameters = sum(parameter.numel() for parameter in block.parameters())
    gives(each, (10, features), parameters, counter.get_total_flops())


def test_experts_compute_what_a_block_of_mixtral_does() -> None:
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(generate(plan_of(experts((10, 8)).layer, ((10, 8),)), "pytorch", NO_LINES), scope)
    ours, block = scope["build_model"]().double(), MixtralBlock(8, 6, 4).double()
    state = {"layer.router.weight": block.gate.weight}
    for name, part in {"gate": "w1", "up": "w3", "down": "w2"}.items():
        state[f"layer.{name}"] = torch.stack([each[part].weight.T for each in block.experts])
    ours.load_state_dict(state)
    x = torch.randn(3, 10, 8, dtype=torch.float64)
    with torch.no_grad():
        expected = block(x.flatten(0, 1)).view_as(x)
        assert float((ours(x) - expected).abs().max()) < 1e-12


@pytest.mark.parametrize("each", [each for each in AGREE if None not in (*each.shapes[0], *each.shapes[-1])], ids=str)
def test_generated_pytorch_costs_what_we_say(each: Row) -> None:
    """On a processor, for which experts are chosen depends on values."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(generate(plan_of(each.layer, each.shapes), "pytorch", NO_LINES), scope)
    model = scope["build_model"]().eval()
    inputs = [torch.rand(1, *shape).permute(native(len(shape) + 1)) for shape in each.shapes]
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    layer = each.layer
    assert counter.get_total_flops() == layer.flops(each.shapes, layer.output_shape(each.shapes))


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        # a layer of Mixtral 8x7B, one token
        (
            experts((1, 4096), num_experts=8, ff_dim=14336),
            (1, 4096),
            4096 * 8 + 8 * 3 * 4096 * 14336,
            2 * 4096 * 8 + 2 * 3 * 2 * 4096 * 14336,
        ),
        # the first layers of the papers' networks on Cora: 2708 nodes of 1433 features
        (graph("GraphConv", (2708, 1433), units=16, use_bias=False), (2708, 16), 22_928, 2 * 2708 * 16 * (1433 + 2708)),
        (
            graph("GraphAttention", (2708, 1433), units=8, num_heads=8),
            (2708, 64),
            1433 * 64 + 3 * 64,
            2 * 2708 * 64 * (1433 + 2708),
        ),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (experts((5, 8), top_k=5), "5 > 4: a position visits more experts than there are"),
        (experts((5, None)), "the last axis to be known"),
        (experts((5, 8), num_experts=0), "got 0"),
        (experts((5, 8), ff_dim=-1), "got -1"),
        (graph("GraphConv", (5, None), (5, 5)), "the last axis to be known"),
        (graph("GraphConv", (5, 8), (4, 4)), "it received (None, 5, 8) and (None, 4, 4)"),
        (graph("GraphConv", (5, 8), (5, 4)), "reads features (nodes, in) and an adjacency (nodes, nodes)"),
        (graph("GraphAttention", (5, 8), (4, 4)), "it received (None, 5, 8) and (None, 4, 4)"),
        (graph("GraphAttention", (5, None), (5, 5)), "the last axis to be known"),
        (graph("GraphAttention", (5, 8), (5, 5), num_heads=0), "got 0"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (graph("GraphConv", (2, 5, 8), (5, 5)), "GraphConv reads (nodes, features)"),
        (graph("GraphAttention", (5, 8), (2, 5, 5)), "an adjacency (nodes, nodes)"),
        (graph("GraphConv", (5, 8), units=0), "got 0"),
        (graph("GraphAttention", (5, 8), dropout=2), "got 2"),
        (graph("GraphAttention", (5, 8), negative_slope=-1), "got -1"),
    ],
    ids=str,
)
def test_we_refuse(each: Row, says: str) -> None:
    assert says in refusal(each).message


@pytest.mark.parametrize("activation", ["silu", "relu", "gelu", None])
@pytest.mark.parametrize("top_k", [1, 2])
def test_experts_keep_what_autograd_keeps(activation: str | None, top_k: int) -> None:
    """Of a visit: what the expert reads, its gate, both factors, their product, its result, its share and places."""
    each = experts((6, 8), top_k=top_k, activation=activation)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(generate(plan_of(each.layer, each.shapes), "pytorch", NO_LINES), scope)
    model = scope["build_model"]()
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved_bytes(model, torch.randn(2, 6, 8))


@pytest.mark.parametrize("activation", [None, "relu"])
@pytest.mark.parametrize("normalize", [False, True])
def test_a_graph_convolution_keeps_what_autograd_keeps(activation: str | None, normalize: bool) -> None:
    """The adjacency is data, and so it is kept and not what it is multiplied with."""
    each = graph("GraphConv", (6, 8), activation=activation, normalize=normalize)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(generate(plan_of(each.layer, each.shapes), "pytorch", NO_LINES), scope)
    model, adjacency = scope["build_model"](), torch.rand(2, 6, 6)
    saved = saved_bytes(_Given(model, adjacency), torch.randn(2, 6, 8))
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved


class _Given(nn.Module):  # type: ignore[misc]
    """A network whose second input is data without a gradient."""

    def __init__(self, model: Any, adjacency: Any) -> None:
        super().__init__()
        self.model, self.adjacency = model, adjacency

    def forward(self, x: Any) -> Any:
        return self.model(x, self.adjacency)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_graph_attention_keeps_what_autograd_keeps(dropout: float) -> None:
    """Of the adjacency autograd keeps a byte a pair, which says where it is zero, and we count it whole."""
    each = graph("GraphAttention", (6, 8), num_heads=2, dropout=dropout)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(generate(plan_of(each.layer, each.shapes), "pytorch", NO_LINES), scope)
    model, adjacency = scope["build_model"](), torch.rand(2, 6, 6)
    saved = saved_bytes(_Given(model, adjacency), torch.randn(2, 6, 8))
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved + 3 * adjacency.nelement()
