"""Recurrent layers and wrappers in PyTorch.

``nn.RNN``, ``nn.LSTM`` and ``nn.GRU`` serve where they compute the same; other activations, dropout of the state and
``reset_after=false`` are written out, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from neural.code_generation import pytorch_cells
from neural.code_generation.pytorch_activations import activated, function
from neural.code_generation.pytorch_layout import Layout, native, program
from neural.code_generation.pytorch_site import TORCH, Site, Tensor, Value, options
from neural.code_generation.pytorch_view import own_form
from neural.code_generation.writer import WIDTH, Code
from neural.layers import cells, core, normalization, recurrent, recurrent_stack, wrappers
from neural.layers.activations import Activation, Elementwise
from neural.layers.base import Layer
from neural.shapes import Shape

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


def called(module: str, text: str, states: Sequence[str] = ()) -> str:
    """Return the call of a module, which starts from states where it is given any."""
    if len(states) > 1:
        states = [f"({', '.join(states)})"]
    return f"{module}({', '.join((text, *states))})"


def _sequence(site: Site, name: str, text: str, end: str = "") -> str:
    """Return the sequence that a module gives, or ``end`` of it; it is held first where a line would be too long."""
    if len(f"        {name} = {text}[0]{end}") <= WIDTH:
        return f"{text}[0]{end}"
    site.let(f"{name}, _", text)
    return f"{name}{end}"


def _end(layer: recurrent.Loop) -> str:
    """Return what picks the result of a layer from its sequence."""
    return "" if layer.return_sequences else "[:, -1]"


def _taken(site: Site, text: str, first: str, read: Sequence[bool]) -> None:
    """Write the call of a module and take apart its sequence and its states; "" and False are what nothing reads."""
    names = [state if known else "_" for state, known in zip(_STATES, read, strict=False)]
    states = names[0] if len(names) == 1 else f"({', '.join(names)})"
    site.let(f"{first or '_'}, {states if any(read) else '_'}", text)


def _recurrent(site: Site) -> Value:
    layer = cast(recurrent.Recurrent, site.layer)
    text = site.input.to(program(3))
    if layer.dropout and not layer.recurrent_dropout:
        text = site.hold(_read(site, layer, text))
    if layer.go_backwards:
        text += ".flip(1)"
    start = [f"{state.text}.unsqueeze(0)" for state in site.inputs[1:]]
    return one_direction(site, layer, called(_declare(site, layer), text, start), program(3), program(2))


def one_direction(site: Site, layer: recurrent.Loop, text: str, sequence: Layout, state: Layout) -> Value:
    """Return the results of a module from the text of its call; the layouts are of its sequence and its states."""
    layout = sequence if layer.return_sequences else state
    if not any(site.results[1:]):
        return Value(_sequence(site, site.variable, text, _end(layer)), layout)
    first, *read = map(bool, site.results)
    if layer.return_sequences:
        _taken(site, text, site.results[0], read)
    else:
        _taken(site, text, "", [first or read[0], *read[1:]])
    states = tuple(Value(f"{name}[0]", state) for name in _STATES[: layer.state_count])
    return Value(site.variable if layer.return_sequences else "hidden[0]", layout, others=states)


def _rnn(site: Site) -> Value:
    """Cells on top of each other are their layers, one after the other."""
    layer = cast(recurrent_stack.RNN, site.layer)
    text = site.input.to(program(3)) + (".flip(1)" if layer.go_backwards else "")
    return _stacked(site, layer, text, site.input.shape)


def _stacked(site: Site, layer: recurrent_stack.RNN, text: str, shape: Shape) -> Value:
    starts, names = list(site.inputs[1:]), list(site.results[1:])
    for index, cell in enumerate(layer.cells):
        one = cell.sequence
        count, final = one.state_count, index == len(layer.cells) - 1
        inner = replace(site, layer=one, inputs=(Tensor(text, shape, program(3)),))
        suffix = str(index) if len(layer.cells) > 1 else ""
        if one.dropout and not one.recurrent_dropout:
            text = site.hold(_read(inner, one, text, suffix))
        start = [f"{state.text}.unsqueeze(0)" for state in starts[:count]]
        text, shape = called(_declare(inner, one, suffix), text, start), (shape[0], cell.units)
        text = _held(site, layer, text, shape, names[:count], final=final)
        starts, names = starts[count:], names[count:]
    others = tuple(Value(name, program(2)) for name in site.results[1:])
    return Value(text, program(site.rank), others=others)


def _held(site: Site, layer: recurrent_stack.RNN, text: str, shape: Shape, names: Sequence[str], *, final: bool) -> str:
    """Write the call of one of several modules and name its states; return what the next one reads, or the result."""
    if any(names):
        first = site.results[0] if final else site.variable
        _taken(site, text, first, [bool(name) for name in names])
        for name, state in zip(names, _STATES, strict=False):
            if name:
                site.let(name, f"{state}[0]", site.comment(shape[1:], program(2)))
        return site.variable + (_end(layer) if final else "")
    if final:
        return _sequence(site, site.variable, text, _end(layer))
    held = _sequence(site, site.variable, text)
    return held if held == site.variable else site.hold(held, site.comment(shape, program(3)))


def _stacked_cells(site: Site) -> Value:
    layer = cast(recurrent_stack.StackedRNNCells, site.layer).sequence
    return _stacked(site, layer, f"{site.input.text}.unsqueeze(1)", (1, *site.input.shape))


def _cell(site: Site) -> Value:
    """A cell is its layer on a sequence of one step."""
    layer = cast(cells.Cell, site.layer).sequence
    text = f"{site.input.text}.unsqueeze(1)"
    if layer.dropout and not layer.recurrent_dropout:
        text = site.hold(_read(site, layer, text))
    return Value(_sequence(site, site.variable, f"{_declare(site, layer)}({text})", "[:, -1]"), program(2))


#: The states that a module returns, each with an axis of directions before the batch.
_STATES = ("hidden", "memory")
_MERGES = {"sum": "{a} + {b}", "mul": "{a} * {b}", "ave": "({a} + {b}) / 2", "concat": "torch.cat(({a}, {b}), dim=-1)"}
_DIRECTIONS = (("ahead", "forward", ""), ("back", "backward", ".flip(1)"))
_REDUCTIONS = {"sum": "sum", "mul": "prod", "ave": "mean"}


def one_module(layer: recurrent.Recurrent) -> bool:
    """Whether both directions are one module of PyTorch's; dropout needs a mask for each."""
    return own_form(layer) and not layer.dropout


def _bidirectional(site: Site) -> Value:
    wrapper = cast(wrappers.Bidirectional, site.layer)
    results = _of_one_module(site, wrapper) if one_module(wrapper.layer) else _of_two_modules(site, wrapper)
    rank = 3 if wrapper.layer.return_sequences else 2
    outputs = [Value(text, program(rank)) for text in results[: wrapper.outputs]]
    states = [Value(text, program(2)) for text in results[wrapper.outputs :]]
    return replace(outputs[0], others=(*outputs[1:], *states))


def _of_one_module(site: Site, wrapper: wrappers.Bidirectional) -> list[str]:
    layer, count = wrapper.layer, wrapper.layer.state_count
    half = len(site.inputs) // 2
    starts = zip(site.inputs[1 : half + 1], site.inputs[half + 1 :], strict=True)
    start = [f"torch.stack(({ahead.text}, {back.text}))" for ahead, back in starts]
    if start:
        site.use(TORCH)
    text = called(_declare(site, layer, both=True), site.input.to(program(3)), start)
    if not any(site.results[1:]):
        hidden = f"{text}[1][0]" if count > 1 else f"{text}[1]"
        return _merged(wrapper, f"{text}[0]", hidden)
    outputs, states = site.results[: wrapper.outputs], site.results[wrapper.outputs :]
    read = [any(states[each::count]) for each in range(count)]
    sequence = site.variable if wrapper.merge_mode == "concat" else "output"
    if layer.return_sequences:
        _taken(site, text, sequence if any(outputs) else "", read)
    else:
        _taken(site, text, "", [any(outputs) or read[0], *read[1:]])
    return [*_merged(wrapper, sequence, "hidden"), *(f"{state}[{end}]" for end in (0, 1) for state in _STATES[:count])]


def _merged(wrapper: wrappers.Bidirectional, sequence: str, hidden: str) -> list[str]:
    """Return the result of a module of both directions, or both results, from its sequence and its last states."""
    merge, units = wrapper.merge_mode, wrapper.layer.units
    if wrapper.layer.return_sequences:
        if merge is None:
            return [f"{sequence}[..., :{units}]", f"{sequence}[..., {units}:]"]
        return [sequence if merge == "concat" else f"{sequence}.unflatten(-1, (2, {units})).{_REDUCTIONS[merge]}(-2)"]
    if merge is None:
        return [f"{hidden}[0]", f"{hidden}[1]"]
    return [f"{hidden}.transpose(0, 1).flatten(1)" if merge == "concat" else f"{hidden}.{_REDUCTIONS[merge]}(0)"]


def _of_two_modules(site: Site, wrapper: wrappers.Bidirectional) -> list[str]:
    layer, merge = wrapper.layer, wrapper.merge_mode
    text, half = site.input.to(program(3)), len(site.inputs) // 2
    kept = any(site.results[wrapper.outputs :])
    results: list[str] = []
    starts = (site.inputs[1 : half + 1], site.inputs[half + 1 :])
    for index, ((name, suffix, turn), start) in enumerate(zip(_DIRECTIONS, starts, strict=True)):
        if merge is None and not kept and not site.results[index]:
            _declare(site, layer, suffix)
            results.append("")
            continue
        read = _read(site, layer, text, suffix)
        if read != text:
            read = site.let(name, read)
        made = called(_declare(site, layer, suffix), read + turn, [f"{state.text}.unsqueeze(0)" for state in start])
        end = turn if layer.return_sequences else "[:, -1]"
        if kept:
            site.let(f"{name}, states_{name}", made)
            results.append(name + end)
        else:
            results.append(site.let(name, _sequence(site, name, made, end)))
    if merge is not None:
        results = [_MERGES[merge].format(a=results[0], b=results[1])]
        site.use(*([TORCH] if merge == "concat" else []))
    places = ("[0]",) if layer.state_count == 1 else ("[0][0]", "[1][0]")
    return [*results, *(f"states_{name}{place}" for name, _, _ in _DIRECTIONS for place in places)]


def _time_distributed(row_of: Callable[[Layer], Row]) -> Row:
    """Return the row of TimeDistributed: the steps become part of the batch, unless the layer leaves them alone."""

    def row(site: Site) -> Value:
        layer = cast(wrappers.TimeDistributed, site.layer).layer
        if isinstance(layer, core.Affine | core.Embedding | Activation | Elementwise):
            return row_of(layer)(replace(site, layer=layer))
        if isinstance(layer, normalization.BatchNormalization):
            return _step_by_step(row_of(layer), site, layer)
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


def _step_by_step(row: Row, site: Site, layer: Layer) -> Value:
    """Return each step's result on its own: while training, each has statistics of its own."""
    outer = site.input
    step = Tensor("step", site.shape[1:], (0, *(axis - 1 for axis in outer.layout if axis > 1)))
    value = row(replace(site, layer=layer, shape=site.shape[1:], inputs=(step,)))
    site.use(TORCH)
    steps = f"[{value.text} for step in {outer.text}.unbind({outer.position(1)})]"
    return Value(f"torch.stack({steps}, dim=1)", (0, 1, *(axis + 1 for axis in value.layout[1:])))


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
        recurrent_stack.RNN: _rnn,
        recurrent_stack.StackedRNNCells: _stacked_cells,
        recurrent.SimpleRNN: _recurrent,
        recurrent.LSTM: _recurrent,
        recurrent.GRU: _recurrent,
        wrappers.Bidirectional: _bidirectional,
        wrappers.TimeDistributed: _time_distributed(row_of),
    }
