"""Where TensorFlow computes less exactly than float64: its own operations have some numbers in float32."""

from __future__ import annotations

from typing import Any, Final

from neural.layers.activations import LeakyReLU
from neural.layers.base import Layer
from neural.layers.reshaping_edges import UpSampling2D
from neural.layers.scaling import Normalization, Resizing

EXACT: Final = 1e-9
GRADIENT: Final = 1e-6
#: What a slope rounded to float32 makes of a result, and what places between pixels worked out in float32 do.
SINGLE: Final = 2e-7
RESIZED: Final = 1e-6
#: What layers of Keras make of inputs in 16 bits, which some of them compute with as they are.
NARROW: Final = 1e-2


def rounding(layer: Layer) -> tuple[float, str]:
    """Return how closely the frameworks agree on a layer, relative to its largest result, and why not more closely."""
    inner: Any = getattr(layer, "layer", layer)
    if isinstance(inner, Resizing) or (isinstance(inner, UpSampling2D) and inner.interpolation == "bilinear"):
        return RESIZED, "places between pixels"
    if isinstance(inner, Normalization) and inner.mean is not None:
        return SINGLE, "the mean and variance that are given"
    slope = getattr(inner, "negative_slope", 0)
    names = [getattr(inner, name, "") for name in ("activation", "recurrent_activation")]
    if isinstance(inner, LeakyReLU) or "leaky_relu" in names or slope:
        return SINGLE, "the slope of leaky_relu"
    return EXACT, ""
