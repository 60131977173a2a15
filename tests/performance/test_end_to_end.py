"""From text to report, code and pictures: in time, in bounded memory, and nothing worked out twice."""

from __future__ import annotations

import ast
import time

import pytest

from neural.caches import cache_counts
from neural.compiler import Compiler
from neural.visualization.charts import cost_figure
from neural.visualization.diagram import diagram_svg, mermaid
from tests.performance.counting import counting_rules
from tests.performance.profiling_utils import MemoryTracker, PerformanceTracker, compare_implementations, time_block
from tests.performance.programs import COMPLEX, SIMPLE, chain, wide


@pytest.fixture
def compiler() -> Compiler:
    """A compiler that has seen nothing."""
    fresh = Compiler()
    fresh.clear()
    return fresh


@pytest.mark.parametrize("source", [SIMPLE, COMPLEX], ids=["simple", "complex"])
def test_parse_and_propagate_take_less_than_two_seconds(source: str, compiler: Compiler) -> None:
    with time_block() as whole:
        report = compiler.analyze(source)
    assert report.diagnostics == ()
    assert whole.seconds < 2.0


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("source", [SIMPLE, COMPLEX], ids=["simple", "complex"])
def test_code_generation_takes_less_than_three_seconds(source: str, backend: str, compiler: Compiler) -> None:
    with time_block() as whole:
        code = compiler.generate(source, backend=backend)
    ast.parse(code)
    assert whole.seconds < 3.0


def test_visualization_takes_less_than_three_seconds(compiler: Compiler) -> None:
    report = compiler.analyze(COMPLEX)
    with time_block() as whole:
        assert cost_figure(report)["data"]
        assert "<svg" in diagram_svg(report)
        assert mermaid(report)
    assert whole.seconds < 3.0


def test_memory_grows_by_less_than_a_hundred_megabytes(compiler: Compiler) -> None:
    compiler.analyze(COMPLEX)
    with MemoryTracker() as memory:
        for units in range(1, 301):
            source = SIMPLE.replace("128", str(units))
            assert compiler.analyze(source).ok
            compiler.generate(source, backend="pytorch")
        for length in range(50, 100):
            compiler.analyze(wide(length))
    assert memory.resident_growth < 100e6


def test_every_cache_is_bounded(compiler: Compiler) -> None:
    for units in range(1, 301):
        compiler.analyze(SIMPLE.replace("128", str(units)))
    counts = cache_counts()
    assert counts["reports"].misses == 300
    assert all(count.bytes <= count.budget for count in counts.values())


def test_the_same_question_is_answered_from_the_cache(compiler: Compiler) -> None:
    first = compiler.analyze(COMPLEX)
    with counting_rules() as calls:
        assert compiler.analyze(COMPLEX) is first
    assert calls.total() == 0
    assert (compiler.counts()["reports"].hits, compiler.counts()["reports"].misses) == (1, 1)


def test_another_batch_works_out_no_shape_again(compiler: Compiler) -> None:
    compiler.analyze(COMPLEX)
    with counting_rules() as calls:
        report = compiler.analyze(COMPLEX, batch=32, dtype="float16", framework="pytorch")
    assert report.ok
    assert calls.total() == 0


def test_an_edit_works_out_what_it_changed(compiler: Compiler) -> None:
    compiler.analyze(COMPLEX)
    with counting_rules() as calls:
        assert compiler.analyze(COMPLEX.replace("Output(1000", "Output(1001")).ok
    # The rules of the layer that changed, and of no other.
    assert {name.partition(".")[0] for name in calls} <= {"Output", "Dense"}
    assert calls.total() <= 6


def test_an_answer_from_the_cache_is_at_least_twice_as_fast(compiler: Compiler) -> None:
    def anew() -> None:
        compiler.clear()
        compiler.analyze(COMPLEX)

    def again() -> None:
        compiler.analyze(COMPLEX)

    compared = compare_implementations({"anew": anew}, iterations=5, warmup=1)
    compiler.analyze(COMPLEX)
    cached = compare_implementations({"again": again}, iterations=5, warmup=1)
    assert compared.results["anew"].median / cached.results["again"].median > 2


def test_time_is_proportional_to_the_program(compiler: Compiler) -> None:
    def analyze(source: str) -> None:
        compiler.clear()
        compiler.analyze(source)

    short, long = chain(200), chain(800)
    compared = compare_implementations(
        {"short": lambda: analyze(short), "long": lambda: analyze(long)}, iterations=7, clock=time.process_time
    )
    # Four times the text: four times the time, where the square of it would be sixteen.
    assert compared.growth("short", "long") < 10


def test_the_stages_of_a_whole_run(compiler: Compiler) -> None:
    tracker = PerformanceTracker()
    for _ in range(3):
        with tracker.track("analyze"):
            report = compiler.analyze(COMPLEX)
        with tracker.track("generate"):
            compiler.generate(COMPLEX, backend="pytorch")
        with tracker.track("visualize"):
            cost_figure(report)
    summary = tracker.summary(report=None)
    assert [one.runs for one in summary.values()] == [3, 3, 3]
    assert sum(one.maximum for one in summary.values()) < 8.0
