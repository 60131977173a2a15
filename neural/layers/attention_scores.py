"""What the scores of attention may know besides query and key: a window, rotary positions, a bias, a scale."""

from __future__ import annotations

from typing import Any

from neural.errors import RuleError
from neural.layers.fields import Integer, Real, argument
from neural.layers.positions import check_pairs
from neural.shapes import Dim, Shape, describe


def sliding_window() -> Any:
    """Declare how far a position sees."""
    return argument(
        Integer(1, optional=True), "A position sees those fewer places away than this; none is all.", default=None
    )


def rope_theta() -> Any:
    """Declare the base of rotary positions."""
    return argument(
        Real(0, open_low=True, optional=True),
        "Base of the rotary positions of query and key, often 10000; none has none.",
        default=None,
        aliases=("rope_max_wavelength",),
    )


def scale() -> Any:
    """Declare the factor of the scores."""
    return argument(
        Real(0, open_low=True, optional=True),
        "Factor of the scores; none is 1 over the root of a head's size.",
        default=None,
    )


def check_scores(layer: Any, query: Shape, key: Shape, size: str) -> None:
    """Raise unless what was asked of the scores finds one axis of positions, and rotary positions an even size.

    ``size`` is the layer's name of the size of a head.
    """
    asked = [name for name in ("sliding_window", "rope_theta", "scale") if getattr(layer, name, None) is not None]
    asked += [] if getattr(layer, "use_key_bias", True) else ["use_key_bias"]
    if asked and (len(query), len(key)) != (2, 2):
        raise RuleError(
            f"{asked[0]} goes with one axis of positions; the query {describe(query)} has {len(query) - 1}",
            help="join the axes of positions with Reshape(...) first",
            argument=asked[0],
        )
    if layer.rope_theta is not None:
        check_pairs(getattr(layer, size), size)


def check_bias(bias: Shape, query: Shape, key: Shape, heads: int) -> None:
    """Raise unless a bias, the fourth reference, has a value for each head, query and key."""
    wanted: tuple[Dim, ...] = (heads, *query[:-1], *key[:-1])
    fits = len(bias) == len(wanted) == 3 and all(
        a is None or b is None or a == b for a, b in zip(bias, wanted, strict=True)
    )
    if not fits:
        raise RuleError(
            f"a bias has a value for each head, query and key, {describe(wanted)}; it received {describe(bias)}",
            help=f"make it with RelativePositionBias({heads}); the references are query, value, key, bias",
        )


def shared_by_samples(layer: Any, size: int, queries: int, keys: int) -> int:
    """Return the float32 values kept once a batch: a cosine and a sine a position and feature pair, a window's mask."""
    angles = size * (queries + keys) if layer.rope_theta is not None else 0
    return angles + (queries * keys if layer.sliding_window is not None else 0)
