"""Scaling, resizing and slicing against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, row

SHAPES = [(8,), (5, 8), (4, 5, 3), (2, 3, 4, 5), (None, 8), (None, None, 3), (1,), (2, 3, 2, 2, 3), (4, None, 2)]

AGREE = [
    *(row("Identity", shape) for shape in (*SHAPES, (None,), (5, None), (4, 5, None))),
    *(row("LayerScale", shape) for shape in SHAPES),
    row("LayerScale", (4, 5, 3), init_values=0.1),
    row("LayerScale", (4, 5, 3), init_values=1),
    row("LayerScale", (10, 64), init_values=-1e-4),
    *(row("StochasticDepth", shape, rate=0.25) for shape in (*SHAPES, (4, 5, None))),
    row("StochasticDepth", (4, 5, 3), rate=0),
    row("StochasticDepth", (4, 5, 3), rate=0.9),
    *(row("Rescaling", shape, scale=0.5) for shape in (*SHAPES, (4, 5, None))),
    row("Rescaling", (28, 28, 1), scale=1 / 255),
    row("Rescaling", (28, 28, 1), scale=1 / 127.5, offset=-1),
    row("Rescaling", (8,), scale=-2, offset=0.25),
    *(row("Normalization", shape) for shape in SHAPES),
    *(row("Normalization", (4, 5, 3), axis=axis) for axis in (1, 2, 3, -2, (1, 3), (-1, -2), (1, 2, 3), None)),
    row("Normalization", (2, 3, 4, 5), axis=(2, 4)),
    row("Normalization", (None, 8), axis=None),
    row("Normalization", (4, 5, 3), invert=True),
    *(row("Normalization", shape, mean=0.5, variance=0.25) for shape in SHAPES),
    row("Normalization", (4, 5, 3), axis=None, mean=2, variance=4, invert=True),
    row("Normalization", (4, 5, 3), mean=(0.485, 0.456, 0.406), variance=(0.229**2, 0.224**2, 0.225**2)),
    row("Normalization", (4, 5, 3), axis=1, mean=(1, 2, 3, 4), variance=(4, 3, 2, 1)),
    row("Normalization", (4, 5, 3), axis=(1, 2), mean=(1, 2, 3, 4, 5), variance=(5, 4, 3, 2, 1), invert=True),
    row("Normalization", (4, 5, 3), mean=(0.5,), variance=(0,)),
    row("Normalization", (None, 3), mean=(1, 2, 3), variance=(1, 0.5, 2)),
    *(row("Resizing", shape, height=4, width=6) for shape in ((8, 9, 3), (2, 3, 1), (4, 6, 2), (1, 1, 2))),
    row("Resizing", (7, 5, 2), height=3, width=8, interpolation="nearest"),
    row("Resizing", (3, 4, 2), height=9, width=7, interpolation="nearest"),
    row("Resizing", (6, 6, 2), height=3, width=3, interpolation="nearest"),
    row("Resizing", (5, 7, 2), height=4, width=4, interpolation="bilinear"),
    row("Resizing", (None, None, 3), height=5, width=5),
    row("Resizing", (None, 4, 3), height=1, width=1),
    row("Resizing", (7, 5, None), height=2, width=9),
    row("Resizing", (16, 12, 1), height=5, width=11),
    *(row("Slice", (10, 64), axis=-1, start=start, size=size) for start, size in ((0, 32), (32, 32), (63, 1))),
    row("Slice", (10, 64), axis=1, start=0, size=1),
    row("Slice", (10, 64), axis=1, start=9, size=1),
    row("Slice", (10, 64), axis=2, start=0, size=64),
    row("Slice", (8,), axis=1, start=2, size=3),
    row("Slice", (8,), axis=-1, start=2, size=6),
    row("Slice", (4, 5, 6), axis=3, start=1, size=2),
    row("Slice", (4, 5, 6), axis=2, start=1, size=2),
    row("Slice", (4, 5, 6), axis=-3, start=1, size=2),
    row("Slice", (2, 3, 4, 5), axis=-2, start=1, size=3),
    row("Slice", (None, 5), axis=2, start=1, size=2),
    row("Slice", (None, None, 5), axis=-1, start=0, size=5),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters"),
    [
        (row("Identity", (4, 5)), (4, 5), 0),
        (row("LayerScale", (28, 28, 96)), (28, 28, 96), 96),
        (row("StochasticDepth", (28, 28, 96), rate=0.1), (28, 28, 96), 0),
        (row("Rescaling", (28, 28, 1), scale=1 / 255), (28, 28, 1), 0),
        (row("Normalization", (224, 224, 3)), (224, 224, 3), 7),
        (row("Normalization", (10, 8), axis=(1, 2)), (10, 8), 161),
        (row("Normalization", (10, 8), axis=None), (10, 8), 3),
        (row("Normalization", (224, 224, 3), mean=0, variance=1), (224, 224, 3), 0),
        (row("Resizing", (None, None, 3), height=224, width=192), (224, 192, 3), 0),
        (row("Slice", (10, 64), axis=-1, start=16, size=32), (10, 32), 0),
        (row("Slice", (None, 64), axis=1, start=3, size=2), (2, 64), 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int) -> None:
    gives(each, output, parameters, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("LayerScale", (4, None)), "the last axis to be known"),
        (row("LayerScale", (4, 3), init_values="small"), 'got "small"'),
        (row("Rescaling", (4, 3), scale="small"), 'got "small"'),
        (row("Normalization", (4, None)), "axis 2 to be known"),
        (row("Normalization", (None, 3), axis=1, mean=0, variance=1), "axis 1 to be known"),
        (row("Normalization", (4, 3), axis=3), "axis=3 is not an axis"),
        (row("Normalization", (4, 3), mean=0.5), "given together and for as many places, got 0.5 and none"),
        (row("Normalization", (4, 3), variance=(1, 2, 3)), "got none and (1.0, 2.0, 3.0)"),
        (row("Normalization", (4, 3), mean=(1, 2, 3), variance=1), "got (1.0, 2.0, 3.0) and 1.0"),
        (row("Normalization", (4, 3), mean=(1, 2, 3), variance=(1, 2)), "for as many places"),
        (row("Normalization", (4, 3), mean=(1, 2), variance=(1, 2)), "2 values, for the places of axis 2, which has 3"),
        (row("Normalization", (4, 3), axis=None, mean=(1,), variance=(1,)), "1 values, for the places of no axis"),
        (row("Normalization", (4, 3), mean="small", variance="small"), 'got "small"'),
        (row("Resizing", (2, 8, 8, 3), height=4, width=4), "5 axes"),
        (row("Resizing", (8, 8, 3), height=0, width=4), "got 0"),
        (row("Resizing", (8, 8, 3), height=4, width=-1), "got -1"),
        (row("Resizing", (8, 8, 3), height=4, width=4, interpolation="best"), 'got "best"'),
        (
            row("Slice", (10, 64), axis=-1, start=60, size=8),
            "60 + 8 = 68: the slice ends beyond axis -1 of (None, 10, 64), which has 64",
        ),
        (row("Slice", (10, 64), axis=1, start=12, size=1), "12 + 1 = 13"),
        (row("Slice", (10, 64), axis=3, start=0, size=1), "axis=3 is not an axis"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_only_we_refuse() -> None:
    flat = row("Resizing", (8, 8), height=4, width=4)  # an image without a batch, to Keras
    only_we_refuse(flat, "Resizing reads (height, width, channels)")
    only_we_refuse(row("StochasticDepth", (4, 3), rate=1), "got 1")
    only_we_refuse(row("StochasticDepth", (4, 3), rate=-0.5), "got -0.5")
    only_we_refuse(row("Normalization", (4, 3), mean=0, variance=-1), "a number of at least 0, or a tuple of them")
    only_we_refuse(row("Normalization", (4, 3), axis=(1, -1)), "all counted from the same end")
    nested = row("Normalization", (2, 2), axis=(1, 2), mean=((1, 2), (3, 4)), variance=((1, 1), (1, 1)))
    only_we_refuse(nested, "expected a number, or a tuple of them, or none, got ((1, 2), (3, 4))")


def test_the_way_out_of_a_slice_that_is_too_long() -> None:
    long = refusal(row("Slice", (10, 64), axis=-1, start=60, size=8))
    assert (long.argument, long.help) == ("size", "take at most 4 from 60 on")
    assert [(each.argument, each.value) for each in long.repairs] == [("size", "4")]
    beyond = refusal(row("Slice", (10, 64), axis=1, start=10, size=1))
    assert (beyond.argument, beyond.help, beyond.repairs) == ("start", "start below 10", ())
