"""The earlier dictionary form: what tools for the earlier DSL read, exactly."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from neural.errors import NeuralError
from neural.parser.parser import START_RULES, ModelTransformer, create_parser
from tests.binding.bounds import within

TRANSFORMER = ModelTransformer()


def layer(type_: str, params: dict[str, Any] | None = None, *sublayers: Any, **more: Any) -> dict[str, Any]:
    return {"type": type_, "params": params, "sublayers": list(sublayers), **more}


def choice(*values: Any) -> dict[str, Any]:
    return {"hpo": {"type": "categorical", "values": list(values)}}


def between(start: Any, end: Any, step: Any = None) -> dict[str, Any]:
    return {"hpo": {"type": "range", "start": start, "end": end, "step": step}}


LAYERS: list[tuple[str, dict[str, Any]]] = [
    ("Dense(10)", layer("Dense", {"units": 10})),
    ('Dense(10, "relu")', layer("Dense", {"units": 10, "activation": "relu"})),
    ("Dense(units=10, use_bias=false)", layer("Dense", {"units": 10, "use_bias": False})),
    ("Dense(units: 10)", layer("Dense", {"units": 10})),
    ("Output(10, activation='softmax')", layer("Output", {"units": 10, "activation": "softmax"})),
    ("Flatten()", layer("Flatten")),
    ("Flatten", layer("Flatten")),
    ('Conv2D(32, (3, 3), "relu")', layer("Conv2D", {"filters": 32, "kernel_size": (3, 3), "activation": "relu"})),
    ("Conv2D(filters=32, kernel_size=[3, 3])", layer("Conv2D", {"filters": 32, "kernel_size": [3, 3]})),
    ("MaxPooling2D((2, 2))", layer("MaxPooling2D", {"pool_size": (2, 2)})),
    ('MaxPooling2D((3, 3), 2, "same")', layer("MaxPooling2D", {"pool_size": (3, 3), "strides": 2, "padding": "same"})),
    ("Dropout(0.5)", layer("Dropout", {"rate": 0.5})),
    ("Embedding(1000, 64)", layer("Embedding", {"input_dim": 1000, "output_dim": 64})),
    ("LSTM(64, return_sequences=True)", layer("LSTM", {"units": 64, "return_sequences": True})),
    ("Reshape((3, -1))", layer("Reshape", {"target_shape": (3, -1)})),
    ("Dropout(2 ** -1)", layer("Dropout", {"rate": 0.5})),
    ("Dense(None)", layer("Dense", {"units": None})),
    ("Dense(width)", layer("Dense", {"units": "width"})),
    ("Wobble(3, a=4)", layer("Wobble", {"arg0": 3, "a": 4})),
    ('Dense(10) @ "cuda:0"', layer("Dense", {"units": 10}, device="cuda:0")),
    ("x = Dense(10)(a, b)", layer("Dense", {"units": 10})),
    ("Dense(HPO(choice(32, 64)))", layer("Dense", {"units": choice(32, 64)})),
    ('Dense(8, activation=HPO(choice("relu", "tanh")))',
     layer("Dense", {"units": 8, "activation": choice("relu", "tanh")})),
    ("Dropout(HPO(range(0.3, 0.7, step=0.1)))", layer("Dropout", {"rate": between(0.3, 0.7, 0.1)})),
    ("Dropout(HPO(range(0.3, 0.7)))", layer("Dropout", {"rate": between(0.3, 0.7)})),
    ("Dropout(rate=HPO(log_range(1e-4, 1e-2)))",
     layer("Dropout", {"rate": {"hpo": {"type": "log_range", "min": 1e-4, "max": 1e-2}}})),
    ("Residual() { Dense(6) ReLU() }", layer("Residual", None, layer("Dense", {"units": 6}), layer("ReLU"))),
    ('Residual(merge="add") { Residual { Dense(6) } }',
     layer("Residual", {"merge": "add"}, layer("Residual", None, layer("Dense", {"units": 6})))),
    ("Residual() { Dense(6) * 2 }", layer("Residual", None, *[layer("Dense", {"units": 6})] * 2)),
    ("Bidirectional(LSTM(8))", layer("Bidirectional", {"arg0": {"type": "LSTM", "params": {"units": 8}}})),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LAYERS)
def test_layers(text: str, expected: dict[str, Any]) -> None:
    found = TRANSFORMER.transform(create_parser("layer").parse(text))
    assert found == expected
    assert repr(found) == repr(expected)


VALUES: list[tuple[str, Any]] = [
    ("3", 3),
    ("-3", -3),
    ("+3", 3),
    ("3.5", 3.5),
    ("1_000", 1000),
    ("'a'", "a"),
    ('"a\\n\\"b\\""', 'a\n"b"'),
    ("true", True),
    ("None", None),
    ("name", "name"),
    ("(3)", 3),
    ("(3,)", (3,)),
    ("()", ()),
    ("(1, (2, 3))", (1, (2, 3))),
    ("[1, [2]]", [1, [2]]),
    ('{a: 1, "b c": [2]}', {"a": 1, "b c": [2]}),
    ("2 + 3 * 4", 14),
    ("7 // 2", 3),
    ("1 < 2", True),
    ("1 if 1 < 2 else 3", 1),
    ("Adam(0.1)", {"type": "Adam", "params": {"arg0": 0.1}}),
    ("HPO(choice(1, 2))", choice(1, 2)),
    ("HPO(range(1, 9, 2))", between(1, 9, 2)),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values(text: str, expected: Any) -> None:
    found = TRANSFORMER.transform(create_parser("expression").parse(text))
    assert repr(found) == repr(expected)


EMPTY: dict[str, Any] = {
    "name": "Net", "input": None, "layers": [], "loss": None, "optimizer": None, "training": None,
    "execution": {"device": "auto"}, "framework": "tensorflow", "shape_info": [], "warnings": [],
}  # fmt: skip

SECTIONS: list[tuple[str, dict[str, Any]]] = [
    ("input: (28, 28, 1)", {"input": {"type": "Input", "shape": (28, 28, 1)}}),
    ("input: (None, 28, 28, 1)", {"input": {"type": "Input", "shape": (None, 28, 28, 1)}}),
    ("input: (784)", {"input": {"type": "Input", "shape": (784,)}}),
    ("input: (784,)", {"input": {"type": "Input", "shape": (784,)}}),
    ("input: (seq, 512)", {"input": {"type": "Input", "shape": ("seq", 512)}}),
    ("input: (4,), (5,)", {"input": [{"type": "Input", "shape": (4,)}, {"type": "Input", "shape": (5,)}]}),
    ("layers: Dense(10)", {"layers": [layer("Dense", {"units": 10})]}),
    ("layers: Dense(10) * 2 Flatten()", {
        "layers": [layer("Dense", {"units": 10}), layer("Dense", {"units": 10}), layer("Flatten")],
    }),
    ('loss: "mse"', {"loss": "mse"}),
    ("loss: mse", {"loss": "mse"}),
    ('metrics: ["accuracy"]', {"metrics": ["accuracy"]}),
    ("optimizer: Adam", {"optimizer": {"type": "Adam", "params": {}}}),
    ('optimizer: "Adam"', {"optimizer": {"type": "Adam", "params": {}}}),
    ("optimizer: Adam(learning_rate=1e-3)", {"optimizer": {"type": "Adam", "params": {"learning_rate": 1e-3}}}),
    ('optimizer: "Adam(learning_rate=1e-3)"', {"optimizer": {"type": "Adam", "params": {"learning_rate": 1e-3}}}),
    (
        "optimizer: SGD(learning_rate=ExponentialDecay(0.1, 1000, 0.96))",
        {"optimizer": {"type": "SGD", "params": {"learning_rate": {
            "type": "ExponentialDecay", "params": {"arg0": 0.1, "arg1": 1000, "arg2": 0.96},
        }}}},
    ),
    ("train { epochs: 15 batch_size: 64 }", {"training": {"epochs": 15, "batch_size": 64}}),
    ("train { search_method: random }", {"training": {"search_method": "random"}}),
    ("train { batch_size: HPO(choice(32, 64)) }", {"training": {"batch_size": choice(32, 64)}}),
    ('execution { device: "cuda" }', {"execution": {"device": "cuda"}}),
    ('execute { device: "cpu" }', {"execution": {"device": "cpu"}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SECTIONS)
def test_networks(text: str, expected: dict[str, Any]) -> None:
    source = f"network Net {{ {text} }}"
    assert TRANSFORMER.transform(create_parser("network").parse(source)) == {**EMPTY, **expected}
    assert TRANSFORMER.parse_network(source) == {**EMPTY, **expected}


RULES = {"input": "input", "layers": "layers", "loss": "setting", "metrics": "setting", "optimizer": "setting",
         "train": "settings", "execution": "settings", "execute": "settings"}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SECTIONS)
def test_a_section_alone_is_its_value(text: str, expected: dict[str, Any]) -> None:
    rule = RULES[text.split(":")[0].split(" ")[0]]
    (value,) = expected.values()
    assert TRANSFORMER.transform(create_parser(rule).parse(text)) == value


def test_a_whole_network() -> None:
    source = """
    define Block { Dense(8) Dropout(0.5) }
    network Net {
        input: (28, 28, 1)
        layers:
            Flatten()
            Block() * 2
            Output(10, "softmax")
        loss: "sparse_categorical_crossentropy"
        optimizer: Adam(learning_rate=0.001)
        train { epochs: 15 }
    }
    """
    block = [layer("Dense", {"units": 8}), layer("Dropout", {"rate": 0.5})]
    expected = {
        **EMPTY,
        "input": {"type": "Input", "shape": (28, 28, 1)},
        "layers": [layer("Flatten"), *block, *block, layer("Output", {"units": 10, "activation": "softmax"})],
        "loss": "sparse_categorical_crossentropy",
        "optimizer": {"type": "Adam", "params": {"learning_rate": 0.001}},
        "training": {"epochs": 15},
    }
    assert TRANSFORMER.parse_network(source) == expected
    assert TRANSFORMER.parse_network(source, framework="pytorch") == {**expected, "framework": "pytorch"}


OTHERS: list[tuple[str, str, Any]] = [
    ("statements", "Dense(3) * 2 Flatten()", [layer("Dense", {"units": 3})] * 2 + [layer("Flatten")]),
    ("define", "define Block(n) { Dense(n) }", {"name": "Block", "layers": [layer("Dense", {"units": "n"})]}),
    ("let", "let width = 2 * 32 in 16..256", {"name": "width", "value": 64}),
    (
        "research",
        'research Study { metrics { accuracy: 0.91 } references { paper: "A paper" } }',
        {"type": "Research", "name": "Study",
         "params": {"metrics": {"accuracy": 0.91}, "references": {"paper": "A paper"}}},
    ),
    ("research", "research { }", {"type": "Research", "name": None, "params": {}}),
    ("statement", "for i in 0..3 { Flatten }", {"type": "for", "variable": "i", "sublayers": [layer("Flatten")]}),
    ("statement", "image: { Flatten }", {"type": "branch", "name": "image", "sublayers": [layer("Flatten")]}),
    ("statement", "weight: 3", layer("weight", 3)),  # type: ignore[arg-type]
    ("program", "", {"networks": [], "macros": {}, "research": []}),
    (
        "program",
        "define Block { Dense(3) } network Net { layers: Block() }",
        {"networks": [{**EMPTY, "layers": [layer("Dense", {"units": 3})]}],
         "macros": {"Block": [layer("Dense", {"units": 3})]}, "research": []},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("start", "text", "expected"), OTHERS)
def test_other_start_rules(start: str, text: str, expected: Any) -> None:
    assert TRANSFORMER.transform(create_parser(start).parse(text)) == expected


def test_every_start_rule_is_covered() -> None:
    assert {start for start, _, _ in OTHERS} | set(RULES.values()) | {
        "network",
        "layer",
        "expression",
        "output",
    } == set(START_RULES)


def test_output_is_a_list_of_names() -> None:
    assert TRANSFORMER.transform(create_parser("output").parse("output: a, b")) == ["a", "b"]


def test_each_repeated_layer_is_a_dictionary_of_its_own() -> None:
    first, second = TRANSFORMER.transform(create_parser("statements").parse("Residual() { Dense(3) } * 2"))
    before = copy.deepcopy(second)
    first["params"] = {"changed": True}
    assert second == before


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("network Net { input: (6,) layers: Dense(2 }", "N101"),
        ("network Net { input: (6,)", "N102"),
        ("network Net { input: (6,) layers: Dense(2) $ }", "N103"),
    ],
)
def test_what_cannot_be_parsed_raises_with_its_diagnostics(source: str, code: str) -> None:
    with pytest.raises(NeuralError) as caught:
        TRANSFORMER.parse_network(source)
    assert [each.code for each in caught.value.diagnostics] == [code]


@pytest.mark.parametrize("source", ["", "let a = 3", "netwrok Net { }"])
def test_a_file_without_a_network_is_refused(source: str) -> None:
    with pytest.raises((ValueError, NeuralError)):
        TRANSFORMER.parse_network(source)


def test_the_first_of_several_networks_is_read() -> None:
    assert TRANSFORMER.parse_network("network A { layers: Dense(2) } network B { layers: Dense(3) }")["name"] == "A"


@pytest.mark.parametrize(
    "source",
    [
        "define A { A() } network N { layers: A() }",
        "define A { B() } define B { A() } network N { layers: A() }",
        "define M0 { Dense(2) }" + "".join(f"define M{i} {{ M{i - 1}() M{i - 1}() }}" for i in range(1, 31))
        + "network N { layers: M30() }",
    ],
    ids=["itself", "each-other", "doubling"],
)  # fmt: skip
def test_expansion_is_bounded(source: str) -> None:
    with within(2.0), pytest.raises((ValueError, NeuralError)):
        TRANSFORMER.parse_network(source)
