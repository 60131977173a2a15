"""Convolution and pooling in PyTorch, with TensorFlow's padding: by size and stride, the odd one after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from neural.code_generation.pytorch_layout import channels_first, program
from neural.code_generation.pytorch_site import FUNCTIONAL, Site, Tensor, Value, collapse, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers import convolution, convolution_transposed, depthwise, pooling, pooling_adaptive, pooling_global
from neural.layers.base import Layer
from neural.shapes import Shape, reach, same_padding

Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]

PAD_SAME = Helper(
    "pad_same",
    '''
def pad_same(x: Tensor, window: tuple, stride: tuple, value: float = 0.0) -> Tensor:
    """Pad so that a window gives ceil(size / stride) results, the odd one after."""
    padding: list[int] = []
    for size, span, step in zip(x.shape[:1:-1], window[::-1], stride[::-1]):
        total = max((-(-size // step) - 1) * step + span - size, 0)
        padding += [total // 2, total - total // 2]
    return F.pad(x, padding, value=value)
''',
    (FUNCTIONAL, "from torch import Tensor"),
)

AVERAGE_POOL_SAME = Helper(
    "average_pool_same",
    '''
def average_pool_same(x: Tensor, window: tuple, stride: tuple) -> Tensor:
    """Take the mean of each window, padded to "same"; what is padded is not counted."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(window) - 1]
    counted = pool(pad_same(torch.ones_like(x[:1, :1]), window, stride), window, stride)
    return pool(pad_same(x, window, stride), window, stride) / counted
''',
    ("import torch", FUNCTIONAL, "from torch import Tensor"),
    (PAD_SAME,),
)


def _margins(shape: Shape, spans: Sizes, strides: Sizes) -> Pairs | None:
    """Return what "same" adds before and after each spatial axis, or None where it depends on an unknown size."""
    pairs: list[tuple[int, int]] = []
    for size, span, step in zip(shape[:-1], spans, strides, strict=True):
        if size is None and step > 1:
            return None
        pairs.append(same_padding(size or 1, span, step, 1))
    return tuple(pairs)


def _symmetric(pairs: Pairs) -> bool:
    return all(before == after for before, after in pairs)


def _pad_list(pairs: Pairs) -> Sizes:
    """Return the amounts as ``F.pad`` takes them: the last axis first."""
    return tuple(amount for pair in reversed(pairs) for amount in pair)


def padded(site: Site, tensor: Tensor, pairs: Pairs, value: float | None = None) -> Tensor:
    """Pad the spatial axes of a channels-first tensor in a statement of its own."""
    site.use(FUNCTIONAL)
    named = {} if value is None else {"value": value}
    sizes = (
        None if size is None else size + before + after
        for size, (before, after) in zip(tensor.shape[:-1], pairs, strict=True)
    )
    text = call("F.pad", [Code(tensor.text), _pad_list(pairs)], named)
    return site.hold_tensor(Tensor(text, (*sizes, tensor.shape[-1]), tensor.layout))


def _first(site: Site) -> Tensor:
    """Return the input with its channels first."""
    tensor = site.input
    layout = channels_first(tensor.rank)
    return Tensor(tensor.to(layout), tensor.shape, layout)


def _padding(site: Site, tensor: Tensor, spans: Sizes, strides: Sizes, mode: str) -> tuple[Tensor, dict[str, Any]]:
    """Return the tensor a convolution reads, padded where it must be, and the argument that pads the rest."""
    if mode == "valid":
        return tensor, {}
    if mode == "causal":
        return (padded(site, tensor, ((spans[0] - 1, 0),)) if spans[0] > 1 else tensor), {}
    if set(spans) == {1}:
        return tensor, {}
    if set(strides) == {1} and all(span % 2 for span in spans):
        return tensor, {"padding": "same"}
    pairs = None if site.shared else _margins(tensor.shape, spans, strides)
    if pairs is None:
        site.helper(PAD_SAME)
        text = call("pad_same", [Code(tensor.text), spans, strides])
        return Tensor(site.hold(text), tensor.shape, tensor.layout), {}
    if _symmetric(pairs):
        return tensor, options(padding=(collapse([before for before, _ in pairs]), 0))
    return padded(site, tensor, pairs), {}


def _spans(kernel: Sizes, dilation: Sizes) -> Sizes:
    return tuple(reach(k, d) for k, d in zip(kernel, dilation, strict=True))


def _convolution(site: Site) -> Value:
    layer = cast(convolution.Convolution, site.layer)
    rank = len(layer.kernel_size)
    spans = _spans(layer.kernel_size, layer.dilation_rate)
    tensor, padding = _padding(site, _first(site), spans, layer.strides, layer.padding)
    named = options(stride=(collapse(layer.strides), 1)) | padding
    named |= options(dilation=(collapse(layer.dilation_rate), 1), groups=(layer.groups, 1), bias=(layer.use_bias, True))
    channels = site.input.shape[-1]
    module = site.declare(f"nn.Conv{rank}d", [channels, layer.filters, collapse(layer.kernel_size)], named)
    return Value(f"{module}({tensor.text})", tensor.layout, layer.activation)


def _transposed(site: Site) -> Value:
    """PyTorch cuts alike at both ends; an odd amount is one more at the end, cut there."""
    layer = cast(convolution_transposed.TransposedConvolution, site.layer)
    tensor = _first(site)
    named = options(
        stride=(collapse(layer.strides), 1),
        padding=(collapse([max(cut, 0) // 2 for cut in layer.surplus]), 0),
        output_padding=(collapse([max(-cut, 0) for cut in layer.surplus]), 0),
        dilation=(collapse(layer.dilation_rate), 1),
        bias=(layer.use_bias, True),
    )
    rank = len(layer.kernel_size)
    sizes = [site.input.shape[-1], layer.filters, collapse(layer.kernel_size)]
    text = f"{site.declare(f'nn.ConvTranspose{rank}d', sizes, named)}({tensor.text})"
    odd = [cut > 0 and cut % 2 == 1 for cut in layer.surplus]
    if any(odd):
        last = max(index for index, each in enumerate(odd) if each)
        text += f"[:, :, {', '.join(':-1' if each else ':' for each in odd[: last + 1])}]"
    return Value(text, tensor.layout, layer.activation)


def _channelwise(site: Site, layer: depthwise.ChannelwiseConvolution, bias: bool) -> tuple[Tensor, list[Any], Any]:
    """Return the tensor that a depthwise convolution reads, and its arguments."""
    spans = _spans(layer.kernel_size, layer.dilation_rate)
    tensor, padding = _padding(site, _first(site), spans, layer.strides, layer.padding)
    channels = site.input.shape[-1] or 0
    named = options(stride=(collapse(layer.strides), 1)) | padding
    named |= options(dilation=(collapse(layer.dilation_rate), 1), groups=(channels, 1), bias=(bias, True))
    return tensor, [channels, channels * layer.depth_multiplier, collapse(layer.kernel_size)], named


def _depthwise(site: Site) -> Value:
    layer = cast(depthwise.DepthwiseConvolution, site.layer)
    tensor, sizes, named = _channelwise(site, layer, layer.use_bias)
    module = site.declare(f"nn.Conv{len(layer.kernel_size)}d", sizes, named)
    return Value(f"{module}({tensor.text})", tensor.layout, layer.activation)


def _separable(site: Site) -> Value:
    layer = cast(depthwise.SeparableConvolution, site.layer)
    kind = f"nn.Conv{len(layer.kernel_size)}d"
    tensor, sizes, named = _channelwise(site, layer, False)
    channelwise = call(kind, sizes, named)
    pointwise = call(kind, [sizes[1], layer.filters, 1], options(bias=(layer.use_bias, True)))
    module = site.declare("nn.Sequential", [Code(channelwise), Code(pointwise)])
    return Value(f"{module}({tensor.text})", tensor.layout, layer.activation)


def _pooling(site: Site, kind: Literal["Max", "Avg"]) -> Value:
    layer = cast(pooling.Pooling, site.layer)
    window, steps = layer.pool_size, layer.steps
    tensor = _first(site)
    named: dict[str, Any] = {}
    if layer.padding == "same" and set(window) != {1}:
        fitting = _fitting(site, tensor, window, steps)
        if fitting is None or (kind == "Avg" and _beyond(tensor.shape, window)):
            return _pooling_by_hand(site, tensor, kind, window, steps)
        named = fitting
        if kind == "Avg" and "padding" in named:
            named["count_include_pad"] = False
    arguments = [collapse(window)] if steps == window else [collapse(window), collapse(steps)]
    module = site.declare(f"nn.{kind}Pool{len(window)}d", arguments, named)
    return Value(f"{module}({tensor.text})", tensor.layout)


def _fitting(site: Site, tensor: Tensor, window: Sizes, steps: Sizes) -> dict[str, Any] | None:
    """Return the arguments with which PyTorch pools as "same" does, or None where there are none.

    An odd amount of padding is one more after the end, and that is what ``ceil_mode`` adds where the stride is above 1:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """
    if window == steps and set(window) == {2}:
        return {"ceil_mode": True}  # whatever the size: an odd one is padded by one, after
    pairs = None if site.shared else _margins(tensor.shape, window, steps)
    if pairs is None:
        return None
    odd = [before < after for before, after in pairs]
    if any(one and step == 1 for one, step in zip(odd, steps, strict=True)):
        return None
    return options(padding=(collapse([before for before, _ in pairs]), 0), ceil_mode=(any(odd), False))


def _beyond(shape: Shape, window: Sizes) -> bool:
    """Whether a window over a volume may be larger than that, which PyTorch refuses even where padding makes room."""
    spatial = shape[:-1]
    return len(window) == 3 and any(size is None or size < span for size, span in zip(spatial, window, strict=True))


def _pooling_by_hand(site: Site, tensor: Tensor, kind: str, window: Sizes, steps: Sizes) -> Value:
    if kind == "Avg":
        name = site.helper(AVERAGE_POOL_SAME)
        return Value(call(name, [Code(tensor.text), window, steps]), tensor.layout)
    pairs = None if site.shared else _margins(tensor.shape, window, steps)
    if pairs is None:
        site.helper(PAD_SAME)
        text = call("pad_same", [Code(tensor.text), window, steps, float("-inf")])
        tensor = Tensor(site.hold(text), tensor.shape, tensor.layout)
    else:
        tensor = padded(site, tensor, pairs, float("-inf"))
    module = site.declare(f"nn.MaxPool{len(window)}d", [collapse(window), collapse(steps)])
    return Value(f"{module}({tensor.text})", tensor.layout)


def _max_pooling(site: Site) -> Value:
    return _pooling(site, "Max")


def _average_pooling(site: Site) -> Value:
    return _pooling(site, "Avg")


def _adaptive(site: Site) -> Value:
    layer = cast(pooling_adaptive.AdaptivePooling, site.layer)
    tensor = _first(site)
    kind = "Max" if isinstance(layer, pooling_adaptive.AdaptiveMaxPooling) else "Avg"
    module = site.declare(f"nn.Adaptive{kind}Pool{len(layer.output_size)}d", [collapse(layer.output_size)])
    return Value(f"{module}({tensor.text})", tensor.layout)


def _global_pooling(site: Site, method: str) -> Value:
    layer = cast(pooling_global.GlobalPooling, site.layer)
    tensor = site.input
    axes = sorted(tensor.position(axis) for axis in range(1, layer.rank + 1))
    text = call(f"{tensor.text}.{method}", [collapse(axes)], options(keepdim=(layer.keepdims, False)))
    return Value(text, tensor.layout if layer.keepdims else program(2))


def _global_max(site: Site) -> Value:
    return _global_pooling(site, "amax")


def _global_average(site: Site) -> Value:
    return _global_pooling(site, "mean")


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    convolution.Conv1D: _convolution,
    convolution.Conv2D: _convolution,
    convolution.Conv3D: _convolution,
    convolution_transposed.Conv1DTranspose: _transposed,
    convolution_transposed.Conv2DTranspose: _transposed,
    convolution_transposed.Conv3DTranspose: _transposed,
    depthwise.DepthwiseConv1D: _depthwise,
    depthwise.DepthwiseConv2D: _depthwise,
    depthwise.SeparableConv1D: _separable,
    depthwise.SeparableConv2D: _separable,
    pooling.MaxPooling1D: _max_pooling,
    pooling.MaxPooling2D: _max_pooling,
    pooling.MaxPooling3D: _max_pooling,
    pooling.AveragePooling1D: _average_pooling,
    pooling.AveragePooling2D: _average_pooling,
    pooling.AveragePooling3D: _average_pooling,
    **dict.fromkeys(pooling_adaptive.LAYERS, _adaptive),
    pooling_global.GlobalMaxPooling1D: _global_max,
    pooling_global.GlobalMaxPooling2D: _global_max,
    pooling_global.GlobalMaxPooling3D: _global_max,
    pooling_global.GlobalAveragePooling1D: _global_average,
    pooling_global.GlobalAveragePooling2D: _global_average,
    pooling_global.GlobalAveragePooling3D: _global_average,
}

HELPERS = (PAD_SAME, AVERAGE_POOL_SAME)
