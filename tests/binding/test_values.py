"""Values: expressions, constants and search values, and what the layers make of them."""

from __future__ import annotations

from typing import Any

import pytest

import neural
from neural.compiler import default_compiler
from neural.network import Network
from tests.binding.graphs import network, widths
from tests.binding.programs import probe

EXPRESSIONS: list[tuple[str, int]] = [
    ("2 + 3 * 4", 14),
    ("(2 + 3) * 4", 20),
    ("20 - 3 - 4", 13),
    ("2 ** 3 ** 2", 512),
    ("(2 ** 3) ** 2", 64),
    ("-2 ** 2 + 10", 6),
    ("(-2) ** 2", 4),
    ("2 ** -1 * 8", 4),
    ("17 // 5", 3),
    ("-7 // 2 + 10", 6),
    ("17 % 5", 2),
    ("-7 % 5", 3),
    ("12 / 4", 3),
    ("7 / 2 * 2", 7),
    ("9007199254740993 / 3 - 3002399751580330", 1),
    ("4503599627370497 * 2 - 9007199254740990", 4),
    ("+8", 8),
    ("- -8", 8),
    ("1e1", 10),
    ("2.0", 2),
    ("0.5 * 8", 4),
    ("1_000", 1000),
    ("3 if 1 < 2 else 4", 3),
    ("3 if 1 >= 2 else 4 if 1 == 1 else 5", 4),
    ("3 if 2 != 2 else 4", 4),
    ("3 if 2 <= 2 else 4", 3),
    ("3 if 3 > 2 else 1 / 0", 3),
    ("3 if false else 4", 4),
    ('3 if "a" == "a" else 4', 3),
    ("3 if (1, 2) == (1, 2) else 4", 3),
    ("3 if none == 0 else 4", 4),
    ("min(3, 2, 5)", 2),
    ("max(3, 2, 5)", 5),
    ("max(3)", 3),
    ("abs(-3)", 3),
    ("round(2.6)", 3),
    ("round(2.5)", 2),
    ("ceil(2.1)", 3),
    ("ceil(-2.9) + 5", 3),
    ("floor(2.9)", 2),
    ("int(2.9)", 2),
    ("int(-2.9) + 5", 3),
    # the rounding of the MobileNet family: to the nearest multiple, never losing more than a tenth
    ("divisible(32, 8)", 32),
    ("divisible(35, 8)", 32),
    ("divisible(36, 8)", 40),
    ("divisible(11, 8)", 16),
    ("divisible(3, 8)", 8),
    ("divisible(24 * 0.75, 8)", 24),
    ("divisible(1.4 * 96, 8)", 136),
    ("size(input)", 6),
    ("size(input, -1)", 6),
    ("size(input, 1)", 6),
    ("size(input) * 2 if size(input) > 4 else 1", 12),
]


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_expressions(expression: str, value: int) -> None:
    assert widths(probe(f"Dense({expression})")) == [value]


@pytest.mark.parametrize(
    ("axis", "value"), [("", 5), (", -1", 5), (", -2", 4), (", -3", 3), (", 1", 3), (", 2", 4), (", 3", 5)]
)
def test_size_of_an_axis(axis: str, value: int) -> None:
    assert widths(probe(f"a = ReLU() Flatten() Dense(size(a{axis}))", "(3, 4, 5)"))[-1] == value


CONSTANTS: list[tuple[str, str, list[int]]] = [
    ("let a = 8\n", "Dense(a)", [8]),
    ("let a = 8 let b = a * 2 let c = a + b\n", "Dense(c)", [24]),
    ("let a = 8 in 4..16\n", "Dense(a // 3)", [2]),
    ("let a = 1e1\n", "Dense(a)", [10]),
    ("let a = (2, 4)\n", "Dense(8) Reshape(a)", [8, 4]),
    ("let a = 3\n", "Dense(5) * a", [5, 5, 5]),
    ("let a = 3\n", "for i in 0..a { Dense(i + 1) }", [1, 2, 3]),
    ('let a = "relu" let b = true\n', "Dense(5, a, use_bias=b)", [5]),
    ("let a = HPO(choice(8, 16))\n", "Dense(a) Dense(a)", [8, 8]),
    ("let a = HPO(range(8, 16)) let b = a * 2\n", "Dense(b)", [16]),
]


@pytest.mark.parametrize(("top", "statements", "expected"), CONSTANTS)
def test_constants(top: str, statements: str, expected: list[int]) -> None:
    assert widths(probe(statements, top=top)) == expected


def test_knobs_are_the_constants_that_are_numbers() -> None:
    found = network(
        probe("Dense(w)", top='let w = 8 in 4..16 let s = "relu" let f = 0.5 let t = true let p = (1, 2)\n')
    )
    assert dict(found.values) == {
        "w": {"value": 8, "low": 4, "high": 16},
        "f": {"value": 0.5, "low": None, "high": None},
    }


@pytest.mark.parametrize(
    ("values", "width"), [({}, 8), ({"w": 16}, 16), ({"w": 4}, 4), ({"unused": 3}, 8), ({"w": 16.0}, 16)]
)
def test_other_values_of_constants(values: dict[str, int | float], width: int) -> None:
    source = probe("Dense(w) Dense(v)", top="let w = 8 in 4..16 let v = w + 1\n")
    report = neural.analyze(source, values=values)
    assert [layer.output_shape for layer in report.layers] == [(None, width), (None, width + 1)]
    assert report.values["w"] == {"value": values.get("w", 8), "low": 4, "high": 16}


def test_a_value_outside_the_range_is_refused_at_the_constant() -> None:
    (found,) = neural.analyze(probe("Dense(w)", top="let w = 8 in 4..16\n"), values={"w": 17}).diagnostics
    assert (found.code, found.line, found.column) == ("N203", 1, 9)


SEARCHES: list[tuple[str, str, tuple[Any, ...]]] = [
    # what is written, its kind, and the values as they are written, or (low, high, step)
    ("Dense(HPO(choice(16, 32)))", "choice", ("16", "32")),
    ('Dense(4, HPO(choice("relu", "tanh", none)))', "choice", ('"relu"', '"tanh"', "none")),
    ("Conv1D(4, HPO(choice(3, 5)))", "choice", ("3", "5")),
    ("Dense(HPO(range(8, 64)))", "range", (8, 64, None)),
    ("Dense(HPO(range(8, 64, 8)))", "range", (8, 64, 8)),
    ("Dense(HPO(range(start=8, end=64, step=8)))", "range", (8, 64, 8)),
    ("Dropout(HPO(range(low=0.3, high=0.7, step=0.1)))", "range", (0.3, 0.7, 0.1)),
    ("Dropout(HPO(log_range(1e-4, 1e-2)))", "log_range", (1e-4, 1e-2, None)),
    ("Dropout(HPO(log_range(min=1e-4, max=1e-2)))", "log_range", (1e-4, 1e-2, None)),
]


@pytest.mark.parametrize(("statement", "kind", "expected"), SEARCHES)
def test_search_values(statement: str, kind: str, expected: tuple[Any, ...]) -> None:
    source = probe(statement, "(9, 6)")
    default_compiler().clear()  # else this is an edit of another, and what is not read anew has other offsets
    (found,) = network(source).searches
    assert found.kind == kind
    assert (found.values if kind == "choice" else (found.low, found.high, found.step)) == expected
    start, end = found.range
    assert source[start:end] == statement[statement.index("HPO") : -1]


FIRST_POINTS: list[tuple[str, str, Any]] = [
    ("Dense(HPO(choice(16, 32)))", "units", 16),
    ("Dense(HPO(range(8, 64)))", "units", 8),
    ("Dense(3, HPO(choice('tanh', 'relu')))", "activation", "tanh"),
    ("Dropout(HPO(range(0.3, 0.7, step=0.1)))", "rate", 0.3),
    ("Dropout(HPO(log_range(1e-4, 1e-2)))", "rate", 1e-4),
    ("Dense(2 * HPO(choice(4, 8)))", "units", 8),
    ("HPO(choice(Dense(64), Dropout(0.5)))", "units", 64),
    ("HPO(choice(Dropout(0.5), Dense(64)))", "rate", 0.5),
    ("HPO(choice(Dense(HPO(choice(5, 6))), Dropout(0.5)))", "units", 5),
]


@pytest.mark.parametrize(("statement", "argument", "value"), FIRST_POINTS)
def test_analysis_shows_the_first_choice_and_the_low_end(statement: str, argument: str, value: Any) -> None:
    (layer,) = neural.analyze(probe(statement)).layers
    assert layer.arguments[argument] == value


def searched(source: str) -> Network:
    plan = default_compiler().plan(source).plan
    assert plan is not None
    return plan.network


def test_a_search_value_in_a_repeated_statement_or_a_macro_is_one() -> None:
    assert len(searched(probe("Dense(HPO(choice(4, 8))) * 3")).searches) == 1
    macro = "define Block { Dense(HPO(choice(4, 8))) Dense(HPO(choice(4, 8))) }\n"
    assert len(searched(probe("Block() Block()", top=macro)).searches) == 2


ARGUMENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("Dense(8)", "(6,)", {"units": 8, "activation": "linear", "use_bias": True}),
    ('Dense(8, "RELU")', "(6,)", {"units": 8, "activation": "relu", "use_bias": True}),
    ('Dense(8, "swish", false)', "(6,)", {"units": 8, "activation": "silu", "use_bias": False}),
    ("Dense(8, none)", "(6,)", {"units": 8, "activation": "linear", "use_bias": True}),
    ("Dense(use_bias=False, units=8.0)", "(6,)", {"units": 8, "activation": "linear", "use_bias": False}),
    ("Conv2D(8, 3)", "(9, 9, 1)", {"filters": 8, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid"}),
    ('Conv2D(8, (3, 5), "relu")', "(9, 9, 1)", {"kernel_size": [3, 5], "strides": [1, 1], "activation": "relu"}),
    ('Conv2D(8, 3, 2, "same")', "(9, 9, 1)", {"strides": [2, 2], "padding": "same", "activation": "linear"}),
    ('Conv2D(8, 3, 2, "same", "tanh")', "(9, 9, 1)", {"padding": "same", "activation": "tanh"}),
    ("MaxPooling2D()", "(9, 9, 1)", {"pool_size": [2, 2], "strides": None, "padding": "valid"}),
    ("MaxPooling2D((3, 3), 2, 'same')", "(9, 9, 1)", {"pool_size": [3, 3], "strides": [2, 2], "padding": "same"}),
    ("ZeroPadding2D(((1, 0), (2, 2)))", "(9, 9, 1)", {"padding": [[1, 0], [2, 2]]}),
    ("LSTM(8, return_sequences=true)", "(9, 6)", {"return_sequences": True, "recurrent_activation": "sigmoid"}),
    (
        'Bidirectional(GRU(4), merge_mode="SUM")',
        "(9, 6)",
        {"merge_mode": "sum"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "input", "expected"), ARGUMENTS)
def test_arguments_are_read_to_their_parameters(statement: str, input: str, expected: dict[str, Any]) -> None:
    report = neural.analyze(probe(statement, input))
    assert report.ok
    (layer,) = report.layers
    assert {name: layer.arguments[name] for name in expected} == expected


def test_a_wrapped_layer_is_given_with_its_own_arguments() -> None:
    (layer,) = neural.analyze(probe("TimeDistributed(Dense(4, 'relu'))", "(9, 6)")).layers
    assert layer.arguments == {
        "layer": {"type": "Dense", "arguments": {"units": 4, "activation": "relu", "use_bias": True, "tied": None}}
    }


def test_weights_that_are_shared_are_counted_once() -> None:
    source = probe('a = Dense(5, shared="t") Dense(5, shared="t")(input) Add()(a, input) Dense(3)', "(5,)")
    report = neural.analyze(source)
    assert report.ok
    assert [layer.parameters for layer in report.layers] == [30, 0, 0, 18]
    assert [layer.flops for layer in report.layers] == [50, 50, 0, 30]
    assert report.totals.parameters == 48
