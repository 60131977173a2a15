"""Text to tokens, past characters that the language does not have and strings that are never closed."""

from __future__ import annotations

from dataclasses import field

from lark import Lark, Token, UnexpectedCharacters
from lark.utils import TextSlice

from neural.diagnostics import Diagnostic, LineIndex
from neural.parser import messages
from neural.records import dataclass

#: Beyond this many bad characters the rest of a text is not read.
MOST = 50


@dataclass(slots=True)
class Tokens:
    """The tokens of a source, a diagnostic for each thing that is none, and where those stand."""

    source: str
    tokens: list[Token] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    swallowed: int = 0
    """How many closing braces stand in strings that are never closed."""


def start_of(token: Token) -> int:
    """Return the offset where a token begins."""
    return int(token.start_pos or 0)


def end_of(token: Token) -> int:
    """Return the offset where a token ends."""
    return int(token.end_pos or 0)


def tokenize(parser: Lark, source: str, text: str, lines: LineIndex, start: int = 0, end: int | None = None) -> Tokens:
    """Return the tokens of ``text``, which is the source without its byte-order mark, or of a part of it.

    A line has one report of characters that are outside the language.
    """
    result = Tokens(source)
    position, end, reported = start, len(text) if end is None else end, -1
    while position < end and len(result.bad) < MOST:
        try:
            for token in parser.lex(TextSlice(text, position, end)):
                _add(result, token)
                position = int(token.end_pos or 0)
            return result
        except UnexpectedCharacters as error:
            offset = int(error.pos_in_stream or 0)
            line = lines.position(offset)[0]
            if line != reported:
                result.diagnostics.append(messages.bad_character(offset, source, lines))
            reported = line
            result.bad.append(offset)
            position = _skip(result, text, offset)
    return result


def _add(result: Tokens, token: Token) -> None:
    """Take a token; a name that a bad character cuts in two stays one name."""
    before = result.tokens[-1] if result.tokens else None
    names = before is not None and before.type == token.type == "NAME"
    if before is not None and names and result.bad and _joined(result, before, token):
        text = str(token) if result.source[int(token.start_pos or 0) - 1] == "." else f"{before}{token}"
        result.tokens[-1] = Token("NAME", text, before.start_pos, before.line, end_pos=token.end_pos)
    else:
        result.tokens.append(token)


def _joined(result: Tokens, before: Token, after: Token) -> bool:
    between = result.source[int(before.end_pos or 0) : int(after.start_pos or 0)]
    return bool(between) and (between == "." or all(character.isalnum() for character in between))


def _skip(result: Tokens, text: str, offset: int) -> int:
    """Return where to read on; a string that is never closed is read as one that ends with its line."""
    if text[offset] not in "\"'":
        return offset + 1
    end = messages.line_end(text, offset)
    quote = text[offset]
    result.swallowed += text.count("}", offset, end)
    content = text[offset + 1 : end].replace(quote, " ").replace("\\", " ")
    result.tokens.append(Token("STRING", f"{quote}{content}{quote}", start_pos=offset, end_pos=end))
    return end
