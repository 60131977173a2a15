"""Keys of nodes and names of groups: unique in a network, and the same again where a part of it is bound again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

Named = tuple[str, str]
"""What a key or a group was to be called, and what it is called."""


class Naming(Protocol):
    """Gives names."""

    def key(self, wanted: str) -> str:
        """Return a key that no node has: the one wanted, or with a number after it."""

    def group(self, name: str) -> str:
        """Return a name that no group has: this one with a number after it."""

    def taken(self, key: str) -> bool:
        """Whether a node has this key."""


class Names:
    """Gives names that are new, and keeps what it gave, in order."""

    def __init__(self) -> None:
        self.given: list[Named] = []
        self._keys: set[str] = set()
        self._counts: dict[str, int] = {}

    def key(self, wanted: str) -> str:
        key, number = wanted, self._counts.get(wanted, 0)
        while key in self._keys:
            number += 1
            key = f"{wanted}_{number}"
        self._counts[wanted] = number
        self._keys.add(key)
        self.given.append((wanted, key))
        return key

    def group(self, name: str) -> str:
        kind = f"group {name}"
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        given = f"{name}_{number}"
        self.given.append((kind, given))
        return given

    def taken(self, key: str) -> bool:
        return key in self._keys


class OtherNamesError(Exception):
    """What is bound again asks for other names than before, so that those after it would change."""


class NamesAgain:
    """Gives the names that were given before, as long as the same are asked for in the same order."""

    def __init__(self, given: Sequence[Named]) -> None:
        self._left: Iterator[Named] = iter(given)

    def _next(self, wanted: str) -> str:
        before, given = next(self._left, ("", ""))
        if before != wanted:
            raise OtherNamesError
        return given

    def key(self, wanted: str) -> str:
        return self._next(wanted)

    def group(self, name: str) -> str:
        return self._next(f"group {name}")

    def taken(self, key: str) -> bool:
        raise OtherNamesError

    def used_up(self) -> bool:
        """Whether all names were asked for."""
        return next(self._left, None) is None
