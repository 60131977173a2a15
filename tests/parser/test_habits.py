"""What people write who come from other languages: one report, at its place, whose fix writes what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import neural
from neural.compiler import default_compiler
from neural.syntax import LayersSection, LayerStatement, NetworkItem
from tests.binding.edits import applied
from tests.binding.programs import STEPS, probe, section
from tests.generation.checks import blank, parse

Place = tuple[str, int, int]

HABITS: list[tuple[str, Place, str]] = [
    # statements from line 4 on, the report, and the statements that the first fix makes of them
    ("// the head\n    Dense(4)", ("N101", 4, 5), "# the head\n    Dense(4)"),
    ("Dense(4) // the head\n    Dense(3)", ("N101", 4, 14), "Dense(4) # the head\n    Dense(3)"),
    ("// don't \"worry, { 3 $ }\n    Dense(4)", ("N101", 4, 5), "# don't \"worry, { 3 $ }\n    Dense(4)"),
    ("// then input: or network A {\n    Dense(4)", ("N101", 4, 5), "# then input: or network A {\n    Dense(4)"),
    ("/* the head */\n    Dense(4)", ("N101", 4, 5), "# the head \n    Dense(4)"),
    ("-- the head\n    Dense(4)", ("N101", 4, 5), "# the head\n    Dense(4)"),
    ("Dense(8) -> Dense(4)", ("N101", 4, 14), "Dense(8) Dense(4)"),
    ("Dense(8) => Dense(4)", ("N101", 4, 14), "Dense(8) Dense(4)"),
    ("Dense(8) >> Dense(4)", ("N101", 4, 14), "Dense(8) Dense(4)"),
    ("Dense(8)\n    -> Dense(4)", ("N101", 5, 5), "Dense(8)\n    Dense(4)"),
    ("Dense(8),\n    Dense(4)", ("N101", 4, 13), "Dense(8)\n    Dense(4)"),
    ("Dense(8), Dense(4)", ("N101", 4, 13), "Dense(8) Dense(4)"),
    ("Dense(8),", ("N101", 4, 13), "Dense(8)"),
    ("Dense(8) * 2,\n    Dense(4)", ("N101", 4, 17), "Dense(8) * 2\n    Dense(4)"),
    ("Flatten,\n    Dense(4)", ("N101", 4, 12), "Flatten\n    Dense(4)"),
    ("Residual() { Dense(6), }", ("N101", 4, 26), "Residual() { Dense(6) }"),
    ("Dense[8]\n    Dense(4)", ("N101", 4, 10), "Dense(8)\n    Dense(4)"),
    ("Dense{8}\n    Dense(4)", ("N101", 4, 11), "Dense(8)\n    Dense(4)"),
    ("Dense{units=8}\n    Dense(4)", ("N101", 4, 11), "Dense(units=8)\n    Dense(4)"),
    ("Dense 8\n    Dense(4)", ("N101", 4, 11), "Dense(8)\n    Dense(4)"),
    ('Dense 8, "relu"\n    Dense(4)', ("N101", 4, 11), 'Dense(8, "relu")\n    Dense(4)'),
    ('a = Dense 8, activation="relu"\n    Dense(4)', ("N101", 4, 15), 'a = Dense(8, activation="relu")\n    Dense(4)'),
    ("3 * Dense(6)\n    Dense(4)", ("N101", 4, 5), "Dense(6) * 3\n    Dense(4)"),
    ("Dense(6) x 3\n    Dense(4)", ("N101", 4, 16), "Dense(6) * 3\n    Dense(4)"),
    ("3 * Residual() { Dense(6) }\n    Dense(4)", ("N101", 4, 5), "Residual() { Dense(6) } * 3\n    Dense(4)"),
    ("a = Dense(6)\n    b = Dense(6)\n    Add()([a, b])", ("N101", 6, 11),
     "a = Dense(6)\n    b = Dense(6)\n    Add()(a, b)"),
    ("Dense(units => 8)", ("N101", 4, 18), "Dense(units = 8)"),
    ('Dense(8; "relu")', ("N101", 4, 12), 'Dense(8, "relu")'),
    ('Dense(8 "relu" name="a")', ("N101", 4, 13), 'Dense(8, "relu", name="a")'),
    ("for i in range(3) { Dense(8) }", ("N101", 4, 23), "for i in 0..3 { Dense(8) }"),
    ("for i in range(1, 3) {\n      Dense(8 * i)\n    }", ("N101", 4, 26),
     "for i in 1..3 {\n      Dense(8 * i)\n    }"),
    ("a: Dense(8)\n    Dense(4)", ("N303", 4, 5), "a = Dense(8)\n    Dense(4)"),
    ('Dense(8, "relu)\n    Dense(4)', ("N104", 4, 14), 'Dense(8, "relu")\n    Dense(4)'),
    ("Dense((8), 'relu) # so\n    Dense(4)", ("N104", 4, 16), "Dense((8), 'relu') # so\n    Dense(4)"),
    ('Dense("8")', ("N203", 4, 11), "Dense(8)"),
    ('Dropout(rate="0.5")', ("N203", 4, 18), "Dropout(rate=0.5)"),
    ("Dropout(25)", ("N203", 4, 13), "Dropout(0.25)"),
    ("FC(8)", ("N201", 4, 5), "Dense(8)"),
    ("Dense(8, activation=ReLU())", ("N203", 4, 25), 'Dense(8, activation="relu")'),
    ("Dense(HPO(8, 16))", ("N208", 4, 11), "Dense(HPO(choice(8, 16)))"),
    ("a = Dense(6)\n    b = Dense(6)\n    Add(a, b)", ("N207", 6, 9),
     "a = Dense(6)\n    b = Dense(6)\n    Add()(a, b)"),
    ("a = Dense(6)\n    Residual(a) { Dense(6) }", ("N207", 5, 14), "a = Dense(6)\n    Residual()(a) { Dense(6) }"),
    ("Dense(8, activ='relu')", ("N202", 4, 14), "Dense(8, activation='relu')"),
    ("Embed(9, 4)", ("N201", 4, 5), "Embedding(9, 4)"),
]  # fmt: skip

NETWORKS: list[tuple[str, Place, str]] = [
    # as ``HABITS``, of whole programs
    ("// mine\nnetwork A { input: (6,) layers: Dense(2) }", ("N101", 1, 1),
     "# mine\nnetwork A { input: (6,) layers: Dense(2) }"),
    ("network A { // it's mine\n input: (6,) layers: Dense(2) }", ("N101", 1, 13),
     "network A { # it's mine\n input: (6,) layers: Dense(2) }"),
    ("network A { input: (6,) layers: Dense(2) }\n-- the end", ("N101", 2, 1),
     "network A { input: (6,) layers: Dense(2) }\n# the end"),
    ("let width : 8\nnetwork A { input: (6,) layers: Dense(width) }", ("N101", 1, 11),
     "let width = 8\nnetwork A { input: (6,) layers: Dense(width) }"),
    ("let width = 8,\nnetwork A { input: (6,) layers: Dense(width) }", ("N101", 1, 14),
     "let width = 8\nnetwork A { input: (6,) layers: Dense(width) }"),
    ("define Block(n: 8) { Dense(n) }\nnetwork A { input: (6,) layers: Block() }", ("N101", 1, 15),
     "define Block(n= 8) { Dense(n) }\nnetwork A { input: (6,) layers: Block() }"),
    (probe("Dense(2)", "784"), ("N101", 2, 10), probe("Dense(2)", "(784)")),
    (probe("Dense(2)", "28, 28, 1"), ("N101", 2, 10), probe("Dense(2)", "(28, 28, 1)")),
    (probe("Dense(2)", "None, 28"), ("N101", 2, 10), probe("Dense(2)", "(None, 28)")),
    (probe("Dense(2)", "[28, 28, 1]"), ("N101", 2, 10), probe("Dense(2)", "(28, 28, 1)")),
    (probe("Dense(2)", "(6,),"), ("N101", 2, 15), probe("Dense(2)", "(6,)")),
    ("network A {\n  input = (6,)\n  layers:\n    Dense(2)\n}\n", ("N101", 2, 9),
     "network A {\n  input : (6,)\n  layers:\n    Dense(2)\n}\n"),
    ("network A {\n  input = [6, 2],\n  layers:\n    Dense(2)\n}\n", ("N101", 2, 9),
     "network A {\n  input : (6, 2)\n  layers:\n    Dense(2)\n}\n"),
    ("network A {\n  input: (6,)\n  layers =\n    Dense(2)\n}\n", ("N101", 3, 10),
     "network A {\n  input: (6,)\n  layers :\n    Dense(2)\n}\n"),
    (section('loss = "mse"'), ("N101", 5, 8), section('loss : "mse"')),
    (section('loss "mse"'), ("N101", 5, 8), section('loss: "mse"')),
    (section('loss: "mse",'), ("N101", 5, 14), section('loss: "mse"')),
    (section('loss: "mse'), ("N104", 5, 9), section('loss: "mse"')),
    (section("optimizer = Adam(0.1)"), ("N101", 5, 13), section("optimizer : Adam(0.1)")),
    (section("optimizer Adam(0.1)"), ("N101", 5, 13), section("optimizer: Adam(0.1)")),
    (section('metrics = ["mae"]'), ("N101", 5, 11), section('metrics : ["mae"]')),
    (section("train { epochs = 3, batch_size = 2 }"), ("N101", 5, 18), section("train { epochs : 3, batch_size : 2 }")),
    (section("train { epochs => 3 }"), ("N101", 5, 18), section("train { epochs : 3 }")),
    (probe("LSTM(4)\n    LSTM(4)", STEPS), ("N401", 5, 5),
     probe("LSTM(4, return_sequences=true)\n    LSTM(4)", STEPS)),
    (probe("GRU(4, return_sequences=false)\n    Dropout(0.5)\n    Conv1D(4, 3)", STEPS), ("N401", 6, 5),
     probe("GRU(4, return_sequences=true)\n    Dropout(0.5)\n    Conv1D(4, 3)", STEPS)),
    (probe("LSTM(4) * 2", STEPS), ("N401", 4, 5), probe("LSTM(4, return_sequences=true) * 2", STEPS)),
    (section('optimizer: Adam(learning_rate="1e-3")'), ("N203", 5, 33),
     section("optimizer: Adam(learning_rate=0.001)")),
    (section('train { epochs: "10" }'), ("N502", 5, 19), section("train { epochs: 10 }")),
    (section("train { validation_split: 20 }"), ("N502", 5, 29), section("train { validation_split: 0.2 }")),
    (probe("Bidirectional(LSTM(4), merge='sum')", STEPS), ("N202", 4, 28),
     probe("Bidirectional(LSTM(4), merge_mode='sum')", STEPS)),
    (probe("MaxPool(2)", "(8, 8, 3)"), ("N201", 4, 5), probe("MaxPooling2D(2)", "(8, 8, 3)")),
    (probe("MaxPool(2)", "(8, 3)"), ("N201", 4, 5), probe("MaxPooling1D(2)", "(8, 3)")),
    (probe("GAP()", "(8, 8, 3)"), ("N201", 4, 5), probe("GlobalAveragePooling2D()", "(8, 8, 3)")),
    (probe("Deconv(4, 2)", "(8, 8, 8, 3)"), ("N201", 4, 5), probe("Conv3DTranspose(4, 2)", "(8, 8, 8, 3)")),
]  # fmt: skip


def check(source: str, place: Place, fixed: str) -> None:
    (found,) = (each for each in neural.analyze(source).diagnostics if each.severity == "error")
    assert (found.code, found.line, found.column) == place
    assert applied(source, found.fixes[0]) == fixed
    assert [each for each in neural.analyze(fixed).diagnostics if each.severity != "hint"] == []


@pytest.mark.parametrize(("statements", "place", "fixed"), HABITS)
def test_the_fix_of_a_statement_writes_what_was_meant(statements: str, place: Place, fixed: str) -> None:
    check(probe(statements), place, probe(fixed))


@pytest.mark.parametrize(("source", "place", "fixed"), NETWORKS)
def test_the_fix_of_a_program_writes_what_was_meant(source: str, place: Place, fixed: str) -> None:
    check(source, place, fixed)


HELP: list[tuple[str, Place, str]] = [
    # statements, the report, and words of its help
    ("Dense(8, a) a = Dense(6)", ("N207", 4, 14), 'a string is quoted: "a"'),
    ("a = Dense(6) Dense(8, a)", ("N207", 4, 27), "a layer reads tensors in parentheses of their own"),
    ("TimeDistributed(Dense)", ("N207", 4, 21), "a layer stands with its arguments: Dense(...)"),
    ("Conv1D(8, 3, padding=1)", ("N203", 4, 26), '"same" keeps the size at stride 1'),
    ("Dense(8, input_shape=(6,))", ("N202", 4, 14), "`input:` states the shape of the input"),
    ("LSTM(4)", ("N401", 4, 5), "where a None in front is the batch"),
]


@pytest.mark.parametrize(("statements", "place", "words"), HELP)
def test_help(statements: str, place: Place, words: str) -> None:
    (found,) = neural.analyze(probe(statements)).diagnostics
    assert (found.code, found.line, found.column) == place
    assert words in found.help


def test_a_second_network_of_a_name_cannot_be_asked_for() -> None:
    network = "network A { input: (6,) layers: Dense(2) }\n"
    (found,) = neural.analyze(network + network.replace("A", "B") + network).diagnostics
    assert (found.severity, found.code, found.line, found.column) == ("warning", "N305", 3, 9)
    assert [(each.span.line, each.span.column) for each in found.related] == [(1, 9)]


NO_FIX: list[tuple[str, Place]] = [
    # what cannot be told has no fix that would be wrong
    ("a, b Split(2)", ("N101", 4, 6)),
    ("Dense(8), 3", ("N101", 4, 13)),
    ('Dense(8), activation="relu"', ("N101", 4, 13)),
    ("Dense(8) -> 3", ("N101", 4, 14)),
    ("/* the head\n    Dense(4) */", ("N101", 4, 5)),
    ("Dense 8 / 3", ("N101", 4, 11)),
    ("3 * Dense(6) * 2", ("N101", 4, 5)),
    ("for i in range(1, 3, 2) { Dense(8) }", ("N101", 4, 29)),
    ('Dense((8, "relu)', ("N104", 4, 15)),
    ("if 1 < 2 { Dense(8) } else { Dense(4) }", ("N101", 4, 5)),
]


@pytest.mark.parametrize(("statements", "place"), NO_FIX)
def test_what_cannot_be_told_has_no_fix(statements: str, place: Place) -> None:
    found = neural.analyze(probe(statements)).diagnostics[0]
    assert (found.code, found.line, found.column) == place
    assert found.fixes == ()


EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))


def statements_of(source: str) -> Iterator[tuple[int, int]]:
    """Yield where each layer's statement of the first network begins and ends that stands in the network itself."""
    program = parse(source).program
    assert program is not None
    network = next(each for each in program.items if isinstance(each.item, NetworkItem))
    for part in network.item.sections:
        if isinstance(part, LayersSection):
            for start, statement in part.block.statements:
                if isinstance(statement, LayerStatement):
                    yield network.start + start, network.start + start + statement.length


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_habit_in_an_example_has_one_report_whose_fix_undoes_it(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    right, statements = blank(parse(source).program), list(statements_of(source))
    rng = Random(path.stem)
    for start, end in rng.sample(statements, min(len(statements), 4)):
        rest = source[end:].split("\n", 1)[0].strip()
        habits = [
            f"{source[:end]},{source[end:]}",
            f"{source[:start]}// don't: {{\n{source[start:]}",
            f"{source[:start]}3 * {source[start:]}" if source[end - 1] in ")}" and "*" not in rest else "",
            f"{source[:start]}-> {source[start:]}" if source[:start].split()[-1] != "layers:" else "",
            f"{source[:end]} // (so{source[end:]}" if not rest else "",
        ]
        for number, broken in enumerate(filter(None, habits)):
            (found,) = parse(broken).diagnostics
            fixed = applied(broken, found.fixes[0])
            assert parse(fixed).diagnostics == (), broken
            if "3 * " not in broken or " * 3" not in fixed:
                assert blank(parse(fixed).program) == right, (number, broken)


def test_a_program_as_other_languages_write_it_becomes_one_fix_by_fix() -> None:
    source = """// My network, don't panic
network A {
  input = [28, 28, 1],
  layers = [
    Conv2D(32, 3), // first
    Flatten(),
    Dense[64] -> Dropout(50),
    Dense 10, "softmax",
  ]
  loss = "mse",
  train { epochs = 3, batch_size = 4 }
}
"""
    for _ in range(40):
        diagnostics = neural.analyze(source).diagnostics
        if not diagnostics:
            break
        source = applied(source, diagnostics[0].fixes[0])
    assert (
        default_compiler().format(source)
        == """# My network, don't panic
network A {
    input: (28, 28, 1)
    layers:
        Conv2D(32, 3)  # first
        Flatten()
        Dense(64)
        Dropout(0.5)
        Dense(10, "softmax")

    loss: "mse"
    train {
        epochs: 3
        batch_size: 4
    }
}
"""
    )
