"""Taking the fixes of a diagnostic, as an editor does."""

from __future__ import annotations

import re

from neural.diagnostics import Edit, Fix


def offset(source: str, line: int, column: int) -> int:
    """Return the offset of a place; line ends are LF, CR or both."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", source))]
    return starts[line - 1] + column - 1


def applied(source: str, fix: Fix) -> str:
    """Return a source with the edits of a fix made, the last one first."""

    def place(edit: Edit) -> tuple[int, int]:
        span = edit.span
        return offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)

    for edit in sorted(fix.edits, key=place, reverse=True):
        start, end = place(edit)
        source = source[:start] + edit.text + source[end:]
    return source
