"""ONNX files: what is exported computes what PyTorch does, for every batch; what cannot be exported is a diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from neural.compiler import Compiler
from neural.diagnostics import LineIndex
from neural.errors import NeuralError
from neural.lazy import get_module
from neural.verification import onnx_export
from neural.verification.onnx_export import Exported, export
from tests.code_generation.plans import plan_of_program
from tests.examples.small import SMALL

torch = get_module("torch")
EXAMPLES = Path(__file__).parents[2] / "examples"

#: By name: the sections of a program, the axes of its inputs and those of its outputs.
PROGRAMS: dict[str, tuple[str, list[Any], list[Any]]] = {
    "dense": (
        'input: (6) layers: Dense(4, "relu") BatchNormalization() Output(2)',
        [["batch", 6]],
        [["batch", 2]],
    ),
    "convolution": (
        'input: (8, 8, 3) layers: Conv2D(4, 3) MaxPooling2D(2) Conv2DTranspose(2, 3, padding="same")',
        [["batch", 3, 8, 8]],
        [["batch", 2, 3, 3]],
    ),
    "volumes": (
        "input: (5, 6, 7, 2) layers: Conv3D(3, 2) AveragePooling3D(2) Flatten() Dense(2)",
        [["batch", 2, 5, 6, 7]],
        [["batch", 2]],
    ),
    "recurrent": (
        """input: (5, 6)
        layers:
            Bidirectional(LSTM(4, return_sequences=true))
            SimpleRNN(3, return_sequences=true)
            GRU(2)""",
        [["batch", 5, 6]],
        [["batch", 2]],
    ),
    "cells": (
        "input: (4, 6) layers: GRU(4, reset_after=false, return_sequences=true) RNN([LSTMCell(3), GRUCell(3)])",
        [["batch", 4, 6]],
        [["batch", 3]],
    ),
    "attention": (
        "input: (5, 8) layers: TransformerEncoder(2, 16) GroupQueryAttention(4, 4, 2, use_causal_mask=true)",
        [["batch", 5, 8]],
        [["batch", 5, 8]],
    ),
    "words": (
        "input: (7) layers: Embedding(20, 8) GlobalAveragePooling1D() Dense(2)",
        [["batch", 7]],
        [["batch", 2]],
    ),
    "several inputs and outputs": (
        """input: { conv2d: (8, 8, 3), words: (6) int32 }
        layers:
            linear = Conv2D(4, 3)(conv2d)
            view = GlobalAveragePooling2D()
            Embedding(9, 4)(words)
            relu = GlobalMaxPooling1D()
            permute = Concatenate()(view, relu)
        output: permute, linear""",
        [["batch", 3, 8, 8], ["batch", 6]],
        [["batch", 8], ["batch", 4, 6, 6]],
    ),
    "sizes that are open": (
        'input: (None, None, None, 3) layers: Conv2D(4, 3, padding="same") GlobalAveragePooling2D() Dense(2)',
        [["batch", 3, "input_2", "input_3"]],
        [["batch", 2]],
    ),
    "an input handed on": (
        "input: { a: (4), b: (4) } layers: c = Dense(4)(a) output: b, c",
        [["batch", 4], ["batch", 4]],
        [["batch", 4], ["batch", 4]],
    ),
    "names of what an export is made of": (
        "input: (4) layers: code = Dense(4) graph = Dense(4) meta = Dense(2)",
        [["batch", 4]],
        [["batch", 2]],
    ),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def exported(source: str, **values: int) -> Exported:
    return export(plan_of_program(source, **values), LineIndex(source))


def axes(values: Any) -> list[Any]:
    return [[size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim] for value in values]


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_onnx_file_computes_what_pytorch_does(name: str) -> None:
    text, inputs, outputs = PROGRAMS[name]
    source = f"network Net {{ {text} }}"
    found = exported(source)
    assert found.difference < 1e-5
    graph = onnx.load_from_string(found.content).graph
    plan = plan_of_program(source)
    assert [value.name for value in graph.input] == [step.key for step in plan.inputs]
    assert [value.name.removesuffix(".output") for value in graph.output] == list(plan.network.outputs)
    assert axes(graph.input) == inputs
    assert axes(graph.output) == outputs


def test_any_batch_runs() -> None:
    session = onnxruntime.InferenceSession(exported("network Net { input: (4) layers: Dense(3) }").content)
    for batch in (1, 2, 7):
        (result,) = session.run(None, {"input": np.zeros((batch, 4), "float32")})
        assert result.shape == (batch, 3)


@pytest.mark.parametrize("name", ["autoencoder", "bert", "gcn", "lenet", "mnist", "t5", "unet", "vit"])
def test_examples(name: str) -> None:
    source = (EXAMPLES / f"{name}.neural").read_text(encoding="utf-8")
    assert exported(source, **SMALL.get(name, {})).difference < 1e-5


def test_the_same_program_gives_the_same_file() -> None:
    source = "network Net { input: (4) layers: Dense(3) train { seed: SEED } }"
    first, same, other = (exported(source.replace("SEED", seed)).content for seed in "334")
    assert first == same
    assert first != other


def test_a_file_says_nothing_of_where_it_was_made() -> None:
    content = exported("network Net { input: (5, 6) layers: LSTM(4) Dense(2) }").content
    for text in (b"generated.py", b"site-packages", str(Path.cwd()).encode(), b"stack_trace"):
        assert text not in content


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = onnx_export.difference

    def disturbed(model: Any, content: bytes, arrays: Any) -> float:
        with torch.no_grad():
            next(model.parameters()).add_(0.001)
        return kept(model, content, arrays)

    monkeypatch.setattr(onnx_export, "difference", disturbed)
    with pytest.raises(NeuralError, match="the ONNX file computes something else than PyTorch"):
        exported("network Net { input: (4) layers: Dense(3) }")


REFUSED = [
    # layers, at which of them, the message
    (
        "ReLU() AdaptiveMaxPooling2D(2) Flatten()",
        1,
        "take adaptive_max_pooling2d: ONNX has nothing for aten.adaptive_max",
    ),
    ('ReLU() Lambda("lambda x: x") ReLU()', 1, "lambda is code of the program's own, which is never run here"),
    ("FancyLayer(depth=3) ReLU()", 0, "fancy_layer is code of the program's own, which is never run here"),
    ("Dense(100000) Dense(100000)", 1, "less than 2 GiB, and the weights of this network are 40,002,000,000 bytes"),
]


@pytest.mark.parametrize(("layers", "number", "message"), REFUSED)
def test_what_cannot_be_exported_is_a_diagnostic(layers: str, number: int, message: str) -> None:
    source = f"network Net {{ input: (7, 7, 3) layers: {layers} }}"
    with pytest.raises(NeuralError) as refusal:
        exported(source)
    (diagnostic,) = refusal.value.diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("N601", "error")
    assert message in diagnostic.message
    assert diagnostic.help
    starts = [match.start() for match in re.finditer(r"[A-Z]\w+\(", layers)]
    assert diagnostic.column == source.index(layers) + starts[number] + 1


def test_a_program_with_errors_is_not_exported() -> None:
    with pytest.raises(NeuralError, match="N201"):
        Compiler().onnx("network Net { input: (4) layers: Dens(3) }")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        if name == "onnx":
            raise ModuleNotFoundError("onnx needs the package onnx, which is not installed")
        return get_module(name)

    monkeypatch.setattr(onnx_export, "get_module", missing)
    with pytest.raises(ModuleNotFoundError, match="which is not installed"):
        exported("network Net { input: (4) layers: Dense(3) }")
