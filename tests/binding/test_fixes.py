"""Every fix that is offered removes its diagnostic and adds no error."""

from __future__ import annotations

import pytest

import neural
from tests.binding.edits import applied
from tests.binding.programs import PROGRAMS, Program, bad, hint, probe, section

ROWS = [
    pytest.param(row, id=f"{construct}-{number}")
    for construct, rows in PROGRAMS.items()
    for number, row in enumerate(rows, 1)
    if row.verdict != "ok" and len(row.source) < 2000
]


def errors(source: str) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in neural.analyze(source).diagnostics if each.severity == "error"]


@pytest.mark.parametrize("row", ROWS)
def test_a_fix_removes_its_diagnostic_and_adds_no_error(row: Program) -> None:
    before = errors(row.source)
    for diagnostic in neural.analyze(row.source).diagnostics:
        said = (diagnostic.code, diagnostic.message)
        for fix in diagnostic.fixes:
            fixed = applied(row.source, fix)
            assert fixed != row.source
            assert [each for each in errors(fixed) if each not in before or each == said] == [], fix.title
            assert said not in [(each.code, each.message) for each in neural.analyze(fixed).diagnostics], fix.title


FIXED: list[tuple[Program, str]] = [
    (bad(probe("Desne(8)"), "N201", 4, 5), probe("Dense(8)")),
    (bad(probe("Dense(8, relu)"), "N207", 4, 14), probe('Dense(8, "relu")')),
    (bad(probe("Dense(8, activatoin='relu')"), "N202", 4, 14), probe("Dense(8, activation='relu')")),
    (bad(probe('Dense(8, "rleu")'), "N203", 4, 14), probe('Dense(8, "relu")')),
    (bad(probe("Dense(wdth)", top="let width = 8\n"), "N207", 5, 11), probe("Dense(width)", top="let width = 8\n")),
    (bad(probe('Dense(8 "relu")'), "N101", 4, 13), probe('Dense(8, "relu")')),
    (
        bad(probe("alpha = Dense(6) Add()(alhpa, input)"), "N307", 4, 28),
        probe("alpha = Dense(6) Add()(alpha, input)"),
    ),
    (bad(section('lose: "mse"'), "N303", 5, 3), section('loss: "mse"')),
    (bad(section('loss: "mean_sqared_error"'), "N501", 5, 9), section('loss: "mean_squared_error"')),
    (bad(section("optimizer: Adamm(0.1)"), "N501", 5, 14), section("optimizer: Adam(0.1)")),
    (bad(section("train { epoch: 3 }"), "N502", 5, 11), section("train { epochs: 3 }")),
    (bad("netwrok A { input: (6,) layers: Dense(2) }", "N101", 1, 1), "network A { input: (6,) layers: Dense(2) }"),
    (bad("network A { input: (6,) layers: Dense(2) ", "N102", 1, 42), "network A { input: (6,) layers: Dense(2) }"),
    (bad(probe("Dense(2)", "(-8, 3)"), "N203", 2, 11), probe("Dense(2)", "(8, 3)")),
    (
        bad(probe("Conv2D(4, 32)", "(28, 28, 1)"), "N401", 4, 5),
        probe('Conv2D(4, 32, padding="same")', "(28, 28, 1)"),
    ),
    (
        bad(probe('Conv2D(4, 32, padding="valid")', "(28, 28, 1)"), "N401", 4, 5),
        probe('Conv2D(4, 32, padding="same")', "(28, 28, 1)"),
    ),
    (bad(probe("Embedding(50, 4) Dense(2)", "(12, 8)"), "N401", 4, 5), probe(" Dense(2)", "(12, 8)")),
    (bad(probe("Reshape((3, 4))", "(16, 2)"), "N401", 4, 5), probe("Reshape((-1, 4))", "(16, 2)")),
    (hint(probe("Dense(out_features=8)"), "N701", 4, 11), probe("Dense(units=8)")),
    (hint(probe("Linear(8)"), "N701", 4, 5), probe("Dense(8)")),
    (
        bad(probe('words = Embedding(9, 4) Dense(tied="wrods")'), "N307", 4, 40),
        probe('words = Embedding(9, 4) Dense(tied="words")'),
    ),
    (
        bad(probe('words = Embedding(9, 4) Dense(8, tied="words")'), "N401", 4, 29),
        probe('words = Embedding(9, 4) Dense(9, tied="words")'),
    ),
    (
        bad(probe('words = Embedding(9, 4)\n    Flatten()\n    Output(tied="words")'), "N401", 6, 5),
        probe('words = Embedding(9, 4)\n    Flatten()\n    Dense(4)\n    Output(tied="words")'),
    ),
    (hint(section("optimizer: Adam(lr=0.1)"), "N701", 5, 19), section("optimizer: Adam(learning_rate=0.1)")),
    (
        hint(section('optimizer: "Adam(learning_rate=0.1)"'), "N701", 5, 14),
        section("optimizer: Adam(learning_rate=0.1)"),
    ),
    (
        hint(probe("Output(2)", "(8, 8, 1)"), "N702", 4, 5),
        probe("Flatten()\n    Output(2)", "(8, 8, 1)"),
    ),
]


@pytest.mark.parametrize(("row", "fixed"), FIXED, ids=lambda each: each.code if isinstance(each, Program) else "")
def test_the_first_fix_gives_what_was_meant(row: Program, fixed: str) -> None:
    (diagnostic,) = neural.analyze(row.source).diagnostics
    found = (diagnostic.severity, diagnostic.code, diagnostic.line, diagnostic.column)
    assert found == (row.verdict, row.code, row.line, row.column)
    assert applied(row.source, diagnostic.fixes[0]) == fixed
    assert neural.analyze(fixed).diagnostics == ()


def test_fixes_are_offered_for_many_rows() -> None:
    rows = [row for rows in PROGRAMS.values() for row in rows if row.verdict != "ok" and len(row.source) < 2000]
    assert sum(any(each.fixes for each in neural.analyze(row.source).diagnostics) for row in rows) >= 80
