"""Attention within the windows of a map, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value, options
from neural.code_generation.writer import Helper
from neural.layers.attention_windows import WindowAttention
from neural.layers.base import Layer

CUT = Helper(
    "windows_of",
    '''
def windows_of(x: Tensor, height: int, width: int) -> Tensor:
    """Cut maps (batch, height, width, ...) into (batch, windows, positions, ...)."""
    x = x.unflatten(2, (-1, width)).unflatten(1, (-1, height))
    return x.transpose(2, 3).flatten(3, 4).flatten(1, 2)
''',
    ("from torch import Tensor",),
)

WINDOWS = Helper(
    "WindowAttention",
    '''
class WindowAttention(nn.Module):
    """Attention within the windows of a map, channels last, biased by distance."""

    def __init__(
        self,
        channels: int,
        heads: int,
        window: tuple[int, int],
        shift: tuple[int, int] = (0, 0),
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        self.dropout = dropout
        self.qkv = nn.Linear(channels, 3 * channels, bias=bias)
        self.proj = nn.Linear(channels, channels)
        height, width = window
        distances = (2 * height - 1) * (2 * width - 1)
        self.table = nn.Parameter(0.02 * torch.randn(distances, heads))
        place = torch.arange(height * width)
        rows, columns = place // width, place % width
        down = rows[:, None] - rows + height - 1
        along = columns[:, None] - columns + width - 1
        self.distance: Tensor
        self.register_buffer("distance", down * (2 * width - 1) + along, False)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        tall, wide = self.window
        x = F.pad(x, (0, 0, 0, -width % wide, 0, -height % tall))
        down, along = x.shape[1:3]
        shift = (self.shift[0] * (down > tall), self.shift[1] * (along > wide))
        x = x.roll((-shift[0], -shift[1]), (1, 2))
        x = self.attend(windows_of(x, tall, wide), self.apart(down, along, shift))
        x = x.unflatten(2, (tall, wide)).unflatten(1, (-1, along // wide))
        x = x.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        return x.roll(shift, (1, 2))[:, :height, :width]

    def attend(self, x: Tensor, apart: Tensor) -> Tensor:
        """Let the positions of each window look at each other."""
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1))
        q, k, v = qkv.movedim(-2, 2).unbind(-2)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        scores = scores + self.table[self.distance].permute(2, 0, 1)
        weights = scores.masked_fill(apart[:, None], float("-inf")).softmax(-1)
        x = F.dropout(weights, self.dropout, self.training) @ v
        return self.proj(x.transpose(2, 3).flatten(3))

    def apart(self, down: int, along: int, shift: tuple[int, int]) -> Tensor:
        """Return which pairs of a window were not side by side before the shift."""
        device = self.distance.device
        rows = torch.arange(down, device=device) >= down - shift[0]
        columns = torch.arange(along, device=device) >= along - shift[1]
        parts = (2 * rows[:, None] + columns)[None]
        parts = windows_of(parts, *self.window)[0]
        return parts[:, :, None] != parts[:, None]
''',
    (TORCH, FUNCTIONAL, "from torch import Tensor, nn"),
    (CUT,),
)


def _windows(site: Site) -> Value:
    layer = cast(WindowAttention, site.layer)
    named = options(shift=(layer.shift_size, (0, 0)), bias=(layer.use_bias, True), dropout=(layer.dropout, 0.0))
    module = site.declare(site.helper(WINDOWS), [site.shape[-1], layer.num_heads, layer.window_size], named)
    return Value(f"{module}({site.input.to(program(4))})", program(4))


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {WindowAttention: _windows}

HELPERS = (CUT, WINDOWS)
