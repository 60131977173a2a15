"""Syntax errors: their place, code, words, related places and fixes."""

from __future__ import annotations

import pytest

from neural.diagnostics import Diagnostic
from neural.parser.parser import parse
from tests.binding.edits import applied
from tests.binding.programs import probe


def only(source: str) -> Diagnostic:
    (found,) = parse(source).diagnostics
    return found


WORDS: list[tuple[str, str, tuple[int, int, int, int], str]] = [
    # source, code, span, words of the message
    (probe("Dense(8 8)"), "N101", (4, 13, 4, 14), 'unexpected `8`: expected ")" or ","'),
    (probe('Dense(8 "relu")'), "N101", (4, 13, 4, 19), 'unexpected `"relu"`: expected ")" or ","'),
    (probe("Dense(8"), "N101", (4, 12, 4, 12), 'expected ")" here'),
    (probe("Residual() { Dense(6)")[:-3], "N102", (4, 26, 4, 26), 'the program ends before the "}" that closes'),
    ("network A { input: (6,) layers: Dense(2)", "N102", (1, 41, 1, 41), 'before the "}" that closes this "{"'),
    (probe("Dense(8) $"), "N103", (4, 14, 4, 15), "'$' dollar sign U+0024 has no meaning here"),
    (probe("Dense(8)\u00a0"), "N103", (4, 13, 4, 14), "no-break space U+00A0 has no meaning here"),
    (probe("Dense(8)\u202e"), "N103", (4, 13, 4, 14), "right-to-left override U+202E has no meaning here"),
    (probe("Dense(8)\u0663"), "N103", (4, 13, 4, 14), "arabic-indic digit three U+0663 has no meaning here"),
    (probe("Dense(8)\x00"), "N103", (4, 13, 4, 14), "U+0000 has no meaning here"),
    (probe("Dense(8)\U0001f642"), "N103", (4, 13, 4, 14), "slightly smiling face U+1F642 has no meaning here"),
    (probe("Dense(8, 'relu"), "N104", (4, 14, 4, 19), "this string is never closed"),
    ("netwrok A { input: (6,) layers: Dense(2) }", "N101", (1, 1, 1, 8), "unexpected `netwrok`"),
    ("x" * 300_000, "N107", (1, 1, 1, 1), "a program has at most 256 KiB"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "span", "words"), WORDS)
def test_place_and_words(source: str, code: str, span: tuple[int, int, int, int], words: str) -> None:
    found = only(source)
    assert found.code == code
    assert (found.span.line, found.span.column, found.span.end_line, found.span.end_column) == span
    assert words in found.message
    assert found.severity == "error"


HELP: list[tuple[str, str]] = [
    (probe("Dense(8 8)"), "values in parentheses are separated by commas"),
    (probe('Dense(8, "relu)'), 'close it with "'),
    (probe("Dense(8, 'relu)"), "close it with '"),
    (probe("Dense(8) $"), "names are ASCII letters, digits and underscores"),
    ("netwrok A { layers: Dense(2) }", "did you mean `network`?"),
    ("#" * 300_000, "use macros and repetition for what is alike"),
]


@pytest.mark.parametrize(("source", "words"), HELP)
def test_help(source: str, words: str) -> None:
    assert words in only(source).help


RELATED: list[tuple[str, str, list[tuple[int, int]]]] = [
    ("network A { input: (6,) layers: Dense(2)", 'the "{" that is open', [(1, 11)]),
    (probe("Dense(8"), 'the "(" that is open', [(4, 10)]),
]


@pytest.mark.parametrize(("source", "words", "places"), RELATED)
def test_related_places(source: str, words: str, places: list[tuple[int, int]]) -> None:
    found = only(source)
    assert [(each.span.line, each.span.column) for each in found.related] == places
    assert {each.message for each in found.related} == {words}


FIXES: list[tuple[str, str, str]] = [
    # source, title of the first fix, source after it
    (probe('Dense(8 "relu")'), 'insert ","', probe('Dense(8, "relu")')),
    (probe("Dense(8"), 'insert ")"', probe("Dense(8)")),
    ("network A { input: (6,) layers: Dense(2)", 'insert "}"', "network A { input: (6,) layers: Dense(2)}"),
    (probe("Dense(8)\u00a0"), "replace it with a space", probe("Dense(8) ")),
    (probe("Dense(8) $"), "remove it", probe("Dense(8) ")),
    ("netwrok A { layers: Dense(2) }", "write `network`", "network A { layers: Dense(2) }"),
]


@pytest.mark.parametrize(("source", "title", "fixed"), FIXES)
def test_fixes(source: str, title: str, fixed: str) -> None:
    found = only(source)
    assert found.fixes[0].title == title
    assert applied(source, found.fixes[0]) == fixed
    assert parse(fixed).diagnostics == ()


@pytest.mark.parametrize(
    ("end", "line", "column"), [("\n", 4, 12), ("\r\n", 4, 12), ("\r", 4, 12)], ids=["LF", "CRLF", "CR"]
)
def test_places_count_every_kind_of_line_end(end: str, line: int, column: int) -> None:
    found = only(probe("Dense(8").replace("\n", end))
    assert (found.line, found.column) == (line, column)


@pytest.mark.parametrize("text", ["é", "\U0001f642", "中文", "e\u0301"])
def test_columns_count_code_points(text: str) -> None:
    assert only(f"# {text}\nnetwork A {{ layers: Dense('{text}' 8) }}").column == 30 + len(text)


def test_long_tokens_are_shortened() -> None:
    assert len(only(probe(f"Dense(8 {'a' * 5000})")).message) < 120


def test_the_number_of_reports_is_bounded() -> None:
    assert 50 <= len(parse(probe("Dense(8 8)\n" * 500)).diagnostics) <= 101
    assert 20 <= len(parse(probe("$\n" * 5000)).diagnostics) <= 101


def test_the_same_problem_is_said_once_for_each_statement() -> None:
    found = parse(probe("Dense(8 8)\n    Dense(4)\n    Dense(9 9)")).diagnostics
    assert [(each.code, each.line, each.column) for each in found] == [("N101", 4, 13), ("N101", 6, 13)]
