"""Pooling against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse
from tests.layers.rows import Row, row

WINDOWED_1D = [
    ((20, 3), {"pool_size": 2}),
    ((21, 3), {"pool_size": 2}),
    ((21, 3), {"pool_size": (3,), "strides": 2}),
    ((21, 3), {"pool_size": 3, "strides": None, "padding": "same"}),
    ((21, 3), {"pool_size": 2, "strides": 5}),
    ((21, 3), {"pool_size": 4, "strides": 1, "padding": "same"}),
    ((None, 3), {"pool_size": 2}),
    ((None, None), {"pool_size": 2, "padding": "same"}),
    ((1, 1), {"pool_size": 1}),
    ((7, 2), {"pool_size": 7}),
    ((3, 2), {"pool_size": 7, "padding": "same"}),
]
WINDOWED_2D = [
    ((28, 28, 3), {"pool_size": 2}),
    ((27, 28, 3), {"pool_size": (2, 3)}),
    ((27, 28, 3), {"pool_size": 3, "strides": 2}),
    ((27, 28, 3), {"pool_size": 3, "strides": 2, "padding": "same"}),
    ((27, 28, 3), {"pool_size": (3, 2), "strides": (1, 4), "padding": "same"}),
    ((27, 28, 3), {"pool_size": 2, "strides": (5, 1)}),
    ((None, 28, 3), {"pool_size": 2}),
    ((None, None, None), {"pool_size": 2, "padding": "same"}),
    ((1, 1, 1), {"pool_size": 1}),
    ((5, 7, 2), {"pool_size": (5, 7)}),
    ((5, 7, 2), {"pool_size": 9, "padding": "same"}),
]
GLOBAL_1D = [(20, 3), (1, 1), (None, 3), (None, None)]
GLOBAL_2D = [(7, 9, 3), (1, 1, 1), (None, None, 3), (None, 3, None)]
KEEPDIMS: list[dict[str, bool]] = [{}, {"keepdims": False}, {"keepdims": True}]

AGREE = [
    row("MaxPooling1D", (20, 3)),
    row("MaxPooling2D", (20, 21, 3)),
    *(row(name, shape, **given) for name in ("MaxPooling1D", "AveragePooling1D") for shape, given in WINDOWED_1D),
    *(row(name, shape, **given) for name in ("MaxPooling2D", "AveragePooling2D") for shape, given in WINDOWED_2D),
    *(
        row(name, shape, **given)
        for name in ("GlobalMaxPooling1D", "GlobalAveragePooling1D")
        for shape in GLOBAL_1D
        for given in KEEPDIMS
    ),
    *(
        row(name, shape, **given)
        for name in ("GlobalMaxPooling2D", "GlobalAveragePooling2D")
        for shape in GLOBAL_2D
        for given in KEEPDIMS
    ),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output"),
    [
        (row("MaxPooling2D", (26, 26, 32)), (13, 13, 32)),
        (row("MaxPooling2D", (112, 112, 64), pool_size=3, strides=2, padding="same"), (56, 56, 64)),
        (row("AveragePooling1D", (99, 8), pool_size=4, strides=3), (32, 8)),
        (row("GlobalAveragePooling2D", (7, 7, 2048)), (2048,)),
        (row("GlobalMaxPooling1D", (10, 4), keepdims=True), (1, 4)),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...]) -> None:
    gives(each, output, parameters=0, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("MaxPooling2D", (4, 1, 3)), "1 - 2 + 1 = 0: the 2x2 window does not fit in 4x1"),
        (row("AveragePooling2D", (4, 4, 3), pool_size=(2, 5)), "4 - 5 + 1 = 0: the 2x5 window does not fit in 4x4"),
        (row("MaxPooling1D", (1, 3)), "1 - 2 + 1 = 0"),
        (row("AveragePooling1D", (3, 3), pool_size=9), "3 - 9 + 1 = -5"),
        (row("MaxPooling2D", (28, 28)), "MaxPooling2D reads (height, width, channels)"),
        (row("AveragePooling2D", (2, 28, 28, 3), pool_size=2), "5 axes"),
        (row("MaxPooling1D", (28,)), "MaxPooling1D reads (steps, channels)"),
        (row("AveragePooling1D", (28, 28, 1), pool_size=2), "4 axes"),
        (row("GlobalAveragePooling2D", (64,)), "GlobalAveragePooling2D reads"),
        (row("GlobalMaxPooling2D", (8, 64)), "GlobalMaxPooling2D reads"),
        (row("GlobalAveragePooling1D", (8, 8, 64)), "GlobalAveragePooling1D reads"),
        (row("GlobalMaxPooling1D", (64,)), "GlobalMaxPooling1D reads"),
        (row("MaxPooling2D", (8, 8, 3), pool_size=0), "got 0"),
        (row("MaxPooling2D", (8, 8, 3), pool_size=(2, 2, 2)), "got (2, 2, 2)"),
        (row("MaxPooling1D", (8, 3), pool_size=-1), "got -1"),
        (row("AveragePooling2D", (8, 8, 3), pool_size=2, padding="causal"), 'got "causal"'),
        (row("AveragePooling1D", (8, 3), pool_size=2, strides=-1), "got -1"),
        (row("MaxPooling2D", (8, 8, 3), strides=0), "or none, got 0"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_keepdims_is_a_truth_value() -> None:
    only_we_refuse(row("GlobalAveragePooling2D", (8, 8, 3), keepdims=1), "expected true or false, got 1")


def test_strides_default_to_the_window() -> None:
    assert row("MaxPooling2D", (8, 8, 3), pool_size=(2, 3)).layer.steps == (2, 3)
    assert row("MaxPooling2D", (8, 8, 3), strides=1).layer.steps == (1, 1)
