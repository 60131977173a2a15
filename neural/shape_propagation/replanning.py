"""Planning again after an edit: the nodes that were made anew, and those whose inputs changed because of them."""

from __future__ import annotations

from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from neural.errors import RuleError
from neural.layers.results import read_by
from neural.network import Network, Node
from neural.shape_propagation.plan import Plan, Step
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape


class Wiring:
    """Where each node of a network stands, and which nodes read it: the same for every plan with these keys."""

    def __init__(self, network: Network) -> None:
        self.positions = {node.key: number for number, node in enumerate(network.nodes)}
        self.readers: dict[str, list[int]] = {}
        for number, node in enumerate(network.nodes):
            for key in node.inputs:
                self.readers.setdefault(key, []).append(number)


class Replanned(NamedTuple):
    """A plan, and the numbers of the steps in which it differs from the one before it."""

    plan: Plan
    changed: tuple[int, ...]


def replan(
    propagator: ShapePropagator, before: Plan, wiring: Wiring, network: Network, first: int, last: int
) -> Replanned | None:
    """Return the plan of a network whose nodes ``first`` to ``last`` are new, or None where all of it may change.

    It stops where shapes settle. None where a layer is broken, shares weights, or has advice to give, before or after.
    """
    again = _Again(propagator, before, wiring, network)
    pending = list(range(first, last))
    heapify(pending)
    while pending:
        number = heappop(pending)
        if number in again.changed:
            continue
        step = again.step(number)
        if step is None:
            return None
        if step.facts.output_shapes != again.steps[number].facts.output_shapes:  # type: ignore[union-attr]
            for reader in wiring.readers.get(step.key, ()):
                heappush(pending, reader)
        again.steps[number] = step
        again.changed.add(number)
    plan = replace(before, network=network, steps=tuple(again.steps))
    return Replanned(plan, tuple(sorted(again.changed)))


class _Again:
    """The steps as far as they are worked out again."""

    def __init__(self, propagator: ShapePropagator, before: Plan, wiring: Wiring, network: Network) -> None:
        self.propagator, self.wiring, self.network = propagator, wiring, network
        self.inputs = {step.key: step for step in before.inputs}
        self.steps = list(before.steps)
        self.changed: set[int] = set()

    def step(self, number: int) -> Step | None:
        """Return the step of a node anew; None where it cannot be told apart from the rest of the plan."""
        node, old = self.network.nodes[number], self.steps[number]
        layer = node.layer
        if layer is None or not self._plain(node, old):
            return None
        made = [self._results(key) for key in node.inputs]
        if () in made:
            return None
        known = read_by(layer, made)
        try:
            facts = self.propagator.facts(layer, known)
        except RuleError:
            return None
        if layer.advice(known) is not None:
            return None
        return Step(node, tuple(shapes[0] for shapes in made), facts, None, "ok")

    def _plain(self, node: Node, old: Step) -> bool:
        if old.status != "ok" or node.inputs != old.node.inputs or node.shared or old.node.shared:
            return False
        layer, before = node.layer, old.layer
        assert layer is not None
        if layer.integer_input != before.integer_input and any(key in self.inputs for key in node.inputs):
            return False  # whether an input holds indices is told from all that read it
        return before.advice(tuple(shape or () for shape in old.input_shapes)) is None

    def _results(self, key: str) -> tuple[Shape, ...]:
        number = self.wiring.positions.get(key)
        step = self.inputs[key] if number is None else self.steps[number]
        return step.facts.output_shapes if step.facts else ()
