"""Normalisation over groups of channels, by the root of the mean square, and to unit length."""

from __future__ import annotations

from math import prod
from typing import ClassVar, final

from neural.errors import Repair, RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, elements, position, require_known
from neural.layers.fields import Axes, Integer, Real, argument, show
from neural.layers.normalization import Normalization, ascending_positions, center, epsilon, scale
from neural.records import dataclass
from neural.shapes import Shape, describe


class ByGroup(Normalization):
    """What the layers that normalise each sample by groups of its channels share."""

    __slots__ = ()

    axis: int

    @final
    def channels(self, shape: Shape) -> int:
        """Return the number of channels."""
        name = type(self).__name__
        return require_known(shape[position(self.axis, shape, name)], f"axis {self.axis}", name, shape)

    def count(self, shape: Shape) -> int:
        """Return the number of groups: by default one for each channel."""
        return self.channels(shape)

    @final
    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        self.count(shape)
        return shape

    @final
    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return self.affine_weights((self.channels(inputs[0]),))

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and two float32 values a group of each sample."""
        return Saved(inputs=True, statistics=2 * self.count(inputs[0]))


@final
@dataclass(frozen=True, slots=True)
class GroupNormalization(ByGroup):
    """Normalises each group of channels of a sample over its channels and every other axis.

    Shape: (..., channels) -> (..., channels)
    Example: `network Net { input: (28, 28, 8)  layers: GroupNormalization(4) }`
    Source: https://keras.io/api/layers/normalization_layers/group_normalization/
    """

    aliases: ClassVar[tuple[str, ...]] = ("GroupNorm",)

    groups: int = argument(
        Integer(-1), "Number of groups; -1 makes every channel one.", default=32, aliases=("num_groups",)
    )
    axis: int = argument(Axes(), "The channel axis; the batch is axis 0.", default=-1)
    epsilon: float = epsilon()
    center: bool = center()
    scale: bool = scale()

    def count(self, shape: Shape) -> int:
        """Return the number of groups."""
        channels = self.channels(shape)
        if self.groups == -1:
            return channels
        if not self.groups or channels % self.groups:
            most = max((n for n in range(1, min(channels, abs(self.groups) or 1) + 1) if channels % n == 0), default=1)
            found = f"{channels} % {self.groups} = {channels % self.groups}: " if self.groups else ""
            raise RuleError(
                f"{found}groups={self.groups} does not divide the {channels} channels of {describe(shape)}",
                help=f"use a number of groups that divides {channels}, such as {most}",
                argument="groups",
                repairs=(Repair(f"use {most} groups", "groups", str(most)),),
            )
        return self.groups


@final
@dataclass(frozen=True, slots=True)
class InstanceNormalization(ByGroup):
    """Normalises each channel of a sample over every other axis.

    Shape: (..., channels) -> (..., channels)
    Example: `network Net { input: (28, 28, 8)  layers: InstanceNormalization() }`
    Source: https://arxiv.org/abs/1607.08022
    """

    aliases: ClassVar[tuple[str, ...]] = ("InstanceNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")

    axis: int = argument(Axes(), "The channel axis; the batch is axis 0.", default=-1)
    epsilon: float = epsilon()
    center: bool = center()
    scale: bool = scale()


@final
@dataclass(frozen=True, slots=True)
class RMSNormalization(Layer):
    """Divides by the root of the mean square over the last axis or axes, and scales by a learned factor.

    Shape: (..., features) -> (..., features)
    Example: `network Net { input: (10, 64)  layers: RMSNormalization() }`
    Source: https://keras.io/api/layers/normalization_layers/rms_normalization/
    """

    aliases: ClassVar[tuple[str, ...]] = ("RMSNorm",)
    ops_per_output: ClassVar[int] = 3

    axis: int | tuple[int, ...] = argument(Axes(several=True), "The normalised axes: the last ones.", default=-1)
    epsilon: float = argument(Real(0), "Added to the mean square.", default=1e-6, aliases=("eps",))

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """Return the sizes of the normalised axes."""
        found = ascending_positions(self.axis, shape, "RMSNormalization")
        last = tuple(range(len(shape) - len(found), len(shape)))
        if found != last:
            fixed = show(tuple(index - len(shape) for index in last) if len(last) > 1 else -1)
            raise RuleError(
                f"expected the last axes of {describe(shape)}, got axis={show(self.axis)}: the learned factor "
                "lies along the last ones",
                help=f"write axis={fixed}, or put Permute(...) before it",
                argument="axis",
                repairs=(Repair(f"use axis={fixed}", "axis", fixed),),
            )
        return tuple(require_known(shape[index], f"axis {index + 1}", "RMSNormalization", shape) for index in found)

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        self.sizes(shape)
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("scale", self.sizes(inputs[0])),)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and one float32 value a normalised row."""
        return Saved(inputs=True, statistics=elements(output) // prod(self.sizes(output)))


@final
@dataclass(frozen=True, slots=True)
class UnitNormalization(Layer):
    """Scales each sample to length 1 along one axis or several.

    Shape: (...) -> (...)
    Example: `network Net { input: (10, 64)  layers: UnitNormalization() }`
    Source: https://keras.io/api/layers/normalization_layers/unit_normalization/
    """

    ops_per_output: ClassVar[int] = 3

    axis: int | tuple[int, ...] = argument(
        Axes(several=True), "The axes along which the length is taken; the batch is axis 0.", default=-1
    )

    def positions(self, shape: Shape) -> tuple[int, ...]:
        """Return where the normalised axes stand in the shape of one sample, in ascending order."""
        return ascending_positions(self.axis, shape, "UnitNormalization")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        self.positions(shape)
        return shape

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input, and two values a normalised row."""
        normalised = self.positions(output)
        rows = elements(tuple(dim for index, dim in enumerate(output) if index not in normalised))
        return Saved(inputs=True, elements=2 * rows)
