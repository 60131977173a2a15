"""Diagnostics as text: the place, the line, the caret below the fault, and nothing a terminal would obey."""

from __future__ import annotations

import click
import pytest

from neural.cli.console import render, render_github
from neural.diagnostics import Diagnostic, Edit, Fix, Related, Span
from neural.terminal import shown

SOURCE = "network Net {\n    input: (28, 28, 1)\n    layers:\n        Conv2D(32, kernel_size=(0, 3))\n}"


def plain(diagnostic: Diagnostic, source: str = SOURCE, name: str = "net.neural") -> str:
    return click.unstyle(render(diagnostic, name, source.split("\n")))


def test_everything_a_diagnostic_carries_is_shown() -> None:
    span = Span(4, 32, 4, 38)
    diagnostic = Diagnostic(
        "N203",
        "error",
        "kernel_size must be 1 or more, not 0",
        span,
        help="give each size",
        related=(Related("the input is here", Span(2, 5, 2, 10)),),
        fixes=(Fix("use (1, 3)", (Edit(span, "(1, 3)"),)),),
    )
    assert plain(diagnostic) == (
        "net.neural:4:32: error N203: kernel_size must be 1 or more, not 0\n"
        "            Conv2D(32, kernel_size=(0, 3))\n"
        "                                   ^^^^^^\n"
        "    help: give each size\n"
        "    fix: use (1, 3)\n"
        "net.neural:2:5: note: the input is here"
    )


@pytest.mark.parametrize(
    ("line", "columns", "carets"),
    [
        ("Dense(10)", (1, 6), "^^^^^"),
        ("Dense(10)", (10, 10), "         ^"),  # at the end: one caret
        ("\tDense(10)", (2, 7), "    ^^^^^"),  # a tab is four columns
        ('"深度" Dense', (6, 11), "       ^^^^^"),  # wide characters are two
        ("e\u0301 Dense", (4, 9), "  ^^^^^"),  # a combining accent is none
        ("\u202eDense", (2, 7), "      ^^^^^"),  # a direction mark is written as its escape
        ("\x1b[2J", (1, 2), "^^^^"),
        ("x = 5", (9, 12), "^"),  # beyond the line: still one caret
    ],
)
def test_the_caret_stands_below_the_fault(line: str, columns: tuple[int, int], carets: str) -> None:
    diagnostic = Diagnostic("N101", "error", "no", Span(1, columns[0], 1, columns[1]))
    excerpt = plain(diagnostic, line).split("\n")[2]
    assert excerpt.removeprefix("    ").rstrip().endswith(carets.strip())
    if columns[0] <= len(line):
        assert excerpt == "    " + carets


def test_a_span_over_lines_is_marked_to_the_end_of_the_first() -> None:
    text = plain(Diagnostic("N101", "error", "no", Span(1, 9, 2, 4)))
    assert text.split("\n")[1:] == ["    network Net {", "            ^^^^^"]


def test_a_long_line_is_cut_around_the_fault() -> None:
    line = "x" * 5_000 + "BAD" + "y" * 5_000
    excerpt, carets = plain(Diagnostic("N101", "error", "no", Span(1, 5_001, 1, 5_004)), line).split("\n")[1:]
    assert len(excerpt) < 200
    assert excerpt[carets.index("^") :].startswith("BAD")
    assert carets.count("^") == 3


@pytest.mark.parametrize("source", [SOURCE, SOURCE + "\n\n\n\n\n"])
def test_a_place_where_there_is_no_text_has_no_excerpt(source: str) -> None:
    assert plain(Diagnostic("N102", "error", "no", Span(9, 1, 9, 1)), source) == "net.neural:9:1: error N102: no"


def test_nothing_reaches_the_terminal_as_a_command() -> None:
    diagnostic = Diagnostic("N101", "error", "\x1b[2J\u202e", Span(1, 1, 1, 2), help="a\rb")
    text = plain(diagnostic, "\x1b]0;owned\x07", "na\nme")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.startswith("na\\nme:1:1: error N101: \\x1b[2J\\u202e\n")


@pytest.mark.parametrize(
    ("text", "safe"), [("plain é 深", "plain é 深"), ("a\tb\n", "a\\tb\\n"), ("\ud800", "\\ud800"), ("\x00", "\\x00")]
)
def test_shown(text: str, safe: str) -> None:
    assert shown(text) == safe


def test_colour_is_by_severity() -> None:
    text = render(Diagnostic("N701", "hint", "say it so", Span(1, 1, 1, 2)), "f", ["x"])
    assert click.style("hint N701", fg="cyan", bold=True) in text


@pytest.mark.parametrize(
    ("diagnostic", "line"),
    [
        (
            Diagnostic("N203", "error", "50% of\nit", Span(2, 3, 2, 5), help="a: b"),
            "::error file=a%2Cb%3Ac.neural,line=2,endLine=2,col=3,endColumn=5,title=N203::50%25 of%0Ait%0Aa: b",
        ),
        (
            Diagnostic("N701", "hint", "so", Span(2, 3, 4, 5)),
            "::notice file=a%2Cb%3Ac.neural,line=2,endLine=4,col=3,title=N701::so",
        ),
        (
            Diagnostic("N702", "warning", "so", Span(1, 1, 1, 1)),
            "::warning file=a%2Cb%3Ac.neural,line=1,endLine=1,col=1,endColumn=1,title=N702::so",
        ),
    ],
)
def test_github_annotations(diagnostic: Diagnostic, line: str) -> None:
    assert render_github(diagnostic, "a,b:c.neural") == line
