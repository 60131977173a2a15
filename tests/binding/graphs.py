"""What a program was bound to."""

from __future__ import annotations

from neural.compiler import default_compiler
from neural.network import Network, Node
from neural.shape_propagation.plan import Plan


def plan(source: str) -> Plan:
    """Return the plan of a program that has no error."""
    analysis = default_compiler().plan(source)
    assert [each for each in analysis.diagnostics if each.severity == "error"] == []
    assert analysis.plan is not None
    return analysis.plan


def network(source: str) -> Network:
    """Return the network of a program that has no error."""
    return plan(source).network


def edges(source: str) -> list[str]:
    """Return a line for each layer: its key, and the keys of what it reads."""
    return [f"{node.key} <- {', '.join(node.inputs)}" for node in network(source).nodes]


def groups(source: str) -> list[str]:
    """Return a line for each layer: the path of its groups, and its key."""
    return ["/".join((*node.group, node.key)) for node in network(source).nodes]


def node(source: str, key: str) -> Node:
    """Return the layer of a key."""
    return next(each for each in network(source).nodes if each.key == key)


def widths(source: str) -> list[int | None]:
    """Return the last size of the result of every layer."""
    return [step.output_shape[-1] if step.output_shape else None for step in plan(source).steps]
