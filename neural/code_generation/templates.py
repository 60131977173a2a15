"""One text for blocks that differ in sizes alone: the sizes that differ become parameters.

Every literal number that a call is given is a hole. Blocks whose text around the holes is the same share one text.
Where their values differ stands a parameter, named as the argument is that it is given for; holes of one kind whose
values are the same in every block share it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

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
_KEEPS = frozenset({"num_features", "num_channels", "normalized_shape", "channels", "features"})
_WIDTHS = _READS | _GIVES | _KEEPS
_COUNTED = re.compile(r"_\d+$")


#: An argument that is left out where it has its default, and so may stand in one block and not in another.
_OPTION, _DEFAULT = ", stride=", "1"


@final
@dataclass(frozen=True, slots=True)
class Cut:
    """A line of source with holes: the text around them, and of each its value and what it is called."""

    around: tuple[str, ...]
    values: tuple[str, ...]
    hints: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Template:
    """The text that several blocks share, its parameters with their types, and what each block gives for them."""

    lines: tuple[str, ...]
    parameters: Mapping[str, str]
    arguments: tuple[tuple[str, ...], ...]


@lru_cache(4096)
def cut(line: str) -> Cut:
    """Return a line with a hole for every number, or tuple of numbers, that stands as an argument in it."""
    holes = sorted(hole for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call) for hole in _holes(node))
    starts, ends = [0, *(end for _, end, _ in holes)], [*(start for start, _, _ in holes), len(line)]
    around = tuple(line[start:end] for start, end in zip(starts, ends, strict=True))
    values = tuple(line[start:end].removeprefix(_OPTION) or _DEFAULT for start, end, _ in holes)
    return Cut(around, values, tuple(hint for *_, hint in holes))


def _holes(call: ast.Call) -> Iterator[tuple[int, int, str]]:
    """Yield where the numbers stand that a call is given, and what they are called."""
    function = ast.unparse(call.func).rpartition(".")[2]
    names = _SIGNATURES.get(function, ())
    for position, argument in enumerate(call.args):
        if _is_number(argument):
            name = names[position] if position < len(names) else "value"
            yield argument.col_offset, argument.end_col_offset or 0, name
    strided = function in _STRIDED and len(call.args) == len(names)
    after = call.args[-1].end_col_offset or 0 if strided else 0
    if strided and "stride" not in [keyword.arg for keyword in call.keywords]:
        yield after, after, "stride"
    for keyword in call.keywords:
        if _is_number(keyword.value):
            option = strided and keyword.arg == "stride"
            yield (
                after if option else keyword.value.col_offset,
                keyword.value.end_col_offset or 0,
                keyword.arg or "value",
            )


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and all(map(_is_number, node.elts))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | bool)


def unify(blocks: Sequence[Sequence[Cut]], names: Names) -> Template:
    """Return the text of blocks that are the same around their holes, with names for the parameters."""
    first = blocks[0]
    columns = list(zip(*([value for line in block for value in line.values] for block in blocks), strict=True))
    hints = [hint for line in first for hint in line.hints]
    places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, (hint, column) in enumerate(zip(hints, columns, strict=True)):
        if len(set(column)) > 1:
            kind = _COUNTED.sub("", hint)
            places.setdefault(("width" if kind in _WIDTHS else kind, column), []).append(place)
    texts = {place: column[0] for place, column in enumerate(columns)}
    parameters: dict[str, str] = {}
    arguments: list[tuple[str, ...]] = []
    for (_, column), where in places.items():
        name = names.take(_parameter([hints[place] for place in where]), "value")
        parameters[name] = _type(column)
        arguments.append(column)
        texts.update(dict.fromkeys(where, name))
    given = tuple(zip(*arguments, strict=True)) if arguments else ((),) * len(blocks)
    return Template(tuple(_filled(first, texts)), parameters, given)


def _filled(block: Sequence[Cut], texts: Mapping[int, str]) -> list[str]:
    lines, place = [], 0
    for line in block:
        text = line.around[0]
        for hint, after in zip(line.hints, line.around[1:], strict=True):
            text += _given(text, hint, texts[place]) + after
            place += 1
        lines.append(text)
    return lines


def _given(before: str, hint: str, value: str) -> str:
    """Return the text of a hole: an option that is not written before it brings its name, or is its default."""
    if hint != "stride" or before.endswith(("=", "(", ", ")):
        return value
    return "" if value == _DEFAULT else _OPTION + value


def _parameter(hints: Sequence[str]) -> str:
    """Return what to call a parameter that is given for arguments of these names."""
    hints = [_COUNTED.sub("", hint) for hint in hints]
    kinds = set(hints) & _WIDTHS
    if len(kinds) < 2:
        return hints[0]
    noun = "channels" if any("channels" in hint or hint == "filters" for hint in hints) else "features"
    reads, gives = bool(kinds & _READS), bool(kinds & _GIVES)
    if reads == gives:
        return noun
    return f"in_{noun}" if reads else f"out_{noun}"


def _type(column: Sequence[str]) -> str:
    values: list[Any] = [ast.literal_eval(text) for text in column]
    return " | ".join(sorted({_annotation(value) for value in values}))


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_annotation(each) for each in value)}]"
    return type(value).__name__
