"""Counting how often the rules of layers are called."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS

RULES = ("output_shape", "weights", "flops")


@contextmanager
def counting_rules() -> Iterator[Counter[str]]:
    """Count the calls of every layer's rules within the block, by ``Type.rule``."""
    calls: Counter[str] = Counter()
    patches = [
        patch.object(cls, rule, _counted(getattr(cls, rule), f"{cls.__name__}.{rule}", calls))
        for cls in set(LAYERS.values())
        for rule in RULES
    ]
    for each in patches:
        each.start()
    try:
        yield calls
    finally:
        for each in reversed(patches):
            each.stop()


def _counted(rule: Callable[..., Any], name: str, calls: Counter[str]) -> Callable[..., Any]:
    @functools.wraps(rule)
    def counted(layer: Layer, *args: Any) -> Any:
        calls[name] += 1
        return rule(layer, *args)

    return counted
