"""Reshaping and merging in PyTorch, each tensor in the order its axes are stored in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import cast

from neural.code_generation.emitter import WIDEST, targets
from neural.code_generation.pytorch_layout import Layout, channels_first, native, program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Tensor, Value, collapse, options
from neural.code_generation.writer import Code, call
from neural.layers import merging, merging_dot, reshaping, reshaping_edges, scaling, splitting
from neural.layers.base import Layer, position

#: Layers that only move elements, so that whole numbers stay whole numbers.
MOVES = (
    *(reshaping.Flatten, reshaping.Reshape, reshaping.Permute, reshaping.RepeatVector, reshaping_edges.UpSampling1D),
    *(reshaping_edges.ZeroPadding, reshaping_edges.Cropping, merging.Concatenate),
    *(scaling.Identity, scaling.Slice, splitting.Split),
)


def _flatten(site: Site) -> Value:
    tensor = site.input
    if tensor.rank == 1:
        return Value(f"{tensor.text}.unsqueeze(1)", program(2))
    return Value(tensor.text if tensor.rank == 2 else f"{tensor.flat()}.flatten(1)", program(2))


def _reshape(site: Site) -> Value:
    target = cast(reshaping.Reshape, site.layer).target_shape
    known = None not in site.shape
    sizes = [-1, *site.shape] if known else [Code(f"{site.input.text}.shape[0]"), *target]
    return Value(call(f"{site.input.flat()}.reshape", sizes), program(site.rank))


def _permute(site: Site) -> Value:
    dims = cast(reshaping.Permute, site.layer).dims
    layout = (0, *(dims.index(axis) + 1 for axis in site.input.layout[1:]))
    moved = Tensor(site.input.text, site.shape, layout)
    return Value(moved.to(native(site.rank)), native(site.rank))


def _split(site: Site) -> Value:
    parts = cast(splitting.Split, site.layer).num_or_sizes
    axis = position(cast(splitting.Split, site.layer).axis, site.input.shape, "Split") + 1
    method = "chunk" if isinstance(parts, int) else "split"
    text = call(f"{site.input.text}.{method}", [parts], {"dim": site.input.position(axis)})
    if not any(site.results[1:]):
        return Value(f"{text}[0]", site.input.layout)
    comment = site.comment(site.shape, site.input.layout) if isinstance(parts, int) else ""
    names, written = site.results, targets(site.results)
    if len(written) > WIDEST:
        names, written = tuple(f"parts[{index}]" for index in range(len(names))), "parts"
    site.let(written, text, comment)
    first, *others = (Value(name, site.input.layout) for name in names)
    return replace(first, others=tuple(others))


def _repeat_vector(site: Site) -> Value:
    n = cast(reshaping.RepeatVector, site.layer).n
    return Value(f"{site.input.text}.unsqueeze(1).repeat(1, {n}, 1)", program(3))


def _zero_padding(site: Site) -> Value:
    pairs = cast(reshaping_edges.ZeroPadding, site.layer).padding
    amounts: list[int] = []
    for axis in reversed(site.input.layout[1:]):
        amounts += pairs[axis - 1] if axis <= len(pairs) else (0, 0)
    while amounts and amounts[-2:] == [0, 0]:
        del amounts[-2:]
    if not amounts:
        return Value(site.input.text, site.input.layout)
    site.use(FUNCTIONAL)
    return Value(call("F.pad", [Code(site.input.text), tuple(amounts)]), site.input.layout)


def _cropping(site: Site) -> Value:
    margins = cast(reshaping_edges.Cropping, site.layer).cropping
    slices = [":"]
    for axis in site.input.layout[1:]:
        before, after = margins[axis - 1] if axis <= len(margins) else (0, 0)
        slices.append(f"{before or ''}:{-after or ''}")
    while slices and slices[-1] == ":":
        del slices[-1]
    text = f"{site.input.text}[{', '.join(slices)}]" if slices else site.input.text
    return Value(text, site.input.layout)


def _up_sampling_1d(site: Site) -> Value:
    size = cast(reshaping_edges.UpSampling1D, site.layer).size
    text = f"{site.input.text}.repeat_interleave({size}, dim={site.input.position(1)})"
    return Value(text, site.input.layout)


def _up_sampling_2d(site: Site) -> Value:
    layer = cast(reshaping_edges.UpSampling2D, site.layer)
    named = {"scale_factor": collapse(layer.size)} | options(mode=(layer.interpolation, "nearest"))
    module = site.declare("nn.Upsample", named=named)
    layout = channels_first(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _up_sampling_3d(site: Site) -> Value:
    layer = cast(reshaping_edges.UpSampling3D, site.layer)
    module = site.declare("nn.Upsample", named={"scale_factor": collapse(layer.size)})
    layout = channels_first(site.rank)
    return Value(f"{module}({site.input.to(layout)})", layout)


def _common(tensors: tuple[Tensor, ...]) -> Layout:
    """Return the order that most of the tensors of the highest rank are stored in."""
    rank = max(tensor.rank for tensor in tensors)
    return Counter(tensor.layout for tensor in tensors if tensor.rank == rank).most_common(1)[0][0]


def _spread(tensor: Tensor, layout: Layout) -> str:
    """Return a tensor as one of ``layout``: where it has fewer axes, axes of size 1 come after the batch."""
    missing = len(layout) - tensor.rank
    if not missing:
        return tensor.to(layout)
    own = tuple(axis - missing if axis else 0 for axis in layout if axis == 0 or axis > missing)
    marks = [":" if axis == 0 or axis > missing else "None" for axis in layout]
    while marks[-1] == ":":
        del marks[-1]
    return f"{tensor.to(own)}[{', '.join(marks)}]"


def _elementwise(site: Site, merge: Callable[[list[str]], str]) -> Value:
    layout = _common(site.inputs)
    return Value(merge([_spread(tensor, layout) for tensor in site.inputs]), layout)


def _joined(operator: str) -> Callable[[Site], Value]:
    return lambda site: _elementwise(site, operator.join)


def _average(site: Site) -> Value:
    return _elementwise(site, lambda texts: f"({' + '.join(texts)}) / {len(texts)}")


def _folded(function: str) -> Callable[[Site], Value]:
    def row(site: Site) -> Value:
        site.use(TORCH)
        return _elementwise(site, lambda texts: reduce(lambda a, b: f"{function}({a}, {b})", texts))

    return row


def _concatenate(site: Site) -> Value:
    site.use(TORCH)
    axis = position(cast(merging.Concatenate, site.layer).axis, site.shape, "Concatenate") + 1
    layout = _common(site.inputs)
    stored = layout.index(axis)
    dim = -1 if stored == site.rank - 1 else stored
    texts = tuple(Code(tensor.to(layout)) for tensor in site.inputs)
    return Value(call("torch.cat", [texts], {"dim": dim}), layout)


def _dot(site: Site) -> Value:
    """An Einstein sum: the letter of the joined axes is missing in the result."""
    layer = cast(merging_dot.Dot, site.layer)
    site.use(TORCH)
    texts: list[str] = []
    terms: list[str] = []
    joined = layer.positions(tuple(tensor.shape for tensor in site.inputs))
    for tensor, at, letters in zip(site.inputs, joined, ("acdefgh", "ijklmno"), strict=True):
        axes = "b" + letters[:at] + "z" + letters[at : tensor.rank - 2]
        terms.append("".join(axes[axis] for axis in tensor.layout))
        named = options(dim=(tensor.position(at + 1), 1))
        texts.append(call("F.normalize", [Code(tensor.text)], named) if layer.normalize else tensor.text)
    if layer.normalize:
        site.use(FUNCTIONAL)
    kept = sorted({*terms[0]} - {*"bz"}) + sorted({*terms[1]} - {*"bz"})
    text = call("torch.einsum", [f"{terms[0]},{terms[1]}->b{''.join(kept)}", *map(Code, texts)])
    return Value(text if kept else f"{text}.unsqueeze(1)", program(site.rank))


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {
    reshaping.Flatten: _flatten,
    reshaping.Reshape: _reshape,
    reshaping.Permute: _permute,
    reshaping.RepeatVector: _repeat_vector,
    splitting.Split: _split,
    reshaping_edges.ZeroPadding1D: _zero_padding,
    reshaping_edges.ZeroPadding2D: _zero_padding,
    reshaping_edges.ZeroPadding3D: _zero_padding,
    reshaping_edges.Cropping1D: _cropping,
    reshaping_edges.Cropping2D: _cropping,
    reshaping_edges.Cropping3D: _cropping,
    reshaping_edges.UpSampling1D: _up_sampling_1d,
    reshaping_edges.UpSampling2D: _up_sampling_2d,
    reshaping_edges.UpSampling3D: _up_sampling_3d,
    merging.Add: _joined(" + "),
    merging.Subtract: _joined(" - "),
    merging.Multiply: _joined(" * "),
    merging.Average: _average,
    merging.Maximum: _folded("torch.maximum"),
    merging.Minimum: _folded("torch.minimum"),
    merging.Concatenate: _concatenate,
    merging_dot.Dot: _dot,
}
