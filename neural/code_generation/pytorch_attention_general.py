"""Attention that knows of positions, in PyTorch: a window, rotary angles, a bias or a scale of its scores."""

from __future__ import annotations

from collections.abc import Sequence

from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_positions import ROTATED
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers.attention import MultiHeadAttention
from neural.layers.attention_grouped import GroupQueryAttention
from neural.layers.base import Inputs
from neural.shapes import Shape

GENERAL = Helper(
    "GeneralAttention",
    '''
class GeneralAttention(nn.Module):
    """Attention in several heads that may share keys and know of positions."""

    def __init__(
        self,
        query: int,
        key: int,
        value: int,
        heads: int,
        groups: int,
        key_size: int,
        value_size: int,
        width: int,
        bias: bool = True,
        key_bias: bool = True,
        dropout: float = 0.0,
        causal: bool = False,
        window: int | None = None,
        theta: float | None = None,
        scale: float | None = None,
    ) -> None:
        super().__init__()
        self.heads, self.groups, self.dropout = heads, groups, dropout
        self.causal, self.window, self.theta, self.scale = causal, window, theta, scale
        self.query = nn.Linear(query, heads * key_size, bias=bias)
        self.key = nn.Linear(key, groups * key_size, bias=bias and key_bias)
        self.value = nn.Linear(value, groups * value_size, bias=bias)
        self.output = nn.Linear(heads * value_size, width, bias=bias)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None
    ) -> Tensor:
        q = self.query(query).unflatten(-1, (self.heads, -1))
        k = self.key(key).unflatten(-1, (self.groups, -1))
        v = self.value(value).unflatten(-1, (self.groups, -1))
        if self.theta is not None:
            q, k = rotated(q, self.theta), rotated(k, self.theta)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        fused = self.causal and bias is None and self.window is None
        x = F.scaled_dot_product_attention(
            q,
            k,
            v,
            None if fused else self.masked(bias, q, k),
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=fused,
            scale=self.scale,
            enable_gqa=self.groups < self.heads,
        )
        return self.output(x.transpose(1, 2).flatten(2))

    def masked(self, bias: Tensor | None, q: Tensor, k: Tensor) -> Tensor | None:
        """Return the bias with what is out of sight at minus infinity."""
        if not self.causal and self.window is None:
            return bias
        seen = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device)
        if self.causal:
            seen = seen.tril()
        if self.window is not None:
            seen = seen.tril(self.window - 1).triu(1 - self.window)
        return seen if bias is None else bias.masked_fill(~seen, float("-inf"))
''',
    (TORCH, FUNCTIONAL, "from torch import Tensor, nn"),
    (ROTATED,),
)


def needs_general(layer: MultiHeadAttention | GroupQueryAttention, inputs: Inputs) -> bool:
    """Whether a layer asks for more than the other forms of attention have."""
    given = layer.sliding_window, layer.rope_theta, getattr(layer, "scale", None)
    return len(inputs) > 3 or given != (None, None, None) or not getattr(layer, "use_key_bias", True)


def general(
    site: Site, layer: MultiHeadAttention | GroupQueryAttention, texts: Sequence[str], shapes: Sequence[Shape]
) -> str:
    """Declare the module; return it called with query, key and value, in this order, and a bias where one is given."""
    named = _sizes(layer) | {"width": site.shape[-1]}
    named |= options(bias=(layer.use_bias, True), key_bias=(getattr(layer, "use_key_bias", True), True))
    named |= options(dropout=(layer.dropout, 0.0), causal=(layer.use_causal_mask, False))
    named |= options(window=(layer.sliding_window, None), theta=(layer.rope_theta, None))
    named |= options(scale=(getattr(layer, "scale", None), None))
    module = site.declare(site.helper(GENERAL), [shape[-1] for shape in shapes], named)
    bias = [tensor.to(program(4)) for tensor in site.inputs[3:]]
    return call(module, [Code(text) for text in (*texts, *bias)])


def _sizes(layer: MultiHeadAttention | GroupQueryAttention) -> dict[str, int]:
    """Return the numbers of heads and their sizes."""
    if isinstance(layer, GroupQueryAttention):
        heads, groups, size = layer.num_query_heads, layer.num_key_value_heads, layer.head_dim
        return {"heads": heads, "groups": groups, "key_size": size, "value_size": size}
    heads = layer.num_heads
    return {"heads": heads, "groups": heads, "key_size": layer.key_dim, "value_size": layer.value_size}


HELPERS = (GENERAL,)
