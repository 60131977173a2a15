"""PyTorch as the oracle of costs: FLOPs counted on the meta device, and what autograd keeps for the backward pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import prod
from typing import Any

from neural.layers.attention import MultiHeadAttention, operands
from neural.layers.attention_grouped import GroupQueryAttention
from neural.layers.attention_plain import AdditiveAttention, PlainAttention
from neural.layers.base import Layer
from neural.layers.cells import Cell
from neural.layers.convolution import Convolution
from neural.layers.convolution_transposed import TransposedConvolution
from neural.layers.core import Affine
from neural.layers.depthwise import ChannelwiseConvolution, SeparableConvolution
from neural.layers.merging_dot import Dot
from neural.layers.recurrent import Recurrent
from neural.layers.recurrent_stack import RNN, StackedRNNCells
from neural.layers.spectral import SpectralNormalization
from neural.layers.wrappers import Bidirectional, TimeDistributed
from neural.shapes import Shape, reach, same_padding
from tests.layers import torch_others

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
    import torch.nn.functional as F
    from torch.utils.flop_counter import FlopCounterMode

Tensor = Any


def counted_flops(layer: Layer, shapes: tuple[Shape, ...]) -> int:
    """Return what FlopCounterMode counts for one sample on the meta device."""
    inputs = [torch.empty((1, *shape), device="meta") for shape in shapes]
    with FlopCounterMode(display=False) as counter:
        contractions(layer, inputs)
    return int(counter.get_total_flops())


def contractions(layer: Layer, inputs: list[Tensor]) -> None:
    """Run the matrix products and convolutions of a layer: everything else counts nothing."""
    for base, run in RUNS.items():
        if isinstance(layer, base):
            run(layer, inputs)


def empty(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta")


def _affine(layer: Affine, inputs: list[Tensor]) -> None:
    F.linear(inputs[0], empty(layer.units, inputs[0].shape[-1]))


def _convolve(x: Tensor, layer: Any, out_channels: int, groups: int) -> Tensor:
    """Convolve a channels-last tensor, padded by hand as TensorFlow pads, and return the result channels-first."""
    rank = len(layer.kernel_size)
    x = x.movedim(-1, 1)
    if layer.padding != "valid":
        x = F.pad(x, _padding(layer, tuple(x.shape[2:])))
    kernel = empty(out_channels, x.shape[1] // groups, *layer.kernel_size)
    convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return convolve(x, kernel, None, layer.strides, 0, layer.dilation_rate, groups)


def _padding(layer: Any, spatial: tuple[int, ...]) -> list[int]:
    """Return F.pad's list, the last axis first."""
    pairs: list[int] = []
    for size, kernel, stride, dilation in reversed(
        list(zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True))
    ):
        causal = (reach(kernel, dilation) - 1, 0)
        pairs += causal if layer.padding == "causal" else same_padding(size, kernel, stride, dilation)
    return pairs


def _convolution(layer: Convolution, inputs: list[Tensor]) -> None:
    _convolve(inputs[0], layer, layer.filters, layer.groups)


def _transposed(layer: TransposedConvolution, inputs: list[Tensor]) -> None:
    x = inputs[0].movedim(-1, 1)
    convolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[len(layer.kernel_size) - 1]
    kernel = empty(x.shape[1], layer.filters, *layer.kernel_size)
    convolve(x, kernel, stride=layer.strides, dilation=layer.dilation_rate)


def _channelwise(layer: ChannelwiseConvolution, inputs: list[Tensor]) -> None:
    channels = inputs[0].shape[-1]
    middle = _convolve(inputs[0], layer, channels * layer.depth_multiplier, channels)
    if isinstance(layer, SeparableConvolution):
        F.linear(middle.movedim(1, -1), empty(layer.filters, middle.shape[1]))


def _recurrent(layer: Recurrent, inputs: list[Tensor]) -> None:
    _, steps, features = inputs[0].shape
    width = layer.gates * layer.units
    state = empty(1, layer.units)
    for step in range(steps):
        inputs[0][:, step] @ empty(features, width)
        state @ empty(layer.units, width)


def _attention(layer: MultiHeadAttention, inputs: list[Tensor]) -> None:
    flat = [x.flatten(1, -2) for x in operands(tuple(inputs))]
    sizes = (layer.key_dim, layer.value_size, layer.key_dim)
    heads = [
        F.linear(x, empty(layer.num_heads * size, x.shape[-1])).unflatten(-1, (layer.num_heads, size)).transpose(1, 2)
        for x, size in zip(flat, sizes, strict=True)
    ]
    query, value, key = heads
    result = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
    F.linear(result, empty(layer.output_dim or flat[0].shape[-1], result.shape[-1]))


def _grouped(layer: GroupQueryAttention, inputs: list[Tensor]) -> None:
    counts = (layer.num_query_heads, layer.num_key_value_heads, layer.num_key_value_heads)
    query, value, key = (
        F.linear(x, empty(heads * layer.head_dim, x.shape[-1])).unflatten(-1, (heads, layer.head_dim)).transpose(1, 2)
        for x, heads in zip(operands(tuple(inputs)), counts, strict=True)
    )
    shared = layer.num_query_heads // layer.num_key_value_heads
    key, value = (each.repeat_interleave(shared, dim=1) for each in (key, value))
    result = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
    F.linear(result, empty(inputs[0].shape[-1], result.shape[-1]))


def _plain_attention(layer: PlainAttention, inputs: list[Tensor]) -> None:
    query, value, key = operands(tuple(inputs))
    if isinstance(layer, AdditiveAttention) or getattr(layer, "score_mode", "") == "concat":
        scores = torch.tanh(query[:, :, None] + key[:, None]).sum(-1)
    else:
        scores = query @ key.transpose(1, 2)
    scores.softmax(-1) @ value


def _dot(layer: Dot, inputs: list[Tensor]) -> None:
    joined = layer.positions(tuple(tuple(x.shape[1:]) for x in inputs))
    first, second = (x.movedim(at + 1, -1) for x, at in zip(inputs, joined, strict=True))
    first.reshape(1, -1, first.shape[-1]) @ second.reshape(1, -1, second.shape[-1]).transpose(1, 2)


def _cell(layer: Cell, inputs: list[Tensor]) -> None:
    _recurrent(layer.sequence, [inputs[0][:, None]])


def _rnn(layer: RNN, inputs: list[Tensor]) -> None:
    x = inputs[0]
    for cell in layer.cells:
        _recurrent(cell.sequence, [x])
        x = empty(1, x.shape[1], cell.units)


def _stacked_cells(layer: StackedRNNCells, inputs: list[Tensor]) -> None:
    _rnn(layer.sequence, [inputs[0][:, None]])


def _bidirectional(layer: Bidirectional, inputs: list[Tensor]) -> None:
    contractions(layer.layer, inputs)
    contractions(layer.layer, [inputs[0].flip(1)])


def _spectral(layer: SpectralNormalization, inputs: list[Tensor]) -> None:
    contractions(layer.layer, inputs)


def _time_distributed(layer: TimeDistributed, inputs: list[Tensor]) -> None:
    for step in range(inputs[0].shape[1]):
        contractions(layer.layer, [inputs[0][:, step]])


RUNS: dict[type[Layer], Callable[[Any, list[Tensor]], None]] = {
    Affine: _affine,
    Convolution: _convolution,
    TransposedConvolution: _transposed,
    ChannelwiseConvolution: _channelwise,
    Recurrent: _recurrent,
    MultiHeadAttention: _attention,
    GroupQueryAttention: _grouped,
    PlainAttention: _plain_attention,
    Cell: _cell,
    RNN: _rnn,
    StackedRNNCells: _stacked_cells,
    Dot: _dot,
    Bidirectional: _bidirectional,
    TimeDistributed: _time_distributed,
    **torch_others.RUNS,
    SpectralNormalization: _spectral,
}


def saved_bytes(run: Callable[..., Tensor], *inputs: Tensor) -> int:
    """Return the bytes of unique storages that autograd keeps, parameters and buffers left out."""
    kept: dict[int, int] = {}
    for x in inputs:
        if x.is_floating_point():
            x.requires_grad_()
    own = {p.untyped_storage().data_ptr() for p in _tensors(run)}

    def keep(x: Tensor) -> Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in own and storage.nbytes():
            kept[storage.data_ptr()] = storage.nbytes()
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        result = run(*inputs)
    del result
    return sum(kept.values())


def _tensors(run: Callable[..., Tensor]) -> list[Tensor]:
    return [*run.parameters(), *run.buffers()] if isinstance(run, torch.nn.Module) else []


def size(shape: Shape) -> int:
    return prod(dim or 0 for dim in shape)
