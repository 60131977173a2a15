"""Repeats are bound once: what statements made before, of the same values, is copied with keys and groups of its own.

A copy is what binding once more would make. Where that is not certain the statements are bound: where something was
reported, named or searched, where sizes of tensors were asked for and these are others, and near a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from neural.binding.graph import MOST, WORK, Graph
from neural.binding.macros import Macro
from neural.binding.scope import Scope, Tensors
from neural.layers.base import Inputs
from neural.network import Node

if TYPE_CHECKING:
    from neural.binding.statements import StatementBinder

Make = Callable[[], Tensors]


class Mark(NamedTuple):
    """How far a binder has come. ``noted`` counts what need not come out the same at a repeat."""

    nodes: int
    groups: int
    demands: int
    spent: int
    looked: int
    noted: tuple[int, ...]


class Templates:
    """What the statements of one network made, copied where the same comes again."""

    def __init__(self, binder: StatementBinder) -> None:
        self.binder = binder
        self.demands: list[tuple[int, int]] = []
        """For each repetition that was begun: the nodes it must lead to, and the copies of its inside."""
        self._known: dict[Hashable, Template] = {}

    def body(self, macro: Macro, scope: Scope, current: Tensors) -> Tensors:
        """Return what the body of a macro makes, in a scope that holds the values of its parameters."""
        values = _exact([scope.values[each.name.text] for each in macro.parameters])
        key = None if values is None else (id(macro), values, scope.macros, scope.device)
        return self.bound(key, scope, current, lambda: self.binder.block(macro.block, scope, current))

    def bound(
        self, key: Hashable, scope: Scope, current: Tensors, make: Make, *, since: int | None = None, variable: str = ""
    ) -> Tensors:
        """Return a copy of what was made under a key, or else what ``make`` makes, which is kept if it can be copied.

        It cannot where ``variable`` was read, or where it reads a tensor that is older than the node number ``since``.
        """
        graph = self.binder.graph
        if key is None or len(set(current)) < len(current) or graph.full or self.binder.reader.has_notes:
            return make()
        key = key, len(current)
        known = self._known.get(key)
        if known is not None and known.fits(self.binder, current):
            return known.copy(self.binder, scope, current)
        if since is not None and not {node.key for node in graph.nodes[since:]}.issuperset(current):
            return make()
        begin = self._mark(variable)
        result = make()
        end = self._mark(variable)
        if begin.noted == end.noted and not graph.full and not self.binder.reader.has_notes:
            self._known[key] = self._template(begin, end, scope, current, result)
        return result

    def _template(self, begin: Mark, end: Mark, scope: Scope, current: Tensors, made: Tensors) -> Template:
        room, copies = end.nodes, 1
        for nodes, inside in self.demands[begin.demands : end.demands]:
            room, copies = max(room, nodes), max(copies, inside)
        shapes = _shapes(self.binder.graph, current) if end.looked > begin.looked else None
        return Template(begin, end, scope.group, current, made, room - begin.nodes, copies, shapes)

    def _mark(self, variable: str) -> Mark:
        graph, evaluator = self.binder.graph, self.binder.evaluator
        noted = graph.touched, evaluator.searched, evaluator.reads.get(variable, 0)
        return Mark(len(graph.nodes), len(graph.groups), len(self.demands), graph.spent, len(graph.looks), noted)


class Turns:
    """The turns of one repetition or loop. The first reads what no other does; the second is the template of the rest.

    What a turn reads besides the tensors at hand is in ``scope``; ``variable`` is that of a loop.
    """

    def __init__(self, templates: Templates, scope: Scope, variable: str = "") -> None:
        self._templates = templates
        self._scope = scope
        self._variable = variable
        self._since: int | None = None

    def take(self, current: Tensors, make: Make, *, kind: Hashable = None) -> Tensors:
        """Return what one turn makes; turns of one ``kind`` are the same."""
        since, self._since = self._since, len(self._templates.binder.graph.nodes)
        if since is None:
            return make()
        key = self, kind
        return self._templates.bound(key, self._scope, current, make, since=since, variable=self._variable)


class Template(NamedTuple):
    """What was made between two marks, of tensors at hand and in a group."""

    begin: Mark
    end: Mark
    group: tuple[str, ...]
    current: Tensors
    made: Tensors
    room: int
    """How many nodes the network must be able to take."""
    copies: int
    """The most copies that are to come of what is within it, for each that is to come of it."""
    shapes: Sequence[Inputs] | None
    """Those of the tensors at hand, where it depends on them."""

    def fits(self, binder: StatementBinder, current: Tensors) -> bool:
        """Whether a copy is what would be bound here: within the limits, and of the same shapes if those matter."""
        graph, layers = binder.graph, binder.graph.limits.layers
        return (
            len(graph.nodes) + self.room <= layers
            and binder.copies * self.copies <= layers
            and graph.spent + self.end.spent - self.begin.spent <= WORK * layers
            and len(graph.diagnostics) < MOST
            and (self.shapes is None or self.shapes == _shapes(graph, current))
        )

    def copy(self, binder: StatementBinder, scope: Scope, current: Tensors) -> Tensors:
        """Make the nodes once more, of other tensors and in another group; return what the next statement reads."""
        graph, begin, end = binder.graph, self.begin, self.end
        binder.templates.demands.append((len(graph.nodes) + self.room, binder.copies * self.copies))
        groups = {self.group: scope.group}
        for path in graph.groups[begin.groups : end.groups]:
            groups[path] = graph.open_group(groups[path[:-1]], path[-1].rpartition("_")[0])
        keys = dict(zip(self.current, current, strict=True))
        for node in graph.nodes[begin.nodes : end.nodes]:
            key = graph.unique_key(graph.names.get(node.key, node.key))
            read = tuple([keys.get(each, each) for each in node.inputs])
            place, group = scope.call or node.place, groups[node.group]
            keys[node.key] = key
            graph.add(Node(key, node.layer, read, place, node.type, group, node.device, shared=node.shared))
        graph.spent += end.spent - begin.spent
        return tuple([keys.get(each, each) for each in self.made])


def _shapes(graph: Graph, tensors: Tensors) -> Sequence[Inputs]:
    return [graph.shapes_of(key) for key in tensors]


def _exact(value: Any) -> Hashable:
    """Return what only the same value has, of the same type, or None for a value that is no plain one."""
    if isinstance(value, tuple | list):
        items = tuple(map(_exact, value))
        return None if None in items else (type(value), items)
    if isinstance(value, float):
        return float, repr(value)
    return (type(value), value) if value is None or isinstance(value, bool | int | str) else None
