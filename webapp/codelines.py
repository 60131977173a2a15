"""Which lines of generated code belong to which layers, small enough to travel with the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def line_map(lines: Mapping[str, Sequence[int]], keys: Iterable[str]) -> dict[str, Any]:
    """Return the lines of the layers of these keys as rectangles.

    ``spans`` are ``[first line, last line, first key, last key]``, lines counted from 1 and keys from 0 as they stand
    in ``keys``: every line from the first to the last belongs to every layer from the first to the last.
    """
    known = [key for key in keys if key in lines]
    owners: dict[int, list[int]] = {}
    for number, key in enumerate(known):
        for line in lines[key]:
            owners.setdefault(line, []).append(number)
    spans: dict[tuple[int, int], list[list[int]]] = {}
    for line in sorted(owners):
        for run in _runs(owners[line]):
            made = spans.setdefault(run, [])
            if made and made[-1][1] == line - 1:
                made[-1][1] = line
            else:
                made.append([line, line, *run])
    return {"keys": known, "spans": sorted(span for made in spans.values() for span in made)}


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of following numbers in an ascending list, each as its first and last."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
