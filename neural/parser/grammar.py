"""Lark's side of the grammar: one parser serves the process."""

from __future__ import annotations

from threading import Lock
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedToken

from neural.parser.kept_tables import saved_parser
from neural.parser.tables import GRAMMAR, START_RULES

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
                made: Any = saved_parser() or built_parser()
                made.lexer = made._build_lexer()  # else Lark makes one whenever a text is to be cut into tokens
                _parser = made
                _built += 1
    return _parser


def grammars_built() -> int:
    """Return how often this process has made the parser: at most once, however many threads ask."""
    return _built


def built_parser() -> Lark:
    """Return the parser that Lark makes of the grammar now."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start=list(START_RULES),
        parser="lalr",
        lexer="basic",
        debug=False,
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


def feed(tokens: list[Token], start: str) -> Tree[Any]:
    """Return the tree of tokens from a start rule; an ``UnexpectedToken`` holds just what could have stood there."""
    parser: Any = shared_parser().parse_interactive(start=start)
    try:
        for token in tokens:
            parser.feed_token(token)
        return cast(Tree[Any], parser.feed_eof(tokens[-1]))
    except UnexpectedToken as error:
        raise UnexpectedToken(error.token, parser.accepts()) from None  # type: ignore[no-untyped-call]
