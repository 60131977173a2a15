"""A report as HTML for notebooks: groups that fold, a chart, the sums. No script, no style sheet, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import Final

from neural.cost.folding import fold
from neural.cost.report import LayerReport, Report
from neural.cost.tables import cells_of, count, headings, shape, totals

#: Layers in a table, and bars in the chart; in a larger network the rest counts in the sums alone.
LARGEST: Final = 1_000
BARS: Final = 40
_WIDTHS: Final = (20, 15, 17, 10, 12, 8, 10, 8)


def as_html(report: Report) -> str:
    """Return the report as HTML: the table with its groups folded, bars of FLOPs or parameters, the sums, errors."""
    sums = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in totals(report))
    errors = "".join(f"<li>{escape(f'{d.line}:{d.column}: {d.code}: {d.message}')}</li>" for d in report.diagnostics)
    hidden = len(report.layers) - LARGEST
    more = f"<p>and {hidden:,} more layers</p>" if hidden > 0 else ""
    return (
        f"<div><strong>{escape(report.network or '')}</strong>{_table(report, (), True)}"
        f"{''.join(_parts(report, report.layers[:LARGEST], 0))}{more}{_chart(report)}<ul>{sums}</ul>"
        + (f"<ul>{errors}</ul>" if errors else "")
        + "</div>"
    )


def _parts(report: Report, layers: Sequence[LayerReport], level: int) -> Iterator[str]:
    """Yield the layers that share their first ``level`` groups: tables, and a fold for each group within."""
    for name, grouped in groupby(layers, lambda layer: layer.group[level] if len(layer.group) > level else None):
        members = tuple(grouped)
        if name is None:
            yield _table(report, members)
            continue
        (row,) = fold(replace(report, layers=members), level + 1).layers
        inner = "".join(_parts(report, members, level + 1))
        yield f"<details><summary>{escape(_summary(report, row, len(members)))}</summary>{inner}</details>"


def _summary(report: Report, row: LayerReport, layers: int) -> str:
    """Return the head of a group in one line: how many layers it has, what they make and what they cost."""
    made = f"{row.name}: {layers:,} layer{'s' * (layers > 1)}, {shape(row.output_shape)}"
    return f"{made}, {count(row.parameters)} parameters, {count(row.flops)} FLOPs, {report.share(row):.1%}"


def _table(report: Report, layers: Sequence[LayerReport], with_head: bool = False) -> str:
    """Return rows as a table of columns as wide as those of every other one."""
    heads = headings(report)
    columns = "".join(f'<col style="width:{width}%">' for width in _WIDTHS) + "<col>" * (len(heads) - len(_WIDTHS))
    head = f"<thead><tr>{''.join(f'<th>{escape(each)}</th>' for each in heads)}</tr></thead>" if with_head else ""
    rows = "".join(f"<tr>{''.join(map(_cell, cells_of(layer, report)))}</tr>" for layer in layers)
    return (
        f'<table style="table-layout:fixed;width:100%;margin:0"><colgroup>{columns}</colgroup>'
        f"{head}<tbody>{rows}</tbody></table>"
    )


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _chart(report: Report) -> str:
    """Return the costs as bars: of FLOPs, or of parameters where there are none, the groups in one bar each."""
    what = "FLOPs" if report.totals.flops else "parameters"
    rows = [(each.name, (each.flops if what == "FLOPs" else each.parameters) or 0) for each in fold(report, 1).layers]
    shown = [row for row in rows if row[1]][:BARS]
    if not shown:
        return ""
    largest = max(cost for _, cost in shown)
    bars = "".join(_bar(number, name, cost, largest) for number, (name, cost) in enumerate(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {18 * len(shown)}" width="640" role="img" '
        f'aria-label="{what} of each layer or group" font-size="12" fill="currentColor">{bars}</svg>'
    )


def _bar(number: int, name: str, cost: int, largest: int) -> str:
    y, width = 18 * number, round(300 * cost / largest, 1)
    label = name if len(name) <= 26 else f"{name[:25]}…"
    return (
        f'<text x="180" y="{y + 12}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="188" y="{y + 2}" width="{width}" height="12" fill="#3b6fd4"/>'
        f'<text x="{round(194 + width, 1)}" y="{y + 12}">{escape(count(cost))}</text>'
    )
