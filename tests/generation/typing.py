"""Edits as people make them: a character typed or taken away, a number changed, a line added, moved or removed."""

from __future__ import annotations

import re
from random import Random

_NUMBER = re.compile(r"\d+")
_TYPED = "0123456789.,()=\"'{}[]#:;*+- \n\tabcxyzDR_"
_LINES = (
    "Dense(4)",
    "ReLU()",
    "Dropout(0.2)",
    "# a note",
    "mark = Identity()",
    'Activation("tanh")',
    "Residual() { Identity() }",
    "",
    "Dense(",
    "Reshape((-1,))",
)


def edit(source: str, rng: Random) -> str:
    """Return a program after one edit."""
    return rng.choice((_typed, _erased, _number, _number, _number, _line_added, _line_gone, _line_twice))(source, rng)


def _typed(source: str, rng: Random) -> str:
    at = rng.randint(0, len(source))
    return source[:at] + rng.choice(_TYPED) + source[at:]


def _erased(source: str, rng: Random) -> str:
    at = rng.randint(0, len(source))
    return source[:at] + source[at + rng.choice((1, 1, 1, 2, 5)) :]


def _number(source: str, rng: Random) -> str:
    """Change one number, most often by little."""
    found = list(_NUMBER.finditer(source))
    if not found:
        return source
    match = rng.choice(found)
    number = max(0, int(match[0]) + rng.choice((-1, 1, 1, 2, 10))) if len(match[0]) < 10 else 1
    return f"{source[: match.start()]}{number}{source[match.end() :]}"


def _line_added(source: str, rng: Random) -> str:
    lines = source.split("\n")
    lines.insert(rng.randint(0, len(lines)), rng.choice(_LINES))
    return "\n".join(lines)


def _line_gone(source: str, rng: Random) -> str:
    lines = source.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def _line_twice(source: str, rng: Random) -> str:
    lines = source.split("\n")
    at = rng.randrange(len(lines))
    return "\n".join((*lines[:at], lines[at], *lines[at:]))
