"""Dot products against Keras and PyTorch."""

from typing import Any

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse
from tests.layers.rows import Row, row
from tests.layers.test_saved import kept_bytes
from tests.layers.torch_oracle import F, saved_bytes, torch

AGREE = [
    row("Dot", (8,), (8,), axes=1),
    row("Dot", (8,), (8,), axes=-1),
    row("Dot", (1,), (1,), axes=1),
    row("Dot", (8,), (8,), axes=1, normalize=True),
    row("Dot", (5, 8), (6, 8), axes=2),
    row("Dot", (5, 8), (6, 8), axes=-1),
    row("Dot", (5, 8), (5, 6), axes=1),
    row("Dot", (5, 8), (8, 6), axes=(2, 1)),
    row("Dot", (5, 8), (6, 8), axes=(2, 2), normalize=True),
    row("Dot", (5, 8), (6, 5), axes=(1, 2), normalize=True),
    row("Dot", (8,), (8, 3), axes=1),
    row("Dot", (5, 8), (8,), axes=(2, 1)),
    row("Dot", (5, 8), (8,), axes=-1),
    row("Dot", (4, 5, 6), (6, 7), axes=(3, 1)),
    row("Dot", (4, 5, 6), (3, 7, 5), axes=(2, 3)),
    row("Dot", (None, 8), (6, 8), axes=2),
    row("Dot", (None, 8), (None, 8), axes=2),
    row("Dot", (3, 4, 5), (5,), axes=(3, 1), normalize=True),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


def test_literal_facts() -> None:
    gives(row("Dot", (10, 64), (20, 64), axes=2), (10, 20), parameters=0, flops=25_600)
    gives(row("Dot", (64,), (64,), axes=1), (1,), parameters=0, flops=128)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Dot", (5, 8), (6, 7), axes=2), "8 and 7 differ: axis 2 of (None, 5, 8) and axis 2 of (None, 6, 7)"),
        (row("Dot", (5, 8), (6, 8), axes=(1, 2)), "5 and 8 differ"),
        (row("Dot", (8,), (8,), axes=2), "axis=2 is not an axis of (None, 8)"),
        (row("Dot", (5, 8), (6, 8), axes=(1, 2, 3)), "expected one axis, or a pair of them, got (1, 2, 3)"),
        (row("Dot", (5, 8), (6, 8), axes="last"), 'got "last"'),
        (row("Dot", (5, 8), (6, 8), axes=0), "got 0"),
        (row("Dot", (None, 8), (6, 8), axes=1), "None and 6 differ"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_only_we_refuse() -> None:
    only_we_refuse(row("Dot", (8,), (8,), axes=1, normalize=1), "expected true or false, got 1")


@pytest.mark.parametrize("normalize", [False, True])
def test_keeps_what_autograd_keeps(normalize: bool) -> None:
    each = row("Dot", (5, 8), (6, 8), axes=2, normalize=normalize)

    def run(a: Any, b: Any) -> Any:
        first, second = (F.normalize(x, dim=2) if normalize else x for x in (a, b))
        return torch.einsum("bij,bkj->bik", first, second)

    assert kept_bytes(each.layer, each.shapes, batch=2) == saved_bytes(run, torch.randn(2, 5, 8), torch.randn(2, 6, 8))
