"""EinsumDense in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from neural.code_generation.pytorch_layout import program
from neural.code_generation.pytorch_site import TORCH, Site, Value
from neural.code_generation.writer import Helper
from neural.layers.base import Layer
from neural.layers.einsum import EinsumDense

EINSUM = Helper(
    "EinsumDense",
    '''
class EinsumDense(nn.Module):
    """A product with a kernel whose axes an equation names."""

    def __init__(
        self,
        equation: str,
        kernel: tuple[int, ...],
        bias: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__()
        self.equation = equation
        self.weight = nn.Parameter(0.02 * torch.randn(kernel))
        self.bias = None if bias is None else nn.Parameter(torch.zeros(bias))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.einsum(self.equation, x, self.weight)
        return x if self.bias is None else x + self.bias
''',
    (TORCH, "from torch import Tensor, nn"),
)


def _einsum(site: Site) -> Value:
    layer = cast(EinsumDense, site.layer)
    kernel, *bias = (weight.shape for weight in layer.weights((site.input.shape,)))
    module = site.declare(site.helper(EINSUM), [layer.equation, kernel], {"bias": bias[0]} if bias else {})
    layout = program(site.rank)
    return Value(f"{module}({site.input.to(program(site.input.rank))})", layout, layer.activation)


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {EinsumDense: _einsum}

HELPERS = (EINSUM,)
