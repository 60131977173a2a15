"""From a report to what the page says: totals, diagnostics, bars, and the words after lines."""

from __future__ import annotations

from collections.abc import Iterable

from neural.cost.report import LayerReport, Report
from neural.cost.tables import fit
from neural.diagnostics import CODES, Diagnostic
from neural.fixing import apart
from webapp import formatting
from webapp.parts import (
    Bar,
    BarsContext,
    DiagnosticsContext,
    DiagnosticView,
    FixView,
    Number,
    RelatedView,
    StatusContext,
    TotalsContext,
)
from webapp.table import memory

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
        time=formatting.time(sums.time, None) if report.device else None,
        device=report.device.key if report.device else "",
        fit=fit(report),
        fits={True: "true", False: "false", None: ""}[report.fits],
        convention=report.convention,
        optimizer=report.optimizer,
        milliseconds=f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:,.0f}",
        is_partial=any(layer.status != "ok" for layer in report.layers),
    )


def diagnostics(report: Report) -> DiagnosticsContext:
    """Return the list of what is wrong, its first hundred."""
    shown = report.diagnostics[:LISTED_DIAGNOSTICS]
    taken = {id(each) for each, _ in apart(each for each in shown if each.severity == "error")}
    return DiagnosticsContext(
        diagnostics=tuple(_diagnostic(index, each) for index, each in enumerate(shown)),
        hidden=len(report.diagnostics) - len(shown),
        together=tuple(index for index, each in enumerate(shown) if id(each) in taken),
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


def bars(report: Report) -> BarsContext:
    """Return the layers with costs as bars, the first forty."""
    shown = [each for each in report.layers if each.status == "ok"][:BARS]
    panels = (
        ("Parameters", _bars(shown, [formatting.count(each.parameters, "parameters") for each in shown])),
        ("FLOPs", _bars(shown, [formatting.flops(each.flops) for each in shown])),
        ("Forward memory", _bars(shown, [formatting.memory(memory(each)) for each in shown])),
    )
    return BarsContext(panels=panels, shown=len(shown), layers=len(report.layers))


def _bars(layers: list[LayerReport], numbers: list[Number]) -> tuple[Bar, ...]:
    largest = max((number.value or 0 for number in numbers), default=0) or 1
    return tuple(
        Bar(layer.name, number, round(100 * (number.value or 0) / largest, 2))
        for layer, number in zip(layers, numbers, strict=True)
    )


def ghosts(report: Report) -> dict[int, str]:
    """Return what stands after each line that makes layers: the shape it leaves and what it costs."""
    lines: dict[int, list[tuple[LayerReport, float]]] = {}
    for layer, share in zip(report.layers, report.shares(), strict=True):
        if layer.status == "ok":
            lines.setdefault(layer.line, []).append((layer, share))
    return {line: _ghost(made) for line, made in lines.items()}


def _ghost(made: list[tuple[LayerReport, float]]) -> str:
    last, share = made[-1]
    words = _sizes((last.output_shape or (None,))[1:])
    parameters = last.parameters
    if len(made) > 1:
        share = sum(share for _, share in made)
        parameters = formatting.add(layer.parameters for layer, _ in made)
    if parameters:
        words += f" · {parameters:,} params"
    if share >= 0.0005:
        words += f" · {share:.0%}" if share >= 0.01 else " · <1%"
    if len(made) > 1:
        words += f" · {len(made):,} times"
    return words


def _sizes(sizes: Iterable[int | None]) -> str:
    return " × ".join(["?" if size is None else str(size) for size in sizes]) or "scalar"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
