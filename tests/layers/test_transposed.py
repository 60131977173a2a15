"""Transposed convolutions against Keras and PyTorch."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("Conv1DTranspose", (20, 3), filters=4, kernel_size=3),
    row("Conv1DTranspose", (20, 3), filters=4, kernel_size=(2,), strides=2, activation="relu"),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=4, strides=2, padding="same"),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=3, strides=2, padding="same", output_padding=1),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=3, strides=2, padding="same", output_padding=0),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=2, strides=5),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=2, strides=5, output_padding=2),
    row("Conv1DTranspose", (21, 3), filters=4, kernel_size=2, strides=5, padding="same", use_bias=False),
    row("Conv1DTranspose", (None, 3), filters=4, kernel_size=3, strides=2),
    row("Conv1DTranspose", (None, 3), filters=4, kernel_size=3, strides=2, padding="same"),
    row("Conv1DTranspose", (1, 1), filters=1, kernel_size=1),
    row("Conv1DTranspose", (1, 2), filters=3, kernel_size=5, padding="same"),
    row("Conv2DTranspose", (7, 7, 8), filters=4, kernel_size=3),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=4, strides=2, padding="same", activation="relu"),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=5, strides=2, padding="same", use_bias=False),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=(3, 2), strides=(2, 3), padding="same"),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=(3, 2), strides=(2, 3)),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=3, strides=2, output_padding=1),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=3, strides=(2, 3), output_padding=(1, 2)),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=3, strides=(2, 3), padding="same", output_padding=(0, 2)),
    row("Conv2DTranspose", (None, None, 3), filters=4, kernel_size=4, strides=2, padding="same"),
    row("Conv2DTranspose", (None, 5, 3), filters=4, kernel_size=3, strides=2, output_padding=1),
    row("Conv2DTranspose", (1, 1, 100), filters=4, kernel_size=4, activation="tanh"),
    row("Conv2DTranspose", (5, 6, 3), filters=4, kernel_size=1, strides=3),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=3),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=2, strides=2, activation="relu"),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=3, strides=2, padding="same"),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=(4, 3, 2), strides=(1, 2, 3), padding="same"),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=3, strides=2, output_padding=(1, 0, 1)),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=3, strides=2, padding="same", output_padding=1),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=1, kernel_size=2, strides=4, use_bias=False),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=3, kernel_size=2, padding="same"),
    row("Conv3DTranspose", (None, None, None, 2), filters=3, kernel_size=3, strides=2, padding="same"),
    row("Conv3DTranspose", (None, 4, None, 2), filters=3, kernel_size=2, strides=3),
    row("Conv3DTranspose", (1, 1, 1, 1), filters=1, kernel_size=1),
    row("Conv3DTranspose", (1, 2, 3, 1), filters=2, kernel_size=(1, 2, 3), strides=(3, 2, 1)),
]

#: TensorFlow has the shapes of these, and runs them on a GPU alone.
DILATED = [
    row("Conv1DTranspose", (20, 3), filters=4, kernel_size=3, dilation_rate=2),
    row("Conv1DTranspose", (20, 3), filters=4, kernel_size=4, dilation_rate=3, padding="same"),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=3, dilation_rate=2, padding="same"),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=(2, 3), dilation_rate=(3, 2), padding="same"),
    row("Conv2DTranspose", (7, 8, 3), filters=4, kernel_size=2, dilation_rate=(1, 3)),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=2, dilation_rate=(1, 2, 3)),
    row("Conv3DTranspose", (3, 4, 5, 2), filters=4, kernel_size=(3, 2, 2), dilation_rate=2, padding="same"),
]


@pytest.mark.parametrize("each", AGREE + DILATED, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("Conv1DTranspose", (50, 16), filters=8, kernel_size=3, strides=2, padding="same"), (100, 8), 392, 38_400),
        (
            row("Conv2DTranspose", (7, 7, 256), filters=128, kernel_size=5, strides=2, padding="same"),
            (14, 14, 128),
            819_328,
            80_281_600,
        ),
        (row("Conv2DTranspose", (4, 4, 8), filters=2, kernel_size=3, strides=2), (9, 9, 2), 146, 4608),
        (row("Conv3DTranspose", (2, 3, 4, 2), filters=3, kernel_size=2, strides=2), (4, 6, 8, 3), 51, 2304),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Conv1DTranspose", (20,), filters=4, kernel_size=3), "Conv1DTranspose reads (steps, channels)"),
        (row("Conv2DTranspose", (20, 3), filters=4, kernel_size=3), "Conv2DTranspose reads"),
        (row("Conv3DTranspose", (8, 8, 3), filters=4, kernel_size=3), "Conv3DTranspose reads"),
        (row("Conv2DTranspose", (8, 8, None), filters=4, kernel_size=3), "the channel axis to be known"),
        (row("Conv2DTranspose", (8, 8, 3), filters=0, kernel_size=3), "got 0"),
        (row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=0), "got 0"),
        (row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=(3, 3, 3)), "got (3, 3, 3)"),
        (row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=3, strides=0), "got 0"),
        (row("Conv1DTranspose", (8, 3), filters=4, kernel_size=3, padding="causal"), 'got "causal"'),
        (
            row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=3, strides=2, dilation_rate=2),
            "cannot both be above 1",
        ),
        (
            row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=3, strides=(2, 3), output_padding=(1, 3)),
            "output_padding=(1, 3) must stay below strides=(2, 3), axis by axis: 3 >= 3",
        ),
        (row("Conv1DTranspose", (8, 3), filters=4, kernel_size=3, output_padding=1), "1 >= 1"),
        (row("Conv3DTranspose", (8, 8, 8, 3), filters=4, kernel_size=3, strides=2, output_padding=2), "2 >= 2"),
        (
            row("Conv2DTranspose", (8, 8, 3), filters=4, kernel_size=4, strides=2, padding="same", output_padding=0),
            '4 % 2 + 0 = 0: with padding="same" an even window of 4 and output_padding=0',
        ),
        (row("Conv1DTranspose", (8, 3), filters=4, kernel_size=2, padding="same", output_padding=0), "2 % 2 + 0 = 0"),
        (row("Conv1DTranspose", (8, 3), filters=4, kernel_size=2, strides=2, output_padding=-1), "got -1"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_the_way_out_of_too_much_output_padding() -> None:
    one = row("Conv1DTranspose", (8, 3), filters=4, kernel_size=3, output_padding=1)
    assert refusal(one).help == "leave output_padding out"
    two = row("Conv1DTranspose", (8, 3), filters=4, kernel_size=3, strides=2, output_padding=2)
    assert refusal(two).help == "use a smaller output_padding, or leave it out"
