"""A report as text: a table for a terminal, CSV, Markdown, JSON, and HTML for notebooks."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from neural.cost.report import BatchShape, LayerReport, Report

HEADINGS: Final = ("Layer", "Type", "Output shape", "Parameters", "FLOPs", "Weights", "Activations", "Share")

#: The columns of CSV are keys of the JSON report; lists and objects are JSON in their cells.
CSV_COLUMNS: Final = (
    "key",
    "name",
    "type",
    "group",
    "line",
    "column",
    "arguments",
    "inputs",
    "input_shapes",
    "output_shape",
    "output_dtype",
    "parameters",
    "trainable_parameters",
    "flops",
    "macs",
    "other_ops",
    "weight_bytes",
    "activation_bytes",
    "device",
    "status",
)


def as_json(report: Report) -> str:
    """Return the report as JSON, schema 1."""
    return json.dumps(report.to_dict(), indent=2)


def as_csv(report: Report) -> str:
    """Return the layers as CSV, a line each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for layer in report.layers:
        entry = layer.to_dict() | {
            "parameters": layer.parameters,
            "trainable_parameters": layer.trainable_parameters,
        }
        writer.writerow([_csv_cell(entry[column]) for column in CSV_COLUMNS])
    return out.getvalue()


def as_markdown(report: Report) -> str:
    """Return the layers as a Markdown table, the totals below it."""
    lines = [_markdown_row(HEADINGS), "|---|---|---|--:|--:|--:|--:|--:|"]
    lines += [_markdown_row(_cells(layer)) for layer in report.layers]
    return "\n".join([*lines, "", *(f"- {name}: {value}" for name, value in totals(report))]) + "\n"


def as_table(report: Report) -> str:
    """Return the report as a table drawn for the standard output, in colour where that is a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    table = Table(title=report.network or "", title_justify="left", header_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in HEADINGS[:3] else "right", overflow="fold")
    group: tuple[str, ...] = ()
    for layer in report.layers:
        for depth in range(_common(group, layer.group), len(layer.group)):
            table.add_row(Text("  " * depth + layer.group[depth], style="bold"))
        group = layer.group
        name, *cells = _cells(layer)
        style = {"error": "red", "unknown": "dim"}.get(layer.status, "")
        table.add_row(*map(Text, ("  " * len(group) + name, *cells)), style=style)
    # Off a terminal nothing may be cut or folded, so the width is as much as it takes.
    console = Console(file=io.StringIO(), force_terminal=terminal, width=None if terminal else 10_000)
    with console.capture() as captured:
        console.print(table)
        for name, value in totals(report):
            console.print(Text(f"{name + ':':<24}{value}"))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def as_html(report: Report) -> str:
    """Return the report as an HTML table, for notebooks."""
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    rows = "".join(f"<tr>{''.join(map(_html_cell, _cells(layer)))}</tr>" for layer in report.layers)
    sums = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in totals(report))
    errors = "".join(f"<li>{escape(f'{d.line}:{d.column}: {d.code}: {d.message}')}</li>" for d in report.diagnostics)
    return (
        f"<table><caption>{escape(report.network or '')}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table><ul>{sums}</ul>" + (f"<ul>{errors}</ul>" if errors else "")
    )


def _html_cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def totals(report: Report) -> Iterator[tuple[str, str]]:
    """Return the sums as (name, text), each with its unit, and the convention they are counted by."""
    sums = report.totals
    parts = f"{count(sums.trainable_parameters)} trainable, {count(sums.non_trainable_parameters)} not"
    yield "Parameters", f"{count(sums.parameters)} ({parts})"
    yield "FLOPs", f"{count(sums.flops)} ({report.convention})"
    yield "Weights", size(sums.weight_bytes)
    yield "Activations", size(sums.activation_bytes)
    yield f"Training, {report.optimizer}", size(sums.training_bytes)


def count(number: int | None) -> str:
    """Return a count with its thousands marked; ``?`` for one that is not known."""
    return "?" if number is None else f"{number:,}"


def size(octets: int | None) -> str:
    """Return a number of bytes in the unit that suits it: ``2.6 MiB``."""
    if octets is None or octets < 1024:
        return "?" if octets is None else f"{octets} B"
    value, units = octets / 1024, iter(("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))
    unit = next(units)
    while value >= 1024 and unit != "EiB":
        value, unit = value / 1024, next(units)
    return f"{value:,.1f} {unit}"


def shape(dimensions: BatchShape | None) -> str:
    """Return a shape as Python writes a tuple; ``?`` for one that is not known."""
    return "?" if dimensions is None else str(tuple(dimensions))


def _cells(layer: LayerReport) -> tuple[str, ...]:
    """Return a row of the table, by HEADINGS."""
    return (
        layer.name,
        layer.type,
        shape(layer.output_shape),
        count(layer.parameters),
        count(layer.flops),
        size(layer.weight_bytes),
        size(layer.activation_bytes),
        f"{layer.share:.1%}",
    )


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many elements two paths begin with alike."""
    length = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        length += 1
    return length


def _csv_cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells) + " |"
