"""Scaling, resizing, slicing and the rarer normalisations in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_layout import Layout, channels_first, native, program, stored
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Tensor, Value, collapse, options
from neural.code_generation.writer import Code, Helper, call, literal
from neural.layers import activations_named, normalization_group, scaling
from neural.layers.base import Layer, position
from neural.shapes import Shape

_TENSOR = "from torch import Tensor, nn"

LAYER_SCALE = Helper(
    "LayerScale",
    '''
class LayerScale(nn.Module):
    """Multiplies each channel by a learned factor."""

    def __init__(self, start: float, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(shape, start))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
''',
    (TORCH, _TENSOR),
)

STOCHASTIC_DEPTH = Helper(
    "StochasticDepth",
    '''
class StochasticDepth(nn.Module):
    """Sets whole samples to zero while training, and scales up the rest."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        kept = x.new_ones(x.shape[:1] + (1,) * (x.dim() - 1))
        return x * F.dropout(kept, self.rate, self.training)
''',
    (FUNCTIONAL, _TENSOR),
)

#: With its weight alone set to None, nn.GroupNorm fails in the backward pass.
OFFSET_GROUP_NORM = Helper(
    "OffsetGroupNorm",
    '''
class OffsetGroupNorm(nn.GroupNorm):
    """Group normalization with an offset and without a scale."""

    def __init__(self, groups: int, channels: int, eps: float = 1e-5) -> None:
        super().__init__(groups, channels, eps)
        self.register_parameter("weight", None)

    def forward(self, x: Tensor) -> Tensor:
        ones = torch.ones_like(self.bias)
        return F.group_norm(x, self.num_groups, ones, self.bias, self.eps)
''',
    (TORCH, FUNCTIONAL, _TENSOR),
)

NORMALIZATION = Helper(
    "Normalization",
    '''
class Normalization(nn.Module):
    """Subtracts a mean and divides by a deviation: those given, or buffers to be filled."""

    mean: Tensor
    variance: Tensor

    def __init__(
        self,
        *shape: int,
        mean: tuple[float, ...] = (),
        variance: tuple[float, ...] = (),
    ) -> None:
        super().__init__()
        start = torch.tensor(mean).view(shape) if mean else torch.zeros(shape)
        self.register_buffer("mean", start, persistent=not mean)
        start = torch.tensor(variance).view(shape) if mean else torch.ones(shape)
        self.register_buffer("variance", start, persistent=not mean)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.variance.sqrt().clamp_min(1e-7)
''',
    (TORCH, _TENSOR),
)

DENORMALIZATION = Helper(
    "Denormalization",
    '''
class Denormalization(Normalization):
    """Multiplies by a deviation and adds a mean."""

    def forward(self, x: Tensor) -> Tensor:
        return x * self.variance.sqrt().clamp_min(1e-7) + self.mean
''',
    ("from torch import Tensor",),
    (NORMALIZATION,),
)


def channels_second(tensor: Tensor, axis: int) -> Layout:
    """Return an order with ``axis`` right after the batch, the tensor's own if it can be."""
    for layout in (tensor.layout, channels_first(tensor.rank)):
        if layout[1] == axis:
            return layout
    return (0, axis, *(other for other in range(1, tensor.rank) if other != axis))


def _named(activation: str) -> Callable[[Site], Value]:
    return lambda site: Value(site.input.text, site.input.layout, activation)


def _identity(site: Site) -> Value:
    return Value(site.input.text, site.input.layout)


def factors(rank: int, channels: int) -> tuple[int, ...]:
    """Return the sizes of one factor for each channel of a tensor in PyTorch's own order."""
    return (channels,) if native(rank) == program(rank) else (channels, *(1,) * (rank - 2))


def _layer_scale(site: Site) -> Value:
    layer = cast(scaling.LayerScale, site.layer)
    layout = native(site.rank)
    sizes = factors(site.rank, site.shape[-1] or 0)
    module = site.declare(site.helper(LAYER_SCALE), [layer.init_values, *sizes])
    return Value(f"{module}({site.input.to(layout)})", layout)


def _stochastic_depth(site: Site) -> Value:
    rate = cast(scaling.StochasticDepth, site.layer).rate
    return Value(f"{site.declare(site.helper(STOCHASTIC_DEPTH), [rate])}({site.input.text})", site.input.layout)


def _rescaling(site: Site) -> Value:
    layer = cast(scaling.Rescaling, site.layer)
    text = f"{site.input.text} * {literal(layer.scale)}"
    if layer.offset:
        text += f" {'-' if layer.offset < 0 else '+'} {literal(abs(layer.offset))}"
    return Value(text, site.input.layout)


def places(layer: scaling.Normalization, shape: Shape) -> tuple[int, ...]:
    """Return the sizes of what it subtracts from a tensor in PyTorch's own order, without the leading ones."""
    kept = layer.positions(shape)
    sizes = stored(tuple(size if index in kept else 1 for index, size in enumerate(shape)), native(len(shape) + 1))
    first = next((index for index, size in enumerate(sizes) if size != 1), len(sizes) - 1)
    return tuple(size or 1 for size in sizes[first:])


def _normalization(site: Site) -> Value:
    layer = cast(scaling.Normalization, site.layer)
    sizes, named = places(layer, site.shape), {}
    if layer.mean is not None:
        mean, variance = (each if isinstance(each, tuple) else (each,) for each in (layer.mean, layer.variance))
        named = {"mean": mean, "variance": variance}
        sizes = (len(mean), *(1,) * _behind(layer, site.shape)) if len(mean) > 1 else (1,)
    module = site.declare(site.helper(DENORMALIZATION if layer.invert else NORMALIZATION), sizes, named)
    layout = native(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _behind(layer: scaling.Normalization, shape: Shape) -> int:
    """Return how many axes stand behind the last one that has its own mean, in PyTorch's own order."""
    return len(shape) - native(len(shape) + 1).index(layer.positions(shape)[-1] + 1)


def _resizing(site: Site) -> Value:
    layer = cast(scaling.Resizing, site.layer)
    mode = "bilinear" if layer.interpolation == "bilinear" else "nearest-exact"
    module = site.declare("nn.Upsample", named={"size": collapse((layer.height, layer.width)), "mode": mode})
    layout = channels_first(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _slice(site: Site) -> Value:
    layer = cast(scaling.Slice, site.layer)
    axis = position(layer.axis, site.input.shape, "Slice") + 1
    marks = [":"] * site.input.position(axis) + [f"{layer.start or ''}:{layer.start + layer.size}"]
    return Value(f"{site.input.text}[{', '.join(marks)}]", site.input.layout)


def _by_group(site: Site) -> Value:
    layer = cast(normalization_group.ByGroup, site.layer)
    shape = site.input.shape
    layout = channels_second(site.input, position(layer.axis, shape, "Normalization") + 1)
    named = options(eps=(cast(normalization_group.GroupNormalization, layer).epsilon, 1e-5))
    named |= options(affine=(layer.center or layer.scale, True))
    groups = [layer.count(shape), layer.channels(shape)]
    if layer.center and not layer.scale:
        module = site.declare(site.helper(OFFSET_GROUP_NORM), groups, named)
    else:
        without = "bias" if layer.scale and not layer.center else ""
        module = site.declare("nn.GroupNorm", groups, named, without=without)
    text = site.input.to(layout)
    if site.input.constant and site.rank > 3:  # nn.GroupNorm crashes in the backward pass of other strides
        text += ".contiguous()"
    return Value(f"{module}({text})", layout)


def _rms_normalization(site: Site) -> Value:
    layer = cast(normalization_group.RMSNormalization, site.layer)
    sizes = layer.sizes(site.shape)
    module = site.declare("nn.RMSNorm", [sizes[0] if len(sizes) == 1 else sizes], {"eps": layer.epsilon})
    layout = program(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _unit_normalization(site: Site) -> Value:
    layer = cast(normalization_group.UnitNormalization, site.layer)
    site.use(FUNCTIONAL)
    axes = tuple(sorted(site.input.position(index + 1) for index in layer.positions(site.shape)))
    named = options(dim=(axes[0] if len(axes) == 1 else axes, 1))
    return Value(call("F.normalize", [Code(site.input.text)], named), site.input.layout)


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    **{layer: _named(layer.function) for layer in activations_named.LAYERS},
    normalization_group.GroupNormalization: _by_group,
    normalization_group.InstanceNormalization: _by_group,
    normalization_group.RMSNormalization: _rms_normalization,
    normalization_group.UnitNormalization: _unit_normalization,
    scaling.Identity: _identity,
    scaling.LayerScale: _layer_scale,
    scaling.StochasticDepth: _stochastic_depth,
    scaling.Rescaling: _rescaling,
    scaling.Normalization: _normalization,
    scaling.Resizing: _resizing,
    scaling.Slice: _slice,
}

HELPERS = (LAYER_SCALE, STOCHASTIC_DEPTH, NORMALIZATION, DENORMALIZATION, OFFSET_GROUP_NORM)
