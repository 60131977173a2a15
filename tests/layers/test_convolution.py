"""Convolutions against Keras and PyTorch."""

import pytest

from tests.layers.checks import (
    agrees_with_keras,
    both_refuse,
    costs_agree_with_torch,
    gives,
    only_we_refuse,
    refusal,
)
from tests.layers.rows import Row, row

AGREE = [
    row("Conv1D", (20, 3), filters=4, kernel_size=3),
    row("Conv1D", (20, 3), filters=4, kernel_size=(3,), padding="same", activation="relu"),
    row("Conv1D", (20, 3), filters=4, kernel_size=5, padding="causal"),
    row("Conv1D", (20, 3), filters=4, kernel_size=5, padding="causal", dilation_rate=4),
    row("Conv1D", (21, 3), filters=4, kernel_size=4, padding="causal", strides=2),
    row("Conv1D", (21, 3), filters=4, kernel_size=4, padding="same", strides=3),
    row("Conv1D", (21, 3), filters=4, kernel_size=4, strides=3, use_bias=False),
    row("Conv1D", (21, 6), filters=4, kernel_size=2, groups=2),
    row("Conv1D", (None, 6), filters=4, kernel_size=2),
    row("Conv1D", (None, 6), filters=4, kernel_size=2, padding="causal", strides=2),
    row("Conv1D", (1, 1), filters=1, kernel_size=1),
    row("Conv1D", (7, 2), filters=3, kernel_size=7),
    row("Conv1D", (9, 2), filters=3, kernel_size=3, dilation_rate=4),
    row("Conv2D", (28, 28, 1), filters=32, kernel_size=(3, 3)),
    row("Conv2D", (28, 28, 1), filters=32, kernel_size=3, padding="same", activation="gelu"),
    row("Conv2D", (28, 27, 3), filters=8, kernel_size=(5, 2), strides=(2, 3)),
    row("Conv2D", (28, 27, 3), filters=8, kernel_size=(5, 2), strides=(2, 3), padding="same"),
    row("Conv2D", (28, 27, 3), filters=8, kernel_size=(4, 3), dilation_rate=(2, 3)),
    row("Conv2D", (28, 27, 3), filters=8, kernel_size=(4, 3), dilation_rate=2, padding="same"),
    row("Conv2D", (13, 17, 8), filters=12, kernel_size=3, groups=4, use_bias=False),
    row("Conv2D", (13, 17, 8), filters=8, kernel_size=3, groups=8),
    row("Conv2D", (None, None, 3), filters=8, kernel_size=3),
    row("Conv2D", (None, 9, 3), filters=8, kernel_size=3, strides=2, padding="same"),
    row("Conv2D", (1, 1, 5), filters=7, kernel_size=1),
    row("Conv2D", (3, 5, 2), filters=7, kernel_size=(3, 5)),
    row("Conv2D", (224, 224, 3), filters=64, kernel_size=7, strides=2, padding="same", activation="relu"),
    row("DepthwiseConv1D", (20, 3), kernel_size=3),
    row("DepthwiseConv1D", (20, 3), kernel_size=3, strides=2),
    row("DepthwiseConv1D", (21, 3), kernel_size=4, strides=3, padding="same"),
    row("DepthwiseConv1D", (20, 3), kernel_size=3, depth_multiplier=4, activation="relu"),
    row("DepthwiseConv1D", (20, 3), kernel_size=3, dilation_rate=3, use_bias=False),
    row("DepthwiseConv1D", (None, 3), kernel_size=3, padding="same"),
    row("DepthwiseConv1D", (1, 1), kernel_size=1),
    row("DepthwiseConv1D", (5, 2), kernel_size=5),
    row("DepthwiseConv2D", (28, 28, 8), kernel_size=3),
    row("DepthwiseConv2D", (28, 28, 8), kernel_size=(3, 5), padding="same"),
    row("DepthwiseConv2D", (27, 28, 8), kernel_size=3, strides=2, padding="same", activation="relu6"),
    row("DepthwiseConv2D", (27, 28, 8), kernel_size=3, strides=(1, 2)),
    row("DepthwiseConv2D", (27, 28, 3), kernel_size=3, depth_multiplier=5),
    row("DepthwiseConv2D", (27, 28, 3), kernel_size=3, dilation_rate=(2, 3)),
    row("DepthwiseConv2D", (27, 28, 3), kernel_size=3, strides=2, dilation_rate=2),
    row("DepthwiseConv2D", (27, 28, 3), kernel_size=2, dilation_rate=2, padding="same", use_bias=False),
    row("DepthwiseConv2D", (None, 28, 3), kernel_size=3, strides=2),
    row("DepthwiseConv2D", (1, 1, 1), kernel_size=1),
    row("SeparableConv1D", (20, 3), filters=4, kernel_size=3),
    row("SeparableConv1D", (21, 3), filters=4, kernel_size=4, strides=2, padding="same"),
    row("SeparableConv1D", (20, 3), filters=4, kernel_size=3, depth_multiplier=2, activation="gelu"),
    row("SeparableConv1D", (20, 3), filters=4, kernel_size=3, dilation_rate=3, use_bias=False),
    row("SeparableConv1D", (20, 3), filters=1, kernel_size=20, activation="relu"),
    row("SeparableConv1D", (None, 3), filters=4, kernel_size=3),
    row("SeparableConv1D", (None, 3), filters=4, kernel_size=3, strides=2, padding="same"),
    row("SeparableConv1D", (1, 1), filters=1, kernel_size=1),
    row("SeparableConv2D", (32, 32, 3), filters=16, kernel_size=3),
    row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=(3, 2), padding="same", activation="relu"),
    row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=3, strides=2, depth_multiplier=3),
    row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=3, strides=(2, 1)),
    row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=3, dilation_rate=(2, 1), use_bias=False),
    row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=3, strides=2, dilation_rate=2),
    row("SeparableConv2D", (None, None, 3), filters=16, kernel_size=3, strides=2, padding="same"),
    row("SeparableConv2D", (1, 1, 1), filters=1, kernel_size=1),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_costs_agree_with_torch(each: Row) -> None:
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("Conv1D", (100, 16), filters=32, kernel_size=5), (96, 32), 2592, 491_520),
        (row("Conv1D", (100, 16), filters=32, kernel_size=5, padding="causal"), (100, 32), 2592, 512_000),
        (row("Conv2D", (28, 28, 1), filters=32, kernel_size=3), (26, 26, 32), 320, 389_376),
        (row("Conv2D", (26, 26, 32), filters=64, kernel_size=3, groups=4), (24, 24, 64), 4672, 5_308_416),
        (
            row("Conv2D", (224, 224, 3), filters=64, kernel_size=7, strides=2, padding="same"),
            (112, 112, 64),
            9472,
            236_027_904,
        ),
        (row("DepthwiseConv1D", (100, 16), kernel_size=5, depth_multiplier=2), (96, 32), 192, 30_720),
        (row("DepthwiseConv2D", (32, 32, 8), kernel_size=3, padding="same"), (32, 32, 8), 80, 147_456),
        (row("SeparableConv1D", (100, 16), filters=32, kernel_size=5), (96, 32), 624, 113_664),
        (row("SeparableConv2D", (32, 32, 8), filters=16, kernel_size=3), (30, 30, 16), 216, 360_000),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (
            row("Conv2D", (28, 28, 1), filters=8, kernel_size=32),
            "28 - 32 + 1 = -3: the 32x32 window does not fit in 28x28",
        ),
        (
            row("Conv2D", (28, 5, 1), filters=8, kernel_size=3, dilation_rate=3),
            "5 - 7 + 1 = -1: the 3x3 window (dilated to 7x7) does not fit in 28x5",
        ),
        (row("Conv1D", (4, 1), filters=8, kernel_size=5), "4 - 5 + 1 = 0: the 5 window does not fit in 4"),
        (row("DepthwiseConv1D", (4, 1), kernel_size=5), "4 - 5 + 1 = 0"),
        (row("DepthwiseConv2D", (9, 4, 1), kernel_size=5), "4 - 5 + 1 = 0"),
        (row("SeparableConv1D", (4, 1), filters=1, kernel_size=5), "4 - 5 + 1 = 0"),
        (row("SeparableConv2D", (9, 4, 1), filters=1, kernel_size=5), "4 - 5 + 1 = 0"),
        (row("Conv2D", (28, 28), filters=8, kernel_size=3), "(None, 28, 28), 3 axes"),
        (row("Conv2D", (784,), filters=8, kernel_size=3), "Conv2D reads (height, width, channels)"),
        (row("Conv2D", (2, 28, 28, 1), filters=8, kernel_size=3), "(None, 2, 28, 28, 1), 5 axes"),
        (row("Conv1D", (28, 28, 1), filters=8, kernel_size=3), "Conv1D reads (steps, channels)"),
        (row("DepthwiseConv2D", (28, 1), kernel_size=3), "DepthwiseConv2D reads"),
        (row("DepthwiseConv1D", (28,), kernel_size=3), "DepthwiseConv1D reads"),
        (row("SeparableConv2D", (28, 1), filters=1, kernel_size=3), "SeparableConv2D reads"),
        (row("SeparableConv1D", (28, 1, 1), filters=1, kernel_size=3), "SeparableConv1D reads"),
        (row("Conv2D", (8, 8, None), filters=8, kernel_size=3), "the channel axis to be known"),
        (row("DepthwiseConv2D", (8, 8, None), kernel_size=3), "the channel axis to be known"),
        (row("SeparableConv1D", (8, None), filters=2, kernel_size=3), "the channel axis to be known"),
        (
            row("Conv2D", (8, 8, 3), filters=8, kernel_size=3, groups=2),
            "3 % 2 = 1: groups=2 does not divide the 3 input",
        ),
        (
            row("Conv2D", (8, 8, 4), filters=7, kernel_size=3, groups=2),
            "7 % 2 = 1: groups=2 does not divide the 7 filters",
        ),
        (row("Conv2D", (8, 8, 4), filters=7, kernel_size=3, groups=0), "expected an integer of at least 1, got 0"),
        (row("Conv2D", (8, 8, 4), filters=0, kernel_size=3), "expected an integer of at least 1, got 0"),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=0), "got 0"),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=(3, 3, 3)), "or a tuple of 2 of them, got (3, 3, 3)"),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=3, strides=0), "got 0"),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=3, dilation_rate=0), "got 0"),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=3, padding="causal"), '"valid" or "same", got "causal"'),
        (row("Conv2D", (8, 8, 4), filters=2, kernel_size=3, activation="rel"), 'got "rel"'),
        (
            row("Conv2D", (8, 8, 4), filters=2, kernel_size=3, strides=2, dilation_rate=2),
            "strides=(2, 2) and dilation_rate=(2, 2) cannot both be above 1",
        ),
        (row("Conv1D", (8, 4), filters=2, kernel_size=3, strides=2, dilation_rate=2), "cannot both be above 1"),
        (row("DepthwiseConv1D", (8, 4), kernel_size=3, padding="causal"), 'got "causal"'),
        (row("SeparableConv1D", (8, 4), filters=2, kernel_size=3, padding="causal"), 'got "causal"'),
        (
            row("DepthwiseConv2D", (8, 8, 4), kernel_size=3, depth_multiplier=0),
            "expected an integer of at least 1, got 0",
        ),
        (row("SeparableConv2D", (8, 8, 4), filters=2, kernel_size=3, depth_multiplier=0), "got 0"),
        (row("SeparableConv1D", (8, 4), filters=0, kernel_size=3), "got 0"),
        (row("DepthwiseConv1D", (8, 4), kernel_size=0), "got 0"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_the_repair_of_a_window_that_does_not_fit() -> None:
    error = refusal(row("Conv2D", (28, 30, 1), filters=8, kernel_size=32, dilation_rate=1))
    assert error.help == 'use padding="same" or a window of at most 28'
    assert [(r.argument, r.value) for r in error.repairs] == [("padding", '"same"')]
    assert refusal(row("Conv1D", (10, 1), filters=8, kernel_size=6, dilation_rate=3)).help.endswith("at most 4")


@pytest.mark.parametrize(
    ("each", "statements"),
    [
        (row("Conv2D", (28, 28), filters=8, kernel_size=3), ["Reshape((28, 28, 1))"]),
        (row("Conv1D", (100,), filters=8, kernel_size=3), ["Reshape((100, 1))"]),
        (row("Conv1D", (28, 28, 3), filters=8, kernel_size=3), ["Reshape((-1, 3))"]),
        (row("LSTM", (7, None, 64), units=8), ["Reshape((-1, 64))"]),
        (row("RepeatVector", (7, 64), n=8), ["Flatten()"]),
        (row("Conv2D", (None, 28), filters=8, kernel_size=3), []),
        (row("Conv2D", (28,), filters=8, kernel_size=3), []),
        (row("Conv2D", (2, 28, 28, 1), filters=8, kernel_size=3), []),
    ],
    ids=str,
)
def test_a_missing_or_surplus_axis_can_be_repaired(each: Row, statements: list[str]) -> None:
    repairs = refusal(each).repairs
    assert [repair.value for repair in repairs] == statements
    assert all(repair.action == "insert" for repair in repairs)


def test_a_number_that_is_whole_is_an_integer() -> None:
    ten = row("Conv2D", (8, 8, 4), filters=10, kernel_size=3).layer
    assert row("Conv2D", (8, 8, 4), filters=1e1, kernel_size=3).layer == ten


def test_a_truth_value_is_no_number() -> None:
    only_we_refuse(row("Conv2D", (8, 8, 4), filters=True, kernel_size=3), "got true")
