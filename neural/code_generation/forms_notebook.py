"""A generated file as a Jupyter notebook: its parts as cells, in the order in which a person reads them.

The format is that of https://nbformat.readthedocs.io/en/latest/format_description.html, version 4.5.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

from neural.code_generation.emitter import generated
from neural.code_generation.keras_layers import keras_device
from neural.code_generation.training import Recipe, has_training, recipe_of
from neural.code_generation.training_pytorch import pytorch_device
from neural.code_generation.training_text import as_code, display
from neural.code_generation.writer import literal
from neural.diagnostics import LineIndex
from neural.shape_propagation.plan import Plan


class Cell(NamedTuple):
    """A cell: "markdown" or "code", and its text."""

    kind: str
    text: str


_BUILT = {
    "pytorch": "model = build_model()\nprint(model)",
    "tensorflow": "model = build_model()\nmodel.summary()",
}
_EVALUATED = {
    "pytorch": """\
dataset = make_dataset(*(load_data(data) if data else make_data()))
evaluate(model, DataLoader(dataset, batch_size), device)""",
    "tensorflow": """\
x, y = load_data(data) if data else make_data()
model.evaluate(x, y, batch_size=batch_size, return_dict=True)""",
}


def notebook(plan: Plan, backend: str, lines: LineIndex) -> str:
    """Return the notebook of a plan, as JSON."""
    head, *parts, main = generated(plan, backend, lines).source.rstrip("\n").split("\n\n\n")
    imports = head.partition("\n\n")[2].replace("import argparse\n", "")
    cells = [Cell("markdown", f"# {as_code(plan.network.name)}"), Cell("code", imports)]
    built = next(index for index, part in enumerate(parts, 1) if part.startswith("def build_model("))
    cells += [Cell("markdown", "## Model"), *(Cell("code", part) for part in parts[:built])]
    if has_training(plan):
        cells += _trained(recipe_of(plan), backend, parts[built:])
    else:
        cells.append(
            Cell("code", textwrap.dedent(main.partition("\n")[2]) if backend == "pytorch" else _BUILT[backend])
        )
    return json.dumps(_document(cells), indent=1) + "\n"


def _trained(recipe: Recipe, backend: str, parts: list[str]) -> Iterator[Cell]:
    yield Cell("code", _BUILT[backend])
    data = [part for part in parts if part.startswith(("def load_data(", "def make_data(", "def make_dataset("))]
    yield Cell("markdown", "## Data")
    yield from (Cell("code", part) for part in data)
    yield Cell("markdown", "## Training")
    yield from (Cell("code", part) for part in parts if part not in data)
    yield Cell("code", "\n".join(_settings(recipe, backend)))
    yield Cell("code", "\n".join(_call(recipe, backend)))
    yield Cell("markdown", "## Evaluation")
    yield Cell("code", _EVALUATED[backend])


def _settings(recipe: Recipe, backend: str) -> Iterator[str]:
    yield "data = None  # or the path of an .npz file"
    yield from (f"{name} = {literal(recipe.settings[name])}" for name in ("epochs", "batch_size", "seed"))
    if backend == "pytorch":
        named = pytorch_device(recipe)
        yield f"device = {literal(named)}" if named else 'device = "cuda" if torch.cuda.is_available() else "cpu"'


def _call(recipe: Recipe, backend: str) -> Iterator[str]:
    given = ["data", "epochs", "batch_size", "seed"]
    if backend == "pytorch":
        yield from display("model = train(", [*given, "device"], ")", 0)
    elif device := keras_device(recipe.device):
        yield f"with keras.device({literal(device)}):"
        yield f"    model = train({', '.join(given)})"
    else:
        yield f"model = train({', '.join(given)})"


def _document(cells: list[Cell]) -> dict[str, Any]:
    return {
        "cells": [_cell(cell, number) for number, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(cell: Cell, number: int) -> dict[str, Any]:
    """Return a cell as the format has it: the text as lines, which keep their ends."""
    common = {"cell_type": cell.kind, "id": f"cell-{number}", "metadata": {}}
    run: dict[str, Any] = {"execution_count": None, "outputs": []} if cell.kind == "code" else {}
    return {**common, **run, "source": cell.text.splitlines(keepends=True)}
