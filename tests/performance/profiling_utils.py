"""Timing, profiling and memory, for tests and benchmarks."""

from __future__ import annotations

import cProfile
import functools
import gc
import io
import pstats
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Timing:
    """The time a block took; zero until it has ended."""

    name: str
    seconds: float = 0.0


@contextmanager
def time_block(name: str = "block", *, report: Callable[[str], object] | None = None) -> Iterator[Timing]:
    """Time a block; ``report`` (``print``, for example) is given a line about it."""
    timing = Timing(name)
    start = time.perf_counter()
    try:
        yield timing
    finally:
        timing.seconds = time.perf_counter() - start
        if report:
            report(f"{name}: {timing.seconds:.4f} s")


def profile_function(
    limit: int = 20, sort: str = "cumulative", report: Callable[[str], object] = print
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that each call is profiled, and the costliest ``limit`` functions reported."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def profiled(*args: P.args, **kwargs: P.kwargs) -> R:
            profiler = cProfile.Profile()
            try:
                return profiler.runcall(function, *args, **kwargs)
            finally:
                text = io.StringIO()
                pstats.Stats(profiler, stream=text).sort_stats(sort).print_stats(limit)
                report(text.getvalue())

        return profiled

    return decorate


@dataclass(frozen=True, slots=True)
class Statistics:
    """Times of several runs, in seconds."""

    runs: int
    total: float
    mean: float
    median: float
    minimum: float
    maximum: float
    deviation: float

    @classmethod
    def of(cls, seconds: list[float]) -> Statistics:
        return cls(
            runs=len(seconds),
            total=sum(seconds),
            mean=statistics.fmean(seconds),
            median=statistics.median(seconds),
            minimum=min(seconds),
            maximum=max(seconds),
            deviation=statistics.stdev(seconds) if len(seconds) > 1 else 0.0,
        )

    def __str__(self) -> str:
        return (
            f"{self.runs:>5} runs  median {self.median * 1e3:10.3f} ms  mean {self.mean * 1e3:10.3f} ms"
            f"  min {self.minimum * 1e3:10.3f} ms  max {self.maximum * 1e3:10.3f} ms"
        )


@dataclass(slots=True)
class PerformanceTracker:
    """Times of named stages over many runs."""

    times: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def track(self, name: str) -> Iterator[Timing]:
        """Time a block as one run of the stage ``name``; a block that raises counts too."""
        try:
            with time_block(name) as timing:
                yield timing
        finally:
            self.times.setdefault(name, []).append(timing.seconds)

    def summary(self, report: Callable[[str], object] | None = print) -> dict[str, Statistics]:
        """Return the statistics of every stage in the order they were first seen, a line of each to ``report``."""
        result = {name: Statistics.of(seconds) for name, seconds in self.times.items()}
        if report:
            width = max(map(len, result), default=0)
            for name, one in result.items():
                report(f"{name:<{width}}  {one}")
        return result


def benchmark_function(
    function: Callable[..., object], *args: Any, iterations: int = 10, warmup: int = 2, **kwargs: Any
) -> Statistics:
    """Time a function over ``iterations`` runs, after ``warmup`` that are not counted."""
    for _ in range(warmup):
        function(*args, **kwargs)
    return Statistics.of([_seconds(functools.partial(function, *args, **kwargs)) for _ in range(iterations)])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Times of several implementations of one thing."""

    results: Mapping[str, Statistics]

    def speedup(self, slow: str, quick: str) -> float:
        """Return how many times faster ``quick`` is than ``slow``, by their medians."""
        return self.results[slow].median / self.results[quick].median

    def growth(self, small: str, large: str) -> float:
        """Return how many times longer ``large`` takes than ``small``, by the least that each took."""
        return self.results[large].minimum / self.results[small].minimum

    def __str__(self) -> str:
        width = max(map(len, self.results))
        best = min(one.median for one in self.results.values())
        return "\n".join(f"{name:<{width}}  {one}  {one.median / best:6.2f}x" for name, one in self.results.items())


def compare_implementations(
    implementations: Mapping[str, Callable[[], object]],
    iterations: int = 10,
    warmup: int = 2,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Time implementations in turns, so that a slower moment of the machine falls on them all.

    With ``time.process_time`` as the clock, what else the machine does counts for nothing.
    """
    for _ in range(warmup):
        for implementation in implementations.values():
            implementation()
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    for _ in range(iterations):
        for name, implementation in implementations.items():
            seconds[name].append(_seconds(implementation, clock))
    return Comparison({name: Statistics.of(times) for name, times in seconds.items()})


class MemoryTracker:
    """What a block adds to the memory of the process: resident bytes, and bytes that Python allocated.

    Following allocations slows Python down several times; without ``allocations`` only resident bytes are taken.
    """

    def __init__(self, *, allocations: bool = False) -> None:
        self.resident_growth = 0
        self.allocated_growth = 0
        self.allocated_peak = 0
        self._allocations = allocations
        self._resident = 0

    def __enter__(self) -> MemoryTracker:
        gc.collect()
        if self._allocations:
            tracemalloc.start()
        self._resident = resident_bytes()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.collect()
        self.resident_growth = resident_bytes() - self._resident
        if self._allocations:
            self.allocated_growth, self.allocated_peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()


def resident_bytes() -> int:
    """Return the resident memory of this process: what it is now on Linux, the most it was elsewhere."""
    import resource

    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _seconds(function: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    function()
    return clock() - start
