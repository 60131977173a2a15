"""The caches hold what their budgets allow, however many programs come, and no more than they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from neural import caches
from neural.caches import cache_counts, clear_caches
from neural.compiler import Compiler
from tests.performance.filling import ask, distinct
from tests.performance.profiling_utils import MemoryTracker

PROGRAMS = 150
SCALE = 20


@pytest.fixture
def small() -> Iterator[Compiler]:
    """Return a compiler with every budget of the process a twentieth of what it is, and nothing held."""
    compiler = Compiler()
    for source in distinct(50, seed=2):
        ask(compiler, source)
    clear_caches()
    budgets = {cache: cache.budget for cache in caches._REGISTRY}
    for cache in budgets:
        cache.budget //= SCALE
    yield compiler
    for cache, budget in budgets.items():
        cache.budget = budget
    clear_caches()


def test_distinct_programs_add_no_more_than_the_caches_may_hold(small: Compiler) -> None:
    with MemoryTracker(allocations=True) as memory:
        for source in distinct(PROGRAMS):
            ask(small, source)
    held = cache_counts()
    for name in ("syntax", "plans", "reports", "layers", "costs", "code", "lines"):
        assert held[name].size < held[name].misses, f"{name} threw nothing away"
        assert held[name].bytes <= held[name].budget
    counted = sum(counts.bytes for counts in held.values())
    assert memory.allocated_growth < 1.25 * counted
    assert SCALE * counted < 50e6


def test_no_two_programs_are_alike() -> None:
    sources = list(distinct(1_000))
    assert len(set(sources)) == 1_000
