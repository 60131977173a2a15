"""A formula of FLOPs as the sum that it is: each summand with its name, its formula and its value.

A formula is products and sums of words, `2 x steps x (input features + units)`; see ``neural.layers.formulas``.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Final

from neural.layers.attention import MultiHeadAttention
from neural.layers.attention_grouped import GroupQueryAttention
from neural.layers.base import Layer
from neural.layers.cells import Cell
from neural.layers.depthwise import SeparableConvolution
from neural.layers.recurrent import Recurrent

#: What the summands of a layer's formula are, in its order. Those of other layers are called by their own words.
NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    MultiHeadAttention: ("queries and keys projected", "values and results projected", "scores and weighted values"),
    GroupQueryAttention: ("queries and results projected, scores, weighted values", "keys and values projected"),
    SeparableConvolution: ("depthwise", "pointwise"),
    Recurrent: ("input", "state"),
    Cell: ("input", "state"),
}


def summands(layer: Layer, formula: str) -> list[tuple[str, str]]:
    """Return the summands of a formula as (name, formula): what stands before a last bracket multiplies all in it."""
    factor, inner = _split(formula)
    found = _parted(inner, " + ")
    names = next((names for kind, names in NAMES.items() if isinstance(layer, kind)), ())
    if len(found) == 1:
        return []
    return [
        (name, f"{factor}{each}")
        for name, each in zip(names if len(names) == len(found) else found, found, strict=True)
    ]


def _split(formula: str) -> tuple[str, str]:
    """Return the factors before a bracket that ends a product, and what is in it."""
    *before, last = _parted(formula, " x ")
    if len(_parted(formula, " + ")) > 1 or not (last.startswith("(") and "/" not in last):
        return "", formula
    return "".join(f"{each} x " for each in before), last[1:-1]


def value(formula: str, terms: Mapping[str, int]) -> int:
    """Return the value of sums and products, brackets among them."""
    added = _parted(formula, " + ")
    if len(added) > 1:
        return sum(value(each, terms) for each in added)
    return prod(_factor(each, terms) for each in _parted(formula, " x "))


def _factor(text: str, terms: Mapping[str, int]) -> int:
    if text.startswith("("):
        return value(text[1:-1], terms)
    return int(text) if text.isdigit() else terms[text]


def _parted(text: str, sign: str) -> list[str]:
    """Return what stands between the signs that are in no bracket."""
    parts: list[str] = []
    depth = 0
    for word in text.split(sign):
        if depth:
            parts[-1] += sign + word
        else:
            parts.append(word)
        depth += word.count("(") - word.count(")")
    return parts
