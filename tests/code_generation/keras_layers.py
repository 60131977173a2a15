"""The Keras layer of a row in float64, with random weights, and its result on random input."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from neural.layers.base import Layer
from tests.layers.oracle import build, call, keras
from tests.layers.rows import Row

Array = Any
BATCH = 3
#: What an unknown size is taken as: the first that Keras accepts.
SIZES = (7, 3, 2, 5, 12, 4, 1)
#: What TensorFlow runs in float32 at most.
SINGLE_ONLY = {"MaxPooling3D", "AveragePooling3D"}


class Run(NamedTuple):
    """Inputs, weights in Keras's order, and what Keras makes of them."""

    inputs: list[Array]
    weights: list[Array]
    result: Array


@contextmanager
def double() -> Iterator[None]:
    """Let Keras compute in float64."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(before)


def keras_run(row: Row) -> Run:
    """Run the row's Keras layer with random weights on random input, for inference."""
    for size in SIZES:
        random = np.random.default_rng(zlib.crc32(str(row).encode()))
        inputs = [_input(tuple(dim or size for dim in shape), row.layer, random) for shape in row.shapes]
        single = row.type in SINGLE_ONLY
        inputs = [each.astype("float32") for each in inputs] if single else inputs
        try:
            with nullcontext() if single else double():
                layer = build(row.type, row.arguments)
                call(layer, row.type, row.arguments, inputs)
                weights = [random_weight(weight, random) for weight in layer.weights]
                layer.set_weights(weights)
                result = np.asarray(call(layer, row.type, row.arguments, inputs))
            if single:
                return Run([each.astype("float64") for each in inputs], weights, result.astype("float64"))
            return Run(inputs, weights, result)
        except ValueError:
            if size == SIZES[-1]:
                raise
    raise AssertionError("there is a last size")


def _input(shape: tuple[int, ...], layer: Layer, random: np.random.Generator) -> Array:
    if layer.integer_input:
        inner: Any = getattr(layer, "layer", layer)
        return random.integers(0, inner.input_dim, (BATCH, *shape)).astype("int32")
    return random.normal(size=(BATCH, *shape))


def random_weight(weight: Any, random: np.random.Generator) -> Array:
    """Return a value for a weight: a variance is positive."""
    value = random.normal(size=tuple(weight.shape)) * 0.5
    return np.abs(value) + 0.1 if "variance" in weight.path else value
