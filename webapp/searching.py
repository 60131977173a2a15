"""What a program leaves open and notes down: its search space, and its research notes, in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import Any, Final

from neural.cost.report import NoteReport, Report, SearchReport
from webapp.parts import NotesContext, NoteView, SearchContext, SearchRow

LISTED: Final = 200
LISTED_CHOICES: Final = 50
LISTED_NOTES: Final = 50
LONGEST_STATEMENT: Final = 120
KINDS: Final = {"choice": "one of", "range": "range", "log_range": "logarithmic range"}


def search(source: str, report: Report) -> SearchContext:
    """Return the search space of a report, with the statements of its source."""
    lines = source.split("\n")
    shown = report.searches[:LISTED]
    return SearchContext(
        searches=tuple(_row(each, lines) for each in shown),
        summary=_summary(report),
        hidden=len(report.searches) - len(shown),
    )


def _summary(report: Report) -> str:
    number = len(report.searches)
    values = f"{number:,} value{'' if number == 1 else 's'} to search"
    if report.search_points is None:
        return f"{values}; a range among them has no steps, so the points cannot be counted."
    return f"{values}, {_counted(report.search_points)} in all."


def _counted(points: int) -> str:
    if points >= 10**15:
        return f"about 10^{floor(log10(points))} points"
    return f"{points:,} point{'' if points == 1 else 's'}"


def _row(each: SearchReport, lines: list[str]) -> SearchRow:
    statement = lines[each.line - 1].strip() if each.line <= len(lines) else ""
    return SearchRow(
        line=each.line,
        column=each.column,
        statement=statement if len(statement) <= LONGEST_STATEMENT else statement[: LONGEST_STATEMENT - 1] + "…",
        kind=KINDS.get(each.kind, each.kind),
        choices=each.choices[:LISTED_CHOICES],
        more=f"and {len(each.choices) - LISTED_CHOICES:,} more" if len(each.choices) > LISTED_CHOICES else "",
        range="" if each.choices else _range(each),
        points="any" if each.points is None else f"{each.points:,}",
    )


def _range(each: SearchReport) -> str:
    words = f"{_number(each.low)} to {_number(each.high)}"
    return words if each.step is None else f"{words} in steps of {_number(each.step)}"


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.6g}"


def notes(report: Report) -> NotesContext:
    """Return the research notes of a report."""
    shown = report.notes[:LISTED_NOTES]
    return NotesContext(notes=tuple(_note(each) for each in shown), hidden=len(report.notes) - len(shown))


def _note(note: NoteReport) -> NoteView:
    return NoteView(
        name=note.name or "Research",
        groups=tuple((name, _entries(entries)) for name, entries in note.groups.items()),
    )


def _entries(entries: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _written(value)) for name, value in entries.items())


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_written(each) for each in value)
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
