"""The driver reads what Lark reads, makes what the builder makes of Lark's tree, and refuses what Lark refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark, Tree, UnexpectedInput

from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.builder import AmbiguousError, Builder, TooDeepError
from neural.parser.driver import Driver, read_statements, shared_driver
from neural.parser.parser import START_RULES, parse, parse_expression, shared_parser
from neural.syntax import LayerStatement, Placed, PlacedItem, Word
from tests.binding.programs import PROGRAMS
from tests.generator import mutate, random_program
from tests.parser.test_create_parser import TEXTS, WRONG
from tests.parser.test_recovery import HALF_TYPED, SEVERAL
from tests.parser.test_syntax import EXPRESSIONS, PROBLEMS, STATEMENTS
from tests.performance.profiling_utils import compare_implementations
from tests.performance.programs import COMPLEX, RESNET50, SIMPLE, chain, wide

ROOT = Path(__file__).parents[2]
EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.neural"))]
SMALL = Limits(depth=3, integer=9, number_characters=3, string_characters=2)


def by_tree(start: str, text: str, limits: Limits) -> Any:
    """Return what the builder makes of Lark's tree; None for what is refused."""
    builder = Builder(limits)
    makers: dict[str, Callable[[Tree[Any]], Any]] = {
        "program": lambda tree: builder.program(tree, len(text)),
        **dict.fromkeys(("let", "define", "network", "research"), builder.item),
        **dict.fromkeys(("input", "layers", "output", "setting", "settings"), builder.section),
        "statements": builder.block,
        **dict.fromkeys(("statement", "layer"), builder.statement),
        "expression": builder.expression,
    }
    try:
        return makers[start](shared_parser().parse(text, start=start))
    except (UnexpectedInput, TooDeepError, AmbiguousError):
        return None


def differing(texts: Iterable[str], start: str = "program", limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """Return the texts that the two ways do not read as equal; equal to the last letter, as 1 == 1.0 == True."""
    read = shared_driver().read
    return [text for text in texts if repr(read(start, text, limits)) != repr(by_tree(start, text, limits))]


# --- the same as by Lark's tree ---


def test_the_builder_has_a_way_for_every_start_rule() -> None:
    for start, text, _ in TEXTS:
        assert by_tree(start, text, DEFAULT_LIMITS) is not None
    assert {start for start, _, _ in TEXTS} == set(START_RULES)


@pytest.mark.parametrize("start", START_RULES)
def test_every_start_rule_reads_every_row(start: str) -> None:
    texts = [text for _, text, *_ in [*TEXTS, *WRONG]] + [text for text, _ in [*EXPRESSIONS, *PROBLEMS, *STATEMENTS]]
    assert differing(texts, start) == []
    assert differing(texts, start, SMALL) == []


def test_what_is_equal_is_also_a_value() -> None:
    found = shared_driver().read("program", COMPLEX, DEFAULT_LIMITS)
    assert found == by_tree("program", COMPLEX, DEFAULT_LIMITS)
    assert hash(found) == hash(by_tree("program", COMPLEX, DEFAULT_LIMITS))


def test_examples_and_benchmarks() -> None:
    texts = [*EXAMPLES, SIMPLE, COMPLEX, RESNET50, chain(50), wide(50)]
    assert [text for text in texts if shared_driver().read("program", text, DEFAULT_LIMITS) is None] == []
    assert differing(texts) == []


@pytest.mark.parametrize(
    "limits", [DEFAULT_LIMITS, SMALL, Limits(depth=1), Limits(depth=2)], ids=["usual", "small", "one", "two"]
)
def test_rows_of_the_binder(limits: Limits) -> None:
    assert differing((each.source for rows in PROGRAMS.values() for each in rows), limits=limits) == []


def test_broken_programs_are_refused_alike() -> None:
    texts = [row[0] for row in [*SEVERAL, *HALF_TYPED]]
    assert differing(texts) == []


@pytest.mark.parametrize("part", range(4))
def test_random_programs_and_what_they_become_when_broken(part: int) -> None:
    rng = Random(part)
    for seed in range(part, 60, 4):
        source = random_program(seed)
        broken = [mutate(source, rng, COMPLEX) for _ in range(12)]
        assert differing([source, *broken, *(source[: rng.randrange(len(source))] for _ in range(3))]) == []
        for depth in range(1, 7):
            assert differing([source], limits=Limits(depth=depth)) == []


@pytest.mark.parametrize("source", [SIMPLE, *EXAMPLES[:3]], ids=["simple", "first", "second", "third"])
def test_prefixes_and_suffixes(source: str) -> None:
    cuts = range(0, len(source), max(1, len(source) // 120))
    assert differing(source[:cut] for cut in cuts) == []
    assert differing((source[cut:] for cut in cuts), "statements") == []


def nested(depth: int) -> list[str]:
    """Return programs that nest in every way there is, that deep."""
    values = [
        "(" * depth + "1" + ")" * depth,
        "[" * depth + "1" + "]" * depth,
        "f(" * depth + "1" + ")" * depth,
        "{a: " * depth + "1" + "}" * depth,
        "-" * depth + "1",
        "1" + "+1" * depth,
        "1**" * depth + "1",
        "1 if 2 else " * depth + "3",
    ]
    inside = "network N {{ input: (4) layers: {} }}".format
    return [
        *(f"let a = {value}" for value in values),
        *(f"let a = 1 in {value}..{value}" for value in values),
        *(f"define A(b={value}) {{ }}" for value in values),
        *(f"network N {{ loss: {value} }}" for value in values),
        *(f"network N {{ train {{ a: {value} }} }}" for value in values),
        *(inside(f"Dense({value})") for value in values),
        *(inside(f"Dense(units={value})") for value in values),
        *(inside(f"Dense * ({value})") for value in values),
        *(inside(f"for i in 0..{value} {{ }}") for value in values),
        *(inside(f"weight: ({value})") for value in values),
        inside("a: {" * depth + "}" * depth),
        inside("Residual() {" * depth + "Dense(1)" + "}" * depth),
        "network N { input: " + values[0] + " }",
    ]


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_nesting_is_refused_at_the_same_depth(depth: int) -> None:
    texts = nested(depth)
    for most in range(1, 7):
        assert differing(texts, limits=Limits(depth=most)) == []


@pytest.mark.parametrize("depth", [62, 63, 64, 65])
def test_nesting_up_to_the_usual_depth(depth: int) -> None:
    assert differing(nested(depth)) == []


def test_nesting_without_end_is_refused() -> None:
    for text in nested(1000):
        assert shared_driver().read("program", text, DEFAULT_LIMITS) is None


COUNTS = ["* 3", "* n", "*\nn", "*\nN", "* # N\nN(2)", "*\rN", "*\r\nN", "*\n(N)", "*\n-3", "*\n\nTrue", "* \n f(2)"]


@pytest.mark.parametrize("count", COUNTS)
def test_a_count_that_reads_as_the_next_layer_is_refused(count: str) -> None:
    source = f"network N {{ input: (4) layers: Dense(2) {count} }}"
    assert differing([source]) == []
    refused = count in ("*\nN", "* # N\nN(2)", "*\r\nN", "*\n\nTrue")
    assert (shared_driver().read("program", source, DEFAULT_LIMITS) is None) is refused


# --- a piece of a source ---

PIECES: list[tuple[str, list[tuple[int, str]] | None]] = [
    # what is read at offset 100, and the names of the layers with their places
    ("", []),
    (" ; ", []),
    ("Dense(2)", [(100, "Dense")]),
    ("  Dense(2)\n  Dropout(0.1) ;", [(102, "Dense"), (113, "Dropout")]),
    ("A { B }", [(100, "A")]),
    ("# a\nA", [(104, "A")]),
    ("A # a\n", [(100, "A")]),
    ("A # a\r", [(100, "A")]),
    ("A; # a\n # b\n", [(100, "A")]),
    ("A('#')", [(100, "A")]),
    ("A # a", None),
    ("A # a\n ; # b", None),
    ("# a", None),
    ("A('\x00')", None),
    ("A # \x7f\n", None),
    ("A(", None),
    ("A }", None),
    ("A *\nB", None),
    ("é", None),
    ("loss: 3", None),
]


@pytest.mark.parametrize(("text", "expected"), PIECES)
def test_the_statements_of_a_piece(text: str, expected: list[tuple[int, str]] | None) -> None:
    found = read_statements(text, 100, DEFAULT_LIMITS)
    assert (None if found is None else [(at, statement.type.text) for at, statement in found]) == expected  # type: ignore[union-attr]


def test_a_piece_is_what_it_is_in_its_source() -> None:
    text = 'a = Dense(2, "b") * 3\nResidual() { Dense(3) }'
    whole = read_statements("Flatten()\n" + text, 0, DEFAULT_LIMITS)
    assert whole is not None
    assert read_statements(text, 10, DEFAULT_LIMITS) == whole[1:]


def test_the_depth_of_a_piece() -> None:
    assert read_statements("A { B { C } }", 0, Limits(depth=3)) is not None
    assert read_statements("A { B { C } }", 0, Limits(depth=2)) is None


def test_a_place_further_on() -> None:
    word = Word("A", (0, 1))
    layer = LayerStatement((), word, None, None, None, None, None, None, 1)
    read = shared_driver().read
    assert read("statement", " A", DEFAULT_LIMITS, 5) == Placed(6, layer)
    assert read("let", "  let a = 3", DEFAULT_LIMITS, 5).start == 7
    assert isinstance(read("network", "network N { }", DEFAULT_LIMITS, 5), PlacedItem)


# --- what it costs ---


def test_a_right_program_asks_nothing_of_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    shared_driver()
    asked: list[str] = []
    for name in ("parse", "lex", "parse_interactive"):
        monkeypatch.setattr(Lark, name, lambda *given, name=name, **more: asked.append(name))
    for source in (SIMPLE, COMPLEX, RESNET50):
        assert parse(source).diagnostics == ()
    assert parse_expression("1 + f(2)") is not None
    assert asked == []


def test_a_broken_program_is_read_once_before_its_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[str] = []
    read = Driver.read

    def counted(*given: Any) -> Any:
        whole.append("driver")
        return read(*given)

    monkeypatch.setattr(Lark, "parse", lambda *given, **more: whole.append("lark"))
    monkeypatch.setattr(Driver, "read", counted)
    assert parse(SIMPLE[:-2]).diagnostics != ()
    assert whole == ["driver"]


@pytest.mark.parametrize(("source", "most"), [(wide(1000), 0.6), (chain(1000), 0.6)], ids=["distinct", "alike"])
def test_it_takes_well_under_the_time_of_lark_alone(source: str, most: float) -> None:
    lark = shared_parser()
    compared = compare_implementations(
        {"lark": lambda: lark.parse(source, start="program"), "parse": lambda: parse(source)},
        iterations=9,
        clock=time.process_time,
    )
    assert compared.growth("lark", "parse") <= most


GROWING: list[tuple[str, str, str]] = [
    ("", "let a = 1 ", ""),
    ("", "; ", ""),
    ("network A {", "loss: a; ", "}"),
    ("network A {", "layers: B ", "}"),
    ("network A { train {", "a: 1, ", "} }"),
    ("network A { output: a", ", a", "}"),
    ("network A { input: (1)", ", (1)", "}"),
    ("network A { layers:", " a: { }", "}"),
    ("network A { layers: A(1", ", 1", ") }"),
    ("network A { layers: A(1)(a", ", a", ") }"),
    ("network A { layers: a", ", a", "= A }"),
    ("network A { layers: A([1", ", 1", "]) }"),
    ("network A { layers: A({", "a: 1, ", "}) }"),
    ("let a = (1", ", 1", ")"),
    ("let a = 1", " + 1", ""),
    ("define A(b", ", b", ") { }"),
    ("research A {", "a { b: 1 } ", "}"),
]


@pytest.mark.parametrize(("before", "repeated", "after"), GROWING)
def test_time_is_proportional_to_what_is_listed(before: str, repeated: str, after: str) -> None:
    def work(times: int) -> Callable[[], object]:
        text = before + repeated * times + after
        return lambda: shared_driver().read("program", text, DEFAULT_LIMITS)

    compared = compare_implementations({"short": work(1500), "long": work(6000)}, iterations=5, clock=time.process_time)
    # Four times the text: four times the time, where the square of it would be sixteen.
    assert compared.growth("short", "long") < 9
