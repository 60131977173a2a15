"""From statements to a graph: keys, references, labels, scopes, blocks, branches, macros, loops and groups."""

from __future__ import annotations

import pytest

from neural.compiler import default_compiler
from neural.layers.merging import Add
from tests.binding.graphs import edges, groups, network, node, plan, widths
from tests.binding.programs import TWO, probe

KEYS: list[tuple[str, list[str]]] = [
    ("Dense(6) Dense(6) Dense(6)", ["dense", "dense_1", "dense_2"]),
    ("a = Dense(6) Dense(6)", ["a", "dense"]),
    ('Dense(6, name="head") Dense(6)', ["head", "dense"]),
    ('a = Dense(6, name="head") Dense(6)(a)', ["head", "dense"]),
    ('Dense(6, name="dense_1") Dense(6) Dense(6)', ["dense_1", "dense", "dense_2"]),
    ("dense_1 = Dense(6) Dense(6) Dense(6)", ["dense_1", "dense", "dense_2"]),
    ("dense(6) DENSE(6) Output(2) OUTPUT(2)", ["dense", "dense_1", "output", "output_1"]),
    ("a = Dense(6) * 3", ["dense", "dense_1", "a"]),
    ("for i in 0..2 { a = Dense(6) }", ["a", "a_1"]),
    ("Residual() { Dense(6) } Residual() { Dense(6) }", ["dense", "add", "dense_1", "add_1"]),
    ("a = Residual() { b = Dense(6) }", ["b", "a"]),
    ('Residual(name="skip") { Dense(6) }', ["dense", "skip"]),
    ("x = Parallel() { a: { Dense(3) } b: { Dense(4) } }", ["dense", "dense_1", "x"]),
    ("HPO(choice(Dense(8), Dropout(0.5)))", ["dense"]),
    ("a = HPO(choice(Dense(8), Dropout(0.5)))", ["a"]),
    ("a_1 = Dense(6) for i in 0..2 { a = Dense(6) }", ["a_1", "a", "a_2"]),
]


@pytest.mark.parametrize(("statements", "keys"), KEYS)
def test_keys(statements: str, keys: list[str]) -> None:
    assert [each.key for each in network(probe(statements)).nodes] == keys


EDGES: list[tuple[str, str, list[str]]] = [
    ("(6,)", "Dense(6) Dense(6)", ["dense <- input", "dense_1 <- dense"]),
    ("(6,)", "a = Dense(6) Dense(6) Add()(a, input)", ["a <- input", "dense <- a", "add <- a, input"]),
    ("(6,)", "a = Dense(6) Add()(input, a)", ["a <- input", "add <- input, a"]),
    ("(6,)", "Dense(6) Dense(6)(input)", ["dense <- input", "dense_1 <- input"]),
    ("(6,)", "a = Dense(6) Add()(a, a)", ["a <- input", "add <- a, a"]),
    (
        "(6,)",
        "Dense(6) Dense(6)(input) * 3",
        ["dense <- input", "dense_1 <- input", "dense_2 <- dense_1", "dense_3 <- dense_2"],
    ),
    ("(6,)", "a = Dense(6) * 2 Add()(a, input)", ["dense <- input", "a <- dense", "add <- a, input"]),
    # a label given in a block hides the outer one there, and only there
    (
        "(6,)",
        "a = Dense(6) Residual() { a = Dense(6) Add()(a, input) } Add()(a, input)",
        ["a <- input", "a_1 <- a", "add <- a_1, a", "add_1 <- a, add", "add_2 <- a, input"],
    ),
    (
        "(6,)",
        "for i in 0..2 { a = Dense(6) Add()(a, input) }",
        [
            "a <- input",
            "add <- a, input",
            "a_1 <- add",
            "add_1 <- a_1, input",
        ],
    ),
    # blocks
    ("(6,)", "Residual() { Dense(6) Dense(6) }", ["dense <- input", "dense_1 <- dense", "add <- input, dense_1"]),
    ("(6,)", "Dense(6) Residual() { }", ["dense <- input", "add <- dense, dense"]),
    (
        "(6,)",
        "Dense(6) Residual()(input) { Dense(6) }",
        ["dense <- input", "dense_1 <- input", "add <- input, dense_1"],
    ),
    (
        "(6,)",
        "Residual() { Residual() { Dense(6) } Dense(6) }",
        ["dense <- input", "add <- input, dense", "dense_1 <- add", "add_1 <- input, dense_1"],
    ),
    (
        "(6,)",
        "Dense(6) Parallel() { a: { Dense(3) } b: { Dense(4) Dense(5) } c: { } }",
        [
            "dense <- input",
            "dense_1 <- dense",
            "dense_2 <- dense",
            "dense_3 <- dense_2",
            "concatenate <- dense_1, dense_3, dense",
        ],
    ),
    (
        "(6,)",
        "Parallel() { a: { Dense(6) } b: { Add()(input, input) } }",
        [
            "dense <- input",
            "add <- input, input",
            "concatenate <- dense, add",
        ],
    ),
    # several inputs and named branches
    (TWO, "Add()", ["add <- left, right"]),
    (TWO, "Dense(4)(right)", ["dense <- right"]),
    ("(4,), (4,)", "Add()(input_2, input_1)", ["add <- input_2, input_1"]),
    (TWO, "left: { Dense(4) } Add()(left, right)", ["dense <- left", "add <- dense, right"]),
    (
        TWO,
        "left: { Dense(4) } right: { Dense(4) Dense(3) } Concatenate()",
        ["dense <- left", "dense_1 <- right", "dense_2 <- dense_1", "concatenate <- dense, dense_2"],
    ),
    (
        TWO,
        "right: { Dense(4) } left: { Dense(4) } Subtract()",
        ["dense <- right", "dense_1 <- left", "subtract <- dense, dense_1"],
    ),
    (
        TWO,
        "left: { Dense(4) } right: { } Add() left: { Dense(2) } Dense(3)",
        ["dense <- left", "add <- dense, right", "dense_1 <- dense", "dense_2 <- dense_1"],
    ),
    (
        "(6,)",
        "a = Dense(6) a: { Dense(4) Add()(input, input) } Add()(a, a)",
        ["a <- input", "dense <- a", "add <- a, a", "add_1 <- add, add"],
    ),
    (
        "(6,)",
        "a = Dense(6) a: { Dense(4) a: { Dense(3) } } Dense(2)",
        [
            "a <- input",
            "dense <- a",
            "dense_1 <- a",
            "dense_2 <- dense_1",
        ],
    ),
]


@pytest.mark.parametrize(("input", "statements", "expected"), EDGES)
def test_edges(input: str, statements: str, expected: list[str]) -> None:
    assert edges(probe(statements, input)) == expected


BLOCK = 'define Block(units, act="relu") { Dense(units, act) Dropout(0.1) }\n'
OUTER = "define Outer { Inner() Inner() }\ndefine Inner { Dense(6) }\n"

GROUPS: list[tuple[str, str, list[str]]] = [
    ("", "Dense(6)", ["dense"]),
    (BLOCK, "Block(3)", ["Block_1/dense", "Block_1/dropout"]),
    (BLOCK, "Block(3) * 2 Dense(2)", [
        "Block_1/dense", "Block_1/dropout", "Block_2/dense_1", "Block_2/dropout_1", "dense_2",
    ]),
    (OUTER, "Outer() Inner", ["Outer_1/Inner_1/dense", "Outer_1/Inner_2/dense_1", "Inner_3/dense_2"]),
    ("", "Residual() { Residual { Dense(6) } }", ["Residual_1/Residual_2/dense", "Residual_1/Residual_2/add",
                                                  "Residual_1/add_1"]),
    ("", "ResidualConnection() { Dense(6) }", ["Residual_1/dense", "Residual_1/add"]),
    ("", "Parallel() { a: { Dense(6) } b: { } }", ["Parallel_1/dense", "Parallel_1/concatenate"]),
    (OUTER, "Residual() { Inner() }", ["Residual_1/Inner_1/dense", "Residual_1/add"]),
    ("", "for i in 0..2 { Dense(6) }", ["dense", "dense_1"]),
]  # fmt: skip


@pytest.mark.parametrize(("macros", "statements", "expected"), GROUPS)
def test_groups(macros: str, statements: str, expected: list[str]) -> None:
    assert groups(probe(statements, top=macros)) == expected


def test_each_encoder_is_a_group_of_its_own() -> None:
    found = groups(probe("TransformerEncoder(2, 8) * 2", "(5, 8)"))
    assert len(found) == 20
    assert [each.split("/")[0] for each in found] == ["TransformerEncoder_1"] * 10 + ["TransformerEncoder_2"] * 10
    assert found[0] == "TransformerEncoder_1/Residual_1/multi_head_attention"
    assert found[9] == "TransformerEncoder_1/layer_normalization"


def test_layers_of_the_standard_library_stand_at_the_call() -> None:
    steps = plan(probe("Dense(8)\n    TransformerEncoder(2, 8)", "(5, 8)")).steps
    assert {step.node.place.type for step in steps[1:]} == {(59, 77)}


MACROS: list[tuple[str, str, list[int]]] = [
    ("define Block { Dense(6) Dense(7) }\n", "Block Block()", [6, 7, 6, 7]),
    ("define Block(a, b=2) { Dense(a) Dense(b) }\n", "Block(5) Block(5, 6) Block(b=8, a=7)", [5, 2, 5, 6, 7, 8]),
    ("define Block(a, b=a * 2, c=a + b) { Dense(a) Dense(b) Dense(c) }\n", "Block(5) Block(1, c=9)",
     [5, 10, 15, 1, 2, 9]),
    ("let a = 4\ndefine Block(b=a) { Dense(a) Dense(b) }\n", "Block() Block(a + 1)", [4, 4, 4, 5]),
    ("let a = 4\ndefine Block(a) { Dense(a) }\n", "Block(3) Dense(a)", [3, 4]),
    ("define Block(a) { for i in 0..a { Dense(a * 10 + i) } }\n", "Block(2)", [20, 21]),
    ("define Block(n) { Dense(3) * n }\n", "Block(3)", [3, 3, 3]),
    ("define Outer(a) { Inner(a + 1) }\ndefine Inner(a) { Dense(a) }\n", "Outer(4)", [5]),
    ("define Block(a=size(input) * 2) { Dense(a) }\n", "Block() Block()", [12, 24]),
    ("define Block { Dense(3) }\n", "Block() { Dense(4) Dense(5) }", [4, 5, 3]),
    ("define Block(a) { Dense(a) }\n", "Block(HPO(choice(4, 8)))", [4]),
    ("define Block { }\n", "Block() Dense(4)", [4]),
    ("define Block(shape) { Reshape(shape) Flatten() }\n", "Block((2, 3))", [3, 6]),
]  # fmt: skip


@pytest.mark.parametrize(("macros", "statements", "expected"), MACROS)
def test_macros(macros: str, statements: str, expected: list[int]) -> None:
    assert widths(probe(statements, top=macros)) == expected


@pytest.mark.parametrize(
    ("macros", "input", "statements", "expected"),
    [
        ("define Both { Add()(input_1, input_2) }\n", TWO, "Both()(right, left)", ["add <- right, left"]),
        ("define Both { Add() }\n", TWO, "Both()", ["add <- left, right"]),
        ("define One { a = Dense(6) Add()(a, input) }\n", "(6,)", "One() One()", [
            "a <- input", "add <- a, input", "a_1 <- add", "add_1 <- a_1, add",
        ]),
        ("define One { Residual() { Dense(6) } }\n", "(6,)", "One() { Dense(6) }", [
            "dense <- input", "dense_1 <- dense", "add <- dense, dense_1",
        ]),
        ("define One { Dense(6) }\n", "(6,)", "a = One() Add()(a, input)", ["dense <- input", "add <- dense, input"]),
        ("define One { Dense(6) }\n", "(6,)", "a = One() * 2 Add()(a, input)", [
            "dense <- input", "dense_1 <- dense", "add <- dense_1, input",
        ]),
    ],
)  # fmt: skip
def test_macros_in_the_graph(macros: str, input: str, statements: str, expected: list[str]) -> None:
    assert edges(probe(statements, input, macros)) == expected


LOOPS: list[tuple[str, list[int]]] = [
    ("for i in 0..3 { Dense(8 + i) }", [8, 9, 10]),
    ("for i in 2..4 { Dense(i) } Dense(9)", [2, 3, 9]),
    ("for i in -2..0 { Dense(5 + i) }", [3, 4]),
    ("for i in 0..0 { Dense(8) } Dense(9)", [9]),
    ("for i in 3..1 { Dense(8) } Dense(9)", [9]),
    ("for i in 1..3 { for j in 0..i { Dense(10 * i + j) } }", [10, 20, 21]),
    ("for i in 1..3 { for i in 5..6 { Dense(i) } Dense(i) }", [5, 1, 5, 2]),
    ("for i in 0..2 { Residual() { Dense(6) } }", [6, 6, 6, 6]),
    ("for i in 0..2 { Dense(6 + i) * (i + 1) }", [6, 7, 7]),
    ("for i in 0..2.0 { Dense(i + 1) }", [1, 2]),
    ("Dense(4) for i in 0..2 { Dense(size(input)) Dense(9) }", [4, 6, 9, 6, 9]),
]


@pytest.mark.parametrize(("statements", "expected"), LOOPS)
def test_loops(statements: str, expected: list[int]) -> None:
    assert widths(probe(statements)) == expected


OUTPUTS: list[tuple[str, str, tuple[str, ...]]] = [
    ("Dense(6) Dense(3)", "", ("dense_1",)),
    ("a = Dense(6) Dense(3)", "output: a", ("a",)),
    ("a = Dense(6) b = Dense(3)", "output: b, a", ("b", "a")),
    ("Dense(6)", "output: input", ("input",)),
    ('a = Dense(6, name="head")', "output: a", ("head",)),
    ("a = Residual() { Dense(6) } Dense(3)", "output: a", ("a",)),
    ("a = Dense(6) a: { Dense(3) }", "output: a", ("dense",)),
]


@pytest.mark.parametrize(("statements", "output", "expected"), OUTPUTS)
def test_outputs(statements: str, output: str, expected: tuple[str, ...]) -> None:
    assert network(probe(f"{statements}\n  {output}")).outputs == expected


def test_without_output_named_branches_at_the_end_are_all_results() -> None:
    assert network(probe("left: { Dense(4) } right: { Dense(3) }", TWO)).outputs == ("dense", "dense_1")


DEVICES: list[tuple[str, list[str | None]]] = [
    ('Dense(6) @ "cpu" Dense(6)', ["cpu", None]),
    ('Dense(6) @ "CUDA:1" * 2', ["cuda:1", "cuda:1"]),
    ('Residual() { Dense(6) @ "cpu" }', ["cpu", None]),
    ('Residual() @ "cpu" { Dense(6) Dense(6) @ "cuda:0" }', ["cpu", "cuda:0", "cpu"]),
    ('Block() @ "cpu"', ["cpu", "cpu"]),
]


@pytest.mark.parametrize(("statements", "expected"), DEVICES)
def test_devices(statements: str, expected: list[str | None]) -> None:
    source = probe(statements, top="define Block { Dense(6) Dropout(0.1) }\n")
    assert [each.device for each in network(source).nodes] == expected


def test_an_encoder_is_placed_as_a_whole() -> None:
    nodes = network(probe('TransformerEncoder(2, 8) @ "cuda:1"', "(5, 8)")).nodes
    assert {each.device for each in nodes} == {"cuda:1"}


def test_what_depends_on_a_broken_layer_is_unknown_and_the_rest_is_known() -> None:
    source = probe("a = Dense(-1) b = Dense(6)(input) Add()(a, b) Dense(4) Dense(3)(b)")
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None
    assert [(each.code, each.line, each.column) for each in analysis.diagnostics] == [("N203", 4, 15)]
    assert [(step.key, step.status, step.output_shape) for step in analysis.plan.steps] == [
        ("a", "error", None),
        ("b", "ok", (6,)),
        ("add", "unknown", None),
        ("dense", "unknown", None),
        ("dense_1", "ok", (3,)),
    ]


@pytest.mark.parametrize(
    ("source", "key", "spelling"),
    [
        (probe("a = Dense(6)"), "a", "a = Dense(6)"),
        (probe("Dense(6) * 2"), "dense_1", "Dense(6) * 2"),
        (probe('Residual(merge="add") { Dense(6) }'), "add", 'Residual(merge="add") { Dense(6) }'),
        (probe("Block(6)", top="define Block(a) { Dense(a) }\n"), "dense", "Dense(a)"),
        (probe("for i in 0..2 { Dense(6) }"), "dense_1", "Dense(6)"),
        (probe("x: { Dense(3) }", "{ x: (4,) }"), "dense", "Dense(3)"),
    ],
)
def test_a_layer_knows_the_text_of_its_statement(source: str, key: str, spelling: str) -> None:
    default_compiler().clear()  # else this is an edit of another, and what is not read anew has other offsets
    start, end = node(source, key).place.statement
    assert source[start:end] == spelling


def test_one_of_several_networks_is_chosen_by_name() -> None:
    source = "network A { input: (6,) layers: Dense(2) } network B { input: (6,) layers: Dense(3) Dense(4) }"
    compiler = default_compiler()
    for name, count in ((None, 1), ("A", 1), ("B", 2)):
        chosen = compiler.plan(source, network=name).plan
        assert chosen is not None
        assert (chosen.network.name, len(chosen.steps)) == (name or "A", count)
    (missing,) = compiler.plan(source, network="C").diagnostics
    assert (missing.code, missing.line, missing.column) == ("N304", 1, len(source) + 1)
    assert "`A`, `B`" in missing.message


READ = [
    # layers, how many of the layers are made anew
    ("Dense(8, activation='relu') * 5", 1),
    ("for i in 1..4 { Dense(8) }", 1),
    ("for i in 1..4 { Dense(8 * i) }", 3),
    ("Residual { Dense(8) BatchNormalization() } * 4", 2),
    ("Dense(8) Dense(8)", 2),
    ("Linear(8) * 3", 1),
    ("Dense(size(input)) * 3", 2),
]


@pytest.mark.parametrize(("layers", "made"), READ)
def test_a_repeated_layer_of_literals_is_read_once(layers: str, made: int) -> None:
    plan = default_compiler().plan(f"network Net {{ input: (8) layers: {layers} }}").plan
    assert plan is not None
    assert len({id(step.layer) for step in plan.steps if type(step.layer) is not Add}) == made
