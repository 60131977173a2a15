"""Making the fixes that the errors of a program offer, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from neural.diagnostics import Diagnostic, Fix, LineIndex

#: A fix may bring to light what it hid, so fixes are made again and again; not more often than this.
MOST_ROUNDS = 20

Diagnose = Callable[[str], tuple[Diagnostic, ...]]


class Fixed(NamedTuple):
    """A source after fixes, and the fixes that were made, each with the diagnostic that offered it."""

    source: str
    made: tuple[tuple[Diagnostic, Fix], ...]


def fix_errors(source: str, diagnose: Diagnose) -> Fixed:
    """Make the first fix of every error that has one, until none is left; ``diagnose`` says what is wrong with a text.

    Of all that comes about, the text with the fewest errors is the one that is returned.
    """
    found = _errors(source, diagnose)
    best, fewest = Fixed(source, ()), len(found)
    seen, made = {source}, best.made
    for _ in range(MOST_ROUNDS):
        taken = apart(found)
        source = applied(source, [fix for _, fix in taken])
        if source in seen:
            break
        seen.add(source)
        made += taken
        found = _errors(source, diagnose)
        if len(found) < fewest:
            best, fewest = Fixed(source, made), len(found)
    return best


def _errors(source: str, diagnose: Diagnose) -> list[Diagnostic]:
    return [each for each in diagnose(source) if each.severity == "error"]


def apart(diagnostics: Iterable[Diagnostic]) -> tuple[tuple[Diagnostic, Fix], ...]:
    """Return the first fix of each diagnostic that has one and touches nothing that one before it touches."""
    taken: list[tuple[Diagnostic, Fix]] = []
    ranges: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for each in diagnostics:
        own = [
            ((span.line, span.column), (span.end_line, span.end_column))
            for span in (edit.span for edit in (each.fixes[0].edits if each.fixes else ()))
        ]
        if own and not any(start <= end_ and start_ <= end for start, end in own for start_, end_ in ranges):
            taken.append((each, each.fixes[0]))
            ranges += own
    return tuple(taken)


def applied(source: str, fixes: Iterable[Fix]) -> str:
    """Return a source with the edits of fixes made that touch one another nowhere."""
    starts = LineIndex(source).offset
    edits = [
        (starts(edit.span.line, edit.span.column), starts(edit.span.end_line, edit.span.end_column), edit.text)
        for fix in fixes
        for edit in fix.edits
    ]
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source
