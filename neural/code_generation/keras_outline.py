"""What of a plan's structure becomes functions in Keras, and which of its statements stand together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from neural.code_generation.outline import Call, Item
from neural.shape_propagation.plan import Step

_NUMBER = re.compile(r"_\d+$")


def expanded(items: Sequence[Item], dividing: Collection[tuple[str, str]] = ()) -> tuple[Item, ...]:
    """Return the items of a network: what some calls hold, by macro and key, stands in their place, and single items.

    A call that is the whole network is no part of it.
    """
    while len(items) == 1 and isinstance(items[0], Call):
        items = items[0].items
    return tuple(_expanded(items, dividing))


def _expanded(items: Sequence[Item], dividing: Collection[tuple[str, str]]) -> Iterator[Item]:
    for item in items:
        if not isinstance(item, Call):
            yield item
        elif (item.macro, item.key) in dividing or len(item.items) == 1:
            yield from _expanded(item.items, dividing)
        else:
            yield replace(item, items=tuple(_expanded(item.items, dividing)))


def calls(items: Sequence[Item]) -> Iterator[Call]:
    """Yield the calls among items, and those within them."""
    for item in items:
        if isinstance(item, Call):
            yield item
            yield from calls(item.items)


def blocks(items: Sequence[Item], whole: bool) -> list[tuple[str, ...]]:
    """Return, by item, the block of the program that it is of: the outermost that not all are of.

    What is alone in its block is taken to the one before it, or to that after it where a function begins with it.
    """
    paths = [_path(item) for item in items]
    first, last = (min(paths), max(paths)) if paths else ((), ())
    depth = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    found = [path[depth : depth + 1] for path in paths]
    for index in range(1, len(found)):
        alone = index + 1 == len(found) or found[index + 1] != found[index]
        if alone and (found[index] or isinstance(items[index], Step)):
            found[index] = found[index - 1]
    return found if whole else [*found[1:2], *found[1:]] or found


def _path(item: Item) -> tuple[str, ...]:
    """Return the blocks around a layer or a call."""
    if not isinstance(item, Call):
        return item.node.group
    group = next(item.steps()).node.group
    return tuple(takewhile(lambda name: _NUMBER.sub("", name) != item.macro, group))
