"""Adaptive pooling against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, row

CASES = {
    1: [
        *(((20, 3), 5), ((20, 3), (7,)), ((21, 3), 1), ((7, 2), 7), ((100, 1), 33), ((5, 4), 3)),
        *(((None, 3), 4), ((None, None), 2), ((9, 2), 2), ((13, 3), 10), ((2, 1), 1), ((16, 3), 5)),
    ],
    2: [
        *(((28, 30, 3), 7), ((28, 30, 3), (5, 4)), ((7, 7, 8), 1), ((9, 6, 2), (1, 6)), ((13, 11, 3), (6, 7))),
        *(((None, None, 3), 7), ((None, 9, None), (2, 3)), ((5, 5, 2), 5), ((8, 12, 1), (3, 5)), ((6, 6, 2), 4)),
        *(((14, 15, 2), (4, 4)), ((2, 3, 4), (2, 1))),
    ],
    3: [
        *(((4, 6, 8, 2), 2), ((5, 7, 9, 2), (2, 3, 4)), ((3, 4, 5, 2), 1), ((4, 4, 4, 3), 4), ((6, 5, 7, 2), 3)),
        *(((None, None, None, 2), 2), ((None, 5, 4, None), (1, 2, 3)), ((7, 3, 8, 1), (5, 2, 6)), ((2, 2, 2, 1), 1)),
        *(((8, 6, 4, 2), (3, 6, 1)), ((9, 5, 5, 2), (4, 2, 2)), ((10, 3, 3, 1), (7, 1, 2))),
    ],
}

AGREE = [
    row(f"Adaptive{kind}Pooling{rank}D", shape, output_size=size)
    for kind in ("Max", "Average")
    for rank, cases in CASES.items()
    for shape, size in cases
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


def test_literal_facts() -> None:
    gives(row("AdaptiveAveragePooling2D", (28, 30, 8), output_size=7), (7, 7, 8), parameters=0, flops=0)
    gives(row("AdaptiveMaxPooling3D", (8, 28, 28, 8), output_size=(2, 7, 7)), (2, 7, 7, 8), parameters=0, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("AdaptiveAveragePooling1D", (20,), output_size=5), "AdaptiveAveragePooling1D reads (steps, channels)"),
        (row("AdaptiveAveragePooling2D", (20, 3), output_size=5), "AdaptiveAveragePooling2D reads"),
        (row("AdaptiveAveragePooling3D", (9, 20, 3), output_size=5), "AdaptiveAveragePooling3D reads"),
        (row("AdaptiveMaxPooling1D", (4, 20, 3), output_size=5), "AdaptiveMaxPooling1D reads"),
        (row("AdaptiveMaxPooling2D", (64,), output_size=5), "AdaptiveMaxPooling2D reads"),
        (row("AdaptiveMaxPooling3D", (64, 3), output_size=5), "AdaptiveMaxPooling3D reads"),
    ],
    ids=str,
)
def test_another_rank_is_refused(each: Row, says: str) -> None:
    """Keras takes some of these, and pools as the rank of the input says."""
    assert says in refusal(each).message


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("AdaptiveMaxPooling2D", (8, 8, 3), output_size=0), "got 0"),
        (row("AdaptiveMaxPooling2D", (8, 8, 3), output_size=(2, 2, 2)), "got (2, 2, 2)"),
        (row("AdaptiveAveragePooling3D", (8, 8, 8, 3), output_size=(2, 2)), "got (2, 2)"),
        (row("AdaptiveAveragePooling1D", (8, 3), output_size="all"), 'got "all"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)
