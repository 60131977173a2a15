"""``neural visualize``: a network and its costs as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from string import Template
from typing import Any, Final

import click

from neural.cli.console import read_source, show_diagnostics, stop_with, write_output
from neural.cli.options import analysis_options
from neural.cost.report import Report
from neural.cost.tables import totals
from neural.kept import analyze
from neural.visualization.charts import cost_figure
from neural.visualization.diagram import diagram_svg, mermaid

# One file that needs no network and no server; currentColor in the diagram takes the theme's.
_PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
  body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
  figure { margin: 0 0 2rem; overflow-x: auto; text-align: center; }
  .chart { background: #fff; border-radius: .5rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
  dt { font-weight: 600; }
  dd { margin: 0; }
</style>
<h1>$title</h1>
<dl>$totals</dl>
<figure class="chart">$chart</figure>
<figure>$diagram</figure>
</html>
""")


def as_html(report: Report) -> str:
    """Return a page of its own with the totals, the charts and the diagram."""
    import plotly.io

    chart = plotly.io.to_html(
        cost_figure(report),
        config={"displaylogo": False, "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]]},
        include_plotlyjs=True,
        full_html=False,
        default_height="40rem",
        validate=False,
    )
    return _PAGE.substitute(
        title=escape(report.network or "Network"),
        totals="".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in totals(report)),
        chart=chart,
        diagram=diagram_svg(report, standalone=True),
    )


def as_svg(report: Report) -> str:
    """Return the diagram as a file that carries its own style."""
    return diagram_svg(report, standalone=True)


_FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {"html": as_html, "mermaid": mermaid, "svg": as_svg}


@click.command()
@click.argument("file")
@click.option("--format", "style", type=click.Choice(list(_FORMATS)), default="html", show_default=True)
@click.option("-o", "--output", metavar="OUT", help="The file to write; the standard output by default.")
@analysis_options
def command(file: str, style: str, output: str | None, **settings: Any) -> None:
    """Draw a network and its costs; a program with errors is not drawn."""
    source = read_source(file)
    report = analyze(source, **settings)
    if not report.ok:
        stop_with(report.diagnostics, file, source)
    show_diagnostics(report.diagnostics, file, source)
    write_output(_FORMATS[style](report), output)
