"""What a generated file that trains can be told: the options, checkpoints from which it goes on exactly, the bar."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neural.code_generation.emitter import generate
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.code_generation.test_training import CASES, program
from tests.layers.oracle import keras

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

BACKENDS = ("pytorch", "tensorflow")
CLASSES = 'loss: "sparse_categorical_crossentropy" metrics: ["accuracy"]'
RESUMED = {
    "chance and averages": program(
        'Dense(32, "relu") Dropout(0.5) BatchNormalization() GaussianNoise(0.1) Output(4, "softmax")',
        f"{CLASSES} optimizer: Adam(0.01) train {{ }}",
    ),
    "the power iteration": program(
        "SpectralNormalization(Dense(8)) AlphaDropout(0.2) Output(2)", "optimizer: AdamW(0.01) train { }"
    ),
    "cells": program("LSTM(8, dropout=0.2) Output(2)", "optimizer: Nadam(0.01) train { }", "(5, 6)"),
    "a schedule": program(
        "Dense(16, 'relu') Output(2)",
        "optimizer: SGD(learning_rate=CosineDecay(0.1, 50), momentum=0.9) train { validation_split: 0.25 }",
    ),
    "not shuffled": program("Output(2)", "optimizer: Adagrad(0.1) train { shuffle: false seed: 9 }"),
    "several": CASES["inputs and outputs"],
    **{name: CASES[name] for name in CASES if name.startswith("in ")},
}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    keras.config.set_dtype_policy("float32")


def scope_of(text: str, backend: str) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "generated", "print": lambda *words: None}
    exec(compile(generate(plan_of_program(text), backend, NO_LINES), "generated.py", "exec"), scope)
    return scope


def weights(model: Any) -> list[np.ndarray]:
    if isinstance(model, torch.nn.Module):
        return [tensor.double().numpy() for tensor in model.state_dict().values()]
    return [np.asarray(variable).astype("float64") for variable in (*model.variables, *model.optimizer.variables)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RESUMED)
def test_two_epochs_and_two_are_four(name: str, backend: str, tmp_path: Path) -> None:
    path = str(tmp_path / "checkpoint")
    at_once = scope_of(RESUMED[name], backend)["train"](epochs=4)
    scope_of(RESUMED[name], backend)["train"](epochs=2, checkpoint=path)
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint"]
    resumed = scope_of(RESUMED[name], backend)["train"](epochs=4, checkpoint=path, resume=True)
    for first, second in zip(weights(at_once), weights(resumed), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_seed_decides_and_a_batch_size_counts(backend: str) -> None:
    train = scope_of(program("Dense(8) Output(2)", "train { }"), backend)["train"]
    first, same, seed, size = (
        weights(train(epochs=1, **options))[0] for options in ({}, {}, {"seed": 1}, {"batch_size": 7})
    )
    np.testing.assert_array_equal(first, same)
    assert (first != seed).all()
    assert (first != size).any()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_checkpoint_that_is_not_there_is_not_passed_over(backend: str, tmp_path: Path) -> None:
    train = scope_of(program("Output(2)", "train { }"), backend)["train"]
    with pytest.raises(FileNotFoundError):
        train(epochs=1, checkpoint=str(tmp_path / "none"), resume=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_options_of_the_command_line(backend: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(generate(plan_of_program(RESUMED["chance and averages"]), backend, NO_LINES))

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "net.py", *options],
            cwd=tmp_path,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            timeout=240,
        )

    options = ("--batch-size", "64", "--seed", "3", "--device", "cpu", "--checkpoint", "state")
    done = run("--epochs", "1", *options)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "[=" not in done.stderr
    assert (tmp_path / "state").stat().st_size > 1000
    done = run("--epochs", "2", *options, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "epoch 2/2" in done.stdout.lower()
    assert "epoch 1/2" not in done.stdout.lower()
    done = run("--resume")
    assert done.returncode == 2
    assert "--resume needs --checkpoint" in done.stderr


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "drawn"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_bar_is_drawn_on_a_terminal(stream: io.StringIO, drawn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = scope_of(program("Output(2)", "train { }"), "pytorch")
    del scope["print"]
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(scope["progress"](["a", "b", "c"], "epoch 1/2")) == ["a", "b", "c"]
    bars = [f"\repoch 1/2 [{'=' * length:40}]" for length in (13, 26, 40)]
    assert stream.getvalue() == ("".join(bars) + "\n" if drawn else "")
