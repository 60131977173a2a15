"""A bound on the time of a block that also ends a block which would never end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when the block takes longer, without waiting for it much longer."""

    def stop(*_: Any) -> None:
        raise AssertionError(f"no answer within {3 * seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 3 * seconds)
    start = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    taken = time.process_time() - start
    assert taken < seconds, f"{taken:.2f} s"
