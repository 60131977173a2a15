"""What holds for every source, and what holds for every program that is right. Each check raises ``AssertionError``."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

import neural
from neural.compiler import default_compiler
from neural.diagnostics import CODES, Diagnostic, Span
from neural.errors import NeuralError
from neural.parser.parser import Parsed
from tests.generation.programs import COMMENTS

_WORDS = re.compile(r"\"(?:[^\"\\\n\r]|\\[^\n\r])*\"|'(?:[^'\\\n\r]|\\[^\n\r])*'|#[^\n\r]*")
_LINE_END = re.compile(r"\r\n|\r|\n")


def parse(source: str) -> Parsed:
    return default_compiler().parse(source)


def format_source(source: str) -> str:
    return default_compiler().format(source)


def check_any(source: str) -> None:
    """Hold what holds for every text: declared diagnostics at places in it, plain data, and a layout that keeps it."""
    report = neural.analyze(source)
    check_diagnostics(source, report.diagnostics)
    json.dumps(report.to_dict(), allow_nan=False)
    unread = any(each.code.startswith("N1") for each in report.diagnostics)  # what cannot be read has no layout
    formatted = None if unread or parse(source).diagnostics else layout(source)
    if formatted is not None:
        check_format(source, formatted)


def check_right(source: str) -> None:
    """Hold what holds for a program that is right."""
    errors = [each for each in neural.analyze(source).diagnostics if each.severity == "error"]
    assert errors == [], errors
    check_any(source)
    formatted = layout(source)
    if formatted is not None:
        check_meaning(source, formatted)


# --- diagnostics ---


def check_diagnostics(source: str, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Hold that codes are declared and places lie in the text, in its order."""
    widths = [len(line) for line in _LINE_END.split(source)]
    for diagnostic in diagnostics:
        assert diagnostic.code in CODES, diagnostic
        assert diagnostic.message, diagnostic
        assert diagnostic.severity in ("error", "warning", "hint"), diagnostic
        for span in _spans(diagnostic):
            _check_span(span, widths)
    places = [each.span for each in diagnostics]
    assert places == sorted(places), "diagnostics stand in the order of the text"


def _spans(diagnostic: Diagnostic) -> Iterator[Span]:
    yield diagnostic.span
    for related in diagnostic.related:
        yield related.span
    for fix in diagnostic.fixes:
        for edit in fix.edits:
            yield edit.span


def _check_span(span: Span, widths: list[int]) -> None:
    for line, column in ((span.line, span.column), (span.end_line, span.end_column)):
        assert 1 <= line <= len(widths), span
        assert 1 <= column <= widths[line - 1] + 2, span  # of a CRLF, both characters belong to the line
    assert (span.line, span.column) <= (span.end_line, span.end_column), span


# --- formatting ---


def layout(source: str) -> str | None:
    """Return a program as it is laid out; None for one so near the size limit that its layout would be above it."""
    try:
        return format_source(source)
    except NeuralError as error:
        if [each.code for each in error.diagnostics] != ["N107"]:
            raise
        return None


def check_format(source: str, formatted: str | None = None) -> None:
    """Hold that formatting keeps the syntax and the comments, and that what is formatted stays as it is."""
    formatted = format_source(source) if formatted is None else formatted
    assert not parse(formatted).diagnostics, f"does not parse when formatted:\n{formatted}"
    assert blank(parse(formatted).program) == blank(parse(source).program), f"is another program:\n{formatted}"
    assert comments(formatted) == comments(source), f"loses or changes comments:\n{formatted}"
    again = format_source(formatted)
    assert again == formatted, f"formatting changes once more:\n{formatted}\n---\n{again}"
    assert all(line == line.rstrip() for line in formatted.split("\n")), f"space at a line's end:\n{formatted}"


def check_meaning(source: str, formatted: str) -> None:
    """Hold that two layouts of a program have the same layers, costs and diagnostics."""
    left, right = neural.analyze(source), neural.analyze(formatted)
    same = without_places(left.to_dict()) == without_places(right.to_dict())
    assert same, f"means something else when formatted:\n{formatted}"


def without_places(value: Any) -> Any:
    """Return plain data without lines, columns and the fixes that stand at them."""
    if isinstance(value, dict):
        dropped = {"line", "column", "end_line", "end_column", "fixes", "related"}
        return {key: without_places(each) for key, each in value.items() if key not in dropped}
    return [without_places(each) for each in value] if isinstance(value, list | tuple) else value


def blank(value: Any) -> Any:
    """Return syntax as plain data without its places."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {each.name: blank(getattr(value, each.name)) for each in fields(value) if each.name != "length"}
        return type(value).__name__, named
    if isinstance(value, tuple):
        if type(value) is tuple and len(value) == 2 and all(type(each) is int for each in value):
            return None
        parts = value._asdict() if hasattr(value, "_asdict") else None
        if parts is not None:
            return {key: blank(each) for key, each in parts.items() if key not in ("start", "range")}
        return [blank(each) for each in value]
    return (type(value).__name__, value)


def comments(source: str) -> Counter[str]:
    """Return the comments of a text, without space at their ends, and how often each stands there."""
    return Counter(each.rstrip() for each in _WORDS.findall(source) if each[0] == "#")


def commented(source: str, rng: Random) -> str:
    """Return a program with a comment in one or two gaps between its words."""
    gaps = [match.start() for match in re.finditer(r"(?<=[\s(){}\[\],;:])(?=[\s(){}\[\],;:\w])", source)]
    taken = [match.span() for match in _WORDS.finditer(source)]
    gaps = [gap for gap in gaps if not any(start < gap <= end for start, end in taken)] or [0]
    for gap in sorted(rng.sample(gaps, min(len(gaps), rng.choice((1, 2)))), reverse=True):
        source = f"{source[:gap]}{rng.choice(COMMENTS)} {rng.randint(0, 99)}\n{source[gap:]}"
    return source
