"""The training parts of both backends: they run as generated, and the loss falls."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neural.code_generation.emitter import generate
from neural.code_generation.training import recipe_of
from neural.errors import NeuralError
from neural.network import Setting
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.code_generation.test_keras_text import TRAINED, WORDS, network, shape_of
from tests.layers.oracle import keras

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

ROOT = Path(__file__).parents[2]
BACKENDS = ("pytorch", "tensorflow")


def program(layers: str, training: str, input: str = "(6)") -> str:
    return f"network Net {{ input: {input} layers: {layers} {training} }}"


CASES = {
    "classes, probabilities": program(
        'Dense(32, "relu") Output(4, "softmax")',
        'loss: "sparse_categorical_crossentropy" optimizer: Adam(learning_rate=0.01) metrics: ["accuracy"] train { }',
    ),
    "classes, logits": program(
        'Dense(32, "relu") Output(4)',
        'loss: "sparse_categorical_crossentropy" optimizer: Adam(0.01) metrics: ["accuracy"] train { batch_size: 50 }',
    ),
    "one-hot": program(
        'Dense(32, "relu") Output(4, "softmax")',
        """loss: categorical_crossentropy(label_smoothing=0.1) optimizer: AdamW(0.01)
        metrics: ["accuracy", top_k_categorical_accuracy(k=2), "auc"] train { validation_split: 0.25 }""",
    ),
    "yes or no": program(
        'Dense(32, "relu") Output(1, "sigmoid")',
        """loss: "binary_crossentropy" optimizer: RMSprop(0.01) metrics: ["accuracy", "precision", "recall", "auc"]
        train { seed: 7 shuffle: false }""",
    ),
    "yes or no, logits": program(
        'Dense(32, "relu") Output(3)',
        'loss: "binary_crossentropy" optimizer: Nadam(0.01) metrics: ["binary_accuracy", "auc"] train { }',
    ),
    "numbers": program(
        "Dense(32, 'tanh') Output(2)",
        """loss: huber(delta=0.5) optimizer: SGD(0.1, momentum=0.9, nesterov=true, weight_decay=1e-4, clipvalue=1.0)
        metrics: ["mae", "mse", "rmse"] train { }""",
    ),
    "the usual loss and optimizer": program("Dense(32, 'relu') Output(4, 'softmax')", "train { epochs: 4 }"),
    "words": program(
        "Embedding(40, 8) GRU(16) Output(3, 'softmax')",
        'loss: "sparse_categorical_crossentropy" optimizer: Adam(0.02) train { }',
        "(9)",
    ),
    "a class for each pixel": program(
        "Conv2D(8, 3, 'relu', padding='same') Conv2D(5, 1, activation='softmax')",
        """loss: "sparse_categorical_crossentropy" optimizer: Adam(0.02) metrics: ["accuracy"]
        train { validation_split: 0.2 }""",
        "(8, 6, 3)",
    ),
    "maps": program(
        "Conv2D(8, 3, 'relu', padding='same') BatchNormalization() Conv2D(2, 1, 'sigmoid')",
        'loss: "mse" optimizer: Adam(0.05) metrics: ["mae"] train { }',
        "(8, 6, 3)",
    ),
    "accumulated gradients": program("Dense(32, 'relu') Output(2)", 'loss: "mse" optimizer: Adagrad(0.1) train { }'),
    "a class for each step": program(
        "Dense(32, 'relu') Dense(5)",
        'loss: "sparse_categorical_crossentropy" optimizer: Adamax(0.05) metrics: ["accuracy"] train { }',
        "(7, 6)",
    ),
    "a schedule": program(
        "Dense(32, 'relu') Output(2)",
        """loss: "log_cosh" optimizer: SGD(learning_rate=CosineDecay(0.3, 200, alpha=0.1), global_clipnorm=1.0)
        train { }""",
    ),
    "a schedule in pieces": program(
        "Dense(32, 'relu') Output(2)",
        """loss: "mse" optimizer: Adam(PiecewiseConstantDecay([20, 40], [0.01, 0.005, 0.001]), clipnorm=1.0)
        train { }""",
    ),
    "unknown sizes": program(
        "Conv1D(8, 3, 'relu') GlobalMaxPooling1D() Output(1)",
        'loss: "mae" optimizer: Adadelta(learning_rate=2.0, rho=0.9) train { }',
        "(None, None, 4)",
    ),
    "inputs and outputs": """
        network Net {
            input: { image: (8, 8, 3), words: (6) int32 }
            layers:
                image: { Conv2D(8, 3, "relu") GlobalAveragePooling2D() }
                words: { Embedding(50, 8) GlobalAveragePooling1D() }
                joined = Concatenate()(image, words)
                label = Dense(5, "softmax")(joined)
                score = Dense(1)(joined)
            output: label, score
            loss: { label: "sparse_categorical_crossentropy", score: "mse" }
            metrics: { label: ["accuracy"], score: ["mae", "rmse"] }
            optimizer: Adam(0.02)
            train { validation_split: 0.1 }
        }
    """,
    "one loss for two outputs": """
        network Net {
            input: { a: (4), b: (5) }
            layers:
                a: { Dense(8, "relu") } b: { Dense(8, "relu") }
                c = Add()(a, b)
                left = Dense(3)(c)
                right = Dense(2)(c)
            output: left, right
            loss: "mse"
            optimizer: Adam(0.02)
            metrics: ["mae"]
            train { }
        }
    """,
    "two inputs, one output": """
        network Net {
            input: { a: (4), b: (5) }
            layers: a: { Dense(8, "relu") } b: { Dense(8, "relu") } Concatenate()(a, b) Output(2)
            loss: "mse"
            optimizer: Adam(0.02)
            train { validation_split: 0.1 }
        }
    """,
    **{
        f"in {precision}": program(
            'Dense(32, "relu") Output(4)',
            f"""loss: "sparse_categorical_crossentropy" optimizer: SGD(0.1, momentum=0.9) metrics: ["accuracy"]
            train {{ }} execution {{ precision: "{precision}" device: "cpu" }}""",
        )
        for precision in ("float64", "bfloat16", "mixed_float16", "mixed_bfloat16")
    },
}


def run(source: str, backend: str, epochs: int, data: str | None = None) -> list[float]:
    """Train by a generated file and return the loss after each epoch."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), scope)
    if backend == "tensorflow":
        history = scope["train"](data, epochs).history.history
        return list(history.get("val_loss", history["loss"]))
    lines: list[str] = []
    scope["print"] = lambda *words: lines.append(" ".join(words))
    scope["train"](data, epochs, device="cpu")
    return [float(re.search(r"loss ([-\d.]+)", line)[1]) for line in lines]  # type: ignore[index]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Keep PyTorch to one thread, so that it does not wait for those of TensorFlow, and Keras to its precision."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_the_loss_falls(name: str, backend: str) -> None:
    source = generate(plan_of_program(CASES[name]), backend, NO_LINES)
    losses = run(source, backend, 6)
    assert len(losses) == 6
    assert losses[-1] < 0.9 * losses[0], losses


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_file_of_data_serves_both(backend: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    y = random.integers(4, size=120)
    x = (np.eye(6)[y][:, None, None] + random.normal(scale=0.1, size=(120, 5, 4, 6))).astype("float32")
    np.savez(tmp_path / "data.npz", x=x, y=y)
    layers = "Conv2D(8, 1, 'relu') GlobalAveragePooling2D() Output(4, 'softmax')"
    text = program(layers, "optimizer: Adam(0.05) train { validation_split: 0.2 }", "(5, 4, 6)")
    losses = run(generate(plan_of_program(text), backend, NO_LINES), backend, 8, str(tmp_path / "data.npz"))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_data_of_several_inputs_is_read_by_name(backend: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    words = random.integers(50, size=(60, 6))
    arrays = {"image": random.normal(size=(60, 8, 8, 3)), "words": words, "label": words[:, 0] % 5}
    np.savez(tmp_path / "data.npz", score=words[:, :1] / 50.0, **arrays)
    source = generate(plan_of_program(CASES["inputs and outputs"]), backend, NO_LINES)
    assert len(run(source, backend, 2, str(tmp_path / "data.npz"))) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_runs_as_downloaded(backend: str, tmp_path: Path) -> None:
    text = program('Dense(32, "relu") Dense(32, "relu") Output(1)', 'loss: "mse" train { }', "(5, 6)")
    source = generate(plan_of_program(text), backend, NO_LINES)
    (tmp_path / "net.py").write_text(source)
    command = [sys.executable, "-W", "error" if backend == "pytorch" else "default", "net.py", "--epochs", "2"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Epoch 2/2" in done.stdout or "epoch 2/2: loss" in done.stdout
    assert "1,313" in done.stdout


REFUSALS = [
    (
        program('Output(4, "softmax")', 'loss: "sparse_categorical_crossentropy" metrics: ["precision"] train { }'),
        "precision compares tensors, and the targets of sparse_categorical_crossentropy are classes",
    ),
    (
        program('Output(4, "softmax")', 'loss: "mse" metrics: ["sparse_categorical_accuracy"] train { }'),
        "sparse_categorical_accuracy compares classes, and the targets of mean_squared_error are tensors",
    ),
    (
        program("Output(4)", "loss: 'mse' optimizer: Adam(clipnorm=1.0, clipvalue=2.0) train { }"),
        "Adam clips gradients in one way, got clipnorm and clipvalue",
    ),
    (program("Output(4)", "loss: { nothing: 'mse' } train { }"), "no output is called nothing"),
    (program("Output(4)", "loss: ['mse', 'mae'] train { }"), "2 losses do not go with 1 outputs"),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("text", "message"), REFUSALS)
def test_what_does_not_fit_together_is_refused(text: str, message: str, backend: str) -> None:
    with pytest.raises(NeuralError) as refusal:
        generate(plan_of_program(text), backend, NO_LINES)
    (diagnostic,) = refusal.value.diagnostics
    assert diagnostic.code == "N601"
    assert diagnostic.message == message
    assert diagnostic.help


def test_a_device_that_pytorch_does_not_train_on_is_refused() -> None:
    text = program("Output(4)", 'loss: "mse" train { } execution { device: "tpu" }')
    with pytest.raises(NeuralError, match="PyTorch itself does not train on tpu"):
        generate(plan_of_program(text), "pytorch", NO_LINES)
    assert 'with keras.device(arguments.pop("device", "tpu:0")):' in generate(
        plan_of_program(text), "tensorflow", NO_LINES
    )


def test_a_precision_that_keras_cannot_train_in_is_refused() -> None:
    text = program("Output(4)", 'loss: "mse" optimizer: "adam" train { } execution { precision: "bfloat16" }')
    with pytest.raises(NeuralError, match="keeps its averages in bfloat16, where they round to nothing"):
        generate(plan_of_program(text), "tensorflow", NO_LINES)


def test_devices_are_named_as_each_framework_does() -> None:
    text = program("Output(4)", 'loss: "mse" train { } execution { device: "cuda:1" }')
    assert '    device: str = "cuda:1",' in generate(plan_of_program(text), "pytorch", NO_LINES)
    assert 'with keras.device(arguments.pop("device", "gpu:1")):' in generate(
        plan_of_program(text), "tensorflow", NO_LINES
    )


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ("Output(4, 'softmax')", "sparse_categorical_crossentropy"),
        ("Output(4) LogSoftmax = Activation('log_softmax')", "sparse_categorical_crossentropy"),
        ("Output(4) Softmax()", "sparse_categorical_crossentropy"),
        ("Output(1) Sigmoid()", "binary_crossentropy"),
        ("Output(1)", "mean_squared_error"),
        ("RepeatVector(3) TimeDistributed(Dense(4, 'softmax'))", "sparse_categorical_crossentropy"),
    ],
)
def test_the_usual_loss_is_that_of_the_last_activation(layers: str, loss: str) -> None:
    (head,) = recipe_of(plan_of_program(program(layers, "train { }"))).heads
    assert head.loss == Setting(loss)


def test_without_a_train_section_nothing_is_trained() -> None:
    text = program("Output(4)", 'loss: "mse" optimizer: "adam"')
    for backend in BACKENDS:
        assert "train" not in generate(plan_of_program(text), backend, NO_LINES).replace("eval", "")


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_hostile_words_change_no_syntax(word: str) -> None:
    """The class of the network has a test of its own; this one reads the functions."""
    names = [f"name{index}" for index in range(9)]
    twin = _functions(generate(network(names, TRAINED), "pytorch", NO_LINES))
    for place in range(9):
        changed = [word if index == place else name for index, name in enumerate(names)]
        assert _functions(generate(network(changed, TRAINED), "pytorch", NO_LINES)) == twin


def _functions(source: str) -> list[str]:
    assert source.isascii()
    return [shape_of(ast.unparse(each)) for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)]


def test_files_are_formatted_and_clean(tmp_path: Path) -> None:
    for number, text in enumerate([*CASES.values(), *(each.read_text() for each in ROOT.glob("examples/*.neural"))]):
        for backend in BACKENDS:
            source = generate(plan_of_program(text), backend, NO_LINES)
            (tmp_path / f"{backend}_{number}.py").write_text(source)
    for command in (["check", "--no-cache"], ["format", "--check", "--diff", "--no-cache"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout[-4000:]
