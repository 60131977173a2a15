"""Numbers and shapes as a person reads them; the exact value is always beside them, in the title."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from markupsafe import Markup, escape

from neural.cost.tables import duration
from webapp.parts import Number

N = TypeVar("N", int, float)

UNKNOWN = Number("unknown", "depends on an unknown size", None)
_DECIMAL = ((10**18, "E"), (10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"))
_BINARY = tuple((1024**power, unit) for power, unit in ((5, "PiB"), (4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")))


def count(value: int | None, unit: str) -> Number:
    """Return a count with every digit, its thousands parted."""
    if value is None:
        return UNKNOWN
    return Number(f"{value:,}", f"{value:,} {unit}", value)


def flops(value: int | None) -> Number:
    """Return operations: every digit below a million, three digits and a unit from there."""
    if value is None:
        return UNKNOWN
    return Number(_scaled(value, _DECIMAL, f"{value:,}"), f"{value:,} FLOPs", value)


def memory(value: int | None) -> Number:
    """Return bytes in binary units."""
    if value is None:
        return UNKNOWN
    return Number(_scaled(value, _BINARY, f"{value} B"), f"{value:,} bytes", value)


def shape(sizes: Iterable[int | None] | None) -> str:
    """Return a shape as the language writes it, a free axis as None."""
    if sizes is None:
        return "unknown"
    listed = [str(size) for size in sizes]
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


def percent(part: float) -> str:
    """Return a part of the whole; a small one is never called nothing."""
    if part <= 0:
        return "0%"
    return f"{part:.1%}" if part >= 0.0005 else "<0.1%"


def marked(text: str) -> Markup:
    """Return words with what stands between backticks as code, and everything escaped."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # a backtick without its other one is a character like any
        return escape(text)
    return Markup().join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def time(seconds: float | None, bound: str | None) -> Number:
    """Return the least time of a forward pass, and what sets it."""
    if seconds is None:
        return Number("unknown", "depends on an unknown size, or on a type without a stated rate", None)
    set_by = f", bound by {bound}" if bound else ""
    return Number(duration(seconds), f"at least {seconds:.3g} seconds{set_by}", seconds)


def add(values: Iterable[N | None]) -> N | int | None:
    """Return the sum, unknown where one is unknown."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known, 0) if len(known) == len(found) else None


def _scaled(value: int, units: tuple[tuple[int, str], ...], exact: str) -> str:
    for size, unit in units:
        if value >= size:
            scaled = value / size
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{scaled:,.{digits}f} {unit}"
    return exact
