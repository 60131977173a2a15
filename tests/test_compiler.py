"""The compiler: safe in many threads, bounded, counted, and never raising for a program whatever it holds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neural import compiler as compiler_module
from neural.caches import cache_counts, clear_caches
from neural.compiler import Compiler, default_compiler
from neural.cost.report import Report
from neural.diagnostics import CODES
from neural.errors import NeuralError
from neural.limits import Limits
from tests.binding.edits import offset
from tests.binding.programs import PROGRAMS, probe

EXAMPLES = [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[1] / "examples").glob("*.neural"))
]
ROWS = [row.source for rows in PROGRAMS.values() for row in rows if len(row.source) < 2000]

SIMPLE = probe("Dense(4)")


@pytest.fixture
def fresh() -> Iterator[Compiler]:
    """A compiler of its own, with every cache of the process empty."""
    clear_caches()
    yield Compiler()
    clear_caches()


# --- threads ---


def test_sixteen_threads_give_what_one_gives() -> None:
    sources = (EXAMPLES + ROWS)[:200]
    assert len(sources) == 200
    alone = [Compiler().analyze(source) for source in sources]
    together = Compiler()
    gate = Barrier(16)

    def work(number: int) -> list[Report]:
        order = list(range(len(sources)))
        random.Random(number).shuffle(order)
        gate.wait()
        found = {index: together.analyze(sources[index]) for index in order}
        return [found[index] for index in range(len(sources))]

    with ThreadPoolExecutor(16) as pool:
        for reports in pool.map(work, range(16)):
            assert reports == alone


def test_threads_with_different_settings_do_not_mix() -> None:
    shared = Compiler()
    wanted: list[dict[str, Any]] = [
        {"framework": framework, "batch": batch, "dtype": dtype}
        for framework in ("tensorflow", "pytorch")
        for batch in (1, 7)
        for dtype in ("float32", "mixed")
    ]
    expected = [Compiler().analyze(EXAMPLES[0], **each) for each in wanted]
    assert len({(each.framework, each.totals) for each in expected}) == len(wanted)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(lambda each: shared.analyze(EXAMPLES[0], **each), wanted)) == expected


def test_the_default_compiler_is_one_for_all_threads() -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: id(default_compiler()), range(64)))) == 1


# --- caches ---


def counts(name: str) -> tuple[int, int, int]:
    found = cache_counts()[name]
    return found.hits, found.misses, found.size


def test_the_same_request_does_nothing_again(fresh: Compiler) -> None:
    first = fresh.analyze(SIMPLE)
    with (
        patch.object(compiler_module, "parse", side_effect=AssertionError("parsed")),
        patch.object(compiler_module, "revision", side_effect=AssertionError("bound")),
        patch.object(compiler_module, "edited", side_effect=AssertionError("bound")),
        patch.object(compiler_module, "make_report", side_effect=AssertionError("counted")),
    ):
        assert fresh.analyze(SIMPLE) is first
        assert fresh.analyze(SIMPLE, framework="tensorflow", batch=1, dtype="float32", values={}) is first
    assert counts("reports") == (2, 1, 1)
    assert counts("plans") == (0, 1, 1)


@pytest.mark.parametrize(
    "settings", [{"batch": 8}, {"dtype": "float16"}, {"framework": "pytorch"}, {"optimizer": "SGD"}]
)
def test_another_setting_parses_nothing(fresh: Compiler, settings: dict[str, Any]) -> None:
    fresh.analyze(SIMPLE)
    with patch.object(compiler_module, "parse", side_effect=AssertionError("parsed")):
        fresh.analyze(SIMPLE, **settings)
    assert counts("plans") == (1, 1, 1)
    assert counts("reports") == (0, 2, 2)


def test_other_values_and_networks_are_other_plans(fresh: Compiler) -> None:
    source = probe("Dense(w)", top="let w = 4\n") + probe("Dense(5)").replace("Probe", "Other")
    widths = [
        fresh.analyze(source, values=values, network=network).layers[0].output_shape
        for values, network in (({}, None), ({"w": 8}, None), ({}, "Other"), ({"w": 8}, None))
    ]
    assert widths == [(None, 4), (None, 8), (None, 5), (None, 8)]
    assert counts("plans") == (0, 3, 3)


def test_code_is_kept_too(fresh: Compiler) -> None:
    first = fresh.generate(SIMPLE, backend="pytorch")
    with patch.object(compiler_module, "parse", side_effect=AssertionError("parsed")):
        assert fresh.generate(SIMPLE, backend="pytorch") is first
        assert fresh.generate(SIMPLE, backend="tensorflow") != first
    assert counts("code") == (1, 2, 2)


def test_caches_are_bounded(fresh: Compiler) -> None:
    for cache in (fresh._parsed, fresh._revisions, fresh._reports):
        cache.budget = 200_000
    for units in range(1, 200):
        fresh.analyze(probe(f"Dense({units})"))
        assert all(each.bytes <= each.budget for each in fresh.counts().values())
    assert fresh.counts()["reports"].misses == 199
    assert fresh.counts()["plans"].size < 20


def test_the_latest_are_kept(fresh: Compiler) -> None:
    for cache in (fresh._parsed, fresh._revisions, fresh._reports):
        cache.budget = 200_000
    sources = [probe(f"Dense({units})") for units in range(1, 130)]
    for source in sources:
        fresh.analyze(source)
        fresh.analyze(sources[0])
    with (
        patch.object(compiler_module, "parse", side_effect=AssertionError("parsed")),
        patch.object(compiler_module, "edited", side_effect=AssertionError("parsed")),
    ):
        fresh.analyze(sources[0])
        fresh.analyze(sources[-1])
        with pytest.raises(AssertionError, match="parsed"):
            fresh.analyze(sources[1])


def test_clearing_forgets_everything(fresh: Compiler) -> None:
    fresh.analyze(SIMPLE)
    fresh.generate(SIMPLE, backend="pytorch")
    assert sum(each.size for each in fresh.counts().values()) > 3
    fresh.clear()
    assert {(each.hits, each.misses, each.size) for each in fresh.counts().values()} == {(0, 0, 0)}
    assert fresh.analyze(SIMPLE).ok


# --- settings ---


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"framework": "jax"}, "tensorflow, pytorch"),
        ({"dtype": "int8"}, "float32, float16"),
        ({"batch": 0}, "at least 1, got 0"),
        ({"batch": -1}, "at least 1, got -1"),
        ({"optimizer": "Wobble"}, "Wobble"),
    ],
)
def test_settings_that_do_not_exist_raise(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Compiler().analyze(SIMPLE, **settings)


def test_a_compiler_has_its_own_limits() -> None:
    small = Compiler(Limits(layers=2))
    assert small.analyze(probe("Dense(6) * 2")).ok
    (found,) = small.analyze(probe("Dense(6) * 3")).diagnostics
    assert found.code == "N310"
    assert Compiler().analyze(probe("Dense(6) * 3")).ok


def test_diagnostics_come_in_the_order_of_the_text() -> None:
    source = probe("Conv2D(3, 3)\n    Dense(-1)\n    Linear(3)(input)\n    Conv1D(2, 2)(input)") + "let a = 1 / 0\n"
    found = Compiler().analyze(source).diagnostics
    assert [(each.code, each.line) for each in found] == [
        ("N401", 4), ("N203", 5), ("N701", 6), ("N401", 7), ("N105", 9),
    ]  # fmt: skip


def test_code_of_a_broken_program_raises_with_its_diagnostics() -> None:
    source = probe("Dense(-1)")
    with pytest.raises(NeuralError, match="4:11: N203") as caught:
        Compiler().generate(source, backend="pytorch")
    assert caught.value.diagnostics == Compiler().analyze(source).diagnostics


# --- whatever the text ---


def check(source: str) -> None:
    """Analyse a text: no exception, declared codes only, every place and edit inside the text."""
    compiler = Compiler()
    report = compiler.analyze(source)
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for each in report.diagnostics:
        assert each.code in CODES
        assert each.severity in ("error", "warning", "hint")
        spans = [each.span, *(related.span for related in each.related)]
        spans += [edit.span for fix in each.fixes for edit in fix.edits]
        for span in spans:
            assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column)
            assert span.end_line <= len(lines)
            assert span.column <= len(lines[span.line - 1]) + 1
            assert span.end_column <= len(lines[span.end_line - 1]) + 1
            start = offset(source, span.line, span.column)
            assert 0 <= start <= offset(source, span.end_line, span.end_column) <= len(source)
    assert report.ok == all(each.severity != "error" for each in report.diagnostics)
    assert [each.span for each in report.diagnostics] == sorted(each.span for each in report.diagnostics)
    keys = [layer.key for layer in report.layers]
    assert len(set(keys)) == len(keys)
    if report.ok:
        assert all(layer.status == "ok" for layer in report.layers)
    report.to_dict()
    hash(tuple(report.diagnostics))


LANGUAGE = """
    network N { } input : ( 6 , ) layers Dense Conv2D Residual Parallel a = b * 2 ** - + / // % < == if else for in
    0..3 define let output loss mse optimizer Adam metrics train epochs execution device research HPO choice range true
    none "relu" 'x' @ ; # [ ] 1e3 .5 1.5 9223372036854775808 name shared size min divisible Add Flatten LSTM axis
    TransformerEncoder Bidirectional Reshape \" ' \\ é \x00 \u202e
"""
WORDS = st.sampled_from([*LANGUAGE.split(), "\n", "\r\n", "\r", "\t", " "])


@given(st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=300)
@example("network N { input: (6,) layers: a = Dense(a) a: { a: { } } output: a }")
def test_words_of_the_language_never_raise(source: str) -> None:
    check(source)


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_text_never_raises(source: str) -> None:
    check(source)


@given(st.lists(WORDS, max_size=30).map(" ".join))
@settings(max_examples=300)
def test_statements_never_raise(statements: str) -> None:
    check(probe(f"{statements} Dense(3)", top="define Block(a, b=2) { Dense(a) Dense(b) }\nlet width = 4 in 1..8\n"))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a program of the tables or the examples that a few edits have broken."""
    source = draw(st.sampled_from(EXAMPLES + ROWS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(["delete", "insert", "double", "swap", "other"]))
        if kind == "delete":
            source = source[:start] + source[end:]
        elif kind == "insert":
            source = source[:start] + draw(WORDS) + source[start:]
        elif kind == "double":
            source = source[:end] + source[start:]
        elif kind == "swap":
            source = source[:start] + source[start:end][::-1] + source[end:]
        else:
            other = draw(st.sampled_from(ROWS))
            source = source[:start] + other[len(other) // 2 :] + source[end:]
    return source


@given(mutated())
@settings(max_examples=500)
def test_broken_programs_never_raise(source: str) -> None:
    check(source)


@pytest.mark.parametrize("source", ROWS[::7])
def test_broken_programs_generate_nothing_and_say_why(source: str) -> None:
    compiler = Compiler()
    if compiler.analyze(source).ok:
        return
    for backend in ("pytorch", "tensorflow"):
        with pytest.raises(NeuralError) as caught:
            compiler.generate(source, backend=backend)
        assert any(each.severity == "error" for each in caught.value.diagnostics)


def test_a_report_is_a_value() -> None:
    first, second = Compiler().analyze(SIMPLE), Compiler().analyze(SIMPLE)
    assert first is not second
    assert first == second
    assert replace(first, batch=2) != second
