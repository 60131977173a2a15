"""In which order PyTorch stores the axes of a tensor that the program has channels last."""

from __future__ import annotations

from neural.shapes import Shape

Layout = tuple[int, ...]
"""The axis of the program that stands at each position of a stored tensor; the batch is 0 and stays first."""


def program(rank: int) -> Layout:
    """Return the order of the program: channels last. ``rank`` counts the batch."""
    return tuple(range(rank))


def channels_first(rank: int) -> Layout:
    """Return the order that has the channels right after the batch."""
    return (0, rank - 1, *range(1, rank - 1))


def native(rank: int) -> Layout:
    """Return the order of inputs and outputs: channels first for maps and volumes, else the program's."""
    return channels_first(rank) if rank in (4, 5) else program(rank)


def stored(shape: Shape, layout: Layout) -> Shape:
    """Return the sizes of one sample in the order they are stored in."""
    return tuple(shape[axis - 1] for axis in layout[1:])
