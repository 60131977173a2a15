"""What a block of the standard library is, as data: read from its file, a comment and a definition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from neural.binding.macros import STANDARD_LIBRARY, find_macro, macro_names
from neural.syntax import Parameter

_OPENING = re.compile(r"(?:#.*\n)*")
_ADDRESS = re.compile(r":? (https://\S+)$")


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """Everything that a block's page says. ``parameters`` are names with their defaults, empty where there is none."""

    name: str
    text: tuple[str, ...]
    source: str
    parameters: tuple[tuple[str, str], ...]
    definition: str

    @property
    def sentence(self) -> str:
        """What it is."""
        return self.text[0]


def names() -> tuple[str, ...]:
    """Return the names of all blocks, in order."""
    return macro_names()


def find(spelling: str) -> str | None:
    """Return the name of a block written in any case."""
    return next((name for name in macro_names() if name.lower() == spelling.lower()), None)


def _default(text: str, parameter: Parameter) -> str:
    if parameter.default is None:
        return ""
    begin, end = parameter.default.range
    return text[begin:end]


@cache
def block_facts(name: str) -> BlockFacts:
    """Return the facts of a block by its name."""
    file = (STANDARD_LIBRARY / f"{name}.neural").read_text(encoding="utf-8")
    macro = find_macro(name)
    opening = _OPENING.match(file)
    if macro is None or opening is None:
        raise LookupError(f"the standard library has no {name}")
    first, *rest = (line.removeprefix("# ") for line in opening[0].splitlines())
    address = _ADDRESS.search(first)
    sentence = f"{_ADDRESS.sub('', first)}."
    text = (sentence, " ".join(rest)) if rest else (sentence,)
    return BlockFacts(
        name=name,
        text=text,
        source=address[1] if address else "",
        parameters=tuple((each.name.text, _default(file[macro.start :], each)) for each in macro.parameters),
        definition=file[opening.end() :],
    )
