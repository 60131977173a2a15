"""Answers kept between runs: bounded, safe with several processes, and never an error."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from neural.cachedir import cache_directory, remove_cache
from neural.diskcache import NAME, DiskCache

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the database stands, in a cache directory of its own."""
    monkeypatch.delenv("NEURAL_CACHE", raising=False)
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(tmp_path / "kept"))
    directory = cache_directory()
    assert directory is not None
    return directory / NAME


@pytest.mark.parametrize(
    "value", [0, False, "", "ß\u0000\U0001f600", 1.5, 2**70, [], {}, [1, [None, {"a": [True]}]], {"b": 1, "a": 2}]
)
def test_a_value_comes_back(value: Any, place: Path) -> None:
    DiskCache().put("key", value)
    found = DiskCache().get("key")
    assert repr(found) == repr(value)


def test_it_is_counted(place: Path) -> None:
    cache = DiskCache()
    assert cache.get("a") is None
    cache.put("a", [1])
    cache.put("a", [2])
    assert (cache.get("a"), cache.get("b")) == ([2], None)
    counts = cache.counts()
    assert (counts.hits, counts.misses, counts.size) == (1, 2, 1)
    assert 0 < counts.bytes <= place.stat().st_size <= counts.budget


def test_it_is_off_when_caching_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", "0")
    cache = DiskCache()
    cache.put("a", 1)
    assert cache.get("a") is None
    assert not place.exists()


def test_cleaning_removes_it(place: Path) -> None:
    DiskCache().put("a", 1)
    assert remove_cache() == place.parent
    assert DiskCache().get("a") is None


def test_the_oldest_go_when_it_is_full(place: Path) -> None:
    cache, budget = DiskCache(256 * 1024), 256 * 1024
    noise = Random(7)
    for number in range(200):
        cache.put(str(number), noise.randbytes(3_000).hex())
        assert place.stat().st_size <= budget + 8 * 4096
    held = [number for number in range(200) if cache.get(str(number)) is not None]
    assert held == list(range(held[0], 200))
    assert 20 < len(held) < 100


def test_one_that_is_too_large_is_not_kept(place: Path) -> None:
    cache = DiskCache(64 * 1024)
    cache.put("small", 1)
    cache.put("large", Random(7).randbytes(20_000).hex())
    assert (cache.get("small"), cache.get("large")) == (1, None)


# --- what is damaged, foreign or in use ---


def _cut(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:5_000])


def _garbled(place: Path) -> None:
    data = place.read_bytes()
    place.write_bytes(data[:100] + bytes(len(data) - 100))


def _of_another_form(place: Path) -> None:
    place.unlink()
    with closing(sqlite3.connect(place)) as base:
        base.executescript("CREATE TABLE kept (letters TEXT)")
    place.chmod(0o600)


def _with_another_value(value: object) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        with closing(sqlite3.connect(place)) as base:
            base.execute("UPDATE kept SET value = ?", (value,))
            base.commit()

    return change


def _a_folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


CHANGES: list[tuple[str, Callable[[Path], None], bool]] = [
    # what became of the file, and whether it serves again at once
    ("emptied", lambda place: place.write_bytes(b""), True),
    ("no database", lambda place: place.write_bytes(b"letters " * 1_000), True),
    ("cut", _cut, True),
    ("garbled", _garbled, True),
    ("removed", Path.unlink, True),
    ("text for a value", _with_another_value("text"), True),
    ("no compressed text for a value", _with_another_value(b"abc"), True),
    ("of another form", _of_another_form, False),
    ("a folder", _a_folder, False),
]


@pytest.mark.parametrize(("change", "heals"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_what_is_damaged_or_foreign_answers_nothing(change: Callable[[Path], None], heals: bool, place: Path) -> None:
    DiskCache().put("a", [1])
    change(place)
    cache = DiskCache()
    assert cache.get("a") is None
    cache.put("a", [2])
    cache.put("a", [2])
    assert cache.get("a") == ([2] if heals else None)


def test_one_in_use_is_not_waited_for(place: Path) -> None:
    cache = DiskCache()
    cache.put("a", 1)
    with closing(sqlite3.connect(place, isolation_level=None)) as base:
        base.execute("BEGIN EXCLUSIVE")
        cache.put("b", 2)
        assert (cache.get("a"), cache.counts().size) == (None, 0)
        base.execute("ROLLBACK")
    assert (cache.get("a"), cache.get("b")) == (1, None)


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606, 0o666])
def test_one_that_others_may_open_is_never_loaded(mode: int, place: Path) -> None:
    DiskCache().put("a", 1)
    place.chmod(mode)
    assert DiskCache().get("a") is None


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")
def test_a_planted_one_is_never_loaded(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DiskCache().put("a", "planted")
    owner, planted = place.stat().st_uid, place.read_bytes()
    with monkeypatch.context() as as_another:
        as_another.setattr(os, "geteuid", lambda: owner + 1)
        assert DiskCache().get("a") is None
    for mode in (0o777, 0o770, 0o755):
        place.parent.chmod(mode)
        assert DiskCache().get("a") is None
    place.parent.chmod(0o700)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(planted)
    elsewhere.chmod(0o600)
    place.unlink()
    place.symlink_to(elsewhere)
    assert DiskCache().get("a") is None
    DiskCache().put("a", "mine")
    assert elsewhere.read_bytes() == planted


WRITER = """
import sys
from neural.diskcache import DiskCache
cache, name = DiskCache(512 * 1024), sys.argv[1]
for number in range(150):
    cache.put(f"{name}{number}", [name, number, "x" * number])
    for other in "abcd":
        found = cache.get(f"{other}{number}")
        assert found in (None, [other, number, "x" * number]), found
"""


def test_several_processes_at_once(place: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=ROOT) for name in "abcd"]
    assert [writer.wait(120) for writer in writers] == [0] * 4
    with closing(sqlite3.connect(place)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert DiskCache().counts().size > 100
