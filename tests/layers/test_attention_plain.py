"""Attention without projections and with shared heads, against Keras and PyTorch."""

from typing import Any

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse
from tests.layers.rows import Row, make, row
from tests.layers.test_saved import kept_bytes
from tests.layers.torch_oracle import F, saved_bytes, torch


def grouped(*shapes: Shape, head_dim: Any = 4, query: Any = 4, shared: Any = 2, **arguments: Any) -> Row:
    given = {"head_dim": head_dim, "num_query_heads": query, "num_key_value_heads": shared, **arguments}
    return Row("GroupQueryAttention", shapes, given)


PLAIN: list[tuple[Shape, ...]] = [
    *(((5, 8),), ((1, 1),), ((None, 8),), ((5, 8), (6, 8)), ((5, 8), (6, 3), (6, 8))),
    *(((None, 8), (6, 8)), ((5, 8), (None, 8)), ((5, 8), (None, 3), (None, 8)), ((3, 2), (4, 2), (4, 2))),
]

AGREE = [
    *(row("Attention", *shapes) for shapes in PLAIN),
    *(row("Attention", *shapes, use_scale=True) for shapes in PLAIN),
    *(row("Attention", *shapes, score_mode="concat") for shapes in PLAIN),
    row("Attention", (5, 8), use_scale=True, score_mode="concat"),
    row("Attention", (5, 8), (6, 3), (6, 8), use_scale=True, score_mode="concat", dropout=0.25),
    row("Attention", (5, 8), use_causal_mask=True),
    row("Attention", (5, 8), (7, 8), use_causal_mask=True, use_scale=True, dropout=0.5),
    row("Attention", (5, 8), dropout=0.25),
    *(row("AdditiveAttention", *shapes) for shapes in PLAIN),
    row("AdditiveAttention", (5, 8), use_scale=False),
    row("AdditiveAttention", (5, 8), (6, 3), (6, 8), use_scale=False, dropout=0.25),
    row("AdditiveAttention", (5, 8), use_causal_mask=True),
    row("AdditiveAttention", (5, 8), (7, 8), use_causal_mask=True),
    grouped((5, 8)),
    grouped((5, 8), query=4, shared=1),
    grouped((5, 8), query=4, shared=4),
    grouped((5, 8), head_dim=3, query=6, shared=3),
    grouped((5, 8), head_dim=1, query=1, shared=1),
    grouped((5, 8), use_bias=False),
    grouped((5, 8), dropout=0.1),
    grouped((5, 8), use_causal_mask=True),
    grouped((5, 8), use_causal_mask=True, use_bias=False),
    grouped((5, 8), (6, 8)),
    grouped((5, 8), (6, 8), (6, 10)),
    grouped((5, 8), (6, 8), (6, 10), use_bias=False, query=2, shared=1),
    grouped((None, 8)),
    grouped((None, 8), (6, 8)),
    grouped((5, 8), (None, 8)),
    grouped((20, 64), head_dim=16, query=8, shared=2),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("Attention", (20, 64), use_scale=True), (20, 64), 1, 102_400),
        (row("Attention", (10, 64), (20, 32), (20, 64)), (10, 32), 0, 38_400),
        (row("AdditiveAttention", (20, 64)), (20, 64), 64, 51_200),
        (grouped((20, 64), head_dim=16, query=4, shared=2), (20, 64), 12_480, 593_920),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Attention", (5, 8), (6, 7)), "8 and 7 differ: the features of query (None, 5, 8) and key (None, 6, 7)"),
        (row("Attention", (5, 8), (6, 8), (7, 8)), "differ in their positions"),
        (row("Attention", (5, 8), score_mode="cosine"), 'got "cosine"'),
        (row("AdditiveAttention", (5, 8), (6, 7)), "8 and 7 differ"),
        (row("AdditiveAttention", (5, None)), "the last axis to be known"),
        (row("AdditiveAttention", (5, 8), (6, 8), (7, 8)), "differ in their positions"),
        (grouped((5, 8), query=4, shared=3), "4 % 3 = 1: the 3 heads of key and value do not share out 4 heads"),
        (grouped((5, 8), query=2, shared=4), "2 % 4 = 2"),
        (grouped((8,)), "GroupQueryAttention reads (positions, features)"),
        (grouped((5, 6, 8)), "as many axes"),
        (grouped((5, None)), "the last axis to be known"),
        (grouped((5, 8), (6, 8), (7, 8)), "differ in their positions"),
        (grouped((5, 8), (6, 9)), "8 and 9 differ: the features of query (None, 5, 8) and value (None, 6, 9)"),
        (grouped((5, 8), head_dim=0), "got 0"),
        (grouped((5, 8), shared=0), "got 0"),
        (grouped((5, 8), query=2.5), "got 2.5"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_a_vector_has_no_positions() -> None:
    """Keras multiplies it by the batch."""
    only_we_refuse(row("Attention", (8,)), "Attention reads (positions, features)")


@pytest.mark.parametrize(("scaled", "dropped"), [(False, 0.0), (True, 0.0), (False, 0.5)])
def test_dot_products_keep_what_autograd_keeps(scaled: bool, dropped: float) -> None:
    layer = make("Attention", {"use_scale": scaled, "dropout": dropped})
    scale = torch.nn.Parameter(torch.ones(()))

    def run(x: Any) -> Any:
        scores = x @ x.transpose(1, 2)
        weights = (scores * scale if scaled else scores).softmax(-1)
        return torch.dropout(weights, dropped, True) @ x

    assert kept_bytes(layer, ((5, 8),), batch=2) == saved_bytes(run, torch.randn(2, 5, 8)) - 4 * scaled


def test_sums_keep_what_autograd_keeps() -> None:
    scale = torch.nn.Parameter(torch.ones(8))

    def run(x: Any) -> Any:
        return (torch.tanh(x[:, :, None] + x[:, None]) * scale).sum(-1).softmax(-1) @ x

    layer = make("AdditiveAttention", {})
    assert kept_bytes(layer, ((5, 8),), batch=2) == saved_bytes(run, torch.randn(2, 5, 8)) - 4 * 8


@pytest.mark.parametrize("shared", [1, 2])
@pytest.mark.parametrize("dropped", [0.0, 0.1])
def test_shared_heads_keep_what_autograd_keeps(dropped: float, shared: int) -> None:
    """Fused attention keeps shared heads once; where weights are dropped a CPU copies them for each query head."""
    each = grouped((6, 16), head_dim=8, query=2, shared=shared, dropout=dropped)
    projections = torch.nn.ModuleList(torch.nn.Linear(16, size) for size in (16, 8 * shared, 8 * shared, 16))

    def run(x: Any) -> Any:
        query, key, value = (p(x).unflatten(-1, (-1, 8)).transpose(1, 2) for p in projections[:3])
        result = F.scaled_dot_product_attention(query, key, value, dropout_p=dropped, enable_gqa=True)
        return projections[3](result.transpose(1, 2).flatten(2))

    own = sum(p.nelement() * 4 for p in projections.parameters() if p.ndim == 2)
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved_bytes(run, torch.randn(2, 6, 16)) - own
