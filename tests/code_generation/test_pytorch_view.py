"""The PyTorch view: its shapes, and the parameters it counts beyond Keras."""

import pytest

from neural.code_generation.pytorch_view import extra_parameters, view_shape
from neural.shapes import Shape
from tests.layers.rows import Row, make, row


@pytest.mark.parametrize(
    ("shape", "view"),
    [
        ((), ()),
        ((10,), (10,)),
        ((20, 3), (20, 3)),
        ((28, 28, 1), (1, 28, 28)),
        ((None, None, 3), (3, None, None)),
        ((4, 5, 6, 7), (7, 4, 5, 6)),
        ((2, 3, 4, 5, 6), (2, 3, 4, 5, 6)),
    ],
)
def test_maps_and_volumes_have_their_channels_first(shape: Shape, view: Shape) -> None:
    assert view_shape(shape) == view


@pytest.mark.parametrize(
    ("each", "extra"),
    [
        (row("Dense", (8,), units=4), (0, 0)),
        (row("BatchNormalization", (8,)), (-16, 0)),
        (row("LSTM", (5, 3), units=4), (16, 16)),
        (row("LSTM", (5, 3), units=4, use_bias=False), (0, 0)),
        (row("LSTM", (5, 3), units=4, activation="relu"), (0, 0)),
        (row("SimpleRNN", (5, 3), units=4), (4, 4)),
        (row("GRU", (5, 3), units=4), (0, 0)),
        (row("GRU", (5, 3), units=4, reset_after=False), (0, 0)),
        (row("Bidirectional", (5, 3), layer=make("LSTM", {"units": 4})), (32, 32)),
        (row("TimeDistributed", (2, 5, 3), layer=make("SimpleRNN", {"units": 4})), (4, 4)),
        (row("TimeDistributed", (2, 5, 3), layer=make("BatchNormalization", {})), (-6, 0)),
    ],
    ids=str,
)
def test_parameters_beyond_keras(each: Row, extra: tuple[int, int]) -> None:
    assert extra_parameters(each.layer, each.layer.weights(each.shapes)) == extra
