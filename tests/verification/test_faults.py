"""Verification finds what is wrong: faults of each kind are planted in one framework's code, and the layer is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy
import pytest

from neural.compiler import default_compiler
from neural.verification import workers
from neural.verification.comparing import Comparison, Problem
from neural.verification.job import Job, make_job

MAPS = """input: (8, 8, 3)
    layers: Conv2D(4, 3, padding='same') BatchNormalization() ReLU() Conv2D(6, 2, strides=2) Flatten() Dense(5)"""
EVEN = "input: (9, 9, 3)  layers: Conv2D(4, 4, strides=2, padding='same') AveragePooling2D(2, padding='same') Dense(5)"
SEQUENCE = "input: (7, 5)  layers: Conv1D(8, 3) lstm = LSTM(6, return_sequences=true) gru = GRU(4) Dense(3, 'softmax')"
BLOCKS = "input: (8)  layers: Block(8) * 3 Dense(2)"


def job_of(body: str) -> Job:
    source = f"define Block(n) {{ Dense(n, 'tanh') LayerNormalization() }} network Net {{ {body} }}"
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None, analysis.diagnostics
    return make_job(analysis.plan, analysis.lines)


def problem_of(job: Job) -> Problem | None:
    answers = workers.run(job.messages, job.arrays)
    assert not any("error" in each for each in answers.values()), answers
    return Comparison(job, answers["pytorch"], answers["tensorflow"]).problem()


def planted(job: Job, backend: str, old: str, new: str) -> Job:
    """Return the job with a fault in the code of a backend, wherever that says ``old``."""
    message = dict(job.messages[backend])
    for name in ("source", "training"):
        assert old in message[name], message[name]
        message[name] = message[name].replace(old, new)
    return replace(job, messages={**job.messages, backend: message})


@pytest.mark.parametrize("body", [MAPS, EVEN, SEQUENCE, BLOCKS])
def test_nothing_is_found_where_nothing_is_wrong(body: str) -> None:
    assert problem_of(job_of(body)) is None


FAULTS = [
    # kind, program, backend, what the code says, what it should not say, the layer that is named, and what is said
    ("padding", MAPS, "pytorch", 'padding="same"', "padding=0", "conv2d",
     "PyTorch makes (None, 6, 6, 4), and (None, 8, 8, 4) is expected"),
    ("padding on the other side", EVEN, "pytorch", "(1, 2, 1, 2)", "(2, 1, 2, 1)", "conv2d", "results"),
    ("padding that is counted", EVEN, "pytorch", "2, ceil_mode=True", "2, padding=1", "average_pooling2d", "results"),
    ("epsilon", MAPS, "pytorch", "eps=0.001", "eps=1e-5", "re_lu", "results"),
    ("momentum", MAPS, "pytorch", "momentum=0.01", "momentum=0.1", "batch_normalization", "moving averages"),
    ("axis order", MAPS, "pytorch", ".permute(0, 2, 3, 1).flatten(1)", ".flatten(1)", "flatten", "results"),
    ("activation", MAPS, "pytorch", "F.relu", "F.elu", "re_lu", "results"),
    ("missing bias", MAPS, "pytorch", "nn.Linear(96, 5)", "nn.Linear(96, 5, bias=False)", "dense",
     "PyTorch has 480 parameters here, and 485 are expected"),
    ("stride", MAPS, "pytorch", "2, stride=2", "2, stride=3", "conv2d_1", "PyTorch makes"),
    ("axis of softmax", SEQUENCE, "pytorch", "dim=-1", "dim=0", "dense", "results"),
    ("activation", SEQUENCE, "tensorflow", 'activation="softmax"', 'activation="sigmoid"', "dense", "results"),
    ("epsilon", MAPS, "tensorflow", "layers.BatchNormalization(", "layers.BatchNormalization(epsilon=0.1, ",
     "re_lu", "results"),
    ("units", BLOCKS, "tensorflow", "layers.Dense(2", "layers.Dense(3", "dense_3", "Keras has 27 parameters here"),
    ("within a block", BLOCKS, "pytorch", "torch.tanh", "torch.sin", "dense", "results"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "backend", "old", "new", "key", "says"), FAULTS)
def test_a_fault_is_found(kind: str, body: str, backend: str, old: str, new: str, key: str, says: str) -> None:
    found = problem_of(planted(job_of(body), backend, old, new))
    assert found is not None
    assert found.key == key
    assert says in found.text


def _exchanged(name: str, size: int) -> Callable[[Any], None]:
    """Return what exchanges the second and third gate of a weight, each of so many rows."""

    def exchange(arrays: Any) -> None:
        first, second, third, *rest = numpy.split(arrays[name], len(arrays[name]) // size)
        arrays[name] = numpy.concatenate([first, third, second, *rest])

    return exchange


ORDERS = [("state/lstm.weight_ih_l0", 6, "lstm"), ("state/gru.weight_hh_l0", 4, "gru")]


@pytest.mark.parametrize(("name", "size", "key"), ORDERS)
def test_gates_in_another_order_are_found(name: str, size: int, key: str) -> None:
    job = job_of(SEQUENCE)
    _exchanged(name, size)(job.arrays["pytorch"])
    found = problem_of(job)
    assert found is not None
    assert found.key == key
