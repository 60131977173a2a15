"""Binding again after an edit: only the statements that it touched, where the rest stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from neural.binding.graph import WORK, Graph
from neural.binding.naming import NamesAgain, OtherNamesError
from neural.binding.program import Bound
from neural.binding.statements import StatementBinder
from neural.binding.trace import Trace
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.limits import DEFAULT_LIMITS, Limits
from neural.network import Node
from neural.parser.incremental import Reread
from neural.syntax import Block, BranchStatement, LayerStatement, NetworkItem, Placed


class Rebound(NamedTuple):
    """A network of which the nodes ``first`` to ``last`` were made anew."""

    bound: Bound
    first: int
    last: int


def rebind(bound: Bound, again: Reread, shift: Shift, limits: Limits = DEFAULT_LIMITS) -> Rebound | None:
    """Return what a program is bound to after an edit, or None where more than its statements may change.

    That is where a statement is added or removed, has another label or makes other keys, or where it or one that
    follows depends on more than the tensors that it reads: on the shape of one, on a report, on another node.
    """
    network, trace = bound.network, bound.trace
    if network is None or trace is None or not _is_apart(trace, again, limits):
        return None
    diagnostics = moved(bound.diagnostics, shift)
    nodes = _nodes(trace, again, limits)
    if nodes is None or diagnostics is None:
        return None
    first, last = trace.marks[again.first].nodes, trace.marks[again.last].nodes
    network = replace(network, nodes=(*network.nodes[:first], *nodes, *network.nodes[last:]))
    return Rebound(Bound(network, diagnostics, trace), first, last)


def moved(diagnostics: tuple[Diagnostic, ...], shift: Shift) -> tuple[Diagnostic, ...] | None:
    """Return diagnostics as they are after an edit elsewhere; None where they may have other words then."""
    found = tuple(each.moved(shift) for each in diagnostics)
    return None if None in found else found  # type: ignore[return-value]


def _is_apart(trace: Trace, again: Reread, limits: Limits) -> bool:
    """Whether an edit touches statements of the network itself, and what they are is seen by nothing else."""
    assert again.parsed.program is not None
    start, item = again.parsed.program.items[again.item]
    first, last = again.first, again.last
    return (
        isinstance(item, NetworkItem)
        and start == trace.scope.base
        and len(again.before) == len(again.after)
        and _labels(again.before) == _labels(again.after)
        and not any(isinstance(each.statement, BranchStatement) for each in (*again.before, *again.after))
        and trace.plain(first, last)
        and not trace.looked_at_after(last)
        and 2 * trace.spent <= WORK * limits.layers
    )


def _labels(statements: tuple[Placed, ...]) -> list[tuple[str, ...]]:
    return [
        tuple(word.text for word in each.labels) if isinstance(each, LayerStatement) else () for _, each in statements
    ]


def _nodes(trace: Trace, again: Reread, limits: Limits) -> list[Node] | None:
    """Return the nodes of the statements that were read again, if they have the keys of those before them."""
    before, after = trace.marks[again.first], trace.marks[again.last]
    names = NamesAgain(trace.given[before.names : after.names])
    graph = Graph(LineIndex(""), limits, names)
    binder = StatementBinder(trace.macros, graph)
    scope = trace.scope.with_tensors(trace.tensors_at(again.first))
    try:
        current = binder.block(Block(again.after, (0, 0)), scope, before.current)
    except OtherNamesError:
        return None
    same = current == after.current and len(graph.nodes) == after.nodes - before.nodes and names.used_up()
    touched = graph.events or binder.evaluator.searches or graph.full
    return graph.nodes if same and not touched else None
