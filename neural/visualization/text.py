"""Text of a program made safe and short enough to be drawn."""

from __future__ import annotations

import unicodedata
from html import escape

ELLIPSIS = "…"

#: Average advance of a character in the interface's typefaces, as a part of the font size.
_NARROW, _WIDE = 0.58, 1.0


def visible(text: str) -> str:
    """Write characters that have no picture of their own (controls, direction marks, surrogates) as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_picture(character) for character in text)


def _picture(character: str) -> str:
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    return character.encode("unicode_escape").decode("ascii") if hidden else character


def xml(text: str) -> str:
    """Escape text for an element or a quoted attribute of XML."""
    return escape(visible(text))


def plotly(text: str) -> str:
    """Escape text for Plotly, which reads tags, entities and TeX in every text it draws."""
    escaped = escape(visible(text), quote=False)
    return escaped.replace("$", "&#36;")


def width_of(text: str, size: float) -> float:
    """Estimate how wide a text is drawn at a font size."""
    if text.isascii():
        return len(text) * size * _NARROW
    return sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else _NARROW for c in text) * size


def fit(text: str, width: float, size: float) -> str:
    """Shorten a text, with an ellipsis, until it is drawn within a width."""
    text = visible(text[:1000])
    if width_of(text, size) <= width:
        return text
    room = width - size * _NARROW
    for end, character in enumerate(text):
        room -= width_of(character, size)
        if room < 0:
            return text[:end].rstrip() + ELLIPSIS
    return text


def number(value: int | None) -> str:
    """Write an exact number with separators; an unknown one as a question mark."""
    return "?" if value is None else f"{value:,}"
