"""The garbage collector waits while much is made that is no garbage.

Syntax, plans and reports hold no cycles: they go when nothing refers to them. To look through them again and again
while they are made, with all that is kept from before, would take as long as making them.
"""

from __future__ import annotations

import gc
from contextlib import ContextDecorator
from threading import Lock
from types import TracebackType
from typing import Final

#: So many new objects are looked through at last, however many analyses overlap.
MOST: Final = 1_000_000

_lock = Lock()
_waiting = 0
_was_enabled = False


class CollectingLater(ContextDecorator):
    """``with CollectingLater():`` no collection begins inside, in any thread; afterwards all is as it was.

    It also stands before functions, of which none may wait for anything inside.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        global _waiting, _was_enabled
        with _lock:
            if _waiting == 0:
                _was_enabled = gc.isenabled()
                gc.disable()
            _waiting += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        global _waiting
        with _lock:
            _waiting -= 1
            if _waiting == 0 and _was_enabled:
                gc.enable()
            elif _was_enabled and gc.get_count()[0] > MOST:
                gc.collect(1)
