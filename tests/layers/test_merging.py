"""Merging layers against Keras."""

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, row

PAIRS: list[tuple[Shape, ...]] = [
    ((8,), (8,)),
    ((1,), (8,)),
    ((28, 28, 3), (28, 28, 3)),
    ((28, 28, 3), (3,)),
    ((28, 28, 3), (28, 1, 1)),
    ((28, 1, 3), (1, 27, 1)),
    ((5,), (3, 5)),
    ((), (3, 5)),
    ((None, 5), (3, 5)),
    ((None, 5), (1, 5)),
    ((None, None), (4, 1)),
    ((4, None), (None,)),
    ((2, 1, 3), (None, 5, None)),
]
MANY: list[tuple[Shape, ...]] = [
    ((8,), (8,), (8,)),
    ((1, 8), (4, 1), (8,), (4, 8)),
    ((None, 3), (1, 3), (5, 1)),
]
FOLDS = ("Add", "Multiply", "Average", "Maximum", "Minimum")

AGREE = [
    *(row(name, *shapes) for name in (*FOLDS, "Subtract") for shapes in PAIRS),
    *(row(name, *shapes) for name in FOLDS for shapes in MANY),
    row("Concatenate", (8,), (8,)),
    row("Concatenate", (8,), (3,), (5,)),
    row("Concatenate", (28, 27, 3), (28, 27, 5)),
    row("Concatenate", (28, 27, 3), (28, 27, 5), axis=3),
    row("Concatenate", (28, 27, 3), (4, 27, 3), axis=1),
    row("Concatenate", (28, 27, 3), (28, 1, 3), axis=-2),
    row("Concatenate", (None, 5), (3, 5)),
    row("Concatenate", (3, 5), (None, 5)),
    row("Concatenate", (None, 5), (3, 5), axis=1),
    row("Concatenate", (3, None), (3, 5)),
    row("Concatenate", (None, None), (None, None)),
    row("Concatenate", (2, 3, 4, 5), (2, 3, 4, 5), axis=2),
    row("Concatenate", (1,), (1,), axis=1),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output"),
    [
        (row("Add", (28, 28, 64), (28, 28, 64)), (28, 28, 64)),
        (row("Multiply", (28, 28, 64), (1, 1, 64)), (28, 28, 64)),
        (row("Average", (5,), (3, 5)), (3, 5)),
        (row("Concatenate", (28, 28, 3), (28, 28, 5), (28, 28, 8)), (28, 28, 16)),
        (row("Concatenate", (10, 4), (20, 4), axis=1), (30, 4)),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...]) -> None:
    gives(each, output, parameters=0, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        *((row(name, (8,), (9,)), f"8 and 9 differ in axis -1: {name} cannot merge") for name in (*FOLDS, "Subtract")),
        (row("Add", (4, 5, 6), (4, 7, 6)), "5 and 7 differ in axis -2"),
        (row("Add", (4, 5), (4,)), "5 and 4 differ in axis -1"),
        (row("Multiply", (1, 8), (4, 1), (5, 8)), "4 and 5 differ in axis -2: Multiply cannot merge (None, 4, 8)"),
        (row("Average", (None, 8), (3, 7)), "8 and 7 differ in axis -1"),
        (row("Concatenate", (8,), (4, 8)), "they have 2 and 3 axes"),
        (row("Concatenate", (28, 27, 3), (27, 27, 3)), "27 and 28 differ in axis 1"),
        (row("Concatenate", (None, 3), (4, 3), (5, 3)), "4 and 5 differ in axis 1"),
        (row("Concatenate", (28, 27, 3), (28, 27, 3), axis=4), "axis=4 is not an axis of (None, 28, 27, 3)"),
        (row("Concatenate", (8,), (8,), axis=-3), "axis=-3 is not an axis"),
        (row("Concatenate", (8,), (8,), axis="last"), 'got "last"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize("axis", [0, -2])
def test_the_batch_is_never_joined(axis: int) -> None:
    only_we_refuse(row("Concatenate", (8,), (8,), axis=axis), "axis")


def test_concatenate_suggests_the_axis_that_fits() -> None:
    error = refusal(row("Concatenate", (10, 4), (20, 4)))
    assert error.help == "join along axis 1, or make the sizes agree"
    assert [(r.argument, r.value) for r in error.repairs] == [("axis", "1")]
    assert refusal(row("Concatenate", (10, 4), (20, 5))).repairs == ()


def test_subtract_reads_exactly_two() -> None:
    assert row("Subtract", (8,), (8,)).layer.arity == (2, 2)
