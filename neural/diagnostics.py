"""Diagnostics: what is wrong with a program, where, and how to repair it, as data.

Faces (command line, page, JSON, editor) render these; nothing here prints.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from neural.records import dataclass

Severity = Literal["error", "warning", "hint"]

_NAMES_A_LINE = re.compile(r"\bline \d")
_LINE_END = re.compile(r"\r\n?|\n")

#: Every diagnostic code with the rule it stands for. Tests hold that no other code is ever reported.
CODES: Mapping[str, str] = {
    "N101": "unexpected text",
    "N102": "unexpected end of the program",
    "N103": "character outside the language",
    "N104": "string that is never closed",
    "N105": "number out of range",
    "N106": "the program is too deep",
    "N107": "the program is too large",
    "N201": "unknown layer or macro",
    "N202": "unknown argument",
    "N203": "wrong value for an argument",
    "N204": "missing argument",
    "N205": "too many arguments",
    "N206": "repeated argument",
    "N207": "unknown name",
    "N208": "wrong expression",
    "N301": "missing section",
    "N302": "repeated section or key",
    "N303": "unknown section",
    "N304": "no network in the program",
    "N305": "name already taken",
    "N306": "macro that reaches itself",
    "N307": "wrong reference",
    "N308": "wrong block",
    "N309": "wrong repetition",
    "N310": "too many layers",
    "N311": "more labels than results",
    "N401": "shapes that do not fit",
    "N501": "unknown loss, optimizer, schedule or metric",
    "N502": "wrong training setting",
    "N601": "code generation cannot express this",
    "N701": "another spelling is canonical",
    "N702": "a likely oversight",
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of source text: 1-based lines and code-point columns, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def to_dict(self) -> dict[str, int]:
        return {
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
        }


class LineIndex:
    """Offsets of one source text as lines and columns. CRLF, CR and LF each end a line.

    What was read of an earlier text keeps the offsets that it had there: after an edit (``edited``) the text is a row
    of pieces, each with the offsets under which it was read, and those of new text lie beyond all others.
    """

    __slots__ = ("_ends", "_firsts", "_reals", "_starts", "end")

    def __init__(self, source: str) -> None:
        self._starts = [0, *_line_starts(source, 0, len(source))]
        self._firsts, self._ends, self._reals = [0], [len(source)], [0]
        self.end = len(source)
        """The first offset beyond those that are in use."""

    def edited(self, source: str, change: TextChange) -> LineIndex:
        """Return the index of ``source``, which the change made of this one's text.

        What the change put in has the offsets from ``self.end + 1`` on.
        """
        result = LineIndex.__new__(LineIndex)
        result._starts = self._starts_after(source, change)
        length = change.new_end - change.start
        first = self.end + 1
        pieces = [*self._kept(0, change.start, 0), (first, first + length, change.start)]
        pieces += self._kept(change.old_end, None, change.new_end - change.old_end)
        result._firsts, result._ends, result._reals = map(list, zip(*sorted(pieces), strict=True))
        result.end = first + length
        return result

    def _kept(self, low: int, high: int | None, by: int) -> list[tuple[int, int, int]]:
        """Return the parts of pieces that stand in a range of the text, moved by some places in it."""
        kept = []
        for first, end, real in zip(self._firsts, self._ends, self._reals, strict=True):
            start = max(real, low)
            stop = real + end - first if high is None else min(real + end - first, high)
            if start < stop:
                kept.append((first + start - real, first + stop - real, start + by))
        return kept

    def _starts_after(self, source: str, change: TextChange) -> list[int]:
        if "\r" in source:
            return [0, *_line_starts(source, 0, len(source))]
        before = bisect_right(self._starts, change.start)
        rest = self._starts[bisect_right(self._starts, change.old_end) :]
        by = change.new_end - change.old_end
        within = _line_starts(source, change.start, change.new_end)
        return [*self._starts[:before], *within, *([start + by for start in rest] if by else rest)]

    def of_places(self) -> LineIndex:
        """Return the index of the text as it is now, by places in it."""
        result = LineIndex("")
        result._starts = self._starts
        return result

    @property
    def pieces(self) -> int:
        """How many pieces the text is made of: 1 where it was read as a whole."""
        return len(self._firsts)

    def place(self, offset: int) -> int:
        """Return where in the text what was read at an offset stands now."""
        index = bisect_right(self._firsts, offset) - 1
        return self._reals[index] + offset - self._firsts[index]

    def shift(self, change: TextChange, now: LineIndex) -> Shift:
        """Return how places move by a change of this text, whose index is ``now``."""
        return Shift(self.position_of(change.old_end), now.position_of(change.new_end))

    def position(self, offset: int) -> tuple[int, int]:
        """Return the (line, column) of an offset, both from 1."""
        return self.position_of(offset if len(self._firsts) == 1 else self.place(offset))

    def position_of(self, place: int) -> tuple[int, int]:
        """Return the (line, column) of a place in the text as it is now."""
        line = bisect_right(self._starts, place)
        return line, place - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the place in the text of a line and a column, both from 1."""
        return self._starts[line - 1] + column - 1

    def span(self, start: int, end: int) -> Span:
        """Return the span from one offset up to another, the end exclusive."""
        return Span(*self.position(start), *self.position(end))


class TextChange(NamedTuple):
    """An edit of a text: what stood from ``start`` to ``old_end`` is now what stands from there to ``new_end``."""

    start: int
    old_end: int
    new_end: int


def _line_starts(source: str, start: int, end: int) -> list[int]:
    """Return where lines begin whose predecessors end within a range of the text."""
    if "\r" in source:
        return [match.end() for match in _LINE_END.finditer(source, start, end)]
    starts = []
    position = source.find("\n", start, end)
    while position >= 0:
        starts.append(position + 1)
        position = source.find("\n", position + 1, end)
    return starts


class Shift(NamedTuple):
    """How places behind an edit move: the (line, column) at its end before, and after it."""

    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def lines(self) -> int:
        """How many lines what follows moves down."""
        return self.after[0] - self.before[0]

    def position(self, line: int, column: int) -> tuple[int, int]:
        """Return where a place stands after the edit."""
        if (line, column) < self.before:
            return line, column
        if line > self.before[0]:
            return line + self.lines, column
        return self.after[0], column + self.after[1] - self.before[1]

    def span(self, span: Span) -> Span:
        """Return where a span stands after the edit."""
        return Span(*self.position(span.line, span.column), *self.position(span.end_line, span.end_column))


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of a span; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair that a person can take with one click."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a diagnostic, such as the first use of a name."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One root cause: a stable code, a message with the rule and the value, a place, and repairs."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def line(self) -> int:
        """The 1-based line where the span begins."""
        return self.span.line

    @property
    def column(self) -> int:
        """The 1-based code-point column where the span begins."""
        return self.span.column

    def moved(self, shift: Shift) -> Diagnostic | None:
        """Return the same after an edit elsewhere; None where its words name a line that may be another then."""
        if shift.before == shift.after:
            return self
        words = " ".join((self.message, self.help, *(each.message for each in self.related)))
        if shift.lines and _NAMES_A_LINE.search(words):
            return None
        return replace(
            self,
            span=shift.span(self.span),
            related=tuple(replace(each, span=shift.span(each.span)) for each in self.related),
            fixes=tuple(
                replace(fix, edits=tuple(replace(edit, span=shift.span(edit.span)) for edit in fix.edits))
                for fix in self.fixes
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, by the ``diagnostics`` entry of the report schema."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            **self.span.to_dict(),
            "help": self.help,
            "related": [{"message": r.message, **r.span.to_dict()} for r in self.related],
            "fixes": [
                {
                    "title": fix.title,
                    "edits": [{**edit.span.to_dict(), "text": edit.text} for edit in fix.edits],
                }
                for fix in self.fixes
            ],
        }
