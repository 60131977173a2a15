"""Answers that are kept between runs: JSON by key, in one SQLite file of the private cache directory.

Bounded in bytes, the older half is thrown away when it is full. Safe with several processes. A database that is
damaged, foreign, locked or full answers nothing and keeps nothing, and is never an error.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from neural.cachedir import cache_directory, claim_file
from neural.caches import CacheCounts

if TYPE_CHECKING:
    from sqlite3 import Connection

T = TypeVar("T")

NAME: Final = "answers.sqlite3"
BUDGET: Final = 64 * 2**20
#: Seconds to wait for another process: longer than a write takes, shorter than making most answers anew.
_WAIT: Final = 0.1
_TABLE: Final = "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, key TEXT UNIQUE, value BLOB)"
_HELD: Final = "(SELECT page_count FROM pragma_page_count()) - (SELECT freelist_count FROM pragma_freelist_count())"
_BYTES: Final = f"SELECT ({_HELD}) * page_size FROM pragma_page_size()"


class DiskCache:
    """Values of JSON by their keys, kept between runs; ``hits`` and ``misses`` are of this process."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> Any | None:
        """Return the value kept under a key, or None."""
        row = _with_database(lambda base: base.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone())
        value = _unpacked(row[0]) if row else None
        self.hits += value is not None
        self.misses += value is None
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep a value, unless it would take more than an eighth of what may be kept."""
        packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)
        if len(packed) <= self.budget // 8:
            _with_database(lambda base: self._put(base, key, packed))

    def counts(self) -> CacheCounts:
        """Return what was counted in this process, and what all of them hold."""
        held = _with_database(
            lambda base: (base.execute("SELECT count(*) FROM kept").fetchone()[0], base.execute(_BYTES).fetchone()[0])
        )
        entries, octets = held or (0, 0)
        return CacheCounts(self.hits, self.misses, entries, octets, self.budget)

    def _put(self, base: Connection, key: str, packed: bytes) -> None:
        with base:
            base.execute("BEGIN IMMEDIATE")
            if base.execute(_BYTES).fetchone()[0] + len(packed) > self.budget:
                base.execute("DELETE FROM kept WHERE number <= (SELECT (min(number) + max(number)) / 2 FROM kept)")
            base.execute("INSERT OR REPLACE INTO kept (key, value) VALUES (?, ?)", (key, packed))


def _with_database(work: Callable[[Connection], T]) -> T | None:
    """Do something with the database; return None where there is none that can be used."""
    directory = cache_directory()
    if directory is None:
        return None
    import sqlite3

    path = directory / NAME
    try:
        if not claim_file(path):
            return None
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as base:
            # After a crash of the machine the file may be damaged, which is found out and costs what was kept.
            base.executescript(f"PRAGMA trusted_schema = OFF; PRAGMA synchronous = OFF; {_TABLE}")
            return work(base)
    except sqlite3.OperationalError:
        return None
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.DatabaseError):
            _discard(path)
        return None


def _discard(path: Path) -> None:
    """Remove a damaged database, so that the next run begins anew."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _unpacked(packed: object) -> Any | None:
    """Return the value of what was kept; None when it is not what this module keeps."""
    try:
        return json.loads(zlib.decompress(packed)) if isinstance(packed, bytes) else None
    except (zlib.error, ValueError, RecursionError):
        return None
