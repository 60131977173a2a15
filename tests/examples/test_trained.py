"""The examples that say how they are trained: the loss falls on the synthetic data, in both frameworks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neural.code_generation.emitter import generate
from neural.code_generation.training import has_training
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.examples.small import SMALL
from tests.layers.oracle import keras

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))
#: Shorter sequences, and fewer blocks, for examples without a knob for it.
SHORTER = {
    "sentiment": [("(200)", "(20)")],
    "timeseries": [("(96, 8)", "(24, 8)")],
    "transformer": [("(128)", "(16)"), ("* 4", "* 2")],
}
SAMPLES, EPOCHS, BATCH = 64, 6, 16


def small_source(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    for long, short in SHORTER.get(path.stem, []):
        assert long in source
        source = source.replace(long, short)
    return source


PROGRAMS = {
    path.stem: small_source(path)
    for path in EXAMPLES
    if has_training(plan_of_program(path.read_text(encoding="utf-8")))
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    keras.utils.clear_session()


def test_the_examples_that_train() -> None:
    expected = {"alexnet", "autoencoder", "lenet", "mnist", "residual", "sentiment", "timeseries", "transformer"}
    assert PROGRAMS.keys() == expected


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_loss_falls(name: str, backend: str) -> None:
    source = generate(plan_of_program(PROGRAMS[name], **SMALL.get(name, {})), backend, NO_LINES)
    before, after = train(source, backend)
    assert after < 0.999 * before


def train(source: str, backend: str) -> list[float]:
    """Train by a generated file on some of its data; return the loss before, or of the first epoch in Keras, and after.

    It is that of training: so few steps hardly move the averages by which BatchNormalization normalizes otherwise.
    """
    scope: dict[str, Any] = {"__name__": "generated", "print": lambda *words: None}
    exec(compile(source, "generated.py", "exec"), scope)
    x, y = (array[:SAMPLES] for array in scope["make_data"]())
    scope["make_data"] = lambda: (x, y)
    if backend == "tensorflow":
        history = scope["train"](epochs=EPOCHS, batch_size=BATCH).history.history
        return [history["loss"][0], history["loss"][-1]]
    tensors = scope["make_dataset"](x, y).tensors
    models = [scope["train"](epochs=epochs, batch_size=BATCH, device="cpu").train() for epochs in (0, EPOCHS)]
    with torch.no_grad():
        return [float(scope["loss_function"](model(tensors[0]), tensors[1])) for model in models]
