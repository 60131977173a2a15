"""Statements of Keras files as ``ruff format`` leaves them: a layer is made and called in one expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from neural.code_generation.training_text import display
from neural.code_generation.writer import WIDTH, wrap

_STEP = 4


def statement(head: str, made: str, tensors: Sequence[str] | None, indent: int) -> list[str]:
    """Return the lines of a statement: ``head``, what is made, and the tensors that this is called with, if it is.

    What is made is a call, or a list of variables.
    The first pair of brackets is broken where the text up to the second does not fit, and else the second is.
    """
    text, margin = head + made, " " * indent
    if made.startswith("["):
        return [margin + line for line in display(f"{head}[", made[1:-1].split(", "), "]", indent)]
    if tensors is None:
        return wrap(text, indent)
    flat = f"({', '.join(tensors)})"
    if indent + len(text) + len(flat) <= WIDTH:
        return [margin + text + flat]
    if indent + len(text) < WIDTH:
        return [f"{margin}{text}(", *_called_with(tensors, indent), f"{margin})"]
    *lines, last = wrap(text + "()", indent)
    last = last.removesuffix("()")
    if len(last + flat) <= WIDTH:
        return [*lines, last + flat]
    return [*lines, f"{last}(", *_called_with(tensors, indent), f"{margin})"]


def _called_with(tensors: Sequence[str], indent: int) -> list[str]:
    """Return the arguments of a call on lines of their own: on one where they fit, else an argument a line."""
    flat, inner = ", ".join(tensors), indent + _STEP
    if inner + len(flat) <= WIDTH:
        return [" " * inner + flat]
    if len(tensors) == 1 and flat.startswith("["):
        return [" " * inner + line for line in display("[", flat[1:-1].split(", "), "]", inner)]
    return [" " * inner + line for tensor in tensors for line in _argument(tensor, inner)]


def _argument(text: str, indent: int) -> Iterator[str]:
    """Yield an argument on a line of its own; a list that does not fit has a line for each item."""
    head, bracket, body = text.partition("[")
    if indent + len(text) < WIDTH or not bracket:
        yield f"{text},"
        return
    yield f"{head}["
    for item in re.findall(r"\[[^]]*\]|[^\s,]+", body[:-1]):
        yield from (" " * _STEP + line for line in _argument(item, indent + _STEP))
    yield "],"
