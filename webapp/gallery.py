"""The gallery: ``examples/*.neural``, each described by its first comment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT: Final = "mnist"


@dataclass(frozen=True, slots=True)
class Example:
    """A program of the gallery."""

    name: str
    title: str
    description: str
    source: str


def read(folder: Path) -> dict[str, Example]:
    """Return the examples by name, the first to be opened first, the rest by title."""
    found = [_example(path.stem, path.read_text(encoding="utf-8")) for path in folder.glob("*.neural")]
    found.sort(key=lambda example: (example.name != DEFAULT, example.title.lower()))
    return {example.name: example for example in found}


def _example(name: str, source: str) -> Example:
    comment = re.match(r"\s*#\s*(.*)", source)
    network = re.search(r"^\s*network\s+(\w+)", source, re.MULTILINE)
    title = network[1] if network else name
    return Example(name, title, comment[1].strip() if comment else "", source)
