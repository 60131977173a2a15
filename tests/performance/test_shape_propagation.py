"""Shapes and costs are worked out quickly, once, and in time proportional to the layers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from neural.binding import bind
from neural.layers.catalogue import LAYERS as CATALOGUE
from neural.layers.core import Dense
from neural.parser.parser import parse
from neural.shape_propagation.shape_propagator import ShapePropagator
from tests.performance.counting import counting_rules
from tests.performance.profiling_utils import compare_implementations, time_block
from tests.performance.programs import CHAIN, LAYERS

INPUT = (None, 28, 28, 3)


def through(propagator: ShapePropagator, layers: list[dict[str, Any]], shape: Any = INPUT) -> Any:
    """Return the shape after all the layers."""
    for layer in layers:
        shape = propagator.propagate(shape, layer, "tensorflow")
    return shape


def test_ten_layers_take_less_than_a_second() -> None:
    propagator = ShapePropagator()
    with time_block() as first:
        assert through(propagator, LAYERS) == (None, 10)
    assert first.seconds < 1.0


def test_caches_make_it_at_least_twice_as_fast() -> None:
    cold, warm = ShapePropagator(), ShapePropagator()

    def from_nothing() -> None:
        cold.clear()
        through(cold, LAYERS)

    compared = compare_implementations({"cold": from_nothing, "warm": lambda: through(warm, LAYERS)}, iterations=50)
    assert compared.speedup("cold", "warm") > 2


def test_the_second_time_no_rule_is_called() -> None:
    propagator = ShapePropagator()
    with counting_rules() as calls:
        through(propagator, LAYERS)
        assert calls["Conv2D.output_shape"] >= 2
        calls.clear()
        through(propagator, LAYERS)
    assert calls.total() == 0


def test_each_cache_counts_what_it_answered() -> None:
    propagator = ShapePropagator()
    through(propagator, LAYERS)
    # Both BatchNormalization and both MaxPooling2D are written alike, and meet different shapes.
    assert (propagator._param_cache.counts().misses, propagator._layer_cache.counts().misses) == (8, 10)
    through(propagator, LAYERS)
    assert (propagator._param_cache.counts().hits, propagator._layer_cache.counts().hits) == (12, 10)
    assert propagator._cost_cache.counts().misses == 10


def test_layers_alike_are_worked_out_once() -> None:
    propagator = ShapePropagator()
    with counting_rules() as calls:
        assert through(propagator, CHAIN * 100, (None, 32, 32, 16)) == (None, 32, 32, 16)
        hundreds = calls.total()
        calls.clear()
        through(ShapePropagator(), CHAIN, (None, 32, 32, 16))
    assert hundreds == calls.total()


BLOCK = """
define Block() {{ a = Conv2D(16, 3, padding="same") BatchNormalization() Add()(a, input) ReLU() }}
network Net {{ input: (8, 8, 16) layers: Conv2D(16, 1) Block() * {count} }}
"""


def test_repeats_are_worked_out_once_for_each_layer_and_input_shape() -> None:
    counted: dict[int, Counter[str]] = {}
    for count in (1, 2, 1000):
        program, _, lines = parse(BLOCK.format(count=count))
        assert program is not None
        bound = bind(program, lines)
        assert bound.network is not None
        with counting_rules() as calls:
            plan, _ = ShapePropagator().plan(bound.network, lines)
        assert len(plan.steps) == 1 + 4 * count
        assert len({id(step.facts) for step in plan.steps}) == 5
        counted[count] = Counter(calls)
    assert counted[1] == counted[2] == counted[1000]


def test_a_layer_of_a_network_is_looked_up_once_for_each_input_shape() -> None:
    program, _, lines = parse(BLOCK.format(count=1000))
    assert program is not None
    bound = bind(program, lines)
    assert bound.network is not None
    propagator = ShapePropagator()
    propagator.plan(bound.network, lines)
    counts = propagator._layer_cache.counts()
    assert (counts.hits, counts.misses) == (0, 6)  # the input's, and those of five layers


def test_a_thousand_costs_take_less_than_half_a_second() -> None:
    propagator = ShapePropagator()
    layers = [Dense(units=units) for units in range(1, 1001)]
    with time_block() as whole:
        flops = [propagator.costs(layer, ((64,),))[0] for layer in layers]
    assert flops == [2 * 64 * units for units in range(1, 1001)]
    assert whole.seconds < 0.5


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_work_is_proportional_to_the_layers(count: int) -> None:
    propagator = ShapePropagator()
    layers = [{"type": "Dense", "params": {"units": units}} for units in range(1, count + 1)]
    with counting_rules() as calls:
        through(propagator, layers, (None, 8))
    assert calls["Dense.weights"] == calls["Dense.flops"] == count
    assert calls.total() <= 4 * count


def test_caches_stay_within_their_bounds() -> None:
    propagator = ShapePropagator(maximum=50)
    for units in range(1, 201):
        propagator.propagate((None, 8), {"type": "Dense", "params": {"units": units}}, "tensorflow")
    assert propagator._layer_cache.counts().size == propagator._cost_cache.counts().size == 50


def test_threads_share_one_propagator() -> None:
    propagator = ShapePropagator()
    with ThreadPoolExecutor(8) as pool:
        shapes = list(pool.map(lambda _: through(propagator, LAYERS), range(64)))
    assert set(shapes) == {(None, 10)}
    assert propagator._layer_cache.counts().size == 10


@pytest.mark.parametrize("rule", ["output_shape", "weights", "flops"])
def test_counting_sees_every_layer(rule: str) -> None:
    before = {cls: getattr(cls, rule) for cls in CATALOGUE.values()}
    with counting_rules() as calls:
        layer = Dense(units=3)
        layer.output_shape(((4,),))
    assert calls == {"Dense.output_shape": 1}
    assert {cls: getattr(cls, rule) for cls in CATALOGUE.values()} == before
