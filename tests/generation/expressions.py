"""Expressions with a wanted value: numbers written plainly, with names in scope, arithmetic and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from neural.shapes import Shape

KEYWORDS = frozenset(
    ("network", "define", "let", "for", "in", "if", "else", "input", "layers", "output", "loss", "optimizer", "metrics",
     "train", "execution", "execute")
)  # fmt: skip


class Expressions:
    """Writes numbers. ``values`` are the names in scope, ``tensors`` those that ``size`` may read."""

    def __init__(self, rng: Random, values: Mapping[str, Any], tensors: Mapping[str, Shape]) -> None:
        self.rng = rng
        self.values = values
        self.tensors = {name: shape for name, shape in tensors.items() if name not in KEYWORDS or name == "input"}

    def integer(self, value: int, depth: int = 2) -> str:
        """Return an expression of this value that is safe as an operand and as an argument."""
        rng = self.rng
        if depth == 0 or rng.random() < 0.6:
            return self._plain(value)
        known = [name for name, each in self.values.items() if type(each) is int]
        if known and rng.random() < 0.5:
            return self._named(rng.choice(known), value)
        sizes = self._sizes(value)
        if sizes and rng.random() < 0.5:
            return rng.choice(sizes)
        return rng.choice(_FORMS)(self, value, depth - 1)

    def _plain(self, value: int) -> str:
        text = str(abs(value))
        form = self.rng.random()
        if form < 0.05:
            text += ".0"
        elif form < 0.1 and len(text) > 1:
            text = f"{text[0]}_{text[1:]}"
        elif form < 0.13:
            text += "e0"
        return text if value >= 0 else f"(-{text})"

    def _named(self, name: str, value: int) -> str:
        base = self.values[name]
        if base == value:
            return name
        if base and value % base == 0 and self.rng.random() < 0.6:
            return f"({name} * {value // base})"
        if base > value > 0 and base // value * value == base and base // (base // value) == value:
            return f"({name} // {base // value})"
        gap = value - base
        return f"({name} + {gap})" if gap >= 0 else f"({name} - {-gap})"

    def _sizes(self, value: int) -> list[str]:
        found = []
        for name, shape in self.tensors.items():
            if shape and shape[-1] == value:
                found.append(f"size({name})")
            found += [f"size({name}, {axis + 1})" for axis, size in enumerate(shape) if size == value]
            found += [f"size({name}, -{len(shape) - axis})" for axis, size in enumerate(shape) if size == value]
        return found

    # --- forms ---

    def _sum(self, value: int, depth: int) -> str:
        part = self.rng.randint(0, max(value, 0))
        return f"({self.integer(value - part, depth)} + {self.integer(part, depth)})"

    def _product_and_sum(self, value: int, depth: int) -> str:
        left, right = self.rng.randint(2, 4), self.rng.randint(1, 3)
        return f"({value - left * right} + {left} * {right})" if value >= left * right else self._plain(value)

    def _difference(self, value: int, depth: int) -> str:
        part = self.rng.randint(1, 9)
        return f"({self.integer(value + part, depth)} - {self.integer(part, depth)})"

    def _product(self, value: int, depth: int) -> str:
        factors = [factor for factor in range(1, abs(value) + 1) if value % factor == 0] or [1]
        factor = self.rng.choice(factors)
        return f"({self.integer(factor, depth)} * {self.integer(value // factor, depth)})"

    def _quotient(self, value: int, depth: int) -> str:
        by = self.rng.randint(1, 5)
        return f"({self.integer(value * by, depth)} / {by})"

    def _floor_division(self, value: int, depth: int) -> str:
        by = self.rng.randint(2, 5)
        return f"({value * by + self.rng.randrange(by)} // {by})"

    def _remainder(self, value: int, depth: int) -> str:
        by = abs(value) + self.rng.randint(1, 5)
        return f"({value + by} % {by})" if value >= 0 else self._plain(value)

    def _power(self, value: int, depth: int) -> str:
        roots = [(base, power) for base in range(2, 9) for power in range(2, 7) if base**power == value]
        if roots:
            base, power = self.rng.choice(roots)
            return f"({base}**{power})"
        return f"({self.integer(value, depth)} ** 1)"

    def _signs(self, value: int, depth: int) -> str:
        return self.rng.choice((f"(--{value})", f"(+{value})")) if value >= 0 else f"(+-{-value})"

    def _call(self, value: int, depth: int) -> str:
        inner = self.integer(value, depth)
        forms = [
            f"max({inner}, {value - 3})",
            f"min({value + 2}, {inner})",
            f"round({inner})",
            f"int({inner})",
        ]
        forms += [f"divisible({inner}, 1)"] if value > 0 else []
        forms += [f"abs({inner})", f"floor({value}.5)", f"ceil({value}.0)"] if value >= 0 else []
        return self.rng.choice(forms)

    def _conditional(self, value: int, depth: int) -> str:
        low, high = sorted((self.rng.randint(0, 9), self.rng.randint(10, 19)))
        right, wrong = self.integer(value, depth), self.rng.randint(1, 9)
        test = self.rng.choice((f"{low} < {high}", f"{low} <= {high}", f"{low} != {high}", "1 == 1.0", "true"))
        false = self.rng.choice((f"{low} > {high}", f"{low} >= {high}", '"a" == "b"', "False"))
        return f"({right} if {test} else {wrong})" if self.rng.random() < 0.6 else f"({wrong} if {false} else {right})"

    def real(self, value: float) -> str:
        """Return an expression of this value, to within a rounding."""
        known = [name for name, each in self.values.items() if type(each) is float and each == value]
        if known:
            return self.rng.choice(known)
        text = repr(value)
        forms = [text, text, text]
        if 0 < value < 1 and text.startswith("0."):
            forms += [text[1:], f"({round(value * 100, 6):g} / 100)", f"{value * 10:.6g}e-1"]
        if value > 0:
            forms += [f"min({text}, {value * 2!r})", f"({text} if 1 < 2 else 0)"]
        return self.rng.choice(forms) if value >= 0 else text


_FORMS: tuple[Callable[[Expressions, int, int], str], ...] = (
    Expressions._sum,
    Expressions._product_and_sum,
    Expressions._difference,
    Expressions._product,
    Expressions._quotient,
    Expressions._floor_division,
    Expressions._remainder,
    Expressions._power,
    Expressions._signs,
    Expressions._call,
    Expressions._conditional,
)
