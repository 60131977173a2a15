"""ConvLSTM in PyTorch, written out: there is no such module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_activations import function
from neural.code_generation.pytorch_layout import Layout, channels_first
from neural.code_generation.pytorch_recurrent import called, one_direction
from neural.code_generation.pytorch_site import FUNCTIONAL, Site, Value, collapse, options
from neural.code_generation.writer import Code, Helper
from neural.layers import recurrent_convolution
from neural.layers.base import Layer
from neural.shapes import reach, same_padding

PAD = Helper(
    "pad_zeros",
    '''
def pad_zeros(x: Tensor, amounts: tuple[int, ...]) -> Tensor:
    """Return a tensor with zeros around it, where there are any to add."""
    return F.pad(x, amounts) if amounts else x
''',
    (FUNCTIONAL, "from torch import Tensor"),
)

RECURRENCE = Helper(
    "ConvolutionalRecurrence",
    '''
class ConvolutionalRecurrence(nn.Module):
    """An LSTM whose maps are convolutions; gives all results and the last states.

    A sequence is (batch, steps, channels, ...). States have an axis of size 1 before the
    batch. Dropout masks a copy of the input and of the state for each of the four gates,
    alike in all steps.
    """

    def __init__(
        self,
        convolution: Callable[..., nn.Module],
        channels: int,
        filters: int,
        kernel: tuple[int, ...],
        activation: Callable[[Tensor], Tensor],
        gate: Callable[[Tensor], Tensor],
        stride: int | tuple[int, ...] = 1,
        padding: tuple[int, ...] = (),
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        n, m = (4 if rate else 1 for rate in (dropout, recurrent_dropout))
        self.inputs = convolution(
            n * channels,
            4 * filters,
            kernel,
            stride,
            dilation=dilation,
            groups=n,
            bias=bias,
        )
        even = any(size % 2 == 0 for size in kernel)
        self.states = convolution(
            m * filters,
            4 * filters,
            kernel,
            padding=0 if even else "same",
            groups=m,
            bias=False,
        )
        self.activation, self.gate = activation, gate
        around = tuple(k // 2 for size in kernel[::-1] for k in (size - 1, size))
        self.padding, self.around = padding, around if even else ()
        self.dropout = nn.Dropout(dropout)
        self.recurrent_dropout = nn.Dropout(recurrent_dropout)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if self.dropout.p:
            x = torch.cat([x] * 4, dim=2)
            x = x * self.dropout(torch.ones_like(x[:, :1]))
        maps = self.inputs(pad_zeros(x.flatten(0, 1), self.padding))
        steps = maps.unflatten(0, x.shape[:2]).unbind(1)
        h = state[0][0] if state else torch.zeros_like(steps[0].chunk(4, dim=1)[0])
        memory = state[1][0] if state else h
        mask = self.recurrent_dropout(torch.ones_like(steps[0]))
        results = []
        for step in steps:
            if self.recurrent_dropout.p:
                h = torch.cat([h] * 4, dim=1) * mask
            parts = step + self.states(pad_zeros(h, self.around))
            enter, forget, new, leave = parts.chunk(4, dim=1)
            memory = self.gate(forget) * memory
            memory = memory + self.gate(enter) * self.activation(new)
            h = self.gate(leave) * self.activation(memory)
            results.append(h)
        return torch.stack(results, dim=1), (h.unsqueeze(0), memory.unsqueeze(0))
''',
    ("import torch", "from collections.abc import Callable", "from torch import Tensor, nn"),
    (PAD,),
)


def by_step(rank: int) -> Layout:
    """Return the order that has the steps right after the batch, then the channels."""
    return (0, 1, rank - 1, *range(2, rank - 1))


def _declare(site: Site, layer: recurrent_convolution.RecurrentConvolution) -> str:
    rank, writer = len(layer.kernel_size), site.body.writer
    functions = [Code(function(writer, name, dim=1)) for name in (layer.activation, layer.recurrent_activation)]
    sizes = [site.input.shape[-1], layer.filters, layer.kernel_size]
    named = options(
        stride=(collapse(layer.strides), 1),
        padding=(_padding(site, layer), ()),
        dilation=(collapse(layer.dilation_rate), 1),
        bias=(layer.use_bias, True),
        dropout=(layer.dropout, 0.0),
        recurrent_dropout=(layer.recurrent_dropout, 0.0),
    )
    return site.declare(site.helper(RECURRENCE), [Code(f"nn.Conv{rank}d"), *sizes, *functions], named)


def _padding(site: Site, layer: recurrent_convolution.RecurrentConvolution) -> tuple[int, ...]:
    """Return what "same" adds, as ``F.pad`` takes it: the last axis first."""
    if layer.padding == "valid":
        return ()
    spans = (reach(k, d) for k, d in zip(layer.kernel_size, layer.dilation_rate, strict=True))
    sizes = (size or 0 for size in site.input.shape[1:-1])
    pairs = [same_padding(*each, 1) for each in zip(sizes, spans, layer.strides, strict=True)]
    return tuple(amount for pair in reversed(pairs) for amount in pair) if any(map(any, pairs)) else ()


def _recurrent_convolution(site: Site) -> Value:
    layer = cast(recurrent_convolution.RecurrentConvolution, site.layer)
    rank = site.input.rank
    text = site.input.to(by_step(rank)) + (".flip(1)" if layer.go_backwards else "")
    start = [f"{state.to(channels_first(rank - 1))}.unsqueeze(0)" for state in site.inputs[1:]]
    text = called(_declare(site, layer), text, start)
    return one_direction(site, layer, text, by_step(rank), channels_first(rank - 1))


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = dict.fromkeys(
    (recurrent_convolution.ConvLSTM1D, recurrent_convolution.ConvLSTM2D, recurrent_convolution.ConvLSTM3D),
    _recurrent_convolution,
)
HELPERS = (PAD, RECURRENCE)
