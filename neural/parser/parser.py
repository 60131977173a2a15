"""The parser: text to Syntax, with diagnostics. One Lark parser serves the process; its tables outlive a run."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, cast

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken
from lark import __version__ as lark_version

from neural.cachedir import cache_directory
from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.builder import AmbiguousError, Builder, TooDeepError
from neural.parser.messages import bad_character, too_large
from neural.parser.recovery import Recovery
from neural.parser.tokens import tokenize
from neural.syntax import Expression, Placed, Program, Research

GRAMMAR = Path(__file__).with_name("grammar.lark")

#: The rules a text may start from; ``layer`` is one statement.
START_RULES = (
    "program",
    "network",
    "define",
    "research",
    "let",
    "input",
    "layers",
    "output",
    "setting",
    "settings",
    "statements",
    "statement",
    "layer",
    "expression",
)

#: Refused even in strings and comments: control characters, and halves of surrogate pairs.
REFUSED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")

_lock = Lock()
_parser: Lark | None = None
_built = 0


def create_parser(start: str = "network") -> Lark:
    """Return the Lark parser (LALR, basic lexer, cached grammar); its ``parse(text)`` starts from ``start``.

    Every start rule shares one set of tables, which are built once a process.
    """
    if start not in START_RULES:
        raise ValueError(f"unknown start rule {start!r}; there are {', '.join(START_RULES)}")
    return _StartingAt(shared_parser(), start)


def shared_parser() -> Lark:
    """Return the process-wide parser for every start rule."""
    global _parser, _built
    if _parser is None:
        with _lock:
            if _parser is None:
                _parser = _build()
                _built += 1
    return _parser


def grammars_built() -> int:
    """Return how often this process has made the parser: at most once, however many threads ask."""
    return _built


def _build() -> Lark:
    directory = cache_directory()
    cache = str(directory / f"grammar-{lark_version}.lark") if directory else False
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start=list(START_RULES),
        parser="lalr",
        lexer="basic",
        debug=False,
        cache=cache,
        propagate_positions=True,
        maybe_placeholders=False,
    )


class _StartingAt(Lark):
    """The shared parser with one of its start rules as the default."""

    def __init__(self, shared: Lark, start: str) -> None:
        self.__dict__.update(shared.__dict__)
        self._start = start

    def parse(self, text: Any, start: str | None = None, on_error: Any = None) -> Any:
        return super().parse(text, start=start or self._start, on_error=on_error)


class Parsed(NamedTuple):
    """What was read of a source: its syntax (None when it is too large), what is wrong, and its lines."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    lines: LineIndex


def parse(source: str, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Parse a file. What cannot be read has a diagnostic, and the syntax holds the rest."""
    lines = LineIndex(source)
    if len(source) > limits.source_bytes or len(source.encode(errors="replace")) > limits.source_bytes:
        return Parsed(None, (too_large(limits, lines),), lines)
    text = " " + source[1:] if source.startswith("\ufeff") else source
    refused = [match.start() for match in islice(REFUSED.finditer(text), 20)]
    if refused:
        text = REFUSED.sub(" ", text)
    else:
        try:
            program = Builder(limits).program(_tree(text), len(source))
            if not _misspelt(program):
                return Parsed(program, (), lines)
        except (UnexpectedInput, TooDeepError, AmbiguousError):
            pass
    tokens = tokenize(shared_parser(), source, text, lines)
    tokens.bad = sorted((*tokens.bad, *refused))
    tokens.diagnostics += [bad_character(offset, source, lines) for offset in refused]
    recovery = Recovery(tokens, lines, limits, _feed)
    program = recovery.program()
    return Parsed(program, tuple(recovery.diagnostics), lines)


def read_statements(text: str, limits: Limits = DEFAULT_LIMITS) -> tuple[Placed, ...] | None:
    """Return the statements of a piece of text, placed in it; None when it is not made of whole statements.

    None also where a comment runs to the end of the piece: it would go on in what follows.
    """
    try:
        tree = shared_parser().parse(text, start="statements")
        placed = tuple(Builder(limits).statement(child) for child in cast(list[Tree[Token]], tree.children))
    except (UnexpectedInput, TooDeepError, AmbiguousError):
        return None
    end = placed[-1].start + placed[-1].statement.length if placed else 0
    comment = max(text.rfind("\n", end), text.rfind("\r", end), end - 1) + 1
    return None if "#" in text[comment:] else placed


def _misspelt(program: Program) -> bool:
    """Whether an item begins with a word that is none: the grammar reads any as the beginning of a research note."""
    return any(isinstance(item, Research) and item.keyword.text != "research" for _, item in program.items)


def _feed(tokens: list[Token], start: str) -> Tree[Any]:
    """Return the tree of tokens from a start rule; an ``UnexpectedToken`` holds just what could have stood there."""
    parser: Any = shared_parser().parse_interactive(start=start)
    try:
        for token in tokens:
            parser.feed_token(token)
        return cast(Tree[Any], parser.feed_eof(tokens[-1]))
    except UnexpectedToken as error:
        raise UnexpectedToken(error.token, parser.accepts()) from None  # type: ignore[no-untyped-call]


def parse_expression(text: str) -> Expression | None:
    """Return the syntax of one value, or None when the text is none."""
    try:
        return Builder().expression(shared_parser().parse(text, start="expression"))
    except (UnexpectedInput, TooDeepError):
        return None


def _tree(text: str) -> Tree[Any]:
    return shared_parser().parse(text, start="program")


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
