"""Calls of macros become functions: one for those that differ in sizes alone, and a loop for equal ones in a row."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from neural.code_generation import keras
from neural.code_generation.emitter import generate, generated
from neural.shape_propagation.plan import Plan
from neural.verification.probing import Probe, Recorder, instrumented
from tests.code_generation.plans import NO_LINES, layers_of, plan_of_program
from tests.code_generation.test_keras_models import build

CONV = """
define Conv(filters, stride=1, padding="same") {
    convolution = Conv2D(filters, 3, strides=stride, padding=padding)
    BatchNormalization()
    ReLU()
}
"""
DENSE = "define Block(units) { Dense(units)  LayerNormalization() }\n"
STAGES = (
    DENSE
    + """
define Layer(units) { Block(units)  Dense(4 * units)  Dense(units) }
define Stage(units, count) { Dense(units)  Layer(units) * count }
"""
)
JOIN = "define Join(n) { a = Dense(n)(input_1)  b = Dense(n)(input_2)  Concatenate()(a, b)  ReLU() }\n"
LONG = "define Long { Dense(1) Dense(2) Dense(3) Dense(4) Block(5) Block(6) Dense(7) }\n"


def plan_of(layers: str, define: str, shape: str) -> Plan:
    return plan_of_program(f"{define}network Net {{ input: {shape} layers: {layers} }}")


def code(layers: str, define: str, shape: str) -> str:
    return generated(plan_of(layers, define, shape), "tensorflow", NO_LINES, script=False).source


def outlined(source: str) -> list[str]:
    """Return what functions take besides tensors, and the calls and loops of the network."""
    *functions, network = (each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef))
    heads = [", ".join([each.name, *_parameters(each.args)]) for each in functions]
    calls = tuple(f"{each.name}(" for each in functions)
    lines = [
        ast.unparse(line) for each in network.body for line in (each.body if isinstance(each, ast.For) else [each])
    ]
    lines = [line.replace("'", '"') for line in lines if any(f"= {call}" in line for call in calls)]
    return [*heads, *(ast.unparse(each.iter) for each in network.body if isinstance(each, ast.For)), *lines]


def _parameters(given: ast.arguments) -> list[str]:
    defaults = [None] * (len(given.args) - len(given.defaults)) + given.defaults
    pairs = [(ast.unparse(each), default) for each, default in zip(given.args, defaults, strict=True)]
    texts = [text if default is None else f"{text} = {ast.unparse(default)}" for text, default in pairs]
    return [text for text in texts if "KerasTensor" not in text]


ROWS: list[tuple[str, str, str, list[str]]] = [
    # layers, macros, input, functions and where the network calls them
    ("Conv(8)", CONV, "(32, 32, 3)", []),
    ("Conv(8) Conv(16, stride=2)", CONV, "(32, 32, 3)",
     ["conv, filters: int, name: str, strides: int = 1", 'x = conv(inputs, 8, name="conv_1")',
      'outputs = conv(x, 16, strides=2, name="conv_2")']),
    ('Conv(8, padding="valid") Conv(8, stride=(1, 2)) Conv(8, padding="valid")', CONV, "(32, 32, 3)",
     ["conv, name: str, strides: int | tuple[int, int] = 1, padding: str = 'valid'",
      'x = conv(inputs, name="conv_1")', 'x = conv(x, strides=(1, 2), padding="same", name="conv_2")',
      'outputs = conv(x, name="conv_3")']),
    ("Conv(8) * 4 Flatten()", CONV, "(4, 4, 8)",
     ["conv, name: str", "range(2, 5)", 'x = conv(inputs, name="conv_1")', 'x = conv(x, name=f"conv_{index}")']),
    ("Dense(8) Block(8) * 2 Block(4)", DENSE, "(8)",
     ["block, units: int, name: str", "range(1, 3)", 'x = block(x, 8, name=f"block_{index}")',
      'outputs = block(x, 4, name="block_3")']),
    ("Dense(8) Block(8) * 2", DENSE, "(8)",
     ["block, name: str", 'x = block(x, name="block_1")', 'outputs = block(x, name="block_2")']),
    ("a = Block(8) b = Block(8) Add()(a, b)", DENSE, "(8)",
     ["block, name: str", 'layer_normalization = block(inputs, name="block_1")',
      'x = block(layer_normalization, name="block_2")']),
    ("Stage(8, 2) Stage(16, 3)", STAGES, "(8)",
     ["block, units: int, name: str", "layer, units: int, name: str", "stage, units: int, count: int, name: str",
      'x = stage(inputs, 8, count=2, name="stage_1")', 'outputs = stage(x, 16, count=3, name="stage_2")']),
    ("B(1) B(0) B(1) B(1)", "define B(n) { for i in 0..n { Dense(8) } Dense(8) ReLU() }", "(8)",
     ["b, name: str", "b2, name: str", 'x = b(inputs, name="b_1")', 'x = b2(x, name="b_2")',
      'x = b(x, name="b_3")', 'outputs = b(x, name="b_4")']),
    ("B(1) B(0)", "define B(n) { for i in 0..n { Dense(8) } Dense(8) ReLU() }", "(8)", []),
    ("B() B()", 'define B { Dense(8, shared="w") ReLU() }', "(8)", []),
    ("a = Dense(4) j = Join(5)(a, input) k = Join(5)(input, a) Add()(j, k)", JOIN, "(8)",
     ["join, name: str", 're_lu = join(a, inputs, name="join_1")', 'x = join(inputs, a, name="join_2")']),
    ("Long()", DENSE + LONG, "(8)",
     ["block, units: int, name: str", 'x = block(x, 5, name="block_1")', 'x = block(x, 6, name="block_2")']),
    ("Dense(2) Long()", DENSE + LONG, "(8)", ["block, units: int, name: str", "long", "outputs = long(x)"]),
    ("filters = Dense(3) C(2) C(3) Flatten()",
     "define C(n) { filters = Conv1D(n, 1)  other = Conv1D(n, 1)  Add()(filters, other) }", "(5, 4)",
     ["c, filters_1: int, name: str", 'x = c(x, 2, name="c_1")', 'x = c(x, 3, name="c_2")']),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "define", "shape", "expected"), ROWS)
def test_functions(layers: str, define: str, shape: str, expected: list[str]) -> None:
    assert outlined(code(layers, define, shape)) == expected


def test_every_layer_has_the_name_that_is_told() -> None:
    for layers, define, shape, _ in ROWS:
        plan = plan_of(layers, define, shape)
        names = keras.names(plan)
        model = build(generate(plan, "tensorflow", NO_LINES))
        assert len(set(names.values())) == len(names)
        assert {layer.name for layer in model.layers} == {*names.values()}
        for step in layers_of(plan):
            layer = model.get_layer(names[step.key])
            assert tuple(layer.output.shape) == (None, *(step.output_shape or ()))


NAMES: list[tuple[str, str, dict[str, str]]] = [
    ("Dense(2) Long()", DENSE + LONG,
     {"input": "input", "dense": "dense", "dense_1": "dense_1", "dense_2": "dense_2", "dense_3": "dense_3",
      "dense_4": "dense_4", "dense_5": "block_1_dense", "layer_normalization": "block_1_layer_normalization",
      "dense_6": "block_2_dense", "layer_normalization_1": "block_2_layer_normalization", "dense_7": "dense_7"}),
    ("block_1_dense = Dense(2) Block(3) Block(4)", DENSE,
     {"input": "input", "block_1_dense": "block_1_dense", "dense": "block_2_dense",
      "layer_normalization": "block_2_layer_normalization", "dense_1": "block_3_dense",
      "layer_normalization_1": "block_3_layer_normalization"}),
    ("Outer() Outer()", "define In { a = Dense(3) b = Dense(3) } define Outer { in_a = Dense(3) In() c = Dense(3) }",
     {"input": "input", "in_a": "outer_1_in_a", "a": "outer_1_in_1_a", "b": "outer_1_in_1_b", "c": "outer_1_c",
      "in_a_1": "outer_2_in_a", "a_1": "outer_2_in_1_a", "b_1": "outer_2_in_1_b", "c_1": "outer_2_c"}),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "define", "expected"), NAMES)
def test_names_say_in_which_call_a_layer_stands(layers: str, define: str, expected: dict[str, str]) -> None:
    assert keras.names(plan_of(layers, define, "(8)")) == expected


def test_functions_as_text() -> None:
    define = """
        define Stage(filters, count, stride=2) {
            Conv(4 * filters, stride)
            Residual() { Conv(filters) Conv(4 * filters) }
            Conv(4 * filters) * count
        }
    """
    layers = "Stage(8, 2, stride=1) Stage(16, 3) Stage(32, 3) GlobalAveragePooling2D() Output(10)"
    assert code(layers, CONV + define, "(32, 32, 3)") == TEXT


TEXT = '''\
"""A network in Keras."""

import keras
from keras import layers


def conv(
    x: keras.KerasTensor, filters: int, name: str, strides: int = 1
) -> keras.KerasTensor:
    """From (None, ?, ?, ?) to (None, ?, ?, filters); used 17 times."""
    x = layers.Conv2D(
        filters, 3, strides=strides, padding="same", name=f"{name}_convolution"
    )(x)  # (None, ?, ?, filters)
    x = layers.BatchNormalization(name=f"{name}_batch_normalization")(x)
    return layers.ReLU(name=f"{name}_re_lu")(x)  # (None, ?, ?, filters)


def stage(
    x: keras.KerasTensor, filters: int, count: int, name: str, strides: int = 2
) -> keras.KerasTensor:
    """From (None, ?, ?, ?) to (None, ?, ?, 4 * filters); used 3 times."""
    # (None, ?, ?, 4 * filters)
    re_lu = conv(x, 4 * filters, strides=strides, name=f"{name}_conv_1")
    x = conv(re_lu, filters, name=f"{name}_conv_2")  # (None, ?, ?, filters)
    x = conv(x, 4 * filters, name=f"{name}_conv_3")  # (None, ?, ?, 4 * filters)
    x = layers.Add(name=f"{name}_add")([re_lu, x])  # (None, ?, ?, 4 * filters)

    for index in range(4, count + 4):
        # (None, ?, ?, 4 * filters)
        x = conv(x, 4 * filters, name=f"{name}_conv_{index}")
    return x


def build_model() -> keras.Model:
    """Return the network with fresh weights."""
    inputs = keras.Input(shape=(32, 32, 3), name="input")
    x = stage(inputs, 8, count=2, strides=1, name="stage_1")  # (None, 32, 32, 32)
    x = stage(x, 16, count=3, name="stage_2")  # (None, 16, 16, 64)
    x = stage(x, 32, count=3, name="stage_3")  # (None, 8, 8, 128)
    x = layers.GlobalAveragePooling2D(name="global_average_pooling2d")(x)  # (None, 128)
    outputs = layers.Dense(10, name="output")(x)  # (None, 10)
    return keras.Model(inputs, outputs, name="Net")
'''


def test_lines_are_found_by_key() -> None:
    plan = plan_of("Dense(8) Block(8) * 3 Flatten()", DENSE, "(8)")
    made = generated(plan, "tensorflow", NO_LINES, script=False)
    lines = made.source.splitlines()
    found = {key: [lines[number - 1].strip() for number in numbers] for key, numbers in made.lines().items()}
    assert found["input"] == ['inputs = keras.Input(shape=(8,), name="input")']
    assert found["dense"] == ['x = layers.Dense(8, name="dense")(inputs)  # (None, 8)']
    assert (
        found["dense_1"]
        == found["dense_3"]
        == [
            'x = layers.Dense(8, name=f"{name}_dense")(x)  # (None, 8)',
            "for index in range(1, 4):",
            'x = block(x, name=f"block_{index}")  # (None, 8)',
        ]
    )


def test_the_results_of_lines_are_named() -> None:
    plan = plan_of("Conv2D(4, 3) s, t = Split(2) a = Both()(t) b = Both()(t) Add()(a, b)", BOTH, "(6, 6, 3)")
    made = generated(plan, "tensorflow", NO_LINES, script=False)
    lines = made.source.splitlines()
    results = [(lines[first - 1].strip(), *mark) for first, _, mark in made.places if mark.variable]
    maps = (0, 1, 2, 3)
    conv = 'x = layers.Conv2D(2, 1, name=f"{name}_conv2d")(x)  # (None, 4, 4, 2)'
    relu = 'return layers.ReLU(name=f"{name}_re_lu")(x)  # (None, 4, 4, 2)'
    split = '_, t = layers.Lambda(lambda x: keras.ops.split(x, 2, axis=-1), name="s")(x)'
    assert results == [
        (conv, "conv2d_1", "x", maps),
        (conv, "conv2d_2", "x", maps),
        (relu, "re_lu", "return", maps),
        (relu, "re_lu_1", "return", maps),
        ('x = layers.Conv2D(4, 3, name="conv2d")(inputs)  # (None, 4, 4, 4)', "conv2d", "x", maps),
        (split, "t", "t", maps),
        ('outputs = layers.Add(name="add")([re_lu, x])  # (None, 4, 4, 2)', "add", "outputs", maps),
    ]
    assert [line for line, *_ in results if line == split] == [
        lines[number - 1].strip() for number in made.lines()["s"]
    ]


BOTH = "define Both { Conv2D(2, 1) ReLU() }\n"


@pytest.mark.parametrize(("layers", "define", "shape"), [row[:3] for row in ROWS])
def test_every_result_is_where_its_mark_says(layers: str, define: str, shape: str) -> None:
    plan = plan_of(layers, define, shape)
    seen = seen_results(plan)
    assert {key: tuple(tensor.shape) for key, tensor in seen.items()} == {
        step.key: (None, *(step.output_shape or ())) for step in plan.live()
    }
    names = keras.names(plan)
    own = {step.key for step in layers_of(plan)}
    assert {key: tensor._keras_history.operation.name for key, tensor in seen.items() if key in own} == {
        key: names[key] for key in own
    }


def seen_results(plan: Plan) -> dict[str, Any]:
    """Build the network of a plan; return by key what the variables of the marks held."""
    made = generated(plan, "tensorflow", NO_LINES, script=False)
    probes = [Probe(place.first, *place.mark) for place in made.places if place.mark.variable]
    recorder = Recorder(probes, lambda tensor, _: tensor)
    scope = {"__name__": "generated", "_probe": recorder}
    exec(compile(instrumented(ast.parse(made.source), probes), "generated.py", "exec"), scope)
    scope["build_model"]()
    return recorder.seen
