"""Words as messages show them, and the known words nearest to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

#: Longer text is cut in messages.
LONGEST = 60
_CANDIDATES = 300


def shown(text: str) -> str:
    """Return text fit for a message: cut, and with escapes for what does not print or changes direction."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in cut)


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return the known words most like one, in any case, the nearest first; bounded in time however many are known."""
    if len(word) > LONGEST:
        return []
    alike = (each for each in known if abs(len(each) - len(word)) <= max(2, len(word) // 2))
    return list(_nearest(word, tuple(islice(alike, _CANDIDATES)), most))


@lru_cache(64)
def _nearest(word: str, candidates: tuple[str, ...], most: int) -> tuple[str, ...]:
    lowered: dict[str, str] = {}
    for each in candidates:
        lowered.setdefault(each.lower(), each)
    return tuple(lowered[each] for each in get_close_matches(word.lower(), lowered, n=most, cutoff=0.6))
