"""The grammar: built once, from every start rule, without conflicts, and read in time proportional to the text."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lark import Lark, Tree, UnexpectedInput
from lark.utils import logger

from neural.parser.parser import GRAMMAR, START_RULES, create_parser, parse

ROOT = Path(__file__).parents[2]

TEXTS: list[tuple[str, str, str]] = [
    # start rule, text, the rule at the top of its tree
    ("program", "", "program"),
    ("program", "let a = 3 define B { } network C { } research D { } ;", "program"),
    ("network", "network A { input: (6,) layers: Dense(2) }", "network"),
    ("define", "define A(b, c=2) { Dense(b) }", "define"),
    ("research", 'research A { metrics { accuracy: 0.91 } references { paper: "A paper" } }', "research"),
    ("let", "let a = 3 in 1..4", "let"),
    ("input", "input: { a: (None, 3), b: (4) int32, }", "input"),
    ("layers", "layers: Dense(2); Dense(3)", "layers"),
    ("output", "output: a, b", "output"),
    ("setting", "loss: { a: mse, b: [mae] }", "setting"),
    ("setting", "optimizer: Adam(learning_rate=1e-3)", "setting"),
    ("setting", 'metrics: ["accuracy"]', "setting"),
    ("settings", "train { epochs: 3, batch_size: 4; shuffle: false }", "settings"),
    ("settings", "execute: { device: auto }", "settings"),
    ("statements", "Dense(2) a: { } for i in 0..3 { } weight: 3;", "statements"),
    ("statement", 'a = Dense(2)(b, c) @ "cpu" { Dense(3) } * (n + 1)', "layer"),
    ("statement", "for i in 0..n - 1 { Dense(i) }", "for"),
    ("statement", "image: { Dense(3) }", "branch"),
    ("statement", "weight: 3", "stray"),
    ("layer", "Dense", "layer"),
    ("layer", "Residual { }", "layer"),
    ("layer", "Dense(2) * -1", "layer"),
    ("expression", "a if b < c else d", "conditional"),
    ("expression", "1", "number"),
    ("expression", "-1", "unary"),
    ("expression", "'a'", "string"),
    ("expression", "a", "name"),
    ("expression", "input", "name"),
    ("expression", "f(x, input=y, z: 1,)", "call"),
    ("expression", "(1)", "group"),
    ("expression", "(1,)", "tuple"),
    ("expression", "()", "tuple"),
    ("expression", "[1, 2]", "list"),
    ("expression", "{a: 1, 'b': 2, network: 3}", "mapping"),
    ("expression", "1 + 2 * 3 ** -4 // 5 % 6 / 7", "binary"),
]


@pytest.mark.parametrize(("start", "text", "rule"), TEXTS)
def test_every_start_rule(start: str, text: str, rule: str) -> None:
    tree = create_parser(start).parse(text)
    assert isinstance(tree, Tree)
    assert tree.data == rule


def test_texts_cover_the_start_rules() -> None:
    assert {start for start, _, _ in TEXTS} == set(START_RULES)


def test_network_is_the_default() -> None:
    assert create_parser().parse("network A { }").data == "network"


@pytest.mark.parametrize("start", ["", "nets", "atom", "Network"])
def test_other_rules_are_refused_with_those_that_are_known(start: str) -> None:
    with pytest.raises(ValueError, match="network") as caught:
        create_parser(start)
    assert repr(start) in str(caught.value)


def test_a_parser_may_be_asked_for_another_rule_at_the_call() -> None:
    parser = create_parser("layer")
    assert parser.parse("1 + 2", start="expression").data == "binary"
    assert parser.parse("Dense(2)").data == "layer"


WRONG: list[tuple[str, str]] = [
    ("layer", "Dense(2"),
    ("layer", "Dense 2"),
    ("layer", "Dense(2) * \"a\""),
    ("layer", "for"),
    ("layer", "loss = Dense(2)"),
    ("expression", ""),
    ("expression", "1 +"),
    ("expression", "(1,,)"),
    ("expression", "1 < 2 < 3"),
    ("expression", "loss"),
    ("let", "let a 3"),
    ("define", "define A(b=) { }"),
    ("network", "network A { Dense(2) }"),
    ("network", "network A"),
    ("input", "input: 3"),
    ("output", "output:"),
    ("setting", "loss:"),
    ("settings", "train { epochs }"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "text"), WRONG)
def test_what_is_not_the_language_is_refused(start: str, text: str) -> None:
    with pytest.raises(UnexpectedInput):
        create_parser(start).parse(text)


def conflicts(grammar: str, start: list[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Lark logs about conflicts that it resolves on its own."""
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(caplog.handler)
    try:
        Lark(grammar, start=start, parser="lalr", lexer="basic", debug=True)
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(level)
    return [record.getMessage() for record in caplog.records if "conflict" in record.getMessage().lower()]


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    assert conflicts(GRAMMAR.read_text(encoding="utf-8"), list(START_RULES), caplog) == []


def test_a_conflict_would_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    assert conflicts('start: start "+" start | "a"', ["start"], caplog) != []


def test_no_layer_is_named_in_the_grammar() -> None:
    text = GRAMMAR.read_text(encoding="utf-8")
    assert "Dense" not in text
    assert "Conv" not in text


_RACE = """
import threading
from lark import Lark
from neural.parser import parser
built = []
load = Lark.load
def counted(file):
    built.append(1)
    return load(file)
Lark.load = counted
gate = threading.Barrier(16)
trees = []
def work(number):
    gate.wait()
    start, text = [("layer", "Dense(2)"), ("expression", "1 + 2")][number % 2]
    trees.append(parser.create_parser(start).parse(text).data)
threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(built), parser.grammars_built(), len(trees), *sorted(set(trees)))
"""


def test_sixteen_threads_that_race_build_one_grammar() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _RACE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "1", "16", "binary", "layer"]


KIB = 1024

REPEATED: list[tuple[str, str, str, str]] = [
    # what is repeated, what stands before, what after
    ("name", "a", "Dense(", ")"),
    ("digits", "1", "Dense(", ")"),
    ("underscores", "_", "Dense(1", ")"),
    ("points", ".1", "Dense(1", ")"),
    ("exponents", "1e", "Dense(1", ")"),
    ("string", "a", 'Dense("', '")'),
    ("escapes", "\\a", 'Dense("', '")'),
    ("backslashes", "\\\\", 'Dense("', '")'),
    ("open string", "\\", 'Dense("', ""),
    ("apostrophes", "'", "Dense(", ")"),
    ("quotes", '"', "Dense(", ")"),
    ("comment", "#", "Dense(2) ", ""),
    ("comments", "# a\n", "Dense(2) ", ""),
    ("spaces", " ", "Dense(2)", ""),
    ("tabs and lines", "\t\r\n", "Dense(2)", ""),
    ("signs", "<=", "Dense(1", "2)"),
    ("stars", "*", "Dense(1", "2)"),
    ("dots", "..", "Dense(1", "2)"),
    ("bad characters", "é", "Dense(2) ", ""),
]


@pytest.mark.parametrize(("repeated", "before", "after"), [pytest.param(*row[1:], id=row[0]) for row in REPEATED])
def test_time_of_each_terminal_grows_with_the_text(repeated: str, before: str, after: str) -> None:
    """Twice the text takes at most 2.6 times as long, or too little to measure."""

    def source(size: int) -> str:
        return f"network A {{ input: (6,) layers: {before}{repeated * (size // len(repeated))}{after} }}"

    def best(text: str) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            parse(text)
            times.append(time.process_time() - start)
        return min(times)

    short, long = source(30 * KIB), source(60 * KIB)
    ratios = []
    for _ in range(3):
        first, second = best(short), best(long)
        ratios.append(second / max(first, 0.005))
        if ratios[-1] <= 2.6:
            return
    pytest.fail(f"time ratios {ratios}")
