"""The rules of a layer's costs in words, as its `flops` and `saved` state them, and its formula with values put in.

A formula is arithmetic over words: arguments, properties and methods of the layer (`units`, `contracted size`) and
the sizes of what it reads and makes (`input elements`). One that speaks of another layer is a sentence without values.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any, cast

from neural.layers.attention import operands
from neural.layers.base import Inputs, Layer, elements
from neural.shapes import Shape

_WORDS = re.compile(r"(?!x\b)[A-Za-z_]\w*(?: (?!x\b)[A-Za-z_]\w*)*")


def flops_formula(layer: type[Layer]) -> str:
    """Return the formula of its forward FLOPs for one sample, such as `2 x input elements x units`, or `0`."""
    return "0" if layer.flops is Layer.flops else _sentence(layer.flops).partition("; ")[0]


def flops_note(layer: type[Layer]) -> str:
    """Return what stands behind its formula in words, or nothing."""
    return "" if layer.flops is Layer.flops else _sentence(layer.flops).partition("; ")[2]


def saved_rule(layer: type[Layer]) -> str:
    """Return what its backward pass keeps, in a sentence."""
    return "Nothing." if layer.saved is Layer.saved else _sentence(layer.saved) + "."


def flops_terms(layer: Layer, inputs: Inputs, output: Shape) -> dict[str, int]:
    """Return every term of its formula with its value, in order; none when it speaks of another layer."""
    words = dict.fromkeys(_WORDS.findall(flops_formula(type(layer))))
    values = {word: _value(word, layer, inputs, output) for word in words}
    return {} if None in values.values() else cast(dict[str, int], values)


def flops_with_values(layer: Layer, inputs: Inputs, output: Shape) -> str:
    """Return its formula with the values put in, such as `2 x 784 x 10`, or nothing when it is a sentence."""
    values = flops_terms(layer, inputs, output)
    formula = flops_formula(type(layer))
    return _WORDS.sub(lambda match: f"{values[match[0]]:,}", formula) if values else formula * (formula == "0")


def _sentence(method: Any) -> str:
    """Return the docstring of a method as one sentence without its full stop."""
    return " ".join((method.__doc__ or "").split()).removesuffix(".")


def _value(word: str, layer: Layer, inputs: Inputs, output: Shape) -> int | None:
    """Return the value of a term: a size of the shapes, or what the layer itself says; None for any other word."""
    sizes = _sizes(inputs, output)
    if word in sizes:
        return sizes[word]
    own = getattr(layer, word.replace(" ", "_"), None)
    if word == "kernel positions":
        own = prod(cast(Any, layer).kernel_size)
    found = own(inputs) if callable(own) else own
    return found if isinstance(found, int) else None


def _sizes(inputs: Inputs, output: Shape) -> dict[str, int]:
    """Return the sizes that formulas name. Those that are not there count as 0."""
    query, value, key = (shape or (0,) for shape in operands(inputs))
    return {
        "input elements": elements(inputs[0]),
        "input channels": query[-1] or 0,
        "input features": query[-1] or 0,
        "steps": query[0] or 0,
        "output elements": elements(output),
        "output positions": elements(output[:-1]),
        "output features": (output or (0,))[-1] or 0,
        "query elements": elements(query),
        "queries": elements(query[:-1]),
        "key elements": elements(key),
        "keys": elements(key[:-1]),
        "value elements": elements(value),
    }
