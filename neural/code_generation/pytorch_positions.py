"""Vectors, angles and biases that tell positions apart, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import TORCH, Site, Value, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers import positions
from neural.layers.base import Layer

_TENSOR = "from torch import Tensor, nn"

POSITION_EMBEDDING = Helper(
    "PositionEmbedding",
    '''
class PositionEmbedding(nn.Module):
    """Returns a learned vector for each position, the same for every sample."""

    def __init__(self, length: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(length, features))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight[: x.shape[-2]].expand_as(x)
''',
    (TORCH, _TENSOR),
)

CLASS_TOKEN = Helper(
    "ClassToken",
    '''
class ClassToken(nn.Module):
    """Puts a learned token before the others."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, features))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.weight.expand(x.shape[0], -1, -1), x), dim=1)
''',
    (TORCH, _TENSOR),
)

SINES = Helper(
    "sine_positions",
    '''
def sine_positions(x: Tensor, wavelength: float) -> Tensor:
    """Return sines and cosines of each position in turn, the same for every sample."""
    size = x.shape[-1]
    dtype = torch.promote_types(x.dtype, torch.float32)
    steps = torch.arange(x.shape[-2], dtype=dtype, device=x.device)
    feature = torch.arange(size, device=x.device)
    even = feature - feature % 2
    angles = steps[:, None] * wavelength ** (-even.to(dtype) / size)
    waves = torch.where(feature == even, angles.sin(), angles.cos())
    return waves.to(x.dtype).expand_as(x)
''',
    (TORCH, "from torch import Tensor"),
)

ROTATED = Helper(
    "rotated",
    '''
def rotated(x: Tensor, theta: float, scaling: float = 1.0) -> Tensor:
    """Turn pairs of features, the last axis, by the angle of their position, axis 1."""
    half = x.shape[-1] // 2
    dtype = torch.promote_types(x.dtype, torch.float32)
    steps = torch.arange(x.shape[1], dtype=dtype, device=x.device) / scaling
    waves = torch.arange(half, dtype=dtype, device=x.device)
    angles = steps[:, None] * theta ** (-waves / half)
    angles = angles.unflatten(0, (-1, *[1] * (x.dim() - 3)))
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
''',
    (TORCH, "from torch import Tensor"),
)

RELATIVE_BIAS = Helper(
    "RelativePositionBias",
    '''
class RelativePositionBias(nn.Module):
    """Returns a bias of attention's scores for each head, by distance."""

    def __init__(
        self, heads: int, buckets: int, distance: int, bidirectional: bool = True
    ) -> None:
        super().__init__()
        self.bidirectional = bidirectional
        self.buckets = buckets // 2 if bidirectional else buckets
        self.distance = distance
        self.bias = nn.Embedding(buckets, heads)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        steps = torch.arange(key.shape[1], device=key.device)
        ahead = steps - torch.arange(query.shape[1], device=key.device)[:, None]
        far = ahead.abs() if self.bidirectional else (-ahead).clamp(min=0)
        exact = self.buckets // 2
        growth = (far.clamp(min=exact) / exact).log() / math.log(self.distance / exact)
        grown = exact + (growth * (self.buckets - exact)).long()
        bucket = torch.where(far < exact, far, grown.clamp(max=self.buckets - 1))
        if self.bidirectional:
            bucket = bucket + self.buckets * (ahead > 0)
        return self.bias(bucket).permute(2, 0, 1).expand(query.shape[0], -1, -1, -1)
''',
    ("import math", TORCH, _TENSOR),
)


def _position_embedding(site: Site) -> Value:
    layer = cast(positions.PositionEmbedding, site.layer)
    module = site.declare(site.helper(POSITION_EMBEDDING), [layer.sequence_length, site.shape[-1]])
    layout = program(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _sines(site: Site) -> Value:
    wavelength = cast(positions.SinePositionEncoding, site.layer).max_wavelength
    layout = program(site.rank)
    return Value(call(site.helper(SINES), [Code(site.input.to(layout)), wavelength]), layout)


def _rotary(site: Site) -> Value:
    layer = cast(positions.RotaryEmbedding, site.layer)
    first, last = (axis + 1 for axis in layer.axes(site.shape))
    layout = (0, first, *(axis for axis in range(1, site.rank) if axis not in (first, last)), last)
    named = options(scaling=(layer.scaling_factor, 1.0))
    return Value(call(site.helper(ROTATED), [Code(site.input.to(layout)), layer.max_wavelength], named), layout)


def _relative_bias(site: Site) -> Value:
    layer = cast(positions.RelativePositionBias, site.layer)
    named = options(bidirectional=(layer.bidirectional, True))
    sizes = [layer.num_heads, layer.num_buckets, layer.max_distance]
    module = site.declare(site.helper(RELATIVE_BIAS), sizes, named)
    query, key = (tensor.to(program(3)) for tensor in (site.inputs[0], site.inputs[-1]))
    return Value(f"{module}({query}, {key})", program(4))


def _class_token(site: Site) -> Value:
    module = site.declare(site.helper(CLASS_TOKEN), [site.shape[-1]])
    return Value(f"{module}({site.input.to(program(3))})", program(3))


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    positions.PositionEmbedding: _position_embedding,
    positions.SinePositionEncoding: _sines,
    positions.RotaryEmbedding: _rotary,
    positions.RelativePositionBias: _relative_bias,
    positions.ClassToken: _class_token,
}

HELPERS = (POSITION_EMBEDDING, CLASS_TOKEN, SINES, ROTATED, RELATIVE_BIAS)
