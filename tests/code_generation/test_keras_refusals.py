"""What Keras on TensorFlow would compute wrongly: refused where it would, and only there."""

from __future__ import annotations

import pytest

import neural

REFUSED = [
    # input, layers, whether Keras adds the bias along another axis
    ("(5, 4)", "MultiHeadAttention(5, 1)", True),
    ("(5, 4)", "MultiHeadAttention(5, 2, value_dim=1)", True),
    ("(None, None, 4)", "MultiHeadAttention(5, 1)", True),
    ("(6, 4)", "MultiHeadAttention(5, 1)", False),
    ("(5, 4)", "MultiHeadAttention(5, 2)", False),
    ("(5, 4)", "MultiHeadAttention(5, 1, use_bias=false)", False),
    ("(1, 4)", "MultiHeadAttention(1, 1)", False),
    ("(4, 8)", "GroupQueryAttention(1, 4, 2)", True),
    ("(4, 8)", "GroupQueryAttention(2, 4, 2)", False),
    ("(3, 2)", "EinsumDense('ab...,bc->ac...', 2, bias_axes='c')", True),
    ("(3, 4)", "EinsumDense('ab...,bc->ac...', 2, bias_axes='c')", False),
    ("(3, 2)", "EinsumDense('abc,cd->abd', (3, 2), bias_axes='d')", False),
]


@pytest.mark.parametrize(("shape", "layers", "refused"), REFUSED)
def test_a_bias_that_keras_adds_along_another_axis(shape: str, layers: str, refused: bool) -> None:
    source = f"network Net {{ input: {shape} layers: {layers} }}"
    if not refused:
        assert neural.generate(source, backend="tensorflow")
        return
    with pytest.raises(neural.NeuralError, match="N601: Keras would add its bias along another axis"):
        neural.generate(source, backend="tensorflow")


SPELT_OUT = [
    ("(10, 8)", '"...x,xy->...y", (4,)'),
    ("(7, 8, 3)", '"abcx,xy->abcy", (7, 8, 4)'),
    ("(None, None, 8, 3)", '"abcx,xy->abcy", (None, 8, 4)'),
]


@pytest.mark.parametrize(("shape", "arguments"), SPELT_OUT)
def test_dots_for_several_axes_are_spelt_out(shape: str, arguments: str) -> None:
    code = neural.generate(f"network Net {{ input: {shape} layers: EinsumDense('...x,xy->...y', 4) }}", "tensorflow")
    assert f"layers.EinsumDense({arguments}, name=" in code
