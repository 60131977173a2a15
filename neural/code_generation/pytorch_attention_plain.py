"""Attention without projections, and with heads that share keys and values, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_attention_general import general, needs_general
from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers import attention_grouped, attention_plain
from neural.layers.attention import operands
from neural.layers.base import Layer

_TENSOR = "from torch import Tensor, nn"

ATTEND = Helper(
    "attend",
    '''
def attend(scores: Tensor, value: Tensor, causal: bool, dropout: float) -> Tensor:
    """Return the mean of the values, weighed by the softmax of the scores."""
    if causal:
        future = torch.ones_like(scores[0], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(future, float("-inf"))
    return F.dropout(scores.softmax(-1), dropout) @ value
''',
    (TORCH, FUNCTIONAL, "from torch import Tensor"),
)

DOT = Helper(
    "DotAttention",
    '''
class DotAttention(nn.Module):
    """Attention whose scores are the products of query and key."""

    def __init__(
        self, scale: bool = False, dropout: float = 0.0, causal: bool = False
    ) -> None:
        super().__init__()
        self.dropout, self.causal = dropout, causal
        self.scale = nn.Parameter(torch.ones(())) if scale else None

    def forward(self, query: Tensor, value: Tensor, key: Tensor) -> Tensor:
        scores = query @ key.transpose(1, 2)
        if self.scale is not None:
            scores = scores * self.scale
        return attend(scores, value, self.causal, self.dropout * self.training)
''',
    (TORCH, _TENSOR),
    (ATTEND,),
)

CONCAT = Helper(
    "ConcatAttention",
    '''
class ConcatAttention(nn.Module):
    """Attention whose scores are the added tanh of the sums of query and key."""

    def __init__(
        self, scale: bool = False, dropout: float = 0.0, causal: bool = False
    ) -> None:
        super().__init__()
        self.dropout, self.causal = dropout, causal
        self.scale = nn.Parameter(torch.ones(())) if scale else None
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, query: Tensor, value: Tensor, key: Tensor) -> Tensor:
        sums = query[:, :, None] + key[:, None]
        if self.scale is not None:
            sums = sums * self.scale
        scores = self.weight * sums.tanh().sum(-1)
        return attend(scores, value, self.causal, self.dropout * self.training)
''',
    (TORCH, _TENSOR),
    (ATTEND,),
)

ADDITIVE = Helper(
    "AdditiveAttention",
    '''
class AdditiveAttention(nn.Module):
    """Attention whose scores weigh the tanh of the sums of query and key."""

    def __init__(
        self, features: int | None, dropout: float = 0.0, causal: bool = False
    ) -> None:
        super().__init__()
        self.dropout, self.causal = dropout, causal
        self.scale = None if features is None else nn.Parameter(torch.randn(features))

    def forward(self, query: Tensor, value: Tensor, key: Tensor) -> Tensor:
        scores = torch.tanh(query[:, :, None] + key[:, None])
        if self.scale is not None:
            scores = scores * self.scale
        return attend(scores.sum(-1), value, self.causal, self.dropout * self.training)
''',
    (TORCH, _TENSOR),
    (ATTEND,),
)

GROUPED = Helper(
    "GroupedAttention",
    '''
class GroupedAttention(nn.Module):
    """Attention in several heads, of which groups share a key and a value."""

    def __init__(
        self,
        query: int,
        key: int,
        value: int,
        heads: int,
        groups: int,
        size: int,
        bias: bool = True,
        dropout: float = 0.0,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.size, self.dropout, self.causal = size, dropout, causal
        self.query = nn.Linear(query, heads * size, bias=bias)
        self.key = nn.Linear(key, groups * size, bias=bias)
        self.value = nn.Linear(value, groups * size, bias=bias)
        self.output = nn.Linear(heads * size, query, bias=bias)

    def forward(self, query: Tensor, value: Tensor, key: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (-1, self.size)).transpose(1, 2)
            for part in (self.query(query), self.key(key), self.value(value))
        )
        dropout = self.dropout if self.training else 0.0
        x = F.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout, is_causal=self.causal, enable_gqa=True
        )
        return self.output(x.transpose(1, 2).flatten(2))
''',
    (FUNCTIONAL, _TENSOR),
)


def _called(site: Site, module: str) -> Value:
    """Return the module called with query, value and key: value is by default the query, key the value."""
    tensors = [*site.inputs]
    while len(tensors) < 3:
        tensors.append(tensors[-1])
    layout = program(3)
    return Value(call(module, [Code(tensor.to(layout)) for tensor in tensors]), layout)


def _attention(site: Site) -> Value:
    layer = cast(attention_plain.Attention, site.layer)
    named = options(scale=(layer.use_scale, False), dropout=(layer.dropout, 0.0), causal=(layer.use_causal_mask, False))
    return _called(site, site.declare(site.helper(DOT if layer.score_mode == "dot" else CONCAT), [], named))


def _additive(site: Site) -> Value:
    layer = cast(attention_plain.AdditiveAttention, site.layer)
    features = site.input.shape[-1] if layer.use_scale else None
    named = options(dropout=(layer.dropout, 0.0), causal=(layer.use_causal_mask, False))
    return _called(site, site.declare(site.helper(ADDITIVE), [features], named))


def _grouped(site: Site) -> Value:
    layer = cast(attention_grouped.GroupQueryAttention, site.layer)
    inputs = tuple(tensor.shape for tensor in site.inputs)
    query, value, key = operands(inputs)
    if needs_general(layer, inputs):
        texts = [tensor.to(program(3)) for tensor in site.inputs]
        texts += [texts[-1]] * (3 - len(texts))
        return Value(general(site, layer, (texts[0], texts[2], texts[1]), (query, key, value)), program(3))
    named = {"heads": layer.num_query_heads, "groups": layer.num_key_value_heads, "size": layer.head_dim}
    named |= options(bias=(layer.use_bias, True), dropout=(layer.dropout, 0.0), causal=(layer.use_causal_mask, False))
    return _called(site, site.declare(site.helper(GROUPED), [query[-1], key[-1], value[-1]], named))


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    attention_grouped.GroupQueryAttention: _grouped,
    attention_plain.Attention: _attention,
    attention_plain.AdditiveAttention: _additive,
}

HELPERS = (ATTEND, DOT, CONCAT, ADDITIVE, GROUPED)
