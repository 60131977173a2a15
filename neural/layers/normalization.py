"""Normalisation: subtract a mean, divide by a deviation, then scale and shift by learned vectors."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, position, require_known
from neural.layers.fields import Axes, Flag, Real, argument, show
from neural.records import dataclass
from neural.shapes import Shape


def epsilon() -> Any:
    """Declare the number that keeps the division finite."""
    return argument(Real(0), "Added to the variance before the division.", default=1e-3, aliases=("eps",))


def center() -> Any:
    """Declare whether a learned vector is added."""
    return argument(Flag(), "Whether to add a learned offset, beta.", default=True)


def scale() -> Any:
    """Declare whether a learned vector multiplies."""
    return argument(Flag(), "Whether to multiply by a learned factor, gamma.", default=True)


def ascending_positions(axis: int | tuple[int, ...], shape: Shape, layer: str) -> tuple[int, ...]:
    """Return where one axis or several stand in the shape of one sample, in ascending order."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    found = tuple(sorted({position(each, shape, layer) for each in axes}))
    if len(found) < len(axes) or (min(axes) < 0 < max(axes)):
        fixed = show(tuple(index + 1 for index in found))
        raise RuleError(
            f"expected different axes, all counted from the same end, got {show(axes)}",
            help=f"write {fixed}",
            argument="axis",
            repairs=(Repair(f"use {fixed}", "axis", fixed),),
        )
    return found


class Normalization(Layer):
    """What the normalisation layers share: the result has the input's shape, and gamma and beta one of its axes'."""

    __slots__ = ()

    #: Subtract, divide, multiply, add.
    ops_per_output: ClassVar[int] = 4

    center: bool
    scale: bool

    @final
    def affine_weights(self, shape: tuple[int, ...]) -> tuple[Weight, ...]:
        """Return gamma and beta, where asked for."""
        gamma = (Weight("gamma", shape),) if self.scale else ()
        return (*gamma, Weight("beta", shape)) if self.center else gamma


@final
@dataclass(frozen=True, slots=True)
class BatchNormalization(Normalization):
    """Normalises each channel over the batch and every other axis; moving statistics serve after training.

    Shape: (..., channels) -> (..., channels)
    Example: `network Net { input: (28, 28, 8)  layers: BatchNormalization() }`
    Source: https://keras.io/api/layers/normalization_layers/batch_normalization/
    """

    aliases: ClassVar[tuple[str, ...]] = ("BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d")

    axis: int = argument(Axes(), "The channel axis; the batch is axis 0.", default=-1)
    momentum: float = argument(Real(0, 1), "Share of the old moving statistics that each step keeps.", default=0.99)
    epsilon: float = epsilon()
    center: bool = center()
    scale: bool = scale()

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        index = position(self.axis, shape, "BatchNormalization")
        require_known(shape[index], f"axis {self.axis}", "BatchNormalization", shape)
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        size = (self._channels(inputs),)
        moving = (Weight("moving_mean", size, trainable=False), Weight("moving_variance", size, trainable=False))
        return (*self.affine_weights(size), *moving)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and two float32 values a channel for the whole batch."""
        return Saved(inputs=True, shared_statistics=2 * self._channels(inputs))

    def _channels(self, inputs: Inputs) -> int:
        (shape,) = inputs
        return shape[position(self.axis, shape, "BatchNormalization")] or 0


@final
@dataclass(frozen=True, slots=True)
class LayerNormalization(Normalization):
    """Normalises each sample over one axis or several, in the order they stand in.

    Shape: (..., features) -> (..., features)
    Example: `network Net { input: (10, 64)  layers: LayerNormalization(epsilon=1e-6) }`
    Source: https://keras.io/api/layers/normalization_layers/layer_normalization/
    """

    aliases: ClassVar[tuple[str, ...]] = ("LayerNorm",)

    axis: int | tuple[int, ...] = argument(Axes(several=True), "The normalised axes; the batch is axis 0.", default=-1)
    epsilon: float = epsilon()
    center: bool = center()
    scale: bool = scale()

    def positions(self, shape: Shape) -> tuple[int, ...]:
        """Return where the normalised axes stand in the shape of one sample, in ascending order."""
        return ascending_positions(self.axis, shape, "LayerNormalization")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        for index in self.positions(shape):
            require_known(shape[index], f"axis {index + 1}", "LayerNormalization", shape)
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        (shape,) = inputs
        return self.affine_weights(tuple(shape[index] or 0 for index in self.positions(shape)))

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and two float32 values a normalised row."""
        (shape,) = inputs
        normalised = self.positions(shape)
        rows = elements(tuple(dim for index, dim in enumerate(shape) if index not in normalised))
        return Saved(inputs=True, statistics=2 * rows)
