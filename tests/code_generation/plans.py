"""Plans for tests: of one layer on given shapes, or of a program."""

from __future__ import annotations

from neural.code_generation.emitter import without_results
from neural.compiler import default_compiler
from neural.diagnostics import LineIndex
from neural.layers.base import Layer, type_name
from neural.layers.core import Input
from neural.layers.results import Result
from neural.network import Network, Node, Place
from neural.shape_propagation.plan import Plan, Step
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape

NO_LINES = LineIndex("")
_HERE = Place(statement=(0, 0), type=(0, 0))


def plan_of(layer: Layer, shapes: tuple[Shape, ...]) -> Plan:
    """Return the plan of a network of one layer, ``layer``, whose inputs are ``input_1``, ``input_2``, …

    All results of the layer are outputs, those behind the first as ``result_1``, ``result_2``, …
    """
    names = tuple(f"input_{number}" for number, _ in enumerate(shapes, 1))
    inputs = tuple(Node(name, Input(shape), (), _HERE, "Input") for name, shape in zip(names, shapes, strict=True))
    node = Node("layer", layer, names, _HERE, type_name(layer))
    further = tuple(
        Node(f"result_{index}", Result(index, layer.is_view()), ("layer",), _HERE, "Result")
        for index in range(1, layer.results)
    )
    outputs = ("layer", *(each.key for each in further))
    plan, diagnostics = ShapePropagator().plan(Network("Net", inputs, (node, *further), outputs), NO_LINES)
    assert not [each for each in diagnostics if each.severity == "error"], diagnostics
    return plan


def plan_of_program(source: str, **values: int) -> Plan:
    """Return the plan of a program without errors, with other values of its knobs where they are given."""
    analysis = default_compiler().plan(source, values=values)
    assert analysis.plan is not None, analysis.diagnostics
    assert analysis.ok, analysis.diagnostics
    return analysis.plan


def layers_of(plan: Plan) -> list[Step]:
    """Return the steps that have a layer in Keras: sharing one, or using an Embedding's matrix alone, has none."""
    own = [step for step in without_results(plan.live())[0] if step.owns_weights]
    return [step for step in own if step.tied_to is None or (step.facts and step.facts.weights)]
