"""Verifications in the database, so that every server process sees the same queue and the same results.

One runs and four wait, in all processes together: each holds a place, and no place is given twice. A job whose process
has died keeps its place until the time it may take is over.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Insert,
    Integer,
    String,
    Table,
    Text,
    Update,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from webapp.storage import Storage, metadata

WAITING: Final = 4
RUN_SECONDS: Final = 150
"""Longer than any part of a verification may take: after that without a word, a job that runs is given up."""
WAIT_SECONDS: Final = 30
"""After which a job that waits, and was not heard of, is given up."""
KEPT: Final = 1_000
"""Results that are kept, the latest."""
LONGEST_WORDS: Final = 200

_RUNNING: Final = 0
_table = Table(
    "verifications",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("place", Integer, unique=True),  # 0 runs, 1 to 4 wait, none is done
    Column("words", String(LONGEST_WORDS), nullable=False),
    Column("result", Text),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
)
_jobs = _table.c


class QueueFull(Exception):  # noqa: N818 - a state, not a mistake
    """As many verifications wait as may."""


@final
@dataclass(frozen=True, slots=True)
class Job:
    """A verification that waits as number ``ahead``, counted from 1, or runs (0), or is done and has a result."""

    id: str
    ahead: int
    words: str
    result: Mapping[str, Any] | None


@final
class Verifications:
    """The queue and the results. Raises ``StorageUnavailable`` where the database does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def find(self, identifier: str) -> Job | None:
        """Return a job, unless it never was or was given up."""
        with self._storage.connected() as connection:
            return _find(connection, identifier)

    def enter(self, identifier: str) -> tuple[Job, bool]:
        """Return the job of this id and whether it is new; raise ``QueueFull`` where there is no place for it."""
        with self._storage.connected() as connection:
            _give_up(connection)
            found = _find(connection, identifier)
            places = range(1 if found is None and _waiting(connection) else _RUNNING, WAITING + 1)  # none overtakes
            connection.rollback()
            is_new = found is None and any(_take(connection, identifier, place) for place in places)
            found = found or _find(connection, identifier)  # where it is not new, another process was faster
        if found is None:
            raise QueueFull
        return found, is_new

    def start(self, identifier: str) -> bool:
        """Return whether the job runs from now on, or did already: its turn has come and nothing else runs."""
        with self._storage.connected() as connection:
            _give_up(connection)
            job = _find(connection, identifier)
            connection.rollback()
            if job is None or job.ahead > 1:
                return False
            run = {"place": _RUNNING, "expires_at": time.time() + RUN_SECONDS}
            return _update(connection, identifier, run)

    def wait(self, identifier: str) -> bool:
        """Keep a waiting job from being given up; return whether it still has its place."""
        with self._storage.connected() as connection:
            return _update(connection, identifier, {"expires_at": time.time() + WAIT_SECONDS})

    def say(self, identifier: str, words: str) -> None:
        """Say how far a job is."""
        with self._storage.connected() as connection:
            heard = {"words": words[:LONGEST_WORDS], "expires_at": time.time() + RUN_SECONDS}
            _update(connection, identifier, heard)

    def finish(self, identifier: str, result: Mapping[str, Any]) -> None:
        """Keep the result of a job and free its place; results beyond those kept go, the oldest first."""
        with self._storage.connected() as connection:
            _update(connection, identifier, {"place": None, "result": json.dumps(dict(result))})
            done = select(_jobs.id).where(_jobs.result.is_not(None)).order_by(_jobs.created_at.desc())
            old = connection.execute(done.offset(KEPT)).scalars().all()
            connection.execute(delete(_table).where(_jobs.id.in_(old)))
            connection.commit()

    def drop(self, identifier: str) -> None:
        """Forget a job."""
        with self._storage.connected() as connection:
            connection.execute(delete(_table).where(_jobs.id == identifier))
            connection.commit()


def _find(connection: Connection, identifier: str) -> Job | None:
    row = connection.execute(select(_table).where(_jobs.id == identifier)).one_or_none()
    if row is None or (row.result is None and row.expires_at < time.time()):
        return None
    ahead = 0
    if row.place:
        ahead = 1 + _waiting(connection, before=row.created_at)
    return Job(row.id, ahead, row.words, json.loads(row.result) if row.result else None)


def _waiting(connection: Connection, before: float = float("inf")) -> int:
    """Return how many jobs wait that came before a time."""
    waiting = select(_jobs.id).where(_jobs.place > _RUNNING, _jobs.created_at < before)
    return len(connection.execute(waiting).all())


def _give_up(connection: Connection) -> None:
    """Forget jobs that were to be done by now."""
    dead = (_jobs.result.is_(None)) & (_jobs.expires_at < time.time())
    if connection.execute(select(_jobs.id).where(dead)).first() is not None:
        connection.rollback()
        connection.execute(delete(_table).where(dead))
        connection.commit()


def _take(connection: Connection, identifier: str, place: int) -> bool:
    """Enter a job at a place; return whether both were free."""
    now = time.time()
    expires = now + (WAIT_SECONDS if place else RUN_SECONDS)
    row = {"id": identifier, "place": place, "words": "", "created_at": now, "expires_at": expires}
    return _done(connection, insert(_table).values(row))


def _update(connection: Connection, identifier: str, values: Mapping[str, Any]) -> bool:
    return _done(connection, update(_table).where(_jobs.id == identifier, _jobs.result.is_(None)).values(values))


def _done(connection: Connection, statement: Insert | Update) -> bool:
    """Carry out a change and return whether there was one; a place that another job has leaves all as it was."""
    try:
        changed = connection.execute(statement).rowcount
        connection.commit()
    except IntegrityError:
        connection.rollback()
        return False
    return changed == 1
