"""What the page says of the differences between PyTorch and Keras: by topic, equal notes as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from webapp.parts import DifferencesContext, DifferenceView, TopicView


class Difference(Protocol):
    """A note of a layer, as the compiler gives it."""

    @property
    def key(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def text(self) -> str: ...


def view(found: Iterable[Difference], drawn: Collection[str]) -> DifferencesContext:
    """Return the notes of the layers that are drawn."""
    topics: dict[str, dict[str, list[str]]] = {}
    for each in found:
        if each.key in drawn:
            topics.setdefault(each.topic, {}).setdefault(each.text, []).append(each.key)
    return DifferencesContext(
        tuple(
            TopicView(topic, tuple(DifferenceView(text, tuple(keys)) for text, keys in notes.items()))
            for topic, notes in topics.items()
        )
    )
