"""Spectral normalisation in PyTorch: as Keras does it, the kernel itself is divided, and while training only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value, options
from neural.code_generation.writer import Code, Helper, call
from neural.layers.base import Layer, type_name
from neural.layers.convolution import Convolution
from neural.layers.convolution_transposed import TransposedConvolution
from neural.layers.core import Dense
from neural.layers.spectral import SpectralNormalization

Row = Callable[[Site], Value]

HELPER = Helper(
    "SpectralNormalization",
    '''
class SpectralNormalization(nn.Module):
    """Divides a layer's kernel by its largest singular value while training."""

    u: Tensor

    def __init__(self, layer: nn.Module, power_iterations: int = 1) -> None:
        super().__init__()
        self.layer = layer
        self.power_iterations = power_iterations
        kernel = layer.get_parameter("weight")
        self.register_buffer("u", 0.02 * torch.randn(1, kernel.shape[0]))

    @torch.no_grad()
    def normalize(self) -> None:
        kernel = self.layer.get_parameter("weight")
        rows = kernel.flatten(1)
        for _ in range(self.power_iterations):
            v = F.normalize(self.u @ rows)
            self.u.copy_(F.normalize(v @ rows.T))
        kernel.div_((v @ rows.T @ self.u.T).squeeze())

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.normalize()
        return self.layer(x)
''',
    (TORCH, FUNCTIONAL, "from torch import Tensor, nn"),
)


def rows(row_of: Callable[[Layer], Row]) -> Mapping[type[Layer], Row]:
    """Return the table; ``row_of`` finds the row of the layer within."""

    def row(site: Site) -> Value:
        wrapper = cast(SpectralNormalization, site.layer)
        if not isinstance(wrapper.layer, Dense | Convolution | TransposedConvolution):
            raise UnsupportedError(
                f"{type_name(wrapper.layer)} has no spectral normalisation in PyTorch that is the same as Keras's",
                "use a Dense layer or a convolution, or generate code for TensorFlow",
                "layer",
            )
        name = site.helper(HELPER)
        steps = options(power_iterations=(wrapper.power_iterations, 1))
        inner = replace(site, layer=wrapper.layer, around=lambda made: call(name, [Code(made)], steps))
        return row_of(wrapper.layer)(inner)

    return {SpectralNormalization: row}
