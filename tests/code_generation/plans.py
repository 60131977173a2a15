"""Plans for tests: of one layer on given shapes, or of a program."""

from __future__ import annotations

from neural.compiler import default_compiler
from neural.diagnostics import LineIndex
from neural.layers.base import Layer, type_name
from neural.layers.core import Input
from neural.network import Network, Node, Place
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape

NO_LINES = LineIndex("")
_HERE = Place(statement=(0, 0), type=(0, 0))


def plan_of(layer: Layer, shapes: tuple[Shape, ...]) -> Plan:
    """Return the plan of a network of one layer, ``layer``, whose inputs are ``input_1``, ``input_2``, …"""
    names = tuple(f"input_{number}" for number, _ in enumerate(shapes, 1))
    inputs = tuple(Node(name, Input(shape), (), _HERE, "Input") for name, shape in zip(names, shapes, strict=True))
    node = Node("layer", layer, names, _HERE, type_name(layer))
    plan, diagnostics = ShapePropagator().plan(Network("Net", inputs, (node,), ("layer",)), NO_LINES)
    assert not [each for each in diagnostics if each.severity == "error"], diagnostics
    return plan


def plan_of_program(source: str) -> Plan:
    """Return the plan of a program without errors."""
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None, analysis.diagnostics
    assert analysis.ok, analysis.diagnostics
    return analysis.plan
