"""A broken program: what is right around the broken part is analysed, and each broken statement has one report."""

from __future__ import annotations

from pathlib import Path

import pytest

import neural
from neural.compiler import default_compiler
from neural.diagnostics import CODES
from tests.binding.programs import PROGRAMS, probe
from tests.generation.checks import check_diagnostics

#: Short examples, most of whose statements stand in the network itself.
SHORT = (
    *("alexnet", "autoencoder", "devices", "frames", "inception", "lenet", "mnist", "mobile", "residual"),
    *("sentiment", "timeseries", "transformer"),
)
EXAMPLES = [Path(__file__).parents[2] / "examples" / f"{name}.neural" for name in SHORT]

Found = list[tuple[str, int, int]]

SEVERAL: list[tuple[str, Found, list[str]]] = [
    # statements from line 4 on, the reports, the layers with "!" for a broken and "?" for an unknown one
    ("Dense(8 8)\n    Dense(4)", [("N101", 4, 13)], ["dense!", "dense_1?"]),
    ("Dense(8\n    Dense(4)", [("N101", 4, 12)], ["dense", "dense_1"]),
    ("Dense((8\n    Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("Dense(8))\n    Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("a = Dense(8) b = = Dense(3)\n    Dense(4)(a)", [("N101", 4, 22)], ["a", "b!", "dense"]),
    ("Dense(8) )\n    Dense(4)", [("N101", 4, 14)], ["dense", "dense_1"]),
    ("a, b = Split(2\n    Add()(a, b)", [("N101", 4, 19)], ["a", "b", "add"]),
    ("a, b = Split(2 2 2)\n    Add()(a, b)\n    Dense(2)(input)", [("N101", 4, 20)], ["a!", "add?", "dense"]),
    ("a, b = Splot(2)\n    Add()(a, b)\n    Dense(2)(input)", [("N201", 4, 12)], ["a!", "add?", "dense"]),
    ("a, b, c = Split(2)\n    Add()(a, c)\n    Add()(a, b)", [("N311", 4, 11)], ["a", "b", "c?", "add?", "add_1"]),
    ("a, b = Split(4)\n    Add()(a, b)\n    Dense(2)(b)", [("N401", 4, 12)], ["a!", "b?", "add?", "dense?"]),
    ("a = Dense(8)\n    Dense(,)\n    Dense(4)(a)", [("N101", 5, 11)], ["a", "dense!", "dense_1"]),
    ("a = Dense(8)\n    $\n    Dense(4)", [("N103", 5, 5)], ["a", "dense"]),
    ("a = Dense(8)\n    3\n    Dense(4)", [("N101", 5, 5)], ["a", "dense"]),
    ("Dense(8, 'relu)\n    Dense(4)(input)", [("N104", 4, 14)], ["dense!", "dense_1"]),
    ("Dense(8, wobble=1)\n    Dense(4)(input)\n    Dense(8 8)", [("N202", 4, 14), ("N101", 6, 13)],
     ["dense!", "dense_1", "dense_2!"]),
    ("Desne(8)\n    Dense(4)(input)\n    Dropout(2)", [("N201", 4, 5), ("N203", 6, 13)],
     ["desne!", "dense", "dropout!"]),
    ("Residual() {\n      Dense(6 6)\n    }\n    Dense(4)(input)", [("N101", 5, 15)],
     ["dense!", "add?", "dense_1"]),
    ("Residual() {\n      Dense(6\n    }\n    Dense(4)", [("N101", 5, 14)], ["dense", "add", "dense_1"]),
    ("for i in 0..2 {\n      Dense(6 6)\n    }\n    Dense(4)(input)", [("N101", 5, 15)],
     ["dense!", "dense_1!", "dense_2"]),
    ("for i in 0.. {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 18)], ["for!", "dense"]),
    ("Conv2D(3, 3)\n    Dense(4)\n    Dense(5)(input)\n    Conv1D(3, 3)", [("N401", 4, 5), ("N401", 7, 5)],
     ["conv2d!", "dense?", "dense_1", "conv1d!"]),
]  # fmt: skip

#: As ``SEVERAL``: half-typed and mistyped statements.
HALF_TYPED: list[tuple[str, Found, list[str]]] = [
    ("Dense(8,\n    Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("Dense(8, \"relu\"\n    x = Dense(4)\n    Dense(3)(x)", [("N101", 4, 20)], ["dense", "x", "dense_1"]),
    ("Dense 8\n    Dense(4)", [("N101", 4, 11)], ["dense", "dense_1"]),
    ("Dense[8]\n    Dense(4)", [("N101", 4, 10)], ["dense", "dense_1"]),
    ("Dense(8)]\n    Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("x = \n    Dense(4)", [], ["x"]),
    ("= Dense(8)\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("x == Dense(8)\n    Dense(4)(input)", [("N101", 4, 7)], ["x!", "dense"]),
    ("Dense(8) * * 2\n    Dense(4)", [("N101", 4, 18)], ["dense!", "dense_1?"]),
    ("Dense(8) @ cpu\n    Dense(4)(input)", [("N101", 4, 16)], ["dense!", "dense_1"]),
    ("Dense(8)(\n    Dense(4)", [("N101", 4, 14)], ["dense!", "dense_1?"]),
    ("Dense(8)(input\n    Dense(4)", [("N101", 4, 19)], ["dense", "dense_1"]),
    ("Dense(8)(input,,)\n    Dense(4)(input)", [("N101", 4, 20)], ["dense!", "dense_1"]),
    ("Dense(8)(3)\n    Dense(4)(input)", [("N101", 4, 14)], ["dense!", "dense_1"]),
    ("Parallel() {\n      a { Dense(6) }\n      b: { Dense(6) }\n    }\n    Dense(4)(input)", [("N308", 5, 7)],
     ["parallel!", "dense"]),
    ("Parallel() {\n      a: Dense(6)\n      b: { Dense(6) }\n    }\n    Dense(4)(input)", [("N308", 5, 7)],
     ["parallel!", "dense"]),
    ("for in 0..2 {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 9)], ["for!", "dense"]),
    ("for i 0..2 {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 11)], ["for!", "dense"]),
    ("for i in 0,2 {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 15)], ["for!", "dense"]),
    ("Dense(units=)\n    Dense(4)(input)", [("N101", 4, 17)], ["dense!", "dense_1"]),
    ("Dense(=8)\n    Dense(4)(input)", [("N101", 4, 11)], ["dense!", "dense_1"]),
    ("Dense(units 8)\n    Dense(4)(input)", [("N101", 4, 17)], ["dense!", "dense_1"]),
    ("Dense(units==8)\n    Dense(4)(input)", [("N207", 4, 11)], ["dense!", "dense_1"]),
    ("Dense(8;)\n    Dense(4)(input)", [("N101", 4, 12)], ["dense", "dense_1"]),
    ("Dense(8, \"relu\", )\n    Dense(4)", [], ["dense", "dense_1"]),
    ("Dense(8 + )\n    Dense(4)(input)", [("N101", 4, 15)], ["dense!", "dense_1"]),
    ("Dense(* 8)\n    Dense(4)(input)", [("N101", 4, 11)], ["dense!", "dense_1"]),
    ("Dense((8, 3)\n    Dense(4)", [("N101", 4, 17)], ["dense!", "dense_1?"]),
    ("Dense([8, 3)\n    Dense(4)(input)", [("N101", 4, 16)], ["dense!", "dense_1"]),
    ("Dense({units: 8)\n    Dense(4)(input)", [("N101", 4, 20)], ["dense!", "dense_1"]),
    ("Dense(1 if true)\n    Dense(4)(input)", [("N101", 4, 20)], ["dense!", "dense_1"]),
    ("Dense(\"relu\n    Dense(4)(input)", [("N104", 4, 11)], ["dense!", "dense_1"]),
    ("Dense(\"re\\q\", 8)\n    Dense(4)(input)", [("N203", 4, 11)], ["dense!", "dense_1"]),
    ("Dense(8) Dense(4", [("N101", 4, 21)], ["dense", "dense_1"]),
    ("Dense(8) Dense(4\n    Dense(3)\n    Dense(2", [("N101", 4, 21), ("N101", 6, 12)],
     ["dense", "dense_1", "dense_2", "dense_3"]),
    ("input\n    Dense(4)", [("N101", 4, 5)], ["input_1!", "dense?"]),
    ("layers: Dense(4)", [("N302", 4, 5)], []),
    ("let x = 3\n    Dense(4)", [("N101", 4, 5)], ["let!", "dense?"]),
    ("Dense(for=3)\n    Dense(4)(input)", [("N202", 4, 11)], ["dense!", "dense_1"]),
    ("for = Dense(3)\n    Dense(4)", [("N101", 4, 9)], ["for!", "dense?"]),
    ("Dense(8)) ) )\n    Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("Dense(8), Dense(4)", [("N101", 4, 13)], ["dense", "dense_1"]),
    ("Dense(8) -> Dense(4)\n    Dense(3)(input)", [("N101", 4, 14)], ["dense", "dense_1", "dense_2"]),
    ("Dense(８)\n    Dense(4)(input)", [("N103", 4, 11)], ["dense!", "dense_1"]),
    ("// comment\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("/* comment */\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("- Dense(8)\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("\"text\"\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("(Dense(8))\n    Dense(4)", [("N101", 4, 5)], ["dense"]),
    ("Dense(8).relu()\n    Dense(4)", [("N103", 4, 13)], ["dense", "re_lu", "dense_1"]),
    ("HPO(choice(Dense(8), Dense(4))\n    Dense(3)", [("N101", 4, 35)], ["dense", "dense_1"]),
    ("Dense(8) *\n    Dense(4)", [("N101", 4, 15)], ["dense", "dense_1"]),
    ("Dense(8) * mΩn(2)\n    Dense(4)(input)", [("N103", 4, 17)], ["dense!", "dense_1"]),
    ("Dense(8) @\n    Dense(4)(input)", [("N101", 4, 15)], ["dense", "dense_1"]),
    ("Dense{8}\n    Dense(4)(input)", [("N101", 4, 11)], ["dense", "dense_1"]),
    ("Dense(8}\n    Dense(4)(input)", [("N101", 4, 12)], ["dense", "dense_1"]),
    ("Residual( {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 14)], ["dense", "add", "dense_1"]),
    ("Residual) {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N101", 4, 13)], ["dense", "add", "dense_1"]),
    ("nn.Linear(8)\n    Dense(4)(input)", [("N103", 4, 7)], ["dense", "dense_1"]),
    ("for i in 0...2 {\n      Dense(6)\n    }\n    Dense(4)(input)", [("N208", 4, 17)], ["i!", "dense"]),
]  # fmt: skip

MARKS = {"ok": "", "error": "!", "unknown": "?"}


def found(source: str) -> Found:
    found = neural.analyze(source).diagnostics
    return [(each.code, each.line, each.column) for each in found if each.severity != "hint"]


def layers(source: str) -> list[str]:
    return [layer.key + MARKS[layer.status] for layer in neural.analyze(source).layers]


@pytest.mark.parametrize(("statements", "reports", "kept"), [*SEVERAL, *HALF_TYPED])
def test_reports_and_layers(statements: str, reports: Found, kept: list[str]) -> None:
    assert found(probe(statements)) == reports
    assert layers(probe(statements)) == kept


SECTIONS: list[tuple[str, Found, list[str]]] = [
    ("network A {\n  input: (6,\n  layers:\n    Dense(2)\n}\n", [("N101", 2, 13)], ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\n  loss: [mse\n  train { epochs: 3 }\n}\n", [("N101", 5, 13)],
     ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\n  train { epochs 3 }\n}\n", [("N101", 5, 18)], ["dense"]),
    ("network A {\n  input: (6,)\n  lyers:\n    Dense(2)\n}\n", [("N303", 3, 3)], ["dense"]),
    ("network A {\n  inptu: (6,)\n  layers:\n    Dense(2)\n}\n", [("N303", 2, 3)], ["dense"]),
    ("let = 3\nnetwork A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n", [("N101", 1, 5)], ["dense"]),
    ("network ] {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n", [("N101", 1, 9)], ["dense"]),
    ("network {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n", [("N101", 1, 9)], ["dense"]),
    ("define {\n  Dense(2)\n}\ndefine {\n  Dense(2)\n}\n" + "network A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n",
     [("N101", 1, 8), ("N101", 4, 8)], ["dense"]),
    ("define {\n  Dense(2)\n}\nnetwork A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n", [("N101", 1, 8)], ["dense"]),
    ("define B {\n  Dense(2 2)\n}\nnetwork A {\n  input: (6,)\n  layers:\n    B()\n    Dense(2)(input)\n}\n",
     [("N101", 2, 11)], ["dense!", "dense_1"]),
    ("netwrok A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n", [("N101", 1, 1)], ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\n", [("N102", 5, 1)], ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\nnetwork B {\n  input: (6,)\n  layers:\n    Dense(3)\n}\n",
     [("N102", 10, 1)], ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\n}\n", [("N101", 6, 1)], ["dense"]),
    ("network A {\n  input: (6,)\n  layers:\n    Dense(2)\n}\nnetwork {\n}\n", [("N101", 6, 9)], ["dense"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "reports", "kept"), SECTIONS)
def test_broken_sections_and_items(source: str, reports: Found, kept: list[str]) -> None:
    assert found(source) == reports
    assert layers(source) == kept


def test_reports_come_in_the_order_of_the_text() -> None:
    source = probe("Dense(8 8)\n    Desne(3)\n    $\n    Conv2D(3, 3)(input)\n    Dense(-1)") + "let a = 1 / 0\n"
    places = [(line, column) for _, line, column in found(source)]
    assert places == sorted(places)
    assert len(places) == 6


def test_a_mended_statement_has_no_second_report() -> None:
    assert found(probe("Dense(8, wobble=3")) == [("N101", 4, 22)]
    assert found(probe("Dense(-8 8)")) == [("N101", 4, 14)]


def statements(source: str) -> set[tuple[int, int]]:
    """Return where the statements stand whose layers are analysed."""
    plan = default_compiler().plan(source).plan
    return {step.node.place.statement for step in plan.steps if step.status == "ok"} if plan else set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_prefix_of_an_example_is_analysed(path: Path) -> None:
    """While one types, at least 90 % of the prefixes keep every layer whose statement stands before the caret."""
    source = path.read_text(encoding="utf-8")
    start = source.index("layers:") + len("layers:")
    whole = statements(source)
    kept = total = 0
    for end in range(0, len(source), 1 if len(source) < 500 else 3):
        text = source[:end]
        check_diagnostics(text, neural.analyze(text).diagnostics)
        complete = {(begins, ends) for begins, ends in whole if start <= begins and ends <= end}
        if complete:
            total += 1
            kept += statements(text) >= complete
    assert total > 50
    assert kept >= 0.9 * total


@pytest.mark.parametrize("construct", [name for name in PROGRAMS if name != "limits"])
def test_every_prefix_of_a_row_is_analysed(construct: str) -> None:
    for row in PROGRAMS[construct]:
        for end in range(0, len(row.source), 7):
            report = neural.analyze(row.source[:end])
            assert {each.code for each in report.diagnostics} <= set(CODES)
