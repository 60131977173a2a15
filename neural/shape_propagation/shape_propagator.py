"""Network to Plan: the shape, weights and costs of every node, with three caches so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from neural.caches import MEGABYTE, Cache
from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, Saved, elements
from neural.layers.catalogue import find
from neural.layers.core import Input
from neural.layers.results import read_by
from neural.network import Network, Node, Place
from neural.repairs import edits_of
from neural.shape_propagation.plan import Facts, Plan, Step
from neural.shapes import Shape, product

Costs = tuple[int | None, int | None, Saved | None]
"""FLOPs, other operations and what the backward pass keeps; None where a size is unknown."""


class ShapePropagator:
    """Works out shapes and costs. One object serves a whole process and any number of threads.

    ``_param_cache`` keeps typed layers by their dictionary form, ``_cost_cache`` costs and ``_layer_cache`` all facts
    by layer and input shapes.
    """

    def __init__(self, debug: bool = False, budget: int = 8 * MEGABYTE) -> None:
        self.debug = debug
        self._param_cache: Cache[Hashable, Layer] = Cache("parameters", MEGABYTE, lambda *_: 1_024)
        # Costs are counted with the facts that they are a part of.
        self._cost_cache: Cache[tuple[Layer, Inputs], Costs] = Cache("costs", budget // 5, lambda *_: 0)
        self._layer_cache: Cache[tuple[Layer, Inputs], Facts] = Cache("layers", budget, lambda *_: 1_024)

    # --- a network ---

    def plan(self, network: Network, lines: LineIndex) -> tuple[Plan, tuple[Diagnostic, ...]]:
        """Return the plan of a network, and a diagnostic for each layer whose inputs do not fit."""
        found: list[Diagnostic] = []
        indices = _only_indices(network)
        inputs = tuple(self._input_step(node, node.key in indices) for node in network.inputs)
        made = {step.key: _results(step) for step in inputs}
        steps: list[Step] = []
        seen: set[tuple[int, int]] = set()
        owners: dict[str, Step] = {}
        for node in network.nodes:
            step = self._step(node, made, lines, found, seen)
            if node.shared is not None and step.facts is not None:
                step = self._shared(step, owners.setdefault(node.shared, step), lines, found)
            made[node.key] = _results(step)
            steps.append(step)
        return Plan(network, inputs, tuple(steps)), tuple(found)

    def _input_step(self, node: Node, indices: bool) -> Step:
        layer = node.layer
        assert isinstance(layer, Input)
        return Step(node, (), self.facts(layer, ()), layer.dtype or ("int32" if indices else None), "ok")

    def _step(
        self,
        node: Node,
        made: Mapping[str, tuple[Shape, ...]],
        lines: LineIndex,
        found: list[Diagnostic],
        seen: set[tuple[int, int]],
    ) -> Step:
        results = [made[key] for key in node.inputs]
        inputs = tuple(shapes[0] if shapes else None for shapes in results)
        if node.layer is None or None in inputs:
            return Step(node, inputs, None, None, "error" if node.broken else "unknown")
        known = read_by(node.layer, results)
        try:
            facts = self.facts(node.layer, known)
        except RuleError as error:
            if node.place.type not in seen:
                seen.add(node.place.type)
                found.append(shape_diagnostic(error, node.place, lines))
            return Step(node, inputs, None, None, "error")
        advice = node.layer.advice(known)
        if advice is not None and node.place.type not in seen:
            seen.add(node.place.type)
            span = lines.span(*node.place.type)
            fixes = edits_of(advice.repairs, node.place, lines)
            found.append(Diagnostic("N702", "hint", advice.message, span, advice.help, fixes=fixes))
        return Step(node, inputs, facts, None, "ok")

    def _shared(self, step: Step, owner: Step, lines: LineIndex, found: list[Diagnostic]) -> Step:
        """Return a step that uses the weights of another, which must be of its type and sizes."""
        if step is owner:
            return step
        assert step.facts is not None
        assert owner.facts is not None
        if step.node.layer == owner.node.layer and step.facts.weights == owner.facts.weights:
            return replace(step, owns_weights=False)
        name, line = step.node.shared, lines.position(owner.node.place.type[0])[0]
        message = f'the weights "{name}" belong to the {owner.node.type} on line {line}, which is another layer'
        help = "statements that share weights have the same type, arguments and input sizes"
        place = step.node.place
        at = lines.span(*place.arguments.get("shared", place.type))
        found.append(Diagnostic("N401", "error", message, at, help))
        return replace(step, facts=None, status="error")

    # --- one layer ---

    def facts(self, layer: Layer, inputs: Inputs) -> Facts:
        """Return all that follows from a layer and its input shapes; raise ``RuleError`` when they do not fit."""
        return self._layer_cache.get((layer, inputs), lambda: self._facts(layer, inputs))

    def _facts(self, layer: Layer, inputs: Inputs) -> Facts:
        outputs = layer.output_shapes(inputs)
        weights = layer.weights(inputs)
        flops, other_ops, saved = self.costs(layer, inputs)
        total = sum(weight.size for weight in weights)
        trainable = sum(weight.size for weight in weights if weight.trainable)
        return Facts(outputs, weights, total, trainable, flops, other_ops, saved)

    def costs(self, layer: Layer, inputs: Inputs) -> Costs:
        """Return the costs of one sample: (FLOPs, other operations, what the backward pass keeps)."""
        return self._cost_cache.get((layer, inputs), lambda: _costs(layer, inputs))

    # --- the earlier dictionary form ---

    def propagate(
        self, input_shape: tuple[int | None, ...], layer: Mapping[str, Any] | Layer, framework: str = "tensorflow"
    ) -> tuple[int | None, ...]:
        """Return the output shape of a layer, both shapes with the batch first.

        ``layer`` is a typed layer or a dictionary ``{"type": "Conv2D", "params": {"filters": 32, …}}``. For "pytorch"
        maps and volumes are channels first, as PyTorch lays them out. Raises ``ValueError`` when the layer is unknown,
        an argument is wrong or the shape does not fit.
        """
        typed = layer if isinstance(layer, Layer) else self.standardized(layer, framework)
        sample = _channels_last(input_shape[1:]) if framework == "pytorch" else input_shape[1:]
        output = self.facts(typed, (sample,)).output_shape
        result = _channels_first(output) if framework == "pytorch" else output
        return (input_shape[0], *result)

    def standardized(self, layer: Mapping[str, Any], framework: str = "tensorflow") -> Layer:
        """Return the typed layer of a dictionary; every framework's argument names are read."""
        params = layer.get("params") or {}
        key = (layer["type"], framework, _hashable(params))
        return self._param_cache.get(key, lambda: _typed(layer["type"], params))

    def clear(self) -> None:
        """Empty the three caches."""
        for cache in (self._param_cache, self._cost_cache, self._layer_cache):
            cache.clear()


def _results(step: Step) -> tuple[Shape, ...]:
    """Return the shapes of what a step makes, none where they are unknown."""
    return step.facts.output_shapes if step.facts else ()


def _only_indices(network: Network) -> frozenset[str]:
    """Return the keys of the tensors that are read, and only by layers that read whole numbers."""
    read: set[str] = set()
    other: set[str] = set()
    for node in network.nodes:
        read.update(node.inputs)
        if node.layer is None or not node.layer.integer_input:
            other.update(node.inputs)
    return frozenset(read - other)


def shape_diagnostic(error: RuleError, place: Place, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a layer that its inputs do not fit."""
    repairs = tuple(replace(each, argument=each.argument or error.argument) for each in error.repairs)
    fixes = edits_of(repairs, place, lines)
    return Diagnostic("N401", "error", error.message, lines.span(*place.type), error.help, fixes=fixes)


def _costs(layer: Layer, inputs: Inputs) -> Costs:
    output = layer.output_shape(inputs)
    if any(product(shape) is None for shape in (*inputs, output)):
        return None, None, None
    return layer.flops(inputs, output), layer.ops_per_output * elements(output), layer.saved(inputs, output)


def _typed(name: str, params: Mapping[str, Any]) -> Layer:
    cls = find(name)
    if cls is None:
        raise RuleError(f"there is no layer {name!r}")
    arguments = cls.arguments()
    spellings = {alias: key for key, argument in arguments.items() for alias in argument.aliases}
    values: dict[str, Any] = {}
    for written, value in params.items():
        key = spellings.get(written, written)
        if key not in arguments:
            raise RuleError(f"{cls.__name__} has no argument {written!r}", argument=written)
        values[key] = arguments[key].kind.read(value)
    missing = [key for key, argument in arguments.items() if argument.required and key not in values]
    if missing:
        raise RuleError(f"{cls.__name__} needs {' and '.join(missing)}", argument=missing[0])
    return cls(**values)


def _hashable(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple((key, _hashable(each)) for key, each in sorted(value.items()))
    if isinstance(value, list | tuple):
        return (type(value).__name__, *(_hashable(each) for each in value))
    return (type(value).__name__, value)


def _channels_last(shape: Shape) -> Shape:
    return (*shape[1:], shape[0]) if len(shape) in (3, 4) else shape


def _channels_first(shape: Shape) -> Shape:
    return (shape[-1], *shape[:-1]) if len(shape) in (3, 4) else shape
