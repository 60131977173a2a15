"""Layers of three spatial axes against Keras and PyTorch."""

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, row

WINDOWED = [
    ((8, 9, 10, 3), {"pool_size": 2}),
    ((7, 9, 10, 3), {"pool_size": (2, 3, 1)}),
    ((7, 9, 10, 3), {"pool_size": 3, "strides": 2}),
    ((7, 9, 10, 3), {"pool_size": 3, "strides": 2, "padding": "same"}),
    ((7, 8, 5, 3), {"pool_size": (3, 2, 4), "strides": (1, 4, 2), "padding": "same"}),
    ((7, 8, 5, 3), {"pool_size": 2, "padding": "same"}),
    ((7, 8, 5, 3), {"pool_size": 2, "strides": (5, 1, 3)}),
    ((None, 8, 9, 3), {"pool_size": 2}),
    ((None, None, None, None), {"pool_size": 2, "padding": "same"}),
    ((None, 5, 6, 2), {"pool_size": 3, "strides": 2, "padding": "same"}),
    ((1, 1, 1, 1), {"pool_size": 1}),
    ((5, 7, 2, 2), {"pool_size": (5, 7, 2)}),
    ((2, 3, 4, 2), {"pool_size": 5, "padding": "same"}),
]
GLOBAL = [(4, 5, 6, 3), (1, 1, 1, 1), (None, None, 4, 3), (None, 3, 2, None)]

AGREE = [
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=3),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=(3, 2, 1), padding="same", activation="relu"),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=2, strides=2),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=3, strides=2, padding="same"),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=(3, 3, 2), strides=(1, 2, 3), padding="same"),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=2, dilation_rate=2),
    row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=3, dilation_rate=(1, 2, 3), padding="same"),
    row("Conv3D", (5, 6, 7, 4), filters=6, kernel_size=3, groups=2, use_bias=False),
    row("Conv3D", (5, 6, 7, 3), filters=3, kernel_size=2, groups=3, padding="same"),
    row("Conv3D", (None, None, None, 2), filters=3, kernel_size=2),
    row("Conv3D", (None, 6, None, 2), filters=3, kernel_size=3, strides=2, padding="same"),
    row("Conv3D", (1, 1, 1, 1), filters=1, kernel_size=1),
    row("Conv3D", (2, 3, 4, 5), filters=2, kernel_size=(2, 3, 4), activation="tanh"),
    row("MaxPooling3D", (5, 6, 7, 2)),
    *(row(name, shape, **given) for name in ("MaxPooling3D", "AveragePooling3D") for shape, given in WINDOWED),
    *(
        row(name, shape, **given)
        for name in ("GlobalMaxPooling3D", "GlobalAveragePooling3D")
        for shape in GLOBAL
        for given in ({}, {"keepdims": False}, {"keepdims": True})
    ),
    *(
        row("ZeroPadding3D", shape, **given)
        for shape in ((3, 4, 5, 2), (None, 4, None, 1), (1, 1, 1, None))
        for given in ({}, {"padding": 2}, {"padding": (0, 1, 2)}, {"padding": ((1, 0), (0, 2), (3, 1))})
    ),
    *(
        row("Cropping3D", shape, **given)
        for shape in ((4, 5, 6, 2), (None, 5, None, 1), (6, 5, 7, None))
        for given in ({}, {"cropping": 1}, {"cropping": (0, 1, 2)}, {"cropping": ((1, 0), (0, 2), (3, 1))})
    ),
    *(
        row("UpSampling3D", shape, **given)
        for shape in ((2, 3, 4, 2), (None, 3, None, 1), (1, 1, 1, 3))
        for given in ({}, {"size": 3}, {"size": (1, 2, 3)}, {"size": 1})
    ),
    *(
        row("SpatialDropout3D", shape, rate=rate)
        for shape in ((2, 3, 4, 2), (None, 3, None, 1), (1, 1, 1, None))
        for rate in (0, 0.25, 0.5, 1)
    ),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("Conv3D", (16, 28, 28, 1), filters=8, kernel_size=3), (14, 26, 26, 8), 224, 4_088_448),
        (row("Conv3D", (4, 4, 4, 4), filters=6, kernel_size=3, groups=2, padding="same"), (4, 4, 4, 6), 330, 41_472),
        (row("MaxPooling3D", (16, 28, 28, 8)), (8, 14, 14, 8), 0, 0),
        (row("GlobalAveragePooling3D", (4, 7, 7, 512)), (512,), 0, 0),
        (row("ZeroPadding3D", (8, 28, 28, 1), padding=((1, 0), (2, 2), (0, 3))), (9, 32, 31, 1), 0, 0),
        (row("Cropping3D", (8, 28, 28, 1)), (6, 26, 26, 1), 0, 0),
        (row("UpSampling3D", (4, 14, 14, 8), size=(1, 2, 3)), (4, 28, 42, 8), 0, 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


MAP: Shape = (8, 8, 3)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (
            row("Conv3D", (8, 4, 8, 1), filters=2, kernel_size=5),
            "4 - 5 + 1 = 0: the 5x5x5 window does not fit in 8x4x8",
        ),
        (row("Conv3D", MAP, filters=2, kernel_size=3), "Conv3D reads (depth, height, width, channels)"),
        (row("Conv3D", (2, 8, 8, 8, 3), filters=2, kernel_size=3), "6 axes"),
        (row("Conv3D", (8, 8, 8, None), filters=2, kernel_size=3), "the channel axis to be known"),
        (row("Conv3D", (8, 8, 8, 3), filters=4, kernel_size=3, groups=2), "3 % 2 = 1"),
        (row("Conv3D", (8, 8, 8, 4), filters=3, kernel_size=3, groups=2), "the 3 filters"),
        (row("Conv3D", (8, 8, 8, 4), filters=2, kernel_size=(3, 3)), "or a tuple of 3 of them, got (3, 3)"),
        (row("Conv3D", (8, 8, 8, 4), filters=2, kernel_size=3, padding="causal"), 'got "causal"'),
        (row("Conv3D", (8, 8, 8, 4), filters=2, kernel_size=2, strides=2, dilation_rate=2), "cannot both be above 1"),
        (row("MaxPooling3D", (4, 4, 1, 3)), "1 - 2 + 1 = 0: the 2x2x2 window does not fit in 4x4x1"),
        (row("MaxPooling3D", MAP), "MaxPooling3D reads (depth, height, width, channels)"),
        (row("AveragePooling3D", (4, 4, 4, 3), pool_size=(2, 2)), "got (2, 2)"),
        (row("AveragePooling3D", (4, 4, 4, 3), pool_size=5), "4 - 5 + 1 = 0"),
        (row("AveragePooling3D", (4, 4, 4, 3), pool_size=0), "got 0"),
        (row("GlobalMaxPooling3D", MAP), "GlobalMaxPooling3D reads"),
        (row("GlobalAveragePooling3D", (64,)), "GlobalAveragePooling3D reads"),
        (row("ZeroPadding3D", MAP), "ZeroPadding3D reads"),
        (row("ZeroPadding3D", (4, 4, 4, 1), padding=(1, 2)), "got (1, 2)"),
        (row("Cropping3D", MAP), "Cropping3D reads"),
        (row("Cropping3D", (4, 2, 4, 1)), "2 - 1 - 1 = 0: cropping (1, 1) leaves nothing of an axis of 2"),
        (row("Cropping3D", (4, 4, 4, 1), cropping=(1, 2)), "got (1, 2)"),
        (row("UpSampling3D", MAP), "UpSampling3D reads"),
        (row("UpSampling3D", (4, 4, 4, 1), size=(1, 2)), "got (1, 2)"),
        (row("SpatialDropout3D", MAP, rate=0.5), "SpatialDropout3D reads"),
        (row("SpatialDropout3D", (4, 4, 4, 1), rate=1.5), "got 1.5"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_the_repairs_of_a_missing_axis() -> None:
    assert [each.value for each in refusal(row("Conv3D", MAP, filters=2, kernel_size=3)).repairs] == [
        "Reshape((8, 8, 3, 1))"
    ]
