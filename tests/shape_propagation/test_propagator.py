"""Shapes and costs worked out once: the dictionary form, the three caches, and the plan of a network."""

from __future__ import annotations

import re
from typing import Any

import keras
import pytest

from neural.compiler import default_compiler
from neural.diagnostics import LineIndex
from neural.layers.base import Layer
from neural.layers.core import Dense
from neural.parser.parser import parse
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.shape_propagator import ShapePropagator
from tests.performance.counting import counting_rules

Shape = tuple[int | None, ...]

PROPAGATED: list[tuple[Shape, str, dict[str, Any] | None, Shape]] = [
    # input, type, params: output, all as Keras has them
    ((None, 28, 28, 1), "Conv2D", {"filters": 32, "kernel_size": (3, 3)}, (None, 26, 26, 32)),
    ((None, 28, 28, 1), "Conv2D", {"filters": 32, "kernel_size": 3, "padding": "same"}, (None, 28, 28, 32)),
    ((None, 28, 28, 1), "conv2d", {"filters": 32, "kernel_size": [3, 3], "strides": 2}, (None, 13, 13, 32)),
    ((8, 28, 28, 1), "Conv2D", {"filters": 4, "kernel_size": 3}, (8, 26, 26, 4)),
    ((None, 10, 4), "Conv1D", {"filters": 8, "kernel_size": 3, "padding": "causal"}, (None, 10, 8)),
    ((None, 26, 26, 32), "MaxPooling2D", {"pool_size": (2, 2)}, (None, 13, 13, 32)),
    ((None, 26, 26, 32), "MaxPooling2D", None, (None, 13, 13, 32)),
    ((None, 13, 13, 32), "Flatten", None, (None, 5408)),
    ((None, 5408), "Dense", {"units": 128}, (None, 128)),
    ((None, 7, 5), "Dense", {"units": 4}, (None, 7, 4)),
    ((None, 128), "Dropout", {"rate": 0.5}, (None, 128)),
    ((None, 128), "Output", {"units": 10, "activation": "softmax"}, (None, 10)),
    ((None, 100), "Embedding", {"input_dim": 1000, "output_dim": 64}, (None, 100, 64)),
    ((None, 100, 64), "LSTM", {"units": 32}, (None, 32)),
    ((None, 100, 64), "LSTM", {"units": 32, "return_sequences": True}, (None, 100, 32)),
    ((None, 784), "Reshape", {"target_shape": (28, 28, -1)}, (None, 28, 28, 1)),
    ((None, None, None, 3), "Conv2D", {"filters": 4, "kernel_size": 3}, (None, None, None, 4)),
    ((None, 8, 8, 3), "GlobalAveragePooling2D", {}, (None, 3)),
    ((None, 8, 8, 3), "BatchNormalization", {}, (None, 8, 8, 3)),
]


@pytest.mark.parametrize(("shape", "type_", "params", "expected"), PROPAGATED)
def test_dictionaries(shape: Shape, type_: str, params: dict[str, Any] | None, expected: Shape) -> None:
    assert ShapePropagator().propagate(shape, {"type": type_, "params": params}) == expected


FIRST: list[tuple[Shape, str, dict[str, Any], Shape]] = [
    # PyTorch's names and its order of axes
    ((None, 1, 28, 28), "Conv2D", {"out_channels": 32, "kernel_size": 3}, (None, 32, 26, 26)),
    ((None, 1, 28, 28), "Conv2D", {"filters": 32, "kernel_size": 3, "stride": 2}, (None, 32, 13, 13)),
    ((None, 32, 26, 26), "MaxPooling2D", {"pool_size": 2}, (None, 32, 13, 13)),
    ((None, 5), "Linear", {"out_features": 4}, (None, 4)),
    ((None, 5), "Dropout", {"p": 0.5}, (None, 5)),
    ((None, 7, 5), "LSTM", {"hidden_size": 4, "return_sequences": True}, (None, 7, 4)),
]


@pytest.mark.parametrize(("shape", "type_", "params", "expected"), FIRST)
def test_channels_first(shape: Shape, type_: str, params: dict[str, Any], expected: Shape) -> None:
    assert ShapePropagator().propagate(shape, {"type": type_, "params": params}, "pytorch") == expected


def test_a_typed_layer_is_propagated_too() -> None:
    assert ShapePropagator().propagate((None, 3), Dense(units=4)) == (None, 4)


WRONG: list[tuple[Shape, str, dict[str, Any], str]] = [
    ((None, 6), "Wobble", {}, "Wobble"),
    ((None, 6), "Dense", {}, "needs units"),
    ((None, 6), "Dense", {"units": -1}, "at least 1"),
    ((None, 6), "Dense", {"units": 4, "wobble": 3}, "wobble"),
    ((None, 6), "Conv2D", {"filters": 4, "kernel_size": 3}, "height, width, channels"),
    ((None, 5, 5, 1), "MaxPooling2D", {"pool_size": 8}, "5 - 8 + 1 = -2"),
    ((None, 28, 28, 1), "Conv2D", {"filters": 4, "kernel_size": 32}, "28 - 32 + 1 = -3"),
    ((None, 16), "Reshape", {"target_shape": (3, 5)}, "16"),
]


@pytest.mark.parametrize(("shape", "type_", "params", "words"), WRONG)
def test_what_is_wrong_raises_with_the_rule(shape: Shape, type_: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        ShapePropagator().propagate(shape, {"type": type_, "params": params})


def test_the_three_caches_are_counted_and_cleared() -> None:
    propagator = ShapePropagator()
    caches = (propagator._param_cache, propagator._cost_cache, propagator._layer_cache)
    layer = {"type": "Dense", "params": {"units": 4}}
    for _ in range(5):
        propagator.propagate((None, 3), layer)
    propagator.propagate((None, 4), layer)
    assert [(each.counts().hits, each.counts().misses, each.counts().size) for each in caches] == [
        (5, 1, 1),
        (0, 2, 2),
        (4, 2, 2),
    ]
    propagator.clear()
    assert [(each.counts().hits, each.counts().misses, each.counts().size) for each in caches] == [(0, 0, 0)] * 3


def test_the_caches_are_bounded() -> None:
    propagator = ShapePropagator(budget=8 * 1_280)
    for units in range(1, 30):
        propagator.propagate((None, 3), {"type": "Dense", "params": {"units": units}})
    assert propagator._layer_cache.counts().size == propagator._cost_cache.counts().size == 8
    assert propagator._param_cache.counts().budget == 2**20


SAME: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    # two dictionaries of a type, and how many layers are made of them
    ("Dense", {"units": 4}, {"units": 4}, 1),
    ("Dense", {"units": 4, "activation": "relu"}, {"activation": "relu", "units": 4}, 1),
    ("MaxPooling2D", {"pool_size": [3, 3]}, {"pool_size": [3, 3]}, 1),
    ("Dense", {"units": 4}, {"units": 4.0}, 2),
    ("Dense", {"units": 4}, {"units": 5}, 2),
    ("MaxPooling2D", {"pool_size": [3, 3]}, {"pool_size": (3, 3)}, 2),
]


@pytest.mark.parametrize(("type_", "first", "second", "made"), SAME)
def test_the_same_dictionary_is_read_once(type_: str, first: dict[str, Any], second: dict[str, Any], made: int) -> None:
    propagator = ShapePropagator()
    for params in (first, second):
        propagator.standardized({"type": type_, "params": params})
    counts = propagator._param_cache.counts()
    assert (counts.misses, counts.hits) == (made, 2 - made)


def test_a_kept_layer_never_stands_for_a_wrong_argument() -> None:
    """True equals 1 in Python, and is no number here."""
    propagator = ShapePropagator()
    propagator.standardized({"type": "Dense", "params": {"units": 1}})
    with pytest.raises(ValueError, match="got true"):
        propagator.standardized({"type": "Dense", "params": {"units": True}})


def test_each_rule_runs_once_for_a_layer_and_its_inputs() -> None:
    compiler = default_compiler()
    compiler.clear()
    source = "network N { input: (6,) layers: Dense(6) * 50 Dense(7) Dense(6) }"
    with counting_rules() as calls:
        assert compiler.plan(source).diagnostics == ()
    # (6 -> 6), (6 -> 7) and (7 -> 6); the shape is asked for once by the costs besides
    assert calls["Dense.weights"] == 3
    assert calls["Dense.flops"] == 3
    assert calls["Dense.output_shape"] <= 6
    with counting_rules() as calls:
        compiler.plan(source + " ")
    assert sum(calls.values()) == 0


def planned(source: str) -> tuple[Plan, list[str]]:
    program = parse(source)
    assert program.program is not None
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None
    return analysis.plan, [each.code for each in analysis.diagnostics]


def test_a_plan_holds_inputs_then_layers_in_order() -> None:
    plan, codes = planned("network N { input: (4,), (5,) layers: a = Dense(3)(input_2) Concatenate()(a, input_1) }")
    assert codes == []
    assert [step.key for step in plan.all()] == ["input_1", "input_2", "a", "concatenate"]
    assert [step.output_shape for step in plan.all()] == [(4,), (5,), (3,), (7,)]
    assert [step.input_shapes for step in plan.steps] == [((5,),), ((3,), (4,))]
    readers = {key: [step.key for step in steps] for key, steps in plan.consumers().items()}
    assert readers == {"input_1": ["concatenate"], "input_2": ["a"], "a": ["concatenate"], "concatenate": []}


def test_one_report_for_a_statement_however_often_it_is_repeated() -> None:
    for source in (
        "network N { input: (6,) layers: Conv2D(3, 3) * 5 }",
        "network N { input: (6,) layers: for i in 0..5 { Conv2D(3, 3)(input) } }",
        "define B { Conv2D(3, 3)(input) } network N { input: (6,) layers: a = B() a: { } B()(input) B()(input) }",
    ):
        assert planned(source)[1] == ["N401"], source


def test_broken_layers_have_no_layer_and_no_facts() -> None:
    plan, codes = planned("network N { input: (6,) layers: Dense(-1) Dense(2) }")
    assert codes == ["N203"]
    broken, unknown = plan.steps
    assert (broken.status, broken.facts, broken.output_shape) == ("error", None, None)
    assert (unknown.status, unknown.facts, unknown.output_shape) == ("unknown", None, None)
    with pytest.raises(ValueError, match="broken"):
        _ = broken.layer


SHARED: list[tuple[str, list[str], list[tuple[bool, str]]]] = [
    ('Dense(6, shared="t") Dense(6, shared="t")', [], [(True, "ok"), (False, "ok")]),
    ('Dense(6, shared="t") Dense(6, shared="u")', [], [(True, "ok"), (True, "ok")]),
    ('Dense(6, shared="t") Dense(6, "relu", shared="t")', ["N401"], [(True, "ok"), (True, "error")]),
    ('Dense(5, shared="t") Dense(5, shared="t")', ["N401"], [(True, "ok"), (True, "error")]),
    ('Dense(-6, shared="t") Dense(6, shared="t")(input)', ["N203"], [(True, "error"), (True, "ok")]),
]


@pytest.mark.parametrize(("statements", "codes", "expected"), SHARED)
def test_shared_weights(statements: str, codes: list[str], expected: list[tuple[bool, str]]) -> None:
    plan, found = planned(f"network N {{ input: (6,) layers: {statements} }}")
    assert found == codes
    assert [(step.owns_weights, step.status) for step in plan.steps] == expected


KERAS: list[tuple[str, Shape]] = [
    ("same", (None, 7, 8, 3)),
    ("valid", (None, 7, 8, 3)),
    ("same", (None, None, 9, 3)),
    ("valid", (None, 9, None, 3)),
]


@pytest.mark.parametrize(("padding", "shape"), KERAS)
@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_windows_agree_with_keras(padding: str, shape: Shape, kernel: int, strides: int) -> None:
    params = {"filters": 4, "kernel_size": kernel, "strides": strides, "padding": padding}
    expected = keras.layers.Conv2D(**params).compute_output_shape(shape)
    assert ShapePropagator().propagate(shape, {"type": "Conv2D", "params": params}) == expected


def test_a_propagator_is_safe_to_ask_for_the_facts_of_one_layer() -> None:
    layer: Layer = Dense(units=4)
    facts = ShapePropagator().facts(layer, ((3,),))
    assert (facts.output_shape, facts.parameters, facts.trainable_parameters, facts.flops) == ((4,), 16, 16, 24)
    assert [(weight.name, weight.shape) for weight in facts.weights] == [("kernel", (3, 4)), ("bias", (4,))]
    unknown = ShapePropagator().facts(layer, ((None, 3),))
    assert (unknown.parameters, unknown.flops, unknown.other_ops, unknown.saved) == (16, None, None, None)


def test_lines_are_needed_only_to_place_what_is_wrong() -> None:
    source = "network N { input: (6,) layers: Dense(2) }"
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None
    plan, found = ShapePropagator().plan(analysis.plan.network, LineIndex(""))
    assert found == ()
    assert plan == analysis.plan
