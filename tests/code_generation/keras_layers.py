"""The Keras layer of a row in float64, with random weights, and its result on random input."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from neural.layers.base import Layer
from neural.layers.graphs import GraphLayer
from tests.layers.oracle import build, call, keras, results
from tests.layers.rows import Row

Array = Any
BATCH = 3
#: What an unknown size is taken as: the first that Keras accepts.
SIZES = (7, 3, 2, 5, 12, 4, 1)
#: Windows over volumes, whose kernels in TensorFlow know float32 alone and, on some processors, err or crash: Keras's
#: layer for maps and then the one for sequences give the same, axis by axis.
BY_AXES = {"MaxPooling3D", "AveragePooling3D", "AdaptiveMaxPooling3D", "AdaptiveAveragePooling3D"}


class Run(NamedTuple):
    """Inputs, weights in Keras's order, and what Keras makes of them."""

    inputs: list[Array]
    weights: list[Array]
    results: list[Array]


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
        try:
            with double():
                if row.type in BY_AXES:
                    return Run(inputs, [], [_by_axes(row, inputs[0])])
                layer = build(row.type, row.arguments)
                call(layer, row.type, row.arguments, inputs)
                weights = [random_weight(weight, random) for weight in layer.weights]
                layer.set_weights(weights)
                finish(layer)
                made = [np.asarray(each) for each in results(call(layer, row.type, row.arguments, inputs))]
            return Run(inputs, weights, made)
        except ValueError:
            if size == SIZES[-1]:
                raise
    raise AssertionError("there is a last size")


def finish(layer: Any) -> None:
    """Let a layer that computes from its weights in advance, as Normalization does, do that again."""
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()


def _by_axes(row: Row, x: Array) -> Array:
    """Pool height and width of every frame, then the depth of every place."""
    batch, depth, *_, channels = x.shape
    given = {name: value for name, value in row.layer.given() if value is not None}
    inner = {name: value if name == "padding" else value[1:] for name, value in given.items()}
    outer = {name: value if name == "padding" else value[:1] for name, value in given.items()}
    frames = x.reshape(-1, *x.shape[2:])
    maps = np.asarray(build(row.type.replace("3D", "2D"), inner)(frames))
    maps = np.moveaxis(maps.reshape(batch, depth, *maps.shape[1:]), 1, 3)
    lines = np.asarray(build(row.type.replace("3D", "1D"), outer)(maps.reshape(-1, depth, channels)))
    return np.moveaxis(lines.reshape(*maps.shape[:3], -1, channels), 3, 1)


def _input(shape: tuple[int, ...], layer: Layer, random: np.random.Generator) -> Array:
    if layer.integer_input:
        inner: Any = getattr(layer, "layer", layer)
        return random.integers(0, inner.input_dim, (BATCH, *shape)).astype("int32")
    values = random.normal(size=(BATCH, *shape))
    return np.maximum(values, 0.0) if isinstance(layer, GraphLayer) else values


def random_weight(weight: Any, random: np.random.Generator) -> Array:
    """Return a value for a weight: a variance is positive."""
    value = random.normal(size=tuple(weight.shape)) * 0.5
    return np.abs(value) + 0.1 if "variance" in weight.path else value
