"""Text to tokens, past characters that the language does not have and strings that are never closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from lark import Lark, Token, UnexpectedCharacters
from lark.utils import TextSlice

from neural.diagnostics import Diagnostic, LineIndex
from neural.parser import messages

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


def tokenize(parser: Lark, source: str, text: str, lines: LineIndex) -> Tokens:
    """Return the tokens of ``text``, which is the source without its byte-order mark."""
    result = Tokens(source)
    position = 0
    while position < len(text):
        try:
            for token in parser.lex(TextSlice(text, position, len(text))):
                result.tokens.append(token)
                position = int(token.end_pos or 0)
            return result
        except UnexpectedCharacters as error:
            offset = int(error.pos_in_stream or 0)
            result.bad.append(offset)
            result.diagnostics.append(messages.bad_character(offset, source, lines))
            position = _skip(result, text, offset)
        if len(result.diagnostics) >= MOST:
            break
    return result


def _skip(result: Tokens, text: str, offset: int) -> int:
    """Return where to read on; a string that is never closed is read as one that ends with its line."""
    if text[offset] not in "\"'":
        end = offset + 1
        while end < len(text) and not text[end].isascii():
            end += 1
        return end
    end = messages.line_end(text, offset)
    quote = text[offset]
    result.swallowed += text.count("}", offset, end)
    content = text[offset + 1 : end].replace(quote, " ").replace("\\", " ")
    result.tokens.append(Token("STRING", f"{quote}{content}{quote}", start_pos=offset, end_pos=end))
    return end
