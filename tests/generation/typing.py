"""Edits as people make them: a character typed or taken away, a number changed, a line added, moved or removed."""

from __future__ import annotations

import re
from random import Random

_NUMBER = re.compile(r"\d+")
_TYPED = "0123456789.,()=\"'{}[]#:;*+-/> \n\tabcxyzDR_"
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
    "// why, don't ask",
    "/* why */",
    "-> Dense(8)",
    "Dense(8),",
    "Dense(8), ReLU() // why",
    "3 * Dense(8)",
    "Dense[8]",
    "Dense 8",
    "Dense{8}",
    "a: Dense(8)",
    "for k in range(2) { Dense(8) }",
    "if a { Dense(8) } else { ReLU() }",
    'loss = "mse"',
    "LSTM(8)",
    "GAP()",
    'Dense("8")',
)

_STATEMENTS = (
    "Dense(8)",
    'Dense(12, "relu")',
    "Dropout(0.1)",
    "BatchNormalization()",
    "mark{number} = Dense(8)",
    "ReLU()",
    "Block(8)",
    "Residual() {{ Dense(8) }}",
    "Dense(8) * 2",
    'Dense(units=8, name="named{number}")',
    "Dense(8) Add()(mark{earlier}, mark{earlier})",
    "Linear(8)",
    'Dense(8) Dense(8, shared="twin")',
    "Reshape((8, 1)) Flatten()",
    "Parallel() {{ left: {{ Dense(4) }} right: {{ Dense(4) }} }}",
    'Dense(\n    8,\n    activation="tanh",  # why\n)',
    "LayerNormalization() ; ReLU()",
    "for k in 0..2 {{ Dense(8 + k) }}  Dense(8)",
    "Dense(width)",
    "SqueezeExcitation()",
    "# nothing but a note",
)
_SELDOM = ("Dense(size(input, -1))", "Dense(HPO(choice(8, 16)))", "Reshape((5, 5))", "Nonsense(4)")


def row(rng: Random, length: int = 40) -> str:
    """Return a program of many statements in a row, most of which depend on nothing but the one before."""
    lines, marks = [], [0]
    for number in range(1, length):
        statement = rng.choice(_STATEMENTS if rng.random() < 0.97 else _SELDOM)
        lines.append("        " + statement.format(number=number, earlier=rng.choice(marks)))
        marks += [number] if statement.startswith("mark") else []
    body = "\n".join(lines)
    return (
        "let width = 8 in 4..16\n"
        "define Block(units) {\n    Dense(units)\n    ReLU()\n    Dense(8)\n}\n"
        f"network Row {{\n    input: (8)\n    layers:\n        mark0 = Dense(8)\n{body}\n    loss: mse\n}}\n"
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
