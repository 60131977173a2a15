"""Caches: the latest values are kept, hits and misses are counted, and all of them are known in one place."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from neural.caches import ENTRY, Cache, CacheCounts, cache_counts, clear_caches

NAME = "a cache of these tests"


def weigh(key: object, value: object) -> int:
    """Return what a value weighs: a text as many bytes as it has thousands of characters, others nothing."""
    return len(value) // 1_000 if isinstance(value, str) else 0


@pytest.fixture
def cache() -> Iterator[Cache[int, str]]:
    yield Cache(NAME, 3 * ENTRY, weigh)
    gc.collect()


def test_a_value_is_made_once(cache: Cache[int, str]) -> None:
    made: list[int] = []

    def make(key: int) -> str:
        made.append(key)
        return str(key)

    assert [cache.get(key, partial(make, key)) for key in (1, 2, 1, 1, 2)] == ["1", "2", "1", "1", "2"]
    assert made == [1, 2]
    assert cache.counts() == CacheCounts(hits=3, misses=2, size=2, bytes=2 * ENTRY, budget=3 * ENTRY)


ORDERS: list[tuple[list[int], list[int]]] = [
    # the keys asked for, and those that are held at the end, of three at most
    ([1, 2, 3], [1, 2, 3]),
    ([1, 2, 3, 4], [2, 3, 4]),
    ([1, 2, 3, 1, 4], [1, 3, 4]),
    ([1, 2, 3, 1, 2, 4, 5], [2, 4, 5]),
    ([1, 1, 1, 1], [1]),
]


@pytest.mark.parametrize(("asked", "held"), ORDERS)
def test_the_latest_used_are_kept(cache: Cache[int, str], asked: list[int], held: list[int]) -> None:
    for key in asked:
        cache.get(key, partial(str, key))
    misses = cache.counts().misses
    for key in held:
        cache.get(key, lambda: "made again")
    assert cache.counts().misses == misses
    assert cache.counts().size == len(held)


WEIGHTS: list[tuple[list[int], list[int]]] = [
    # the bytes of values that are kept one after the other, and those that are held at the end, of 1000 at most
    ([300, 300, 400], [300, 300, 400]),
    ([300, 300, 401], [300, 401]),
    ([300, 300, 700], [300, 700]),
    ([300, 1_000], [1_000]),
    ([300, 1_001], [1_001]),
    ([1_001, 300], [300]),
    ([900, 50, 50, 50], [50, 50, 50]),
]


@pytest.mark.parametrize(("kept", "held"), WEIGHTS)
def test_what_was_used_longest_ago_goes_until_there_is_room(kept: list[int], held: list[int]) -> None:
    cache: Cache[int, int] = Cache(NAME, 1_000, lambda _, value: value - ENTRY)
    for key, octets in enumerate(kept):
        cache.get(key, partial(int, octets))
    assert cache.counts().bytes == sum(held)
    first = len(kept) - len(held)
    assert [cache.find(key) for key in range(first, len(kept))] == held


def test_finding_makes_nothing_and_counts(cache: Cache[int, str]) -> None:
    assert cache.find(1) is None
    cache.get(1, lambda: "one")
    assert cache.find(1) == "one"
    assert (cache.counts().hits, cache.counts().misses) == (1, 2)


def test_a_value_made_twice_is_weighed_once(cache: Cache[int, str]) -> None:
    cache.get(1, lambda: cache.get(1, lambda: "x" * 5_000) + "x" * 2_000)
    assert cache.counts().bytes == ENTRY + 7


def test_none_is_a_value() -> None:
    cache: Cache[int, None] = Cache(NAME, 3 * ENTRY, weigh)
    made: list[int] = []
    for _ in range(3):
        assert cache.get(1, lambda: made.append(1)) is None
    assert made == [1]


def test_what_raises_is_not_kept(cache: Cache[int, str]) -> None:
    with pytest.raises(ZeroDivisionError):
        cache.get(1, lambda: str(1 // 0))
    assert cache.counts() == CacheCounts(hits=0, misses=1, size=0, bytes=0, budget=3 * ENTRY)
    assert cache.get(1, lambda: "made") == "made"


def test_making_a_value_may_ask_the_cache_itself(cache: Cache[int, str]) -> None:
    assert cache.get(1, lambda: cache.get(2, lambda: "inner") + "!") == "inner!"
    assert cache.counts().size == 2


def test_clearing(cache: Cache[int, str]) -> None:
    cache.get(1, lambda: "1")
    cache.get(1, lambda: "1")
    cache.clear()
    assert cache.counts() == CacheCounts(hits=0, misses=0, size=0, bytes=0, budget=3 * ENTRY)
    assert cache.get(1, lambda: "anew") == "anew"


def test_caches_of_one_name_are_counted_together() -> None:
    first: Cache[int, str] = Cache(NAME, 3 * ENTRY, weigh)
    second: Cache[int, str] = Cache(NAME, 4 * ENTRY, weigh)
    for cache in (first, second, second):
        cache.get(1, lambda: "1")
    assert cache_counts()[NAME] == CacheCounts(hits=1, misses=2, size=2, bytes=2 * ENTRY, budget=7 * ENTRY)
    clear_caches()
    assert cache_counts()[NAME] == CacheCounts(hits=0, misses=0, size=0, bytes=0, budget=7 * ENTRY)
    assert list(cache_counts()) == sorted(cache_counts())


def test_a_cache_that_nobody_holds_is_forgotten() -> None:
    cache: Cache[int, str] = Cache("a cache to be dropped", 3, weigh)
    assert "a cache to be dropped" in cache_counts()
    del cache
    gc.collect()
    assert "a cache to be dropped" not in cache_counts()


def test_threads_lose_no_count_and_keep_the_bound() -> None:
    cache: Cache[int, int] = Cache(NAME, 50 * ENTRY, weigh)

    def work(number: int) -> int:
        return sum(cache.get(key % 100, partial(int, key % 100)) for key in range(number, number + 1000))

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(0, 1600, 100)))
    assert results == [49_500] * 16
    counts = cache.counts()
    assert counts.hits + counts.misses == 16_000
    assert counts.size == 50
    assert counts.bytes == 50 * ENTRY
