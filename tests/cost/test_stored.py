"""A report that went to disk and back prints, folds and compares as it did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neural.compiler import default_compiler
from neural.cost import html, markup, tables
from neural.cost.folding import fold
from neural.cost.report import Report
from neural.cost.stored import restored, stored
from neural.visualization.diagram import diagram_svg, mermaid

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))
SMALL = "network Small { input: (28, 28, 1) layers: Conv2D(8, 3) Flatten() Output(10) }"

SETTINGS: list[dict[str, Any]] = [
    {},
    {"framework": "pytorch", "batch": 32, "dtype": "mixed", "optimizer": "SGD"},
    {"device": "H100", "dtype": "float16"},
    {"device": "T4", "dtype": "bfloat16"},
]

BROKEN = [
    "",
    "network",
    "network Bad { input: (4) layers: Dense(",
    SMALL.replace("Flatten()", "Flaten()"),
    SMALL.replace("Flatten()", "Dense(units: 4)"),
    SMALL.replace("Conv2D(8, 3)", "Conv2D(8, 99) Conv2D(8, 100)"),
    SMALL.replace("Output(10)", "Output(0)"),
    SMALL.replace("(28, 28, 1)", "(None, None, 1)"),
    SMALL.replace("Conv2D(8, 3)", 'Conv2D(HPO(choice(8, 16)), 3, name="\\u2028\\ud83d\\ude00")'),
    "# \U0001f600 \u202e\n" + SMALL,
]


def there_and_back(report: Report) -> Report:
    """Return what comes back after the report was written as JSON."""
    return restored(json.loads(json.dumps(stored(report))))


def shown(report: Report) -> list[str]:
    """Return all that a report is shown as."""
    reports = [report, fold(report, 1), fold(report, 2)]
    forms = [tables.as_table, tables.as_json, tables.as_csv, markup.as_markdown, markup.as_latex, html.as_html]
    drawn = [diagram_svg(report, standalone=True), mermaid(report)] if report.ok else []
    return [form(each) for each in reports for form in forms] + drawn


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_comes_back(path: Path) -> None:
    report = default_compiler().analyze(path.read_text(encoding="utf-8"))
    assert report.layers
    assert shown(there_and_back(report)) == shown(report)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_under_every_setting(settings: dict[str, Any]) -> None:
    for source in (SMALL, *BROKEN):
        report = default_compiler().analyze(source, **settings)
        again = there_and_back(report)
        assert shown(again) == shown(report)
        assert again.diagnostics == report.diagnostics
        assert (again.plan, again.peak) == (None, None)


def test_what_it_is_given_is_not_changed() -> None:
    report = default_compiler().analyze(SMALL)
    before = report.to_dict()
    assert stored(report) == stored(report)
    assert report.to_dict() == before
    assert there_and_back(report) == report
