"""From text to Syntax: every construct, with its ranges relative to the statement or item that holds it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from neural.parser.parser import parse, parse_expression
from neural.syntax import (
    Argument,
    Binary,
    Block,
    BranchStatement,
    Call,
    Conditional,
    Define,
    Expression,
    ForStatement,
    Group,
    InputSection,
    InputShape,
    Item,
    LayersSection,
    LayerStatement,
    Let,
    Literal,
    Mapping,
    Name,
    NetworkItem,
    OutputSection,
    Pair,
    Parameter,
    Placed,
    Research,
    Section,
    Sequence,
    SettingSection,
    SettingsSection,
    Statement,
    StrayStatement,
    Unary,
    Word,
)

EXPRESSIONS: list[tuple[str, Expression]] = [
    ("12", Literal(12, (0, 2))),
    ("1_2", Literal(12, (0, 3))),
    ("007", Literal(7, (0, 3))),
    ("1.5", Literal(1.5, (0, 3))),
    (".5", Literal(0.5, (0, 2))),
    ("5.", Literal(5.0, (0, 2))),
    ("1e-3", Literal(0.001, (0, 4))),
    ("1E3", Literal(1000.0, (0, 3))),
    ("9223372036854775807", Literal(2**63 - 1, (0, 19))),
    ('"a b"', Literal("a b", (0, 5))),
    ("'a\"b'", Literal('a"b', (0, 5))),
    ('"a\\"b"', Literal('a"b', (0, 6))),
    ('"\\n\\t\\r\\\\\\\'"', Literal("\n\t\r\\'", (0, 12))),
    ('"\\d"', Literal("\\d", (0, 4))),
    ('"é\U0001f642"', Literal("é\U0001f642", (0, 4))),
    ("true", Literal(True, (0, 4))),
    ("True", Literal(True, (0, 4))),
    ("FALSE", Literal(False, (0, 5))),
    ("none", Literal(None, (0, 4))),
    ("null", Literal(None, (0, 4))),
    ("trUe", Name("trUe", (0, 4))),
    ("width", Name("width", (0, 5))),
    ("_a1", Name("_a1", (0, 3))),
    ("input", Name("input", (0, 5))),
    ("(a)", Group(Name("a", (1, 2)), (0, 3))),
    ("((a))", Group(Group(Name("a", (2, 3)), (1, 4)), (0, 5))),
    ("()", Sequence((), (0, 2))),
    ("(1,)", Sequence((Literal(1, (1, 2)),), (0, 4))),
    ("(1, 2)", Sequence((Literal(1, (1, 2)), Literal(2, (4, 5))), (0, 6))),
    ("(1, 2,)", Sequence((Literal(1, (1, 2)), Literal(2, (4, 5))), (0, 7))),
    ("[]", Sequence((), (0, 2), is_list=True)),
    ("[1,]", Sequence((Literal(1, (1, 2)),), (0, 4), is_list=True)),
    ("{}", Mapping((), (0, 2))),
    ("{a: 1, }", Mapping((Pair("a", (1, 2), Literal(1, (4, 5))),), (0, 8))),
    ('{"a b": 1, for: 2}', Mapping(
        (Pair("a b", (1, 6), Literal(1, (8, 9))), Pair("for", (11, 14), Literal(2, (16, 17)))), (0, 18)
    )),
    ("-a", Unary("-", Name("a", (1, 2)), (0, 2))),
    ("+ a", Unary("+", Name("a", (2, 3)), (0, 3))),
    ("a + 1", Binary("+", Name("a", (0, 1)), Literal(1, (4, 5)), (0, 5))),
    ("a-1", Binary("-", Name("a", (0, 1)), Literal(1, (2, 3)), (0, 3))),
    ("a - b - c", Binary(
        "-", Binary("-", Name("a", (0, 1)), Name("b", (4, 5)), (0, 5)), Name("c", (8, 9)), (0, 9)
    )),
    ("a + b * c", Binary(
        "+", Name("a", (0, 1)), Binary("*", Name("b", (4, 5)), Name("c", (8, 9)), (4, 9)), (0, 9)
    )),
    ("a ** b ** c", Binary(
        "**", Name("a", (0, 1)), Binary("**", Name("b", (5, 6)), Name("c", (10, 11)), (5, 11)), (0, 11)
    )),
    ("-a ** b", Unary("-", Binary("**", Name("a", (1, 2)), Name("b", (6, 7)), (1, 7)), (0, 7))),
    ("a ** -b", Binary("**", Name("a", (0, 1)), Unary("-", Name("b", (6, 7)), (5, 7)), (0, 7))),
    ("a // b", Binary("//", Name("a", (0, 1)), Name("b", (5, 6)), (0, 6))),
    ("a % b", Binary("%", Name("a", (0, 1)), Name("b", (4, 5)), (0, 5))),
    ("a <= b", Binary("<=", Name("a", (0, 1)), Name("b", (5, 6)), (0, 6))),
    ("a != b + c", Binary(
        "!=", Name("a", (0, 1)), Binary("+", Name("b", (5, 6)), Name("c", (9, 10)), (5, 10)), (0, 10)
    )),
    ("a if b else c", Conditional(Name("a", (0, 1)), Name("b", (5, 6)), Name("c", (12, 13)), (0, 13))),
    ("f()", Call("f", (0, 1), (), (0, 3))),
    ("f(1, x=2, in: 3)", Call(
        "f", (0, 1),
        (Argument(None, None, Literal(1, (2, 3))), Argument("x", (5, 6), Literal(2, (7, 8))),
         Argument("in", (10, 12), Literal(3, (14, 15)), colon=True)),
        (0, 16),
    )),
    ("f(g(a))", Call(
        "f", (0, 1),
        (Argument(None, None, Call("g", (2, 3), (Argument(None, None, Name("a", (4, 5))),), (2, 6))),), (0, 7),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expressions(text: str, expected: Expression) -> None:
    found = parse_expression(text)
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("text", ["", "1 +", "(1", "a b", "for", "a = 1", "1 < 2 < 3", "(" * 70 + "1" + ")" * 70, "é"])
def test_text_that_is_no_value(text: str) -> None:
    assert parse_expression(text) is None


PROBLEMS: list[tuple[str, str]] = [
    ("9223372036854775808", "2**63"),
    ("123456789012345678901", "20 characters"),
    ("1e400", "64-bit float"),
    ("'" + "a" * 10_001 + "'", "10000 characters"),
]


@pytest.mark.parametrize(("text", "words"), PROBLEMS)
def test_literals_beyond_the_limits_say_so(text: str, words: str) -> None:
    found = parse_expression(text)
    assert isinstance(found, Literal)
    assert words in found.problem
    assert found.range == (0, len(text))


def layer(type_: str, at: tuple[int, int], length: int, **given: Any) -> LayerStatement:
    empty = dict.fromkeys(("arguments", "arguments_range", "references", "device", "block", "count"))
    return LayerStatement(type=Word(type_, at), length=length, **{"labels": (), **empty, **given})


STATEMENTS: list[tuple[str, Statement]] = [
    ("Dense", layer("Dense", (0, 5), 5)),
    ("Dense()", layer("Dense", (0, 5), 7, arguments=(), arguments_range=(5, 7))),
    ("Dense(10)", layer(
        "Dense", (0, 5), 9, arguments=(Argument(None, None, Literal(10, (6, 8))),), arguments_range=(5, 9)
    )),
    ("Dense(units = 10, )", layer(
        "Dense", (0, 5), 19, arguments=(Argument("units", (6, 11), Literal(10, (14, 16))),), arguments_range=(5, 19)
    )),
    ("a = Dense", layer("Dense", (4, 9), 9, labels=(Word("a", (0, 1)),))),
    ("a, b,c =Dense", layer(
        "Dense", (8, 13), 13, labels=(Word("a", (0, 1)), Word("b", (3, 4)), Word("c", (5, 6)))
    )),
    ("Add()(a, in,)", layer(
        "Add", (0, 3), 13, arguments=(), arguments_range=(3, 5), references=(Word("a", (6, 7)), Word("in", (9, 11)))
    )),
    ("Add()()", layer("Add", (0, 3), 7, arguments=(), arguments_range=(3, 5), references=())),
    ('Dense @ "cpu"', layer("Dense", (0, 5), 13, device=Literal("cpu", (8, 13)))),
    ("Dense * 3", layer("Dense", (0, 5), 9, count=Literal(3, (8, 9)))),
    ("Dense * -3", layer("Dense", (0, 5), 10, count=Unary("-", Literal(3, (9, 10)), (8, 10)))),
    ("Dense * n", layer("Dense", (0, 5), 9, count=Name("n", (8, 9)))),
    ("Dense * f(1)", layer("Dense", (0, 5), 12, count=Call(
        "f", (8, 9), (Argument(None, None, Literal(1, (10, 11))),), (8, 12)
    ))),
    ("Dense * (n)", layer("Dense", (0, 5), 11, count=Group(Name("n", (9, 10)), (8, 11)))),
    ("Residual { }", layer("Residual", (0, 8), 12, block=Block((), (9, 12)))),
    ("Residual { Dense }", layer(
        "Residual", (0, 8), 18, block=Block((Placed(11, layer("Dense", (0, 5), 5)),), (9, 18))
    )),
    (
        'a = R(x)(b) @ "c" { Dense; Add } * 2',
        layer(
            "R", (4, 5), 36, labels=(Word("a", (0, 1)),), arguments=(Argument(None, None, Name("x", (6, 7))),),
            arguments_range=(5, 8), references=(Word("b", (9, 10)),), device=Literal("c", (14, 17)),
            block=Block((Placed(20, layer("Dense", (0, 5), 5)), Placed(27, layer("Add", (0, 3), 3))), (18, 32)),
            count=Literal(2, (35, 36)),
        ),
    ),
    ("a: { Dense }", BranchStatement(Word("a", (0, 1)), Block((Placed(5, layer("Dense", (0, 5), 5)),), (3, 12)), 12)),
    ("a: { }", BranchStatement(Word("a", (0, 1)), Block((), (3, 6)), 6)),
    (
        "for i in 0..n + 1 { Dense(i) }",
        ForStatement(
            Word("i", (4, 5)), Literal(0, (9, 10)), Binary("+", Name("n", (12, 13)), Literal(1, (16, 17)), (12, 17)),
            Block((Placed(20, layer(
                "Dense", (0, 5), 8, arguments=(Argument(None, None, Name("i", (6, 7))),), arguments_range=(5, 8)
            )),), (18, 30)), 30,
        ),
    ),
    ("for i in 0..3 { }", ForStatement(
        Word("i", (4, 5)), Literal(0, (9, 10)), Literal(3, (12, 13)), Block((), (14, 17)), 17
    )),
    ("weight: 3", StrayStatement(Word("weight", (0, 6)), Literal(3, (8, 9)), 9)),
]  # fmt: skip


def statements(source: str) -> tuple[Placed, ...]:
    """Return the statements of a text that is put into a network."""
    program, diagnostics, _ = parse(f"network N {{ layers: {source} }}")
    assert diagnostics == ()
    assert program is not None
    (item,) = program.items
    assert isinstance(item.item, NetworkItem)
    (section,) = item.item.sections
    assert isinstance(section, LayersSection)
    return section.block.statements


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statements(text: str, expected: Statement) -> None:
    (placed,) = statements(text)
    assert placed == Placed(20, expected)


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_a_statement_is_the_same_value_wherever_it_stands(text: str, expected: Statement) -> None:
    (moved,) = statements(f"# a comment\n\n   {text}")
    assert moved == Placed(20 + len("# a comment\n\n   "), expected)
    (outer,) = statements(f"Residual {{   {text} }}")
    assert isinstance(outer.statement, LayerStatement)
    assert outer.statement.block is not None
    assert outer.statement.block.statements == (Placed(len("Residual {   "), expected),)
    first, second = statements(f"{text} ; {text}")
    assert first.statement == second.statement == expected
    assert hash(first.statement) == hash(second.statement)


SECTIONS: list[tuple[str, Section]] = [
    ("input: (6,)", InputSection((12, 17), (InputShape(None, Sequence((Literal(6, (20, 21)),), (19, 23)), None),))),
    ("input: (6) int32", InputSection((12, 17), (
        InputShape(None, Group(Literal(6, (20, 21)), (19, 22)), Word("int32", (23, 28))),
    ))),
    ("input: (6), ()", InputSection((12, 17), (
        InputShape(None, Group(Literal(6, (20, 21)), (19, 22)), None), InputShape(None, Sequence((), (24, 26)), None),
    ))),
    ("input: { a: (6), loss: () int8, }", InputSection((12, 17), (
        InputShape(Word("a", (21, 22)), Group(Literal(6, (25, 26)), (24, 27)), None),
        InputShape(Word("loss", (29, 33)), Sequence((), (35, 37)), Word("int8", (38, 42))),
    ))),
    ("input: { }", InputSection((12, 17), ())),
    ("layers: Dense", LayersSection((12, 18), Block((Placed(20, layer("Dense", (0, 5), 5)),), (20, 25)))),
    ("layers:", LayersSection((12, 18), Block((), (0, 0)))),
    ("output: a, input", OutputSection((12, 18), (Word("a", (20, 21)), Word("input", (23, 28))))),
    ("loss: mse", SettingSection((12, 16), "loss", Name("mse", (18, 21)))),
    ("optimizer: 'a'", SettingSection((12, 21), "optimizer", Literal("a", (23, 26)))),
    ("metrics: []", SettingSection((12, 19), "metrics", Sequence((), (21, 23), is_list=True))),
    ("train { a: 1, b: 2; c: 3 }", SettingsSection((12, 17), "train", (
        Pair("a", (20, 21), Literal(1, (23, 24))), Pair("b", (26, 27), Literal(2, (29, 30))),
        Pair("c", (32, 33), Literal(3, (35, 36))),
    ))),
    ("train: { }", SettingsSection((12, 17), "train", ())),
    ("execution { }", SettingsSection((12, 21), "execution", ())),
    ("execute { }", SettingsSection((12, 19), "execution", ())),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SECTIONS)
def test_sections(text: str, expected: Section) -> None:
    source = f"network N {{ {text} }}"
    program, diagnostics, _ = parse(source)
    assert diagnostics == ()
    assert program is not None
    (placed,) = program.items
    assert placed == (0, NetworkItem(Word("N", (8, 9)), (expected,), len(source)))


ITEMS: list[tuple[str, Item]] = [
    ("let a = 3", Let(Word("a", (4, 5)), Literal(3, (8, 9)), None, None, 9)),
    ("let a = 3 in 1..4", Let(Word("a", (4, 5)), Literal(3, (8, 9)), Literal(1, (13, 14)), Literal(4, (16, 17)), 17)),
    ("define A { }", Define(Word("A", (7, 8)), (), Block((), (0, 0)), 12)),
    ("define A() { }", Define(Word("A", (7, 8)), (), Block((), (0, 0)), 14)),
    (
        "define A(b, c=2,) { Dense }",
        Define(
            Word("A", (7, 8)),
            (Parameter(Word("b", (9, 10)), None), Parameter(Word("c", (12, 13)), Literal(2, (14, 15)))),
            Block((Placed(20, layer("Dense", (0, 5), 5)),), (20, 25)), 27,
        ),
    ),
    ("network train { }", NetworkItem(Word("train", (8, 13)), (), 17)),
    ("research { }", Research(Word("research", (0, 8)), None, (), 12)),
    (
        "research A { m { a: 1 } }",
        Research(
            Word("research", (0, 8)), Word("A", (9, 10)),
            (SettingsSection((13, 14), "m", (Pair("a", (17, 18), Literal(1, (20, 21))),)),), 25,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ITEMS)
@pytest.mark.parametrize("before", ["", "# a comment\n  ;", "let z = 1\n"])
def test_items(before: str, text: str, expected: Item) -> None:
    program, diagnostics, _ = parse(before + text)
    assert diagnostics == ()
    assert program is not None
    assert program.length == len(before) + len(text)
    assert program.items[-1] == (len(before), expected)


def ranges(value: Any, start: int, end: int) -> list[tuple[int, int]]:
    """Return every range of a value and of what it holds, as offsets; statements carry their own start."""
    found: list[tuple[int, int]] = []
    if isinstance(value, Placed):
        return ranges(value.statement, start + value.start, start + value.start + value.statement.length)
    if isinstance(value, Word):
        return [(start + value.range[0], start + value.range[1])]
    if is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if (
                field.name in ("range", "name_range", "arguments_range", "key_range", "keyword")
                and inner is not None
                and not isinstance(inner, Word)
            ):
                found.append((start + inner[0], start + inner[1]))
            else:
                found += ranges(inner, start, end)
        return found
    if isinstance(value, tuple):
        return [one for each in value for one in ranges(each, start, end)]
    return []


EXAMPLE = """
let width = 4 in 1..8  # é
define Block(units, act="relu") { Residual() { Dense(units, act) } * 2 }
network A {
    input: { image: (8, 8), words: (None, 4) int32 }
    layers:
        a = Dense(width * 2)(image) @ "cpu"
        for i in 0..3 { Block(8, act: "tanh") }
        words: { Dense(3) }
    output: a
    loss: { a: mse }
    train { epochs: 3 }
}
research { notes { about: "\U0001f642" } }
"""


def test_every_range_lies_within_what_holds_it() -> None:
    program, diagnostics, _ = parse(EXAMPLE)
    assert diagnostics == ()
    assert program is not None
    found = [(start, one) for start, item in program.items for one in ranges(item, start, start + item.length)]
    assert len(found) > 60
    for start, (low, high) in found:
        assert start <= low <= high <= len(EXAMPLE)
    words = {EXAMPLE[low:high] for _, (low, high) in found}
    assert {
        "width",
        "Block",
        "units",
        "act",
        '"relu"',
        "Dense",
        "width * 2",
        '"cpu"',
        "image",
        "(8, 8)",
        "int32",
        "0",
        "3",
        "epochs",
        "train",
        "mse",
        "loss",
        "output",
        "a",
        '"\U0001f642"',
        "about",
    } <= words


def test_a_byte_order_mark_moves_nothing() -> None:
    text = "network N { layers: Dense }"
    with_mark, without = parse("\ufeff" + text), parse(" " + text)
    assert with_mark.diagnostics == ()
    assert with_mark.program == without.program


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\t", " ", "\f"])
def test_white_space_means_nothing(end: str) -> None:
    program, diagnostics, _ = parse(end.join(["network", "N", "{", "layers", ":", "Dense", "(", "2", ")", "}"]))
    assert diagnostics == ()
    assert program is not None
    assert isinstance(program.items[0].item, NetworkItem)
