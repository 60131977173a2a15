"""Networks as graphs that can be compared: of Keras models and of plans.

Every layer gets a number by what it is: its kind, the arguments that Keras's layer and this project's share, its
output shape, its weights, and the numbers of what it reads, in order. Two layers have one number exactly when they are
alike and all that they are computed from is alike. A graph is counted as its layers' numbers, each with how often its
result is read: two graphs count the same when one is the other with its layers listed in another order.

Spelt in one way before they are compared:

- `Output` is a `Dense`; `ReLU()` without arguments is `Activation("relu")`;
- a pooling without strides has its window as strides; a convolution of 1x1 needs no padding, whichever is asked for;
- a number added or multiplied by an operator is a `Rescaling`, and so is the one in InceptionResNetV2's own layer;
- a `Dropout` that drops whole samples is `StochasticDepth`;
- models within a model stand as their layers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from inspect import signature
from typing import Any, NamedTuple

import keras
from keras.src.applications import convnext

from neural.layers.base import type_name
from neural.layers.catalogue import LAYERS
from neural.shape_propagation.plan import Plan

#: Layers that read their inputs in any order.
COMMUTATIVE = {"Add", "Multiply"}


class Step(NamedTuple):
    """A layer of a graph: its number, its name, and its kind, arguments, shape and weights for messages."""

    number: int
    name: str
    content: tuple[Any, ...]


class Numbers:
    """Gives a number to each thing, the same for all graphs that are compared."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def of(self, thing: Any) -> int:
        return self._known.setdefault(thing, len(self._known))


@dataclass
class Graph:
    """The steps of a network, each after those it reads, and how often each is read."""

    numbers: Numbers
    steps: list[Step] = field(default_factory=list)
    readers: Counter[int] = field(default_factory=Counter)

    def add(
        self, name: str, kind: str, given: Mapping[str, Any], shape: tuple[Any, ...], weights: Any, reads: list[int]
    ) -> int:
        """Add a layer that reads the steps at the places ``reads``; return its own place."""
        content = (*_kind(kind, given, len(shape)), tuple(shape), weights)
        before = [self.steps[place].number for place in reads]
        self.readers.update(reads)
        number = self.numbers.of((content, tuple(sorted(before) if kind in COMMUTATIVE else before)))
        self.steps.append(Step(number, name, content))
        return len(self.steps) - 1

    def counted(self) -> Counter[tuple[int, int]]:
        """Return how many steps there are of each number and number of readers."""
        return Counter((step.number, self.readers[place]) for place, step in enumerate(self.steps))

    def not_in(self, other: Graph) -> list[str]:
        """Return the first steps that the other graph lacks, in words: where the two begin to differ."""
        known = {step.number for step in other.steps}
        return [f"{step.name}: {step.content}" for step in self.steps if step.number not in known][:3]


def _kind(kind: str, given: Mapping[str, Any], rank: int) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """Return a layer's kind and its arguments in one spelling."""
    plain = {name: _plain(name, value, rank) for name, value in given.items()}
    if kind == "ReLU" and not any(plain.values()):
        kind, plain = "Activation", {"activation": "relu"}
    if plain.get("strides", ()) is None:
        plain["strides"] = plain["pool_size"]
    if set(plain.get("kernel_size", (0,))) == {1}:
        plain["padding"] = "valid"
    return "Dense" if kind == "Output" else kind, tuple(sorted(plain.items()))


def _plain(name: str, value: Any, rank: int) -> Any:
    if isinstance(value, list | tuple):
        items = tuple(_plain(name, item, rank) for item in value)
        return items[0] if name == "axis" and len(items) == 1 else items
    if isinstance(value, float):
        return float(f"{value:.12g}")
    return value + rank if name == "axis" and value < 0 else value


@cache
def _shared_names(kind: str) -> frozenset[str]:
    """Return the names of the arguments that a layer has here and in Keras."""
    if kind == "StochasticDepth":
        return frozenset({"rate"})
    theirs = getattr(keras.layers, "Dense" if kind == "Output" else kind, None) or getattr(convnext, kind)
    return frozenset(LAYERS[kind].arguments()) & frozenset(signature(theirs).parameters)


# --- plans ---


def graph_of_plan(plan: Plan, numbers: Numbers) -> Graph:
    """Return the graph of a plan without errors."""
    graph = Graph(numbers)
    places: dict[str, int] = {}
    for step in plan.inputs:
        places[step.key] = graph.add(step.key, "Input", {}, (None, *(step.output_shape or ())), (), [])
    for step in plan.steps:
        assert step.facts is not None, step.key
        kind = type_name(step.layer)
        given = {name: value for name, value in step.layer.given() if name in _shared_names(kind)}
        weights = sorted((weight.shape, weight.trainable) for weight in step.facts.weights)
        reads = [places[key] for key in step.node.inputs]
        shape = (None, *step.facts.output_shape)
        name = "/".join((*step.node.group, step.key))
        places[step.key] = graph.add(name, kind, given, shape, tuple(weights), reads)
    return graph


# --- Keras models ---


def graph_of_model(model: Any, numbers: Numbers) -> Graph:
    """Return the graph of a Keras model, the layers of models within it in their place."""
    graph = Graph(numbers)
    sources = [graph.add(each.name, "Input", {}, each.shape, (), []) for each in model.inputs]
    _walk(model, sources, graph)
    return graph


def _walk(model: Any, sources: list[int], graph: Graph) -> list[int]:
    model = model._functional if isinstance(model, keras.Sequential) else model
    places = {id(tensor): place for tensor, place in zip(model.inputs, sources, strict=True)}
    for _, nodes in sorted(model._nodes_by_depth.items(), reverse=True):
        for node in nodes:
            if not node.is_input:
                reads = [places[id(tensor)] for tensor in node.input_tensors]
                places[id(node.outputs[0])] = _add_operation(node, reads, graph)
    return [places[id(tensor)] for tensor in model.outputs]


def _add_operation(node: Any, reads: list[int], graph: Graph) -> int:
    """Add what a call of a Keras layer or operation computes: one layer of the catalogue, or a few."""
    operation, shape = node.operation, node.outputs[0].shape
    kind = type(operation).__name__
    if isinstance(operation, keras.Model):
        (place,) = _walk(operation, reads, graph)
        return place
    if kind == "CustomScaleLayer":  # of InceptionResNetV2: adds its second input, scaled, to its first
        scaled = graph.add(operation.name, "Rescaling", {"scale": operation.scale, "offset": 0.0}, shape, (), reads[1:])
        return graph.add(operation.name, "Add", {}, shape, (), [reads[0], scaled])
    if not isinstance(operation, keras.Layer):
        return graph.add(operation.name, *_arithmetic(node, kind), shape, (), reads)
    config = operation.get_config()
    if kind == "StochasticDepth" or config.get("noise_shape"):
        rate = config.get("rate", config.get("drop_path_rate"))
        return graph.add(operation.name, "StochasticDepth", {"rate": rate}, shape, (), reads)
    weights = sorted((tuple(weight.shape), weight.trainable) for weight in operation.weights)
    given = {name: config[name] for name in _shared_names(kind)}
    return graph.add(operation.name, kind, given, shape, tuple(weights), reads)


def _arithmetic(node: Any, kind: str) -> tuple[str, dict[str, Any]]:
    """Return what `+` and `*` stand for: a merging layer between tensors, a rescaling with a number."""
    numbers = [value for value in node.arguments.args if isinstance(value, int | float)]
    if not numbers:
        return kind, {}
    scale, offset = {"Add": (1.0, numbers[0]), "Multiply": (numbers[0], 0.0)}[kind]
    return "Rescaling", {"scale": scale, "offset": offset}
