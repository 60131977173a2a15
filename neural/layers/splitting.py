"""Taking a tensor apart along an axis."""

from __future__ import annotations

from typing import Any, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, position
from neural.layers.fields import Axes, argument, whole, wrong
from neural.records import dataclass
from neural.shapes import Shape, describe

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Parts:
    """How many equal parts, or a tuple with the size of each."""

    @property
    def words(self) -> str:
        return f"a number of parts from 2 to {MOST:,}, or a tuple with the size of each"

    def read(self, value: Any) -> int | tuple[int, ...]:
        if not isinstance(value, tuple | list):
            number = whole(value)
            if number is None or not 2 <= number <= MOST:
                raise wrong(self, value)
            return number
        sizes = tuple(whole(item) for item in value)
        if not 2 <= len(sizes) <= MOST or any(size is None or size < 1 for size in sizes):
            raise wrong(self, value)
        return tuple(size for size in sizes if size is not None)


@final
@dataclass(frozen=True, slots=True)
class Split(Layer):
    """Takes one axis apart: into a number of equal parts, or into parts of the sizes that are given.

    Every part is a result of its own: `left, right = Split(2)`.

    Shape: (..., n, ...) -> (..., n / parts, ...) for each part, or (..., size, ...) for each size
    Example: `network Net { input: (10, 64)  layers: left, right = Split(2)  Multiply()(left, right) }`
    Source: https://keras.io/api/ops/core/#split-function
    """

    num_or_sizes: int | tuple[int, ...] = argument(
        Parts(), "How many equal parts, or the size of each part.", aliases=("num_or_size_splits", "chunks")
    )
    axis: int = argument(Axes(), "The axis that is taken apart; the batch is axis 0.", default=-1, aliases=("dim",))

    @property
    def results(self) -> int:  # type: ignore[override]
        """How many parts there are."""
        return self.num_or_sizes if isinstance(self.num_or_sizes, int) else len(self.num_or_sizes)

    def is_view(self) -> bool:
        return True

    def output_shape(self, inputs: Inputs) -> Shape:
        return self.output_shapes(inputs)[0]

    def output_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        (shape,) = inputs
        index = position(self.axis, shape, "Split")
        return tuple((*shape[:index], size, *shape[index + 1 :]) for size in self._sizes(shape, index))

    def _sizes(self, shape: Shape, index: int) -> tuple[int | None, ...]:
        parts = self.num_or_sizes
        have = shape[index]
        if isinstance(parts, int):
            if have is not None and have % parts:
                raise RuleError(
                    f"{have} % {parts} = {have % parts}: axis {self.axis} of {describe(shape)} "
                    f"does not divide into {parts} equal parts",
                    help=f"use a number that divides {have}, or give the size of each part",
                    argument="num_or_sizes",
                )
            return (None if have is None else have // parts,) * parts
        if have is None:
            raise RuleError(
                f"Split compares its sizes with axis {self.axis}, which {describe(shape)} leaves unknown",
                help="give that axis of the input a size instead of None, or split it into a number of equal parts",
            )
        if sum(parts) != have:
            raise RuleError(
                f"the sizes add up to {sum(parts)}, and axis {self.axis} of {describe(shape)} has {have}",
                help="give sizes that add up to the whole axis",
                argument="num_or_sizes",
            )
        return parts
