"""Transposed convolutions with dilation, which TensorFlow does not run on a processor: zeros stand between the taps."""

from typing import Any

import numpy as np
import pytest

from tests.code_generation.keras_layers import keras_run
from tests.code_generation.plans import plan_of
from tests.code_generation.torch_modules import difference, module_of, run
from tests.layers.rows import Row
from tests.layers.test_transposed import DILATED


@pytest.mark.parametrize("each", DILATED, ids=str)
def test_is_the_convolution_of_the_wider_window(each: Row) -> None:
    layer: Any = each.layer
    given = {name: value for name, value in each.arguments.items() if name != "dilation_rate"}
    expected = keras_run(Row(each.type, each.shapes, given | {"kernel_size": layer.spans}))
    wide, bias = expected.weights
    taps = tuple(slice(None, None, step) for step in layer.dilation_rate)
    kernel = wide[taps]
    spread = np.zeros_like(wide)
    spread[taps] = kernel
    model = module_of(plan_of(layer, each.shapes), {"layer": [kernel, bias]})
    (result,) = run(model, expected.inputs)
    widened = Row(each.type, each.shapes, given | {"kernel_size": layer.spans})
    twin = module_of(plan_of(widened.layer, each.shapes), {"layer": [spread, bias]})
    (wanted,) = run(twin, expected.inputs)
    assert difference(result, wanted) < 1e-12
