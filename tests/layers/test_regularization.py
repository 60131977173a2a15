"""Dropout and noise against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, only_we_refuse
from tests.layers.rows import Row, row

SHAPES: list[tuple[int | None, ...]] = [(), (8,), (None,), (10, 64), (4, None, 3), (2, 3, 4, 5)]

AGREE = [
    *(
        row(name, shape, **{argument: value})
        for name, argument in (
            ("Dropout", "rate"),
            ("AlphaDropout", "rate"),
            ("GaussianDropout", "rate"),
            ("GaussianNoise", "stddev"),
        )
        for shape in SHAPES
        for value in (0.0, 0.25)
    ),
    row("Dropout", (8,), rate=0),
    row("Dropout", (8,), rate=1),
    row("GaussianNoise", (8,), stddev=1),
    *(row("SpatialDropout1D", shape, rate=0.3) for shape in ((10, 4), (1, 1), (None, 4), (7, 3), (None, None))),
    row("SpatialDropout1D", (10, 4), rate=0),
    row("SpatialDropout1D", (10, 4), rate=1.0),
    *(row("SpatialDropout2D", shape, rate=0.3) for shape in ((9, 10, 4), (1, 1, 1), (None, None, 4), (5, None, 2))),
    row("SpatialDropout2D", (9, 10, 4), rate=0),
    row("SpatialDropout2D", (9, 10, 4), rate=1.0),
    *(row("ActivityRegularization", shape) for shape in SHAPES),
    *(row("ActivityRegularization", shape, l1=0.1, l2=0.01) for shape in SHAPES),
    row("ActivityRegularization", (8,), l1=2),
    row("ActivityRegularization", (8,), l2=1e-4),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Dropout", (8,), rate=1.5), "expected a number of at least 0 and at most 1, got 1.5"),
        (row("Dropout", (8,), rate=-0.1), "got -0.1"),
        (row("Dropout", (8,), rate="half"), 'got "half"'),
        (row("AlphaDropout", (8,), rate=1.5), "got 1.5"),
        (row("GaussianDropout", (8,), rate=-1), "got -1"),
        (row("GaussianNoise", (8,), stddev=-1), "got -1"),
        (row("GaussianNoise", (8,), stddev=2), "got 2"),
        (row("SpatialDropout1D", (8,), rate=0.5), "SpatialDropout1D reads (steps, channels)"),
        (row("SpatialDropout1D", (8, 8, 3), rate=0.5), "4 axes"),
        (row("SpatialDropout1D", (8, 3), rate=1.1), "got 1.1"),
        (row("SpatialDropout2D", (8, 3), rate=0.5), "SpatialDropout2D reads (height, width, channels)"),
        (row("SpatialDropout2D", (8, 8, 3), rate=-0.5), "got -0.5"),
        (row("ActivityRegularization", (8,), l1=-1), "expected a number of at least 0, got -1"),
        (row("ActivityRegularization", (8,), l2="much"), 'got "much"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize("name", ["AlphaDropout", "GaussianDropout"])
def test_noise_that_would_divide_by_zero_in_training_is_refused(name: str) -> None:
    only_we_refuse(row(name, (8,), rate=1.0), "expected a number of at least 0 and below 1, got 1.0")
