"""The labels of a statement whose layer has several results."""

from __future__ import annotations

from neural.binding.graph import Graph
from neural.binding.scope import BindError, Scope, Tensors
from neural.errors import Repair
from neural.layers.base import Layer
from neural.layers.catalogue import find
from neural.layers.recurrent import Loop
from neural.layers.results import Result
from neural.network import Node, Place
from neural.suggest import shown
from neural.syntax import LayerStatement


def add_results(graph: Graph, statement: LayerStatement, scope: Scope, current: Tensors, begin: int) -> None:
    """Add a node for each label behind the first, unless the body of a macro has named that result of its layer.

    The labels of a macro that ends in several tensors name those. ``begin`` is how many nodes there were before the
    statement. A label beyond the results is reported, and its tensor is unknown.
    """
    graph.touched += 1
    first = current[0]
    maker = graph.find(first) if len(graph.nodes) > begin else None
    layer, group, device = (maker.layer, maker.group, maker.device) if maker else (None, scope.group, scope.device)
    count = len(current) if len(current) > 1 or not layer else layer.results
    known = layer is not None or maker is None
    if known and len(statement.labels) > count:
        graph.report(_too_many(statement, layer, count, scope))
    for index, label in enumerate(statement.labels):
        if index >= len(current) and (first, index) not in graph.results:
            result = Result(index, layer.is_view()) if layer and index < count else None
            place = scope.call or Place(scope.at((0, statement.length)), scope.at(label.range))
            key = graph.unique_key(label.text)
            node = Node(key, result, (first,), place, "Result", group, device)
            graph.results[first, index] = graph.add(node)


def labelled(graph: Graph, current: Tensors, index: int) -> str:
    """Return the key of the tensor that a statement's label of this number names, the first being 0."""
    return current[index] if index < len(current) else graph.results.get((current[0], index), current[0])


def _too_many(statement: LayerStatement, layer: Layer | None, count: int, scope: Scope) -> BindError:
    labels = statement.labels
    surplus = ", ".join(f"`{shown(label.text)}`" for label in labels[count:])
    leave_out = f"leave out {surplus}" if len(labels) <= count + 4 else f"leave out all behind the first {count}"
    asks = layer is not None and layer.results < len(labels) <= _with_states(layer)
    makes = f"{shown(statement.type.text)} makes {count} result{'s' * (count > 1)}"
    error = BindError(
        "N311",
        f"{makes}, and here it is given {len(labels)} labels",
        scope.at((labels[count].range[0], labels[-1].range[1])),
        help="return_state=true makes its states results too" if asks else leave_out,
    )
    written = statement.arguments if layer and find(statement.type.text) is type(layer) else None
    can = layer is not None and "return_state" in layer.arguments() and scope.call is None
    if asks and can and written and all(each.name != "return_state" for each in written):
        error.repairs = (Repair("return the states", value=", return_state=true"),)
        end = scope.at(statement.arguments_range or (0, 0))[1] - 1
        error.repair_at = (end, end)
    return error


def _with_states(layer: Layer) -> int:
    """Return how many results a layer has that returns its states."""
    return layer.outputs + layer.state_count if isinstance(layer, Loop) else 0
