"""One text for blocks that differ in sizes alone: the sizes that differ become parameters.

Every literal number that a call is given is a hole. Blocks whose text around the holes is the same share one text.
Where their values differ stands a parameter, named as the argument is that it is given for; holes of one kind whose
values are the same in every block share it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

from neural.caches import MEGABYTE, Cache
from neural.code_generation.writer import Names

#: What positional arguments are called, for the names of parameters.
_SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "Linear": ("in_features", "out_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "LayerNorm": ("normalized_shape",),
    "GroupNorm": ("num_groups", "num_channels"),
    "MultiheadAttention": ("embed_dim", "num_heads"),
    "LSTM": ("input_size", "hidden_size"),
    "GRU": ("input_size", "hidden_size"),
    "Dropout": ("rate",),
    "Dense": ("units",),
    "range": ("count",),
    **{f"BatchNorm{n}d": ("num_features",) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ("num_features",) for n in (1, 2, 3)},
    **{f"Conv{n}d": ("in_channels", "out_channels", "kernel_size") for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": ("in_channels", "out_channels", "kernel_size") for n in (1, 2, 3)},
    **{f"Conv{n}D{kind}": ("filters", "kernel_size") for n in (1, 2, 3) for kind in ("", "Transpose")},
    **{f"SeparableConv{n}D": ("filters", "kernel_size") for n in (1, 2)},
    **{f"DepthwiseConv{n}D": ("kernel_size",) for n in (1, 2)},
}
_STRIDED = frozenset({"Conv1d", "Conv2d", "Conv3d"})
#: Arguments that are counts of channels or features: what one layer gives, the next one reads.
_READS = frozenset({"in_channels", "in_features", "input_size", "embed_dim"})
_GIVES = frozenset({"out_channels", "out_features", "hidden_size", "filters", "units"})
_KEEPS = frozenset({"num_features", "num_channels", "normalized_shape", "channels", "features", "size"})
_WIDTHS = _READS | _GIVES | _KEEPS
_WIDTH = "width"
_COUNTED = re.compile(r"_\d+$")
#: Up to which factor a width is written as the multiple of another one.
_LARGEST = 8


class Hole(NamedTuple):
    """A number in a line of source, and what it is called.

    One with a ``default`` is an option, ``, hint=value``: it is left out where it has its default, and so may stand in
    one block and not in another.
    """

    value: str
    hint: str
    default: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Cut:
    """A line of source with holes, and the text around them."""

    around: tuple[str, ...]
    holes: tuple[Hole, ...] = ()

    def pieces(self) -> Iterator[str | Hole]:
        """Yield its texts and its holes in order."""
        for text, hole in zip(self.around, self.holes, strict=False):
            yield text
            yield hole
        yield self.around[-1]


@final
@dataclass(frozen=True, slots=True)
class Template:
    """The text that several blocks share, its parameters with their types, and what each block gives for them."""

    lines: tuple[str, ...]
    parameters: Mapping[str, str]
    arguments: tuple[tuple[str, ...], ...]
    defaults: Mapping[str, str]
    """Of the parameters for options: what most blocks give, and need not."""
    sizes: Mapping[tuple[str, ...], str]
    """What the lines have for numbers that differ, by their values in every block."""


def joined(pieces: Iterable[str | Hole]) -> Cut:
    """Return a line of these texts and holes."""
    around, holes = [""], []
    for piece in pieces:
        if isinstance(piece, str):
            around[-1] += piece
        else:
            holes.append(piece)
            around.append("")
    return Cut(tuple(around), tuple(holes))


_cuts: Cache[str, Cut] = Cache("lines", 2 * MEGABYTE, lambda line, made: 3 * len(line) + 512 * len(made.holes))


def cut(line: str) -> Cut:
    """Return a line with a hole for every number, or tuple of numbers, that stands as an argument in it."""
    return _cuts.get(line, lambda: _cut(line))


def _cut(line: str) -> Cut:
    found = sorted(hole for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call) for hole in _holes(node))
    starts, ends = [0, *(end for _, end, *_ in found)], [*(start for start, *_ in found), len(line)]
    around = tuple(line[start:end] for start, end in zip(starts, ends, strict=True))
    return Cut(around, tuple(_hole(line[start:end], hint, option) for start, end, hint, option in found))


def _hole(text: str, hint: str, option: bool) -> Hole:
    return Hole(text.removeprefix(f", {hint}=") or "1", hint, "1") if option else Hole(text, hint)


def _holes(call: ast.Call) -> Iterator[tuple[int, int, str, bool]]:
    """Yield where the numbers stand that a call is given, what they are called, and which are options."""
    function = ast.unparse(call.func).rpartition(".")[2]
    names = _SIGNATURES.get(function, ())
    for position, argument in enumerate(call.args):
        if _is_number(argument):
            name = names[position] if position < len(names) else "value"
            yield argument.col_offset, argument.end_col_offset or 0, name, False
    strided = function in _STRIDED and len(call.args) == len(names)
    after = call.args[-1].end_col_offset or 0 if strided else 0
    if strided and "stride" not in [keyword.arg for keyword in call.keywords]:
        yield after, after, "stride", True
    for keyword in call.keywords:
        if _is_number(keyword.value):
            option = strided and keyword.arg == "stride"
            start = after if option else keyword.value.col_offset
            yield start, keyword.value.end_col_offset or 0, keyword.arg or "value", option


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and all(map(_is_number, node.elts))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | bool)


#: What holes are, and their value in every block: those of which both are the same share a parameter.
_Place = tuple[str, tuple[str, ...]]


def unify(blocks: Sequence[Sequence[Cut]], names: Names, multiples: bool = False) -> Template:
    """Return the text of blocks that are the same around their holes, with names for the parameters.

    With ``multiples``, widths that are in every block the same multiple of another one have no parameter of their own.
    """
    holes = [hole for line in blocks[0] for hole in line.holes]
    columns = list(zip(*([hole.value for line in block for hole in line.holes] for block in blocks), strict=True))
    places: dict[_Place, list[Hole]] = {}
    for hole, column in zip(holes, columns, strict=True):
        if column.count(column[0]) < len(column):
            places.setdefault((_kind(hole.hint), column), []).append(hole)
    factors = _factors([column for kind, column in places if kind == _WIDTH]) if multiples else {}
    taken = {
        place: names.take(_parameter([hole.hint for hole in where]), "value")
        for place, where in places.items()
        if place[0] != _WIDTH or place[1] not in factors
    }
    multiple = {(_WIDTH, column): f"{factor} * {taken[_WIDTH, base]}" for column, (factor, base) in factors.items()}
    sizes = taken | multiple
    texts = iter([sizes.get((_kind(h.hint), column), column[0]) for h, column in zip(holes, columns, strict=True)])
    return Template(
        lines=tuple(_filled(line, texts) for line in blocks[0]),
        parameters={name: _type(column) for (_, column), name in taken.items()},
        arguments=tuple(zip(*(column for _, column in taken), strict=True)) if taken else ((),) * len(blocks),
        defaults=dict(_defaults(places, taken)),
        sizes={column: text for (_, column), text in sizes.items()},
    )


def _defaults(places: Mapping[_Place, Sequence[Hole]], taken: Mapping[_Place, str]) -> Iterator[tuple[str, str]]:
    """Yield the parameters that are given for options alone, with what most blocks have there."""
    for place, name in taken.items():
        defaults = [hole.default for hole in places[place] if hole.default is not None]
        if len(defaults) == len(places[place]):
            yield name, max((defaults[0], *place[1]), key=place[1].count)


def is_width(parameter: str) -> bool:
    """Whether a parameter is a count of channels or features."""
    return _kind(parameter) == _WIDTH or parameter.startswith(("in_", "out_"))


def _kind(hint: str) -> str:
    """Return what an argument is: those of one kind whose values are the same in every block share a parameter."""
    kind = _COUNTED.sub("", hint)
    return _WIDTH if kind in _WIDTHS else kind


def _factors(columns: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[int, tuple[str, ...]]]:
    """Return, of columns of numbers, those that are multiples of a smaller one: the factor, and that one."""
    found: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    bases: list[tuple[str, ...]] = []
    numbers = (column for column in columns if all(map(str.isdigit, column)))
    for column in sorted(numbers, key=lambda column: int(column[0])):
        multiple = _multiple(column, bases)
        if multiple is None:
            bases.append(column)
        else:
            found[column] = multiple
    return found


def _multiple(column: tuple[str, ...], bases: Iterable[tuple[str, ...]]) -> tuple[int, tuple[str, ...]] | None:
    """Return the one of some columns of numbers that another is a multiple of, after the factor."""
    for base in bases:
        factor = int(column[0]) // (int(base[0]) or 1)
        if factor <= _LARGEST and all(int(size) == factor * int(each) for size, each in zip(column, base, strict=True)):
            return factor, base
    return None


def _filled(line: Cut, texts: Iterator[str]) -> str:
    """Return a line with these texts in its holes; what follows an opening bracket begins without a comma."""
    text = line.around[0]
    for hole, after in zip(line.holes, line.around[1:], strict=True):
        given = next(texts)
        if hole.default is not None:
            given = "" if given == hole.default else f", {hole.hint}={given}"
        for piece in (given, after):
            text += piece[2:] if text.endswith("(") and piece.startswith(", ") else piece
    return text


def common(comments: Sequence[str], template: Template, multiples: bool = False) -> str:
    """Return a comment of sizes; for one that differs stands what the lines have for it, or a question mark.

    With ``multiples`` it may be the multiple of a width. It is empty where the shapes have not as many sizes each.
    """
    if comments.count(comments[0]) == len(comments):
        return comments[0]
    pieces = [re.split(r"(\d+)", comment) for comment in comments]
    if len({tuple(each[::2]) for each in pieces}) > 1:
        return ""
    columns = list(zip(*pieces, strict=True))
    sizes = dict(template.sizes)
    if multiples:
        bases = {column: name for column, name in sizes.items() if name.isidentifier() and is_width(name)}
        for column in columns[1::2]:
            if column not in sizes and len(set(column)) > 1 and (multiple := _multiple(column, bases)):
                sizes[column] = f"{multiple[0]} * {bases[multiple[1]]}"
    return "".join(column[0] if len(set(column)) == 1 else sizes.get(column, "?") for column in columns)


def _parameter(hints: Sequence[str]) -> str:
    """Return what to call a parameter that is given for arguments of these names."""
    hints = [_COUNTED.sub("", hint) for hint in hints]
    kinds = set(hints) & _WIDTHS
    for name in ("filters", "units"):
        if name in kinds:
            return name
    if len(kinds) < 2:
        return hints[0]
    noun = "channels" if any("channels" in hint for hint in hints) else "features"
    reads, gives = bool(kinds & _READS), bool(kinds & _GIVES)
    if reads == gives:
        return noun
    return f"in_{noun}" if reads else f"out_{noun}"


def _type(column: Sequence[str]) -> str:
    values: list[Any] = [ast.literal_eval(text) for text in set(column)]
    return " | ".join(sorted({_annotation(value) for value in values}))


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_annotation(each) for each in value)}]"
    return type(value).__name__
