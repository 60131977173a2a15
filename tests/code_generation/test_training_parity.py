"""Losses, metrics, schedules and optimizers of generated PyTorch files compute what those of the Keras files do."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from neural.code_generation import training_keras, training_losses, training_optimizers
from neural.code_generation.training import Head
from neural.code_generation.writer import call, literal
from neural.network import Setting
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, SCHEDULES
from tests.layers.oracle import keras

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
    import torch.nn.functional as F

Array = Any
SHAPES = {"vector": (5,), "sequence": (7, 5), "map": (4, 3, 5), "volume": (2, 3, 4, 5)}
ONE_HOT = {"categorical_crossentropy", "kl_divergence"}


def head_of(loss: Setting, shape: tuple[int, ...], activation: str, *metrics: Setting) -> Head:
    return Head("output", shape, activation, loss, metrics)


def results(head: Head, samples: int = 40) -> tuple[Array, Array]:
    """Return random results of a network and targets of the kind that its loss reads."""
    random = np.random.default_rng(1)
    scores = random.normal(size=(samples, *head.shape))
    output = {
        "softmax": lambda: np.exp(scores) / np.exp(scores).sum(-1, keepdims=True),
        "sigmoid": lambda: 1 / (1 + np.exp(-scores)),
        "softplus": lambda: np.log1p(np.exp(scores)),
    }.get(head.activation, lambda: scores)()
    if head.sparse:
        return output, random.integers(head.shape[-1], size=scores.shape[:-1])
    if head.loss.name in ONE_HOT:
        return output, np.eye(head.shape[-1])[random.integers(head.shape[-1], size=scores.shape[:-1])]
    if head.loss.name in ("binary_crossentropy", "hinge"):
        return output, random.integers(2, size=scores.shape).astype(float)
    return output, random.uniform(size=scores.shape)


def by_torch(lines: list[str], head: Head, output: Array, target: Array) -> float:
    """Run generated statements on tensors as the generated network lays them out."""
    tensors = {"output": torch.from_numpy(output), "target": torch.from_numpy(target)}
    if training_losses.channels_first(head.shape):
        tensors["output"] = tensors["output"].movedim(-1, 1)
        tensors["target"] = tensors["target"] if head.sparse else tensors["target"].movedim(-1, 1)
    scope: dict[str, Any] = {"F": F, "torch": torch, "math": math, "Tensor": torch.Tensor, **tensors}
    exec(training_losses.AUC.source, scope)
    exec("\n".join([*lines[:-1], f"result = {lines[-1]}"]), scope)
    return float(scope["result"])


def keras_object(text: Any) -> Any:
    """Return the loss or metric that a generated Keras file names or makes."""
    return eval(literal(text), {"keras": keras})


LOSS_ROWS = [
    *(("sparse_categorical_crossentropy", {}, activation) for activation in ("softmax", "linear", "sigmoid", "relu")),
    ("sparse_categorical_crossentropy", {"from_logits": True}, "softmax"),
    *(("categorical_crossentropy", {}, activation) for activation in ("softmax", "linear", "sigmoid")),
    *(("categorical_crossentropy", {"label_smoothing": 0.1}, activation) for activation in ("softmax", "linear")),
    *(("binary_crossentropy", {}, activation) for activation in ("sigmoid", "linear")),
    *(("binary_crossentropy", {"label_smoothing": 0.2}, activation) for activation in ("sigmoid", "linear")),
    ("mean_squared_error", {}, "linear"),
    ("mean_absolute_error", {}, "linear"),
    ("huber", {}, "linear"),
    ("huber", {"delta": 0.3}, "linear"),
    ("hinge", {}, "linear"),
    ("kl_divergence", {}, "softmax"),
    ("poisson", {}, "softplus"),
    ("cosine_similarity", {}, "linear"),
    ("log_cosh", {}, "linear"),
]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize(("name", "arguments", "activation"), LOSS_ROWS)
def test_losses(name: str, arguments: dict[str, Any], activation: str, kind: str) -> None:
    head = head_of(Setting(name, arguments), SHAPES[kind], activation)
    output, target = results(head)
    made = keras_object(training_keras._loss(head))
    function = getattr(keras.losses, training_keras.LOSSES[name])() if made == name else made
    expected = float(function(target.astype("int32" if head.sparse else "float32"), output.astype("float32")))
    assert by_torch(training_losses.loss(head), head, output, target) == pytest.approx(expected, rel=2e-5)


METRIC_ROWS = [
    ("accuracy", {}, "sparse_categorical_crossentropy", "softmax"),
    ("sparse_categorical_accuracy", {}, "sparse_categorical_crossentropy", "softmax"),
    ("sparse_top_k_categorical_accuracy", {"k": 2}, "sparse_categorical_crossentropy", "softmax"),
    ("accuracy", {}, "categorical_crossentropy", "softmax"),
    ("categorical_accuracy", {}, "categorical_crossentropy", "linear"),
    ("top_k_categorical_accuracy", {"k": 3}, "categorical_crossentropy", "softmax"),
    ("binary_accuracy", {}, "binary_crossentropy", "sigmoid"),
    ("binary_accuracy", {}, "binary_crossentropy", "linear"),
    ("precision", {}, "binary_crossentropy", "sigmoid"),
    ("precision", {}, "binary_crossentropy", "linear"),
    ("recall", {}, "binary_crossentropy", "sigmoid"),
    ("recall", {}, "binary_crossentropy", "linear"),
    ("auc", {}, "binary_crossentropy", "sigmoid"),
    ("auc", {}, "binary_crossentropy", "linear"),
    ("mean_squared_error", {}, "mean_squared_error", "linear"),
    ("mean_absolute_error", {}, "mean_squared_error", "linear"),
    ("root_mean_squared_error", {}, "mean_squared_error", "linear"),
]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize(("name", "arguments", "loss", "activation"), METRIC_ROWS)
def test_metrics(name: str, arguments: dict[str, Any], loss: str, activation: str, kind: str) -> None:
    setting = Setting(name, arguments)
    head = head_of(Setting(loss), SHAPES[kind], activation, setting)
    output, target = results(head)
    made = keras_object(training_keras._metric(head, setting))
    metric = keras.metrics.get(head.metric(setting) if made == "accuracy" else made)
    metric = metric if isinstance(metric, keras.metrics.Metric) else keras.metrics.MeanMetricWrapper(metric)
    metric.update_state(target.astype("float32"), output.astype("float32"))
    tolerance = 5e-3 if name == "auc" else 1e-5
    expected = float(metric.result())
    assert by_torch(training_losses.metric(head, setting), head, output, target) == pytest.approx(
        expected, rel=tolerance
    )


def test_accuracy_of_one_result_is_binary() -> None:
    head = head_of(Setting("binary_crossentropy"), (1,), "sigmoid")
    assert head.metric(Setting("accuracy")) == "binary_accuracy"


SCHEDULE_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "end_learning_rate": 0.01, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 12}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 12, "alpha": 0.1, "warmup_target": None}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 12, "warmup_target": 0.3, "warmup_steps": 5}),
    ("CosineDecay", {"initial_learning_rate": 0.0001, "decay_steps": 12, "warmup_target": 0.3, "alpha": 0.2}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4}),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1},
    ),
    ("PiecewiseConstantDecay", {"boundaries": (3, 8), "values": (0.1, 0.01, 0.001)}),
]


@pytest.mark.parametrize(("name", "arguments"), SCHEDULE_ROWS)
def test_schedules(name: str, arguments: dict[str, Any]) -> None:
    setting = Setting(name, arguments)
    made = keras_object(training_keras._called("keras.optimizers.schedules", setting))
    body = "\n".join(f"    {line}" for line in training_optimizers.schedule(setting))
    scope: dict[str, Any] = {"math": math}
    exec(f"def learning_rate(step):\n{body}", scope)
    for step in range(40):
        assert scope["learning_rate"](step) == pytest.approx(float(made(step)), rel=1e-4, abs=1e-7), step


OPTIMIZER_ROWS: list[tuple[str, dict[str, Any]]] = [
    *((name, {"learning_rate": 0.05}) for name in OPTIMIZERS),
    *((name, {"learning_rate": 0.05, "weight_decay": 0.1}) for name in OPTIMIZERS),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-6}),
    ("Adam", {"learning_rate": 0.05, "clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.05, "clipvalue": 0.3}),
    ("SGD", {"learning_rate": 0.05, "global_clipnorm": 0.4}),
    ("RMSprop", {"learning_rate": 0.05, "rho": 0.8, "momentum": 0.5, "centered": True}),
    ("Adagrad", {"learning_rate": 0.05, "initial_accumulator_value": 0.5}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.9}),
    ("AdamW", {}),
]


@pytest.mark.parametrize(("name", "arguments"), OPTIMIZER_ROWS)
def test_optimizers(name: str, arguments: dict[str, Any]) -> None:
    setting = Setting(name, arguments)
    random = np.random.default_rng(0)
    starts = [random.normal(size=(3, 2)), random.normal(size=2)]
    gradients = [[random.normal(size=start.shape) for start in starts] for _ in range(6)]
    expected = _keras_steps(setting, starts, gradients)
    for found, wanted in zip(_torch_steps(setting, starts, gradients), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=5e-3, atol=5e-4)


def _keras_steps(setting: Setting, starts: list[Array], gradients: list[list[Array]]) -> list[Array]:
    optimizer = keras_object(training_keras._called("keras.optimizers", setting))
    variables = [keras.Variable(start.astype("float32")) for start in starts]
    for each in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g.astype("float32")) for g in each], variables)
    return [np.asarray(variable) for variable in variables]


def _torch_steps(setting: Setting, starts: list[Array], gradients: list[list[Array]]) -> list[Array]:
    model = torch.nn.ParameterList([torch.nn.Parameter(torch.from_numpy(start.copy())) for start in starts])
    scope: dict[str, Any] = {"torch": torch, "nn": torch.nn, "model": model}
    optimizer = eval(training_optimizers.optimizer_call(setting), scope)
    decay = training_optimizers.decay_of(setting)
    for each in gradients:
        for weight, gradient in zip(model.parameters(), each, strict=True):
            weight.grad = torch.from_numpy(gradient.copy())
        exec("\n".join(training_optimizers.clipping(setting)), scope)
        with torch.no_grad():
            for weight in model.parameters():
                weight *= 1 - (decay or 0.0) * optimizer.param_groups[0]["lr"]
        optimizer.step()
    return [weight.detach().numpy() for weight in model.parameters()]


def test_every_name_has_a_row() -> None:
    assert set(training_keras.LOSSES) == set(training_losses.LOSSES) == set(LOSSES)
    assert set(training_keras.METRICS) == {*training_losses.METRICS, "accuracy"} == set(METRICS)
    assert set(training_optimizers.CLASSES) == set(OPTIMIZERS)
    assert set(training_optimizers.SCHEDULES) == set(SCHEDULES)
    assert {row[0] for row in LOSS_ROWS} == set(LOSSES)
    assert {row[0] for row in METRIC_ROWS} == set(METRICS)
    assert {row[0] for row in SCHEDULE_ROWS} == set(SCHEDULES)


@pytest.mark.parametrize("kind", [*training_keras.LOSSES.values()])
def test_keras_has_the_losses(kind: str) -> None:
    assert issubclass(getattr(keras.losses, kind), keras.losses.Loss)


def test_keras_and_torch_have_the_rest() -> None:
    assert all(
        issubclass(getattr(keras.metrics, kind), keras.metrics.Metric) for kind in training_keras.METRICS.values()
    )
    assert all(hasattr(keras.optimizers, name) for name in OPTIMIZERS)
    assert all(hasattr(keras.optimizers.schedules, name) for name in SCHEDULES)
    assert all(hasattr(torch.optim, name) for name in training_optimizers.CLASSES.values())


def test_given_arguments_alone_are_written() -> None:
    setting = Setting("Adam", {"learning_rate": 0.01})
    assert literal(training_keras._called("keras.optimizers", setting)) == call(
        "keras.optimizers.Adam", (), {"learning_rate": 0.01}
    )
    assert training_optimizers.optimizer_call(setting) == "torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-7)"
