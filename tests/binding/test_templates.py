"""What is bound before is copied: never seen in a network, whatever its program repeats, and bound once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import process_time
from typing import Any
from unittest.mock import patch

import pytest

from neural.binding import bind
from neural.binding.arguments import ArgumentReader
from neural.binding.statements import StatementBinder
from neural.binding.templates import Template, Templates
from neural.limits import DEFAULT_LIMITS, Limits
from neural.network import Node
from neural.parser.parser import parse
from tests.binding.programs import probe
from tests.generator import mutate, random_program
from tests.performance.profiling_utils import compare_implementations
from tests.performance.programs import COMPLEX, ENCODER, RESNET50

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))
SMALL = Limits(layers=25, depth=5)
_CALL = re.compile(r"\b[A-Z]\w*\([^()\n]*\)(?!\s*[({*@])")


def nodes_of(source: str) -> tuple[Node, ...]:
    """Return the layers of a program that can be bound."""
    program, _, lines = parse(source)
    assert program is not None
    made = bind(program, lines)
    assert made.network is not None
    return made.network.nodes


def always_bound(self: Templates, key: Any, scope: Any, current: Any, make: Callable[[], Any], **_: Any) -> Any:
    """Stand for ``Templates.bound`` where nothing is to be copied."""
    return make()


@contextmanager
def counting(cls: type, method: str) -> Iterator[list[tuple[Any, ...]]]:
    """Take down the arguments of each call of a method within the block."""
    calls: list[tuple[Any, ...]] = []
    called = getattr(cls, method)

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return called(*args, **kwargs)

    with patch.object(cls, method, counted):
        yield calls


def check_same(source: str, network: str | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise unless a program is bound to what it is bound to when nothing is copied."""
    program, _, lines = parse(source)
    if program is None:
        return
    copied = bind(program, lines, network=network, limits=limits)
    with patch.object(Templates, "bound", always_bound):
        plain = bind(program, lines, network=network, limits=limits)
    assert copied == plain
    if copied.network is not None and plain.network is not None:
        assert list(copied.network.names.items()) == list(plain.network.names.items())


def repeated(source: str, rng: Random) -> str:
    """Return a program with repetitions put behind some of its calls."""
    return _CALL.sub(lambda call: call[0] + rng.choice(("", "", " * 2", " * 3", " * 5")), source)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_examples(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for network in re.findall(r"^network (\w+)", source, re.MULTILINE):
        check_same(source, network)
    rng = Random(path.stem)
    check_same(mutate(repeated(source, rng), rng))


@pytest.mark.parametrize("part", range(4))
def test_random_programs(part: int) -> None:
    rng = Random(part)
    for seed in range(12 * part, 12 * part + 12):
        source = random_program(seed)
        check_same(repeated(source, rng))
        check_same(mutate(repeated(source, rng), rng), limits=rng.choice((DEFAULT_LIMITS, SMALL)))


BLOCK = "define B(n=6) { a = Dense(n) Dropout(0.1) Add()(a, input) }\n"
TWO = "define B(n=6) { Add()(input_1, input_2) }\n"

#: Programs, and how often something is copied in them.
COPIES: list[tuple[str, int]] = [
    (probe("B() * 5", top=BLOCK), 4),
    (probe("B() B() B(6) B(n=6) B(6.0) B(7 - 1)", top=BLOCK), 4),
    (probe("B(size(input)) * 3", top=BLOCK), 2),
    (probe("Dense(6) * 5"), 3),
    (probe("x = Dense(6) * 5 Add()(x, input)"), 2),
    (probe("Residual() { Dense(6) } * 4"), 2),
    (probe("for i in 0..5 { Dense(6) }"), 3),
    (probe("for i in 0..5 { x = Dense(6) Add()(x, input) }"), 3),
    (probe("for i in 1..5 { Dense(6 * i) }"), 0),
    (probe("for i in 0..4 { Dense(6 if i < 2 else 7) }"), 0),
    (probe("for i in 0..4 { for j in 0..4 { Dense(6) } }"), 2 + 2 + 2),
    (probe("Dense(size(input)) * 4"), 2),
    # of other sizes it is bound again
    (probe("B() Dense(7) B()", top="define B() { Dense(2 * size(input)) }\n"), 0),
    (probe("B() * 4", top="define B() { Dense(2 * size(input)) }\n"), 0),
    (probe("B() B()", top="define B() { for i in 0..(2 if size(input) == 6 else 1) { Dense(8) } }\n"), 0),
    # what is named, reported, searched or tied is never copied
    (probe("B() B()", top='define B() { Dense(6, name="once") }\n'), 0),
    (probe("B() B()", top="define B() { Dense(6) Foo(2) }\n"), 0),
    (probe("B(6) B(7) B(6)", top="define B(n) { Dense(HPO(choice(n, 8))) }\n"), 0),
    (probe("B() B()", top="define B() { a, b = Split(2) Add()(a, b) }\n"), 0),
    (probe("B() B() B()", top="define B() { Linear(6) }\n"), 1),
    (probe("e = Dense(6) B() B()", top='define B() { Dense(6, shared="w") }\n'), 1),
    # tensors that are one, or are older than the repetition
    (probe("a = Dense(6) B()(a, a) B()(a, input) B()(input, a)", top=TWO), 1),
    (probe("a = Dense(6) for i in 0..4 { a: { } Add()(a, input) }"), 2),
    (probe("a = Dense(6) for i in 0..4 { a: { } }"), 0),
    (probe("SwiGLU(8) SwiGLU(8) Residual() { SwiGLU(8) }"), 2),
    (probe('B() @ "cpu" B() @ "cpu" B() @ "gpu"', top=BLOCK), 1),
]  # fmt: skip


@pytest.mark.parametrize(("source", "copies"), COPIES)
def test_what_is_copied(source: str, copies: int) -> None:
    check_same(source)
    check_same(source, limits=Limits(layers=4))
    with counting(Template, "copy") as calls:
        nodes_of(source)
    assert len(calls) == copies


#: A repetition, and the same written out.
ALIKE: list[tuple[str, str]] = [
    ("B() * 3", "B() B() B()"),
    ("B(4) * 3", "for i in 0..3 { B(4) }"),
    ("Residual() { B() } * 3", "Residual() { B() } Residual() { B() } Residual() { B() }"),
    ("B() * 2", "a = Dense(6) Dropout(0.1) add = Add()(a, input) a_1 = Dense(6) Dropout(0.1) Add()(a_1, add)"),
]


@pytest.mark.parametrize(("short", "long"), ALIKE)
def test_a_repetition_is_what_it_stands_for(short: str, long: str) -> None:
    def outline(statements: str) -> list[tuple[Any, ...]]:
        return [(node.key, node.type, node.layer, node.inputs) for node in nodes_of(probe(statements, top=BLOCK))]

    assert outline(short) == outline(long)


LIMITED = [
    "B() * 2",
    "B() * 3",
    "B() * 4",
    "B() B() B() B()",
    "for i in 0..3 { B() }",
    "for i in 0..4 { B() }",
    "Dense(6) * 10",
    "Dense(6) * 11",
    "N() * 40",
    "N() * 41 Dense(6)",
    "Residual() { B() } * 2",
    "C() * 3",
    "C() C()",
]


@pytest.mark.parametrize("statements", LIMITED)
@pytest.mark.parametrize("layers", [6, 9, 10, 12])
def test_limits_are_met_at_the_same_place(statements: str, layers: int) -> None:
    top = BLOCK + "define N() { for i in 0..1 { } }\ndefine C() { N() * 3 for i in 0..4 { N() } Dense(6) }\n"
    check_same(probe(statements, top=top), limits=Limits(layers=layers))
    check_same(probe(f"Dense(6) * 3 {statements} Dense(6)", top=top), limits=Limits(layers=layers))


COUNTED = [
    # source, nodes, how often a layer is bound, how many layers there are (the merges of Residual are bound with it)
    (probe("B() * 1000", top=BLOCK), 3000, 3, 3),
    (ENCODER, 240, 8, 10),
    (probe("for i in 0..1000 { Dense(6) Dropout(0.1) }"), 2000, 4, 2),
    (probe("Dense(6) * 1000"), 1000, 2, 1),
]


@pytest.mark.parametrize(("source", "nodes", "read", "distinct"), COUNTED)
def test_what_is_repeated_is_bound_once(source: str, nodes: int, read: int, distinct: int) -> None:
    with counting(StatementBinder, "_layer") as calls:
        made = nodes_of(source)
    assert (len(made), len(calls)) == (nodes, read)
    assert len({id(node.layer) for node in made}) == distinct


def test_a_statement_of_literals_is_read_once_for_all_programs() -> None:
    program, _, lines = parse(COMPLEX)
    assert program is not None
    first = bind(program, lines)
    with counting(ArgumentReader, "layer") as calls:  # of layers with values of macros, and merges
        assert bind(program, lines) == first
    assert {type_.text for _, type_, *_ in calls} == {
        "Conv2D",
        "Add",
        "Concatenate",
    }  # those of macros' values, and merges


@pytest.mark.parametrize("source", [ENCODER, RESNET50, probe("B() * 1000", top=BLOCK)])
def test_copying_is_faster_than_binding(source: str) -> None:
    program, _, lines = parse(source)
    assert program is not None

    def plainly() -> None:
        with patch.object(Templates, "bound", always_bound):
            bind(program, lines)

    both = {"bound": plainly, "copied": lambda: bind(program, lines)}
    compared = compare_implementations(both, iterations=10, clock=process_time)
    assert compared.speedup("bound", "copied") > 1.2
