"""Macros: those of the program, and the composite blocks of the standard library, written in the language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from neural.parser.parser import parse
from neural.syntax import Block, Define, Parameter

_INPUT = re.compile(r"'input_([1-9])'")
STANDARD_LIBRARY = Path(__file__).parent.parent / "stdlib"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro, where its text begins, and the values it sees: the program's constants."""

    name: str
    parameters: tuple[Parameter, ...]
    block: Block
    start: int
    values: Mapping[str, Any] = field(default_factory=dict)
    library: bool = False
    broken: bool = False

    def reads(self) -> int:
        """Return how many tensors it must be given: the highest N of an ``input_N`` in its body, or 1."""
        found = _INPUT.findall(repr(self.block)) if self.library else []
        return max(map(int, found), default=1)

    def input_names(self, count: int) -> tuple[str, ...]:
        """Return the names its body knows its inputs by: ``input``, or numbered when there are several."""
        return ("input",) if count == 1 else tuple(f"input_{number + 1}" for number in range(count))


def macro_of(define: Define, start: int, values: Mapping[str, Any], *, library: bool = False) -> Macro:
    """Return the macro of a definition that begins at ``start``."""
    return Macro(define.name.text, define.parameters, define.block, start, values, library, define.broken)


@cache
def macro_names() -> tuple[str, ...]:
    """Return the names of the standard library's blocks: one a file, of the same name."""
    return tuple(sorted(path.stem for path in STANDARD_LIBRARY.glob("*.neural")))


def find_macro(name: str) -> Macro | None:
    """Return a block of the standard library by its name."""
    return _library_macro(name) if name in _library() else None


@cache
def _library() -> frozenset[str]:
    return frozenset(macro_names())


@cache
def _library_macro(name: str) -> Macro:
    source = (STANDARD_LIBRARY / f"{name}.neural").read_text(encoding="utf-8")
    program = parse(source).program
    assert program is not None, f"{name}.neural cannot be parsed"
    for start, item in program.items:
        if isinstance(item, Define) and item.name.text == name:
            return macro_of(item, start, {}, library=True)
    raise LookupError(f"{name}.neural defines no {name}")
