"""Split against Keras's operation: equal parts, parts of given sizes, and what does not add up."""

from typing import Any

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, only_we_refuse, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("Split", (8,), num_or_sizes=2),
    row("Split", (8,), num_or_sizes=8),
    row("Split", (10, 64), num_or_sizes=4),
    row("Split", (10, 64), num_or_sizes=5, axis=1),
    row("Split", (10, 64), num_or_sizes=2, axis=-2),
    row("Split", (None, 6), num_or_sizes=3),
    row("Split", (None, 6), num_or_sizes=[1, 5]),
    row("Split", (9,), num_or_sizes=(2, 3, 4)),
    row("Split", (6, 5, 3), num_or_sizes=[1, 1, 1]),
    row("Split", (6, 5, 3), num_or_sizes=(4, 2), axis=1),
    row("Split", (6, 5, 3), num_or_sizes=5, axis=2),
    row("Split", (4, 6, 5, 2), num_or_sizes=2),
    row("Split", (4, 6, 5, 2), num_or_sizes=[1, 2, 1], axis=1),
    row("Split", (4, 6, 5, 2), num_or_sizes=[3, 3], axis=-3),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("parts", "shape", "axis", "results"),
    [
        (2, (10, 64), -1, [(10, 32), (10, 32)]),
        (2, (10, 64), 1, [(5, 64), (5, 64)]),
        ([1, 2, 5], (8,), -1, [(1,), (2,), (5,)]),
        (3, (None, 4), 1, [(None, 4)] * 3),
    ],
)
def test_every_part_is_a_result(parts: Any, shape: Shape, axis: int, results: list[Shape]) -> None:
    layer = row("Split", shape, num_or_sizes=parts, axis=axis).layer
    assert layer.results == len(results)
    assert layer.output_shapes((shape,)) == tuple(results)
    assert layer.output_shape((shape,)) == results[0]


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Split", (7,), num_or_sizes=2), "7 % 2 = 1: axis -1 of (None, 7) does not divide into 2 equal parts"),
        (row("Split", (4, 9), num_or_sizes=3, axis=1), "4 % 3 = 1: axis 1"),
        (row("Split", (None, 8), num_or_sizes=(5, 5), axis=1), "which (None, None, 8) leaves unknown"),
        (row("Split", (8,), num_or_sizes=(8,)), "got (8,)"),
        (row("Split", (4,), num_or_sizes=2, axis=2), "axis=2 is not an axis of (None, 4)"),
        (row("Split", (4,), num_or_sizes=2.5), "got 2.5"),
        (row("Split", (4,), num_or_sizes="2"), 'got "2"'),
        (row("Split", (4,), num_or_sizes=0), "a number of parts from 2 to 1,000, or a tuple"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        # Keras cuts at places, so that the last part takes what is left over.
        (row("Split", (8,), num_or_sizes=(2, 3)), "the sizes add up to 5, and axis -1 of (None, 8) has 8"),
        (row("Split", (8,), num_or_sizes=(5, 5)), "the sizes add up to 10"),
        (row("Split", (8,), num_or_sizes=1), "got 1"),
        (row("Split", (2_000,), num_or_sizes=2_000), "got 2000"),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


def test_the_argument_at_fault_is_named() -> None:
    assert refusal(row("Split", (7,), num_or_sizes=2)).argument == "num_or_sizes"
    assert refusal(row("Split", (7,), num_or_sizes=(2, 2))).argument == "num_or_sizes"
