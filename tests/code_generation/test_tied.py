"""Layers tied to an Embedding: one matrix in both backends, counted once, and the same function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neural
from neural.code_generation.emitter import generate
from neural.code_generation.keras import names
from neural.code_generation.pytorch_weights import state_dict
from tests.code_generation.keras_layers import double, random_weight
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.code_generation.torch_modules import difference, parameters, run, torch
from tests.layers.oracle import keras

GPT2 = Path(__file__).parents[2] / "examples" / "gpt2.neural"


def program(statements: str, input: str = "(6,)") -> str:
    return f"network Net {{ input: {input} layers: {statements} }}"


def build(source: str, backend: str) -> Any:
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(generate(plan_of_program(source), backend, NO_LINES), "generated.py", "exec"), scope)
    return scope["build_model"]()


def body(source: str, backend: str, mark: str) -> list[str]:
    """Return the lines of a file that hold a mark, without their indentation and comments."""
    code = neural.generate(source, backend=backend)
    return [line.split("  #")[0].strip() for line in code.splitlines() if mark in line and "def " not in line]


LINES: list[tuple[str, list[str], list[str]]] = [
    (
        'words = Embedding(50, 8) Output(tied="words")',
        ["self.words = nn.Embedding(50, 8)", "x = self.words(x)", "return F.linear(x, self.words.weight)"],
        [
            'words_layer = layers.ReversibleEmbedding(50, 8, name="words")',
            "x = words_layer(inputs)",
            "outputs = words_layer(x, reverse=True)",
        ],
    ),
    (
        'words = Embedding(50, 8) Output("softmax", tied="words", use_bias=true)',
        [
            "self.words = nn.Embedding(50, 8)",
            "x = self.words(x)",
            "x = F.softmax(F.linear(x, self.words.weight, self.output_bias), dim=-1)",
        ],
        [
            'words_layer = layers.ReversibleEmbedding(50, 8, name="words")',
            "x = words_layer(inputs)",
            "outputs = words_layer(x, reverse=True)",
        ],
    ),
]


@pytest.mark.parametrize(("statements", "pytorch", "tensorflow"), LINES)
def test_lines(statements: str, pytorch: list[str], tensorflow: list[str]) -> None:
    assert body(program(statements), "pytorch", "words") == pytorch
    assert body(program(statements), "tensorflow", "words") == tensorflow


def test_a_bias_and_an_activation_follow_in_keras() -> None:
    source = program('words = Embedding(50, 8) head = Output("softmax", tied="words", use_bias=true)')
    assert body(source, "tensorflow", "outputs = ")[1:] == [
        'outputs = Bias(name="head")(outputs)',
        'outputs = layers.Activation("softmax", name="head_1")(outputs)',
    ]


#: Programs, and the parameters of both models.
PROGRAMS: list[tuple[str, str, int]] = [
    ('words = Embedding(50, 8) Output(tied="words")', "(6,)", 400),
    ('words = Embedding(50, 8) Output(50, tied="words", use_bias=true)', "(6,)", 450),
    ('words = Embedding(50, 8) Dense("relu", tied="words") Dense(3)', "(6,)", 400 + 153),
    ('words = Embedding(50, 8) Dense(50, "softmax", tied="words", bias=true)', "(6,)", 450),
    ('words = Embedding(7, 5) GlobalAveragePooling1D() Output("softmax", tied="words")', "(6,)", 35),
    ('words = Embedding(50, 8) Reshape((2, 3, 8)) Output("tanh", tied="words", use_bias=true)', "(6,)", 450),
    ('Embedding(50, 8, name="table") LayerNormalization() Output(tied="table")', "(None,)", 416),
    (
        (
            'one = Embedding(20, 4)(ids) two = Embedding(20, 4)(other) a = Dense(tied="one")(two) '
            'b = Dense(tied="two")(one) Add()(a, b)'
        ),
        "{ ids: (6,), other: (6,) }",
        160,
    ),
    (
        (
            'a = Embedding(20, 4, shared="w")(left) b = Embedding(20, 4, shared="w")(right) '
            'c = Output(tied="a")(b) d = Output(tied="b")(a) Concatenate()(c, d)'
        ),
        "{ left: (6,), right: (6,) }",
        80,
    ),
    (
        (
            'words = Embedding(20, 4) a = Dense(tied="words", use_bias=true, shared="h")(words) '
            'b = Dense(tied="words", use_bias=true, shared="h")(words) Add()(a, b)'
        ),
        "(6,)",
        100,
    ),
]


@pytest.mark.parametrize(("statements", "input", "count"), PROGRAMS)
def test_both_compute_the_same_with_one_matrix(statements: str, input: str, count: int) -> None:
    source = program(statements, input)
    plan = plan_of_program(source)
    random = np.random.default_rng(1)
    with double():
        twin = build(source, "tensorflow")
        layers = {key: twin.get_layer(name) for key, name in names(plan).items()}
        weights = {key: [random_weight(each, random) for each in layer.weights] for key, layer in layers.items()}
        for key, layer in layers.items():
            layer.set_weights(weights[key])
        arrays = [random.integers(0, 7, (2, 6)).astype("int32") for _ in plan.inputs]
        expected = np.asarray(twin(arrays if len(arrays) > 1 else arrays[0], training=False))
    model = build(source, "pytorch").double().eval()
    state = {name: torch.from_numpy(np.array(array)) for name, array in state_dict(plan, weights).items()}
    model.load_state_dict(state)
    (result,) = run(model, arrays)
    assert difference(result, expected) < 1e-12
    assert twin.count_params() == parameters(model) == count
    assert neural.analyze(source).totals.parameters == count


def test_a_step_of_training_moves_the_one_matrix_by_both_gradients() -> None:
    model = build(program('words = Embedding(9, 4) Output(tied="words")'), "pytorch")
    assert [name for name, _ in model.named_parameters()] == ["words.weight"]
    model(torch.zeros(1, 6, dtype=torch.int32)).sum().backward()
    assert (model.words.weight.grad[1:].abs().sum() > 0).item()


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_a_saved_keras_model_is_still_tied(tmp_path: Path) -> None:
    source = program('words = Embedding(50, 8) Output("tanh", tied="words", use_bias=true)')
    model = build(source, "tensorflow")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    ids = np.arange(12).reshape(2, 6)
    assert again.count_params() == 450
    np.testing.assert_array_equal(np.asarray(again(ids)), np.asarray(model(ids)))


def test_a_table_that_nothing_else_reads() -> None:
    """Only the head uses the Embedding's matrix: no line computes its rows."""
    source = program(
        'words = Embedding(50, 8)(ids) head = Output(tied="words")(x)  output: head', "{ ids: (6,), x: (8,) }"
    )
    assert "self.words(" not in neural.generate(source, backend="pytorch")
    assert "words_layer(ids)" not in neural.generate(source, backend="tensorflow")
    assert build(source, "tensorflow").count_params() == parameters(build(source, "pytorch")) == 400


def test_a_macro_that_holds_the_head_stands_in_the_network() -> None:
    """The class of a macro could not reach the matrix of an Embedding outside it."""
    source = """
        define Head() { Dense(8) Output(tied="words") }
        network Net { input: (6,) layers: Embedding(50, 8, name="words") LayerNormalization() Head() }
    """
    assert parameters(build(source, "pytorch")) == build(source, "tensorflow").count_params() == 400 + 16 + 72


def test_gpt2_has_its_published_size() -> None:
    source = GPT2.read_text()
    assert neural.analyze(source).totals.parameters == 124_439_808
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(neural.generate(source, backend="pytorch"), "generated.py", "exec"), scope)
    with torch.device("meta"):
        model = scope["build_model"]()
    assert parameters(model) == 124_439_808
    assert "reverse=True" in neural.generate(source, backend="tensorflow")
