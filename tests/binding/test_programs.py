"""Every construct of the language, with its verdict and the exact place of what is wrong."""

from __future__ import annotations

import pytest

import neural
from neural.diagnostics import CODES
from tests.binding.programs import PROGRAMS, Program

NAMED = [(f"{construct}-{number}", row) for construct, rows in PROGRAMS.items() for number, row in enumerate(rows, 1)]
ALL = [row for _, row in NAMED]

#: Codes that no analysis of a program reports: writing code does.
ELSEWHERE = {"N601"}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in NAMED])
def test_verdict_and_place(row: Program) -> None:
    report = neural.analyze(row.source)
    found = [(each.severity, each.code, each.line, each.column) for each in report.diagnostics]
    assert report.ok == (row.verdict != "error")
    assert found == ([] if row.verdict == "ok" else [(row.verdict, row.code, row.line, row.column)])


def test_every_code_is_covered() -> None:
    assert {row.code for row in ALL if row.code} == set(CODES) - ELSEWHERE


def test_there_are_enough_rows_and_none_twice() -> None:
    sources = [row.source for row in ALL]
    assert len(sources) >= 200
    assert len(set(sources)) == len(sources)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in NAMED if row.verdict != "ok"])
def test_what_is_said_teaches(row: Program) -> None:
    """A message of one line that ends in no full stop, and a span that begins and ends within the text."""
    for each in neural.analyze(row.source).diagnostics:
        assert each.message
        assert not each.message.endswith(".")
        assert "\n" not in each.message
        assert len(each.message) <= 500
        assert each.message.isprintable()
        span = each.span
        assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column)
        lines = row.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert span.end_line <= len(lines)
        assert span.end_column <= len(lines[span.end_line - 1]) + 1
