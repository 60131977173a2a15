"""Shared models in a database: content-addressed, immutable, permanent."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final, final

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table, Text, create_engine, event, insert, select
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateTable

SHORTEST_ID: Final = 12  # characters of base64url: 72 bits
BUSY_SECONDS: Final = 2
ID_PATTERN = re.compile(rf"[A-Za-z0-9_-]{{{SHORTEST_ID},43}}", re.ASCII)

metadata = MetaData()
_models = Table(
    "models",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("source", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


class StorageUnavailable(Exception):  # noqa: N818 - a state, not a mistake
    """The database does not answer; it may again soon."""


@final
class Storage:
    """The shared models, and the connections of all that is kept beside them.

    Nothing is opened before the first use, so a process may fork after making one.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._engine: Engine | None = None
        self._lock = Lock()

    def save(self, source: str) -> str:
        """Store ``source`` and return its id; equal sources have one id and one row."""
        digest = address(source)
        with self.connected() as connection:
            return _insert(connection, source, digest)

    def load(self, identifier: str) -> str | None:
        """Return the source stored under ``identifier``, or None."""
        if not ID_PATTERN.fullmatch(identifier):
            return None
        with self.connected() as connection:
            return _source(connection, identifier)

    def check(self) -> None:
        """Read from the database once; raise StorageUnavailable where that fails."""
        self.load("-" * SHORTEST_ID)

    @property
    def file(self) -> Path | None:
        """The database file, where the database is one."""
        is_file = self._url.get_backend_name() == "sqlite" and self._url.database not in (None, "", ":memory:")
        return Path(str(self._url.database)) if is_file else None

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection for a while; what goes wrong with the database in it is StorageUnavailable."""
        try:
            with self._lock:
                if self._engine is None:
                    self._engine = _open(self._url)
                connection = self._engine.connect()
            with connection:
                yield connection
        except SQLAlchemyError as error:
            raise StorageUnavailable from error


def address(source: str) -> str:
    """Return the whole content address of ``source``; an id is as short a beginning of it as is free."""
    digest = hashlib.sha256(b"neural model 1\0" + source.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _open(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite" and url.database:
        with suppress(OSError):  # what is wrong with the folder is said when the database is opened
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _durable)
    else:
        engine = create_engine(url, pool_pre_ping=True)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
    return engine


def _durable(connection: object, _record: object) -> None:
    """Readers beside one writer, and no acknowledged row lost when the power is."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _insert(connection: Connection, source: str, digest: str) -> str:
    for length in range(SHORTEST_ID, len(digest) + 1):
        identifier = digest[:length]
        held = _source(connection, identifier)
        if held is None:
            connection.rollback()  # a read transaction cannot become a writing one when another has written since
            try:
                connection.execute(insert(_models).values(id=identifier, source=source, created_at=datetime.now(UTC)))
                connection.commit()
            except IntegrityError:  # another process was faster
                connection.rollback()
                held = _source(connection, identifier)
            else:
                return identifier
        if held == source:
            return identifier
    raise AssertionError("two sources have one SHA-256")


def _source(connection: Connection, identifier: str) -> str | None:
    found: str | None = connection.execute(select(_models.c.source).where(_models.c.id == identifier)).scalar()
    return found
