"""Diagnostics as data: places in the text, and the JSON form."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

import neural
from neural.diagnostics import CODES, Diagnostic, Edit, Fix, LineIndex, Related, Span
from neural.errors import NeuralError
from tests.binding.programs import PROGRAMS, probe

POSITIONS: list[tuple[str, list[tuple[int, int]]]] = [
    # a text, and the place of each of its offsets, the end included
    ("", [(1, 1)]),
    ("ab", [(1, 1), (1, 2), (1, 3)]),
    ("a\nb", [(1, 1), (1, 2), (2, 1), (2, 2)]),
    ("\n\n", [(1, 1), (2, 1), (3, 1)]),
    ("a\r\nb", [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
    ("a\rb", [(1, 1), (1, 2), (2, 1), (2, 2)]),
    ("\r\r\n\n", [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1)]),
    ("é\U0001f642\nx", [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
    ("a\u2028b\x0bc", [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6)]),
]


@pytest.mark.parametrize(("text", "places"), POSITIONS)
def test_positions(text: str, places: list[tuple[int, int]]) -> None:
    index = LineIndex(text)
    assert [index.position(offset) for offset in range(len(text) + 1)] == places


def test_spans() -> None:
    index = LineIndex("ab\ncd")
    assert index.span(1, 4) == Span(1, 2, 2, 2)
    assert index.span(5, 5) == Span(2, 3, 2, 3)


def test_spans_are_ordered_by_where_they_begin() -> None:
    spans = [Span(2, 1, 2, 2), Span(1, 5, 1, 9), Span(1, 5, 1, 6), Span(1, 10, 1, 11)]
    assert sorted(spans) == [Span(1, 5, 1, 6), Span(1, 5, 1, 9), Span(1, 10, 1, 11), Span(2, 1, 2, 2)]


def test_codes_are_stable_words() -> None:
    assert all(len(code) == 4 and code[0] == "N" and code[1:].isdigit() for code in CODES)
    assert list(CODES) == sorted(CODES)
    assert len(set(CODES.values())) == len(CODES)


EVERYTHING = Diagnostic(
    "N203", "error", "wrong", Span(1, 2, 3, 4), "help",
    (Related("here first", Span(5, 6, 7, 8)),),
    (Fix("mend it", (Edit(Span(1, 2, 1, 2), "text"), Edit(Span(3, 4, 3, 5), ""))),),
)  # fmt: skip


def test_the_json_form() -> None:
    assert EVERYTHING.to_dict() == {
        "code": "N203",
        "severity": "error",
        "message": "wrong",
        "line": 1,
        "column": 2,
        "end_line": 3,
        "end_column": 4,
        "help": "help",
        "related": [{"message": "here first", "line": 5, "column": 6, "end_line": 7, "end_column": 8}],
        "fixes": [
            {
                "title": "mend it",
                "edits": [
                    {"line": 1, "column": 2, "end_line": 1, "end_column": 2, "text": "text"},
                    {"line": 3, "column": 4, "end_line": 3, "end_column": 5, "text": ""},
                ],
            }
        ],
    }


def test_a_plain_one_has_empty_lists() -> None:
    plain = Diagnostic("N203", "hint", "wrong", Span(1, 1, 1, 1)).to_dict()
    assert (plain["help"], plain["related"], plain["fixes"]) == ("", [], [])


def test_a_diagnostic_is_a_value() -> None:
    assert (EVERYTHING.line, EVERYTHING.column) == (1, 2)
    assert hash(EVERYTHING) == hash(Diagnostic(**{name: getattr(EVERYTHING, name) for name in (
        "code", "severity", "message", "span", "help", "related", "fixes",
    )}))  # fmt: skip
    with pytest.raises(FrozenInstanceError):
        EVERYTHING.code = "N101"  # type: ignore[misc]


@pytest.mark.parametrize("construct", PROGRAMS)
def test_every_report_is_json(construct: str) -> None:
    for row in PROGRAMS[construct]:
        if len(row.source) < 2000:
            report = neural.analyze(row.source)
            text = json.dumps(report.to_dict(), allow_nan=False)
            assert json.loads(text)["diagnostics"] == [each.to_dict() for each in report.diagnostics]
            text.encode("utf-8")


ERRORS: list[tuple[tuple[Diagnostic, ...], str]] = [
    ((), "the program has errors"),
    ((Diagnostic("N701", "hint", "a hint", Span(1, 1, 1, 1)),), "the program has errors"),
    ((EVERYTHING,), "1:2: N203: wrong"),
    ((Diagnostic("N701", "hint", "a hint", Span(1, 1, 1, 1)), EVERYTHING), "1:2: N203: wrong"),
]


@pytest.mark.parametrize(("diagnostics", "words"), ERRORS)
def test_an_exception_says_the_first_error(diagnostics: tuple[Diagnostic, ...], words: str) -> None:
    error = NeuralError(diagnostics)
    assert str(error) == words
    assert error.diagnostics == diagnostics


ARITHMETIC: list[tuple[str, str, str]] = [
    # statement, input: words of the message
    ("Conv2D(4, 32)", "(28, 28, 1)", "28 - 32 + 1 = -3: the 32x32 window does not fit in 28x28"),
    ("MaxPooling2D((8, 8))", "(5, 5, 1)", "5 - 8 + 1 = -2"),
    ("Conv2D(4, 3, dilation_rate=4)", "(8, 8, 1)", "8 - 9 + 1 = 0: the 3x3 window (dilated to 9x9) does not fit"),
    ("Conv2D(4, 3, groups=2)", "(8, 8, 3)", "3 % 2 = 1"),
    ("Reshape((3, 5))", "(16,)", "16 = 16 elements"),
    ("Reshape((3, -1))", "(16,)", "16 % 3 = 1"),
    ("Cropping1D(4)", "(7, 5)", "7 - 4 - 4 = -1"),
    ("Residual() { Dense(5) }", "(6,)", "6 and 5 differ in axis -1"),
    ("LSTM(4)", "(6,)", "(steps, features)"),
    ("Embedding(50, 4)", "(12, 8)", "looks embedded already"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "input", "words"), ARITHMETIC)
def test_shape_errors_show_the_arithmetic(statement: str, input: str, words: str) -> None:
    (found,) = neural.analyze(probe(statement, input)).diagnostics
    assert found.code == "N401"
    assert words in found.message
    assert found.help


RELATED: list[tuple[str, tuple[int, int]]] = [
    # source, and the place that its diagnostic points to besides
    (probe("a = Dense(6) a = Dense(6)"), (4, 5)),
    (probe("Dense(units=8, units=9)"), (4, 17)),
    (probe('Dense(6, name="x") Dense(6, name="x")'), (4, 19)),
    ("let a = 3\nlet a = 4\n" + probe("Dense(6)"), (1, 5)),
    ("network A {\n  input: (6,)\n  layers: Dense(2)\n  input: (7,)\n}", (2, 3)),
    (probe("Dense(6)\n  train { epochs: 3 epochs: 4 }"), (5, 11)),
    ("network A { input: (6,) layers: Dense(2)", (1, 11)),
]


@pytest.mark.parametrize(("source", "place"), RELATED)
def test_what_is_repeated_points_to_the_first(source: str, place: tuple[int, int]) -> None:
    (found,) = neural.analyze(source).diagnostics
    assert [(each.span.line, each.span.column) for each in found.related] == [place]


CHAINS: list[tuple[str, str]] = [
    ("define A { A() }\n", "the macro `A` reaches itself: A -> A"),
    ("define A { B() }\ndefine B { A() }\n", "the macro `A` reaches itself: A -> B -> A"),
    ("define A { B() }\ndefine B { C() }\ndefine C { B() }\n", "the macro `B` reaches itself: B -> C -> B"),
    ("define A { Residual() { A() } }\n", "the macro `A` reaches itself: A -> A"),
]


@pytest.mark.parametrize(("macros", "message"), CHAINS)
def test_a_macro_that_reaches_itself_shows_the_chain(macros: str, message: str) -> None:
    (found,) = neural.analyze(probe("A()", top=macros)).diagnostics
    assert (found.code, found.message) == ("N306", message)
