"""Watching generated code compute: after each statement that completes a layer's result, the result is kept.

The source that a person reads stays as it is. To its syntax tree is added, behind the statement on a line with probes,
``_probe(line, variable, value)``. A line runs for its layers in the order of the plan, so that the first time is that
of the first layer, the second that of the next one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, final

#: How many values of a result are compared one by one; sums over all of them are compared besides.
SAMPLE = 4096


class Probe(NamedTuple):
    """Where a result is complete: the statement's first line, the layer, the variable, and the order of its axes."""

    line: int
    key: str
    variable: str
    order: tuple[int, ...]


@final
class Recorder:
    """What the probes of one run saw, by key, its axes in the program's order."""

    def __init__(self, probes: Iterable[Probe], take: Callable[[Any, Sequence[int]], Any]) -> None:
        self._waiting: dict[tuple[int, str], list[Probe]] = {}
        for probe in probes:
            self._waiting.setdefault((probe.line, probe.variable), []).append(probe)
        self._waiting = {place: each[::-1] for place, each in self._waiting.items()}
        self._take = take
        self.seen: dict[str, Any] = {}

    def __call__(self, line: int, variable: str, value: Any) -> Any:
        """Keep a value; return it, so that a ``return`` can go on."""
        waiting = self._waiting.get((line, variable))
        if waiting:
            probe = waiting.pop()
            self.seen[probe.key] = self._take(value, probe.order)
        return value


def instrumented(tree: ast.Module, probes: Iterable[Probe]) -> ast.Module:
    """Let the syntax tree of a generated file report to ``_probe``; return it."""
    variables: dict[int, list[str]] = {}
    for probe in probes:
        names = variables.setdefault(probe.line, [])
        if probe.variable not in names:
            names.append(probe.variable)
    _Instrument(variables).visit(tree)
    return ast.fix_missing_locations(tree)


class _Instrument(ast.NodeTransformer):
    """Puts the calls behind the statements."""

    def __init__(self, variables: Mapping[int, Sequence[str]]) -> None:
        self._variables = variables

    def visit_Assign(self, node: ast.Assign) -> Any:
        names = self._variables.get(node.lineno, ())
        return [node, *(ast.Expr(_call(node.lineno, name, ast.Name(name, ast.Load()))) for name in names)]

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value is not None and "return" in self._variables.get(node.lineno, ()):
            node.value = _call(node.lineno, "return", node.value)
        return node


def _call(line: int, variable: str, value: ast.expr) -> ast.Call:
    arguments: list[ast.expr] = [ast.Constant(line), ast.Constant(variable), value]
    return ast.Call(ast.Name("_probe", ast.Load()), arguments, [])


def sketch(array: Any) -> dict[str, Any]:
    """Return what is told of a result (NumPy): its shape, its sums, its largest value and values spread over it."""
    import numpy

    flat = array.reshape(-1).astype("float64")
    step = max(1, -(-flat.size // SAMPLE))
    weights = numpy.cos(numpy.arange(flat.size, dtype="float64"))  # so that an exchange of values is seen
    known = numpy.where(numpy.isfinite(flat), flat, 0.0)
    size = numpy.abs(known)
    sums = [float(known.sum()), float((known * weights).sum()), float(size.sum())]
    return {
        "shape": list(array.shape),
        "sums": sums,
        "largest": float(size.max()) if flat.size else 0.0,
        "sample": numpy.ascontiguousarray(flat[::step]),
    }
