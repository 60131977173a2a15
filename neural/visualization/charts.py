"""Costs by layer as a Plotly figure: plain data, without colours, which the page takes from its own theme.

Three panels share the axis of layers. Each trace's ``meta`` names its panel; each bar's ``customdata`` is the layer's
key, which joins it to the table, the diagram and the editor. Reference: https://plotly.com/javascript/reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from neural.cost.report import LayerReport, Report
from neural.shapes import describe
from neural.visualization.text import ELLIPSIS, number, plotly

_LABEL_CHARACTERS = 22
_FEWEST_PLACES = 8
_CROWDED = 80


class _Panel(NamedTuple):
    name: str
    title: str
    unit: str
    value: Callable[[LayerReport], int | None]
    total: Callable[[Report], int | None]


def _sum(weights: int | None, activations: int | None) -> int | None:
    """Return what a forward pass holds: weights and results."""
    return None if weights is None or activations is None else weights + activations


_PANELS = (
    _Panel("parameters", "Parameters", "", lambda layer: layer.parameters, lambda report: report.totals.parameters),
    _Panel("flops", "FLOPs", "", lambda layer: layer.flops, lambda report: report.totals.flops),
    _Panel(
        "memory",
        "Forward memory",
        "B",
        lambda layer: _sum(layer.weight_bytes, layer.activation_bytes),
        lambda report: _sum(report.totals.weight_bytes, report.totals.activation_bytes),
    ),
)
_HEIGHT = 0.27
_STEP = (1 - _HEIGHT) / (len(_PANELS) - 1)


def cost_figure(report: Report) -> dict[str, Any]:
    """Return parameters, FLOPs and forward memory by layer as the data and layout of a Plotly figure."""
    places = [plotly(layer.key) for layer in report.layers]
    hover = [_hover(layer, report.convention) for layer in report.layers]
    keys = [layer.key for layer in report.layers]
    data = [
        {
            "type": "bar",
            "name": panel.title,
            "meta": {"panel": panel.name},
            "x": places,
            "y": [panel.value(layer) for layer in report.layers],
            "yaxis": _axis("y", index),
            "customdata": keys,
            "hovertext": hover,
            "hoverinfo": "text",
            "marker": {"line": {"width": 0}},
            "showlegend": False,
        }
        for index, panel in enumerate(_PANELS)
    ]
    return {"data": data, "layout": cost_layout(report)}


def cost_bars(layers: Iterable[LayerReport], convention: str) -> list[tuple[tuple[int | None, ...], str]]:
    """Return what the figure says of some layers: the heights of their bars, a panel each, and their words."""
    return [(tuple(panel.value(layer) for panel in _PANELS), _hover(layer, convention)) for layer in layers]


def _hover(layer: LayerReport, convention: str) -> str:
    shape = "unknown" if layer.output_shape is None else describe(layer.output_shape, batch=False)
    lines = (
        f"{plotly(_shorten(layer.type))} {plotly(_shorten(layer.name))}",
        f"output {shape}",
        f"{number(layer.parameters)} parameters",
        f"{number(layer.flops)} FLOPs",
        f"{number(layer.activation_bytes)} bytes of output, {number(layer.weight_bytes)} of weights",
        plotly(convention),
    )
    return "<br>".join(lines)


def _axis(letter: str, index: int) -> str:
    return letter if index == 0 else f"{letter}{index + 1}"


def cost_layout(report: Report) -> dict[str, Any]:
    """Return the layout of the figure: axes, and titles with the sums."""
    places = [plotly(layer.key) for layer in report.layers]
    layout: dict[str, Any] = {
        "uirevision": "costs",
        "autosize": True,
        "hovermode": "closest",
        "bargap": 0.25 if len(places) < _CROWDED else 0,
        "margin": {"l": 56, "r": 16, "t": 28, "b": 24, "pad": 2},
        "xaxis": _layer_axis(report, places),
        "annotations": [_title(panel, report, index) for index, panel in enumerate(_PANELS)],
    }
    for index, panel in enumerate(_PANELS):
        layout[_axis("yaxis", index)] = _cost_axis(panel, index)
    return layout


def _layer_axis(report: Report, places: list[str]) -> dict[str, Any]:
    """Return the axis that the panels share: a place a layer, with room for a few even where there is only one."""
    long = {
        place: plotly(_shorten(layer.key))
        for place, layer in zip(places, report.layers, strict=True)
        if len(layer.key) > _LABEL_CHARACTERS
    }
    return {
        "type": "category",
        "anchor": _axis("y", len(_PANELS) - 1),
        "range": [-0.5, max(len(places), _FEWEST_PLACES) - 0.5],
        "automargin": True,
        "fixedrange": False,
        "showgrid": False,
        "labelalias": long,
    }


def _shorten(text: str) -> str:
    return text if len(text) <= _LABEL_CHARACTERS else text[: _LABEL_CHARACTERS - 1] + ELLIPSIS


def _cost_axis(panel: _Panel, index: int) -> dict[str, Any]:
    top = 1 - index * _STEP
    return {
        "domain": [round(top - _HEIGHT, 4), round(top, 4)],
        "rangemode": "tozero",
        "tickformat": "~s",
        "ticksuffix": panel.unit,
        "nticks": 5,
        "fixedrange": True,
        "zeroline": True,
    }


def _title(panel: _Panel, report: Report, index: int) -> dict[str, Any]:
    total = panel.total(report)
    words = "unknown in all" if total is None else f"{total:,} {'bytes ' if panel.unit else ''}in all"
    return {
        "text": f"{panel.title} · {words}",
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": round(1 - index * _STEP, 4),
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }
