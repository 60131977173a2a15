"""Attention against Keras and PyTorch."""

from typing import Any

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse
from tests.layers.rows import Row, row


def attention(*shapes: Shape, num_heads: Any = 2, key_dim: Any = 4, **arguments: Any) -> Row:
    return row("MultiHeadAttention", *shapes, num_heads=num_heads, key_dim=key_dim, **arguments)


AGREE = [
    attention((5, 8)),
    attention((5, 8), num_heads=1, key_dim=1),
    attention((5, 8), value_dim=3),
    attention((5, 8), dropout=0.1),
    attention((5, 8), use_bias=False),
    attention((5, 8), output_dim=7),
    attention((5, 8), use_causal_mask=True),
    attention((5, 8), use_causal_mask=True, dropout=0.1),
    attention((1, 1)),
    attention((None, 8)),
    attention((None, 8), use_causal_mask=True),
    attention((5, 8), (6, 9)),
    attention((5, 8), (None, 9)),
    attention((None, 8), (6, 9)),
    attention((5, 8), (6, 9), (6, 10)),
    attention((5, 8), (6, 9), (6, 10), value_dim=3, output_dim=7, use_bias=False),
    attention((5, 8), (None, 9), (None, 10)),
    attention((5, 6, 8)),
    attention((5, 6, 8), value_dim=3, output_dim=7),
    attention((5, 6, 8), (3, 4, 9)),
    attention((5, 6, 8), (3, 4, 9), (3, 4, 10), value_dim=5),
    attention((None, 6, 8)),
    attention((2, 3, 4, 8), dropout=0.1),
    attention((50, 64), num_heads=8, key_dim=8),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (attention((20, 64), num_heads=4, key_dim=16), (20, 64), 16_640, 757_760),
        (attention((128, 768), num_heads=12, key_dim=64), (128, 768), 2_362_368, 654_311_424),
        (
            attention((10, 32), (20, 48), num_heads=2, key_dim=8, value_dim=4, output_dim=6),
            (10, 6),
            1758,
            66_880,
        ),
        (attention((7, 7, 16), num_heads=2, key_dim=8), (7, 7, 16), 1088, 254_016),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (attention((5, 8), num_heads=0), "expected an integer of at least 1, got 0"),
        (attention((5, 8), key_dim=0), "got 0"),
        (attention((5, 8), key_dim=2.5), "got 2.5"),
        (attention((5, 8), value_dim=-1), "got -1"),
        (attention((8,)), "it received (None, 8)"),
        (attention((5, None)), "the last axis to be known"),
        (attention((5, 8), (6, None)), "the last axis to be known"),
        (attention((5, 8), (6, 8), (7, 8)), "value (None, 6, 8) and key (None, 7, 8) differ in their positions"),
        (attention((5, 8), (None, 8), (6, 8)), "differ in their positions"),
        (attention((5, 8), (6, 7, 9)), "it received (None, 5, 8) and (None, 6, 7, 9)"),
        (attention((5, 6, 8), (6, 9)), "as many axes"),
        (attention((5, 8), dropout=2), "got 2"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_the_result_has_one_last_axis() -> None:
    only_we_refuse(attention((5, 8), output_dim=(3, 4)), "expected an integer of at least 1 or none, got (3, 4)")
