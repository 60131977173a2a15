"""The tools of this folder measure what they say."""

import time

import pytest

from tests.performance.profiling_utils import (
    MemoryTracker,
    PerformanceTracker,
    benchmark_function,
    compare_implementations,
    profile_function,
    resident_bytes,
    time_block,
)


def test_time_block_times_and_reports() -> None:
    lines: list[str] = []
    with time_block("nap", report=lines.append) as timing:
        assert timing.seconds == 0
        time.sleep(0.01)
    assert timing.seconds >= 0.01
    assert lines == [f"nap: {timing.seconds:.4f} s"]


def test_profile_function_names_the_costly_functions() -> None:
    reports: list[str] = []

    @profile_function(limit=5, report=reports.append)
    def work(n: int) -> int:
        """Add up."""
        return sum(range(n))

    assert work(1000) == 499_500
    assert work.__doc__ == "Add up."
    assert "test_profiling_utils.py" in reports[0]


def test_profile_function_reports_a_call_that_raises() -> None:
    reports: list[str] = []
    with pytest.raises(ZeroDivisionError):
        profile_function(report=reports.append)(lambda: 1 / 0)()
    assert len(reports) == 1


def test_tracker_keeps_every_run_of_every_stage() -> None:
    tracker = PerformanceTracker()
    for _ in range(3):
        with tracker.track("parse"):
            pass
    with pytest.raises(KeyError), tracker.track("broken"):
        raise KeyError
    lines: list[str] = []
    summary = tracker.summary(lines.append)
    assert {name: one.runs for name, one in summary.items()} == {"parse": 3, "broken": 1}
    assert [line.split()[0] for line in lines] == ["parse", "broken"]


def test_benchmark_warms_up_and_passes_arguments() -> None:
    calls: list[tuple[int, str]] = []
    result = benchmark_function(lambda a, b: calls.append((a, b)), 1, b="x", iterations=4, warmup=2)
    assert calls == [(1, "x")] * 6
    assert result.runs == 4
    assert result.minimum <= result.median <= result.maximum
    assert result.total == pytest.approx(result.mean * 4)


def test_implementations_are_compared_in_turns() -> None:
    order: list[str] = []

    def slow() -> None:
        order.append("slow")
        time.sleep(0.005)

    result = compare_implementations({"slow": slow, "quick": lambda: order.append("quick")}, iterations=2, warmup=1)
    assert order == ["slow", "quick"] * 3
    assert result.speedup("slow", "quick") > 2
    assert str(result).splitlines()[1].startswith("quick")


def test_memory_growth_is_seen() -> None:
    with MemoryTracker(allocations=True) as memory:
        kept = bytearray(8_000_000)
        _ = bytes(4_000_000)
    assert memory.allocated_growth >= len(kept)
    assert memory.allocated_peak >= 8_000_000
    assert resident_bytes() > 1_000_000
