"""Text that several parts of generated code need: names in other forms, and lists as ``ruff format`` breaks them."""

from __future__ import annotations

from collections.abc import Sequence
from re import fullmatch

from neural.code_generation.writer import WIDTH

Item = str | Sequence[str]


def plain_word(text: str) -> str:
    """Return a key as a name that TensorFlow's scopes and data files take: ASCII letters, digits and underscores."""
    if fullmatch("[A-Za-z0-9_]+", text):
        return text
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in text) or "layer"


def as_code(name: str) -> str:
    """Return a name as Markdown's code, which holds no markup."""
    return "`" + ascii(name)[1:-1].replace("`", "'") + "`"


def display(head: str, items: Sequence[Item], tail: str, indent: int) -> list[str]:
    """Write items between an opening and a closing bracket: on one line, or an item a line. A sequence is a list."""
    flat = [item if isinstance(item, str) else f"[{', '.join(item)}]" for item in items]
    whole = head + ", ".join(flat) + tail
    if indent + len(whole) <= WIDTH:
        return [whole]
    lines = [head]
    for item in items:
        inner = [f"{item},"] if isinstance(item, str) else display("[", item, "],", indent + 4)
        lines += [f"    {line}" for line in inner]
    return [*lines, tail]
