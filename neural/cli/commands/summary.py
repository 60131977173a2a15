"""``neural summary``: the shapes and costs of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from neural.cli.console import Refused, read_source, show_diagnostics
from neural.cli.options import analysis_options, device_option, values_option
from neural.cost import markup, tables
from neural.cost.folding import fold
from neural.cost.report import Report
from neural.kept import analyze

_FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "table": tables.as_table,
    "json": tables.as_json,
    "csv": tables.as_csv,
    "markdown": markup.as_markdown,
    "latex": markup.as_latex,
}


@click.command()
@click.argument("file")
@click.option("--format", "style", type=click.Choice(list(_FORMATS)), default="table", show_default=True)
@click.option("--depth", type=click.IntRange(min=1), help="Show groups at most this deep, each deeper one as one row.")
@device_option
@analysis_options
@values_option
@click.pass_context
def command(
    context: click.Context,
    /,
    file: str,
    style: str,
    depth: int | None,
    values: dict[str, int | float],
    **settings: Any,
) -> None:
    """Show the shapes, parameters, FLOPs and memory of a network."""
    source = read_source(file)
    report = analyze(source, values=values, **settings)
    unknown = values.keys() - report.values.keys()
    if report.ok and unknown:
        raise Refused(f"--set: the program has no let called {', '.join(sorted(unknown))}")
    show_diagnostics(report.diagnostics, file, source)
    text = _FORMATS[style](fold(report, depth) if depth else report)
    click.echo(text, nl=not text.endswith("\n"))
    context.exit(0 if report.ok else 1)
