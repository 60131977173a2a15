"""Layers that leave values as they are, scale them, take a part of them, or resize an image of them."""

from __future__ import annotations

from typing import Any, ClassVar, cast, final

from neural.errors import Repair, RuleError
from neural.layers.activations import Elementwise
from neural.layers.base import SAVES_INPUT, Inputs, Layer, Saved, Weight, position, require_known
from neural.layers.fields import Axes, Choice, Flag, Integer, Real, Reals, argument, show
from neural.layers.normalization import ascending_positions
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape, describe


@final
@dataclass(frozen=True, slots=True)
class Identity(Elementwise):
    """Returns its input as it is.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Identity() }`
    Source: https://keras.io/api/layers/core_layers/identity/
    """

    ops_per_output: ClassVar[int] = 0


@final
@dataclass(frozen=True, slots=True)
class LayerScale(Layer):
    """Multiplies each channel by a learned factor that starts near zero.

    Shape: (..., channels) -> (..., channels)
    Example: `network Net { input: (28, 28, 8)  layers: LayerScale(1e-6) }`
    Source: https://arxiv.org/abs/2103.17239
    """

    ops_per_output: ClassVar[int] = 1

    init_values: float = argument(Real(), "What every factor starts from.", default=1e-6, aliases=("init_value",))

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        index = position(-1, shape, "LayerScale")
        require_known(shape[index], "the last axis", "LayerScale", shape)
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return (Weight("gamma", (inputs[0][-1] or 0,)),)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT


@final
@dataclass(frozen=True, slots=True)
class StochasticDepth(Elementwise):
    """Sets a share of the samples to zero while training, and scales up the rest: a residual branch left out.

    Shape: (...) -> (...)
    Example: `network Net { input: (28, 28, 8)  layers: StochasticDepth(0.1) }`
    Source: https://arxiv.org/abs/1603.09382
    """

    aliases: ClassVar[tuple[str, ...]] = ("DropPath",)

    rate: float = argument(
        Real(0, 1, open_high=True),
        "Share of the samples that is dropped.",
        aliases=("drop_path_rate", "drop_prob", "p"),
    )

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """One value a sample, its mask; nothing at a rate of 0."""
        return Saved(elements=1 if self.rate else 0)


@final
@dataclass(frozen=True, slots=True)
class Rescaling(Elementwise):
    """Multiplies by a number and adds another.

    Shape: (...) -> (...)
    Example: `network Net { input: (28, 28, 1)  layers: Rescaling(1 / 255) }`
    Source: https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
    """

    ops_per_output: ClassVar[int] = 2

    scale: float = argument(Real(), "The factor.")
    offset: float = argument(Real(), "What is added after that.", default=0.0)


@final
@dataclass(frozen=True, slots=True)
class Normalization(Layer):
    """Subtracts a mean and divides by a deviation: those given, or those taken from data before training.

    Shape: (..., channels) -> (..., channels)
    Example: `network Net { input: (28, 28, 3)  layers: Normalization(mean=(0.5, 0.4, 0.4), variance=(0.1, 0.1, 0.2)) }`
    Source: https://keras.io/api/layers/preprocessing_layers/numerical/normalization/
    """

    ops_per_output: ClassVar[int] = 2

    axis: int | tuple[int, ...] | None = argument(
        Axes(several=True, optional=True), "The axes with a mean for each place; none is one mean for all.", default=-1
    )
    mean: float | tuple[float, ...] | None = argument(
        Reals(), "The mean, or one for each place of the last axis; none is taken from data.", default=None
    )
    variance: float | tuple[float, ...] | None = argument(
        Reals(0), "The variance, given with the mean and for as many places.", default=None
    )
    invert: bool = argument(Flag(), "Whether to undo that: multiply by the deviation and add the mean.", default=False)

    def positions(self, shape: Shape) -> tuple[int, ...]:
        """Return where the axes with a mean for each place stand in the shape of one sample, in ascending order."""
        return () if self.axis is None else ascending_positions(self.axis, shape, "Normalization")

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        found = self.positions(shape)
        sizes = [require_known(shape[index], f"axis {index + 1}", "Normalization", shape) for index in found]
        self._require_both()
        if isinstance(self.mean, tuple) and not (sizes and len(self.mean) in (1, sizes[-1])):
            places = f"axis {found[-1] + 1}, which has {sizes[-1]}" if sizes else "no axis"
            raise RuleError(
                f"`mean` and `variance` have {len(self.mean)} values, for the places of {places}",
                help="give a number, or one for each place of the axis",
                argument="mean",
            )
        return shape

    def _require_both(self) -> None:
        mean, variance = self.mean, self.variance
        if type(mean) is type(variance) and (not isinstance(mean, tuple) or len(mean) == len(cast(Any, variance))):
            return
        raise RuleError(
            f"`mean` and `variance` are given together and for as many places, got {show(mean)} and {show(variance)}",
            help="give both, or leave both out",
            argument="variance" if mean is None else "mean",
        )

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        if self.mean is not None:
            return ()
        (shape,) = inputs
        sizes = tuple(shape[index] or 0 for index in self.positions(shape))
        learned = (("mean", sizes), ("variance", sizes), ("count", ()))
        return tuple(Weight(name, size, trainable=False) for name, size in learned)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """The deviations."""
        if self.mean is not None:
            return Saved(shared_statistics=len(self.mean) if isinstance(self.mean, tuple) else 1)
        return Saved(shared_statistics=self.weights(inputs)[0].size)


@final
@dataclass(frozen=True, slots=True)
class Resizing(Layer):
    """Resizes an image to a height and a width, interpolating between its values or taking the nearest.

    Shape: (old height, old width, channels) -> (height, width, channels)
    Example: `network Net { input: (64, 48, 3)  layers: Resizing(224, 224) }`
    Source: https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/
    """

    ops_per_output: ClassVar[int] = 8

    height: int = argument(Integer(1), "Height of the result.")
    width: int = argument(Integer(1), "Width of the result.")
    interpolation: str = argument(
        Choice(("bilinear", "nearest")), "How new values are made.", default="bilinear", aliases=("mode",)
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, 2, "Resizing")
        return (self.height, self.width, shape[-1])


@final
@dataclass(frozen=True, slots=True)
class Slice(Layer):
    """Takes ``size`` places of one axis, from ``start`` on.

    Shape: (..., n, ...) -> (..., size, ...)
    Example: `network Net { input: (10, 64)  layers: Slice(axis=-1, start=32, size=32) }`
    Source: https://keras.io/api/ops/core/#slice-function
    """

    axis: int = argument(Axes(), "The axis that is cut; the batch is axis 0.", aliases=("dim",))
    start: int = argument(Integer(0), "The first place taken, from 0.")
    size: int = argument(Integer(1), "How many places are taken.", aliases=("length",))

    def is_view(self) -> bool:
        return True

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        index = position(self.axis, shape, "Slice")
        have = shape[index]
        if have is not None and self.start + self.size > have:
            rest = have - self.start
            raise RuleError(
                f"{self.start} + {self.size} = {self.start + self.size}: the slice ends beyond axis {self.axis} "
                f"of {describe(shape)}, which has {have}",
                help=f"take at most {rest} from {self.start} on" if rest > 0 else f"start below {have}",
                argument="size" if rest > 0 else "start",
                repairs=(Repair(f"take {rest}", "size", str(rest)),) if rest > 0 else (),
            )
        return (*shape[:index], self.size, *shape[index + 1 :])
