"""A layer that reads a sequence where a recurrent one before it gives its last step alone: `return_sequences` lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import Repair, RuleError
from neural.network import Node
from neural.repairs import edits_of
from neural.shapes import Shape

#: How many layers between the two are looked past.
_MOST = 8


def last_step_before(node: Node, nodes: Mapping[str, Node], made: Mapping[str, tuple[Shape, ...]]) -> Node | None:
    """Return the recurrent layer to blame for the shape that a layer refuses; None where every step would not fit.

    By key, ``nodes`` are the layers before this one and ``made`` the shapes of what each makes. Layers that change no
    shape may stand between the two.
    """
    if len(node.inputs) != 1 or node.layer is None:
        return None
    shape, before = made[node.inputs[0]], nodes.get(node.inputs[0])
    for _ in range(_MOST):
        if before is None or before.layer is None or len(before.inputs) != 1 or made[before.key] != shape:
            return None
        if _recurrent(before.layer) is not None:
            return before if _fits(node.layer, before.layer, made[before.inputs[0]]) else None
        before = nodes.get(before.inputs[0])
    return None


def _recurrent(layer: Any) -> Any:
    """Return the recurrent layer that gives its last step alone: this one, or the one in it."""
    inner = getattr(layer, "layer", layer)
    return inner if getattr(inner, "return_sequences", None) is False else None


def _fits(layer: Any, before: Any, inputs: tuple[Shape, ...]) -> bool:
    inner = replace(_recurrent(before), return_sequences=True)
    every_step = inner if inner.__class__ is before.__class__ else replace(before, layer=inner)
    try:
        layer.output_shapes((every_step.output_shapes(inputs)[0],))
    except RuleError:
        return False
    return True


def with_every_step(found: Diagnostic, before: Node, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic that says so, with the argument as its fix where the recurrent layer has it itself."""
    line = lines.position(before.place.type[0])[0]
    help = f"the {before.type} on line {line} gives its last step alone; return_sequences=true gives every step"
    repair = Repair(f"set return_sequences=true on line {line}", argument="return_sequences", value="true")
    itself = _recurrent(before.layer) is before.layer
    return replace(found, help=help, fixes=edits_of((repair,), before.place, lines) if itself else ())
