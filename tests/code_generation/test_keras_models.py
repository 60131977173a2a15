"""Generated Keras files, built: shapes and counts of every layer are those of the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neural.code_generation import keras
from neural.code_generation.emitter import generate
from neural.shape_propagation.plan import Plan, Step
from tests.code_generation.keras_layers import BY_AXES
from tests.code_generation.numeric_rows import shared_rows
from tests.code_generation.plans import NO_LINES, layers_of, plan_of, plan_of_program
from tests.code_generation.random_networks import random_network
from tests.examples.small import small_plan
from tests.layers.oracle import results
from tests.layers.rows import Row

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))

NETWORKS = {
    "inputs and outputs": """
        network Net {
            input: { image: (16, 16, 3), words: (12) }
            layers:
                image: { Conv2D(8, 3, "relu") GlobalAveragePooling2D() }
                words: { Embedding(50, 8) LSTM(8) }
                joined = Concatenate()(image, words)
                label = Dense(5, "softmax")(joined)
                score = Dense(1)(joined)
            output: label, score
        }
    """,
    "an input that is not read": "network Net { input: { a: (4), b: (3) } layers: Dense(2)(a) }",
    "a layer that leads nowhere": "network Net { input: (4) layers: a = Dense(3) Dense(9) Dense(2)(a) }",
    "blocks in blocks": """
        network Net {
            input: (16, 16, 4)
            layers:
                Residual() { Parallel(merge="concatenate") { a: { Conv2D(2, 1) } b: { Conv2D(2, 3, padding="same") } } }
                Residual() { Residual() { Conv2D(4, 3, padding="same") } BatchNormalization() }
                Flatten() Output(3)
        }
    """,
    "unknown sizes": """
        network Net {
            input: (None, None, 8)
            layers: GRU(4, return_sequences=true) TimeDistributed(Dense(3)) GlobalMaxPooling1D()
        }
    """,
    "devices": """
        network Net { input: (4) layers: Dense(3) @ "cuda:1" Residual() { Dense(3) @ "cpu" Dense(3) @ "cpu" } Dense(2) }
    """,
    "names of Python and of ours": """
        network train {
            input: (4)
            layers:
                x = Dense(3) class = Dense(3) keras = Dense(3) inputs = Dense(3)
                Add()(x, class, keras, inputs)
                Dense(2, name="None")
        }
    """,
    "attention over other tensors": """
        network Net {
            input: { query: (5, 8), value: (7, 6), key: (7, 4) }
            layers:
                MultiHeadAttention(2, 4)(query, value, key)
                MultiHeadAttention(2, 4)(query, value)
                MultiHeadAttention(1, 3)
        }
    """,
}


def build(source: str) -> Any:
    """Run a generated file, which must do nothing but define, and build its model."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), scope)
    return scope["build_model"]()


def compare(plan: Plan, model: Any) -> None:
    """Hold a model's layers against the steps of a plan."""
    owners, names = layers_of(plan), keras.names(plan)
    assert [layer.name for layer in model.inputs] == [step.key for step in plan.inputs]
    assert {layer.name for layer in model.layers} == {names[step.key] for step in (*plan.inputs, *owners)}
    assert [tuple(each.shape) for each in model.outputs] == [
        (None, *(step.output_shape or ())) for key in plan.network.outputs for step in plan.all() if step.key == key
    ]
    for step in owners:
        layer = model.get_layer(names[step.key])
        assert _shape(layer, step) == (None, *(step.output_shape or ())), step.key
        assert step.facts is not None
        assert layer.count_params() == step.facts.parameters, step.key
        trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
        assert trainable == step.facts.trainable_parameters, step.key


def _shape(layer: Any, step: Step) -> tuple[int | None, ...]:
    return tuple(layer._inbound_nodes[0].outputs[0].shape)


@pytest.mark.filterwarnings("ignore:.*softmax over axis")
@pytest.mark.parametrize("each", shared_rows(), ids=str)
def test_a_layer_is_built_as_planned(each: Row) -> None:
    plan = plan_of(each.layer, each.shapes)
    model = build(generate(plan, "tensorflow", NO_LINES))
    compare(plan, model)
    if each.type not in BY_AXES and all(None not in shape for shape in each.shapes):
        kinds = ["int32" if step.dtype else "float32" for step in plan.inputs]
        arrays = [np.zeros((2, *shape), kind) for shape, kind in zip(each.shapes, kinds, strict=True)]
        made = results(model(arrays if len(arrays) > 1 else arrays[0]))
        assert [tuple(each.shape[1:]) for each in made] == [step.output_shape for step in plan.steps]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_built_as_planned(name: str) -> None:
    plan = plan_of_program(NETWORKS[name])
    compare(plan, build(generate(plan, "tensorflow", NO_LINES)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_built_as_planned(path: Path) -> None:
    plan = small_plan(path)
    compare(plan, build(generate(plan, "tensorflow", NO_LINES)))


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_compute_what_keras_computes(seed: int) -> None:
    built = random_network(seed)
    model = build(generate(built.plan, "tensorflow", NO_LINES))
    compare(built.plan, model)
    for key, weights in built.weights.items():
        model.get_layer(keras.names(built.plan)[key]).set_weights(weights)
    results = model(list(built.inputs) if len(built.inputs) > 1 else built.inputs[0])
    results = results if isinstance(results, list | tuple) else [results]
    for result, expected in zip(results, built.results, strict=True):
        np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-3, atol=1e-4)


def test_a_file_has_no_effect_until_it_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    source = generate(plan_of_program(NETWORKS["devices"]), "tensorflow", NO_LINES)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(source, scope)
    assert capsys.readouterr().out == ""
    exec(source, {"__name__": "__main__"})
    assert "Total params: 47" in capsys.readouterr().out


def test_a_whole_file() -> None:
    source = """
        network Net {
            input: (8, 8, 3)
            layers:
                Conv2D(4, 3, "relu", padding="same")
                Residual() { Conv2D(4, 3, padding="same") BatchNormalization() }
                a = Flatten()
                Output(2, "softmax")
        }
    """
    assert (
        generate(plan_of_program(source), "tensorflow", NO_LINES)
        == '''"""A network in Keras."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Return the network with fresh weights."""
    inputs = keras.Input(shape=(8, 8, 3), name="input")
    conv2d = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv2d")(
        inputs
    )  # (None, 8, 8, 4)

    x = layers.Conv2D(4, 3, padding="same", name="conv2d_1")(conv2d)  # (None, 8, 8, 4)
    x = layers.BatchNormalization(name="batch_normalization")(x)  # (None, 8, 8, 4)
    x = layers.Add(name="add")([conv2d, x])  # (None, 8, 8, 4)

    x = layers.Flatten(name="a")(x)  # (None, 256)
    outputs = layers.Dense(2, activation="softmax", name="output")(x)  # (None, 2)
    return keras.Model(inputs, outputs, name="Net")


if __name__ == "__main__":
    build_model().summary()
'''
    )


def test_weights_that_are_shared_are_made_once() -> None:
    source = """
        network Twins {
            input: { left: (8), right: (8) }
            layers:
                a = Dense(4, shared="tower")(left)
                b = Dense(4, shared="tower")(right)
                Subtract()(a, b)
        }
    """
    plan = plan_of_program(source)
    code = generate(plan, "tensorflow", NO_LINES)
    assert '    tower_layer = layers.Dense(4, name="a")\n' in code
    assert "    a = tower_layer(left)  # (None, 4)\n" in code
    assert "    x = tower_layer(right)  # (None, 4)\n" in code
    assert build(code).count_params() == 36


def test_a_label_does_not_hide_a_class_of_the_file() -> None:
    source = "network Net { input: (4) layers: LayerScale = Dense(4) a = LayerScale() Add()(LayerScale, a) }"
    plan = plan_of_program(source)
    assert build(generate(plan, "tensorflow", NO_LINES)).count_params() == 20 + 4
