"""Python source, line by line: indentation, imports, helpers, literals and safe names.

Lines come out as ``ruff format`` leaves them. A user's string enters only through ``literal`` and a user's name only
through ``Names``; comments are made of sizes alone.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, final

WIDTH = 88
_INDENT = "    "
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())
#: Names that a linter finds hard to tell from digits (ruff E741).
_AMBIGUOUS = frozenset({"l", "I", "O"})
_PYTHON = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *_AMBIGUOUS})
_LONGEST_NAME = 40
#: The file of the model, without its suffix, where other files stand beside it.
MODEL = "model"
#: What ``repr`` puts before an exponent of one digit, which nobody writes.
_EXPONENT = re.compile(r"e(-?)0")


class Code(str):
    """Text that is Python already, not a string to quote."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Write a value as Python: numbers, strings (ASCII only), tuples, lists, dictionaries, None; ``Code`` as it is."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return f'float("{value}")'
    if isinstance(value, tuple):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return _EXPONENT.sub(r"e\1", repr(value))
    if value is None or isinstance(value, int):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no form in Python source")


def _quote(text: str) -> str:
    single = ascii(text)
    if single[0] == '"' or '"' in single:
        return single
    return f'"{single[1:-1]}"'


def call(function: str, positional: Iterable[Any] = (), named: Mapping[str, Any] | None = None) -> str:
    """Write a call; every argument goes through ``literal``."""
    arguments = [literal(value) for value in positional]
    arguments += [f"{name}={literal(value)}" for name, value in (named or {}).items()]
    return f"{function}({', '.join(arguments)})"


@final
class Names:
    """Identifiers, each given once: ASCII, no keyword, no builtin, none of those reserved."""

    __slots__ = ("_taken",)

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {*_PYTHON, *reserved}

    def take(self, wanted: str, fallback: str = "layer") -> str:
        """Return ``wanted`` as an identifier that was not given before; ``fallback`` fills in for what is none."""
        stem = re.sub(r"[^A-Za-z0-9_]", "_", wanted).strip("_")[:_LONGEST_NAME].rstrip("_")
        if not stem or stem[0].isdigit():
            stem = f"{fallback}_{stem}".rstrip("_")
        name, count = stem, 0
        while name in self._taken:
            count += 1
            name = f"{stem}_{count}"
        self._taken.add(name)
        return name


@dataclass(frozen=True, slots=True)
class Helper:
    """A function or class that goes into a generated file once, when something there uses it."""

    name: str
    source: str
    imports: tuple[str, ...] = ()
    needs: tuple[Helper, ...] = ()


class Mark(NamedTuple):
    """What a line of generated code is for: the step that it declares or computes, by its key."""

    key: str
    variable: str = ""
    """The variable that holds the step's result once the line has run; "" where that is not yet complete."""
    order: tuple[int, ...] = ()
    """In which order the result's axes are stored: for each position, the axis of the program."""


class Place(NamedTuple):
    """A statement of a generated file: its first and last line, counted from 1, and one step that it is for.

    A statement that serves several steps has a place for each of them, in the order in which it runs for them.
    """

    first: int
    last: int
    mark: Mark


@final
@dataclass(frozen=True, slots=True)
class Generated:
    """A generated file, and which of its statements each step of the plan came to."""

    source: str
    places: tuple[Place, ...] = ()

    def lines(self) -> dict[str, tuple[int, ...]]:
        """Return, by the key of each step, the numbers of its lines."""
        found: dict[str, set[int]] = {}
        for first, last, mark in self.places:
            found.setdefault(mark.key, set()).update(range(first, last + 1))
        return {key: tuple(sorted(numbers)) for key, numbers in found.items()}


@final
class Writer:
    """A file in the making: imports and helpers as they are asked for, then sections of lines."""

    def __init__(self) -> None:
        self._imports: set[str] = set()
        self._helpers: dict[str, str] = {}
        self._sections: list[list[str]] = []
        self._marked: list[tuple[int, int, int, tuple[Mark, ...]]] = []
        """Section, first line and line behind the last of each statement with marks."""
        self._depth = 0

    def use(self, *statements: str) -> None:
        """Ask for imports: ``import torch``, ``from torch import nn``."""
        self._imports.update(statements)

    def helper(self, helper: Helper) -> str:
        """Ask for a helper and what it needs; return its name."""
        if helper.name not in self._helpers:
            for needed in helper.needs:
                self.helper(needed)
            self.use(*helper.imports)
            self._helpers[helper.name] = helper.source.strip("\n")
        return helper.name

    def section(self) -> None:
        """Begin a new part at the top level, two blank lines below the one before."""
        self._sections.append([])

    def blank(self) -> None:
        """Write an empty line."""
        self._sections[-1].append("")

    def line(self, text: str, comment: str = "", marks: Sequence[Mark] = ()) -> None:
        """Write one statement, wrapped where it is too long; ``comment`` must hold no text of a user."""
        lines = _commented(text, comment, len(_INDENT) * self._depth)
        above = int(lines[0].lstrip().startswith("#"))
        self.written(lines[:above])
        self.written(lines[above:], marks)

    def written(self, lines: Sequence[str], marks: Sequence[Mark] = ()) -> None:
        """Write the lines of one statement as they are; ``marks`` say for which steps it stands."""
        section = self._sections[-1]
        if marks:
            self._marked.append((len(self._sections) - 1, len(section), len(section) + len(lines), tuple(marks)))
        section.extend(lines)

    def lines(self, texts: Iterable[str]) -> None:
        """Write several statements."""
        for text in texts:
            self.line(text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write ``head`` and, within, lines one level deeper."""
        self.line(head)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def generated(self, docstring: str) -> Generated:
        """Return the whole file under a module docstring, with the places of its statements."""
        head = ["\n".join([f'"""{docstring}"""', *self._import_lines()]), *self._helpers.values()]
        sections = ["\n".join(lines) for lines in self._sections]
        line = sum(part.count("\n") + 3 for part in head) + 1
        starts = []
        for text in sections:
            starts.append(line)
            line += text.count("\n") + 3
        places = (
            Place(starts[section] + first, starts[section] + end - 1, mark)
            for section, first, end, marks in self._marked
            for mark in marks
        )
        return Generated("\n\n\n".join([*head, *sections]) + "\n", tuple(places))

    def source(self, docstring: str) -> str:
        """Return the text of the whole file under a module docstring."""
        return self.generated(docstring).source

    def _import_lines(self) -> Iterator[str]:
        groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
        for statement in self._imports:
            groups[_rank(_module(statement).split(".")[0])].append(statement)
        for statements in groups.values():
            if statements:
                yield ""
                plain = (s for s in statements if s.startswith("import "))
                yield from sorted(plain, key=lambda s: _module(s).lower())
                yield from _merged(s for s in statements if s.startswith("from "))


_STANDARD = frozenset(
    {"argparse", "collections", "functools", "itertools", "json", "math", "os", "pathlib", "random", "sys", "time"}
    | {"typing", "__future__"}
)


def _module(statement: str) -> str:
    return statement.split()[1]


def _rank(package: str) -> int:
    """Return how late a package is imported: the standard library first, the file of the model itself last."""
    return 0 if package in _STANDARD else 2 if package == MODEL else 1


def _merged(statements: Iterable[str]) -> Iterator[str]:
    """Join ``from a import b`` and ``from a import c`` to one line each, in order."""
    names: dict[str, set[str]] = {}
    for statement in statements:
        module, _, listed = statement.removeprefix("from ").partition(" import ")
        names.setdefault(module, set()).update(name.strip() for name in listed.split(","))
    for module in sorted(names, key=str.lower):
        ordered = sorted(names[module], key=lambda name: (not name.isupper(), not name[0].isupper(), name))
        yield from wrap(f"from {module} import {', '.join(ordered)}", 0)


def _commented(text: str, comment: str, indent: int) -> list[str]:
    lines = wrap(text, indent)
    if not comment:
        return lines
    if len(lines[-1]) + 4 + len(comment) <= WIDTH:
        return [*lines[:-1], f"{lines[-1]}  # {comment}"]
    return [f"{' ' * indent}# {comment}", *lines]


def wrap(text: str, indent: int) -> list[str]:
    """Return a statement as lines of at most ``WIDTH`` columns, broken as ``ruff format`` breaks them."""
    whole = " " * indent + text
    if len(whole) <= WIDTH or "\n" in text:
        return [whole]
    defines = text.startswith("def ")
    value = -1 if defines else text.find(" = ")
    brackets = [pair for pair in _outer_brackets(text) if pair[0] > value]
    if not brackets or (not defines and _breaks_within(text)):
        return _parenthesised(text, indent)
    start, end = brackets[0] if defines else max(brackets, key=lambda pair: pair[1] - pair[0])
    head, body, tail = text[: start + 1], text[start + 1 : end], text[end:]
    if indent + len(head) > WIDTH:
        return _parenthesised(text, indent)
    inner = " " * (indent + 4) + body
    middle = [inner] if len(inner) <= WIDTH else _one_a_line(body, indent + 4)
    return [" " * indent + head, *middle, " " * indent + tail]


def _one_a_line(body: str, indent: int) -> list[str]:
    pieces = _split(body, ", ")
    if len(pieces) == 1:
        return wrap(body, indent)
    lines: list[str] = []
    for piece in pieces:
        lines += wrap(piece + ",", indent)
    return lines


def _parenthesised(text: str, indent: int) -> list[str]:
    target, equals, value = text.partition(" = ")
    if not equals:
        target, equals, value = "return", " ", text.removeprefix("return ")
        if value == text:
            return [" " * indent + text]
    inner = indent + 4
    operator = next((o for o in (", ", " + ", " - ", " * ", " / ") if len(_split(value, o)) > 1), "")
    if operator == ", ":
        middle = [" " * inner + piece + "," for piece in _split(value, operator)]
    elif not operator or inner + len(value) <= WIDTH:
        middle = wrap(value, inner)
    else:
        first, *rest = _split(value, operator)
        middle = [" " * inner + first, *(" " * inner + operator[1:] + piece for piece in rest)]
    return [f"{' ' * indent}{target}{equals}(", *middle, " " * indent + ")"]


def _breaks_within(text: str) -> bool:
    """Whether the value of a statement is a tuple or an arithmetic expression, which breaks between its parts."""
    value = text.removeprefix("return ") if text.startswith("return ") else text.partition(" = ")[2]
    return any(len(_split(value, separator)) > 1 for separator in (", ", " + ", " - ", " * ", " / "))


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Yield each offset outside strings with its bracket depth; an opening bracket counts as outside itself."""
    depth, quote, skip = 0, "", False
    for offset, character in enumerate(text):
        if quote:
            if skip:
                skip = False
            elif character == "\\":
                skip = True
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        else:
            depth -= character in _CLOSING
            yield offset, depth
            depth += character in _OPENING


def _outer_brackets(text: str) -> Sequence[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = -1
    for offset, depth in _depths(text):
        if depth == 0 and text[offset] in _OPENING:
            start = offset
        elif depth == 0 and text[offset] in _CLOSING and offset > start + 1:
            found.append((start, offset))
    return found


def _split(text: str, separator: str) -> list[str]:
    pieces: list[str] = []
    begin = 0
    for offset, depth in _depths(text):
        if depth == 0 and offset >= begin and text.startswith(separator, offset):
            pieces.append(text[begin:offset])
            begin = offset + len(separator)
    return [*pieces, text[begin:]]
