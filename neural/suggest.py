"""Words as messages show them, and the known words nearest to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

#: Longer text is cut in messages.
LONGEST = 60
_CANDIDATES = 300
_SHORTEST = 3


def shown(text: str) -> str:
    """Return text fit for a message: cut, and with escapes for what does not print or changes direction."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in cut)


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return the known words most like one, in any case, the nearest first, else the one that begins with it.

    Bounded in time however many are known.
    """
    if len(word) > LONGEST:
        return []
    near = max(2, len(word) // 2)
    lowered = word.lower()
    alike = (each for each in known if abs(len(each) - len(word)) <= near or each.lower().startswith(lowered))
    return list(_nearest(word, tuple(islice(alike, _CANDIDATES)), most))


@lru_cache(64)
def _nearest(word: str, candidates: tuple[str, ...], most: int) -> tuple[str, ...]:
    lowered: dict[str, str] = {}
    for each in candidates:
        lowered.setdefault(each.lower(), each)
    close = get_close_matches(word.lower(), lowered, n=most, cutoff=0.6)
    if not close and len(word) >= _SHORTEST:
        begun = [each for each in lowered if each.startswith(word.lower())]
        close = begun if len(begun) == 1 else []
    return tuple(lowered[each] for each in close)
