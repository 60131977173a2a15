"""Binding again after an edit: only the statements that it reaches, where the rest stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from neural.binding.graph import WORK, Graph
from neural.binding.macros import Macro, macro_of
from neural.binding.naming import NamesAgain, OtherNamesError
from neural.binding.program import Bound
from neural.binding.statements import StatementBinder
from neural.binding.trace import Trace
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.limits import DEFAULT_LIMITS, Limits
from neural.network import Node
from neural.parser.incremental import Reread
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


class Rebound(NamedTuple):
    """A network, and the numbers of its nodes that were made anew."""

    bound: Bound
    changed: tuple[int, ...]


class _Run(NamedTuple):
    """Statements in a row that are to be bound again: from one number to another, and what stands there now."""

    first: int
    last: int
    statements: tuple[Placed, ...]


def rebind(bound: Bound, again: Reread, shift: Shift, limits: Limits = DEFAULT_LIMITS) -> Rebound | None:
    """Return what a program is bound to after an edit, or None where more than its statements may change.

    That is where a statement is added or removed, has another label or makes other keys, or where it or one that
    follows depends on more than the tensors that it reads: on the shape of one, on a report, on another node. An edit
    in a macro reaches the statements that call it.
    """
    network, trace = bound.network, bound.trace
    if network is None or trace is None or 2 * trace.spent > WORK * limits.layers:
        return None
    reached = _reached(trace, again)
    diagnostics = moved(bound.diagnostics, shift)
    if reached is None or diagnostics is None:
        return None
    runs, trace = reached
    nodes = list(network.nodes)
    changed: list[int] = []
    for run in runs:
        made = _nodes(trace, run, limits)
        if made is None:
            return None
        first = trace.marks[run.first].nodes
        nodes[first : first + len(made)] = made
        changed += range(first, first + len(made))
    return Rebound(Bound(replace(network, nodes=tuple(nodes)), diagnostics, trace), tuple(changed))


def moved(diagnostics: tuple[Diagnostic, ...], shift: Shift) -> tuple[Diagnostic, ...] | None:
    """Return diagnostics as they are after an edit elsewhere; None where they may have other words then."""
    found = tuple(each.moved(shift) for each in diagnostics)
    return None if None in found else found  # type: ignore[return-value]


# --- what an edit reaches ---


def _reached(trace: Trace, again: Reread) -> tuple[list[_Run], Trace] | None:
    """Return the statements that an edit reaches, and the trace after it; None where that cannot be told."""
    assert again.parsed.program is not None
    items = again.parsed.program.items
    start, item = items[again.item]
    if isinstance(item, Define):
        before = trace.macros.get(item.name.text)
        if before is None or before.start != start:
            return None
        macros = {**trace.macros, before.name: macro_of(item, start, before.values)}
        block = next((_layers(each.item) for each in items if each.start == trace.scope.base), None)
        runs = list(_calling(before.name, macros, block)) if block else []
        trace = replace(trace, macros=macros)
    elif start == trace.scope.base:
        if len(again.before) != len(again.after) or _labels(again.before) != _labels(again.after):
            return None
        runs = [_Run(again.first, again.last, again.after)]
        if any(isinstance(each.statement, BranchStatement) for each in again.before):
            return None
    else:
        runs = []  # it is in another network
    return (runs, trace) if all(_is_apart(trace, run) for run in runs) else None


def _layers(item: object) -> Block | None:
    sections = item.sections if isinstance(item, NetworkItem) else ()
    return next((each.block for each in sections if isinstance(each, LayersSection)), None)


def _calling(name: str, macros: Mapping[str, Macro], block: Block) -> Iterator[_Run]:
    """Yield the statements of a block that call a macro, be it through others."""
    callers = {name}
    calls = {each.name: _called(each.block) for each in macros.values()}
    while more := {each for each, called in calls.items() if called & callers} - callers:
        callers |= more
    for number, placed in enumerate(block.statements):
        if not callers.isdisjoint(_called(Block((placed,), (0, 0)))):
            yield _Run(number, number + 1, (placed,))


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


def _is_apart(trace: Trace, run: _Run) -> bool:
    """Whether statements, and what they make, are seen by nothing else but those that read their tensors."""
    branches = any(isinstance(each.statement, BranchStatement) for each in run.statements)
    return not branches and trace.plain(run.first, run.last) and not trace.looked_at_after(run.last)


def _labels(statements: tuple[Placed, ...]) -> list[tuple[str, ...]]:
    return [
        tuple(word.text for word in each.labels) if isinstance(each, LayerStatement) else () for _, each in statements
    ]


# --- their nodes ---


def _nodes(trace: Trace, run: _Run, limits: Limits) -> list[Node] | None:
    """Return the nodes of statements that are bound again, if they have the keys of those before them."""
    before, after = trace.marks[run.first], trace.marks[run.last]
    names = NamesAgain(trace.given[before.names : after.names])
    graph = Graph(LineIndex(""), limits, names)
    binder = StatementBinder(trace.macros, graph)
    scope = trace.scope.with_tensors(trace.tensors_at(run.first))
    try:
        current = binder.block(Block(run.statements, (0, 0)), scope, before.current)
    except OtherNamesError:
        return None
    same = current == after.current and len(graph.nodes) == after.nodes - before.nodes and names.used_up()
    touched = graph.touched or graph.looked or binder.evaluator.searched or graph.full
    return graph.nodes if same and not touched else None
