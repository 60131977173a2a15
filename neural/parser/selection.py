"""One network of a file that holds several: its text with what the network needs, the others cut out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neural.syntax import Define, Let, NetworkItem, PlacedItem, Program

_WORD = re.compile(r"[A-Za-z_]\w*")
_HOLE = re.compile(r"\n{3,}")


def networks(program: Program) -> tuple[str, ...]:
    """Return the names of a file's networks, in order."""
    return tuple(item.name.text for _, item in program.items if isinstance(item, NetworkItem))


def only(source: str, program: Program, network: str) -> str:
    """Return a file's text without other networks, and without constants and macros that this one does not need.

    The comment that opens the file stays; one right above an item goes with it. Raises ``ValueError`` when the file has
    no such network.
    """
    if network not in networks(program):
        raise ValueError(f"the file has no network {network}")
    kept = _needed(source, program, network)
    text, end = "", 0
    for start, stop in (_lines_of(source, item) for item in program.items if item not in kept):
        text, end = text + source[end:start], stop
    return _HOLE.sub("\n\n", text + source[end:]).strip("\n") + "\n"


def _needed(source: str, program: Program, network: str) -> list[PlacedItem]:
    """Return the items to keep: the network, and whatever is no network and is named by what is kept."""
    words: set[str] = set()
    fresh = [item for item in program.items if _is_network(item, network)]
    kept = [item for item in program.items if not isinstance(item.item, Define | Let | NetworkItem)] + fresh
    while fresh:
        words.update(*(_WORD.findall(source[each.start : each.start + each.item.length]) for each in fresh))
        fresh = [item for item in program.items if item not in kept and _is_named(item, words)]
        kept += fresh
    return kept


def _is_network(placed: PlacedItem, name: str) -> bool:
    return isinstance(placed.item, NetworkItem) and placed.item.name.text == name


def _is_named(placed: PlacedItem, words: set[str]) -> bool:
    return isinstance(placed.item, Define | Let) and placed.item.name.text in words


def _lines_of(source: str, placed: PlacedItem) -> tuple[int, int]:
    """Return where an item begins and ends with its line and the comments right above it."""
    start, stop = placed.start, placed.start + placed.item.length
    head, tail = source.rfind("\n", 0, start) + 1, source.find("\n", stop) + 1 or len(source)
    behind = source[stop:tail].strip()
    if not source[head:start].strip():
        start = min([head, *_comments_above(source, head)])
    return start, tail if not behind or behind.startswith("#") else stop


def _comments_above(source: str, head: int) -> Iterator[int]:
    """Yield where each comment line right above begins, the nearest first, but for those that open the file."""
    begins: list[int] = []
    while head > 0:
        head = source.rfind("\n", 0, head - 1) + 1
        if not source[head:].startswith("#"):
            yield from begins
            return
        begins.append(head)
