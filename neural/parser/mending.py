"""Putting right a piece of a program that the grammar refuses: a sign is put in, left out or replaced.

A reader goes on with what was mended; where all of it makes a piece that can be read, the edits are offered as a fix.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lark import Token

from neural.diagnostics import Diagnostic, Edit, Fix, LineIndex
from neural.parser.messages import lacks_comma
from neural.parser.tokens import end_of, start_of

if TYPE_CHECKING:
    from lark import UnexpectedToken

_CLOSING = {"[": "]", "{": "}"}
_PARENTHESES = {"[": ("LPAR", "("), "]": ("RPAR", ")"), "{": ("LPAR", "("), "}": ("RPAR", ")")}
_SHAPE = frozenset({"NUMBER", "NAME", "COMMA"})


class Change(NamedTuple):
    """Text in place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


class Mend(NamedTuple):
    """The tokens as they must have been meant, and the changes of the text that make them so.

    Without a title it is good for reading on, and too much of a guess to be offered.
    """

    tokens: list[Token]
    title: str
    changes: tuple[Change, ...] = ()


def mend(error: UnexpectedToken, tokens: list[Token], source: str) -> Mend | None:
    """Return tokens of which the parser refused one with the one sign changed that is at fault, if that can be told."""
    index = next((i for i, token in enumerate(tokens) if token is error.token), None)
    if index is None:
        index = len(tokens) - 1  # it is refused that they end here
        return _without(tokens, index) if tokens[index].type == "COMMA" else None
    token, expected = tokens[index], set(error.expected)
    if lacks_comma(error):
        return _with_comma(tokens, index, source)
    if token.type == "SEMICOLON" and "COMMA" in expected:
        return _with_sign(tokens, index, "COMMA", ",")
    if token.type == "EQUAL" and "COLON" in expected:
        return _with_sign(tokens, index, "COLON", ":")
    if token.type == "COLON" and "EQUAL" in expected:
        return _with_sign(tokens, index, "EQUAL", "=")
    if token.type == "COMMA" and index == len(tokens) - 1:
        return _without(tokens, index)
    if token == ">" and token.type == "COMPARE" and source[start_of(token) - 1 : start_of(token)] == "=":
        return _without(tokens, index)
    if index == 2 and tokens[0].type == "INPUT":
        return _shape(tokens, index)
    if token.type == "LBRACE" and tokens[0].type == "FOR":
        return _loop(tokens, index)
    if token.type == "LSQB" and {"NAME", "RPAR"} <= expected:
        return _without_brackets(tokens, index)
    return None


def fixes_of(mends: list[Mend], lines: LineIndex) -> tuple[Fix, ...]:
    """Return the fix that makes the changes of all mends, if there are any and each may be offered."""
    if not mends or not all(each.title for each in mends):
        return ()
    changes = [change for each in mends for change in each.changes]
    return (fix(mends[0].title, changes, lines),)


def mended_further(found: Diagnostic, mends: list[Mend] | None, lines: LineIndex) -> Diagnostic:
    """Return a diagnostic whose fix makes these mends too; without a fix where that does not make a piece right."""
    if not mends and mends is not None:
        return found
    if not mends or not all(each.title for each in mends):
        return replace(found, fixes=())
    (further,) = fixes_of(mends, lines)
    return replace(found, fixes=tuple(replace(each, edits=_joined(each.edits, further.edits)) for each in found.fixes))


def _joined(edits: tuple[Edit, ...], further: tuple[Edit, ...]) -> tuple[Edit, ...]:
    return tuple(sorted((*edits, *further), key=lambda each: (each.span.line, each.span.column)))


def fix(title: str, changes: list[Change], lines: LineIndex) -> Fix:
    """Return a fix that makes changes of the text."""
    ordered = sorted(changes, key=lambda each: (each.start, each.end))
    return Fix(title, tuple(Edit(lines.span(start, end), text) for start, end, text in ordered))


def in_parentheses(tokens: list[Token], opening: int, closing: int) -> Mend:
    """Return tokens with parentheses in place of two other brackets."""
    result, changes = list(tokens), []
    for index in (opening, closing):
        name, sign = _PARENTHESES[str(tokens[index])]
        result[index] = Token.new_borrow_pos(name, sign, tokens[index])
        changes.append(Change(start_of(tokens[index]), end_of(tokens[index]), sign))
    return Mend(result, "write parentheses", tuple(changes))


def parenthesized(tokens: list[Token], before: int) -> Mend:
    """Return tokens with parentheses around those of a row, and instead of the space from ``before`` on."""
    first, last = tokens[0], tokens[-1]
    left, right = Token.new_borrow_pos("LPAR", "(", first), Token.new_borrow_pos("RPAR", ")", last)
    changes = (Change(before, start_of(first), "("), Change(end_of(last), end_of(last), ")"))
    return Mend([left, *tokens, right], "put it in parentheses", changes)


def _with_comma(tokens: list[Token], index: int, source: str) -> Mend:
    token, end = tokens[index], end_of(tokens[index - 1])
    comma = Token.new_borrow_pos("COMMA", ",", token)
    parted = source[start_of(token) - 1 : start_of(token)].isspace()
    title = 'insert ","' if parted and token.type in ("STRING", "NAME") else ""
    return Mend([*tokens[:index], comma, *tokens[index:]], title, (Change(end, end, ","),))


def _with_sign(tokens: list[Token], index: int, name: str, sign: str) -> Mend:
    token = tokens[index]
    replaced = [*tokens[:index], Token.new_borrow_pos(name, sign, token), *tokens[index + 1 :]]
    return Mend(replaced, f'write "{sign}"', (Change(start_of(token), end_of(token), sign),))


def _without(tokens: list[Token], index: int) -> Mend:
    change = Change(start_of(tokens[index]), end_of(tokens[index]), "")
    return Mend([*tokens[:index], *tokens[index + 1 :]], f"remove `{tokens[index]}`", (change,))


def _without_brackets(tokens: list[Token], index: int) -> Mend | None:
    """Return tokens without a pair of brackets, as around the tensors that a layer of Keras is called with."""
    closing = closing_of(tokens, index)
    if closing is None:
        return None
    changes = tuple(Change(start_of(tokens[at]), end_of(tokens[at]), "") for at in (index, closing))
    return Mend([*tokens[:index], *tokens[index + 1 : closing], *tokens[closing + 1 :]], "remove the brackets", changes)


def _shape(tokens: list[Token], index: int) -> Mend | None:
    """Return the tokens of `input: 28, 28, 1` or `input: [28, 28, 1]` with the shape in parentheses."""
    closing = closing_of(tokens, index) if tokens[index].type == "LSQB" else None
    if closing is not None:
        return in_parentheses(tokens, index, closing)
    shape = tokens[index:]
    if any(each.type not in _SHAPE for each in shape):
        return None
    mended = parenthesized(shape, start_of(shape[0]))
    return Mend([*tokens[:index], *mended.tokens], mended.title, mended.changes)


def _loop(tokens: list[Token], brace: int) -> Mend | None:
    """Return the tokens of `for i in range(3) {` with the range that this language writes, `0..3`."""
    if brace < 7 or tokens[3] != "range" or tokens[4] != "(" or tokens[brace - 1] != ")":
        return None
    inner = tokens[5 : brace - 1]
    commas = [5 + at for at, each in enumerate(inner) if each == ","]
    if len(commas) > 1 or any(each in ("(", ")") or each.endswith(".") for each in inner):
        return None
    first, last, dots = tokens[3], tokens[brace - 1], Token.new_borrow_pos("__ANON_0", "..", tokens[4])
    removed = Change(start_of(last), end_of(last), "")
    if not commas:
        zero = Token.new_borrow_pos("NUMBER", "0", first)
        changes = (Change(start_of(first), end_of(tokens[4]), "0.."), removed)
        return Mend([*tokens[:3], zero, dots, *inner, *tokens[brace:]], "write it as a range", changes)
    comma = commas[0]
    opened = Change(start_of(first), end_of(tokens[4]), "")
    parted = Change(start_of(tokens[comma]), start_of(tokens[comma + 1]), "..")
    low, high = tokens[5:comma], tokens[comma + 1 : brace - 1]
    return Mend([*tokens[:3], *low, dots, *high, *tokens[brace:]], "write it as a range", (opened, parted, removed))


def closing_of(tokens: list[Token], opening: int) -> int | None:
    """Return where the bracket stands that closes another one, with no bracket of its sort between them."""
    sign, closing = str(tokens[opening]), _CLOSING[str(tokens[opening])]
    for index in range(opening + 1, len(tokens)):
        if tokens[index].type != "STRING" and tokens[index] in (sign, closing):
            return index if tokens[index] == closing else None
    return None
