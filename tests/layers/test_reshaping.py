"""Reshaping, padding, cropping and repeating against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("Flatten", (28, 28, 1)),
    row("Flatten", (5,)),
    row("Flatten", ()),
    row("Flatten", (1, 1, 1, 1)),
    row("Flatten", (None,)),
    row("Flatten", (None, 3)),
    row("Flatten", (4, None, 3)),
    row("Flatten", (3, 5, 7, 2)),
    row("Reshape", (784,), target_shape=(28, 28, 1)),
    row("Reshape", (784,), target_shape=(28, -1)),
    row("Reshape", (784,), target_shape=(-1,)),
    row("Reshape", (784,), target_shape=[-1, 2, 2]),
    row("Reshape", (7, 8, 9), target_shape=(504,)),
    row("Reshape", (6,), target_shape=(1, 6, 1)),
    row("Reshape", (None, 4), target_shape=(-1, 2)),
    row("Reshape", (None, 4), target_shape=(2, 2)),
    row("Reshape", (None,), target_shape=(4, -1, 3)),
    row("Reshape", (), target_shape=(1,)),
    row("Permute", (10, 64), dims=(2, 1)),
    row("Permute", (10, 64), dims=(1, 2)),
    row("Permute", (3, 4, 5), dims=(3, 1, 2)),
    row("Permute", (3, 4, 5), dims=[2, 3, 1]),
    row("Permute", (7,), dims=(1,)),
    row("Permute", (None, 4, 5), dims=(3, 1, 2)),
    row("Permute", (None, None), dims=(2, 1)),
    row("Permute", (2, 3, 4, 5), dims=(4, 3, 2, 1)),
    row("RepeatVector", (8,), n=3),
    row("RepeatVector", (8,), n=1),
    row("RepeatVector", (1,), n=1000),
    row("RepeatVector", (None,), n=3),
    row("ZeroPadding1D", (20, 3)),
    row("ZeroPadding1D", (20, 3), padding=0),
    row("ZeroPadding1D", (20, 3), padding=3),
    row("ZeroPadding1D", (20, 3), padding=(2, 0)),
    row("ZeroPadding1D", (20, 3), padding=[0, 5]),
    row("ZeroPadding1D", (None, 3), padding=(1, 4)),
    row("ZeroPadding1D", (1, None), padding=1),
    row("ZeroPadding2D", (28, 27, 3)),
    row("ZeroPadding2D", (28, 27, 3), padding=0),
    row("ZeroPadding2D", (28, 27, 3), padding=3),
    row("ZeroPadding2D", (28, 27, 3), padding=(2, 5)),
    row("ZeroPadding2D", (28, 27, 3), padding=((1, 0), (2, 4))),
    row("ZeroPadding2D", (28, 27, 3), padding=(1, (0, 4))),
    row("ZeroPadding2D", (28, 27, 3), padding=[[1, 0], [0, 1]]),
    row("ZeroPadding2D", (None, 27, 3), padding=((1, 0), (2, 4))),
    row("ZeroPadding2D", (1, None, None), padding=2),
    row("Cropping1D", (20, 3)),
    row("Cropping1D", (20, 3), cropping=0),
    row("Cropping1D", (20, 3), cropping=(2, 0)),
    row("Cropping1D", (20, 3), cropping=(0, 19)),
    row("Cropping1D", (None, 3), cropping=4),
    row("Cropping1D", (3, None), cropping=1),
    row("Cropping2D", (28, 27, 3)),
    row("Cropping2D", (28, 27, 3), cropping=2),
    row("Cropping2D", (28, 27, 3), cropping=(2, 3)),
    row("Cropping2D", (28, 27, 3), cropping=((2, 0), (0, 4))),
    row("Cropping2D", (28, 27, 3), cropping=((27, 0), (0, 26))),
    row("Cropping2D", (None, 27, 3), cropping=5),
    row("Cropping2D", (3, 3, None), cropping=1),
    row("UpSampling1D", (20, 3)),
    row("UpSampling1D", (20, 3), size=1),
    row("UpSampling1D", (20, 3), size=7),
    row("UpSampling1D", (None, 3), size=3),
    row("UpSampling1D", (1, 1), size=3),
    row("UpSampling2D", (14, 13, 3)),
    row("UpSampling2D", (14, 13, 3), size=1),
    row("UpSampling2D", (14, 13, 3), size=(3, 2)),
    row("UpSampling2D", (14, 13, 3), size=2, interpolation="bilinear"),
    row("UpSampling2D", (14, 13, 3), size=[1, 4], interpolation="nearest"),
    row("UpSampling2D", (None, 13, 3), size=2),
    row("UpSampling2D", (None, 13, 3), size=2, interpolation="bilinear"),
    row("UpSampling2D", (1, 1, 1), size=5),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output"),
    [
        (row("Flatten", (7, 7, 64)), (3136,)),
        (row("Reshape", (3136,), target_shape=(7, -1, 64)), (7, 7, 64)),
        (row("Permute", (28, 14, 3), dims=(3, 1, 2)), (3, 28, 14)),
        (row("ZeroPadding2D", (224, 224, 3), padding=((0, 1), (2, 3))), (225, 229, 3)),
        (row("Cropping2D", (28, 28, 3), cropping=(2, 4)), (24, 20, 3)),
        (row("UpSampling2D", (14, 7, 8), size=(2, 3)), (28, 21, 8)),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...]) -> None:
    gives(each, output, parameters=0, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (
            row("Reshape", (784,), target_shape=(28, 29)),
            "the 784 = 784 elements of (None, 784) do not fill 28x29 = 812 elements",
        ),
        (
            row("Reshape", (28, 28), target_shape=(-1, 5)),
            "784 % 5 = 4: the 28x28 = 784 elements do not divide into 5 = 5",
        ),
        (row("Reshape", (784,), target_shape=(-1, -1)), "got (-1, -1)"),
        (row("Reshape", (784,), target_shape=(-2, 3)), "at least -1, got (-2, 3)"),
        (row("Reshape", (784,), target_shape=(0, -1)), "sizes of at least 1, one of which may be -1, got (0, -1)"),
        (row("Reshape", (784,), target_shape=(0,)), "got (0,)"),
        (row("Reshape", (None,), target_shape=(0,)), "got (0,)"),
        (row("Reshape", (784,), target_shape="flat"), 'got "flat"'),
        (row("Permute", (10, 64), dims=(0, 1)), "got (0, 1)"),
        (row("Permute", (10, 64), dims=(1, 3)), "expected each of (1, 2) once, got (1, 3)"),
        (row("Permute", (10, 64), dims=(1, 1)), "got (1, 1)"),
        (row("Permute", (10, 64), dims=(1,)), "(1,) orders 1 axes, but (None, 10, 64) has 2"),
        (row("Permute", (10,), dims=(2, 1)), "has 1"),
        (row("RepeatVector", (8, 3), n=3), "RepeatVector reads (features)"),
        (row("RepeatVector", (), n=3), "RepeatVector reads (features)"),
        (row("RepeatVector", (8,), n=0), "got 0"),
        (row("RepeatVector", (8,), n=2.5), "got 2.5"),
        (row("ZeroPadding1D", (20,), padding=1), "ZeroPadding1D reads"),
        (row("ZeroPadding1D", (20, 3), padding=-1), "got -1"),
        (row("ZeroPadding1D", (20, 3), padding=(1, 2, 3)), "or a pair (before, after) of them, got (1, 2, 3)"),
        (row("ZeroPadding2D", (20, 3), padding=1), "ZeroPadding2D reads"),
        (row("ZeroPadding2D", (20, 20, 3), padding=(1, 2, 3, 4)), "got (1, 2, 3, 4)"),
        (row("ZeroPadding2D", (20, 20, 3), padding=((1, 2, 3), (1, 2))), "got ((1, 2, 3), (1, 2))"),
        (row("ZeroPadding2D", (20, 20, 3), padding=((1, -2), (1, 2))), "got ((1, -2), (1, 2))"),
        (row("ZeroPadding2D", (20, 20, 3), padding="same"), 'got "same"'),
        (row("Cropping1D", (4, 3), cropping=2), "4 - 2 - 2 = 0: cropping (2, 2) leaves nothing of an axis of 4"),
        (row("Cropping1D", (4, 3), cropping=-2), "got -2"),
        (row("Cropping1D", (4, 3, 3), cropping=1), "Cropping1D reads"),
        (row("Cropping2D", (8, 4, 3), cropping=(1, 2)), "4 - 2 - 2 = 0"),
        (row("Cropping2D", (8, 4, 3), cropping=((0, 9), (0, 0))), "8 - 0 - 9 = -1"),
        (row("Cropping2D", (8, 4, 3), cropping=(1, 2, 3)), "got (1, 2, 3)"),
        (row("Cropping2D", (8, 4), cropping=1), "Cropping2D reads"),
        (row("UpSampling1D", (8,), size=2), "UpSampling1D reads"),
        (row("UpSampling1D", (8, 3), size=-1), "got -1"),
        (row("UpSampling1D", (8, 3), size=0), "expected an integer of at least 1, got 0"),
        (row("UpSampling2D", (8, 3), size=2), "UpSampling2D reads"),
        (row("UpSampling2D", (8, 8, 3), size=(2, 2, 2)), "got (2, 2, 2)"),
        (row("UpSampling2D", (8, 8, 3), size=0), "got 0"),
        (row("UpSampling2D", (8, 8, 3), interpolation="cubic"), '"nearest" or "bilinear", got "cubic"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("UpSampling2D", (8, 8, 3), interpolation="bicubic"), 'got "bicubic"'),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


def test_a_reshape_that_does_not_fit_suggests_one_that_does() -> None:
    error = refusal(row("Reshape", (784,), target_shape=(28, 29)))
    assert error.argument == "target_shape"
    assert [(r.argument, r.value) for r in error.repairs] == [("target_shape", "(28, -1)")]
