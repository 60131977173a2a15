"""How the command line reads programs and shows diagnostics."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

import click

from neural.diagnostics import Diagnostic, Severity, Span
from neural.terminal import columns, shown

_COLOURS: Final[Mapping[Severity, str]] = {"error": "red", "warning": "yellow", "hint": "cyan"}
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_WIDEST: Final = 160


class Refused(click.ClickException):
    """What was asked for cannot be done, through no fault of the program: one line, exit code 2."""

    exit_code = 2


def read_source(path: str) -> str:
    """Return the text of a file, or of the standard input for ``-``, every character as it stands."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise Refused(f"cannot read {shown(path)}: {error.strerror}") from error
    except ValueError as error:  # undecodable text, or a NUL in the path
        reason = f"it is not UTF-8 at byte {error.start}" if isinstance(error, UnicodeDecodeError) else str(error)
        raise Refused(f"cannot read {shown(source_name(path))}: {reason}") from error


def write_output(content: str | bytes, path: str | None) -> None:
    """Write text, or bytes as they are, to a file, or to the standard output for None and ``-``."""
    if path in (None, "-"):
        click.echo(content, nl=isinstance(content, str) and not content.endswith("\n"))
        return
    try:
        Path(str(path)).write_bytes(content if isinstance(content, bytes) else content.encode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Refused(f"cannot write {shown(str(path))}: {reason}") from error


def source_name(path: str) -> str:
    """Return what a file is called in messages."""
    return "<stdin>" if path == "-" else path


def show_diagnostics(diagnostics: Iterable[Diagnostic], path: str, source: str) -> None:
    """Write diagnostics to the standard error, in colour on a terminal."""
    lines = _LINE_END.split(source)
    for diagnostic in diagnostics:
        click.echo(render(diagnostic, source_name(path), lines), err=True)


def stop_with(diagnostics: Iterable[Diagnostic], path: str, source: str) -> NoReturn:
    """Show why a program cannot be used, and exit with 1."""
    show_diagnostics(diagnostics, path, source)
    sys.exit(1)


def render(diagnostic: Diagnostic, name: str, lines: Sequence[str]) -> str:
    """Return a diagnostic as text: place, code and message, the line with a caret, help, repairs and other places."""
    colour = _COLOURS[diagnostic.severity]
    label = click.style(f"{diagnostic.severity} {diagnostic.code}", fg=colour, bold=True)
    parts = [f"{_place(name, diagnostic.span)}: {label}: {shown(diagnostic.message)}"]
    parts += _excerpt(diagnostic.span, lines, colour)
    if diagnostic.help:
        parts.append(f"    help: {shown(diagnostic.help)}")
    parts += [f"    fix: {shown(fix.title)}" for fix in diagnostic.fixes]
    parts += [f"{_place(name, other.span)}: note: {shown(other.message)}" for other in diagnostic.related]
    return "\n".join(parts)


def render_github(diagnostic: Diagnostic, name: str) -> str:
    """Return a diagnostic as an annotation of GitHub Actions.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
    """
    kind = "notice" if diagnostic.severity == "hint" else diagnostic.severity
    span = diagnostic.span
    where = {"file": name, "line": span.line, "endLine": span.end_line, "col": span.column}
    if span.end_line == span.line:
        where["endColumn"] = span.end_column
    where["title"] = diagnostic.code
    properties = ",".join(f"{key}={_github(str(value), ':,')}" for key, value in where.items())
    message = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    return f"::{kind} {properties}::{_github(message)}"


def _place(name: str, span: Span) -> str:
    return click.style(f"{shown(name)}:{span.line}:{span.column}", bold=True)


def _excerpt(span: Span, lines: Sequence[str], colour: str) -> list[str]:
    """Return the line where a span begins and the carets below it; nothing for a line that is empty."""
    if not 1 <= span.line <= len(lines) or not lines[span.line - 1].strip():
        return []
    line, start = lines[span.line - 1], span.column - 1
    stop = span.end_column - 1 if span.end_line == span.line else len(line)
    first = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    window = line[first : first + _WIDEST]
    before = _on_terminal(line[first:start])
    marked = _on_terminal(line[start : min(stop, first + _WIDEST)])
    carets = "^" * max(1, columns(marked))
    return [
        f"    {_on_terminal(window)}".rstrip(),
        f"    {' ' * columns(before)}{click.style(carets, fg=colour, bold=True)}",
    ]


def _on_terminal(text: str) -> str:
    return shown(text.replace("\t", "    "))


def _github(text: str, also: str = "") -> str:
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
