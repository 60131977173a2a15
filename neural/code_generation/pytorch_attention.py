"""Attention in PyTorch: its own module where that has the same form, else projections of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.pytorch_attention_general import general, needs_general
from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Tensor, Value, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers import attention
from neural.layers.base import Inputs, Layer
from neural.shapes import Shape

ATTENTION = Helper(
    "Attention",
    '''
class Attention(nn.Module):
    """Attention in several heads whose queries, keys and values have any size."""

    def __init__(
        self,
        query: int,
        key: int,
        value: int,
        heads: int,
        key_size: int,
        value_size: int,
        width: int,
        bias: bool = True,
        dropout: float = 0.0,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.query = nn.Linear(query, heads * key_size, bias=bias)
        self.key = nn.Linear(key, heads * key_size, bias=bias)
        self.value = nn.Linear(value, heads * value_size, bias=bias)
        self.output = nn.Linear(heads * value_size, width, bias=bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query(query), self.key(key), self.value(value))
        )
        dropout = self.dropout if self.training else 0.0
        x = F.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout, is_causal=self.causal
        )
        return self.output(x.transpose(1, 2).flatten(2))
''',
    (FUNCTIONAL, "from torch import Tensor, nn"),
)


def own_form(layer: attention.MultiHeadAttention, inputs: Inputs) -> bool:
    """Whether ``nn.MultiheadAttention`` computes the same: its heads share out the width of the query."""
    width = inputs[0][-1]
    return (
        not needs_general(layer, inputs)
        and layer.key_dim * layer.num_heads == width
        and layer.value_size == layer.key_dim
        and layer.output_dim in (None, width)
    )


def _positions(tensor: Tensor) -> str:
    """Return a tensor as (batch, positions, features)."""
    text = tensor.to(program(tensor.rank))
    return text if tensor.rank == 3 else f"{text}.flatten(1, {tensor.rank - 2})"


def _attention(site: Site) -> Value:
    layer = cast(attention.MultiHeadAttention, site.layer)
    query = site.inputs[0]
    value = site.inputs[1] if len(site.inputs) > 1 else query
    key = site.inputs[2] if len(site.inputs) > 2 else value
    if layer.use_causal_mask and query.rank != 3:
        why = f"a causal mask orders one axis of positions, and the query has {query.rank - 2}"
        raise UnsupportedError(why, "join the axes of positions with Reshape(...) first", "use_causal_mask")
    sizes = _sizes(site, query) if query.rank > 3 else ""
    texts = [_positions(tensor) for tensor in (query, key, value)]
    if len(site.inputs) == 1 and texts[0] != query.text:
        texts = [site.hold(texts[0])] * 3
    inputs = tuple(tensor.shape for tensor in site.inputs)
    if needs_general(layer, inputs):
        text = general(site, layer, texts, (query.shape, key.shape, value.shape))
    elif own_form(layer, inputs):
        text = _module(site, layer, texts, (query.shape, key.shape, value.shape))
    else:
        text = _written_out(site, layer, texts, (query.shape, key.shape, value.shape))
    return Value(f"{text}.unflatten(1, {sizes})" if sizes else text, program(site.rank))


def _sizes(site: Site, query: Tensor) -> str:
    """Return the sizes of the axes of positions."""
    if query.shape[:-1].count(None) < 2:
        return str(tuple(-1 if size is None else size for size in query.shape[:-1]))
    site.let("sizes", f"{query.to(program(query.rank))}.shape[1:-1]")
    return "sizes"


def _module(
    site: Site, layer: attention.MultiHeadAttention, texts: list[str], shapes: tuple[Shape, Shape, Shape]
) -> str:
    query, key, value = shapes
    named = options(dropout=(layer.dropout, 0.0), bias=(layer.use_bias, True))
    named |= options(kdim=(key[-1], query[-1]), vdim=(value[-1], query[-1]), batch_first=(True, False))
    module = site.declare("nn.MultiheadAttention", [query[-1], layer.num_heads], named)
    masked = {"attn_mask": Code(_mask(site, texts, query, key))} if layer.use_causal_mask else {}
    return call(module, [Code(text) for text in texts], {**masked, "need_weights": False}) + "[0]"


def _mask(site: Site, texts: list[str], query: Shape, key: Shape) -> str:
    """Assign what no position may see: those after it."""
    site.use(TORCH)
    rows, columns = (
        size if size is not None else Code(f"{text}.shape[1]")
        for size, text in ((query[0], texts[0]), (key[0], texts[1]))
    )
    named = {"dtype": Code("torch.bool"), "device": Code(f"{texts[0]}.device")}
    return site.let("mask", call("torch.ones", [rows, columns], named) + ".triu(1)")


def _written_out(
    site: Site, layer: attention.MultiHeadAttention, texts: list[str], shapes: tuple[Shape, Shape, Shape]
) -> str:
    sizes = {"heads": layer.num_heads, "key_size": layer.key_dim, "value_size": layer.value_size}
    named = sizes | {"width": site.shape[-1]} | options(bias=(layer.use_bias, True), dropout=(layer.dropout, 0.0))
    named |= options(causal=(layer.use_causal_mask, False))
    module = site.declare(site.helper(ATTENTION), [shape[-1] for shape in shapes], named)
    return call(module, [Code(text) for text in texts])


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {attention.MultiHeadAttention: _attention}

HELPERS = (ATTENTION,)
