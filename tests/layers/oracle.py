"""Keras as the oracle: the layer of a row, built on its inputs, and what Keras makes of it."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural.layers import activations_named
from neural.layers.base import Layer, type_name
from neural.layers.catalogue import LAYERS
from neural.layers.recurrent import Loop
from neural.shapes import Shape
from tests.layers import keras_others
from tests.layers.rows import Row

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras
    from keras.src.applications import convnext

WeightFact = tuple[str, tuple[int, ...], bool]

#: Layers that Keras has as an activation's name only.
BY_ACTIVATION = {"GELU": "gelu", "SiLU": "silu", "Sigmoid": "sigmoid", "Tanh": "tanh"} | {
    layer.__name__: layer.function for layer in activations_named.LAYERS
}
#: Layers that Keras has under no name of ours: as a form of another, in a model's file, or as an operation.
NOT_IN_KERAS = {"InstanceNormalization", "LayerScale", "StochasticDepth", "Slice", "Split", "GLU"}
NOT_IN_KERAS |= set(keras_others.OTHERS)
#: Layers that Keras applies to a step, and here to a vector.
CELLS = {"SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"}
ATTENTION = {"MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention"}
#: Components of a weight's path that our name of it has too.
PARTS = {"query", "key", "value", "attention_output", "forward", "backward", "qkv", "proj"}


class LayerScale(convnext.LayerScale):  # type: ignore[misc]
    """That of Keras's ConvNeXt, of the size of its input."""

    def __init__(self, init_values: float = 1e-6) -> None:
        super().__init__(init_values, None)

    def build(self, shape: Any) -> None:
        self.projection_dim = shape[-1]
        super().build(shape)


def _slice(axis: int, start: int, size: int) -> Any:
    return keras.layers.Lambda(lambda x: keras.ops.take(x, range(start, start + size), axis=axis))


def _split(num_or_sizes: Any, axis: int = -1) -> Any:
    parts = (
        num_or_sizes
        if isinstance(num_or_sizes, int)
        else [sum(num_or_sizes[:end]) for end in range(1, len(num_or_sizes))]
    )
    return keras.layers.Lambda(lambda x: keras.ops.split(x, parts, axis=axis))


ELSEWHERE = {
    "InstanceNormalization": lambda **given: keras.layers.GroupNormalization(-1, **given),
    "LayerScale": LayerScale,
    "StochasticDepth": lambda rate: convnext.StochasticDepth(rate),
    "Slice": _slice,
    **keras_others.OTHERS,
    "GLU": lambda axis=-1: keras.layers.Lambda(lambda x: keras.ops.glu(x, axis=axis)),
    "Lambda": lambda function, shape=None: keras.layers.Lambda(eval(function, {"math": math}), output_shape=shape),
    "Split": _split,
}


@dataclass(frozen=True)
class Facts:
    """What is compared: the shapes of the results without the batch, and the weights in order."""

    output_shapes: tuple[Shape, ...]
    weights: tuple[WeightFact, ...]


def ours(layer: Layer, shapes: tuple[Shape, ...]) -> Facts:
    """Return the facts that our rules state."""
    outputs = layer.output_shapes(shapes)
    return Facts(outputs, tuple((w.name, w.shape, w.trainable) for w in layer.weights(shapes)))


def keras_facts(type_name: str, arguments: dict[str, Any], shapes: tuple[Shape, ...]) -> Facts:
    """Build and call the Keras layer on symbolic inputs and return its facts; it raises where Keras does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = build(type_name, arguments)
        outputs = results(call(layer, type_name, arguments, [keras.Input(shape) for shape in shapes]))
    weights = tuple((_name(w.path), tuple(w.shape), w.trainable) for w in layer.weights)
    return Facts(tuple(tuple(output.shape[1:]) for output in outputs), weights)


def results(returned: Any) -> list[Any]:
    """Return the results of a call, one or several, in order."""
    return keras.tree.flatten(returned)  # type: ignore[no-any-return]


def keras_run(row: Row, batch: int = 2) -> Shape:
    """Run the Keras layer of a row on zeros and return the shape of the result; it raises where Keras does."""
    arrays = [np.zeros((batch, *(3 if dim is None else dim for dim in shape)), "float32") for shape in row.shapes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = results(call(build(row.type, row.arguments), row.type, row.arguments, arrays))[0]
    return tuple(result.shape[1:])


def keras_refuses(row: Row) -> bool:
    """Whether Keras raises when the layer is made, built, called on symbols, or run."""
    try:
        keras_facts(row.type, row.arguments, row.shapes)
        keras_run(row)
    except Exception:
        return True
    return False


def build(type_name: str, arguments: dict[str, Any]) -> Any:
    """Return the Keras layer of a type of ours and its arguments, given as a program or as our layer holds them."""
    if type_name in ("RNN", "StackedRNNCells"):
        return _loop(type_name, arguments)
    given = {name: _value(value) for name, value in arguments.items()}
    if type_name in BY_ACTIVATION:
        return keras.layers.Activation(BY_ACTIVATION[type_name])
    if type_name in ELSEWHERE:
        return ELSEWHERE[type_name](**given)
    for name in ("use_causal_mask", "tied"):
        given.pop(name, None)
    if type_name in CELLS:
        return keras.layers.RNN(getattr(keras.layers, type_name)(**given))
    if type_name in ("MultiHeadAttention", "EinsumDense"):
        given["output_shape"] = given.pop("output_dim", None)
    if type_name in ("MultiHeadAttention", "GroupQueryAttention"):
        return keras_others.attention(type_name, given)
    if type_name in ("ZeroPadding1D", "Cropping1D"):
        given = {
            name: value[0] if isinstance(value, tuple) and len(value) == 1 else value for name, value in given.items()
        }
    return getattr(keras.layers, "Dense" if type_name == "Output" else type_name)(**given)


def call(layer: Any, type_name: str, arguments: dict[str, Any], inputs: list[Any]) -> Any:
    """Call the Keras layer as Keras wants its inputs: attention apart, merging layers a list of them."""
    if type_name in CELLS:
        return layer(keras.ops.expand_dims(inputs[0], 1))
    if type_name in ATTENTION:
        operands = inputs * 2 if len(inputs) == 1 else inputs
        causal = arguments.get("use_causal_mask", False)
        if type_name in ("Attention", "AdditiveAttention"):
            return layer(operands, use_causal_mask=causal)
        return layer(*operands, use_causal_mask=causal)
    if issubclass(LAYERS[type_name], Loop):
        states = inputs[1:] or None
        if states and type_name == "RNN":
            states = keras.tree.pack_sequence_as(layer.state_size, states)
        return layer(inputs[0], initial_state=states)
    return layer(inputs if LAYERS[type_name].arity[1] > 1 else inputs[0])


def _loop(type_name: str, arguments: dict[str, Any]) -> Any:
    """Return a loop over the cells of a row: one, a list of them, or a list in a layer of its own."""
    given = dict(arguments)
    cells = given.pop("cell" if type_name == "RNN" else "cells")
    cells = getattr(cells, "cells", cells)
    made = [_cell(cell) for cell in (cells if isinstance(cells, list | tuple) else (cells,))]
    return keras.layers.RNN(made if len(made) > 1 else made[0], **given)


def _cell(cell: Layer) -> Any:
    return getattr(keras.layers, type_name(cell))(**dict(cell.given()))


def _value(value: Any) -> Any:
    return build(type_name(value), dict(value.given())) if isinstance(value, Layer) else value


def _name(path: str) -> str:
    """Return a weight's name as we write it: without the names of its layers, but with its part or direction."""
    *parents, name = path.split("/")
    parts = [part.split("_")[0] if part.startswith(("forward_", "backward_")) else part for part in parents]
    if name.startswith("variable"):  # that of ConvNeXt's LayerScale has no name of its own
        name = "gamma"
    return "/".join([*(part for part in parts if part in PARTS), name])
