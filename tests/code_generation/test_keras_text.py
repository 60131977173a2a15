"""Generated Keras files as text: formatted, clean to a linter, and the same program whatever names are in it."""

from __future__ import annotations

import ast
import io
import random
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neural.code_generation.emitter import generate
from neural.compiler import default_compiler
from neural.layers.base import Layer, type_name
from neural.layers.core import Input
from neural.network import Network, Node, Place, Setting, Training
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.syntax import NetworkItem
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.code_generation.test_keras_models import EXAMPLES, NETWORKS
from tests.layers.rows import make

_HERE = Place(statement=(0, 0), type=(0, 0))
UNTRAINED = Training()
TRAINED = Training((Setting("mean_squared_error"),), Setting("Adam"), (Setting("mean_absolute_error"),), {"epochs": 2})

WORDS = (
    *("", "x", "keras", "layers", "inputs", "outputs", "build_model", "train", "np", "data", "class", "None", "print"),
    *("__name__", "__import__('os').system('x')", "a b", "a/b", "1st", "-", "_", "__", "l", "O", "I", "match", "self"),
    *('"', "'", '"""', "'''", "\\", "\\'", '\\"', "\n", "\r", "\r\n", "\t", "\0", "\x1b[31m", "\x0c", "\x85", "\u2028"),
    *(
        "# comment",
        "x\n# y",
        ")(",
        "'); import os; os.system('x') #",
        '"); exec("1") #',
        "{x}",
        "%s",
        "{0}",
        "\\N{DASH}",
    ),
    *("é", "日本語", "ｉｍｐｏｒｔ", "ªº", "\u202e", "\u200b", "\ud800", "\udfff", "\U0001f642", "А", "\ufeff"),
    *("n" * 90, "n" * 300, "é" * 90, '"' * 90, "\n" * 90),
)


def network(names: list[str], training: Training = UNTRAINED) -> Plan:
    """Return a plan with these names for the network, its inputs and its layers, of which two are outputs."""
    title, left, right, *rest = _different(names)
    layers: tuple[tuple[Layer, int, ...], ...] = (
        (make("Dense", {"units": 4, "activation": "relu"}), 0),
        (make("Dense", {"units": 4}), 1),
        (make("Add", {}), 2, 3),
        (make("Dropout", {"rate": 0.1}), 4),
        (make("Dense", {"units": 3}), 5),
        (make("Dense", {"units": 2}), 5),
    )
    keys = [left, right, *rest]
    inputs = tuple(Node(key, Input((4,)), (), _HERE, "Input") for key in keys[:2])
    nodes = tuple(
        Node(keys[index], layer, tuple(keys[i] for i in read), _HERE, type_name(layer), group=(rest[0],) * (index % 2))
        for index, (layer, *read) in enumerate(layers, 2)
    )
    plan, diagnostics = ShapePropagator().plan(Network(title, inputs, nodes, (keys[6], keys[7]), training), NO_LINES)
    assert not diagnostics
    return plan


def _different(names: list[str]) -> list[str]:
    """Return the names, those that came before with a number."""
    return [name if name not in names[:index] else f"{name}{index}" for index, name in enumerate(names)]


def shape_of(source: str) -> str:
    """Return a syntax tree as text: constants blank, the variables of each function numbered as they appear."""
    tree = ast.parse(source)
    for part in tree.body:
        seen: dict[str, str] = {}
        for node in ast.walk(part):
            if isinstance(node, ast.Constant):
                node.value = None
            elif isinstance(node, ast.Name):
                node.id = seen.setdefault(node.id, f"v{len(seen)}")
    return ast.dump(tree)


def comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def is_safe(source: str, twin: str) -> None:
    assert source.isascii()
    assert shape_of(source) == shape_of(twin)
    assert set(comments(source)) <= set(comments(twin))


@pytest.mark.parametrize("training", [UNTRAINED, TRAINED], ids=["model", "trained"])
@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_one_hostile_word_changes_no_syntax(word: str, training: Training) -> None:
    twin = generate(network([f"name{index}" for index in range(9)], training), "tensorflow", NO_LINES)
    for place in range(9):
        names = [f"name{index}" for index in range(9)]
        names[place] = word
        is_safe(generate(network(names, training), "tensorflow", NO_LINES), twin)


def test_ten_thousand_hostile_names_change_no_syntax() -> None:
    chance = random.Random(0)
    twin = generate(network([f"name{index}" for index in range(9)], TRAINED), "tensorflow", NO_LINES)
    letters = "ab_1 \"'\\\n\r\t\0#{}()[]%é語\u202e\ud800/"
    for _ in range(10_000 // 9 + 1):
        names = [chance.choice(WORDS) + "".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(9)]
        is_safe(generate(network(names, TRAINED), "tensorflow", NO_LINES), twin)


def blocks(word: str) -> Plan:
    """Return a plan of two equal calls of a macro with this name, the layers within having it too."""
    layers = [make("Dense", {"units": 4}), make("Dense", {"units": 5}), make("Dropout", {"rate": 0.1})] * 2
    keys = ["input", *(f"{word}{index}" for index in range(6))]
    nodes = tuple(
        Node(keys[index + 1], layer, (keys[index],), _HERE, type_name(layer), group=(f"{word}_{index // 3}",))
        for index, layer in enumerate(layers)
    )
    inputs = (Node("input", Input((4,)), (), _HERE, "Input"),)
    names = {key: f"{word}{index % 3}" for index, key in enumerate(keys[1:])}
    plan, diagnostics = ShapePropagator().plan(Network(word, inputs, nodes, (keys[6],), names=names), NO_LINES)
    assert not diagnostics
    return plan


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_the_hostile_name_of_a_macro_changes_no_syntax(word: str) -> None:
    sources = [generate(blocks(each), "tensorflow", NO_LINES) for each in (word, "block")]
    trees = [ast.parse(source) for source in sources]
    functions = [[each for each in tree.body if isinstance(each, ast.FunctionDef)] for tree in trees]
    assert [len(each) for each in functions] == [2, 2]
    functions[0][0].name = functions[1][0].name
    is_safe(*(ast.unparse(tree) for tree in trees))
    assert sources[0].isascii()
    assert set(comments(sources[0])) <= set(comments(sources[1]))


def test_hostile_names_are_built_and_trained() -> None:
    words = [word for word in WORDS if len(word) < 40]
    for start in range(0, len(words) - 8, 8):
        source = generate(network(words[start : start + 9], TRAINED), "tensorflow", NO_LINES)
        scope: dict[str, Any] = {"__name__": "generated"}
        exec(source, scope)
        assert scope["build_model"]().count_params() == 20 + 20 + 15 + 10


def files() -> Iterator[tuple[str, str]]:
    """Yield generated files of every kind, by name."""
    for path in EXAMPLES:
        source = path.read_text(encoding="utf-8")
        program = default_compiler().parse(source).program
        assert program is not None
        for name in (item.name.text for _, item in program.items if isinstance(item, NetworkItem)):
            yield f"{path.stem} {name}", default_compiler().generate(source, backend="tensorflow", network=name)
    for name, text in NETWORKS.items():
        yield name, generate(plan_of_program(text), "tensorflow", NO_LINES)
    for length in range(1, 75):
        yield f"length {length}", generate(_named(length), "tensorflow", NO_LINES)
        yield f"macros {length}", generate(_called(length), "tensorflow", NO_LINES)
    for number, word in enumerate(WORDS):
        names = [f"name{index}" for index in range(8)]
        yield f"word {number}", generate(network([*names, word], TRAINED), "tensorflow", NO_LINES)


def _named(length: int) -> Plan:
    """Return a plan whose statements, with names of one length, break in every way that there is."""
    source = """
        network Net {
            input: (16, 16, 4)
            layers:
                a = Conv2D(4, 3, strides=1, padding="same", activation="relu", use_bias=false)
                b = MaxPooling2D(3, strides=1, padding="same")(a)
                c = Concatenate(axis=2)(a, b, a, b)
                d = Add()(a, b)
                Flatten()(c)
                e = Reshape((32, -1))
                f = MultiHeadAttention(2, 4, dropout=0.25, use_causal_mask=true)(e, e, e)
                g = Bidirectional(LSTM(3, return_sequences=true, dropout=0.1), merge_mode="ave")(f)
                h = TimeDistributed(Dense(3, "relu")) @ "cpu"
                i = BatchNormalization(momentum=0.9, epsilon=1e-5, center=false, scale=false) @ "cpu"
                j = GlobalAveragePooling2D()(d)
                k = GlobalAveragePooling1D()(i)
            output: j, k
            loss: "mse"
            train { epochs: 3 }
        }
    """
    plan = plan_of_program(source)
    keys = {step.key: (step.key * length)[:length] for step in plan.steps if len(step.key) == 1}
    return _renamed(plan, keys)


def _called(length: int) -> Plan:
    """Return a plan with functions whose names have one length: in one another, in loops, and of two tensors."""
    macro, a, b = ("n" * length).capitalize(), "a" * length, "b" * length
    return plan_of_program(f"""
        define {macro}(n, s=1) {{
            {a} = Conv2D(n, 3, strides=s, padding="same")
            {b} = Conv2D(n, 3, padding="same")({a})
            Add()({a}, {b})
        }}
        define {macro}Two(n, s) {{ {macro}(n, s) {macro}(4 * n) {macro}(n) * s Dropout(0.1 * s) }}
        define {macro}Join(n) {{ {a} = Conv2D(n, 1)(input_1) {b} = Conv2D(n, 1)(input_2) Add()({a}, {b}) }}
        network Net {{
            input: {{ {a}: (64, 64, 3), {b}: (64, 64, 3) }}
            layers:
                one = {macro}Two(8, 2)({a})
                two = {macro}Two(8, 2)({b})
                three = {macro}Two(9, 2)
                left = {macro}Join(5)(one, two)
                right = {macro}Join(6)(three, three)
            output: left, right
        }}
    """)


def _renamed(plan: Plan, keys: dict[str, str]) -> Plan:
    def node(each: Node) -> Node:
        inputs = tuple(keys.get(key, key) for key in each.inputs)
        return replace(each, key=keys.get(each.key, each.key), inputs=inputs)

    steps = tuple(replace(step, node=node(step.node)) for step in plan.steps)
    outputs = tuple(keys.get(key, key) for key in plan.network.outputs)
    return replace(plan, network=replace(plan.network, outputs=outputs), steps=steps)


def test_files_are_formatted_and_clean(tmp_path: Path) -> None:
    written = dict(files())
    for name, source in written.items():
        (tmp_path / f"{re.sub('[^a-z0-9]', '_', name.lower())}.py").write_text(source)
        compile(source, name, "exec")  # a warning is an error here
    for command in (["check", "--no-cache"], ["format", "--check", "--diff", "--no-cache"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout[-4000:]
