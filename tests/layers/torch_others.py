"""The contractions of windows, equations, experts and graphs in PyTorch, as its counter of FLOPs sees them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from neural.layers.attention_windows import WindowAttention
from neural.layers.base import Layer
from neural.layers.einsum import EinsumDense
from neural.layers.experts import MixtureOfExperts
from neural.layers.graphs import GraphAttention, GraphConv

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
    import torch.nn.functional as F

Tensor = Any


def _empty(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta")


def _windows(layer: WindowAttention, inputs: list[Tensor]) -> None:
    """The products of torchvision's ``shifted_window_attention``: https://github.com/pytorch/vision."""
    (x,), (tall, wide) = inputs, layer.window_size
    channels = x.shape[-1]
    x = F.pad(x, (0, 0, 0, -x.shape[2] % wide, 0, -x.shape[1] % tall))
    x = x.unflatten(2, (-1, wide)).unflatten(1, (-1, tall)).transpose(2, 3).reshape(-1, tall * wide, channels)
    qkv = F.linear(x, _empty(3 * channels, channels)).unflatten(-1, (3, layer.num_heads, -1))
    query, key, value = qkv.permute(2, 0, 3, 1, 4)
    result = (query @ key.transpose(-2, -1)).softmax(-1) @ value
    F.linear(result.transpose(1, 2).flatten(2), _empty(channels, channels))


def _einsum(layer: EinsumDense, inputs: list[Tensor]) -> None:
    (kernel, *_) = layer.weights((tuple(inputs[0].shape[1:]),))
    torch.einsum(layer.equation, inputs[0], _empty(*kernel.shape))


def _experts(layer: MixtureOfExperts, inputs: list[Tensor]) -> None:
    """A router, and the experts that each position visits, which a device without values cannot choose."""
    x = inputs[0].flatten(0, -2)
    features = x.shape[-1]
    F.linear(x, _empty(layer.num_experts, features))
    for _ in range(layer.top_k):
        hidden = F.linear(x, _empty(layer.ff_dim, features)) * F.linear(x, _empty(layer.ff_dim, features))
        F.linear(hidden, _empty(features, layer.ff_dim))


def _graph_convolution(layer: GraphConv, inputs: list[Tensor]) -> None:
    x, adjacency = inputs
    adjacency @ F.linear(x, _empty(layer.units, x.shape[-1]))


def _graph_attention(layer: GraphAttention, inputs: list[Tensor]) -> None:
    x, adjacency = inputs
    x = F.linear(x, _empty(layer.num_heads * layer.units, x.shape[-1]))
    x = x.unflatten(-1, (layer.num_heads, -1)).transpose(1, 2)
    adjacency[:, None].expand(-1, layer.num_heads, -1, -1) @ x


RUNS: dict[type[Layer], Callable[[Any, list[Tensor]], None]] = {
    WindowAttention: _windows,
    EinsumDense: _einsum,
    MixtureOfExperts: _experts,
    GraphConv: _graph_convolution,
    GraphAttention: _graph_attention,
}
