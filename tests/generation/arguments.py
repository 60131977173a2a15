"""Arguments of layers, losses and optimizers: a value for each kind of the catalogue, and how programs write it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from random import Random
from typing import Any, NamedTuple

from neural.errors import RuleError
from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS
from neural.layers.einsum import Equation, Letters, OpenSizes
from neural.layers.fields import (
    Argument,
    Axes,
    Choice,
    Flag,
    Integer,
    Integers,
    Kind,
    LayerValue,
    Margins,
    Real,
    Reals,
    Sizes,
)
from neural.layers.lambdas import PythonLambda
from neural.layers.recurrent_stack import CellList, CellOrList
from neural.layers.spellings import ORDERS
from neural.layers.splitting import Parts
from neural.shapes import Shape
from neural.training_names import Numbers, Rate
from tests.generation.expressions import KEYWORDS, Expressions

#: A layer that no draw of arguments fits is given up after this many.
TRIES = 8


#: Values of the kinds that have few.
SAMPLES: dict[type, tuple[Any, ...]] = {
    PythonLambda: ("lambda x: x * 2", "lambda y: y - 0.5", "lambda x: abs(x) ** 2"),
    Equation: ("...x,xy->...y", "abc,cd->abd", "ab...,bc->ac..."),
    Letters: ("c", "d", "y"),
    OpenSizes: tuple(range(1, 9)),
    Rate: (0.1, 0.01, 1e-3, 2e-4, 1),
}


class Call(NamedTuple):
    """A layer as drawn, and as written without what stands around it."""

    layer: Layer
    text: str
    output: Shape


class UnknownKindError(Exception):
    """A kind of argument that the generator has not been taught."""


class Arguments:
    """Draws and writes arguments where ``shape`` is what the layer reads."""

    def __init__(self, rng: Random, write: Expressions, shape: Shape, *, search: bool = True) -> None:
        self.rng = rng
        self.write = write
        self.shape = shape
        self.search = search

    # --- values ---

    def draw(self, kind: Kind) -> Any:
        """Return a value of a kind, as a program gives it."""
        rng = self.rng
        if getattr(kind, "optional", False) and rng.random() < 0.2:
            return None
        if type(kind) in SAMPLES:
            return rng.choice(SAMPLES[type(kind)])
        match kind:
            case Integer(low, high):
                least = 1 if low is None else low
                return rng.randint(least, min(least + 7, high if high is not None else least + 7))
            case Real() | Reals():
                return self._real(kind)
            case Flag():
                return rng.random() < 0.5
            case Choice(values, synonyms):
                word = rng.choice((*values, *dict(synonyms)))
                return rng.choice((word, word, word, word.upper(), word.capitalize()))
            case Sizes(rank, low):
                one = rng.randint(low, low + 2)
                return one if rng.random() < 0.5 else tuple(rng.randint(low, low + 2) for _ in range(rank))
            case Integers() | Margins() | Axes() | Parts():
                return self._of_axes(kind)
            case Numbers():
                return [rng.randint(1, 9) / 10 for _ in range(rng.randint(1, 3))]
        raise UnknownKindError(f"tests/generation/arguments.py draws no {type(kind).__name__}")

    def _of_axes(self, kind: Integers | Margins | Axes | Parts) -> Any:
        """Return a value of a kind whose values depend on what the layer reads."""
        match kind:
            case Integers(low):
                return self._integers(low)
            case Margins(rank):
                return self._margins(rank)
            case Axes(several):
                return self._axes(several)
            case Parts():
                return self._parts()

    def _real(self, kind: Real | Reals) -> Any:
        if isinstance(kind, Reals):
            last = (self.shape or (1,))[-1] or 1
            values = tuple(self._real(Real(kind.low)) for _ in range(self.rng.choice((1, min(last, 8)))))
            return values if self.rng.random() < 0.5 else values[0]
        low = 0.0 if kind.low is None else kind.low
        high = low + 2 if kind.high is None else kind.high
        inner = round(low + (high - low) * self.rng.randint(1, 9) / 10, 4)
        ends = [] if kind.open_low else [low]
        ends += [] if kind.open_high or kind.high is None else [high]
        return self.rng.choice([inner, inner, inner, *ends])

    def _integers(self, low: int | None) -> tuple[int, ...]:
        axes = list(range(1, len(self.shape) + 1))
        if low == -1:
            return self._factors()
        self.rng.shuffle(axes)
        return tuple(axes) if self.rng.random() < 0.7 else tuple(axes[: self.rng.randint(1, max(len(axes), 1))])

    def _factors(self) -> tuple[int, ...]:
        """Return sizes that hold as many elements as the shape, one of them open at times."""
        known = [size for size in self.shape if size is not None]
        if len(known) < len(self.shape):
            return (-1, known[-1]) if known else (-1,)
        left, sizes = prod(known), []
        for _ in range(self.rng.randint(0, 2)):
            size = self.rng.choice([each for each in range(1, min(left, 12) + 1) if left % each == 0])
            sizes.append(size)
            left //= size
        sizes.append(left)
        self.rng.shuffle(sizes)
        if self.rng.random() < 0.4:
            sizes[self.rng.randrange(len(sizes))] = -1
        return tuple(sizes)

    def _margins(self, rank: int) -> Any:
        form, small = self.rng.random(), lambda: self.rng.randint(0, 2)
        if form < 0.4:
            return small()
        if form < 0.7 and rank > 1:
            return tuple(small() for _ in range(rank))
        return tuple((small(), small()) for _ in range(rank)) if rank > 1 else (small(), small())

    def _parts(self) -> int | list[int]:
        last = (self.shape or (1,))[-1] or 1
        if last < 2 or self.rng.random() < 0.6:
            return self.rng.choice([each for each in (2, 3, 4, 5) if last % each == 0] or [2])
        first = self.rng.randint(1, last - 1)
        return [first, last - first]

    def _axes(self, several: bool) -> Any:
        rank = max(len(self.shape), 1)
        axis = self.rng.randint(1, rank) * self.rng.choice((1, -1))
        if several and rank > 1 and self.rng.random() < 0.4:
            return tuple(sorted(self.rng.sample(range(1, rank + 1), self.rng.randint(1, rank))))
        return axis

    # --- text ---

    def spelled(self, kind: Kind, value: Any) -> str:
        """Return how a program writes a value: at times as a search, or as an expression."""
        searchable = self.search and not isinstance(kind, Numbers | Rate | LayerValue) and value is not None
        if searchable and self.rng.random() < 0.06:
            return self._search(kind, value)
        return self.text(value)

    def _search(self, kind: Kind, value: Any) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and value > 0 and self.rng.random() < 0.6:
            high = value * 2 if isinstance(value, int) else round(value * 1.5, 6)
            ranges = [
                f"range({value}, {high})",
                f"range({value}, {high}, step={value})",
                f"range(low={value}, high={high})",
                f"log_range({value}, {high})",
                f"log_range(min={value}, max={high})",
            ]
            if _reads(kind, high):
                return f"HPO({self.rng.choice(ranges)})"
        others = [self.text(self.draw(kind)) for _ in range(self.rng.randint(0, 2))]
        return f"HPO(choice({', '.join([self.text(value), *others])}))"

    def text(self, value: Any) -> str:
        """Return a value as an expression."""
        rng = self.rng
        if value is None:
            return rng.choice(("none", "None"))
        if isinstance(value, bool):
            return rng.choice((str(value), str(value).lower()))
        if isinstance(value, int):
            return self.write.integer(value)
        if isinstance(value, float):
            return self.write.real(value)
        if isinstance(value, str):
            quote = rng.choice('""\'')
            return f"{quote}{value}{quote}"
        items = [self.text(item) for item in value]
        comma = "," if len(items) == 1 or rng.random() < 0.1 else ""
        inside = ", ".join(items) + comma
        return f"[{inside}]" if isinstance(value, list) or rng.random() < 0.15 else f"({inside})"

    # --- calls ---

    def given(self, arguments: Mapping[str, Argument], often: float = 0.25) -> dict[str, tuple[Any, str]]:
        """Return drawn arguments by name: the value that is read, and its text; ``often`` for those with a default."""
        found: dict[str, tuple[Any, str]] = {}
        for name, argument in arguments.items():
            if argument.named:
                continue
            if argument.required or self.rng.random() < often:
                if isinstance(argument.kind, CellList | CellOrList):
                    found[name] = self._cells(argument.kind)
                elif isinstance(argument.kind, LayerValue):
                    call = self._inner(argument.kind)
                    found[name] = (call.layer, call.text)
                else:
                    value = self.draw(argument.kind)
                    found[name] = (argument.kind.read(value), self.spelled(argument.kind, value))
        return found

    def _inner(self, kind: LayerValue) -> Call:
        shape = self.shape if kind.types else self.shape[1:]
        inner = Arguments(self.rng, self.write, shape, search=self.search)
        call = inner.layer(kind.types or tuple(LAYERS), wrapped=True)
        if call is None:
            raise RuleError("no layer fits inside")
        return call

    def _cells(self, kind: CellList | CellOrList) -> tuple[Any, str]:
        """Return a cell or a list of them, and its text."""
        inner = Arguments(self.rng, self.write, self.shape[-1:], search=self.search)
        listed = isinstance(kind, CellList) or self.rng.random() < 0.5
        names = CellList().types
        calls = [inner.layer(names, wrapped=True) for _ in range(self.rng.randint(1, 3) if listed else 1)]
        drawn = [call for call in calls if call]
        if len(drawn) < len(calls):
            raise RuleError("no cell fits inside")
        if not listed:
            return drawn[0].layer, drawn[0].text
        return kind.read([call.layer for call in drawn]), f"[{', '.join(call.text for call in drawn)}]"

    def written(self, arguments: Mapping[str, Argument], given: Mapping[str, tuple[Any, str]], *extra: str) -> str:
        """Return what stands between the parentheses of a call."""
        rng, parts, rest = self.rng, [], dict(given)
        positions = rng.choice((0, 1, 2, 9)) if given else 0
        order = list(arguments)
        while order and positions and order[0] in rest:
            parts.append(rest.pop(order.pop(0))[1])
            positions -= 1
        if parts and "activation" in rest and order and rng.random() < 0.7:
            kind, (value, text) = arguments[order[0]].kind, rest["activation"]
            if text[0] in "\"'" and not (isinstance(kind, Choice) and kind.knows(value)):
                parts.append(text)
                del rest["activation"]
        named = [self._named(name, arguments[name], text) for name, (_, text) in rest.items()]
        rng.shuffle(named)
        comma = "," if (parts or named or extra) and rng.random() < 0.05 else ""
        return ", ".join((*parts, *named, *extra)) + comma

    def _named(self, name: str, argument: Argument, text: str) -> str:
        if argument.aliases and self.rng.random() < 0.1:
            name = self.rng.choice(argument.aliases)
        return f"{name}: {text}" if self.rng.random() < 0.03 else f"{name}={text}"

    def layer(self, names: tuple[str, ...], *, inputs: tuple[Shape, ...] = (), wrapped: bool = False) -> Call | None:
        """Return a layer of one of these types that fits what it reads, or None when none was found soon."""
        inputs = inputs or (self.shape,)
        for name in self.rng.sample(names, len(names)):
            cls = LAYERS[name]
            if not cls.arity[0] <= len(inputs) <= cls.arity[1] or (wrapped and _is_wrapper(cls)):
                continue
            for _ in range(TRIES):
                call = self._try(cls, inputs)
                if call is not None:
                    return call
        return None

    def _try(self, cls: type[Layer], inputs: tuple[Shape, ...]) -> Call | None:
        arguments = cls.arguments()
        try:
            given = self.given(arguments)
            layer = cls(**{name: value for name, (value, _) in given.items()})
            output = layer.output_shape(inputs)
            layer.weights(inputs)
        except RuleError:
            return None
        name = self._type(cls)
        if name in ORDERS:
            return Call(layer, f"{name}({', '.join(self._by_name(arguments, given))})", output)
        return Call(layer, f"{name}({self.written(arguments, given)})", output)

    def _by_name(self, arguments: Mapping[str, Argument], given: Mapping[str, tuple[Any, str]]) -> list[str]:
        """Return every argument with its name: under PyTorch's spelling the order is another."""
        return [self._named(name, arguments[name], text) for name, (_, text) in given.items()]

    def _type(self, cls: type[Layer]) -> str:
        name = cls.__name__
        form = self.rng.random()
        if cls.aliases and form < 0.08:
            return self.rng.choice(cls.aliases)
        if form > 0.95 and name.lower() not in KEYWORDS:
            return self.rng.choice((name.lower(), name.upper()))
        return name


def _is_wrapper(cls: type[Layer]) -> bool:
    return any(isinstance(argument.kind, LayerValue) for argument in cls.arguments().values())


def _reads(kind: Kind, value: Any) -> bool:
    try:
        kind.read(value)
    except RuleError:
        return False
    return True
