"""The gallery: every network of ``examples/*.neural``. A file is a family, described by its first comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from neural.compiler import default_compiler

DEFAULT: Final = "mnist"

_COMMENT = re.compile(r"\s*#\s*(.*)")
_NETWORK = re.compile(r"^\s*network\s+(\w+)", re.MULTILINE)
_CITATION = re.compile(r"\s*(?:After\s+)?https?://\S+\s*$")


@dataclass(frozen=True, slots=True)
class Example:
    """A program of the gallery: a whole file, or one network of a file that holds several."""

    name: str
    title: str
    text: str
    is_whole: bool

    @property
    def source(self) -> str:
        """The program. Files are parsed when one of their networks is opened, not when the server starts."""
        return self.text if self.is_whole else default_compiler().extract(self.text, self.title)


@dataclass(frozen=True, slots=True)
class Family:
    """The networks of one file."""

    name: str
    description: str
    examples: tuple[Example, ...]


class Gallery:
    """The families, the first to be opened first, the rest by the title of their first network."""

    def __init__(self, folder: Path) -> None:
        texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.neural")}
        found = [_family(name, text) for name, text in texts.items()]
        self.families = tuple(sorted(found, key=lambda each: (each.name != DEFAULT, each.examples[0].title.lower())))
        self._by_name = {each.name: each for family in found for each in family.examples}
        self._by_name |= {name: Example(name, _titles(name, text)[0], text, True) for name, text in texts.items()}

    def find(self, name: str) -> Example | None:
        """Return the example of a network's name, or of a file's: its first network, with the others behind it."""
        return self._by_name.get(name)

    @property
    def default(self) -> Example:
        """The one that a new person sees."""
        return self._by_name[DEFAULT]

    def __iter__(self) -> Iterator[Example]:
        return (each for family in self.families for each in family.examples)

    def __len__(self) -> int:
        return sum(len(family.examples) for family in self.families)


def _family(name: str, text: str) -> Family:
    comment = _COMMENT.match(text)
    titles = _titles(name, text)
    if len(titles) == 1:
        examples: tuple[Example, ...] = (Example(name, titles[0], text, True),)
    else:
        examples = tuple(Example(title, title, text, False) for title in titles)
    return Family(name, _CITATION.sub("", comment[1]) if comment else "", examples)


def _titles(name: str, text: str) -> list[str]:
    return _NETWORK.findall(text) or [name]
