"""What a number, a string or a name stands for, within the limits."""

from __future__ import annotations

import math
import re

from neural.limits import Limits
from neural.syntax import Literal, Name, Range

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None, "null": None}
_CONSTANT_NAMES = {
    spelling: value for name, value in _CONSTANTS.items() for spelling in (name, name.capitalize(), name.upper())
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = re.compile(r"\\(.)")


def number(text: str, at: Range, limits: Limits) -> Literal:
    """Return the number that a text spells; zero, and the problem, where it is out of range."""
    if len(text) > limits.number_characters:
        return Literal(0, at, f"a number has at most {limits.number_characters} characters")
    digits = text.replace("_", "")
    if digits.isdigit():
        value = int(digits)
        if value > limits.integer:
            return Literal(0, at, f"an integer is below 2**63; {digits} is not")
        return Literal(value, at)
    real = float(digits)
    if not math.isfinite(real):
        return Literal(0.0, at, f"{digits} is beyond the range of a 64-bit float")
    return Literal(real, at)


def string(text: str, at: Range, limits: Limits) -> Literal:
    """Return the string that a text in quotes spells; an empty one, and the problem, where it is too long."""
    inner = text[1:-1]
    if len(inner) > limits.string_characters:
        return Literal("", at, f"a string has at most {limits.string_characters} characters")
    if "\\" in inner:
        inner = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), inner)
    return Literal(inner, at)


def name(text: str, at: Range) -> Literal | Name:
    """Return the constant or the name that a word is as a value."""
    if text in _CONSTANT_NAMES:
        return Literal(_CONSTANT_NAMES[text], at)
    return Name(text, at)
