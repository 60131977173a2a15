"""Calls of macros become classes: one for those that differ in sizes alone, and a sequence for equal ones in a row."""

from __future__ import annotations

import re

import pytest

from neural.code_generation import pytorch
from neural.code_generation.emitter import generate, generated
from neural.code_generation.templates import cut, unify
from neural.code_generation.writer import Names
from tests.code_generation.plans import NO_LINES, plan_of_program

CONV = """
define Conv(filters, stride=1) {
    convolution = Conv2D(filters, 3, strides=stride, padding="valid", use_bias=false)
    BatchNormalization()
    ReLU()
}
"""
DENSE = "define Block(units) { Dense(units)  LayerNormalization() }\n"


def code(layers: str, define: str = CONV, shape: str = "(32, 32, 3)") -> str:
    return generate(plan_of_program(f"{define}network Net {{ input: {shape} layers: {layers} }}"), "pytorch", NO_LINES)


def declared(source: str) -> list[str]:
    """Return the classes with what their constructors take, and what the network declares."""
    heads = re.findall(r"class (\w+)\(nn.Module\):.*?def __init__\(\s*self(.*?)\s*\) -> None:", source, re.DOTALL)
    own = re.findall(r"^        self\.(\w+ = .*?)$", source[source.index("class Net(") :], re.MULTILINE)
    return [*(name + " ".join(given.split()) for name, given in heads), *own]


ROWS: list[tuple[str, str, str, list[str]]] = [
    # layers, macros, input, classes and what the network declares
    ("Conv(8)", CONV, "(32, 32, 3)", ["Net", "convolution = nn.Conv2d(3, 8, 3, bias=False)",
      "batch_normalization = nn.BatchNorm2d(8, eps=0.001, momentum=0.01)"]),
    ("Conv(8) Conv(16, stride=2)", CONV, "(32, 32, 3)",
     ["Conv, in_channels: int, out_channels: int, stride: int", "Net", "conv = Conv(3, 8, 1)",
      "conv_1 = Conv(8, 16, 2)"]),
    ("Conv(8) * 2", CONV, "(32, 32, 8)", ["Conv", "Net", "convs = nn.Sequential(*[Conv() for _ in range(2)])"]),
    ("Conv(8) Conv(8) Conv(4)", CONV, "(32, 32, 8)",
     ["Conv, out_channels: int", "Net", "convs = nn.Sequential(*[Conv(8) for _ in range(2)])", "conv = Conv(4)"]),
    ("a = Block(8) b = Block(8) Add()(a, b)", DENSE, "(8)", ["Block", "Net", "block = Block()", "block_1 = Block()"]),
    ("Block(8) Block(9)", DENSE, "(8)", ["Block, out_features: int", "Net", "block = Block(8)", "block_1 = Block(9)"]),
    ("Residual() { Block(8) } * 2", DENSE, "(8)", ["Block", "Net", "block = Block()", "block_1 = Block()"]),
    ("Seven()", "define Seven { Dense(4) Dense(4) Dense(4) Dense(4) Dense(4) Dense(4) Dense(4) }", "(8)",
     ["Seven", "Net", "seven = Seven()"]),
    ("Outer(8) Outer(8) Outer(6)", DENSE + "define Outer(n) { Block(n) Dense(3) Block(8) }", "(8)",
     ["Block, in_features: int, out_features: int", "Outer, features: int", "Net",
      "outers = nn.Sequential(*[Outer(8) for _ in range(2)])", "outer = Outer(6)"]),
    ("B(1) B(0)", "define B(n) { for i in 0..n { Dense(8) } Dense(8) }", "(8)",
     ["B", "B2", "Net", "b = B()", "b_1 = B2()"]),
    ("B() B()", 'define B { Dense(8, shared="w") }', "(8)", ["Net", "w = nn.Linear(8, 8)"]),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "define", "shape", "expected"), ROWS)
def test_classes(layers: str, define: str, shape: str, expected: list[str]) -> None:
    assert declared(code(layers, define, shape)) == expected


def test_labels_are_the_names_within_a_class() -> None:
    define = "define B { first_1 = Dense(8) first_2 = Dense(8) Add()(first_1, first_2) }\n"
    source = code("B() B()", define, "(8)")
    assert "self.first_1 = nn.Linear(8, 8)\n        self.first_2 = nn.Linear(8, 8)\n" in source
    assert "first_1 = self.first_1(x)" in source
    assert source.count("class ") == 2


def test_a_block_that_reads_several_tensors() -> None:
    define = "define Join { a = Dense(8)(input_1) b = Dense(8)(input_2) Add()(a, b) }\n"
    source = code("a = Dense(4) b = Dense(5) c = Join()(a, b) Join()(b, c)", define, "(8)")
    assert "def forward(self, inputs: Tensor, inputs_1: Tensor) -> Tensor:" in source
    assert "x = self.join(a, b)" in source


def test_sizes_that_differ_are_named_in_the_comments() -> None:
    source = code("Conv(8) Conv(16)")
    assert '"""From (batch, in_channels, ?, ?) to (batch, out_channels, ?, ?); used 2 times."""' in source
    assert "x = self.convolution(x)  # (batch, out_channels, ?, ?)" in source


def test_a_block_on_shapes_of_several_ranks_states_none() -> None:
    source = code("Block(8) Flatten() Dense(8) Block(8)", DENSE, "(4, 8)")
    assert '"""A block used 2 times."""' in source
    assert "        x = self.dense(x)\n        return self.layer_normalization(x)\n" in source


def test_modules_are_found_by_key() -> None:
    plan = plan_of_program(f"{DENSE}network Net {{ input: (8) layers: Dense(8) Block(8) * 2 Block(4) }}")
    assert pytorch.modules(plan) == {
        "dense": {"": "dense"},
        "dense_1": {"": "blocks.0.dense"},
        "layer_normalization": {"": "blocks.0.layer_normalization"},
        "dense_2": {"": "blocks.1.dense"},
        "layer_normalization_1": {"": "blocks.1.layer_normalization"},
        "dense_3": {"": "block.dense"},
        "layer_normalization_2": {"": "block.layer_normalization"},
    }


def test_unify_gives_a_parameter_where_values_differ() -> None:
    blocks = [
        [cut(f"self.a = nn.Conv2d({a}, {b}, 3, bias=False)"), cut(f"self.n = nn.BatchNorm2d({b}, eps={eps})")]
        for a, b, eps in ((3, 8, 0.1), (8, 16, 0.2))
    ]
    template = unify(blocks, Names())
    assert template.lines == (
        "self.a = nn.Conv2d(in_channels, out_channels, 3, bias=False)",
        "self.n = nn.BatchNorm2d(out_channels, eps=eps)",
    )
    assert template.parameters == {"in_channels": "int", "out_channels": "int", "eps": "float"}
    assert template.arguments == (("3", "8", "0.1"), ("8", "16", "0.2"))


STRIDES: list[tuple[tuple[str, str], tuple[str, ...]]] = [
    (("", ""), ("nn.Conv2d(1, 2, 3)",)),
    ((", stride=2", ", stride=2"), ("nn.Conv2d(1, 2, 3, stride=2)",)),
    (("", ", stride=2"), ("nn.Conv2d(1, 2, 3, stride=stride)",)),
    ((", stride=(2, 1)", ""), ("nn.Conv2d(1, 2, 3, stride=stride)",)),
]


@pytest.mark.parametrize(("given", "expected"), STRIDES)
def test_a_stride_is_left_out_where_it_is_1(given: tuple[str, str], expected: tuple[str, ...]) -> None:
    assert unify([[cut(f"nn.Conv2d(1, 2, 3{each})")] for each in given], Names()).lines == expected


def test_lines_are_found_by_key() -> None:
    plan = plan_of_program(f"{DENSE}network Net {{ input: (8) layers: Dense(8) Block(8) * 2 }}")
    made = generated(plan, "pytorch", NO_LINES, script=False)
    lines = made.source.splitlines()
    found = {key: [lines[number - 1].strip() for number in numbers] for key, numbers in made.lines().items()}
    assert found["dense"] == ["self.dense = nn.Linear(8, 8)", "x = self.dense(x)  # (batch, 8)"]
    assert (
        found["dense_1"]
        == found["dense_2"]
        == [
            "self.dense = nn.Linear(8, 8)",
            "x = self.dense(x)  # (batch, 8)",
            "self.blocks = nn.Sequential(*[Block() for _ in range(2)])",
            "return self.blocks(x)  # (batch, 8)",
        ]
    )


def test_the_results_of_lines_are_named_in_the_order_of_their_computation() -> None:
    plan = plan_of_program("network Net { input: (6, 6, 3) layers: Conv2D(4, 3) s, t = Split(2) Add()(s, t) }")
    made = generated(plan, "pytorch", NO_LINES, script=False)
    lines = made.source.splitlines()
    results = [(lines[first - 1].strip(), *mark) for first, _, mark in made.places if mark.variable]
    maps = (0, 3, 1, 2)
    assert results == [
        ("x = self.conv2d(x)  # (batch, 4, 4, 4)", "conv2d", "x", maps),
        ("s, t = x.chunk(2, dim=1)  # (batch, 2, 4, 4)", "s", "s", maps),
        ("s, t = x.chunk(2, dim=1)  # (batch, 2, 4, 4)", "t", "t", maps),
        ("return s + t  # (batch, 2, 4, 4)", "add", "return", maps),
    ]


JOINED = [
    # layers, the lines of forward
    ("Conv2D(4, 3) ReLU()", ["return F.relu(self.conv2d(x))"]),
    ("Conv2D(4, 3) BatchNormalization() GELU() Flatten()",
     ["x = self.conv2d(x)", "x = F.gelu(self.batch_normalization(x))",
      "return x.permute(0, 2, 3, 1).flatten(1)"]),
    ("Conv2D(4, 3, activation='tanh') ReLU()", ["x = torch.tanh(self.conv2d(x))", "return F.relu(x)"]),
    ("a = Conv2D(4, 3) b = ReLU() Add()(a, b)", ["a = self.a(x)", "x = F.relu(a)", "return a + x"]),
    ("ZeroPadding2D() ReLU() Conv2D(4, 3)",
     ["x = F.pad(x, (1, 1, 1, 1))", "x = F.relu(x)", "return self.conv2d(x)"]),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "expected"), JOINED)
def test_an_activation_is_applied_where_its_input_is_computed(layers: str, expected: list[str]) -> None:
    source = code(layers, "", "(6, 6, 3)")
    forward = source[source.rindex("def forward") : source.index("def build_model")]
    lines = [line.partition("  #")[0].strip() for line in forward.splitlines()[1:] if line.strip()]
    assert lines == expected
