"""A report prints as a table, and shows as one in a notebook."""

from __future__ import annotations

import neural

SOURCE = "network Net { input: (8,)  layers: Dense(4) Dense(2, name='head') }"


def test_a_report_prints_as_a_table() -> None:
    text = str(neural.analyze(SOURCE))
    assert "│ dense │ Dense │ (None, 4)    │         36 │    64 │   144 B │        16 B │ 80.0% │" in text
    assert "Parameters:             46 (46 trainable, 0 not)" in text


def test_a_report_shows_as_html_with_everything_escaped() -> None:
    html = neural.analyze(SOURCE)._repr_html_()
    assert "<td>head</td><td>Dense</td><td>(None, 2)</td><td>10</td>" in html
    broken = neural.analyze('network Net { input: (8,)  layers: Dense("<b>") }')._repr_html_()
    assert "&lt;b&gt;" in broken
    assert "<b>" not in broken
