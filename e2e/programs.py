"""Numbers the journeys expect, by hand: every weight of the MNIST example as a sum."""

from __future__ import annotations


def mnist(*, filters: int = 32, hidden: int = 128, classes: int = 10) -> int:
    """Return the parameters of the MNIST example with these sizes."""
    convolution = 3 * 3 * 1 * filters + filters
    flat = 13 * 13 * filters
    return convolution + flat * hidden + hidden + hidden * classes + classes
