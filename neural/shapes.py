"""Shapes and the arithmetic of windows, padding and broadcasting.

Inside the engine a shape is that of one sample: the batch axis is implied, and ``None`` is a size that is not known.
Formulas of windows: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Dim = int | None
Shape = tuple[Dim, ...]
Padding = Literal["valid", "same", "causal"]


def product(dims: Iterable[Dim]) -> Dim:
    """Return the number of elements, or None when a size is unknown (and none is zero)."""
    result = 1
    for dim in dims:
        if dim is None:
            return None
        result *= dim
    return result


def describe(shape: Shape, *, batch: bool = True) -> str:
    """Write a shape as Keras does, the batch first: ``(None, 28, 28, 1)``."""
    dims: tuple[Dim, ...] = (None, *shape) if batch else shape
    return "(" + ", ".join(str(dim) for dim in dims) + ("," if len(dims) == 1 else "") + ")"


def times(shape: Shape) -> str:
    """Write sizes as a person says them: ``28x28x1``, an unknown size as ``?``."""
    return "x".join("?" if dim is None else str(dim) for dim in shape)


def reach(kernel: int, dilation: int) -> int:
    """Return how many positions a kernel spans: ``dilation * (kernel - 1) + 1``."""
    return dilation * (kernel - 1) + 1


def window_size(size: Dim, kernel: int, stride: int, dilation: int, padding: Padding) -> Dim:
    """Return the output size of a convolution or pooling window; it may be zero or less."""
    if size is None:
        return None
    if padding == "valid":
        return (size - reach(kernel, dilation)) // stride + 1
    return -(-size // stride)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return the (before, after) padding that TensorFlow's "same" adds: the odd one goes after."""
    output = -(-size // stride)
    total = max((output - 1) * stride + reach(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def broadcast(first: Shape, second: Shape) -> Shape | None:
    """Return the shape two tensors broadcast to, by Keras's merging rule, or None when they do not."""
    length = max(len(first), len(second))
    left = (1,) * (length - len(first)) + first
    right = (1,) * (length - len(second)) + second
    result: list[Dim] = []
    for a, b in zip(left, right, strict=True):
        if a == 1:
            result.append(b)
        elif b == 1 or a == b:
            result.append(a)
        elif a is None or b is None:
            result.append(None)
        else:
            return None
    return tuple(result)
