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
from neural.layers.base import Inputs, Layer
from neural.network import Node, Place

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
        if key is None or graph.full or self.binder.reader.has_notes:
            return make()
        key = key, *map(current.index, current)
        known = self._known.get(key)
        if known is not None and known.fits(self.binder, current):
            return known.copy(self.binder, scope, current)
        if since is not None and not {node.key for node in graph.nodes[since:]}.issuperset(current):
            return make()
        begin = self._mark(variable)
        result = make()
        end = self._mark(variable)
        if begin.noted == end.noted and not graph.full and not self.binder.reader.has_notes:
            template = Template(self.binder, begin, end, scope.group, current, result)
            if template.is_closed(graph):
                self._known[key] = template
        return result

    def _mark(self, variable: str) -> Mark:
        graph, evaluator = self.binder.graph, self.binder.evaluator
        noted = graph.touched, evaluator.searched, evaluator.reads.get(variable, 0)
        return Mark(len(graph.nodes), len(graph.groups), len(self.demands), graph.spent, graph.looked, noted)


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


class Piece(NamedTuple):
    """A node of a template. Its inputs and its group are numbers of the tensors and groups that a copy has."""

    wanted: str
    layer: Layer | None
    inputs: tuple[int, ...]
    place: Place
    type: str
    group: int
    device: str | None
    shared: str | None


class Parts(NamedTuple):
    """A template in pieces: the tensors it reads besides those at hand, its groups and nodes, and what it results in.

    The tensors are numbered: those at hand, the others that it reads, those of its nodes. Of the groups, the one that
    it is in is number 0, and each of its own has the number of the one around it and a name.
    """

    outer: Tensors
    groups: tuple[tuple[int, str], ...]
    pieces: tuple[Piece, ...]
    made: tuple[int, ...]


class Template:
    """What was made between two marks of tensors at hand, in a group. It is taken to pieces when it is first copied."""

    def __init__(
        self, binder: StatementBinder, begin: Mark, end: Mark, group: tuple[str, ...], current: Tensors, made: Tensors
    ) -> None:
        graph = binder.graph
        demands = binder.templates.demands[begin.demands : end.demands]
        self.begin, self.end = begin, end
        self.group, self.current, self.made = group, current, made
        self.room = max([end.nodes, *(nodes for nodes, _ in demands)]) - begin.nodes
        self.copies = max([1, *(copies for _, copies in demands)])
        self.shapes = _shapes(graph, current) if end.looked > begin.looked else None
        self._parts: Parts | None = None

    def is_closed(self, graph: Graph) -> bool:
        """Whether all that it results in was made here or was at hand."""
        latest = graph.nodes[self.begin.nodes : self.end.nodes][::-1]
        return all(key in self.current or any(node.key == key for node in latest) for key in self.made)

    def fits(self, binder: StatementBinder, current: Tensors) -> bool:
        """Whether a copy is what would be bound here: within the limits, and of the same shapes if those mattered."""
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
        graph = binder.graph
        parts = self._parts = self._parts or self._take_apart(graph)
        binder.templates.demands.append((len(graph.nodes) + self.room, binder.copies * self.copies))
        groups = [scope.group]
        for within, name in parts.groups:
            groups.append(graph.open_group(groups[within], name))
        keys = [*current, *parts.outer]
        for wanted, layer, inputs, place, type_, group, device, shared in parts.pieces:
            read = tuple([keys[number] for number in inputs])
            key = graph.unique_key(wanted)
            where = scope.call or place
            keys.append(graph.add(Node(key, layer, read, where, type_, groups[group], device, shared=shared)))
        graph.spent += self.end.spent - self.begin.spent
        return tuple([keys[number] for number in parts.made])

    def _take_apart(self, graph: Graph) -> Parts:
        nodes = graph.nodes[self.begin.nodes : self.end.nodes]
        own = {node.key for node in nodes}
        read = dict.fromkeys(key for node in nodes for key in node.inputs if key not in own)
        outer = tuple(key for key in read if key not in self.current)
        keys = (*self.current, *outer, *(node.key for node in nodes))
        numbers = {key: number for number, key in enumerate(keys)}
        opened = graph.groups[self.begin.groups : self.end.groups]
        paths = {path: number for number, path in enumerate((self.group, *opened))}
        pieces = [
            Piece(
                graph.names.get(node.key, node.key),
                node.layer,
                tuple(numbers[key] for key in node.inputs),
                node.place,
                node.type,
                paths[node.group],
                node.device,
                node.shared,
            )
            for node in nodes
        ]
        groups = tuple((paths[path[:-1]], path[-1].rpartition("_")[0]) for path in opened)
        return Parts(outer, groups, tuple(pieces), tuple(numbers[key] for key in self.made))


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
