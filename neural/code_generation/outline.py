"""The structure of a plan as its author wrote it: which layers came from one call of a macro.

A call that stands for itself, with one result and weights of its own, becomes a class or a function of the generated
code. The layers of any other call stand where it was, and so do the few of a macro that is called once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from neural.shape_propagation.plan import Step

#: Blocks of the language that only say how layers are joined.
_STRUCTURAL = frozenset({"Residual", "Parallel"})
_NUMBER = re.compile(r"_\d+$")
#: How many layers and calls make a block of its own where it is called once.
_FEW = 6


@final
@dataclass(frozen=True, slots=True)
class Call:
    """A call of a macro: its parts in order, the tensors from outside that it reads, and its result."""

    macro: str
    items: tuple[Item, ...]
    reads: tuple[str, ...]
    key: str

    @property
    def last(self) -> Step:
        """The layer whose result it gives."""
        return next(step for step in self.steps() if step.key == self.key)

    def steps(self) -> Iterator[Step]:
        """Yield its layers in order."""
        for item in self.items:
            if isinstance(item, Call):
                yield from item.steps()
            else:
                yield item


Item = Step | Call


def reads(item: Item) -> tuple[str, ...]:
    """Return the keys of the tensors that a layer or a call reads."""
    return item.reads if isinstance(item, Call) else item.node.inputs


def outline(steps: Sequence[Step], outputs: Sequence[str]) -> tuple[Item, ...]:
    """Return the steps of a plan, those of each call of a macro that stands for itself together."""
    last_read = {step.key: position for position, step in enumerate(steps)}
    for position, step in enumerate(steps):
        for key in step.node.inputs:
            last_read[key] = position
    last_read.update(dict.fromkeys(outputs, len(steps)))
    items = tuple(_items(steps, 0, len(steps), 0, last_read, _with_common_weights(steps)))
    counts = Counter(call.macro for call in _calls(items))
    return tuple(_without_small(items, counts))


def _calls(items: Sequence[Item]) -> Iterator[Call]:
    for item in items:
        if isinstance(item, Call):
            yield item
            yield from _calls(item.items)


def _without_small(items: Sequence[Item], counts: Mapping[str, int]) -> Iterator[Item]:
    """Yield items, with what few a macro that is called once holds in the place of its call."""
    for item in items:
        if isinstance(item, Call):
            inner = tuple(_without_small(item.items, counts))
            small = counts[item.macro] == 1 and len(inner) <= _FEW
            yield from inner if small else (replace(item, items=inner),)
        else:
            yield item


def _with_common_weights(steps: Sequence[Step]) -> frozenset[str]:
    """Return the keys of the steps whose weights another one has too."""
    tied = {key for step in steps if step.tied_to for key in (step.key, step.tied_to)}
    return frozenset(step.key for step in steps if step.node.shared is not None or step.key in tied)


def _items(
    steps: Sequence[Step], begin: int, end: int, depth: int, last_read: dict[str, int], common: frozenset[str]
) -> Iterator[Item]:
    at = begin
    while at < end:
        group = steps[at].node.group
        if len(group) <= depth:
            yield steps[at]
            at += 1
            continue
        stop = at + 1
        while stop < end and steps[stop].node.group[depth : depth + 1] == group[depth : depth + 1]:
            stop += 1
        inner = tuple(_items(steps, at, stop, depth + 1, last_read, common))
        call = None
        if common.isdisjoint(step.key for step in steps[at:stop]):
            call = _call(_NUMBER.sub("", group[depth]), inner, steps[at:stop], stop, last_read)
        yield from (call,) if call else inner
        at = stop


def _call(
    macro: str, items: tuple[Item, ...], steps: Sequence[Step], stop: int, last_read: dict[str, int]
) -> Call | None:
    """Return a call, or None where its layers are not a block with one result and weights of its own."""
    if macro in _STRUCTURAL:
        return None
    own = {step.key for step in steps}
    outside = tuple(dict.fromkeys(key for step in steps for key in step.node.inputs if key not in own))
    results = [step.key for step in steps if last_read[step.key] >= stop]
    if len(results) != 1 or not outside:
        return None
    return Call(macro, items, outside, results[0])
