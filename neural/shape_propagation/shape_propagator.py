"""Network to Plan: the shape, weights and costs of every node, with three caches so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from neural.caches import MEGABYTE, Cache
from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import Repair, RuleError
from neural.layers.base import Advice, Inputs, Layer, Saved, elements
from neural.layers.catalogue import find
from neural.layers.core import Input
from neural.layers.results import read_by
from neural.network import Network, Node, Place, Range
from neural.repairs import edits_of
from neural.shape_propagation.plan import Facts, Plan, Step
from neural.shapes import Shape

Costs = tuple[int | None, int | None, Saved | None]
"""FLOPs, other operations and what the backward pass keeps; None where a size is unknown."""


class _Key:
    """A layer and its input shapes; their hash is worked out once."""

    __slots__ = ("_hash", "inputs", "layer")

    def __init__(self, layer: Layer, inputs: Inputs) -> None:
        self.layer = layer
        self.inputs = inputs
        self._hash = hash((layer, inputs))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.layer == other.layer and self.inputs == other.inputs


class _Work:
    """What is known and found while one network is planned. A place is reported once."""

    def __init__(self, network: Network, lines: LineIndex) -> None:
        self.lines = lines
        self.found: list[Diagnostic] = []
        self.known: dict[tuple[int, tuple[Inputs, ...]], tuple[tuple[Shape | None, ...], Facts, Advice | None]] = {}
        """By the identity of a layer, which the network keeps, and the results before it."""
        self._seen: set[Range] = set()
        self._network = network

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The layers by their keys, made where they are asked for."""
        return {each.key: each for each in self._network.nodes}

    def refuse(self, error: RuleError, node: Node, made: Mapping[str, tuple[Shape, ...]]) -> None:
        """Report a layer whose inputs do not fit."""
        from neural.shape_propagation.sequences import last_step_before, with_every_step

        place = node.place
        if place.type not in self._seen:
            self._seen.add(place.type)
            found = shape_diagnostic(error, place, self.lines)
            last_step = last_step_before(node, self.nodes, made)
            self.found.append(with_every_step(found, last_step, self.lines) if last_step else found)

    def advise(self, advice: Advice, place: Place) -> None:
        """Report a hint on a layer."""
        if place.type not in self._seen:
            self._seen.add(place.type)
            span, fixes = self.lines.span(*place.type), edits_of(advice.repairs, place, self.lines)
            self.found.append(Diagnostic("N702", "hint", advice.message, span, advice.help, fixes=fixes))


class ShapePropagator:
    """Works out shapes and costs. One object serves a whole process and any number of threads.

    ``_param_cache`` keeps typed layers by their dictionary form, ``_cost_cache`` costs and ``_layer_cache`` all facts
    by layer and input shapes.
    """

    def __init__(self, debug: bool = False, budget: int = 8 * MEGABYTE) -> None:
        self.debug = debug
        self._param_cache: Cache[Hashable, Layer] = Cache("parameters", MEGABYTE, lambda *_: 1_024)
        # Costs are counted with the facts that they are a part of.
        self._cost_cache: Cache[_Key, Costs] = Cache("costs", budget // 5, lambda *_: 0)
        self._layer_cache: Cache[_Key, Facts] = Cache("layers", budget, lambda *_: 1_024)

    # --- a network ---

    def plan(self, network: Network, lines: LineIndex) -> tuple[Plan, tuple[Diagnostic, ...]]:
        """Return the plan of a network, and a diagnostic for each layer whose inputs do not fit."""
        indices = _only_indices(network)
        inputs = tuple(self._input_step(node, node.key in indices) for node in network.inputs)
        made = {step.key: _results(step) for step in inputs}
        steps: list[Step] = []
        work = _Work(network, lines)
        owners: dict[str, Step] = {}
        for node in network.nodes:
            step = self._step(node, made, work)
            if node.shared is not None and step.facts is not None:
                step = self._shared(step, owners.setdefault(node.shared, step), work)
            made[node.key] = _results(step)
            steps.append(step)
        plan = Plan(network, inputs, tuple(steps))
        if all(step.status == "ok" for step in steps):
            for step in plan.unread():
                work.advise(_unread_advice(step.key), step.node.place)
        return plan, tuple(work.found)

    def _input_step(self, node: Node, indices: bool) -> Step:
        layer = node.layer
        assert isinstance(layer, Input)
        return Step(node, (), self.facts(layer, ()), layer.dtype or ("int32" if indices else None), "ok")

    def _step(self, node: Node, made: Mapping[str, tuple[Shape, ...]], work: _Work) -> Step:
        layer, results = node.layer, tuple([made[key] for key in node.inputs])
        known = work.known.get((id(layer), results))
        if known is None:
            inputs = tuple([shapes[0] if shapes else None for shapes in results])
            if layer is None or () in results:
                return Step(node, inputs, None, None, "error" if node.broken else "unknown")
            read = read_by(layer, results)
            try:
                known = inputs, self.facts(layer, read), layer.advice(read)
            except RuleError as error:
                work.refuse(error, node, made)
                return Step(node, inputs, None, None, "error")
            work.known[id(layer), results] = known
        inputs, facts, advice = known
        if advice is not None:
            work.advise(advice, node.place)
        return Step(node, inputs, facts, None, "ok")

    def _shared(self, step: Step, owner: Step, work: _Work) -> Step:
        """Return a step that uses the weights of another, which must be of its type and sizes."""
        if step is owner:
            return step
        assert step.facts is not None
        assert owner.facts is not None
        if step.node.layer == owner.node.layer and step.facts.weights == owner.facts.weights:
            return replace(step, owns_weights=False)
        lines = work.lines
        name, line = step.node.shared, lines.position(owner.node.place.type[0])[0]
        message = f'the weights "{name}" belong to the {owner.node.type} on line {line}, which is another layer'
        help = "statements that share weights have the same type, arguments and input sizes"
        place = step.node.place
        at = lines.span(*place.arguments.get("shared", place.type))
        work.found.append(Diagnostic("N401", "error", message, at, help))
        return replace(step, facts=None, status="error")

    # --- one layer ---

    def facts(self, layer: Layer, inputs: Inputs) -> Facts:
        """Return all that follows from a layer and its input shapes; raise ``RuleError`` when they do not fit."""
        key = _Key(layer, inputs)
        return self._layer_cache.get(key, lambda: self._facts(key))

    def _facts(self, key: _Key) -> Facts:
        layer, inputs = key.layer, key.inputs
        outputs = layer.output_shapes(inputs)
        weights = layer.weights(inputs)
        flops, other_ops, saved = self._cost_cache.get(key, lambda: _costs(layer, inputs, outputs[0]))
        total = trainable = 0
        for weight in weights:
            size = weight.size
            total += size
            if weight.trainable:
                trainable += size
        return Facts(outputs, weights, total, trainable, flops, other_ops, saved)

    def costs(self, layer: Layer, inputs: Inputs) -> Costs:
        """Return the costs of one sample: (FLOPs, other operations, what the backward pass keeps)."""
        return self._cost_cache.get(_Key(layer, inputs), lambda: _costs(layer, inputs, layer.output_shape(inputs)))

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
    whole: list[tuple[str, ...]] = []
    other: list[tuple[str, ...]] = []
    for node in network.nodes:
        (whole if node.layer is not None and node.layer.integer_input else other).append(node.inputs)
    return frozenset(chain.from_iterable(whole)).difference(*other) if whole else frozenset()


def _unread_advice(key: str) -> Advice:
    return Advice(
        f"no output depends on `{key}`: its costs are counted, and generated code leaves it out",
        "read it, for example with Concatenate()(...), name it in `output:`, or remove it",
        (Repair("remove it", action="remove"),),
    )


def shape_diagnostic(error: RuleError, place: Place, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a layer that its inputs do not fit."""
    repairs = tuple(replace(each, argument=each.argument or error.argument) for each in error.repairs)
    fixes = edits_of(repairs, place, lines)
    return Diagnostic("N401", "error", error.message, lines.span(*place.type), error.help, fixes=fixes)


def _costs(layer: Layer, inputs: Inputs, output: Shape) -> Costs:
    if None in output or any(None in shape for shape in inputs):
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
