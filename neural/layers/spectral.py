"""Spectral normalisation: a layer whose kernel is divided by its largest singular value."""

from __future__ import annotations

from typing import final

from neural.layers.base import Inputs, Layer, Saved, Weight
from neural.layers.fields import Integer, LayerValue, argument
from neural.layers.wrappers import wrapped_shape
from neural.records import dataclass
from neural.shapes import Shape

#: The layers with one kernel, or with one matrix of embeddings.
WITH_A_KERNEL = LayerValue(
    (
        *("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
        *("DepthwiseConv1D", "DepthwiseConv2D", "EinsumDense", "Embedding"),
    )
)


@final
@dataclass(frozen=True, slots=True)
class SpectralNormalization(Layer):
    """Divides a layer's kernel by its largest singular value, found anew by power iteration at each training step.

    Shape: (...) -> (...), as the layer's
    Example: `network Net { input: (28, 28, 8)  layers: SpectralNormalization(Conv2D(16, 3)) }`
    Source: https://arxiv.org/abs/1802.05957
    """

    layer: Layer = argument(WITH_A_KERNEL, "The layer, which has a kernel or embeddings.")
    power_iterations: int = argument(Integer(1), "Steps of the power iteration at each training step.", default=1)

    @property
    def integer_input(self) -> bool:  # type: ignore[override]
        """Whether the layer reads whole numbers."""
        return self.layer.integer_input

    @property
    def differentiable(self) -> bool:  # type: ignore[override]
        """Whether the layer computes a gradient for its input."""
        return self.layer.differentiable

    def output_shape(self, inputs: Inputs) -> Shape:
        return wrapped_shape(self.layer, inputs[0])

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        kernel, *rest = self.layer.weights(inputs)
        return (kernel, Weight("vector_u", (1, kernel.shape[-1]), trainable=False), *rest)

    def layer_inputs(self, inputs: Inputs) -> Inputs:
        """Return what its layer reads."""
        return inputs

    def layer_flops(self, inputs: Inputs) -> int:
        """Return the FLOPs of its layer."""
        return self.layer.flops(inputs, self.layer.output_shape(inputs))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """layer flops."""
        return self.layer_flops(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its layer keeps."""
        return self.layer.saved(inputs, output)
