"""An explanation: where a number of a report comes from, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neural.records import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of an explanation: a summand, or the number behind one of its terms."""

    name: str
    formula: str
    values: str
    result: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "formula": self.formula, "values": self.values, "result": self.result}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a number comes from: ``values`` is the formula with the values of ``terms`` put in, and gives ``result``.

    In both texts `x` multiplies and `/` divides exactly. A number that depends on an unknown size has no values.
    """

    key: str | None
    what: str
    unit: str
    formula: str
    values: str
    result: float | None
    convention: str
    source: str
    terms: Mapping[str, float]
    parts: tuple[Part, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        head = f"{self.what} of {self.key or 'the network'}"
        result = "unknown" if self.result is None else f"{self.result:,} {self.unit}"
        lines = [f"{head} = {self.formula}", f"= {self.values}" if self.values else "", f"= {result}"]
        lines += [f"  {part.name}: {part.formula} = {part.values}" for part in self.parts]
        return "\n".join(filter(None, [*lines, self.note, f"{self.convention}. {self.source}".strip()]))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "what": self.what,
            "unit": self.unit,
            "formula": self.formula,
            "values": self.values,
            "result": self.result,
            "convention": self.convention,
            "source": self.source,
            "terms": dict(self.terms),
            "parts": [part.to_dict() for part in self.parts],
            "note": self.note,
        }
