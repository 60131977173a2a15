"""Layers that no output depends on: a hint at each that nothing reads."""

from __future__ import annotations

import pytest

import neural
from tests.binding.programs import probe

UNREAD: list[tuple[str, list[tuple[int, int]]]] = [
    # statements, and the places of those that no output depends on
    ("Dense(6)\n    Dense(4)", []),
    ("a = Dense(6)\n    b = Dense(6)(input)\n    Dense(4)(a)", [(5, 9)]),
    ("Dense(6)\n    Dense(6)\n    Dense(4)(input)", [(5, 5)]),  # what leads to it alone has no hint of its own
    ("a, b = Split(2)\n    Dense(4)(a)", []),
    ("a = Dense(6)\n    Dense(6)(input)\n  output: a", [(5, 5)]),
    ("Residual() { Dense(6) Dense(6)(input) }", [(4, 18)]),
    ('a = Dense(6, shared="w")\n    Dense(6, shared="w")(input)', []),
    ("a = Dense(6 6)\n    Dense(4)(input)", []),
]


@pytest.mark.parametrize(("statements", "places"), UNREAD)
def test_what_no_output_depends_on_has_a_hint(statements: str, places: list[tuple[int, int]]) -> None:
    found = [each for each in neural.analyze(probe(statements)).diagnostics if "no output depends" in each.message]
    assert [(each.severity, each.code, each.line, each.column) for each in found] == [
        ("hint", "N702", line, column) for line, column in places
    ]
