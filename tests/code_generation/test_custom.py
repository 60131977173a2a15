"""Layers of the program's own: kept, shown, and written as classes to fill in."""

from __future__ import annotations

from typing import Any

import pytest

import neural

SOURCE = """
network Net {
    input: (6, 6, 3)
    layers:
        FancyLayer(depth=3, mode="x", lambda=[1, 2], output_shape=(6, 6, 3))
        KeepLayer(1)
        CustomShape(nn, (4, 5))
}
"""

ROWS = [
    ("FancyLayer(output_shape=(4, 5), parameters=36)", (None, 4, 5), 36),
    ("FancyLayer()", (None, 8), 0),
    ("FancyLayer(3, deep=true)", (None, 8), 0),
    ("CustomShape(Odd, (4, 5))", (None, 4, 5), 0),
]

ERRORS = [
    ("FancyLayer(output_shape=(0,))", "N203", 29),
    ("FancyLayer(parameters=-1)", "N203", 27),
    ("FancyLayer(Dense(3))", "N203", 16),
    ("FancyLayer(a={b: 1})", "N203", 18),
    ("FancyLayer(a=[1, {b: 1}])", "N203", 18),
    ("FancyLayer(a=((1, [Dense(3)]), 2))", "N203", 18),
    ("FancyLayer(a=1, a=2)", "N206", 23),
    ("CustomShape(Odd)", "N204", 5),
    ("CustomShape(3, (4,))", "N203", 17),
    ("Layer(3)", "N201", 5),
]


def probe(statement: str) -> str:
    return f"network Net {{\n  input: (8,)\n  layers:\n    {statement}\n}}\n"


@pytest.mark.parametrize(("statement", "shape", "parameters"), ROWS)
def test_shape_and_count_are_those_stated(statement: str, shape: tuple[int | None, ...], parameters: int) -> None:
    report = neural.analyze(probe(statement))
    (layer,) = report.layers
    assert (layer.output_shape, layer.parameters) == (shape, parameters)
    assert report.ok


def test_a_shape_that_is_not_stated_is_warned_of() -> None:
    (found,) = neural.analyze(probe("FancyLayer()")).diagnostics
    assert (found.code, found.severity, found.line, found.column) == ("N702", "warning", 4, 5)
    assert neural.analyze(probe("FancyLayer(output_shape=(8,))")).diagnostics == ()


@pytest.mark.parametrize(("statement", "code", "column"), ERRORS)
def test_wrong_arguments(statement: str, code: str, column: int) -> None:
    (found,) = neural.analyze(probe(statement)).diagnostics
    assert (found.code, found.line, found.column) == (code, 4, column)


def test_pytorch_has_a_class_to_fill_in() -> None:
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(neural.generate(SOURCE, "pytorch"), "generated.py", "exec"), space)
    model = space["build_model"]()
    assert model.fancy_layer.settings == {"depth": 3, "mode": "x", "lambda_": (1, 2)}
    assert model.fancy_layer.output_shape == (6, 6, 3)
    assert type(model.nn).__name__ == "nnLayer"


def test_keras_builds_with_the_shapes_stated() -> None:
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(neural.generate(SOURCE, "tensorflow"), "generated.py", "exec"), space)
    model = space["build_model"]()
    assert model.output_shape == (None, 4, 5)
    assert [layer.name for layer in model.layers] == ["input", "fancy_layer", "keep_layer", "nn"]
