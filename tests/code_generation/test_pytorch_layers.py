"""Every layer in every form: the generated PyTorch computes what Keras computes, with Keras's weights."""

from math import log2
from typing import Any

import pytest

from neural.code_generation.pytorch_view import extra_parameters
from neural.layers.catalogue import LAYERS
from tests.code_generation.keras_layers import keras_run
from tests.code_generation.numeric_rows import all_rows
from tests.code_generation.plans import plan_of
from tests.code_generation.torch_modules import difference, module_of, parameters, run
from tests.layers.rows import Row

EXACT = 1e-9
#: TensorFlow holds some constants in float32 whatever the type it computes in: the slope of leaky_relu, the root in
#: gelu, the scale of attention and of rescaling, and all of bilinear resizing.
SINGLE = 2e-7
IN_SINGLE = {"GELU", "LeakyReLU", "Rescaling"}
#: Resizing by other than whole factors works out its places in float32.
RESIZED = 1e-6

ROWS = all_rows()


def tolerance(row: Row) -> float:
    layer: Any = getattr(row.layer, "layer", row.layer)
    if row.type == "Resizing":
        return RESIZED
    if row.type in IN_SINGLE or getattr(layer, "activation", "") in ("gelu", "leaky_relu"):
        return SINGLE
    if getattr(layer, "negative_slope", 0) or getattr(layer, "interpolation", "") == "bilinear":
        return SINGLE
    size = getattr(layer, "key_dim", getattr(layer, "head_dim", 1))
    return EXACT if (log2(size) / 2).is_integer() else SINGLE


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_computes_what_keras_computes(row: Row) -> None:
    expected = keras_run(row)
    plan = plan_of(row.layer, row.shapes)
    model = module_of(plan, {"layer": expected.weights})
    for result, wanted in zip(run(model, expected.inputs), expected.results, strict=True):
        assert difference(result, wanted) < tolerance(row)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_counts_what_the_view_says(row: Row) -> None:
    plan = plan_of(row.layer, row.shapes)
    step = plan.steps[0]
    assert step.facts
    total, trainable = extra_parameters(row.layer, step.facts.weights)
    model = module_of(plan, {})
    assert parameters(model) == step.facts.parameters + total
    assert parameters(model) == step.facts.trainable_parameters + trainable


def test_every_layer_is_run() -> None:
    assert {row.type for row in ROWS} == set(LAYERS) - {"Input"}
