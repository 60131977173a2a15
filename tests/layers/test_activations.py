"""Activation functions and the layers that apply one, against Keras."""

import warnings

import numpy as np
import pytest

from neural.layers.activations import ACTIVATIONS
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.oracle import keras, keras_run
from tests.layers.rows import Row, row

SHAPES: list[tuple[int | None, ...]] = [(8,), (1,), (None,), (10, 64), (4, None, 3), (2, 3, 4, 5)]

AGREE = [
    *(row("Activation", (6, 5), activation=name) for name in ACTIVATIONS.values),
    *(row(name, shape) for name in ("ReLU", "LeakyReLU", "ELU", "Softmax") for shape in SHAPES),
    *(row(name, shape) for name in ("GELU", "SiLU", "Sigmoid", "Tanh") for shape in (*SHAPES, ())),
    row("ReLU", (8,), max_value=6),
    row("ReLU", (8,), max_value=None, negative_slope=0.1),
    row("ReLU", (8,), max_value=0.5, negative_slope=0, threshold=0.25),
    row("ReLU", (8,), threshold=3),
    row("LeakyReLU", (8,), negative_slope=0),
    row("LeakyReLU", (8,), negative_slope=0.01),
    row("LeakyReLU", (8,), negative_slope=2.5),
    row("ELU", (8,), alpha=0.5),
    row("ELU", (8,), alpha=2),
    row("PReLU", (8,)),
    row("PReLU", (1,)),
    row("PReLU", (28, 27, 3)),
    row("PReLU", (28, 27, 3), shared_axes=None),
    row("PReLU", (28, 27, 3), shared_axes=(1, 2)),
    row("PReLU", (28, 27, 3), shared_axes=[2]),
    row("PReLU", (28, 27, 3), shared_axes=3),
    row("PReLU", (28, 27, 3), shared_axes=(3, 1, 2)),
    row("PReLU", (None, None, 3), shared_axes=(1, 2)),
    row("PReLU", (None, 5), shared_axes=(1,)),
    row("Softmax", (4, 5, 6), axis=1),
    row("Softmax", (4, 5, 6), axis=3),
    row("Softmax", (4, 5, 6), axis=-3),
    row("Softmax", (None, 5), axis=1),
    *(row("GLU", shape) for shape in ((8,), (10, 64), (4, None, 2), (2, 3, 4, 6), (2,))),
    row("GLU", (4, 5, 6), axis=1),
    row("GLU", (4, 5, 6), axis=-1),
    row("GLU", (4, 6, 5), axis=-2),
    row("GLU", (2, 3, 4, 5), axis=3),
    row("GLU", (None, 6), axis=2),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters"),
    [
        (row("ReLU", (28, 28, 3)), (28, 28, 3), 0),
        (row("PReLU", (28, 28, 3)), (28, 28, 3), 2352),
        (row("PReLU", (28, 28, 3), shared_axes=(1, 2)), (28, 28, 3), 3),
        (row("Softmax", (10,)), (10,), 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int) -> None:
    gives(each, output, parameters, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Activation", (8,), activation="rel"), 'got "rel"'),
        (row("Activation", (8,), activation=3), "got 3"),
        (row("ReLU", (8,), max_value=-1), "expected a number of at least 0 or none, got -1"),
        (row("ReLU", (8,), negative_slope=-0.1), "got -0.1"),
        (row("ReLU", (8,), negative_slope=None), "got none"),
        (row("ReLU", (8,), threshold=-1), "got -1"),
        (row("LeakyReLU", (8,), negative_slope=-1), "got -1"),
        (row("LeakyReLU", (8,), negative_slope=None), "got none"),
        (row("ELU", (8,), alpha="a"), 'got "a"'),
        (row("PReLU", (8, 3), shared_axes=(4,)), "expected axes from 1 to 2 of (None, 8, 3), got (4,)"),
        (row("PReLU", (None, 3)), "axis 1 to be known"),
        (row("PReLU", (4, None), shared_axes=1), "axis 2 to be known"),
        (row("Softmax", (8, 3), axis=3), "axis=3 is not an axis of (None, 8, 3)"),
        (row("Softmax", (8, 3), axis=-4), "axis=-4 is not an axis"),
        (row("Softmax", (8, 3), axis=1.5), "got 1.5"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Softmax", (8, 3), axis=0), "expected an axis other than the batch"),
        (row("Softmax", (8, 3), axis=-3), "axis=-3 is not an axis"),
        (row("Softmax", (8, 3), axis=(1, 2)), "got (1, 2)"),
        # Keras reads -1 as the last axis but one.
        (row("PReLU", (8, 3), shared_axes=(-1,)), "at least 1 or none, got (-1,)"),
        # A vector has no axis to take shares along but the batch.
        (row("Softmax", ()), "those are none besides the batch"),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


def keeps_the_shape(name: str) -> bool:
    """Whether Keras applies a name by itself and the result has the shape of its input."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(keras.layers.Activation(name)(np.ones((2, 6, 4), "float32")).shape == (2, 6, 4))
        except (TypeError, ValueError):
            return False


def test_the_names_are_keras_s() -> None:
    """Every activation of Keras that works by its name and keeps its input's shape is known, but the sparse ones."""
    public = {name for name in vars(keras.activations) if not name.startswith("_") and name.islower()}
    keeping = {name for name in public - {"get", "serialize", "deserialize"} if keeps_the_shape(name)}
    assert set(ACTIVATIONS.values) <= keeping
    spellings = {*ACTIVATIONS.values, *dict(ACTIVATIONS.synonyms)}
    assert keeping - spellings == {"sparse_plus", "sparse_sigmoid", "sparsemax"}


def test_names_are_read_in_any_case_and_none_is_linear() -> None:
    assert row("Activation", (8,), activation="ReLU").layer == row("Activation", (8,), activation="relu").layer
    assert row("Activation", (8,), activation=None).layer == row("Activation", (8,), activation="linear").layer
    assert row("Activation", (8,), activation="swish").layer == row("Activation", (8,), activation="silu").layer


@pytest.mark.parametrize("shape", [(8,), (5, 6), (4, 5, 2)])
def test_glu_by_its_name_halves_the_last_axis_as_keras_does_when_it_runs(shape: tuple[int, ...]) -> None:
    each = row("Activation", shape, activation="glu")
    assert each.layer.output_shape(each.shapes) == keras_run(each) == (*shape[:-1], shape[-1] // 2)


@pytest.mark.parametrize("each", [row("GLU", (5,)), row("GLU", (4, 3, 2), axis=2)], ids=str)
def test_an_axis_of_odd_size_has_no_halves(each: Row) -> None:
    both_refuse(each, "/ 2 is no whole number")


def test_a_gated_unit_is_no_activation_of_another_layer() -> None:
    error = refusal(row("Dense", (8,), units=4, activation="glu"))
    assert error.help == "a gated unit halves the last axis: put GLU() after the layer"
    assert error.repairs == ()
