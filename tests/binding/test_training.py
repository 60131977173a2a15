"""Losses, optimizers, schedules, metrics, `train` and `execution`: every name, every argument, as Keras has them."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import pytest

import neural
from neural.layers.fields import MISSING
from neural.network import Setting, Training
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, SCHEDULES, Entry, find_entry
from tests.binding.graphs import network
from tests.binding.programs import section


def training(text: str) -> Training:
    return network(section(text)).training


LOSS_ROWS: list[tuple[str, tuple[Setting, ...]]] = [
    ("mse", (Setting("mean_squared_error"),)),
    ('"mse"', (Setting("mean_squared_error"),)),
    ("MSE", (Setting("mean_squared_error"),)),
    ("MeanSquaredError", (Setting("mean_squared_error"),)),
    ("MeanSquaredError()", (Setting("mean_squared_error"),)),
    ("mae", (Setting("mean_absolute_error"),)),
    ("SparseCategoricalCrossentropy", (Setting("sparse_categorical_crossentropy"),)),
    ("cross_entropy", (Setting("categorical_crossentropy"),)),
    ("bce", (Setting("binary_crossentropy"),)),
    ("kld", (Setting("kl_divergence"),)),
    ("huber(0.5)", (Setting("huber", {"delta": 0.5}),)),
    ("huber(delta=2)", (Setting("huber", {"delta": 2.0}),)),
    (
        "categorical_crossentropy(from_logits=true, label_smoothing=0.1)",
        (Setting("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}),),
    ),
    ("[mse, mae]", (Setting("mean_squared_error"), Setting("mean_absolute_error"))),
    ("(mse, mae)", (Setting("mean_squared_error"), Setting("mean_absolute_error"))),
    ("{ dense: mse }", (Setting("mean_squared_error", {}, "dense"),)),
    (
        '{ dense: "mse", "other": huber(1) }',
        (Setting("mean_squared_error", {}, "dense"), Setting("huber", {"delta": 1.0}, "other")),
    ),
]


@pytest.mark.parametrize(("text", "expected"), LOSS_ROWS)
def test_losses(text: str, expected: tuple[Setting, ...]) -> None:
    assert training(f"loss: {text}").loss == expected


METRIC_ROWS: list[tuple[str, tuple[Setting, ...]]] = [
    ("accuracy", (Setting("accuracy"),)),
    ('["acc", "mae"]', (Setting("accuracy"), Setting("mean_absolute_error"))),
    ("[top_k_categorical_accuracy(k=3)]", (Setting("top_k_categorical_accuracy", {"k": 3}),)),
    ("[AUC, Precision, Recall, rmse]", (
        Setting("auc"), Setting("precision"), Setting("recall"), Setting("root_mean_squared_error"),
    )),
    ("[]", ()),
    ("{ dense: [mae, mse] }", (
        Setting("mean_absolute_error", {}, "dense"), Setting("mean_squared_error", {}, "dense"),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), METRIC_ROWS)
def test_metrics(text: str, expected: tuple[Setting, ...]) -> None:
    assert training(f"metrics: {text}").metrics == expected


EXPONENTIAL = Setting("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 500, "decay_rate": 0.9})

OPTIMIZER_ROWS: list[tuple[str, Setting]] = [
    ("Adam", Setting("Adam")),
    ('"adam"', Setting("Adam")),
    ("adam()", Setting("Adam")),
    ("Adam(1e-4)", Setting("Adam", {"learning_rate": 1e-4})),
    ("Adam(learning_rate=1e-4, beta_1=0.8)", Setting("Adam", {"learning_rate": 1e-4, "beta_1": 0.8})),
    ("Adam(lr=1)", Setting("Adam", {"learning_rate": 1.0})),
    ('"Adam(learning_rate=1e-4)"', Setting("Adam", {"learning_rate": 1e-4})),
    ('"SGD(0.1, 0.9, true)"', Setting("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True})),
    ("adamw(3e-4, 0.01)", Setting("AdamW", {"learning_rate": 3e-4, "weight_decay": 0.01})),
    ("RMSprop(rho=0.8, centered=true)", Setting("RMSprop", {"rho": 0.8, "centered": True})),
    ("Nadam", Setting("Nadam")),
    ("Adagrad(initial_accumulator_value=0)", Setting("Adagrad", {"initial_accumulator_value": 0.0})),
    ("Adadelta(clipnorm=1.5)", Setting("Adadelta", {"clipnorm": 1.5})),
    ("Adamax(clipnorm=none)", Setting("Adamax", {"clipnorm": None})),
    ("SGD(ExponentialDecay(0.1, 500, 0.9))", Setting("SGD", {"learning_rate": EXPONENTIAL})),
    ("SGD(learning_rate=ExponentialDecay(0.1, 500, 0.9))", Setting("SGD", {"learning_rate": EXPONENTIAL})),
    (
        "SGD(momentum=0.9, learning_rate=exponentialdecay(decay_rate=0.9, decay_steps=500, initial_learning_rate=0.1))",
        Setting("SGD", {"learning_rate": EXPONENTIAL, "momentum": 0.9}),
    ),
    ('SGD(learning_rate="ExponentialDecay(0.1, 500, 0.9)")', Setting("SGD", {"learning_rate": EXPONENTIAL})),
    (
        "SGD(ExponentialDecay(0.1, 500, 0.9), 0.9)",
        Setting("SGD", {"learning_rate": EXPONENTIAL, "momentum": 0.9}),
    ),
    (
        "SGD(PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]))",
        Setting("SGD", {"learning_rate": Setting(
            "PiecewiseConstantDecay", {"boundaries": (10, 20), "values": (0.1, 0.01, 0.001)}
        )}),
    ),
    (
        "Adam(CosineDecay(0.1, 1000, warmup_steps=100, warmup_target=0.2))",
        Setting("Adam", {"learning_rate": Setting("CosineDecay", {
            "initial_learning_rate": 0.1, "decay_steps": 1000, "warmup_steps": 100, "warmup_target": 0.2,
        })}),
    ),
    ("Adam(HPO(log_range(1e-4, 1e-2)))", Setting("Adam", {"learning_rate": 1e-4})),
    ("Adam(learning_rate=HPO(choice(0.1, 0.2)))", Setting("Adam", {"learning_rate": 0.1})),
    (
        "SGD(ExponentialDecay(HPO(choice(0.1, 0.2)), 500, 0.9))",
        Setting("SGD", {"learning_rate": EXPONENTIAL}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), OPTIMIZER_ROWS)
def test_optimizers(text: str, expected: Setting) -> None:
    assert training(f"optimizer: {text}").optimizer == expected


@pytest.mark.parametrize("text", ["", "loss: mse", "train {}"])
def test_what_is_not_given_is_absent(text: str) -> None:
    found = training(text)
    assert (found.optimizer, found.metrics) == (None, ())
    assert found.settings == ({} if text == "train {}" else None)
    assert found.execution == {}


SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("train { epochs: 15  batch_size: 64 }", {"epochs": 15, "batch_size": 64}),
    ("train { validation_split: 0.2 }", {"validation_split": 0.2}),
    ("train: { epochs: 1e1, shuffle: false; seed: 7 }", {"epochs": 10, "shuffle": False, "seed": 7}),
    ('train { search_method: "Bayesian" trials: 5 }', {"search_method": "bayesian", "trials": 5}),
    ("train { search_method: random }", {"search_method": "random"}),
    ("train { batch_size: HPO(choice(32, 64)) }", {"batch_size": 32}),
    ("train { epochs: 2 * 3 }", {"epochs": 6}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SETTINGS)
def test_train(text: str, expected: dict[str, Any]) -> None:
    assert training(text).settings == expected


EXECUTIONS: list[tuple[str, dict[str, Any]]] = [
    ('execution { device: "auto" }', {"device": "auto"}),
    ('execute { device: "CUDA:0" }', {"device": "cuda:0"}),
    ("execution { device: cpu }", {"device": "cpu"}),
    ('execution { precision: "mixed" }', {"precision": "mixed_float16"}),
    ("execution { precision: BF16 }", {"precision": "bfloat16"}),
    ("execution { precision: fp16 }", {"precision": "float16"}),
    ("execution { precision: mixed_bfloat16 }", {"precision": "mixed_bfloat16"}),
]


@pytest.mark.parametrize(("text", "expected"), EXECUTIONS)
def test_execution(text: str, expected: dict[str, Any]) -> None:
    assert training(text).execution == expected


KERAS_KINDS = [
    (OPTIMIZERS, keras.optimizers),
    (SCHEDULES, keras.optimizers.schedules),
]


@pytest.mark.parametrize(
    ("entry", "home"), [(entry, home) for entries, home in KERAS_KINDS for entry in entries.values()],
    ids=lambda each: each.name if isinstance(each, Entry) else "",
)  # fmt: skip
def test_names_arguments_and_defaults_are_those_of_keras(entry: Entry, home: Any) -> None:
    known = inspect.signature(getattr(home, entry.name)).parameters
    for name, argument in entry.arguments.items():
        default = known[name].default
        assert argument.required == (default is inspect.Parameter.empty), name
        if not argument.required:
            assert argument.default == default, name
    own = list(entry.arguments)
    assert own == [name for name in known if name in own][: len(own)]


@pytest.mark.parametrize("entry", [*LOSSES.values(), *METRICS.values()], ids=lambda each: each.name)
def test_losses_and_metrics_are_known_to_keras(entry: Entry) -> None:
    get = keras.losses.get if LOSSES.get(entry.name) is entry else keras.metrics.get
    alias = {"precision": "Precision", "recall": "Recall", "auc": "AUC", "huber": "Huber",
             "root_mean_squared_error": "RootMeanSquaredError", "accuracy": "Accuracy"}  # fmt: skip
    found = get(alias.get(entry.name, entry.name))
    assert callable(found)
    for argument in entry.arguments.values():
        assert argument.default is not MISSING


SLOTS = {"SGD": 0, "Adam": 2, "AdamW": 2, "Adamax": 2, "Nadam": 2, "RMSprop": 1, "Adagrad": 1, "Adadelta": 2}


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_state_of_an_optimizer_is_as_large_as_in_keras(name: str) -> None:
    """Copies of the weights; Keras's further scalars (iterations, learning rate) are left out."""
    optimizer = getattr(keras.optimizers, name)()
    weight = keras.Variable([[0.0] * 5] * 7)
    optimizer.build([weight])
    assert sum(each.shape == weight.shape for each in optimizer.variables) == SLOTS[name] == OPTIMIZERS[name].slots


def test_momentum_takes_a_copy_in_keras_too() -> None:
    optimizer = keras.optimizers.SGD(momentum=0.9)
    weight = keras.Variable([[0.0] * 5] * 7)
    optimizer.build([weight])
    assert sum(each.shape == weight.shape for each in optimizer.variables) == 1


@pytest.mark.parametrize(
    "entries", [LOSSES, METRICS, OPTIMIZERS, SCHEDULES], ids=["loss", "metric", "optimizer", "schedule"]
)
def test_no_spelling_stands_for_two(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        for spelling in (entry.name, *entry.aliases, entry.name.upper(), entry.name.replace("_", "")):
            assert find_entry(entries, spelling) is entry


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ('loss: "mean_sqared_error"', "did you mean `mean_squared_error`?"),
        ("optimizer: Adamm", "did you mean `Adam`?"),
        ("metrics: [acuracy]", "did you mean `accuracy`?"),
        ("train { epoch: 3 }", "did you mean `epochs`?"),
        ("execution { devise: cpu }", "did you mean `device`?"),
        ("optimizer: Adam(learning_rte=0.1)", "did you mean `learning_rate`?"),
    ],
)
def test_misspelt_names_suggest_the_nearest(text: str, help: str) -> None:
    (found,) = neural.analyze(section(text)).diagnostics
    assert found.help == help
