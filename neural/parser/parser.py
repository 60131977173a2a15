"""The parser: text to Syntax, with diagnostics. Lark is imported where a program is broken, or no tables are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.driver import REFUSED, shared_driver
from neural.parser.tables import GRAMMAR, START_RULES
from neural.syntax import Expression, Program, Research

if TYPE_CHECKING:
    from lark import Tree

    from neural.parser.grammar import create_parser, grammars_built, shared_parser

__all__ = [
    "GRAMMAR",
    "START_RULES",
    "ModelTransformer",
    "Parsed",
    "create_parser",
    "grammars_built",
    "parse",
    "parse_expression",
    "shared_parser",
]


def __getattr__(name: str) -> Any:
    if name not in ("create_parser", "grammars_built", "shared_parser"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from neural.parser import grammar

    return getattr(grammar, name)


class Parsed(NamedTuple):
    """What was read of a source: its syntax (None when it is too large), what is wrong, and its lines."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    lines: LineIndex


def parse(source: str, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Parse a file. What cannot be read has a diagnostic, and the syntax holds the rest."""
    lines = LineIndex(source)
    if len(source) > limits.source_bytes or len(source.encode(errors="replace")) > limits.source_bytes:
        from neural.parser.messages import too_large

        return Parsed(None, (too_large(limits, lines),), lines)
    text = " " + source[1:] if source.startswith("\ufeff") else source
    program: Program | None = None if REFUSED.search(text) else shared_driver().read("program", text, limits)
    if program is not None and not _misspelt(program):
        return Parsed(program, (), lines)
    from neural.parser.recovery import recover

    program, diagnostics = recover(source, text, lines, limits)
    return Parsed(program, diagnostics, lines)


def _misspelt(program: Program) -> bool:
    """Whether an item begins with a word that is none: the grammar reads any as the beginning of a research note."""
    return any(isinstance(item, Research) and item.keyword.text != "research" for _, item in program.items)


def parse_expression(text: str) -> Expression | None:
    """Return the syntax of one value, or None when the text is none."""
    value: Expression | None = shared_driver().read("expression", text, DEFAULT_LIMITS)
    return value


class ModelTransformer:
    """The earlier dictionary form: ``transform(tree)`` of any start rule, and ``parse_network(text)``."""

    def transform(self, tree: Tree[Any]) -> Any:
        """Return the plain dictionaries of a tree that ``create_parser(...)`` made."""
        from neural.parser.dictionaries import from_tree

        return from_tree(tree)

    def parse_network_with_hpo(self, text: str, framework: str = "tensorflow") -> tuple[dict[str, Any], list[Any]]:
        """Return the dictionary of the first network, and each search value in it with its path."""
        from neural.parser.dictionaries import searches

        model = self.parse_network(text, framework)
        return model, searches(model)

    def parse_network(self, text: str, framework: str = "tensorflow") -> dict[str, Any]:
        """Return the dictionary of the first network of a program; raise ``NeuralError`` when it cannot be parsed."""
        from neural.parser.dictionaries import from_source

        return from_source(text, framework)
