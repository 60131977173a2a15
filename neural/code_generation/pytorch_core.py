"""Dense layers, embeddings, activations, normalisation and dropout in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.pytorch_activations import ask
from neural.code_generation.pytorch_elementwise import channels_second
from neural.code_generation.pytorch_layout import channels_first, native, program, stored
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value, options
from neural.code_generation.writer import Code, Helper, call, literal
from neural.layers import activations, core, normalization, regularization
from neural.layers.base import Layer, position

_TENSOR = "from torch import Tensor, nn"

ACTIVITY_REGULARIZATION = Helper(
    "ActivityRegularization",
    '''
class ActivityRegularization(nn.Module):
    """Returns its input, and while training holds a penalty of it for the loss."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        super().__init__()
        self.l1, self.l2 = l1, l2
        self.penalty = torch.zeros(())

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            penalty = self.l1 * x.abs().sum() + self.l2 * x.square().sum()
            self.penalty = penalty / len(x)
        return x
''',
    (TORCH, _TENSOR),
)

BOUNDED_RELU = Helper(
    "bounded_relu",
    '''
def bounded_relu(
    x: Tensor,
    limit: float | None = None,
    slope: float = 0.0,
    threshold: float = 0.0,
) -> Tensor:
    """Keep what is above a threshold, up to a limit, and scale what is below."""
    above = torch.where(x > threshold, x, 0.0).clamp(0.0, limit)
    return above - slope * F.relu(threshold - x)
''',
    (TORCH, FUNCTIONAL, "from torch import Tensor"),
)

PRELU = Helper(
    "BroadcastPReLU",
    '''
class BroadcastPReLU(nn.Module):
    """Scales what is below zero by slopes learned for each place of a sample."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(shape, 0.25))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x) - self.weight * F.relu(-x)
''',
    (TORCH, FUNCTIONAL, _TENSOR),
)

GAUSSIAN_DROPOUT = Helper(
    "GaussianDropout",
    '''
class GaussianDropout(nn.Module):
    """Multiplies by noise of mean 1 while training."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.deviation = (rate / (1 - rate)) ** 0.5

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x * (1 + self.deviation * torch.randn_like(x))
''',
    (TORCH, _TENSOR),
)

GAUSSIAN_NOISE = Helper(
    "GaussianNoise",
    '''
class GaussianNoise(nn.Module):
    """Adds noise of mean 0 while training."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x + self.deviation * torch.randn_like(x)
''',
    (TORCH, _TENSOR),
)


def _dense(site: Site) -> Value:
    layer = cast(core.Affine, site.layer)
    if layer.tied is not None:
        return _tied(site, layer, layer.tied)
    module = site.declare("nn.Linear", [site.input.shape[-1], layer.units], options(bias=(layer.use_bias, True)))
    layout = program(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout, layer.activation)


def _tied(site: Site, layer: core.Affine, matrix: core.Matrix) -> Value:
    site.use(FUNCTIONAL)
    layout = program(site.rank)
    operands = [site.input.to(layout), f"self.{site.body.modules[matrix.name]['']}.weight"]
    if layer.use_bias:
        site.use(TORCH)
        operands.append(site.declare("nn.Parameter", [Code(f"torch.zeros({layer.units})")], suffix="bias"))
    return Value(f"F.linear({', '.join(operands)})", layout, layer.activation)


def _embedding(site: Site) -> Value:
    layer = cast(core.Embedding, site.layer)
    module = site.declare("nn.Embedding", [layer.input_dim, layer.output_dim])
    indices = site.input.to(program(site.input.rank))
    if site.input.dtype not in ("int32", "int64"):
        indices += ".long()"
    return Value(f"{module}({indices})", program(site.rank))


def _same(site: Site, activation: str) -> Value:
    return Value(site.input.text, site.input.layout, activation)


def _activation(site: Site) -> Value:
    return _same(site, cast(activations.Activation, site.layer).activation)


def _named(activation: str) -> Callable[[Site], Value]:
    return lambda site: _same(site, activation)


def _applied(site: Site, form: str) -> Value:
    ask(site.body.writer, form)
    return Value(form.replace("{x}", site.input.text), site.input.layout)


def _relu(site: Site) -> Value:
    layer = cast(activations.ReLU, site.layer)
    limit, slope, threshold = layer.max_value, layer.negative_slope, layer.threshold
    if not threshold and not slope and limit is None:
        return _same(site, "relu")
    if not threshold and not slope and limit == 6:
        return _same(site, "relu6")
    if not threshold and limit is None:
        return _applied(site, f"F.leaky_relu({{x}}, {literal(slope)})")
    if not threshold and not slope:
        return Value(f"{site.input.text}.clamp(0.0, {literal(limit)})", site.input.layout)
    named = options(limit=(limit, None), slope=(slope, 0.0), threshold=(threshold, 0.0))
    return Value(call(site.helper(BOUNDED_RELU), [Code(site.input.text)], named), site.input.layout)


def _leaky_relu(site: Site) -> Value:
    slope = cast(activations.LeakyReLU, site.layer).negative_slope
    return _applied(site, f"F.leaky_relu({{x}}, {literal(slope)})")


def _elu(site: Site) -> Value:
    alpha = cast(activations.ELU, site.layer).alpha
    return _applied(site, f"F.elu({{x}}, {literal(alpha)})") if alpha != 1 else _same(site, "elu")


def _prelu(site: Site) -> Value:
    """One slope a channel is ``nn.PReLU``, which has the channels right after the batch; the rest is written out."""
    layer = cast(activations.PReLU, site.layer)
    shared = set(layer.shared_axes or ())
    if shared == set(range(1, site.rank - 1)) and site.rank > 1:
        layout = channels_first(site.rank)
        module = site.declare("nn.PReLU", [site.shape[-1]])
    else:
        layout = native(site.rank)
        slopes = tuple(1 if axis in shared else size for axis, size in enumerate(site.shape, 1))
        module = site.declare(site.helper(PRELU), stored(slopes, layout))
    return Value(f"{module}({site.input.to(layout)})", layout)


def _glu(site: Site) -> Value:
    axis = position(cast(activations.GLU, site.layer).axis, site.shape, "GLU") + 1
    return _applied(site, f"F.glu({{x}}, dim={site.input.position(axis)})")


def _softmax(site: Site) -> Value:
    layer = cast(activations.Softmax, site.layer)
    axis = position(layer.axis, site.shape, "Softmax") + 1
    if axis == site.rank - 1:
        return _same(site, "softmax")
    return _applied(site, f"F.softmax({{x}}, dim={site.input.position(axis)})")


def _batch_normalization(site: Site) -> Value:
    layer = cast(normalization.BatchNormalization, site.layer)
    if layer.epsilon == 0:
        why = "PyTorch trains no normalization by batches without an epsilon"
        raise UnsupportedError(why, "give epsilon a small value, such as 1e-12", "epsilon")
    index = position(layer.axis, site.shape, "BatchNormalization")
    layout = channels_second(site.input, index + 1)
    named = options(eps=(layer.epsilon, 1e-5), momentum=(round(1 - layer.momentum, 12), 0.1))
    named |= options(affine=(layer.center or layer.scale, True))
    without = "" if layer.center == layer.scale else "weight" if layer.center else "bias"
    rank = min(site.rank - 2, 3) if site.rank > 2 else 1
    module = site.declare(f"nn.BatchNorm{rank}d", [site.shape[index]], named, without=without)
    text = site.input.to(layout)
    if site.rank <= 5:
        return Value(f"{module}({text})", layout)
    sizes = tuple(-1 if size is None else size for size in stored(site.shape, layout)[3:])
    if sizes.count(-1) > 1:
        why = f"PyTorch normalises at most 5 axes, and of these {site.rank} more than one has no known size"
        raise UnsupportedError(why, "join some of its axes with Reshape(...) first")
    return Value(f"{module}({text}.flatten(4)).unflatten(4, {sizes})", layout)


def _layer_normalization(site: Site) -> Value:
    layer = cast(normalization.LayerNormalization, site.layer)
    axes = tuple(index + 1 for index in layer.positions(site.shape))
    layout = (0, *(axis for axis in range(1, site.rank) if axis not in axes), *axes)
    sizes = tuple(site.shape[axis - 1] for axis in axes)
    named = options(eps=(layer.epsilon, 1e-5), elementwise_affine=(layer.center or layer.scale, True))
    named |= options(bias=(layer.center or not layer.scale, True))
    without = "weight" if layer.center and not layer.scale else ""
    module = site.declare("nn.LayerNorm", [sizes[0] if len(sizes) == 1 else sizes], named, without=without)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _in_place(site: Site, kind: str, number: float) -> Value:
    module = site.declare(kind, [number])
    return Value(f"{module}({site.input.text})", site.input.layout)


def _dropout(site: Site) -> Value:
    return _in_place(site, "nn.Dropout", cast(regularization.Dropout, site.layer).rate)


def _alpha_dropout(site: Site) -> Value:
    return _in_place(site, "nn.AlphaDropout", cast(regularization.AlphaDropout, site.layer).rate)


def _gaussian_dropout(site: Site) -> Value:
    rate = cast(regularization.GaussianDropout, site.layer).rate
    return _in_place(site, site.helper(GAUSSIAN_DROPOUT), rate)


def _gaussian_noise(site: Site) -> Value:
    deviation = cast(regularization.GaussianNoise, site.layer).stddev
    return _in_place(site, site.helper(GAUSSIAN_NOISE), deviation)


def _activity_regularization(site: Site) -> Value:
    layer = cast(regularization.ActivityRegularization, site.layer)
    if not layer.l1 and not layer.l2:
        return Value(site.input.text, site.input.layout)
    named = options(l1=(layer.l1, 0.0), l2=(layer.l2, 0.0))
    module = site.declare(site.helper(ACTIVITY_REGULARIZATION), named=named)
    return Value(f"{module}({site.input.text})", site.input.layout)


def _spatial_dropout(site: Site) -> Value:
    layer = cast(regularization.SpatialDropout, site.layer)
    layout = channels_first(site.rank)
    module = site.declare(f"nn.Dropout{layer.rank}d", [layer.rate])
    return Value(f"{module}({site.input.to(layout)})", layout)


def _input(site: Site) -> Value:
    raise AssertionError("an input is an argument of forward, not a step")


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    core.Input: _input,
    core.Dense: _dense,
    core.Output: _dense,
    core.Embedding: _embedding,
    activations.Activation: _activation,
    activations.ReLU: _relu,
    activations.LeakyReLU: _leaky_relu,
    activations.PReLU: _prelu,
    activations.ELU: _elu,
    activations.Softmax: _softmax,
    activations.GLU: _glu,
    activations.GELU: _named("gelu"),
    activations.SiLU: _named("silu"),
    activations.Sigmoid: _named("sigmoid"),
    activations.Tanh: _named("tanh"),
    normalization.BatchNormalization: _batch_normalization,
    normalization.LayerNormalization: _layer_normalization,
    regularization.ActivityRegularization: _activity_regularization,
    regularization.Dropout: _dropout,
    regularization.SpatialDropout1D: _spatial_dropout,
    regularization.SpatialDropout2D: _spatial_dropout,
    regularization.SpatialDropout3D: _spatial_dropout,
    regularization.AlphaDropout: _alpha_dropout,
    regularization.GaussianDropout: _gaussian_dropout,
    regularization.GaussianNoise: _gaussian_noise,
}

HELPERS = (ACTIVITY_REGULARIZATION, BOUNDED_RELU, PRELU, GAUSSIAN_DROPOUT, GAUSSIAN_NOISE)
