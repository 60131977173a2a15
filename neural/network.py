"""The Network: a program resolved to a graph of typed layers, each with its place, its group and a stable key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any

from neural.layers.base import Layer
from neural.records import dataclass

#: Longer names are not kept: a program may name its macros at any length.
_LONGEST_KEPT = 100


def snake_case(name: str) -> str:
    """Return a type's name as Keras names its layers: ``MaxPooling2D`` is ``max_pooling2d``."""
    return _short_snake_case(name) if len(name) <= _LONGEST_KEPT else _snake_case(name)


def _snake_case(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


_short_snake_case = lru_cache(1024)(_snake_case)


Range = tuple[int, int]
"""Offsets into the source, the end exclusive."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer was written: its statement, its type, its arguments' values, as offsets into the source.

    For a layer of the standard library it is the place of the call in the program.
    """

    statement: Range
    type: Range
    arguments: Mapping[str, Range] = field(default_factory=dict)
    call_end: int | None = None
    """Offset of the closing parenthesis of its arguments, where a further one goes; None without parentheses."""


@dataclass(frozen=True, slots=True)
class Node:
    """A layer of the graph. ``layer`` is None where its statement is ``broken``, or depends on one that is.

    ``inputs`` are keys of input nodes or earlier nodes. ``group`` is the path of macro calls and structural blocks it
    came from, each name unique in the network.
    """

    key: str
    layer: Layer | None
    inputs: tuple[str, ...]
    place: Place
    type: str
    group: tuple[str, ...] = ()
    device: str | None = None
    broken: bool = False
    shared: str | None = None
    """Name of the weights it uses together with every other node of that name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A named choice with arguments: a loss, an optimizer, a schedule or a metric, checked and in canonical form."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: str | None = None
    """The output it is for, where a program gives one for each."""


@dataclass(frozen=True, slots=True)
class Training:
    """How a network is trained: losses and metrics (one each, or by output), optimizer, `train` and `execution`.

    ``settings`` is None when the program has no `train` section.
    """

    loss: tuple[Setting, ...] = ()
    optimizer: Setting | None = None
    metrics: tuple[Setting, ...] = ()
    settings: Mapping[str, Any] | None = None
    execution: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """A value to search: where it stands, and its choices, or its range (``log`` for a logarithmic one)."""

    range: Range
    kind: str
    values: tuple[str, ...] = ()
    """The choices, as the language writes them."""
    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A research note: its name, and its groups of keys and values."""

    name: str | None
    groups: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Network:
    """A graph of layers in an order in which every node follows its inputs."""

    name: str
    inputs: tuple[Node, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    training: Training = field(default_factory=Training)
    values: Mapping[str, Mapping[str, int | float | None]] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()
    notes: tuple[Note, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """By key, where they differ: what a node is called in its own block, before its key was made unique."""
