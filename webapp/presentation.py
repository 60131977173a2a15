"""From a report to what the page says: rows with group heads and sums, words, and the data its scripts read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from neural.cost.report import LayerReport, Report
from neural.diagnostics import CODES, Diagnostic
from webapp import formatting
from webapp.contexts import (
    Bar,
    BarsContext,
    DiagnosticsContext,
    DiagnosticView,
    FixView,
    GroupRow,
    InputRow,
    LayerRow,
    Number,
    RelatedView,
    StatusContext,
    TableContext,
    TotalsContext,
)

LISTED_DIAGNOSTICS = 100
BARS = 40


def status(report: Report, revision: int) -> StatusContext:
    """Return the summary in one sentence or two."""
    errors = sum(each.severity == "error" for each in report.diagnostics)
    others = len(report.diagnostics) - errors
    counted = f"{_plural(len(report.layers), 'layer')}, {_plural(report.totals.parameters, 'parameter')}."
    if errors:
        first = next(each for each in report.diagnostics if each.severity == "error")
        words = f"{_plural(errors, 'error')}. Line {first.line}: {first.message}"
    else:
        words = counted + (f" {_plural(others, 'hint')}." if others else " No problems.")
    return StatusContext(revision=revision, errors=errors, text=words)


def totals(report: Report, milliseconds: float) -> TotalsContext:
    """Return the sums at the foot."""
    sums = report.totals
    return TotalsContext(
        parameters=formatting.count(sums.parameters, "parameters"),
        trainable=formatting.count(sums.trainable_parameters, "trainable parameters"),
        flops=formatting.flops(sums.flops),
        memory=formatting.memory(formatting.add((sums.weight_bytes, sums.activation_bytes))),
        training=formatting.memory(sums.training_bytes),
        convention=report.convention,
        optimizer=report.optimizer,
        milliseconds=f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:,.0f}",
        is_partial=any(layer.status != "ok" for layer in report.layers),
    )


def diagnostics(report: Report) -> DiagnosticsContext:
    """Return the list of what is wrong, its first hundred."""
    shown = report.diagnostics[:LISTED_DIAGNOSTICS]
    return DiagnosticsContext(
        diagnostics=tuple(_diagnostic(index, each) for index, each in enumerate(shown)),
        hidden=len(report.diagnostics) - len(shown),
    )


def _diagnostic(index: int, each: Diagnostic) -> DiagnosticView:
    return DiagnosticView(
        index=index,
        code=each.code,
        rule=CODES.get(each.code, ""),
        severity=each.severity,
        message=each.message,
        help=each.help,
        line=each.line,
        column=each.column,
        related=tuple(RelatedView(r.message, r.span.line, r.span.column) for r in each.related),
        fixes=tuple(FixView(fix.title, number) for number, fix in enumerate(each.fixes)),
    )


def table(report: Report, hidden: int = 0) -> TableContext:
    """Return the rows of the table: a head before each group, then its layers. ``hidden`` layers follow unseen."""
    rows: list[LayerRow | GroupRow] = []
    open_groups: list[tuple[str, str]] = []  # name and id, from the outside in
    seen: Counter[tuple[str, ...]] = Counter()
    for index, layer in enumerate(report.layers):
        del open_groups[_common([name for name, _ in open_groups], layer.group) :]
        for depth in range(len(open_groups), len(layer.group)):
            path = layer.group[: depth + 1]
            seen[path] += 1
            identifier = f"{'/'.join(path)}~{seen[path]}"
            rows.append(_group(identifier, path, _members(report.layers, index, path), _ids(open_groups)))
            open_groups.append((path[-1], identifier))
        rows.append(_layer(layer, _ids(open_groups)))
    inputs = tuple(InputRow(each.name, formatting.shape(each.shape), each.dtype, each.line) for each in report.inputs)
    return TableContext(inputs=inputs, rows=tuple(rows), hidden=hidden, convention=report.convention)


def _ids(groups: list[tuple[str, str]]) -> str:
    return " ".join(identifier for _, identifier in groups)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _members(layers: Sequence[LayerReport], start: int, path: tuple[str, ...]) -> list[LayerReport]:
    end = start
    while end < len(layers) and layers[end].group[: len(path)] == path:
        end += 1
    return list(layers[start:end])


def _group(identifier: str, path: tuple[str, ...], members: list[LayerReport], groups: str) -> GroupRow:
    share = sum(each.share for each in members)
    return GroupRow(
        group=identifier,
        name=path[-1],
        depth=len(path) - 1,
        groups=groups,
        layers=len(members),
        shape=formatting.shape(members[-1].output_shape),
        parameters=formatting.count(formatting.add(each.parameters for each in members), "parameters"),
        flops=formatting.flops(formatting.add(each.flops for each in members)),
        memory=formatting.memory(formatting.add(_memory(each) for each in members)),
        share=round(share * 100, 2),
        percent=formatting.percent(share),
    )


def _layer(layer: LayerReport, groups: str) -> LayerRow:
    known = layer.status == "ok"
    return LayerRow(
        key=layer.key,
        name=layer.name,
        type=layer.type,
        depth=len(layer.group),
        groups=groups,
        line=layer.line,
        column=layer.column,
        end_line=layer.end_line,
        status=layer.status,
        shape=formatting.shape(layer.output_shape) if layer.output_shape is not None else layer.status,
        inputs=", ".join(formatting.shape(each) for each in layer.input_shapes),
        parameters=_known(formatting.count(layer.parameters, "parameters"), known),
        flops=_known(formatting.flops(layer.flops), known),
        memory=_known(formatting.memory(_memory(layer)), known),
        share=round(layer.share * 100, 2),
        percent=formatting.percent(layer.share) if known else "",
    )


def _known(number: Number, known: bool) -> Number:
    return number if known or number.value is not None else Number("–", "not known while the layer is not", None)


def _memory(layer: LayerReport) -> int | None:
    return formatting.add((layer.weight_bytes, layer.activation_bytes))


def bars(report: Report) -> BarsContext:
    """Return the layers with costs as bars, the first forty."""
    shown = [each for each in report.layers if each.status == "ok"][:BARS]
    panels = (
        ("Parameters", _bars(shown, [formatting.count(each.parameters, "parameters") for each in shown])),
        ("FLOPs", _bars(shown, [formatting.flops(each.flops) for each in shown])),
        ("Forward memory", _bars(shown, [formatting.memory(_memory(each)) for each in shown])),
    )
    return BarsContext(panels=panels, shown=len(shown), layers=len(report.layers))


def _bars(layers: list[LayerReport], numbers: list[Number]) -> tuple[Bar, ...]:
    largest = max((number.value or 0 for number in numbers), default=0) or 1
    return tuple(
        Bar(layer.name, number, round(100 * (number.value or 0) / largest, 2))
        for layer, number in zip(layers, numbers, strict=True)
    )


def data(report: Report, figure: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the page's scripts need of a report."""
    return {
        "valid": report.ok,
        "figure": figure,
        "diagnostics": [each.to_dict() for each in report.diagnostics[:LISTED_DIAGNOSTICS]],
        "ghosts": _ghosts(report.layers),
    }


def _ghosts(layers: Iterable[LayerReport]) -> dict[int, str]:
    """Return what stands after each line that makes layers: the shape it leaves and what it costs."""
    lines: dict[int, list[LayerReport]] = {}
    for layer in layers:
        if layer.status == "ok":
            lines.setdefault(layer.line, []).append(layer)
    return {line: _ghost(made) for line, made in lines.items()}


def _ghost(made: list[LayerReport]) -> str:
    sizes = (made[-1].output_shape or (None,))[1:]
    parts = [" × ".join("?" if size is None else str(size) for size in sizes) or "scalar"]
    parameters = formatting.add(each.parameters for each in made)
    if parameters:
        parts.append(f"{parameters:,} params")
    share = sum(each.share for each in made)
    if share >= 0.0005:
        parts.append(f"{share:.0%}" if share >= 0.01 else "<1%")
    if len(made) > 1:
        parts.append(f"{len(made)} times")
    return " · ".join(parts)


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
