"""Binding again after an edit: only the statements that it reaches, where the rest stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from neural.binding.graph import WORK, Graph
from neural.binding.macros import Macro, macro_of
from neural.binding.naming import NamesAgain, OtherNamesError
from neural.binding.program import Bound
from neural.binding.scope import Tensors
from neural.binding.statements import StatementBinder
from neural.binding.trace import Trace
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.limits import DEFAULT_LIMITS, Limits
from neural.network import Node
from neural.parser.incremental import Reread
from neural.shapes import Shape
from neural.syntax import (
    Block,
    BranchStatement,
    Define,
    ForStatement,
    LayersSection,
    LayerStatement,
    NetworkItem,
    Placed,
)


class Run(NamedTuple):
    """Statements in a row that are to be bound again: from one number to another, and what stands there now."""

    first: int
    last: int
    statements: tuple[Placed, ...]


Shapes = Callable[[str], tuple[Shape, ...]]
"""Gives the shapes of the results of an input or a layer by its key, none where they are unknown."""


class Rebinding:
    """A network after an edit, of which some statements are to be bound again: at first ``runs``, which it reaches."""

    def __init__(self, trace: Trace, block: Block, runs: list[Run], limits: Limits) -> None:
        self.trace, self.runs = trace, runs
        self._block, self._limits = block, limits

    def run(self, number: int) -> Run | None:
        """Return a statement as a run of its own; None where it cannot be bound alone."""
        run = Run(number, number + 1, (self._block.statements[number],))
        return run if _is_apart(self.trace, run) else None

    def nodes(self, run: Run, shapes: Shapes) -> list[Node] | None:
        """Return the nodes of statements, or None where others must be bound again with them.

        That is where they ask for other keys than before, or for more than they asked for.
        """
        before, after = self.trace.marks[run.first], self.trace.marks[run.last]
        names = NamesAgain(self.trace.given[before.names : after.names])
        graph = Graph(LineIndex(""), self._limits, names, shapes)
        binder = StatementBinder(self.trace.macros, graph)
        scope = self.trace.scope.with_tensors(self.trace.tensors_at(run.first))
        try:
            current = binder.block(Block(run.statements, (0, 0)), scope, before.current)
        except OtherNamesError:
            return None
        same = current == after.current and len(graph.nodes) == after.nodes - before.nodes and names.used_up()
        touched = graph.touched or binder.evaluator.searched or graph.full
        return graph.nodes if same and not touched and self._knew(run, graph, before.current) else None

    def _knew(self, run: Run, graph: Graph, current: Tensors) -> bool:
        """Whether the trace has all that statements looked at, so that it stays true.

        What they make of a tensor whose shape they are known to depend on is covered by that.
        """
        known = set(self.trace.looks_of(run.first, run.last))
        if known.issuperset(current):
            known.update(node.key for node in graph.nodes)
        return known.issuperset(graph.looks)


def rebinding(bound: Bound, again: Reread, limits: Limits = DEFAULT_LIMITS) -> Rebinding | None:
    """Return what there is to bind again after an edit, or None where more than some statements may change.

    That is where a statement is added or removed or has another label, or where one depends on more than the tensors
    that it reads and their shapes: on a report, on what another node is. An edit in a macro reaches its callers.
    """
    trace = bound.trace
    if trace is None or 2 * trace.spent > WORK * limits.layers:
        return None
    reached = _reached(trace, again)
    if reached is None:
        return None
    trace, block, runs = reached
    return Rebinding(trace, block, runs, limits) if all(_is_apart(trace, run) for run in runs) else None


def moved(diagnostics: tuple[Diagnostic, ...], shift: Shift) -> tuple[Diagnostic, ...] | None:
    """Return diagnostics as they are after an edit elsewhere; None where they may have other words then."""
    found = tuple(each.moved(shift) for each in diagnostics)
    return None if None in found else found  # type: ignore[return-value]


# --- what an edit reaches ---


def _reached(trace: Trace, again: Reread) -> tuple[Trace, Block, list[Run]] | None:
    """Return the trace after an edit, the network's statements, and those that it reaches; None where that is open."""
    assert again.parsed.program is not None
    items = again.parsed.program.items
    start, item = items[again.item]
    block = next((_layers(each.item) for each in items if each.start == trace.scope.base), None)
    if block is None:
        return None
    if isinstance(item, Define):
        before = trace.macros.get(item.name.text)
        if before is None or before.start != start:
            return None
        trace = replace(trace, macros={**trace.macros, before.name: macro_of(item, start, before.values)})
        return trace, block, list(_calling(before.name, trace.macros, block))
    if start != trace.scope.base:
        return trace, block, []  # it is in another network
    if len(again.before) != len(again.after) or _labels(again.before) != _labels(again.after):
        return None
    if any(isinstance(each.statement, BranchStatement) for each in again.before):
        return None
    return trace, block, [Run(again.first, again.last, again.after)]


def _layers(item: object) -> Block | None:
    sections = item.sections if isinstance(item, NetworkItem) else ()
    return next((each.block for each in sections if isinstance(each, LayersSection)), None)


def _calling(name: str, macros: Mapping[str, Macro], block: Block) -> Iterator[Run]:
    """Yield the statements of a block that call a macro, be it through others."""
    callers = {name}
    calls = {each.name: _called(each.block) for each in macros.values()}
    while more := {each for each, called in calls.items() if called & callers} - callers:
        callers |= more
    for number, placed in enumerate(block.statements):
        if not callers.isdisjoint(_called(Block((placed,), (0, 0)))):
            yield Run(number, number + 1, (placed,))


def _called(block: Block) -> set[str]:
    """Return the names of all layers and macros that the statements of a block write."""
    names = set()
    for _, statement in block.statements:
        if isinstance(statement, LayerStatement):
            names.add(statement.type.text)
            names |= _called(statement.block) if statement.block else set()
        elif isinstance(statement, BranchStatement | ForStatement):
            names |= _called(statement.block)
    return names


def _is_apart(trace: Trace, run: Run) -> bool:
    """Whether statements, and what they make, are seen by nothing else but those that read their tensors."""
    branches = any(isinstance(each.statement, BranchStatement) for each in run.statements)
    return not branches and trace.plain(run.first, run.last)


def _labels(statements: tuple[Placed, ...]) -> list[tuple[str, ...]]:
    return [
        tuple(word.text for word in each.labels) if isinstance(each, LayerStatement) else () for _, each in statements
    ]
