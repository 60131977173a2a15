"""Diagnostics: what is wrong with a program, where, and how to repair it, as data.

Faces (command line, page, JSON, editor) render these; nothing here prints.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Literal

from neural.records import dataclass

Severity = Literal["error", "warning", "hint"]

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
    """Offsets of one source text as lines and columns. CRLF, CR and LF each end a line."""

    __slots__ = ("_starts",)

    def __init__(self, source: str) -> None:
        starts = [0]
        if "\r" in source:
            for offset, character in enumerate(source):
                follows = source[offset + 1 : offset + 2]
                if character == "\n" or (character == "\r" and follows != "\n"):
                    starts.append(offset + 1)
        else:
            position = source.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = source.find("\n", position + 1)
        self._starts = starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the (line, column) of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span from one offset up to another, the end exclusive."""
        return Span(*self.position(start), *self.position(end))


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
