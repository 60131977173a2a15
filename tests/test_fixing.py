"""Fixes made all at once: what touches nothing else together, what comes to light after, and never to the worse."""

from __future__ import annotations

import pytest

import neural
from neural.diagnostics import Diagnostic, Edit, Fix, Span
from neural.fixing import apart, applied, fix_errors
from tests.binding.programs import probe

ROWS: list[tuple[str, str, int]] = [
    # statements, what the fixes make of them, and how many are made
    ("Dense(4)", "Dense(4)", 0),
    ("Desne(4)\n    Dropot(0.5)", "Dense(4)\n    Dropout(0.5)", 2),
    ("Dense(8),\n    Desne(4, relu),", 'Dense(8)\n    Dense(4, "relu")', 4),
    ('Dense(4 "rleu"', 'Dense(4, "relu")', 2),
    ("Dense(4 4)", "Dense(4 4)", 0),
    ("Dense(4)]\n    Dense(3 3)", "Dense(4)\n    Dense(3 3)", 1),
    ("Linear(4)", "Linear(4)", 0),  # a hint is no error
]


@pytest.mark.parametrize(("statements", "fixed", "count"), ROWS)
def test_fixes_are_made_until_none_is_left(statements: str, fixed: str, count: int) -> None:
    found = fix_errors(probe(statements), lambda source: neural.analyze(source).diagnostics)
    assert found.source == probe(fixed)
    assert len(found.made) == count


def offering(line: int, column: int, end: int, text: str) -> Diagnostic:
    """Return an error whose fix replaces a part of a line."""
    span = Span(line, column, line, end)
    return Diagnostic("N101", "error", text, span, fixes=(Fix("write it", (Edit(span, text),)),))


def test_what_touches_what_is_taken_is_left_for_later() -> None:
    first, second, third = offering(1, 1, 3, "a"), offering(1, 3, 4, "b"), offering(2, 1, 1, "c")
    taken = apart([first, second, third, Diagnostic("N101", "error", "no fix", Span(1, 1, 1, 1))])
    assert [diagnostic for diagnostic, _ in taken] == [first, third]
    assert applied("xyz\r\nz", [fix for _, fix in taken]) == "az\r\ncz"


def test_a_fix_that_makes_it_worse_is_not_made() -> None:
    wrong = offering(1, 1, 2, "bb")

    def diagnose(source: str) -> tuple[Diagnostic, ...]:
        return (wrong,) * (1 + source.count("b"))

    assert fix_errors("a", diagnose) == ("a", ())


def test_fixes_that_undo_one_another_end() -> None:
    texts = {"a": (offering(1, 1, 2, "b"),), "b": (offering(1, 1, 2, "a"),)}
    assert fix_errors("a", lambda source: texts[source]) == ("a", ())
