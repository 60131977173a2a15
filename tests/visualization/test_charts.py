"""The figure of costs: valid for Plotly, joined to the table by key, without colours, and inert whatever the names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest

from neural.cost.report import Report
from neural.visualization.charts import cost_figure
from tests.visualization.reports import PAYLOADS, chain, layer_of, report_of


def texts(figure: dict[str, Any]) -> Iterator[str]:
    """Yield every text that Plotly draws: all strings but keys in ``customdata``."""
    for trace in figure["data"]:
        yield from [*trace["x"], *trace["hovertext"], trace["name"]]
    yield from (each["text"] for each in figure["layout"]["annotations"])
    for alias, label in figure["layout"]["xaxis"]["labelalias"].items():
        yield from (alias, label)


@pytest.mark.parametrize("layers", [0, 1, 2, 30, 1000])
def test_plotly_accepts_it(layers: int) -> None:
    report = chain(layers) if layers else Report(None, "tensorflow", 1, "float32", "adam")
    figure = go.Figure(cost_figure(report))
    assert [len(trace.x) for trace in figure.data] == [layers] * 3


def test_bars_hold_exact_costs_and_keys() -> None:
    report = chain(3)
    parameters, flops, memory = cost_figure(report)["data"]
    assert [trace["meta"] for trace in (parameters, flops, memory)] == [
        {"panel": "parameters"},
        {"panel": "flops"},
        {"panel": "memory"},
    ]
    assert parameters["y"] == [1000, 1000, 1000]
    assert flops["y"] == [4000, 6000, 8000]
    assert memory["y"] == [8096, 8096, 8096]  # 1000 float32 weights, 1024 float32 results
    assert parameters["customdata"] == flops["customdata"] == memory["customdata"] == ["conv0", "conv1", "conv2"]


def test_hover_says_the_numbers_and_the_convention() -> None:
    text = cost_figure(chain(1))["data"][0]["hovertext"][0]
    assert text == (
        "Conv2D conv0<br>output (None, 32, 32, 64)<br>1,000 parameters<br>4,000 FLOPs"
        "<br>4,096 bytes of output, 4,000 of weights<br>1 MAC = 2 FLOPs, batch 1, float32"
    )


def test_an_unknown_cost_is_a_gap() -> None:
    unknown = dataclasses.replace(
        layer_of("x", "Dense"), output_shape=None, parameters=None, flops=None, activation_bytes=None, weight_bytes=None
    )
    figure = cost_figure(dataclasses.replace(chain(1), layers=(unknown,)))
    assert [trace["y"] for trace in figure["data"]] == [[None]] * 3
    assert "output unknown<br>? parameters<br>? FLOPs" in figure["data"][0]["hovertext"][0]


def test_the_panels_share_one_axis_of_layers() -> None:
    figure = cost_figure(chain(5))
    assert {trace.get("xaxis", "x") for trace in figure["data"]} == {"x"}
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y2", "y3"]
    domains = [figure["layout"][axis]["domain"] for axis in ("yaxis3", "yaxis2", "yaxis")]
    assert all(low[1] < high[0] for low, high in pairwise(domains))


def test_zoom_outlives_an_edit() -> None:
    assert cost_figure(chain(3))["layout"]["uirevision"] == cost_figure(chain(9))["layout"]["uirevision"]


def test_it_holds_no_colours() -> None:
    def keys(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    assert not [key for key in keys(cost_figure(chain(3))) if "color" in key or key in {"font", "template"}]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_inert(payload: str) -> None:
    report = report_of("-> input\nlayer Dense input")
    hostile = dataclasses.replace(report.layers[0], key=payload, name=payload, type=payload)
    figure = cost_figure(dataclasses.replace(report, layers=(hostile,)))
    assert figure["data"][0]["customdata"] == [payload]
    go.Figure(figure)
    for text in texts(figure):
        drawn = text.replace("<br>", "")
        assert not set("<>$") & set(drawn)
        assert drawn.isprintable()


def test_long_names_are_shortened_on_the_axis_alone() -> None:
    report = chain(1)
    long = dataclasses.replace(report.layers[0], key="k" * 300)
    figure = cost_figure(dataclasses.replace(report, layers=(long,)))
    assert figure["data"][0]["x"] == ["k" * 300]
    assert figure["layout"]["xaxis"]["labelalias"] == {"k" * 300: "k" * 21 + "…"}
