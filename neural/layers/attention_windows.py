"""Attention within the windows of a map: https://arxiv.org/abs/2103.14030."""

from __future__ import annotations

from math import prod
from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, require_known
from neural.layers.fields import Flag, Integer, Real, Sizes, argument
from neural.layers.windows import require_map
from neural.records import dataclass
from neural.shapes import Shape


@final
@dataclass(frozen=True, slots=True)
class WindowAttention(Layer):
    """Attention in several heads within each window of a map, with a learned bias by distance: that of Swin.

    Maps are padded with zeros to whole windows. A shift moves the map under its windows, and what is then side by side
    without having been so stays apart; where there is one window only, it has no effect.

    Shape: (height, width, channels) -> (height, width, channels)
    Example: `network Net { input: (14, 14, 32)  layers: WindowAttention(4, window_size=7, shift_size=3) }`
    Source: https://pytorch.org/vision/stable/models/swin_transformer.html
    """

    ops_per_output: ClassVar[int] = 1

    num_heads: int = argument(Integer(1), "Number of heads.", aliases=("heads",))
    window_size: tuple[int, int] = argument(Sizes(2), "Height and width of a window.", default=(7, 7))
    shift_size: tuple[int, int] = argument(Sizes(2, 0), "How far the map is moved under its windows.", default=(0, 0))
    dropout: float = argument(
        Real(0, 1), "Share of the weights dropped while training.", default=0.0, aliases=("attention_dropout",)
    )
    use_bias: bool = argument(
        Flag(), "Whether query, key and value have a bias.", default=True, aliases=("qkv_bias", "bias")
    )

    @property
    def window_positions(self) -> int:
        """The positions of a window."""
        return prod(self.window_size)

    def padded_positions(self, inputs: Inputs) -> int:
        """Return the positions of the map with its padding."""
        height, width, _ = (size or 0 for size in inputs[0])
        tall, wide = self.window_size
        return -(-height // tall) * tall * -(-width // wide) * wide

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        require_map(shape, 2, "WindowAttention")
        for size in shape:
            require_known(size, "the size of its map", "WindowAttention", shape)
        channels = shape[-1] or 0
        if channels % self.num_heads:
            raise RuleError(
                f"{channels} % {self.num_heads} = {channels % self.num_heads}: {self.num_heads} heads do not share out "
                f"{channels} channels",
                help="use a number of heads that divides the channels",
                argument="num_heads",
            )
        for shift, window in zip(self.shift_size, self.window_size, strict=True):
            if shift >= window:
                raise RuleError(
                    f"{shift} >= {window}: a shift moves the map by less than a window",
                    help=f"use a shift of at most {window - 1}; half a window is usual",
                    argument="shift_size",
                )
        return shape

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        channels = inputs[0][-1] or 0
        distances = prod(2 * size - 1 for size in self.window_size)
        found = [
            Weight("relative_position_bias_table", (distances, self.num_heads)),
            Weight("qkv/kernel", (channels, 3 * channels)),
            Weight("qkv/bias", (3 * channels,)),
            Weight("proj/kernel", (channels, channels)),
            Weight("proj/bias", (channels,)),
        ]
        return tuple(each for each in found if self.use_bias or each.name != "qkv/bias")

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x padded positions x input channels x (4 x input channels + 2 x window positions); a shift is free."""
        channels = inputs[0][-1] or 0
        return 2 * self.padded_positions(inputs) * channels * (4 * channels + 2 * self.window_positions)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """The windows, their queries, keys and values, the weights of all pairs, what dropout adds, and the results."""
        positions, channels = self.padded_positions(inputs), inputs[0][-1] or 0
        pairs = positions * self.window_positions * self.num_heads
        return Saved(elements=5 * positions * channels + (3 if self.dropout else 1) * pairs)
