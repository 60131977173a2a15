"""Random networks of a few layers, and what Keras makes of them layer by layer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neural.diagnostics import LineIndex
from neural.errors import RuleError
from neural.layers.base import Layer, type_name
from neural.layers.core import Input
from neural.network import Network, Node, Place
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape, product
from tests.code_generation.keras_layers import BATCH, double, random_weight
from tests.layers.oracle import build, call
from tests.layers.rows import make

Array = Any
_HERE = Place(statement=(0, 0), type=(0, 0))
_INPUTS: tuple[Shape, ...] = ((6,), (8, 3), (7, 8, 3), (2, 6, 5, 3))
_LARGEST = 4000

#: Layers on any shape, then by the number of axes of a sample.
_ANY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Dense", {"units": 4, "activation": "tanh"}),
    ("BatchNormalization", {}),
    ("BatchNormalization", {"axis": 1}),
    ("LayerNormalization", {}),
    ("LayerNormalization", {"axis": 1}),
    ("ReLU", {}),
    ("Activation", {"activation": "softmax"}),
    ("Softmax", {"axis": 1}),
    ("Dropout", {"rate": 0.5}),
    ("PReLU", {}),
    ("Flatten", {}),
    ("Reshape", {"target_shape": (-1, 2)}),
    ("Reshape", {"target_shape": (2, -1, 1)}),
)
_SEQUENCE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Conv1D", {"filters": 5, "kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("Conv1D", {"filters": 4, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}),
    ("SeparableConv1D", {"filters": 4, "kernel_size": 4, "padding": "same", "strides": 2}),
    ("MaxPooling1D", {"padding": "same"}),
    ("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}),
    ("GlobalMaxPooling1D", {"keepdims": True}),
    ("GlobalAveragePooling1D", {}),
    ("SpatialDropout1D", {"rate": 0.1}),
    ("ZeroPadding1D", {"padding": (2, 1)}),
    ("Cropping1D", {}),
    ("UpSampling1D", {}),
    ("Permute", {"dims": (2, 1)}),
    ("LSTM", {"units": 4, "return_sequences": True}),
    ("GRU", {"units": 3, "go_backwards": True}),
    ("Bidirectional", {"layer": make("GRU", {"units": 3, "return_sequences": True}), "merge_mode": "sum"}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "use_causal_mask": True}),
    ("TimeDistributed", {"layer": make("Dense", {"units": 3})}),
    ("PReLU", {"shared_axes": (1,)}),
)
_MAP: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("Conv2D", {"filters": 3, "kernel_size": (2, 3), "padding": "same", "strides": 2}),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same", "strides": 2}),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 2}),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}),
    ("AveragePooling2D", {"pool_size": 2, "padding": "same"}),
    ("GlobalAveragePooling2D", {"keepdims": True}),
    ("GlobalMaxPooling2D", {}),
    ("UpSampling2D", {"size": (1, 2)}),
    ("ZeroPadding2D", {"padding": ((1, 0), (0, 2))}),
    ("Cropping2D", {"cropping": ((0, 1), (1, 0))}),
    ("Permute", {"dims": (3, 1, 2)}),
    ("LayerNormalization", {"axis": (1, 3)}),
    ("PReLU", {"shared_axes": (1, 2)}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4}),
    ("TimeDistributed", {"layer": make("Conv1D", {"filters": 3, "kernel_size": 2, "padding": "same"})}),
    ("TimeDistributed", {"layer": make("Flatten", {})}),
    ("TimeDistributed", {"layer": make("LSTM", {"units": 3})}),
)
_VOLUME: tuple[tuple[str, dict[str, Any]], ...] = (
    ("TimeDistributed", {"layer": make("Conv2D", {"filters": 3, "kernel_size": 3, "padding": "same"})}),
    ("TimeDistributed", {"layer": make("BatchNormalization", {})}),
    ("TimeDistributed", {"layer": make("GlobalAveragePooling2D", {})}),
    ("Permute", {"dims": (2, 4, 1, 3)}),
)
_BY_RANK = {1: (("RepeatVector", {"n": 3}),), 2: _SEQUENCE, 3: _MAP, 4: _VOLUME}
_MERGES = ("Add", "Multiply", "Average", "Maximum", "Subtract", "Concatenate")


class Built(NamedTuple):
    """A plan, random inputs, weights by key, and the results of Keras."""

    plan: Plan
    inputs: list[Array]
    weights: dict[str, list[Array]]
    results: list[Array]


def random_network(seed: int) -> Built:
    """Return a random network and Keras's results on random input."""
    random = np.random.default_rng(seed)
    plan = random_plan(random)
    with double():
        return _run(plan, random)


def random_plan(random: np.random.Generator) -> Plan:
    """Return the plan of a random network."""
    shapes = [_INPUTS[index] for index in random.integers(0, len(_INPUTS), int(random.integers(1, 3)))]
    inputs = tuple(Node(f"in_{i}", Input(shape), (), _HERE, "Input") for i, shape in enumerate(shapes))
    tensors: dict[str, Shape] = {node.key: shape for node, shape in zip(inputs, shapes, strict=True)}
    nodes: list[Node] = []
    wanted = int(random.integers(3, 12))
    while len(nodes) < wanted:
        node = _node(f"n_{len(nodes)}", tensors, random)
        if node is not None:
            nodes.append(node)
    used = {key for node in nodes for key in node.inputs}
    outputs = tuple(node.key for node in nodes if node.key not in used)
    plan, _ = ShapePropagator().plan(Network("Net", inputs, tuple(nodes), outputs), LineIndex(""))
    return plan


def _node(key: str, tensors: dict[str, Shape], random: np.random.Generator) -> Node | None:
    """Return a random layer on recent tensors, or None when the one drawn does not fit."""
    keys = list(tensors)
    source = keys[-1] if random.random() < 0.7 else keys[random.integers(len(keys))]
    sources: tuple[str, ...] = (source,)
    if random.random() < 0.3:
        name, arguments = _MERGES[random.integers(len(_MERGES))], {}
        sources = (source, keys[random.integers(len(keys))])
    else:
        known = (*_ANY, *_BY_RANK[len(tensors[source])])
        name, arguments = known[random.integers(len(known))]
    layer = make(name, arguments)
    try:
        shape = layer.output_shape(tuple(tensors[each] for each in sources))
        layer.weights(tuple(tensors[each] for each in sources))
    except RuleError:
        return None
    if not 1 <= len(shape) <= 4 or (product(shape) or 0) > _LARGEST:
        return None
    tensors[key] = shape
    return Node(key, layer, sources, _HERE, type_name(layer))


def _run(plan: Plan, random: np.random.Generator) -> Built:
    inputs = [random.normal(size=(BATCH, *(step.output_shape or ()))) for step in plan.inputs]
    tensors = dict(zip((step.key for step in plan.inputs), inputs, strict=True))
    weights: dict[str, list[Array]] = {}
    for step in plan.steps:
        arrays = [tensors[key] for key in step.node.inputs]
        weights[step.key], tensors[step.key] = _applied(step.layer, arrays, random)
    return Built(plan, inputs, weights, [tensors[key] for key in plan.network.outputs])


def _applied(layer: Layer, arrays: list[Array], random: np.random.Generator) -> tuple[list[Array], Array]:
    name, arguments = type_name(layer), dict(layer.given())
    twin = build(name, arguments)
    call(twin, name, arguments, arrays)
    weights = [random_weight(weight, random) for weight in twin.weights]
    twin.set_weights(weights)
    return weights, np.asarray(call(twin, name, arguments, arrays))
