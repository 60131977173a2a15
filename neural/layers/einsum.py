"""EinsumDense: a product with a kernel whose axes an equation names."""

from __future__ import annotations

import re
from math import prod
from typing import Any, ClassVar, NamedTuple, final

from neural.errors import RuleError
from neural.layers.activations import activation, saved_with_activation
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, require_known
from neural.layers.fields import argument, whole, wrong
from neural.records import dataclass
from neural.shapes import Dim, Shape, describe

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation of Keras's: letters of input, kernel and result, with an ellipsis on one side of input and result."""

    @property
    def words(self) -> str:
        return 'an equation such as "abc,cd->abd", "...x,xy->...y" or "ab...,bc->ac..."'

    def knows(self, value: Any) -> bool:
        """Whether a value is such an equation."""
        found = _EQUATION.fullmatch(value) if isinstance(value, str) else None
        return found is not None and (found[1], found[3]) == (found[5], found[7]) and not (found[1] and found[3])

    def read(self, value: Any) -> str:
        if not self.knows(value):
            raise wrong(self, value)
        return str(value)


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of an equation, or none."""

    @property
    def words(self) -> str:
        return 'letters of the result such as "d", or none'

    def knows(self, value: Any) -> bool:
        """Whether a value is letters."""
        return isinstance(value, str) and value.isascii() and value.isalpha()

    def read(self, value: Any) -> str | None:
        if value is not None and not self.knows(value):
            raise wrong(self, value)
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class OpenSizes:
    """Sizes of the axes of a result, none where one is left open; one integer is a tuple of one."""

    @property
    def words(self) -> str:
        return "an integer of at least 1, or a tuple of them, each of which may be none"

    def read(self, value: Any) -> tuple[int | None, ...]:
        items = value if isinstance(value, tuple | list) else (value,)
        sizes = tuple(None if item is None else whole(item) or 0 for item in items)
        if value is None or any(size is not None and size < 1 for size in sizes):
            raise wrong(self, value)
        return sizes


class Axes(NamedTuple):
    """An equation on an input: the letters of input, kernel and result, the ellipsis among them, and their sizes."""

    given: str
    kernel: str
    result: str
    sizes: dict[str, Dim]


@final
@dataclass(frozen=True, slots=True)
class EinsumDense(Layer):
    """A Dense layer whose axes an equation names: ``activation(einsum(equation, inputs, kernel) + bias)``.

    The equation names the batch too, first; the sizes do not hold it, nor what an ellipsis stands for.

    Shape: (...) -> as the equation says
    Example: `network Net { input: (20, 64)  layers: EinsumDense("abc,cde->abde", (20, 8, 16), bias_axes="de") }`
    Source: https://keras.io/api/layers/core_layers/einsum_dense/
    """

    ops_per_output: ClassVar[int] = 1

    equation: str = argument(Equation(), "Letters of the axes of input, kernel and result.")
    output_dim: tuple[int | None, ...] = argument(
        OpenSizes(),
        "Sizes of the result without the batch; none leaves one open.",
        aliases=("output_shape",),
        keras="output_shape",
    )
    activation: str = activation()
    bias_axes: str | None = argument(Letters(), "Axes of the result that the bias has; none has none.", default=None)

    def output_shape(self, inputs: Inputs) -> Shape:
        axes = self.axes(inputs[0])
        for letter in axes.kernel:
            if letter not in axes.sizes:
                raise self._error(f'has no axis "{letter}" in input or result, which the kernel has')
            require_known(axes.sizes[letter], f'axis "{letter}"', "EinsumDense", inputs[0])
        for letter in self.bias_axes or "":
            if letter not in axes.result[1:]:
                raise self._error(f'has no axis "{letter}" in the result, which the bias has', "bias_axes")
            require_known(axes.sizes[letter], f'axis "{letter}"', "EinsumDense", inputs[0])
        return tuple(axes.sizes[letter] for letter in axes.result[1:])

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        axes = self.axes(inputs[0])
        kernel = Weight("kernel", tuple(axes.sizes[letter] or 0 for letter in axes.kernel))
        if self.bias_axes is None:
            return (kernel,)
        rest = axes.result[min(map(axes.result.index, self.bias_axes)) :]
        return kernel, Weight("bias", tuple((axes.sizes[at] or 0) if at in self.bias_axes else 1 for at in rest))

    def contracted_size(self, inputs: Inputs) -> int:
        """Return how many products are added up for an element of the result; 0 where the kernel only scales."""
        axes = self.axes(inputs[0])
        summed = [axes.sizes[at] or 0 for at in axes.kernel if at in axes.given and at not in axes.result]
        return prod(summed) if summed else 0

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x output elements x contracted size."""
        return 2 * elements(output) * self.contracted_size(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and what its activation keeps."""
        return saved_with_activation(self.activation, output)

    def axes(self, shape: Shape) -> Axes:
        """Return the letters and their sizes; raise where input, equation and sizes do not fit."""
        left, given, right, kernel, _, result, _ = _parts(self.equation)
        elided = len(shape) + 1 - len(given)
        if elided < 0 or (elided and not (left or right)):
            raise self._error(f"names {len(given)} axes of the input, and {describe(shape)} has {len(shape) + 1}")
        spare = "".join(chr(0x3B1 + index) for index in range(elided))
        stated = result if left and elided else result[1:]
        given, result = (spare + given, spare + result) if left else (given + spare, result + spare)
        if any(len(set(letters)) < len(letters) for letters in (given, kernel, result)):
            raise self._error("gives two axes of one tensor the same letter")
        if result[0] != given[0] or given[0] in kernel:
            raise self._error("must keep the batch, its first letter, first in the result and off the kernel")
        return Axes(given, kernel, result, self._sizes(dict(zip(given[1:], shape, strict=True)), kernel, stated))

    def _sizes(self, sizes: dict[str, Dim], kernel: str, stated: str) -> dict[str, Dim]:
        """Return the sizes of the input's letters with those that are stated for the result."""
        if len(stated) != len(self.output_dim):
            why = f"has {len(stated)} axes in the result besides the batch, and {len(self.output_dim)} sizes are given"
            raise self._error(why, "output_dim")
        found = dict(sizes)
        for letter, size in zip(stated, self.output_dim, strict=True):
            if letter not in sizes and letter not in kernel:
                raise self._error(f'has no axis "{letter}" in input or kernel, which the result has')
            if letter in sizes and size not in (None, sizes[letter]):
                raise self._error(f'gives axis "{letter}" the sizes {sizes[letter]} and {size}', "output_dim")
            found[letter] = size
        return found

    def _error(self, why: str, argument: str = "equation") -> RuleError:
        help = "letters: the batch, the other axes; those that only input and kernel have are summed"
        return RuleError(f'the equation "{self.equation}" {why}', help=help, argument=argument)


def _parts(equation: str) -> tuple[str, ...]:
    """Return an equation's ellipsis, input, ellipsis, kernel, ellipsis, result and ellipsis."""
    found = _EQUATION.fullmatch(equation)
    assert found, equation
    return tuple(part or "" for part in found.groups())
