"""Normalisation against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("BatchNormalization", (8,)),
    row("BatchNormalization", (28, 27, 3)),
    row("BatchNormalization", (28, 27, 3), axis=3),
    row("BatchNormalization", (28, 27, 3), axis=1),
    row("BatchNormalization", (28, 27, 3), axis=-2),
    row("BatchNormalization", (None, None, 3)),
    row("BatchNormalization", (None, 5), momentum=0.9, epsilon=1e-5),
    row("BatchNormalization", (5,), center=False),
    row("BatchNormalization", (5,), scale=False),
    row("BatchNormalization", (5,), center=False, scale=False),
    row("BatchNormalization", (1,), momentum=0, epsilon=0),
    row("BatchNormalization", (2, 3, 4, 5, 6)),
    row("LayerNormalization", (8,)),
    row("LayerNormalization", (10, 64)),
    row("LayerNormalization", (10, 64), axis=1),
    row("LayerNormalization", (10, 64), axis=(1, 2)),
    row("LayerNormalization", (4, 5, 6), axis=(2, 1)),
    row("LayerNormalization", (4, 5, 6), axis=(-1, -2)),
    row("LayerNormalization", (4, 5, 6), axis=[1, 2, 3]),
    row("LayerNormalization", (4, 5, 6), axis=(2,)),
    row("LayerNormalization", (None, 6), epsilon=1e-6),
    row("LayerNormalization", (None, 5, 6), axis=(2, 3)),
    row("LayerNormalization", (6,), center=False),
    row("LayerNormalization", (6,), scale=False),
    row("LayerNormalization", (6,), center=False, scale=False),
    row("LayerNormalization", (1,)),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters"),
    [
        (row("BatchNormalization", (28, 28, 64)), (28, 28, 64), 256),
        (row("BatchNormalization", (28, 14, 64), axis=1, scale=False), (28, 14, 64), 84),
        (row("LayerNormalization", (128, 768)), (128, 768), 1536),
        (row("LayerNormalization", (4, 5, 6), axis=(1, 3), center=False), (4, 5, 6), 24),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int) -> None:
    gives(each, output, parameters, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (
            row("BatchNormalization", (8, 3), axis=3),
            "axis=3 is not an axis of (None, 8, 3) that BatchNormalization may use: those are from 1 to 2",
        ),
        (row("BatchNormalization", (8, 3), axis=-4), "or from -2 to -1"),
        (row("BatchNormalization", (8, 3), axis=-3), "axis=-3 is not an axis"),
        (row("BatchNormalization", (8, 3), axis=0), "expected an axis other than the batch"),
        (row("BatchNormalization", (8, 3), axis=(1, 2)), "got (1, 2)"),
        (row("BatchNormalization", ()), "axis=-1 is not an axis of (None,)"),
        (row("BatchNormalization", (8, None)), "axis -1 to be known"),
        (row("BatchNormalization", (None, 8), axis=1), "axis 1 to be known"),
        (row("BatchNormalization", (8,), momentum="much"), 'got "much"'),
        (row("LayerNormalization", (8, 3), axis=3), "axis=3 is not an axis of (None, 8, 3)"),
        (row("LayerNormalization", (8, 3), axis=(1, 3)), "axis=3 is not an axis"),
        (row("LayerNormalization", (8, 3), axis=-4), "axis=-4 is not an axis"),
        (row("LayerNormalization", (8, 3), axis=0), "got 0"),
        (row("LayerNormalization", (8, None)), "axis 2 to be known"),
        (row("LayerNormalization", (None, 8), axis=(1, 2)), "axis 1 to be known"),
        (row("LayerNormalization", (8, 3), axis=(1, 1)), "expected different axes"),
        (row("LayerNormalization", (8, 3), axis="last"), 'got "last"'),
        (row("LayerNormalization", (8, 3), axis=1.5), "got 1.5"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        # Keras sorts the numbers as they are, so that gamma's axes do not stand as the input's do.
        (row("LayerNormalization", (4, 5), axis=(-1, 1)), "all counted from the same end, got (-1, 1)"),
        (row("BatchNormalization", (8,), momentum=2), "expected a number of at least 0 and at most 1, got 2"),
        (row("LayerNormalization", (8,), epsilon=-1), "got -1"),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


def test_an_axis_that_is_a_size_is_explained() -> None:
    error = refusal(row("LayerNormalization", (10, 64), axis=64))
    assert error.argument == "axis"
    assert error.help == "an axis is a position, not a size; -1 is the last one"
    assert [(r.argument, r.value) for r in error.repairs] == [("axis", "-1")]
    mixed = refusal(row("LayerNormalization", (4, 5, 6), axis=(-1, 1)))
    assert [(r.argument, r.value) for r in mixed.repairs] == [("axis", "(1, 3)")]
