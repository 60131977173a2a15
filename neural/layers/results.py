"""The further results of a layer that has several, as nodes of the network that others can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from neural.layers.base import Inputs, Layer
from neural.layers.fields import Flag, Integer, argument
from neural.records import dataclass
from neural.shapes import Shape


@final
@dataclass(frozen=True, slots=True)
class Result(Layer):
    """A further result of the layer it reads; the layer itself stands for its first one.

    No program names it: the binder adds one for each label behind the first. Its inputs are all results of that layer.
    """

    index: int = argument(Integer(1), "Which of the results, the first being 0.")
    view: bool = argument(Flag(), "Whether the layer's results are views of its input.", default=False)

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[self.index]

    def is_view(self) -> bool:
        return self.view


def read_by(layer: Layer | None, made: Sequence[Inputs]) -> Inputs:
    """Return the shapes that a layer reads, of the results of each node before it: the first, or all for ``Result``."""
    return made[0] if type(layer) is Result else tuple([results[0] for results in made])
