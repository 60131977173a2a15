"""Caches bounded in bytes, counted and thread-safe, all of them known here so that they can be cleared and read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, Generic, NamedTuple, TypeVar
from weakref import WeakSet

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Bytes that an entry takes beside its key and value: its places in the dictionary and in the order of use.
ENTRY: Final = 256
MEGABYTE: Final = 2**20


class CacheCounts(NamedTuple):
    """How often a cache answered (``hits``) and did not (``misses``), and the entries and bytes that it holds."""

    hits: int
    misses: int
    size: int
    bytes: int
    budget: int


class Cache(Generic[K, V]):
    """Keep the most recently used values, up to ``budget`` bytes; the latest is kept whatever it weighs.

    ``weigh`` estimates the bytes of a key and its value, once for each value, from what is at hand: the length of a
    text, the number of layers. Two threads may make one value at once; one is kept.
    """

    __slots__ = ("__weakref__", "_bytes", "_entries", "_hits", "_lock", "_misses", "_weigh", "budget", "name")

    def __init__(self, name: str, budget: int, weigh: Callable[[K, V], int]) -> None:
        self.name = name
        self.budget = budget
        self._weigh = weigh
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()
        self._hits = self._misses = self._bytes = 0
        _REGISTRY.add(self)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of ``key``, made by ``make`` when it is not held."""
        found = self._held(key)
        if found is not None:
            return found[0]
        value = make()
        weight = ENTRY + self._weigh(key, value)
        with self._lock:
            self._keep(key, value, weight)
        return value

    def find(self, key: K) -> V | None:
        """Return the value of ``key`` where it is held."""
        found = self._held(key)
        return found[0] if found else None

    def _held(self, key: K) -> tuple[V, int] | None:
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                self._misses += 1
            else:
                self._hits += 1
                self._entries.move_to_end(key)
            return found

    def _keep(self, key: K, value: V, weight: int) -> None:
        """Hold a value, and let those go that were used longest ago."""
        replaced = self._entries.pop(key, None)
        self._bytes += weight - (replaced[1] if replaced else 0)
        self._entries[key] = value, weight
        while self._bytes > self.budget and len(self._entries) > 1:
            self._bytes -= self._entries.popitem(last=False)[1][1]

    def peek(self, key: K) -> V | None:
        """Return the value of ``key`` where it is held; that is no use of it, and is not counted."""
        with self._lock:
            held = self._entries.get(key)
            return held[0] if held else None

    def recent(self) -> list[tuple[K, V]]:
        """Return what is held, the latest used first."""
        with self._lock:
            return [(key, held[0]) for key, held in reversed(self._entries.items())]

    def clear(self) -> None:
        """Forget every value and every count."""
        with self._lock:
            self._entries.clear()
            self._hits = self._misses = self._bytes = 0

    def counts(self) -> CacheCounts:
        """Return hits and misses since the last ``clear``, and what is held."""
        with self._lock:
            return CacheCounts(self._hits, self._misses, len(self._entries), self._bytes, self.budget)


_REGISTRY: WeakSet[Cache[Any, Any]] = WeakSet()


def clear_caches() -> None:
    """Empty every cache of the process."""
    for cache in list(_REGISTRY):
        cache.clear()


def cache_counts() -> dict[str, CacheCounts]:
    """Return the counts of every cache by name; caches of one name are added up."""
    totals: dict[str, CacheCounts] = {}
    for cache in list(_REGISTRY):
        counts, sofar = cache.counts(), totals.get(cache.name)
        totals[cache.name] = CacheCounts(*map(sum, zip(sofar, counts, strict=True))) if sofar else counts
    return dict(sorted(totals.items()))
