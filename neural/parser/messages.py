"""What the parser could not read, as diagnostics in the words of the language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from neural.diagnostics import Diagnostic, Edit, Fix, LineIndex, Related, Span
from neural.limits import Limits
from neural.suggest import nearest, shown

if TYPE_CHECKING:
    from lark import Token, UnexpectedToken

SECTIONS = ("input", "layers", "output", "loss", "optimizer", "metrics", "train", "execution")
PROGRAM_HOLDS = "a program holds networks, macros and constants"
TOP_LEVEL = ("network", "define", "let", "research")
KEYWORDS = frozenset({*SECTIONS, "execute", "network", "define", "let", "for", "in", "if", "else"})

WORDS = frozenset({"NAME", *(word.upper() for word in KEYWORDS)})

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
_VALUES = frozenset({"NUMBER", "STRING", "NAME"})
#: What a string that is never closed may be followed by, behind the word that it must have held.
_WORD_AND_CLOSERS = re.compile(r"(\w[\w.:/-]*)((?:[ \t]*[)\]};])*[ \t]*(?:#.*)?)")


def syntax_diagnostic(error: UnexpectedToken, source: str, lines: LineIndex, *, piece: bool = False) -> Diagnostic:
    """Return the diagnostic for the token that stopped the parser, in a whole text or in a ``piece`` of it."""
    token, expected_ = error.token, set(error.expected)
    if token.type == "$END":
        end = int(token.end_pos or 0) if piece else len(source)
        at = lines.span(end, end)
        code = "N101" if piece and source[end:].strip() else "N102"
        wanted = _wanted(expected_) if len(expected_) <= 3 else ""
        message = "nothing follows the comma" if source[end - 1 : end] == "," else "this ends too early" + wanted
        return Diagnostic(code, "error", message, at)
    message = f"unexpected {_describe(token)}" + _wanted(expected_)
    return Diagnostic("N101", "error", message, _span(token, lines), _advice(token, expected_))


def expected(token: Token, what: str, source: str, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a token that stands where something else belongs."""
    if token.type == "$END":
        at = lines.span(len(source), len(source))
        return Diagnostic("N102", "error", f"the program ends where {what} belongs", at)
    fixes: tuple[Fix, ...] = ()
    if token.type in ("RPAR", "RSQB", "RBRACE"):
        fixes = (Fix("remove it", (Edit(_span(token, lines), ""),)),)
    message = f"unexpected {_describe(token)}: expected {what}"
    return Diagnostic("N101", "error", message, _span(token, lines), _advice(token, set()), fixes=fixes)


def missing_after(before: Token, what: str, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for what a sign needs behind it and does not have."""
    end = int(before.end_pos or 0)
    return Diagnostic("N101", "error", f"`{before}` is followed by {what}", lines.span(end, end))


def missing_sign(
    sign: str, before: Token, after: Token | None, lines: LineIndex, *, fixable: bool = True
) -> Diagnostic:
    """Return the diagnostic for a sign that is missing between two tokens."""
    end = int(before.end_pos or 0)
    at = _span(after, lines) if after is not None else lines.span(end, end)
    fixes = (Fix(f'insert "{sign}"', (Edit(lines.span(end, end), sign),)),) if fixable else ()
    return Diagnostic("N101", "error", f'expected "{sign}" after `{before}`', at, fixes=fixes)


def outside_layers(token: Token, lines: LineIndex, *, alone: bool) -> Diagnostic:
    """Return the diagnostic for a statement that stands beside the sections of a network.

    ``alone`` where nothing but `layers:` is missing.
    """
    at = _span(token, lines)
    start = int(token.start_pos or 0)
    fixes = (Fix("insert `layers:` before it", (Edit(lines.span(start, start), "layers: "),)),) if alone else ()
    return Diagnostic("N101", "error", f"{_describe(token)} stands outside `layers:`", at, fixes=fixes)


def lacks_comma(error: UnexpectedToken) -> bool:
    """Whether a comma before the token would let the parser go on."""
    return "COMMA" in error.expected and error.token.type in _VALUES


def missing_closer(opening: list[Token], last: Token, lines: LineIndex, *, fixable: bool = True) -> Diagnostic:
    """Return the diagnostic for brackets that are not closed where they should be, after ``last``."""
    end = int(last.end_pos or 0)
    at = lines.span(end, end)
    signs = "".join({"(": ")", "[": "]", "{": "}"}[str(token)] for token in reversed(opening))
    fixes = (Fix(f'insert "{signs}"', (Edit(at, signs),)),) if fixable and last not in ("=", ":") else ()
    related = tuple(Related(f'the "{token}" that is open', _span(token, lines)) for token in opening[-4:])
    help = f'close the "{opening[-1]}"'
    return Diagnostic("N101", "error", f'expected "{signs[:8]}" here', at, help, related, fixes)


def unclosed(opening: list[Token], source: str, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for braces that are open at the end."""
    at = lines.span(len(source), len(source))
    closing = "}" * len(opening)
    related = tuple(Related('the "{" that is open', _span(token, lines)) for token in opening)
    message = 'the program ends before the "}" that closes ' + ("this" if len(opening) == 1 else "these") + ' "{"'
    return Diagnostic(
        "N102", "error", message, at, related=related, fixes=(Fix(f'insert "{closing}"', (Edit(at, closing),)),)
    )


def line_end(source: str, offset: int) -> int:
    """Return where the line of an offset ends."""
    return next((i for i in range(offset, len(source)) if source[i] in "\r\n"), len(source))


def too_large(limits: Limits, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a source over the size limit."""
    kibibytes = limits.source_bytes // 1024
    return Diagnostic(
        "N107", "error", f"a program has at most {kibibytes} KiB", lines.span(0, 0),
        "use macros and repetition for what is alike",
    )  # fmt: skip


def too_large_when_laid_out(limits: Limits, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a source that fits the size limit, and whose layout does not."""
    found = too_large(limits, lines)
    return replace(found, message=f"{found.message}, and laid out it would have more")


def bad_character(offset: int, source: str, lines: LineIndex) -> Diagnostic:
    """Return the diagnostic for a character outside the language, or a string that is never closed."""
    character = source[offset]
    span = lines.span(offset, offset + 1)
    if character in "\"'":
        return Diagnostic(
            "N104", "error", "this string is never closed: a string ends on the line where it begins",
            lines.span(offset, line_end(source, offset)), f"close it with {character}",
            fixes=_closing_quote(offset, source, lines),
        )  # fmt: skip
    name = unicodedata.name(character, "").lower() or "control character"
    visible = f"{character!r} " if character.isascii() and character.isprintable() else ""
    return Diagnostic(
        "N103",
        "error",
        f"{visible}{name} U+{ord(character):04X} has no meaning here",
        span,
        "names are ASCII letters, digits and underscores; other characters belong in strings and comments",
        fixes=_module(offset, source, lines) if character == "." else _replacements(offset, source, lines),
    )


def _closing_quote(offset: int, source: str, lines: LineIndex) -> tuple[Fix, ...]:
    """Return the fix that closes a string behind its word, where the brackets behind that close those before it."""
    begin = max(source.rfind("\n", 0, offset), source.rfind("\r", 0, offset)) + 1
    found = _WORD_AND_CLOSERS.fullmatch(source, offset + 1, min(line_end(source, offset), offset + 200))
    before = source[begin:offset]
    if found is None or len(before) > 400 or any(quote in before for quote in "\"'#"):
        return ()
    opened = [sign for sign in before if sign in "()[]"]
    while any(pair in (text := "".join(opened)) for pair in ("()", "[]")):
        opened = list(text.replace("()", "").replace("[]", ""))
    closed = [sign for sign in found[2] if sign in ")]"]
    if [{"(": ")", "[": "]"}.get(sign) for sign in reversed(opened)] != closed:
        return ()
    at = lines.span(found.end(1), found.end(1))
    return (Fix(f"insert {source[offset]}", (Edit(at, source[offset]),)),)


def _module(offset: int, source: str, lines: LineIndex) -> tuple[Fix, ...]:
    """Return the fix for a name with a dot, such as ``nn.Linear``: leave out what stands up to the dot."""
    start = offset
    while start and (source[start - 1].isalnum() or source[start - 1] == "_"):
        start -= 1
    named = source[offset + 1 : offset + 2].isalpha() and start < offset
    edit = Edit(lines.span(start, offset + 1), "")
    return (Fix(f"remove `{shown(source[start : offset + 1])}`", (edit,)),) if named else ()


def _replacements(offset: int, source: str, lines: LineIndex) -> tuple[Fix, ...]:
    """Return the fix that writes the strange characters of a line, from one on, in ASCII, where that can be told."""
    end = line_end(source, offset)
    places = [index for index in range(offset, end) if index == offset or strange(source[index])]
    texts = [ascii_for(source[index]) for index in places]
    if "" in texts and not source[offset - 1 : offset + 2 : 2].isspace():
        return ()
    edits = tuple(Edit(lines.span(index, index + 1), text) for index, text in zip(places, texts, strict=True))
    title = f"write {texts[0]}" if texts[0].strip() else "replace it with a space" if texts[0] else "remove it"
    return (Fix(title, edits),)


def strange(character: str) -> bool:
    """Whether a character is outside the language, wherever it stands but in strings and comments."""
    return not character.isascii() or character in _STRANGE


_STRANGE = frozenset("!$&?\\^`|~") | {chr(code) for code in range(32) if chr(code) not in "\t\n\r\f"}
_LOOKALIKES = dict(
    zip(
        "\u201c\u201d\u2018\u2019\u2212\u00d7\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0410\u0412\u0415\u041c\u041d\u041e\u0420\u0421\u0422\u0425",
        "\"\"''-*aeopcxyiABEMHOPCTX",
        strict=True,
    )
)


def ascii_for(character: str) -> str:
    """Return the ASCII that a character must have been meant for, or nothing."""
    if character in _STRANGE:
        return ""
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    if (digit := unicodedata.digit(character, -1)) >= 0:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    if character.isspace() or plain.isspace():
        return " "
    return plain if plain.isascii() and plain.isprintable() else ""


def misspelt(token: Token, lines: LineIndex, known: Iterable[str], code: str, message: str) -> Diagnostic:
    """Return the diagnostic for a word that is none of those known, with the nearest."""
    span = _span(token, lines)
    close = nearest(str(token), known)
    return Diagnostic(
        code, "error", message if code == "N303" else f"unexpected {_describe(token)}: {message}", span,
        f"did you mean `{close[0]}`?" if close else "known are " + ", ".join(known),
        fixes=tuple(Fix(f"write `{name}`", (Edit(span, name),)) for name in close),
    )  # fmt: skip


def _describe(token: Token) -> str:
    return f"`{shown(str(token))}`"


def _span(token: Token, lines: LineIndex) -> Span:
    return lines.span(int(token.start_pos or 0), int(token.end_pos or 0))


def _wanted(expected: set[str]) -> str:
    words = _expected(expected)
    return f": expected {words}" if words else ""


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
