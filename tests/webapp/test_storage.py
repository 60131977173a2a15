"""One content, one id, one row; whatever happens at the same time."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from webapp import storage as module
from webapp.storage import Storage, StorageUnavailable


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    made = Storage(f"sqlite:///{tmp_path / 'models.db'}")
    yield made
    made.close()


def test_equal_sources_have_one_id_and_one_row(storage: Storage) -> None:
    first = storage.save("network A {}")
    assert storage.save("network A {}") == first
    assert storage.save("network B {}") != first
    assert storage.load(first) == "network A {}"
    assert storage.file
    with closing(sqlite3.connect(storage.file)) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (2,)


def test_an_id_is_72_bits_of_the_content(storage: Storage) -> None:
    identifier = storage.save("network A {}")
    assert re.fullmatch(r"[A-Za-z0-9_-]{12}", identifier)
    assert module.address("network A {}").startswith(identifier)


def test_an_id_never_changes() -> None:
    assert module.address("network A {}") == "G8rLZJNKAgFoVv_ZsWKA6EDNwVWOnxCBsj5Ha40jRpY"


def test_a_collision_gets_a_longer_id(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "address", lambda source: "A" * 14 + ("B" if "B" in source else "C") * 29)
    first, second = storage.save("network B {}"), storage.save("network C {}")
    assert (len(first), len(second)) == (12, 13)
    assert (storage.load(first), storage.load(second)) == ("network B {}", "network C {}")
    assert storage.save("network C {}") == second


def test_the_database_is_durable(storage: Storage) -> None:
    storage.save("network A {}")
    with storage.connected() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def _share(url: str, barrier: object, results: object) -> None:
    storage = Storage(url)
    barrier.wait(20)  # type: ignore[attr-defined]
    results.put([storage.save(f"network N{index} {{}}") for index in range(50)])  # type: ignore[attr-defined]
    storage.close()


def test_processes_that_share_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(3), context.Queue()
    url = f"sqlite:///{tmp_path / 'models.db'}"
    processes = [context.Process(target=_share, args=(url, barrier, results)) for _ in range(3)]
    for process in processes:
        process.start()
    answers = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(20)
    assert answers[0] == answers[1] == answers[2]
    with closing(sqlite3.connect(tmp_path / "models.db")) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (50,)


def test_a_locked_database_is_unavailable_soon_and_can_be_read(storage: Storage) -> None:
    identifier = storage.save("network A {}")
    assert storage.file
    with closing(sqlite3.connect(storage.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            storage.save("network B {}")
        assert storage.load(identifier) == "network A {}"
        other.execute("ROLLBACK")
    assert storage.save("network B {}")


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'deep' / 'models.db'}")
    assert not (tmp_path / "deep").exists()
    assert storage.load("A" * 12) is None
    assert (tmp_path / "deep" / "models.db").exists()
    storage.close()
