"""Windows that slide over the spatial axes of a map, channels last: what convolution and pooling share."""

from __future__ import annotations

from typing import Any

from neural.errors import Repair, RuleError
from neural.layers.base import require_rank
from neural.layers.fields import Flag, Integer, Sizes, argument
from neural.shapes import Padding, Shape, reach, times, window_size

AXES = {1: "steps, channels", 2: "height, width, channels", 3: "depth, height, width, channels"}


def require_map(shape: Shape, rank: int, layer: str) -> None:
    """Raise unless one sample has ``rank`` spatial axes and channels."""
    require_rank(shape, rank + 1, AXES[rank], layer)


def spatial_output(
    shape: Shape, kernel: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...], padding: Padding
) -> Shape:
    """Return the spatial sizes after a window slides over ``shape`` (spatial axes, then channels)."""
    spatial = shape[: len(kernel)]
    result = tuple(
        window_size(size, k, s, d, padding) for size, k, s, d in zip(spatial, kernel, strides, dilation, strict=True)
    )
    if any(size is not None and size < 1 for size in result):
        raise window_too_large(spatial, kernel, dilation)
    return result


def window_too_large(spatial: Shape, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> RuleError:
    """Return the error for a window that does not fit, with the arithmetic of the first axis that fails."""
    spans = tuple(reach(k, d) for k, d in zip(kernel, dilation, strict=True))
    size, span = next((n, k) for n, k in zip(spatial, spans, strict=True) if n is not None and n < k)
    most = min((n - 1) // d + 1 for n, d in zip(spatial, dilation, strict=True) if n is not None)
    dilated = f" (dilated to {times(spans)})" if spans != kernel else ""
    return RuleError(
        f"{size} - {span} + 1 = {size - span + 1}: "
        f"the {times(kernel)} window{dilated} does not fit in {times(spatial)}",
        help=f'use padding="same" or a window of at most {most}',
        repairs=(Repair('use padding="same"', "padding", '"same"'),),
    )


def filters() -> Any:
    """Declare the number of output channels."""
    return argument(Integer(1), "Number of output channels.", aliases=("out_channels",))


def kernel_size(rank: int) -> Any:
    """Declare the sizes of the window."""
    return argument(Sizes(rank), "Size of the window.")


def strides(rank: int) -> Any:
    """Declare the steps of the window."""
    return argument(Sizes(rank), "Step of the window.", default=(1,) * rank, aliases=("stride",))


def dilation_rate(rank: int) -> Any:
    """Declare the spacing of the window's taps."""
    return argument(Sizes(rank), "Spacing between the window's taps.", default=(1,) * rank, aliases=("dilation",))


def groups() -> Any:
    """Declare the number of channel groups."""
    return argument(Integer(1), "Number of channel groups convolved apart.", default=1)


def depth_multiplier() -> Any:
    """Declare how many outputs each input channel has."""
    return argument(Integer(1), "Number of output channels for each input channel.", default=1)


def use_bias() -> Any:
    """Declare whether a bias is added."""
    return argument(Flag(), "Whether to add a bias vector.", default=True, aliases=("bias",))
