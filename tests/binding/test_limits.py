"""What a program may cost: attacks are answered soon, in little memory, and with one report at their place."""

from __future__ import annotations

import tracemalloc

import pytest

from neural.binding import bind
from neural.compiler import Compiler
from neural.diagnostics import CODES, LineIndex
from neural.limits import Limits
from neural.parser.parser import parse
from tests.binding.bounds import within
from tests.binding.programs import doubling, probe

#: Generous: the aim is 50 ms for those that expand (and 1 s for any).
SECONDS = 1.0

NOTHING = "define M0 { }\n" + "".join(f"define M{i} {{ M{i - 1}() M{i - 1}() }}\n" for i in range(1, 31))
MANY_LETS = "".join(f"let a{i} = {i}\n" for i in range(8000))


def chain(first: str, link: str, count: int) -> str:
    """Return constants of which each is made of the one before."""
    return f"let a0 = {first}\n" + "".join(f"let a{i} = {link.format(f'a{i - 1}')}\n" for i in range(1, count))


ONE_REPORT: list[tuple[str, str, tuple[int, int] | None]] = [
    (probe("Dense(6) * 1000000000"), "N310", (4, 16)),
    (probe("Dense(6) * 9223372036854775807"), "N310", (4, 16)),
    (probe("Residual() { Residual() { Residual() { Dense(6) } * 1000 } * 1000 } * 1000"), "N310", None),
    (probe("Residual() { Dense(6) } * 20000"), "N310", None),
    (probe("for i in 0..10**9 { Dense(6) }"), "N310", (4, 17)),
    (probe("for i in -10**18..10**18 { Dense(6) }"), "N310", None),
    (probe("for i in 0..1000 { for j in 0..1000 { for k in 0..1000 { Dense(6) } } }"), "N310", None),
    (probe("for i in 0..200 { Dense(6) * 200 }"), "N310", None),
    (doubling(30), "N310", None),
    (probe("M0()", top="define M0 { M1() M1() }\ndefine M1 { M0() }\n"), "N306", None),
]


@pytest.mark.parametrize(("source", "code", "place"), ONE_REPORT, ids=range(1, len(ONE_REPORT) + 1))
def test_what_is_too_much_is_refused_at_once(source: str, code: str, place: tuple[int, int] | None) -> None:
    parsed = parse(source)
    assert parsed.program is not None
    with within(SECONDS):
        bound = bind(parsed.program, LineIndex(source))
    (found,) = bound.diagnostics
    assert found.code == code
    assert place is None or (found.line, found.column) == place


SLOW: list[tuple[str, str]] = [
    ("loops-without-layers", probe("for i in 0..20000 { for j in 0..20000 { } } Dense(2)")),
    ("a-loop-without-layers", probe("for i in 0..10**9 { } Dense(2)")),
    ("macros-without-layers", probe("M30() Dense(2)", top=NOTHING)),
    ("repeated-macros-without-layers", probe("M20() * 1000 Dense(2)", top=NOTHING)),
    ("a-constant-of-itself", probe("TimeDistributed(a)", "(3, 4)", "let a = TimeDistributed(a)\n")),
    ("constants-of-each-other", probe("TimeDistributed(a)", "(3, 4)",
                                      "let a = TimeDistributed(b)\nlet b = TimeDistributed(a)\n")),
    ("layers-in-layers", probe("TimeDistributed(a1999)", "(3, 4)", chain("Dense(4)", "TimeDistributed({})", 2000))),
    ("tuples-in-tuples", probe("Dense(a1999)", top=chain("(9,)", "({},)", 2000))),
    ("tuples-of-tuples", probe("Dense(a39)", top=chain("(9, 9)", "({0}, {0})", 40))),
    ("equal-tuples", probe("Dense(8 if a39 == b39 else 4)", top=chain("(9, 9)", "({0}, {0})", 40)
                           + chain("(9, 9)", "({0}, {0})", 40).replace("a", "b"))),
    ("searches-of-searches", probe("Dense(a39)", top=chain("HPO(choice(1, 2))", "HPO(choice({0}, {0}))", 40))),
    ("searches-in-searches", probe("Dense(a1999)", top=chain("HPO(choice(1, 2))", "HPO(choice({}))", 2000))),
    ("arithmetic-on-arithmetic", probe("Dense(a1999)", top=chain("1", "{} + 1", 2000))),
    ("unknown-names-among-many", probe("Dense(a77x) " * 2000, top=MANY_LETS)),
    (
        "an-unknown-layer-in-macros",
        probe("M14()", top="".join(f"define M{i} {{ M{i - 1}() M{i - 1}() }}\n" for i in range(1, 15))),
    ),
    ("unknown-layers", probe(" ".join(f"Wobble{i}(2)" for i in range(4000)))),
    ("unknown-arguments", probe(" ".join(f"Dense(2, w{i}=1)" for i in range(4000)))),
    ("unknown-references", probe("a0 = Dense(6) " + " ".join(f"a{i} = Dense(6)(b{i})" for i in range(2000)))),
    ("a-long-name", probe(f"Dense({'a' * 200_000})")),
    ("a-long-type", probe(f"{'a' * 200_000}(3)")),
    ("a-long-argument", probe(f"Dense(3, {'a' * 200_000}=3)")),
    ("a-long-string", probe(f"Dense(3, '{'a' * 9_999}')")),
    ("a-long-tuple", probe("Reshape((" + "1, " * 20_000 + "))")),
    ("many-references", probe("for i in 0..100 { Add()(" + "input, " * 5_000 + ") }")),
    ("many-labels", probe(" ".join(f"a{i} = Dense(6) Residual() {{ Dense(6) }}" for i in range(1500)))),
    ("errors-in-a-loop", probe("for i in 0..9000 { Dense(-i) }")),
    ("sizes", probe("Dense(size(input)) " * 3000)),
    ("parentheses", probe("Dense(" + "(" * 10_000)),
    ("brackets", probe("Dense(" + "[" * 10_000)),
    ("braces", probe("Residual() {" * 10_000)),
    ("dictionaries", probe("Dense(" + "{a: " * 10_000)),
    ("signs", probe("Dense(" + "-" * 10_000 + "1)")),
    ("calls", probe("Dense(" + "f(" * 5_000)),
    ("choices", probe("Dense(" + "1 if 1 < 2 else " * 3_000 + "1)")),
    ("closers", probe(")" * 10_000)),
    ("networks", "network A { input: (6,) layers: Dense(2) }\n" * 2_000),
    ("sections", "network A {" + "input: (6,) " * 4_000),
    ("quotes", probe("'" * 10_001)),
    ("characters", probe("§" * 50_000)),
]  # fmt: skip


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in SLOW])
def test_any_answer_comes_soon_and_small(source: str) -> None:
    compiler = Compiler()
    compiler.analyze(probe("Dense(2)"))
    with within(2 * SECONDS):
        report = compiler.analyze(source)
    assert {each.code for each in report.diagnostics} <= set(CODES)
    assert sum(len(each.message) + len(each.help) for each in report.diagnostics) < 200_000
    assert all(len(each.message) <= 500 for each in report.diagnostics)


MEMORY = [name for name, _ in SLOW if name in {
    "tuples-of-tuples", "searches-of-searches", "parentheses", "characters",
}]  # fmt: skip


@pytest.mark.parametrize("name", MEMORY)
def test_memory_stays_small(name: str) -> None:
    compiler = Compiler()
    compiler.analyze(probe("Dense(2)"))
    tracemalloc.start()
    try:
        with within(10 * SECONDS):
            compiler.analyze(dict(SLOW)[name])
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


SMALL = Limits(source_bytes=1000, depth=4, layers=10, number_characters=5, integer=1000, string_characters=8)

BOUNDARIES: list[tuple[str, list[str]]] = [
    (probe("Dense(6) * 10"), []),
    (probe("Dense(6) * 11"), ["N310"]),
    (probe("Dense(6) * 5 Dense(6) * 5"), []),
    (probe("Dense(6) * 5 Dense(6) * 6"), ["N310"]),
    (probe("Dense(6) " * 10), []),
    (probe("Dense(6) " * 11), ["N310"]),
    (probe("Residual() { Dense(6) } * 5"), []),
    (probe("Residual() { Dense(6) } * 6"), ["N310"]),
    (probe("for i in 0..10 { Dense(6) }"), []),
    (probe("for i in 0..11 { Dense(6) }"), ["N310"]),
    (probe("for i in 0..5 { Dense(6) Dense(6) }"), []),
    (probe("for i in 0..5 { Dense(6) * 2 Dense(6) }"), ["N310"]),
    (probe("M0() * 2", top="define M0 { Dense(6) * 5 }\n"), []),
    (probe("M0() * 3", top="define M0 { Dense(6) * 5 }\n"), ["N310"]),
    (probe("Residual() { Residual() { Residual() { Residual() { Dense(6) } } } }"), []),
    (probe("Residual() { Residual() { Residual() { Residual() { Residual() { Dense(6) } } } } }"), ["N106"]),
    (probe("Dense((((6))))"), []),
    (probe("Dense(((((6)))))"), ["N106"]),
    (probe("M0()", top="define M0 { M1() }\ndefine M1 { M2() }\ndefine M2 { M3() }\ndefine M3 { Dense(6) }\n"), []),
    (
        probe("M0()", top="define M0 { M1() }\ndefine M1 { M2() }\ndefine M2 { M3() }\ndefine M3 { M4() }\n"
              "define M4 { Dense(6) }\n"),
        ["N106"],
    ),
    (probe("Dense(1000)"), []),
    (probe("Dense(1001)"), ["N105"]),
    (probe("Dense(00006)"), []),
    (probe("Dense(000006)"), ["N105"]),
    (probe("Dense(6, name='abcdefgh')"), []),
    (probe("Dense(6, name='abcdefghi')"), ["N105"]),
    (probe("Dense(6)") + "#" * (1000 - len(probe("Dense(6)"))), []),
    (probe("Dense(6)") + "#" * (1001 - len(probe("Dense(6)"))), ["N107"]),
    (probe("Dense(6)") + "#" + "é" * 500, ["N107"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "codes"), BOUNDARIES, ids=range(1, len(BOUNDARIES) + 1))
def test_limits_hold_to_the_last_one(source: str, codes: list[str]) -> None:
    assert [each.code for each in Compiler(SMALL).analyze(source).diagnostics] == codes


def test_a_program_as_large_as_allowed_is_read() -> None:
    source = probe("Dense(6)")
    filled = source + "#" * (256 * 1024 - len(source))
    assert Compiler().analyze(filled).ok
    (found,) = Compiler().analyze(filled + "#").diagnostics
    assert (found.code, found.line, found.column) == ("N107", 1, 1)
    assert "256 KiB" in found.message


def test_twenty_thousand_layers_are_allowed() -> None:
    source = probe("Dense(6) * 20000")
    parsed = parse(source)
    assert parsed.program is not None
    bound = bind(parsed.program, LineIndex(source))
    assert bound.diagnostics == ()
    assert bound.network is not None
    assert len(bound.network.nodes) == 20_000
