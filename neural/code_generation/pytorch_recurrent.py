"""Recurrent layers and wrappers in PyTorch.

``nn.RNN``, ``nn.LSTM`` and ``nn.GRU`` serve where they compute the same; other activations, dropout of the state and
``reset_after=false`` are written out, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from neural.code_generation import pytorch_cells
from neural.code_generation.pytorch_activations import activated, function
from neural.code_generation.pytorch_layout import native, program
from neural.code_generation.pytorch_site import TORCH, Site, Tensor, Value, options
from neural.code_generation.pytorch_view import own_form
from neural.code_generation.writer import Code
from neural.layers import cells, core, recurrent, wrappers
from neural.layers.activations import Elementwise
from neural.layers.base import Layer

Row = Callable[[Site], Value]


def _declare(site: Site, layer: recurrent.Recurrent, suffix: str = "", *, both: bool = False) -> str:
    """Declare the module of a recurrent layer; return the expression that reads it."""
    sizes = [site.input.shape[-1], layer.units]
    if own_form(layer):
        kind = "nn.RNN" if isinstance(layer, recurrent.SimpleRNN) else f"nn.{type(layer).__name__}"
        named: dict[str, Any] = {}
        if isinstance(layer, recurrent.SimpleRNN):
            named = options(nonlinearity=(layer.activation, "tanh"))
        named |= options(bias=(layer.use_bias, True), batch_first=(True, False), bidirectional=(both, False))
        return site.declare(kind, sizes, named, suffix=suffix)
    return site.declare(*_written_out(site, layer, sizes), suffix=suffix)


def _written_out(site: Site, layer: recurrent.Recurrent, sizes: list[Any]) -> tuple[str, list[Any], dict[str, Any]]:
    writer = site.body.writer
    state = cast(recurrent.LSTM | recurrent.GRU | recurrent.SimpleRNN, layer)
    functions = [Code(function(writer, state.activation))]
    named = options(bias=(layer.use_bias, True), recurrent_dropout=(layer.recurrent_dropout, 0.0))
    if layer.recurrent_dropout:
        named |= options(dropout=(layer.dropout, 0.0))
    if isinstance(layer, recurrent.SimpleRNN):
        return site.helper(pytorch_cells.SIMPLE), [*sizes, *functions], named
    gated = cast(recurrent.LSTM | recurrent.GRU, layer)
    functions.append(Code(function(writer, gated.recurrent_activation)))
    if isinstance(layer, recurrent.LSTM):
        return site.helper(pytorch_cells.LONG_SHORT), [*sizes, *functions], named
    helper = pytorch_cells.GATED if cast(recurrent.GRU, layer).reset_after else pytorch_cells.GATED_RESET_BEFORE
    return site.helper(helper), [*sizes, *functions], named


def _read(site: Site, layer: recurrent.Recurrent, text: str, suffix: str = "") -> str:
    """Return the input as the layer reads it: with its dropout, one mask for all steps."""
    if not layer.dropout or layer.recurrent_dropout:
        return text
    module = site.declare("nn.Dropout1d", [layer.dropout], suffix=f"{suffix}_dropout" if suffix else "dropout")
    return f"{module}({text}.transpose(1, 2)).transpose(1, 2)"


def _recurrent(site: Site) -> Value:
    layer = cast(recurrent.Recurrent, site.layer)
    text = site.input.to(program(3))
    if layer.dropout and not layer.recurrent_dropout:
        text = site.hold(_read(site, layer, text))
    if layer.go_backwards:
        text += ".flip(1)"
    text = f"{_declare(site, layer)}({text})" + ("[0]" if own_form(layer) else "")
    if not layer.return_sequences:
        text += "[:, -1]"
    return Value(text, program(site.rank))


def _cell(site: Site) -> Value:
    """A cell is its layer on a sequence of one step."""
    layer = cast(cells.Cell, site.layer).sequence
    text = f"{site.input.text}.unsqueeze(1)"
    if layer.dropout and not layer.recurrent_dropout:
        text = site.hold(_read(site, layer, text))
    text = f"{_declare(site, layer)}({text})" + ("[0]" if own_form(layer) else "")
    return Value(f"{text}[:, -1]", program(2))


_MERGES = {"sum": "{a} + {b}", "mul": "{a} * {b}", "ave": "({a} + {b}) / 2", "concat": "torch.cat(({a}, {b}), dim=-1)"}
_REDUCTIONS = {"sum": "sum", "mul": "prod", "ave": "mean"}


def one_module(layer: recurrent.Recurrent) -> bool:
    """Whether both directions are one module of PyTorch's; dropout needs a mask for each."""
    return own_form(layer) and not layer.dropout


def _bidirectional(site: Site) -> Value:
    wrapper = cast(wrappers.Bidirectional, site.layer)
    layer, merge = wrapper.layer, wrapper.merge_mode
    if not one_module(layer):
        return _two_modules(site, layer, merge)
    text = f"{_declare(site, layer, both=True)}({site.input.to(program(3))})"
    if layer.return_sequences:
        text += "[0]"
        if merge != "concat":
            text += f".unflatten(-1, (2, {layer.units})).{_REDUCTIONS[merge]}(-2)"
        return Value(text, program(3))
    text += "[1][0]" if isinstance(layer, recurrent.LSTM) else "[1]"
    text += ".transpose(0, 1).flatten(1)" if merge == "concat" else f".{_REDUCTIONS[merge]}(0)"
    return Value(text, program(2))


def _two_modules(site: Site, layer: recurrent.Recurrent, merge: str) -> Value:
    text = site.input.to(program(3))
    picked = "[0]" if own_form(layer) else ""
    for name, suffix, turn in (("ahead", "forward", ""), ("back", "backward", ".flip(1)")):
        read = _read(site, layer, text, suffix)
        if read != text:
            read = site.let(name, read)
        result = f"{_declare(site, layer, suffix)}({read}{turn}){picked}"
        site.let(name, result + (turn if layer.return_sequences else "[:, -1]"))
    if merge == "concat":
        site.use(TORCH)
    return Value(_MERGES[merge].format(a="ahead", b="back"), program(site.rank))


def _time_distributed(row_of: Callable[[Layer], Row]) -> Row:
    """Return the row of TimeDistributed: the steps become part of the batch, unless the layer leaves them alone."""

    def row(site: Site) -> Value:
        layer = cast(wrappers.TimeDistributed, site.layer).layer
        if isinstance(layer, core.Affine | core.Embedding | Elementwise):
            return row_of(layer)(replace(site, layer=layer))
        outer = site.input
        order = native(outer.rank - 1)
        layout = outer.layout if outer.layout[1] == 1 else (0, 1, *(axis + 1 for axis in order[1:]))
        steps = _steps(site, outer)
        folded = Tensor(
            f"{outer.to(layout)}.flatten(0, 1)", outer.shape[1:], (0, *(axis - 1 for axis in layout[2:])), outer.dtype
        )
        inner = replace(site, layer=layer, shape=site.shape[1:], batch=f"{site.batch} * {steps}")
        inner = replace(inner, inputs=(inner.hold_tensor(folded),))
        value = row_of(layer)(inner)
        text = activated(site.body.writer, value.activation, value.text, value.layout)
        held = inner.hold(text, inner.comment(inner.shape, value.layout))
        return Value(f"{held}.unflatten(0, (-1, {steps}))", (0, 1, *(axis + 1 for axis in value.layout[1:])))

    return row


def _steps(site: Site, tensor: Tensor) -> str:
    if tensor.shape[0] is not None:
        return str(tensor.shape[0])
    return site.let("steps", f"{tensor.text}.shape[{tensor.position(1)}]")


def rows(row_of: Callable[[Layer], Row]) -> Mapping[type[Layer], Row]:
    """Return the table; ``row_of`` finds the row of a layer within a wrapper."""
    return {
        cells.SimpleRNNCell: _cell,
        cells.LSTMCell: _cell,
        cells.GRUCell: _cell,
        recurrent.SimpleRNN: _recurrent,
        recurrent.LSTM: _recurrent,
        recurrent.GRU: _recurrent,
        wrappers.Bidirectional: _bidirectional,
        wrappers.TimeDistributed: _time_distributed(row_of),
    }
