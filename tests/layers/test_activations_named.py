"""The layers of one activation against Keras."""

import pytest

from neural.layers.activations_named import LAYERS
from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, costs_agree_with_torch
from tests.layers.rows import Row, row

SHAPES: list[Shape] = [
    *((1,), (8,), (None,), (5, 8), (None, 8), (5, None), (4, 5, 3), (None, 5, 3), (4, None, 3), (4, 5, None)),
    *((2, 4, 5, 3), (None, None, None, 3), (2, 3, 4, 5, 6)),
]
AGREE = [row(layer.__name__, shape) for layer in LAYERS for shape in SHAPES]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)
