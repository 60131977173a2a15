"""The engine as the benchmarks see it: a function for each stage, so that a change of its inside is met here alone."""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark

from neural.binding import bind as bind_program
from neural.compiler import default_compiler
from neural.cost.accounting import report as make_report
from neural.cost.report import Framework, Report
from neural.parser import parser
from neural.visualization.charts import cost_figure
from neural.visualization.diagram import diagram_svg


@cache
def lark() -> Lark:
    """Return Lark's own parser of the grammar, with the settings that the grammar is made for."""
    grammar = parser.GRAMMAR.read_text(encoding="utf-8")
    options: dict[str, Any] = {"propagate_positions": True, "maybe_placeholders": False}
    return Lark(grammar, start="program", parser="lalr", lexer="basic", **options)


def parse(source: str) -> parser.Parsed:
    """Return the syntax of a source; nothing is kept."""
    return parser.parse(source)


def bind(parsed: parser.Parsed) -> Any:
    """Return the network of a syntax."""
    assert parsed.program is not None
    return bind_program(parsed.program, parsed.lines)


def propagate(bound: Any, parsed: parser.Parsed) -> Any:
    """Return the plan of a network."""
    plan, found = default_compiler().propagator.plan(bound.network, parsed.lines)
    assert not [each for each in found if each.severity == "error"]
    return plan


def report(plan: Any, parsed: parser.Parsed) -> Report:
    """Return the report of a plan, as for the settings that the page begins with."""
    return make_report(plan, parsed.lines, (), framework="tensorflow", batch=1, dtype="float32", optimizer=None)


def analyze(source: str, framework: Framework = "tensorflow") -> Report:
    """Return the report of a source, as ``neural.analyze`` does."""
    return default_compiler().analyze(source, framework=framework)


def generate(source: str) -> str:
    """Return the PyTorch code of a source."""
    return default_compiler().generate(source, backend="pytorch")


def visualize(made: Report) -> object:
    """Return charts and diagram."""
    return cost_figure(made), diagram_svg(made)


def forget() -> None:
    """Forget every program, so that the next is met as in a process that has seen none."""
    default_compiler().clear()


def generate_keras(source: str) -> str:
    """Return the Keras code of a source."""
    return default_compiler().generate(source, backend="tensorflow")
