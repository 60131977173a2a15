"""The knobs of the gallery: at both ends of its range each leaves a network that is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import neural

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES}
ENDS = [
    pytest.param(name, knob, end, id=f"{name}-{knob}-{end}")
    for name, source in SOURCES.items()
    for knob, value in neural.analyze(source).values.items()
    for end in (value["low"], value["high"])
    if end is not None
]


@pytest.mark.parametrize(("name", "knob", "end"), ENDS)
def test_an_end_of_a_range_leaves_no_error(name: str, knob: str, end: float) -> None:
    report = neural.analyze(SOURCES[name], values={knob: end})
    assert [each.message for each in report.diagnostics if each.severity == "error"] == []
    assert report.totals.parameters > 0
