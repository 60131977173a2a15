"""Where TensorFlow computes less exactly than float64: it keeps some constants in float32, whatever the type."""

from __future__ import annotations

from math import log2
from typing import Any, Final

from neural.layers.activations import GELU, LeakyReLU
from neural.layers.base import Layer
from neural.layers.reshaping_edges import UpSampling2D
from neural.layers.scaling import Rescaling, Resizing

EXACT: Final = 1e-9
GRADIENT: Final = 1e-6
#: What a constant rounded to float32 makes of a result, and what places worked out in float32 do.
SINGLE: Final = 2e-7
RESIZED: Final = 1e-6


def rounding(layer: Layer) -> tuple[float, str]:
    """Return how closely the frameworks agree on a layer, relative to its largest result, and why not more closely."""
    inner: Any = getattr(layer, "layer", layer)
    if isinstance(layer, Resizing):
        return RESIZED, "places between pixels"
    if isinstance(inner, UpSampling2D) and inner.interpolation == "bilinear":
        return SINGLE, "places between pixels"
    activation = getattr(inner, "activation", "")
    if isinstance(inner, LeakyReLU) or activation == "leaky_relu" or getattr(inner, "negative_slope", 0):
        return SINGLE, "the slope of leaky_relu"
    if isinstance(inner, GELU) or activation == "gelu":
        return SINGLE, "the root in gelu"
    if isinstance(inner, Rescaling):
        return SINGLE, "the scale"
    size = getattr(inner, "key_dim", getattr(inner, "head_dim", 1))
    if not (log2(size) / 2).is_integer():
        return SINGLE, "the scale of attention"
    return EXACT, ""
