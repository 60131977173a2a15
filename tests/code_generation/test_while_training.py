"""Layers that do more while training: the generated PyTorch against Keras, one step of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neural
from neural.code_generation.pytorch_weights import converted
from tests.code_generation.keras_layers import double, random_weight
from tests.code_generation.plans import plan_of
from tests.code_generation.torch_modules import module_of, run, torch
from tests.layers.oracle import build
from tests.layers.rows import Row, row
from tests.layers.test_spectral import around

SPECTRAL = [
    around("Dense", (8,), units=3),
    around("Dense", (5, 8), units=3, power_iterations=3, use_bias=False),
    around("Conv1D", (9, 4), filters=3, kernel_size=3),
    around("Conv2D", (6, 7, 4), filters=6, kernel_size=(3, 2), groups=2),
    around("Conv2DTranspose", (5, 4, 3), filters=6, kernel_size=3, strides=2, power_iterations=2),
]


@pytest.mark.parametrize("each", SPECTRAL, ids=str)
def test_the_kernel_is_divided_as_in_keras(each: Row) -> None:
    random = np.random.default_rng(3)
    with double():
        layer = build(each.type, each.arguments)
        x = random.normal(size=(2, *each.shapes[0]))
        layer(x)
        weights = [random_weight(weight, random) for weight in layer.weights]
        layer.set_weights(weights)
        result = np.asarray(layer(x, training=True))
        after = [np.asarray(weight) for weight in layer.weights]
    model = module_of(plan_of(each.layer, each.shapes), {"layer": weights}).train()
    axes = (0, x.ndim - 1, *range(1, x.ndim - 1)) if x.ndim == 4 else range(x.ndim)
    made = model(torch.from_numpy(x.transpose(*axes).copy())).detach().numpy()
    back = np.argsort(axes)
    np.testing.assert_allclose(made.transpose(*back), result, rtol=1e-9)
    state = model.state_dict()
    for (_, name), array in converted(each.layer, each.shapes, after).items():
        np.testing.assert_allclose(state[f"layer.{name}"].numpy(), array, rtol=1e-9)


PENALTIES = [
    row("ActivityRegularization", (8,), l1=0.1),
    row("ActivityRegularization", (5, 8), l2=0.03),
    row("ActivityRegularization", (4, 5, 3), l1=0.2, l2=0.01),
]


@pytest.mark.parametrize("each", PENALTIES, ids=str)
def test_the_penalty_is_that_of_keras(each: Row) -> None:
    x = np.random.default_rng(4).normal(size=(3, *each.shapes[0]))
    with double():
        layer = build(each.type, each.arguments)
        layer(x)
        expected = float(layer.losses[0])
    model = module_of(plan_of(each.layer, each.shapes), {}).train()
    model(torch.from_numpy(x))
    assert model.layer.penalty.item() == pytest.approx(expected, rel=1e-6)


def test_training_adds_the_penalty() -> None:
    source = """
        network Net {
            input: (6,)
            layers: Dense(4) PENALTY Output(2)
            loss: mse
            optimizer: SGD(0.1)
            train { epochs: 1 batch_size: 8 }
        }
    """
    code = neural.generate(source.replace("PENALTY", "ActivityRegularization(l2=0.5)"), backend="pytorch")
    assert "                    loss = loss + module.penalty\n" in code
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(code, "generated.py", "exec"), scope)
    scope["train"](None, 1, device="cpu")
    plain = neural.generate(source.replace("PENALTY", "ActivityRegularization()"), backend="pytorch")
    assert "penalty" not in plain


LAMBDAS = [
    # body, backend, what is said
    ("keras.ops.relu(x)", "pytorch", "this lambda calls functions of keras"),
    ("tf.nn.relu(x)", "pytorch", "this lambda calls functions of tf"),
    ("F.relu(torch.abs(x))", "tensorflow", "this lambda calls functions of F and torch"),
]


@pytest.mark.parametrize(("body", "backend", "says"), LAMBDAS)
def test_a_lambda_in_the_functions_of_another_framework_is_refused(body: str, backend: str, says: str) -> None:
    source = f'network Net {{ input: (8,) layers: Lambda("lambda x: {body}") }}'
    with pytest.raises(neural.NeuralError) as refusal:
        neural.generate(source, backend=backend)
    (diagnostic,) = refusal.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("N601", says)


def test_a_lambda_brings_its_imports() -> None:
    source = 'network Net {{ input: (8,) layers: Lambda("lambda x: {}") }}'
    code = neural.generate(source.format("F.relu(x) * math.sqrt(2)"), backend="pytorch")
    assert "import math\n" in code
    assert "import torch.nn.functional as F\n" in code
    assert "        return F.relu(x) * math.sqrt(2)  # (batch, 8)\n" in code
    code = neural.generate(source.format("tf.nn.relu(ops.abs(x))"), backend="tensorflow")
    assert "import tensorflow as tf\n" in code
    assert "from keras import layers, ops\n" in code


@pytest.mark.parametrize("value", [-1.0, 0.5, 0.0])
@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5), (8,)])
def test_masked_steps_become_zero_as_in_keras(value: float, shape: tuple[int, ...]) -> None:
    each = row("Masking", shape, mask_value=value)
    x = np.random.default_rng(5).normal(size=(3, *shape))
    x[1] = value
    x[(0, *(0 for _ in shape[:-1]))] = value
    x[2, ..., 0] = value
    with double():
        expected = np.asarray(build(each.type, each.arguments)(x))
    (result,) = run(module_of(plan_of(each.layer, each.shapes), {}), [x])
    np.testing.assert_array_equal(result, expected)


def test_a_loss_that_a_mask_reaches_is_left_to_keras() -> None:
    source = "network Net { input: (5, 4) layers: Masking() Dense(3) loss: mse train { epochs: 1 } }"
    with pytest.raises(neural.NeuralError, match="the loss leaves out what Masking marks in Keras"):
        neural.generate(source, backend="pytorch")
    neural.generate(source, backend="tensorflow")


MASKED = [
    # what follows Masking, and whether PyTorch computes the same
    ("Dense(3)", True),
    ("Conv1D(3, 2) Flatten() Dense(2)", True),
    ("LSTM(3)", False),
    ("Dense(3) Dropout(0.1) Bidirectional(GRU(3))", False),
    ("MultiHeadAttention(2, 2)", False),
    ("GlobalAveragePooling1D()", False),
    ("BatchNormalization()", False),
    ("LSTM(3)(input)", True),
]


@pytest.mark.parametrize(("after", "same"), MASKED)
def test_a_layer_that_reads_masks_cannot_follow_in_pytorch(after: str, same: bool) -> None:
    source = f"network Net {{ input: (5, 4) layers: Masking(-1) {after} }}"
    neural.generate(source, backend="tensorflow")
    if same:
        neural.generate(source, backend="pytorch")
        return
    with pytest.raises(neural.NeuralError, match="leaves out what Masking marks"):
        neural.generate(source, backend="pytorch")
