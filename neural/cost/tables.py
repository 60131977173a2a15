"""A report as text: a table for a terminal, CSV and JSON, and how numbers are written."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from neural.cost.report import BatchShape, LayerReport, Report
from neural.terminal import columns, shown

HEADINGS: Final = ("Layer", "Type", "Output shape", "Parameters", "FLOPs", "Weights", "Activations", "Share")

#: Columns of numbers, which stand to the right.
NUMBERS: Final = range(3, 9)

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
    "time",
    "bound",
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


def as_table(report: Report) -> str:
    """Return the report as a table drawn for the standard output, in colour and folded to its width on a terminal."""
    return _on_terminal(report) if sys.stdout.isatty() else _drawn(report)


def _lines(report: Report) -> Iterator[tuple[LayerReport | None, tuple[str, ...]]]:
    """Yield the cells of each line: a layer's, or for None the name of a group that begins."""
    group: tuple[str, ...] = ()
    for layer in report.layers:
        for depth in range(_common(group, layer.group), len(layer.group)):
            yield None, ("  " * depth + shown(layer.group[depth]),)
        group = layer.group
        name, *cells = cells_of(layer, report)
        yield layer, ("  " * len(group) + shown(name), *cells)


def _on_terminal(report: Report) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=shown(report.network or ""), title_justify="left", header_style="bold")
    for number, heading in enumerate(headings(report)):
        table.add_column(heading, justify="right" if number in NUMBERS else "left", overflow="fold")
    for layer, cells in _lines(report):
        style = "bold" if layer is None else {"error": "red", "unknown": "dim"}.get(layer.status, "")
        table.add_row(*map(Text, cells), style=style)
    console = Console(file=io.StringIO(), force_terminal=True)
    with console.capture() as captured:
        console.print(table)
        for name, value in totals(report):
            console.print(Text(f"{name + ':':<24}{value}"))
    return _stripped(captured.get())


def _drawn(report: Report) -> str:
    """Return the same table without colour, as wide as it takes: nothing is cut, and ``rich`` is not imported."""
    heads = headings(report)
    rows = [(*cells, *[""] * (len(heads) - len(cells))) for _, cells in _lines(report)]
    widths = [max(columns(row[number]) for row in (heads, *rows)) for number in range(len(heads))]
    lines = [_ruled(widths, "┏━┳┓"), _cells_between(heads, widths, "┃"), _ruled(widths, "┡━╇┩")]
    lines += [_cells_between(row, widths, "│") for row in rows] + [_ruled(widths, "└─┴┘")]
    title = [shown(report.network)] if report.network else []
    return _stripped("\n".join([*title, *lines, *(f"{name + ':':<24}{value}" for name, value in totals(report))]))


def _ruled(widths: Sequence[int], marks: str) -> str:
    return marks[0] + marks[2].join(marks[1] * (width + 2) for width in widths) + marks[3]


def _cells_between(cells: Sequence[str], widths: Sequence[int], mark: str) -> str:
    parts = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - columns(cell))
        parts.append(space + cell if number in NUMBERS else cell + space)
    return f"{mark} {f' {mark} '.join(parts)} {mark}"


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def totals(report: Report) -> Iterator[tuple[str, str]]:
    """Return the sums as (name, text), each with its unit, and the convention they are counted by."""
    sums = report.totals
    parts = f"{count(sums.trainable_parameters)} trainable, {count(sums.non_trainable_parameters)} not"
    yield "Parameters", f"{count(sums.parameters)} ({parts})"
    yield "FLOPs", f"{count(sums.flops)} ({report.convention})"
    yield "Weights", size(sums.weight_bytes)
    yield "Activations", size(sums.activation_bytes)
    yield f"Training, {report.optimizer}", size(sums.training_bytes)
    if report.device:
        yield "Forward pass, at least", f"{duration(sums.time)} on {report.device.name}, {report.dtype}"
        yield "Training memory", fit(report)


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


def fit(report: Report) -> str:
    """Return whether a training step fits in the device's memory: ``fits: needs 31.2 GB of 80 GB``."""
    needed, device = report.totals.training_bytes, report.device
    if needed is None or device is None:
        return "?"
    words = "fits" if report.fits else "does not fit"
    amount = f"{needed / 1e9:,.1f} GB" if needed >= 10**8 else f"{needed / 1e6:,.1f} MB"
    return f"{words}: needs {amount} of {device.memory / 1e9:,.0f} GB"


def duration(seconds: float | None) -> str:
    """Return a time in the unit that suits it: ``12.3 µs``."""
    if seconds is None:
        return "?"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:,.3g} {unit}" if seconds * factor < 1000 else f"{seconds * factor:,.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def headings(report: Report) -> tuple[str, ...]:
    """Return the heads of the columns; with a device there are times."""
    return (*HEADINGS, "Time at least", "Bound by") if report.device else HEADINGS


def cells_of(layer: LayerReport, report: Report) -> tuple[str, ...]:
    """Return a row of the table, by ``headings``."""
    cells = (
        layer.name,
        layer.type,
        shape(layer.output_shape),
        count(layer.parameters),
        count(layer.flops),
        size(layer.weight_bytes),
        size(layer.activation_bytes),
        f"{report.share(layer):.1%}",
    )
    return (*cells, duration(layer.time), layer.bound or "") if report.device else cells


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
