"""Normalisation by groups, by the root mean square and to unit length, against Keras."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("GroupNormalization", (7, 6, 32)),
    row("GroupNormalization", (7, 6, 64)),
    row("GroupNormalization", (7, 6, 8), groups=4),
    row("GroupNormalization", (7, 6, 8), groups=1),
    row("GroupNormalization", (7, 6, 8), groups=-1),
    row("GroupNormalization", (7, 6, 8), groups=8, epsilon=1e-5),
    row("GroupNormalization", (6, 8, 5), groups=3, axis=1),
    row("GroupNormalization", (6, 8, 5), groups=2, axis=-2),
    row("GroupNormalization", (8,), groups=2),
    row("GroupNormalization", (5, 8), groups=2, center=False),
    row("GroupNormalization", (5, 8), groups=2, scale=False),
    row("GroupNormalization", (5, 8), groups=4, center=False, scale=False),
    row("GroupNormalization", (None, None, 6), groups=3),
    row("GroupNormalization", (None, 6), groups=6),
    row("GroupNormalization", (3, 4, 5, 6), groups=2),
    row("InstanceNormalization", (7, 6, 8)),
    row("InstanceNormalization", (7, 8)),
    row("InstanceNormalization", (3, 4, 5, 6)),
    row("InstanceNormalization", (7, 6, 8), epsilon=1e-5),
    row("InstanceNormalization", (7, 6, 8), axis=1),
    row("InstanceNormalization", (7, 6, 8), axis=-2),
    row("InstanceNormalization", (7, 6, 8), center=False),
    row("InstanceNormalization", (7, 6, 8), scale=False),
    row("InstanceNormalization", (7, 6, 8), center=False, scale=False),
    row("InstanceNormalization", (None, None, 3)),
    row("InstanceNormalization", (None, 5)),
    row("InstanceNormalization", (2, 2, 1)),
    row("RMSNormalization", (8,)),
    row("RMSNormalization", (10, 64)),
    row("RMSNormalization", (10, 64), axis=2),
    row("RMSNormalization", (10, 64), axis=(1, 2)),
    row("RMSNormalization", (4, 5, 6), axis=(-1, -2)),
    row("RMSNormalization", (4, 5, 6), axis=[1, 2, 3]),
    row("RMSNormalization", (4, 5, 6), axis=(3,)),
    row("RMSNormalization", (4, 5, 6), epsilon=1e-3),
    row("RMSNormalization", (None, 6)),
    row("RMSNormalization", (None, 5, 6), axis=(2, 3)),
    row("RMSNormalization", (2, 3, 4, 5)),
    row("RMSNormalization", (1,), epsilon=0.5),
    row("UnitNormalization", (8,)),
    row("UnitNormalization", (10, 64)),
    row("UnitNormalization", (10, 64), axis=1),
    row("UnitNormalization", (10, 64), axis=-2),
    row("UnitNormalization", (10, 64), axis=(1, 2)),
    row("UnitNormalization", (4, 5, 6), axis=(1, 3)),
    row("UnitNormalization", (4, 5, 6), axis=(-1, -2)),
    row("UnitNormalization", (4, 5, 6), axis=2),
    row("UnitNormalization", (None, 6)),
    row("UnitNormalization", (None, None, 6), axis=(1, 2)),
    row("UnitNormalization", (2, 3, 4, 5), axis=(1, 2, 3, 4)),
    row("UnitNormalization", (1,)),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "parameters"),
    [
        (row("GroupNormalization", (28, 28, 64)), 128),
        (row("GroupNormalization", (28, 28, 64), groups=16, scale=False), 64),
        (row("InstanceNormalization", (28, 28, 64)), 128),
        (row("RMSNormalization", (128, 768)), 768),
        (row("UnitNormalization", (128, 768)), 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, parameters: int) -> None:
    gives(each, each.shapes[0], parameters, flops=0)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (
            row("GroupNormalization", (7, 6, 48)),
            "48 % 32 = 16: groups=32 does not divide the 48 channels of (None, 7, 6, 48)",
        ),
        (row("GroupNormalization", (7, 6, 8)), "8 % 32 = 8: groups=32 does not divide the 8 channels"),
        (row("GroupNormalization", (7, 6, 8), groups=3), "8 % 3 = 2"),
        (row("GroupNormalization", (7, 6, 8), groups=0), "groups=0 does not divide the 8 channels"),
        (row("GroupNormalization", (7, 6, 8), groups=-2), "expected an integer of at least -1, got -2"),
        (row("GroupNormalization", (7, 6, 8), groups="many"), 'got "many"'),
        (row("GroupNormalization", (7, 6, None), groups=2), "axis -1 to be known"),
        (row("GroupNormalization", (7, 6, 8), groups=2, axis=4), "axis=4 is not an axis"),
        (row("InstanceNormalization", (7, 6, None)), "axis -1 to be known"),
        (row("InstanceNormalization", (7, 6, 3), axis=-5), "axis=-5 is not an axis"),
        (row("InstanceNormalization", (None, 6, 3), axis=1), "axis 1 to be known"),
        (row("RMSNormalization", (7, None)), "axis 2 to be known"),
        (row("RMSNormalization", (7, 8), axis=3), "axis=3 is not an axis"),
        (row("RMSNormalization", (7, 8), axis="last"), 'got "last"'),
        (row("UnitNormalization", (7, 8), axis=3), "axis=3 is not an axis"),
        (row("UnitNormalization", (7, 8), axis=(1, -4)), "axis=-4 is not an axis"),
        (row("UnitNormalization", (7, 8), axis="last"), 'got "last"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        # Keras lays the factor of another axis along the last ones.
        (row("RMSNormalization", (8, 8), axis=1), "expected the last axes of (None, 8, 8), got axis=1"),
        (row("UnitNormalization", (4, 5), axis=(1, -1)), "all counted from the same end, got (1, -1)"),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


def test_repairs() -> None:
    groups = refusal(row("GroupNormalization", (7, 6, 48)))
    assert [(each.argument, each.value) for each in groups.repairs] == [("groups", "24")]
    axis = refusal(row("RMSNormalization", (4, 5, 6), axis=(1, 2)))
    assert [(each.argument, each.value) for each in axis.repairs] == [("axis", "(-2, -1)")]
