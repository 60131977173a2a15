"""Analyses that are kept between runs: a report is of a source, its settings and the code that answered.

A program that names a layer of no known family is answered anew each time: installed packages may have it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from neural.cachedir import caching_enabled
from neural.cost.report import Report
from neural.cost.stored import restored, stored
from neural.diskcache import DiskCache
from neural.version import __version__

#: What the answers of this process come from and go to.
ANSWERS: Final = DiskCache()

#: Packages that have a part in every answer.
_PARSERS: Final = ("lark", "regex")
_READ: Final = (".py", ".lark", ".neural")


def analyze(source: str, **settings: Any) -> Report:
    """Return ``Compiler.analyze`` of a source; nothing is parsed when a run before this one kept the answer."""
    found = find(source, **settings)
    if found is not None:
        return found
    from neural.compiler import default_compiler
    from neural.layers.plugins import plugin_layers

    report = default_compiler().analyze(source, **settings)
    key = _key(source, settings)
    if key and not plugin_layers.cache_info().currsize:
        ANSWERS.put(key, stored(report))
    return report


def find(source: str, **settings: Any) -> Report | None:
    """Return the report that a run before this one kept, or None."""
    key = _key(source, settings)
    kept = ANSWERS.get(key) if key else None
    try:
        return None if kept is None else restored(kept)
    except (TypeError, ValueError, LookupError, AttributeError):  # not of our making
        return None


def _key(source: str, settings: dict[str, Any]) -> str | None:
    """Return the name of an answer; None when none is kept: by choice, or as the code's files cannot be looked at."""
    if not caching_enabled():
        return None
    try:
        text = json.dumps([fingerprint(), source, settings], sort_keys=True)
    except OSError:
        return None
    return _hash(text)


@cache
def fingerprint() -> str:
    """Return what is another for every change of the code that answers, by the state of its files."""
    state = [__version__, sys.version, *_states(Path(__file__).parent)]
    for package in _PARSERS:
        spec = find_spec(package)
        if spec and spec.origin:
            state.append(_state(spec.origin, Path(spec.origin).stat()))
    return _hash("\n".join(state))


def _hash(text: str) -> str:
    from hashlib import blake2b

    return blake2b(text.encode(), digest_size=32).hexdigest()


def _states(folder: Path | str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.is_dir():
                yield from _states(entry.path)
            elif entry.name.endswith(_READ):
                yield _state(entry.path, entry.stat())


def _state(path: str, status: os.stat_result) -> str:
    # The time of the last change to the file itself cannot be set back, as that of its text can.
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
