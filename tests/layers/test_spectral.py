"""Spectral normalisation against Keras."""

import pytest

from neural.layers.core import Embedding
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, make, row


def around(type: str, *shapes: tuple[int | None, ...], power_iterations: int = 1, **given: object) -> Row:
    more = {"power_iterations": power_iterations} if power_iterations != 1 else {}
    return row("SpectralNormalization", *shapes, layer=make(type, given), **more)


AGREE = [
    around("Dense", (8,), units=3),
    around("Dense", (5, 8), units=3, activation="relu", use_bias=False),
    around("Dense", (None, 8), units=3, power_iterations=3),
    around("Dense", (4, 5, 6), units=2, activation="softmax"),
    around("Conv1D", (9, 4), filters=3, kernel_size=3, padding="causal"),
    around("Conv2D", (9, 8, 3), filters=4, kernel_size=3, strides=2, padding="same", activation="relu"),
    around("Conv2D", (9, 8, 4), filters=4, kernel_size=(3, 2), groups=2, use_bias=False),
    around("Conv2D", (None, None, 3), filters=4, kernel_size=3),
    around("Conv3D", (5, 6, 7, 2), filters=3, kernel_size=2),
    around("Conv1DTranspose", (5, 4), filters=3, kernel_size=3, strides=2),
    around("Conv2DTranspose", (5, 4, 3), filters=6, kernel_size=3, strides=2, padding="same"),
    around("Conv3DTranspose", (3, 4, 5, 2), filters=3, kernel_size=2, power_iterations=2),
]
IN_KERAS_ALONE = [
    around("DepthwiseConv2D", (9, 8, 3), kernel_size=3, depth_multiplier=2),
    around("DepthwiseConv1D", (9, 3), kernel_size=3, use_bias=False),
    around("Embedding", (7,), input_dim=20, output_dim=4),
]


@pytest.mark.parametrize("each", [*AGREE, *IN_KERAS_ALONE], ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


def test_literal_facts() -> None:
    gives(around("Conv2D", (28, 28, 8), filters=16, kernel_size=3), (26, 26, 16), 1168 + 16, 1_557_504)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (around("LSTM", (5, 4), units=3), "one of the layers Dense, Conv1D"),
        (around("BatchNormalization", (5, 4)), "one of the layers Dense, Conv1D"),
        (around("SeparableConv2D", (9, 8, 3), filters=4, kernel_size=3), "one of the layers Dense, Conv1D"),
        (around("Dense", (8,), units=3, power_iterations=0), "expected an integer of at least 1, got 0"),
        (around("Dense", (None,), units=3), "the last axis to be known"),
        (around("Conv2D", (2, 2, 3), filters=4, kernel_size=3), "2 - 3 + 1 = 0"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_the_wrapper_has_no_repairs_of_the_layer_within() -> None:
    assert refusal(around("Conv2D", (2, 2, 3), filters=4, kernel_size=3)).repairs == ()


def test_it_reads_what_its_layer_reads() -> None:
    layer = around("Embedding", (7,), input_dim=20, output_dim=4).layer
    assert layer.integer_input
    assert not layer.differentiable
    assert Embedding.integer_input
