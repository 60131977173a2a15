"""Bounded, counted, thread-safe caches, all of them known here so that they can be cleared and read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often a cache answered (``hits``), did not (``misses``), and what it holds."""

    hits: int
    misses: int
    size: int
    maximum: int


class Cache(Generic[K, V]):
    """Keep the ``maximum`` most recently used values. Two threads may make one value at once; one is kept."""

    __slots__ = ("__weakref__", "_entries", "_hits", "_lock", "_misses", "maximum", "name")

    def __init__(self, name: str, maximum: int) -> None:
        self.name = name
        self.maximum = maximum
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()
        self._hits = 0
        self._misses = 0
        _REGISTRY.add(self)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of ``key``, made by ``make`` when it is not held."""
        with self._lock:
            if key in self._entries:
                self._hits += 1
                self._entries.move_to_end(key)
                return self._entries[key]
            self._misses += 1
        value = make()
        with self._lock:
            self._entries[key] = value
            while len(self._entries) > self.maximum:
                self._entries.popitem(last=False)
        return value

    def peek(self, key: K) -> V | None:
        """Return the value of ``key`` if it is held; that is no use of it, and is not counted."""
        with self._lock:
            return self._entries.get(key)

    def recent(self) -> list[tuple[K, V]]:
        """Return what is held, the latest used first."""
        with self._lock:
            return [*reversed(self._entries.items())]

    def clear(self) -> None:
        """Forget every value and every count."""
        with self._lock:
            self._entries.clear()
            self._hits = self._misses = 0

    def counts(self) -> CacheCounts:
        """Return hits, misses and size since the last ``clear``."""
        with self._lock:
            return CacheCounts(self._hits, self._misses, len(self._entries), self.maximum)


_REGISTRY: WeakSet[Cache[Any, Any]] = WeakSet()


def clear_caches() -> None:
    """Empty every cache of the process."""
    for cache in list(_REGISTRY):
        cache.clear()


def cache_counts() -> dict[str, CacheCounts]:
    """Return the counts of every cache by name; caches of one name are added up."""
    totals: dict[str, CacheCounts] = {}
    for cache in list(_REGISTRY):
        one = cache.counts()
        sofar = totals.get(cache.name, CacheCounts(0, 0, 0, 0))
        totals[cache.name] = CacheCounts(
            sofar.hits + one.hits,
            sofar.misses + one.misses,
            sofar.size + one.size,
            sofar.maximum + one.maximum,
        )
    return dict(sorted(totals.items()))
