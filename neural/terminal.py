"""Text on a terminal: what is safe to write there, and how wide it is."""

from __future__ import annotations

import unicodedata


def shown(text: str) -> str:
    """Return text that a terminal takes for text only: what is not printable is written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def columns(text: str) -> int:
    """Return how many columns of a terminal text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in text)
