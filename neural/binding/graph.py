"""The graph under construction: its nodes and their keys, their shapes as far as they are known, and the reports."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from neural.binding.naming import Names, Naming
from neural.binding.scope import BindError
from neural.diagnostics import Diagnostic, Fix, LineIndex, Related, Severity
from neural.errors import Repair, RuleError
from neural.layers.base import Inputs
from neural.layers.results import read_by
from neural.limits import Limits
from neural.network import Node, Range
from neural.repairs import edits_at
from neural.shapes import Shape

#: How many statements and turns of loops may be written out for each layer that a network may hold.
WORK = 4

#: Beyond this many reports the rest of a program is not bound.
MOST = 100


def too_many_layers(limits: Limits, at: Range) -> BindError:
    """Return the report for a network that is larger than it may be."""
    message = f"a network has at most {limits.layers} layers, and this asks for more"
    return BindError("N310", message, at, help="use a smaller repetition")


class Graph:
    """Collects the nodes of one network and what is wrong with its program."""

    def __init__(
        self,
        lines: LineIndex,
        limits: Limits,
        naming: Naming | None = None,
        outer: Callable[[str], tuple[Shape, ...]] | None = None,
    ) -> None:
        self.lines = lines
        self.limits = limits
        self.inputs: list[Node] = []
        self.nodes: list[Node] = []
        self.results: dict[tuple[str, int], str] = {}
        """By the key of a layer and the number of a further result of its: the node that stands for that."""
        self.diagnostics: dict[tuple[str, Range], Diagnostic] = {}
        self.full = False
        self.spent = 0
        """Statements and turns of loops that are written out."""
        self.touched = 0
        """How often something was done that need not come out the same at a repeat: a report, a hint, a name."""
        self.looks: list[str] = []
        """The keys of the tensors whose shapes were asked for."""
        self.finds: list[str] = []
        """The keys of the nodes that were asked for."""
        self.groups: list[tuple[str, ...]] = []
        """The paths of the groups, in the order in which they were opened."""
        self.names: dict[str, str] = {}
        self._hinted: dict[str, dict[Range, None]] = {}
        self._nodes: dict[str, Node] = {}
        self._naming: Naming = Names() if naming is None else naming
        self._outer = outer
        self._shapes: dict[str, tuple[Shape, ...]] = {}
        self._shaped = 0
        self._inferred: dict[tuple[int, tuple[Inputs, ...]], tuple[Shape, ...]] = {}
        """By the identity of a layer, which its node keeps, and the results before it: the shapes of its results."""

    # --- reports ---

    def report(self, error: BindError, severity: Severity = "error") -> None:
        """Take down what is wrong, once for each place however often its statement is expanded."""
        self.touched += 1
        key = (error.code, error.at)
        if key in self.diagnostics or len(self.diagnostics) >= MOST:
            return
        if error.code == "N310" and any(code == "N310" for code, _ in self.diagnostics):
            return
        self.diagnostics[key] = Diagnostic(
            error.code,
            severity,
            error.message,
            self.lines.span(*error.at),
            error.help,
            tuple(Related(message, self.lines.span(*at)) for message, at in error.related),
            edits_at(error.repairs, error.repair_at, self.lines),
        )

    def hint(self, message: str, at: Range, repairs: tuple[Repair, ...]) -> None:
        """Report a spelling that is read but is not the canonical one, once; its fix changes every place."""
        self.touched += 1
        if message not in self._hinted:
            if ("N701", at) not in self.diagnostics:  # a place has one hint
                self.report(BindError("N701", message, at, repairs=repairs), "hint")
                self._hinted[message] = {at: None}
            return
        places = self._hinted[message]
        key = ("N701", next(iter(places)))
        if at in places or len(places) >= MOST or key not in self.diagnostics:
            return
        places[at] = None
        first, more = self.diagnostics[key], edits_at(repairs, at, self.lines)
        fixes = tuple(Fix(a.title, a.edits + b.edits) for a, b in zip(first.fixes, more, strict=True))
        self.diagnostics[key] = replace(first, fixes=fixes)

    # --- nodes ---

    def unique_key(self, wanted: str) -> str:
        """Return a key that no node has: the one wanted, or with a number after it."""
        key = self._naming.key(wanted)
        if key != wanted:
            self.names[key] = wanted
        return key

    def has_key(self, key: str) -> bool:
        """Whether a node has this key."""
        self.touched += 1
        return self._naming.taken(key)

    def add(self, node: Node) -> str:
        """Take a node and return its key; raise when the network is full."""
        if len(self.nodes) >= self.limits.layers:
            raise self.too_many(node.place.type)
        self.nodes.append(node)
        self._nodes[node.key] = node
        return node.key

    def find(self, key: str) -> Node | None:
        """Return the layer of a key, or None where an input has it."""
        self.finds.append(key)
        return self._nodes.get(key)

    def spend(self, at: Range) -> None:
        """Count one statement or one turn of a loop that is written out; stop for good when there are too many."""
        self.spent += 1
        if self.spent > WORK * self.limits.layers and not self.full:
            self.report(self.too_many(at))
        self.full = self.full or len(self.diagnostics) >= MOST

    def too_many(self, at: Range) -> BindError:
        """Return the report for a network that grows beyond the limit, and stop binding."""
        self.full = True
        return too_many_layers(self.limits, at)

    def open_group(self, within: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Return the path of one more group of a name, for one call of a macro or structural block."""
        path = (*within, self._naming.group(name))
        self.groups.append(path)
        return path

    # --- shapes, for size(...) ---

    def shape_of(self, key: str) -> Shape | None:
        """Return the shape of one sample of a tensor, or None where something before it is broken."""
        made = self.shapes_of(key)
        return made[0] if made else None

    def shapes_of(self, key: str) -> tuple[Shape, ...]:
        """Return the shapes of the results of the layer or input of a key, none where they are unknown."""
        self.looks.append(key)
        if not self._shapes:
            self._shapes = {node.key: node.layer.output_shapes(()) for node in self.inputs if node.layer}
        for node in self.nodes[self._shaped :]:
            self._shapes[node.key] = self._infer(node)
        self._shaped = len(self.nodes)
        return self._made(key)

    def _made(self, key: str) -> tuple[Shape, ...]:
        """Return shapes that are known already; where a part of a network is bound, those of the rest around it."""
        if key not in self._shapes and self._outer is not None:
            self._shapes[key] = self._outer(key)
        return self._shapes[key]

    def _infer(self, node: Node) -> tuple[Shape, ...]:
        made = tuple(map(self._made, node.inputs))
        known = self._inferred.get((id(node.layer), made))
        if known is not None:
            return known
        known = ()
        if node.layer is not None and () not in made:
            with suppress(RuleError):
                known = node.layer.output_shapes(read_by(node.layer, made))
        self._inferred[id(node.layer), made] = known
        return known
