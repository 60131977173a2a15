"""What an argument of a layer accepts: one ``Argument`` a field, read by the binder, the docs and completion.

``kind.read`` turns a value of the language into the canonical one or raises ``RuleError`` with the rule and the value.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, Protocol

from neural.errors import Repair, RuleError
from neural.records import dataclass
from neural.suggest import nearest as nearest_words
from neural.suggest import shown

if TYPE_CHECKING:
    from neural.layers.base import Layer

MISSING: Any = dataclasses.MISSING


class Kind(Protocol):
    """A set of accepted values: reads one, and describes itself in a few words."""

    @property
    def words(self) -> str: ...

    def read(self, value: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a layer: what it accepts, its default (or ``MISSING``), other spellings, and a one-line doc.

    A ``named`` one has no place in the order: it is given by its name alone. ``keras`` is Keras's name of it, among the
    other spellings, where a method of the layer has that name.
    """

    kind: Kind
    doc: str
    default: Any = dataclasses.field(default_factory=lambda: MISSING)
    aliases: tuple[str, ...] = ()
    named: bool = False
    keras: str = ""

    @property
    def required(self) -> bool:
        return self.default is MISSING


def argument(
    kind: Kind,
    doc: str,
    *,
    default: Any = MISSING,
    aliases: tuple[str, ...] = (),
    named: bool = False,
    keras: str = "",
) -> Any:
    """Declare a dataclass field that is an argument of a layer."""
    metadata = {"argument": Argument(kind, doc, default, aliases, named, keras)}
    return dataclasses.field(default=default, metadata=metadata)


def show(value: Any) -> str:
    """Write a value as the language does."""
    if isinstance(value, str):
        return '"' + shown(value).replace('"', '\\"') + '"'
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"({_items(value)},)" if len(value) == 1 else f"({_items(value)})"
    if isinstance(value, list):
        return f"[{_items(value)}]"
    if isinstance(value, dict):
        return "{...}" if value else "{}"
    if dataclasses.is_dataclass(value):
        return type(value).__name__ + "(...)"
    return str(value)


def _items(values: tuple[Any, ...] | list[Any]) -> str:
    return ", ".join(show(item) for item in values[:8]) + (", …" if len(values) > 8 else "")


def wrong(kind: Kind, value: Any, help: str = "", repairs: tuple[Repair, ...] = ()) -> RuleError:
    """Return the error for a value outside a kind."""
    return RuleError(f"expected {kind.words}, got {show(value)}", help=help, repairs=repairs)


def whole(value: Any) -> int | None:
    """Return the integer a value stands for (``1e1`` is 10), or None when it stands for none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer of at least ``low`` (and at most ``high``)."""

    low: int | None = None
    high: int | None = None
    optional: bool = False

    @property
    def words(self) -> str:
        text = "an integer" if self.low is None else f"an integer of at least {self.low}"
        text += f" and at most {self.high}" if self.high is not None else ""
        return text + (" or none" if self.optional else "")

    def read(self, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        number = whole(value)
        if number is None or (self.low is not None and number < self.low):
            raise wrong(self, value)
        if self.high is not None and number > self.high:
            raise wrong(self, value)
        return number


@dataclass(frozen=True, slots=True)
class Real:
    """A number from ``low`` to ``high``; ``open_high`` leaves the upper end out, ``open_low`` the lower."""

    low: float | None = None
    high: float | None = None
    open_high: bool = False
    open_low: bool = False
    optional: bool = False

    @property
    def words(self) -> str:
        text = "a number"
        if self.low is not None:
            text += f" {'above' if self.open_low else 'of at least'} {self.low:g}"
        if self.high is not None:
            text += f"{' and' if self.low is not None else ''} {'below' if self.open_high else 'at most'} {self.high:g}"
        return text + (" or none" if self.optional else "")

    def read(self, value: Any) -> float | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(self, value)
        below = self.low is not None and (value < self.low or (self.open_low and value == self.low))
        above = self.high is not None and (value > self.high or (self.open_high and value == self.high))
        if below or above:
            raise wrong(self, value)
        return float(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    @property
    def words(self) -> str:
        return "true or false"

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise wrong(self, value)
        return value


def number_in(text: str) -> int | float | None:
    """Return the number that a string holds, as a program would write it, or None."""
    if len(text) > 20 or not re.fullmatch(r"-?[0-9]+(\.[0-9]*)?(e-?[0-9]{1,2})?", text):
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)


def meant_number(kind: Kind, value: Any) -> tuple[str, tuple[Repair, ...]] | None:
    """Return the help and the repair for a number in quotes, or a percentage for a share; None for other values."""
    meant = number_in(value) if isinstance(value, str) else None
    help = "a number is written without quotes"
    if isinstance(kind, Real) and kind.high == 1 and whole(value) in range(2, 101):
        meant, help = value / 100, f"it is a share: {value:g} percent is {value / 100:g}"
    if meant is None:
        return None
    try:
        kind.read(meant)
    except RuleError:
        return None
    return help, (Repair(f"write {meant:g}", value=f"{meant:g}"),)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings, in any case; ``synonyms`` are read as another, ``none`` as that value.

    ``elsewhere`` are words that are refused with help of their own, ``otherwise`` is the help for what is no string.
    """

    values: tuple[str, ...]
    synonyms: tuple[tuple[str, str], ...] = ()
    none: str | None = None
    optional: bool = False
    elsewhere: tuple[tuple[str, str], ...] = ()
    otherwise: str = ""

    @property
    def words(self) -> str:
        if len(self.values) > 6:
            return f"one of {', '.join(self.values[:6])}, …"
        quoted = [f'"{value}"' for value in self.values]
        return " or ".join(quoted) if len(quoted) < 3 else "one of " + ", ".join(quoted)

    def knows(self, value: Any) -> bool:
        """Whether a value is one of the strings, in any case."""
        return isinstance(value, str) and value.lower() in {*self.values, *dict(self.synonyms)}

    def read(self, value: Any) -> str | None:
        if value is None and self.none is not None:
            return self.none
        if value is None and self.optional:
            return None
        if not isinstance(value, str):
            raise wrong(self, value, self.otherwise)
        lowered = value.lower()
        if lowered in self.values:
            return lowered
        if lowered in dict(self.elsewhere):
            raise wrong(self, value, dict(self.elsewhere)[lowered])
        synonym = dict(self.synonyms).get(lowered)
        if synonym is None:
            raise wrong(self, value, *nearest(lowered, (*self.values, *dict(self.synonyms))))
        return synonym


def nearest(word: str, words: tuple[str, ...]) -> tuple[str, tuple[Repair, ...]]:
    """Return the help and the repairs that suggest the words nearest to a misspelt one."""
    close = nearest_words(word, words, 3)
    repairs = tuple(Repair(f'use "{name}"', value=f'"{name}"') for name in close)
    return (f'did you mean "{close[0]}"?' if close else "", repairs)


@dataclass(frozen=True, slots=True)
class Sizes:
    """``rank`` integers of at least ``low``; one integer stands for all of them."""

    rank: int
    low: int = 1
    optional: bool = False

    @property
    def words(self) -> str:
        one = f"an integer of at least {self.low}"
        text = one if self.rank == 1 else f"{one}, or a tuple of {self.rank} of them"
        return text + (" or none" if self.optional else "")

    def read(self, value: Any) -> tuple[int, ...] | None:
        if value is None and self.optional:
            return None
        items = value if isinstance(value, tuple | list) else (value,) * self.rank
        numbers = tuple(whole(item) for item in items)
        if len(numbers) != self.rank or any(number is None or number < self.low for number in numbers):
            raise wrong(self, value)
        return tuple(number for number in numbers if number is not None)


@dataclass(frozen=True, slots=True)
class Integers:
    """A tuple of integers of at least ``low``; one integer is a tuple of one."""

    low: int | None = None
    optional: bool = False

    @property
    def words(self) -> str:
        text = "a tuple of integers" + (f" of at least {self.low}" if self.low is not None else "")
        return text + (" or none" if self.optional else "")

    def read(self, value: Any) -> tuple[int, ...] | None:
        if value is None and self.optional:
            return None
        items = value if isinstance(value, tuple | list) else (value,)
        numbers = tuple(whole(item) for item in items)
        if any(number is None or (self.low is not None and number < self.low) for number in numbers):
            raise wrong(self, value)
        return tuple(number for number in numbers if number is not None)


@dataclass(frozen=True, slots=True)
class Margins:
    """A (before, after) pair for each of ``rank`` axes; one integer, or one for each axis, stands for both ends."""

    rank: int

    @property
    def words(self) -> str:
        one = "an integer of at least 0"
        if self.rank == 1:
            return f"{one}, or a pair (before, after) of them"
        return f"{one}, or a tuple of {self.rank} of them, or a tuple of {self.rank} pairs (before, after)"

    def read(self, value: Any) -> tuple[tuple[int, int], ...]:
        if self.rank == 1 and isinstance(value, tuple | list) and len(value) == 2:
            items: Any = (value,)
        else:
            items = value if isinstance(value, tuple | list) else (value,) * self.rank
        pairs = tuple(_pair(item) for item in items)
        if len(pairs) != self.rank or None in pairs:
            raise wrong(self, value)
        return tuple(pair for pair in pairs if pair is not None)


def _pair(value: Any) -> tuple[int, int] | None:
    items = value if isinstance(value, tuple | list) else (value, value)
    numbers = tuple(whole(item) for item in items)
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None or min(numbers[0], numbers[1]) < 0:
        return None
    return numbers[0], numbers[1]


@dataclass(frozen=True, slots=True)
class Axes:
    """An axis, counted as Keras does (the batch is axis 0), or several; never the batch."""

    several: bool = False
    optional: bool = False

    @property
    def words(self) -> str:
        text = "an axis other than the batch (1 or more, or negative)"
        text += ", or a tuple of them" if self.several else ""
        return text + (" or none" if self.optional else "")

    def read(self, value: Any) -> int | tuple[int, ...] | None:
        if value is None and self.optional:
            return None
        items = value if isinstance(value, tuple | list) else (value,)
        numbers = tuple(whole(item) for item in items)
        if not numbers or (len(numbers) > 1 and not self.several):
            raise wrong(self, value)
        if any(number is None or number == 0 for number in numbers):
            raise wrong(self, value)
        axes = tuple(number for number in numbers if number is not None)
        return axes[0] if len(axes) == 1 else axes


@dataclass(frozen=True, slots=True)
class Reals:
    """A number of at least ``low``, or a tuple of them, or none."""

    low: float | None = None

    @property
    def words(self) -> str:
        return f"{Real(self.low).words}, or a tuple of them, or none"

    def read(self, value: Any) -> float | tuple[float, ...] | None:
        items = value if isinstance(value, tuple | list) else (value,)
        bad = any(isinstance(item, bool) or not isinstance(item, int | float) for item in items)
        if value is not None and (not items or bad or (self.low is not None and min(items) < self.low)):
            raise wrong(self, value)
        if isinstance(value, tuple | list):
            return tuple(float(item) for item in items)
        return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class LayerValue:
    """A layer, as wrappers take one first: ``Bidirectional(LSTM(64))``."""

    types: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return "a layer such as LSTM(64)" if not self.types else "one of the layers " + ", ".join(self.types)

    def read(self, value: Any) -> Layer:
        from neural.layers.base import Layer as Base

        if not isinstance(value, Base) or (self.types and type(value).__name__ not in self.types):
            raise wrong(self, value)
        return value


_NUMBER_OF_PADDING = (
    '"same" keeps the size at stride 1, as padding=(kernel_size - 1) / 2 does in PyTorch; '
    "for other numbers put a ZeroPadding layer before it"
)
PADDING = Choice(("valid", "same"), otherwise=_NUMBER_OF_PADDING)
CAUSAL_PADDING = Choice(("valid", "same", "causal"), otherwise=_NUMBER_OF_PADDING)
