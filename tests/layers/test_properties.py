"""Random convolutions and pooling layers against Keras."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from neural.errors import RuleError
from neural.shapes import Shape
from tests.layers.oracle import keras_facts, keras_refuses, ours
from tests.layers.rows import Row
from tests.layers.torch_oracle import counted_flops

SIZES = st.integers(1, 12)
STEPS = st.integers(1, 4)


def per_axis(rank: int, values: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.tuples(*[values] * rank))


@st.composite
def convolutions(draw: st.DrawFn) -> Row:
    """A convolution of any kind, mostly sound, on a map that may be too small for it or partly unknown."""
    kind = draw(st.sampled_from(["Conv", "DepthwiseConv", "SeparableConv"]))
    rank = draw(st.sampled_from([1, 2, 3] if kind == "Conv" else [1, 2]))
    paddings = ["valid", "same"] + ["causal"] * (rank == 1 and kind == "Conv")
    arguments: dict[str, Any] = {
        "kernel_size": draw(per_axis(rank, st.integers(1, 5))),
        "strides": draw(per_axis(rank, STEPS)),
        "padding": draw(st.sampled_from(paddings)),
        "dilation_rate": draw(st.one_of(st.just(1), per_axis(rank, STEPS))),
        "use_bias": draw(st.booleans()),
    }
    if kind != "DepthwiseConv":
        arguments["filters"] = draw(st.integers(1, 8))
    if kind == "Conv":
        arguments["groups"] = draw(st.sampled_from([1, 1, 2, 3]))
    else:
        arguments["depth_multiplier"] = draw(st.integers(1, 3))
    shape = draw(maps(rank))
    return Row(f"{kind}{rank}D", (shape,), arguments)


@st.composite
def pools(draw: st.DrawFn) -> Row:
    """A pooling layer on a map that may be too small for it or partly unknown."""
    rank = draw(st.sampled_from([1, 2, 3]))
    kind = draw(st.sampled_from(["MaxPooling", "AveragePooling"]))
    arguments = {
        "pool_size": draw(per_axis(rank, st.integers(1, 5))),
        "strides": draw(st.one_of(st.none(), per_axis(rank, STEPS))),
        "padding": draw(st.sampled_from(["valid", "same"])),
    }
    return Row(f"{kind}{rank}D", (draw(maps(rank)),), arguments)


@st.composite
def merges(draw: st.DrawFn) -> Row:
    """A merging layer on shapes that often fit."""
    dims = st.sampled_from([1, 3, 3, 4, None])
    axes = draw(st.integers(1, 3))
    shapes = draw(st.lists(st.tuples(*[dims] * axes), min_size=2, max_size=4))
    kind = draw(st.sampled_from(["Add", "Maximum", "Concatenate"]))
    if kind == "Concatenate":
        return Row(kind, tuple(shapes), {"axis": draw(st.integers(-axes - 1, axes + 1).filter(bool))})
    return Row(kind, tuple(shape[draw(st.integers(0, axes - 1)) :] for shape in shapes))


@st.composite
def maps(draw: st.DrawFn, rank: int) -> Shape:
    spatial = draw(st.tuples(*[st.one_of(SIZES, st.none())] * rank))
    return (*spatial, draw(st.sampled_from([1, 2, 3, 6])))


def agree(row: Row) -> bool:
    """Compare a row's facts, or that both refuse it; return whether it was accepted."""
    try:
        facts = ours(row.layer, row.shapes)
    except RuleError:
        assert keras_refuses(row)
        return False
    assert facts == keras_facts(row.type, row.arguments, row.shapes)
    return True


@settings(max_examples=150)
@given(convolutions())
def test_random_convolutions(row: Row) -> None:
    if agree(row) and None not in row.shapes[0]:
        output = row.layer.output_shape(row.shapes)
        assert row.layer.flops(row.shapes, output) == counted_flops(row.layer, row.shapes)


@settings(max_examples=100)
@given(pools())
def test_random_pools(row: Row) -> None:
    agree(row)


@settings(max_examples=150)
@given(merges())
def test_random_merges(row: Row) -> None:
    if row.arguments.get("axis") != -len(row.shapes[0]) - 1:  # the batch, which Keras joins
        agree(row)
