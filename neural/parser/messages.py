"""What the parser could not read, as diagnostics in the words of the language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from neural.diagnostics import Diagnostic, Edit, Fix, LineIndex, Related
from neural.limits import Limits

SECTIONS = ("input", "layers", "output", "loss", "optimizer", "metrics", "train", "execution")
TOP_LEVEL = ("network", "define", "let", "research")
KEYWORDS = frozenset({*SECTIONS, "execute", "network", "define", "let", "for", "in", "if", "else"})

_SIGNS = {
    "LPAR": '"("',
    "RPAR": '")"',
    "LSQB": '"["',
    "RSQB": '"]"',
    "LBRACE": '"{"',
    "RBRACE": '"}"',
    "COMMA": '","',
    "COLON": '":"',
    "EQUAL": '"="',
    "AT": '"@"',
    "__ANON_0": '".."',
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
}
_OPENING = {"{": "}", "(": ")", "[": "]"}
_VALUES = frozenset({"NUMBER", "STRING", "NAME"})


def syntax_diagnostic(error: UnexpectedInput, source: str, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for what stopped the parser."""
    if isinstance(error, UnexpectedCharacters):
        return _character(int(error.pos_in_stream or 0), source, lines)
    assert isinstance(error, UnexpectedToken)
    token, expected = error.token, set(error.accepts or error.expected)
    if token.type == "$END":
        return _end(source, lines)
    start, end = int(token.start_pos or 0), int(token.end_pos or 0)
    item = _top_level_word(source, start)
    if item is not None:
        return _misspelt(item, lines, TOP_LEVEL, "N101", "a program holds networks, macros and constants")
    if token.type == "NAME" and "LAYERS" in expected and source[end:].lstrip()[:1] in (":", "{"):
        return _misspelt(token, lines, SECTIONS, "N303", f"a network has no section `{token}`")
    fixes: tuple[Fix, ...] = ()
    if "COMMA" in expected and token.type in _VALUES:
        previous = len(source[:start].rstrip())
        fixes = (Fix('insert ","', (Edit(lines.span(previous, previous), ","),)),)
    wanted = _expected(expected)
    return Diagnostic(
        "N101",
        "error",
        f"unexpected {_describe(token)}" + (f": expected {wanted}" if wanted else ""),
        lines.span(start, end),
        _advice(token, expected),
        fixes=fixes,
    )


def too_large(limits: Limits, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a source over the size limit."""
    kibibytes = limits.source_bytes // 1024
    return Diagnostic(
        "N107", "error", f"a program has at most {kibibytes} KiB", lines.span(0, 0),
        "use macros and repetition for what is alike",
    )  # fmt: skip


def _character(offset: int, source: str, lines: LineIndex) -> Diagnostic:
    character = source[offset]
    span = lines.span(offset, offset + 1)
    if character in "\"'":
        line_end = next((i for i in range(offset, len(source)) if source[i] in "\r\n"), len(source))
        return Diagnostic(
            "N104", "error", "this string is never closed: a string ends on the line where it begins",
            lines.span(offset, line_end), f"close it with {character}",
        )  # fmt: skip
    name = unicodedata.name(character, "").lower() or "character"
    shown = f"{character!r} " if character.isascii() and character.isprintable() else ""
    return Diagnostic(
        "N103", "error", f"{shown}{name} U+{ord(character):04X} has no meaning here", span,
        "names are ASCII letters, digits and underscores; other characters belong in strings and comments",
        fixes=(Fix("replace it with a space" if character.isspace() else "remove it",
                   (Edit(span, " " if character.isspace() else ""),)),),
    )  # fmt: skip


def _end(source: str, lines: LineIndex) -> Diagnostic:
    open_ones = _unclosed(source)
    at = lines.span(len(source), len(source))
    if not open_ones:
        return Diagnostic("N102", "error", "the program ends in the middle of a statement", at)
    sign, offset = open_ones[-1]
    closing = "".join(_OPENING[each] for each, _ in reversed(open_ones))
    return Diagnostic(
        "N102", "error", f'the program ends before the "{_OPENING[sign]}" that closes this "{sign}"', at,
        related=(Related(f'the "{sign}" that is open', lines.span(offset, offset + 1)),),
        fixes=(Fix(f'insert "{closing}"', (Edit(at, closing),)),),
    )  # fmt: skip


def _unclosed(source: str) -> list[tuple[str, int]]:
    stack: list[tuple[str, int]] = []
    for token in _tokens(source):
        if token in _OPENING:
            stack.append((str(token), int(token.start_pos or 0)))
        elif token in _OPENING.values() and stack:
            stack.pop()
    return stack


def _tokens(source: str) -> Iterator[Token]:
    from neural.parser.parser import shared_parser

    return shared_parser().lex(source)


def _top_level_word(source: str, before: int) -> Token | None:
    """Return the word that begins the top-level item around an offset, when no item begins so."""
    depth, first = 0, None
    for token in _tokens(source[:before] + " "):
        if depth == 0 and first is None:
            first = token
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            first = first if depth else None
    return first if first is not None and first.type == "NAME" and first != "research" else None


def _misspelt(token: Token, lines: LineIndex, known: Iterable[str], code: str, message: str) -> Diagnostic:
    span = lines.span(int(token.start_pos or 0), int(token.end_pos or 0))
    close = get_close_matches(str(token), list(known), n=1, cutoff=0.6)
    return Diagnostic(
        code, "error", message if code == "N303" else f"unexpected `{token}`: {message}", span,
        f"did you mean `{close[0]}`?" if close else "known are " + ", ".join(known),
        fixes=tuple(Fix(f"write `{name}`", (Edit(span, name),)) for name in close),
    )  # fmt: skip


def _describe(token: Token) -> str:
    return f"`{token}`" if len(token) <= 40 else f"`{token[:40]}…`"


def _expected(expected: set[str]) -> str:
    if len(expected) > 8 and not expected & {"COMMA", "RPAR", "RSQB"}:
        return ""
    words = [sign for name, sign in _SIGNS.items() if name in expected]
    if "COMMA" in expected:
        words = [word for word in words if word not in ('"("', '"["', '"{"')]
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _advice(token: Token, expected: set[str]) -> str:
    if str(token) in KEYWORDS:
        return f"`{token}` is a keyword of the language and cannot be a name here"
    if "COMMA" in expected and token.type in _VALUES:
        return "values in parentheses are separated by commas"
    return ""
