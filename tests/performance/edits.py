"""Texts that a person makes one of the other by a key, no two of them alike, so that nothing kept answers for them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Final

from tests.performance.programs import ENCODER, RESNET50, SIMPLE, chain, wide

#: How many keys are typed one after the other.
KEYS: Final = 5

Texts = Callable[[], str]
"""Every call returns a text that was not there before."""


def one_digit_apart(number: int, digits: int) -> str:
    """Return ``number`` in the decimal Gray code: the next number differs in one digit, whatever is carried."""
    written = f"{number:0{digits}}"
    if len(written) > digits:
        raise ValueError(f"{number} has more than {digits} digits")
    return "".join(str((int(here) - int(left)) % 10) for left, here in zip("0" + written, written, strict=False))


def edits(source: str, old: str, new: str, digits: int = 5) -> Texts:
    """Return texts in which the ``old`` nearest behind the middle is ``new``, with other digits for its ``#``."""
    at = source.find(old, len(source) // 2)
    at = at if at >= 0 else source.rindex(old)
    before, after = new.split("#")
    head, tail, numbers = source[:at] + before, after + source[at + len(old) :], count()
    return lambda: head + one_digit_apart(next(numbers), digits) + tail


def new_texts(program: str, layers: int) -> Texts:
    """Return whole programs of ``layers`` layers; of ``wide`` no layer of one is in another."""
    numbers = count(1)
    if program == "chain":
        return lambda: chain(layers, rate=f"0.1{next(numbers):05}")
    return lambda: wide(layers, first=layers * next(numbers) + 1)


def edit_that_keeps_shapes(layers: int) -> Texts:
    """Return chains in whose middle a digit of a rate changes."""
    return edits(chain(layers), "Dropout(0.1)", "Dropout(0.1#)")


def edit_that_changes_shapes(program: str, layers: int) -> Texts:
    """Return programs in whose middle a digit of a size changes, and with it the shape that the next layers see."""
    if program == "chain":
        return edits(chain(layers), "Conv2D(16,", "Conv2D(1#,")
    return edits(wide(layers), f"Dense({layers // 2 + 1})", "Dense(1#)")


#: A person's edit of one line of a real program: what it is called, the texts.
REAL: Final[dict[str, dict[str, Callable[[], Texts]]]] = {
    "ResNet50": {
        "edit": lambda: edits(RESNET50, "Conv2D(64, 7, strides=2)", "Conv2D(1#, 7, strides=2)", 3),
        "edit of the last layer": lambda: edits(RESNET50, "Output(1000,", "Output(1#,"),
        "edit of a constant everywhere": lambda: edits(RESNET50, "1.001e-5", "1.#e-5"),
    },
    "encoder": {"edit": lambda: edits(ENCODER, "4096", "4#", 3)},
}
SOURCES: Final = {"ResNet50": RESNET50, "encoder": ENCODER}


def small_edits() -> Texts:
    """Return a small program again and again, with another width each time."""
    return edits(SIMPLE, "Dense(128,", "Dense(1#,", 6)
