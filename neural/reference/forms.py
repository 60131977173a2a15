"""What a layer is in PyTorch and Keras: the lines of a generated file that are its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from neural.compiler import default_compiler
from neural.errors import NeuralError

#: Each backend with the name of its framework.
FRAMEWORKS: Final = {"pytorch": "PyTorch", "tensorflow": "Keras"}

_Defined = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Form:
    """A layer's code in one framework, or the problem that leaves it without."""

    framework: str
    code: str
    problem: str = ""


def form(program: str, backend: str, others: Sequence[str]) -> Form:
    """Return a layer's code in the file of a program; ``others`` are the keys of what only prepares its inputs."""
    try:
        source = default_compiler().generate(program, backend=backend)
    except NeuralError as error:
        return Form(FRAMEWORKS[backend], "", error.diagnostics[0].message)
    defined: list[_Defined] = [each for each in ast.parse(source).body if isinstance(each, _Defined)]
    build = next(index for index, each in enumerate(defined) if each.name == "build_model")
    network = build - 1 if backend == "pytorch" else build
    bodies = [each for each in ast.walk(defined[network]) if isinstance(each, ast.FunctionDef)]
    lines = source.splitlines()
    parts = ["\n".join(_text(each, lines)) for each in defined[:network]]
    parts += ["\n".join(_own(body, lines, others)) for body in bodies]
    return Form(FRAMEWORKS[backend], "\n\n".join(part for part in parts if part))


def _own(function: ast.FunctionDef, lines: Sequence[str], others: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a function's statements but those that frame it, and those of other layers."""
    marks = [mark for key in others for mark in (f"self.{key} =", f"self.{key}(", f'name="{key}"')]
    for statement in function.body:
        text = list(_text(statement, lines))
        if not _frames(statement) and not any(mark in line for mark in marks for line in text):
            yield from text


def _frames(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring, the call of the base class, or the return of a finished value."""
    match statement:
        case ast.Expr(ast.Constant()) | ast.Expr(ast.Call(ast.Attribute(attr="__init__"))):
            return True
        case ast.Return(ast.Name()) | ast.Return(ast.Call(ast.Attribute(attr="Model"))):
            return True
    return False


def _text(statement: ast.stmt, lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a statement, with decorators and with the comments right above it."""
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))]) - 1
    while lines[first - 1].lstrip().startswith("#"):
        first -= 1
    yield from dedent("\n".join(lines[first : statement.end_lineno])).splitlines()
