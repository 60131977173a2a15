"""Planning again after an edit: the nodes that were made anew, and those whose inputs changed because of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer
from neural.layers.results import read_by
from neural.network import Network, Node
from neural.shape_propagation.plan import Facts, Plan, Step
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape


class Wiring:
    """Where each node of a network stands, and which nodes read it: the same for every plan with these keys."""

    def __init__(self, plan: Plan) -> None:
        nodes = plan.network.nodes
        self.positions = {node.key: number for number, node in enumerate(nodes)}
        self.unread = frozenset(step.key for step in plan.unread())
        self.readers: dict[str, list[int]] = {}
        for number, node in enumerate(nodes):
            for key in node.inputs:
                self.readers.setdefault(key, []).append(number)


class Replanning:
    """A plan in the making: that before an edit, in which nodes are replaced and what follows is worked out again."""

    def __init__(self, propagator: ShapePropagator, before: Plan, wiring: Wiring) -> None:
        self.nodes = list(before.network.nodes)
        self.steps = list(before.steps)
        self.changed: set[int] = set()
        """The numbers of the steps that are made anew."""
        self.reshaped: set[str] = set()
        """The keys of those that make other shapes than before."""
        self._propagator, self._before, self._wiring = propagator, before, wiring
        self._known: dict[tuple[int, tuple[Inputs, ...]], Facts | None] = {}
        """By the identity of a layer, which the nodes keep, and the results before it."""
        self._inputs = {step.key: step for step in before.inputs}

    def results(self, key: str) -> tuple[Shape, ...]:
        """Return the shapes of what an input or a layer makes, none where they are unknown."""
        number = self._wiring.positions.get(key)
        step = self._inputs[key] if number is None else self.steps[number]
        return step.facts.output_shapes if step.facts else ()

    def replace(self, first: int, nodes: Sequence[Node]) -> bool:
        """Put nodes in the place of others and follow what changes, up to where shapes settle.

        Returns False where all of the plan may change: where a layer is broken, shares weights or is tied, or has
        advice to give, before or after.
        """
        self.nodes[first : first + len(nodes)] = nodes
        pending = list(range(first, first + len(nodes)))
        seen: set[int] = set()
        while pending:
            number = heappop(pending)
            if number in seen:
                continue
            step = self._step(number)
            if step is None or step.facts is None:
                return False
            if step.facts.output_shapes != self.results(step.key):
                self.reshaped.add(step.key)
                for reader in self._wiring.readers.get(step.key, ()):
                    heappush(pending, reader)
            self.steps[number] = step
            seen.add(number)
        self.changed |= seen
        return True

    def plan(self, network: Network) -> Plan:
        """Return the plan of the network with these nodes."""
        return replace(self._before, network=network, steps=tuple(self.steps))

    def _step(self, number: int) -> Step | None:
        """Return the step of a node anew; None where it cannot be told apart from the rest of the plan."""
        node, old = self.nodes[number], self.steps[number]
        layer = node.layer
        if layer is None or not self._plain(node, old):
            return None
        made = tuple([self.results(key) for key in node.inputs])
        if () in made:
            return None
        known = self._known.get((id(layer), made))
        if known is None:
            known = self._known[id(layer), made] = self._facts(layer, made)
        return Step(node, tuple([shapes[0] for shapes in made]), known, None, "ok") if known else None

    def _facts(self, layer: Layer, made: tuple[Inputs, ...]) -> Facts | None:
        """Return what a layer makes of the results before it; None where it is to be reported on."""
        read = read_by(layer, made)
        try:
            return self._propagator.facts(layer, read) if layer.advice(read) is None else None
        except RuleError:
            return None

    def _plain(self, node: Node, old: Step) -> bool:
        if old.status != "ok" or node.inputs != old.node.inputs or node.shared or old.node.shared:
            return False
        if old.key in self._wiring.unread or old.tied_to is not None or getattr(node.layer, "tied", None):
            return False
        layer, before = node.layer, old.layer
        assert layer is not None
        if layer.integer_input != before.integer_input and any(key in self._inputs for key in node.inputs):
            return False  # whether an input holds indices is told from all that read it
        if type(before).advice is Layer.advice:
            return True
        return before.advice(tuple(shape or () for shape in old.input_shapes)) is None
