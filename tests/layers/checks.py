"""The checks that the tables of the families run."""

from __future__ import annotations

import pytest

from neural.errors import RuleError
from neural.shapes import Shape, product
from tests.layers.oracle import keras_facts, keras_refuses, ours
from tests.layers.rows import Row
from tests.layers.torch_oracle import counted_flops


def agrees_with_keras(row: Row) -> None:
    """Compare shape, weights and trainable split with Keras, given the arguments as written and as we read them."""
    layer = row.layer
    expected = keras_facts(row.type, row.arguments, row.shapes)
    assert ours(layer, row.shapes) == expected
    assert keras_facts(row.type, dict(layer.given()), row.shapes) == expected


def costs_agree_with_torch(row: Row) -> None:
    """Compare the FLOPs with what PyTorch counts for the same function, where every size is known."""
    layer = row.layer
    output = layer.output_shape(row.shapes)
    if all(product(shape) is not None for shape in (*row.shapes, output)):
        assert layer.flops(row.shapes, output) == counted_flops(layer, row.shapes)
        assert layer.saved(row.shapes, output).elements >= 0


def refusal(row: Row) -> RuleError:
    """Return the error with which we refuse a row."""
    with pytest.raises(RuleError) as caught:
        row.layer.output_shape(row.shapes)
    return caught.value


def both_refuse(row: Row, says: str) -> None:
    """Check that Keras and we refuse, and that our message holds the words and our error a way out."""
    error = refusal(row)
    assert says in error.message
    assert keras_refuses(row)


def only_we_refuse(row: Row, says: str) -> None:
    """Check a deliberate departure: Keras takes what we refuse."""
    error = refusal(row)
    assert says in error.message
    assert not keras_refuses(row)


def gives(row: Row, output: Shape, parameters: int, flops: int) -> None:
    """Check the literal facts of a row."""
    layer = row.layer
    assert layer.output_shape(row.shapes) == output
    assert sum(weight.size for weight in layer.weights(row.shapes)) == parameters
    assert layer.flops(row.shapes, output) == flops
