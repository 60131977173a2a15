"""Verifying a program on request: a job a source, carried out by a thread of the process that was asked."""

from __future__ import annotations

import atexit
import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from typing import Any, Final

from neural.verification import available
from neural.verifier import VerifyingProcess
from neural.version import __version__
from webapp.storage import StorageUnavailable
from webapp.verifications import Job, Verifications

LOOK_SECONDS: Final = 0.5
"""Between two looks of a waiting job at the queue."""
LOOKS_A_SIGN: Final = 10
"""Looks between two signs that the job is still wanted."""
_DISTRIBUTIONS: Final = ("torch", "keras", "tensorflow", "tensorflow-cpu")

_log = logging.getLogger(__name__)

Verify = Callable[[str, Callable[[str], None]], Mapping[str, Any]]


@cache
def versions() -> tuple[str, ...]:
    """Return the releases that a result is of: ours and the frameworks'. Empty where nothing can be verified."""
    return (__version__, *map(_version, _DISTRIBUTIONS)) if available() else ()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def identify(source: str) -> str:
    """Return the id of the verification of a source with the releases installed here."""
    digest = hashlib.sha256("\0".join(("verification 1", *versions(), source)).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


_process: Final = VerifyingProcess()
atexit.register(_process.close)


def verify(source: str, progress: Callable[[str], None]) -> Mapping[str, Any]:
    """Verify a program in a process beside this one; return what was found, or why it cannot be verified."""
    return _process.verify(source, progress)


class Verifier:
    """Enters programs into the queue and carries out what this process has entered."""

    def __init__(self, jobs: Verifications, run: Verify = verify) -> None:
        self.jobs = jobs
        self._run = run

    def find(self, source: str) -> Job | None:
        """Return the job of a source, if there is one."""
        return self.jobs.find(identify(source))

    def ask(self, source: str) -> Job:
        """Return the job of a source, a new one where there is none yet; raise ``QueueFull`` where it has no place."""
        job, is_new = self.jobs.enter(identify(source))
        if is_new:
            threading.Thread(target=self._work, args=(job.id, source), daemon=True).start()
        return job

    def _work(self, identifier: str, source: str) -> None:
        """Wait for a job's turn, carry it out and keep its result; one that fails is forgotten, to be tried again."""
        try:
            if self._wait(identifier):
                result = self._run(source, lambda words: self._say(identifier, words))
                self.jobs.finish(identifier, result)
        except Exception:  # whatever it is, the page has to be told and the place freed
            _log.exception("a verification failed")
            with suppress(StorageUnavailable):  # then the place is free when the job's time is over
                self.jobs.drop(identifier)

    def _wait(self, identifier: str) -> bool:
        """Wait until a job may run; False where it was given up meanwhile."""
        for look in count():
            if self.jobs.start(identifier):
                return True
            if look % LOOKS_A_SIGN == 0 and not self.jobs.wait(identifier):
                return False
            time.sleep(LOOK_SECONDS)
        raise AssertionError("the count has no end")

    def _say(self, identifier: str, words: str) -> None:
        with suppress(StorageUnavailable):  # the words are not worth the work
            self.jobs.say(identifier, words)
