"""PyTorch source of a plan: one class whose ``forward`` reads as the network does.

Rows are functions of a ``Site``; the families of layers keep theirs in the modules beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import final

from neural.code_generation import (
    pytorch_activations,
    pytorch_attention,
    pytorch_attention_general,
    pytorch_attention_plain,
    pytorch_attention_windows,
    pytorch_cells,
    pytorch_core,
    pytorch_custom,
    pytorch_einsum,
    pytorch_elementwise,
    pytorch_graphs,
    pytorch_masks,
    pytorch_positions,
    pytorch_recurrent,
    pytorch_recurrent_convolution,
    pytorch_shapes,
    pytorch_spectral,
    pytorch_windows,
)
from neural.code_generation.emitter import Refusals, UnsupportedError, shape_comment
from neural.code_generation.outline import Call, Item, outline, reads
from neural.code_generation.pytorch_activations import activated
from neural.code_generation.pytorch_blocks import Body, Class, Line, Part, Use, classes, paths, settled
from neural.code_generation.pytorch_layout import native, stored
from neural.code_generation.pytorch_site import LOCALS, TORCH, Site, Tensor, Value
from neural.code_generation.templates import unify
from neural.code_generation.training import has_training
from neural.code_generation.training_pytorch import TRAINING_NAMES, write_training
from neural.code_generation.writer import WIDTH, Code, Generated, Mark, Names, Writer, call
from neural.diagnostics import LineIndex
from neural.layers import activations, activations_named
from neural.layers.base import Layer, type_name
from neural.layers.custom import Custom
from neural.layers.lambdas import Lambda
from neural.layers.results import Result
from neural.network import snake_case
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape

Row = Callable[[Site], Value]


def row_of(layer: Layer) -> Row:
    """Return the row of a layer; raise ``UnsupportedError`` where there is none."""
    row = ROWS.get(type(layer))
    if row is None:
        why = f"{type_name(layer)} has no form in PyTorch"
        raise UnsupportedError(why, "use layers of the catalogue, or generate code for TensorFlow")
    return row


ROWS: Mapping[type[Layer], Row] = {
    **pytorch_core.ROWS,
    **pytorch_einsum.ROWS,
    **pytorch_elementwise.ROWS,
    **pytorch_graphs.ROWS,
    **pytorch_windows.ROWS,
    **pytorch_shapes.ROWS,
    **pytorch_attention.ROWS,
    **pytorch_attention_plain.ROWS,
    **pytorch_attention_windows.ROWS,
    **pytorch_positions.ROWS,
    **pytorch_recurrent.rows(row_of),
    **pytorch_recurrent_convolution.ROWS,
    **pytorch_masks.ROWS,
    **pytorch_spectral.rows(row_of),
    Custom: pytorch_custom.custom,
    Lambda: pytorch_custom.written_lambda,
}

#: Where the layers are that are an activation alone, and how one is applied to what passes.
_ACTIVATIONS = frozenset({activations.__name__, activations_named.__name__})
#: The longest value and comment that ``return`` stands before on one line.
_SHORT = WIDTH - len("        return   # ")
_NUMBER = re.compile(r"_\d+$")
_ACTIVATED = re.compile(r"x = ((?:F|torch)\.\w+\()x((?:, [^()]*)?\))")

_HELPERS = (
    pytorch_activations.SQUAREPLUS,
    *pytorch_attention.HELPERS,
    *pytorch_attention_general.HELPERS,
    *pytorch_attention_plain.HELPERS,
    *pytorch_attention_windows.HELPERS,
    *pytorch_positions.HELPERS,
    *pytorch_cells.HELPERS,
    *pytorch_recurrent_convolution.HELPERS,
    *pytorch_core.HELPERS,
    *pytorch_einsum.HELPERS,
    *pytorch_elementwise.HELPERS,
    *pytorch_graphs.HELPERS,
    *pytorch_windows.HELPERS,
    pytorch_spectral.HELPER,
)
_RESERVED = (
    *("torch", "nn", "F", "math", "Tensor", "Callable", "build_model", "main", "self"),
    *(helper.name for helper in _HELPERS),
)


def emit(plan: Plan, refusals: Refusals, *, script: bool = True) -> Generated:
    """Return one file that defines the network and ``build_model``; with ``script`` it trains, or shows the model."""
    return _Emission(plan, refusals).file(script)


def modules(plan: Plan) -> dict[str, dict[str, str]]:
    """Return, by the key of each step with modules, where they are found, by their suffix: what a state_dict names."""
    emission = _Emission(plan, Refusals(LineIndex("")))
    emission.file(script=False)
    found = paths(emission.network)
    return {step.key: found[_owner(step)] for step in plan.steps if _owner(step) in found}


def _owner(step: Step) -> str:
    """Return what names the owner of a step's weights: no key begins as shared names do here."""
    return step.key if step.node.shared is None else f"shared {step.node.shared}"


@final
@dataclass
class _Scope:
    """A class in the making: the layers and calls that it holds, and the tensors of its ``forward``."""

    body: Body
    items: tuple[Item, ...]
    outputs: frozenset[str]
    tensors: dict[str, Tensor] = field(default_factory=dict)
    names_keys: bool = True
    """Whether layers have the names of their keys; within the call of a macro they have those of their block."""

    def __post_init__(self) -> None:
        self.names = Names((*_RESERVED, *LOCALS))
        self.readers: dict[str, list[Item]] = {}
        for item in self.items:
            for key in dict.fromkeys(reads(item)):
                self.readers.setdefault(key, []).append(item)

    def results(self, step: Step) -> dict[int, Step]:
        """Return the further results of a layer that are read, by their number."""
        readers = (item for item in self.readers.get(step.key, []) if isinstance(item, Step))
        return {item.layer.index: item for item in readers if isinstance(item.layer, Result)}

    def is_read(self, step: Step) -> bool:
        """Whether a layer or call reads the first result of a layer."""
        return len(self.readers.get(step.key, [])) > len(self.results(step))

    def passing(self, key: str, following: Item | None) -> bool:
        """Whether only the layer or call that follows reads a tensor, or it is the result."""
        if key in self.outputs:
            return following is None and len(self.outputs) == 1
        return following is not None and [id(item) for item in self.readers.get(key, [])] == [id(following)]


@final
@dataclass
class _Emission:
    """One file in the making."""

    plan: Plan
    refusals: Refusals
    writer: Writer = field(default_factory=Writer)

    def file(self, script: bool) -> Generated:
        """Return the whole file."""
        outputs = self.plan.network.outputs
        steps = self.plan.live()
        self.masked = pytorch_masks.masked(steps)
        self.computes = any(step.facts and step.facts.parameters for step in steps)
        scope = _Scope(Body(self.writer), outline(steps, outputs), frozenset(outputs))
        arguments = tuple(self._read_inputs(scope))
        self._write_items(scope)
        self.tensors = scope.tensors
        self.network = Part(self.plan.network.name, scope.body, arguments, self._results(scope))
        self.writer.use("from torch import Tensor, nn")
        names = Names((*_RESERVED, *TRAINING_NAMES, *pytorch_custom.types(self.plan)))
        name = names.take(self.plan.network.name, "Network")
        for block in classes(self.network, names):
            self._write_block(block)
        text = settled(self.network)
        lines = unify([text.cuts], Names()).lines
        init = [Line(line, marks=each.marks) for line, each in zip(lines, text.init, strict=True)]
        self._write_class(name, self._summary(), {}, init, text.forward, self.network)
        self.writer.section()
        with self.writer.block("def build_model() -> nn.Module:"):
            self.writer.line('"""Return the network with fresh weights."""')
            self.writer.line(f"return {name}()")
        if script and has_training(self.plan):
            write_training(self.writer, self.plan, self.refusals)
        elif script:
            self._write_main()
        made = self.writer.generated("A network in PyTorch: maps and volumes have their channels first.")
        position = {step.key: index for index, step in enumerate(self.plan.steps)}
        return replace(made, places=tuple(sorted(made.places, key=lambda each: (each.first, position[each.mark.key]))))

    def _read_inputs(self, scope: _Scope) -> Iterator[str]:
        first = scope.items[0] if scope.items else None
        for step in self.plan.inputs:
            shape = _shape(step)
            alone = len(self.plan.inputs) == 1 and scope.passing(step.key, first)
            name = "x" if alone else scope.names.take("inputs" if step.key == "input" else step.key)
            scope.tensors[step.key] = Tensor(name, shape, native(len(shape) + 1), step.dtype, constant=True)
            yield name

    def _write_items(self, scope: _Scope) -> None:
        """Write layers and calls in order; a blank line stands where a block of the program begins or ends."""
        group: tuple[str, ...] = ()
        for item, following in zip(scope.items, [*scope.items, None][1:], strict=True):
            here = () if isinstance(item, Call) else item.node.group[:1]
            if scope.names_keys and here != group and scope.body.forward:
                scope.body.forward.append(Line())
            group = here
            if isinstance(item, Call):
                self._write_call(scope, item, following)
            else:
                self._write_step(scope, item, following)

    def _write_call(self, scope: _Scope, item: Call, following: Item | None) -> None:
        """Write a call of a macro: what it holds goes into a class of its own."""
        given = [scope.tensors[key] for key in item.reads]
        name = self._name(scope, item.key)
        if _NUMBER.sub("", name) == snake_case(type_name(item.last.layer)):  # no label is on the call
            name = snake_case(item.macro)
        variable = "x" if scope.passing(item.key, following) else scope.names.take(name)
        inner = _Scope(Body(self.writer), item.items, frozenset((item.key,)), names_keys=False)
        arguments = []
        for key, tensor in zip(item.reads, given, strict=True):
            alone = len(given) == 1 and inner.passing(key, item.items[0])
            arguments.append("x" if alone else inner.names.take("inputs"))
            inner.tensors[key] = replace(tensor, text=arguments[-1])
        self._write_items(inner)
        result = inner.tensors[item.key]
        sizes = [shape_comment(stored(each.shape, each.layout)) for each in (*given, result)]
        part = Part(item.macro, inner.body, tuple(arguments), (result.text,), f"{', '.join(sizes[:-1])} to {sizes[-1]}")
        part.marks = tuple(Mark(step.key) for step in item.steps())
        texts = tuple(tensor.text for tensor in given)
        scope.body.forward.append(Use(part, variable, texts, sizes[-1], len(scope.body.init)))
        scope.tensors[item.key] = replace(result, text=variable)

    def _variable(self, scope: _Scope, key: str, following: Item | None) -> str:
        return "x" if scope.passing(key, following) else scope.names.take(self._name(scope, key))

    def _name(self, scope: _Scope, key: str) -> str:
        """Return what a step is called in the network, or within the call of a macro."""
        return key if scope.names_keys else self.plan.network.names.get(key, key)

    def _write_step(self, scope: _Scope, step: Step, following: Item | None) -> None:
        if isinstance(step.layer, Result):
            return  # the layer whose result it is has written it
        further = scope.results(step)
        variable = self._variable(scope, step.key, None if further else following)
        results = self._result_names(scope, step, variable, further)
        shape = _shape(step)
        inputs = tuple(self._fed(scope.tensors[key], step.layer) for key in step.node.inputs)
        dtype = inputs[0].dtype if isinstance(step.layer, pytorch_shapes.MOVES) else None
        name, shared = step.node.shared or self._name(scope, step.key), step.node.shared is not None
        marks = (Mark(step.key),)
        site = Site(
            scope.body, step.layer, inputs, shape, _owner(step), name, variable, shared, results=results, marks=marks
        )
        begin = len(scope.body.forward)
        scope.tensors[step.key] = Tensor(variable, shape, native(len(shape) + 1), dtype)
        with self.refusals.of(step):
            pytorch_masks.refuse_mask(step, self.masked)
            value = row_of(step.layer)(site)
            if shared:
                site.body.modules[step.key] = site.body.modules.get(site.owner, {})
            if step.key in scope.outputs or scope.is_read(step):
                scope.tensors[step.key] = self._assigned(site, value, dtype)
            for index, each in further.items():
                other = replace(site, shape=_shape(each), variable=results[index])
                scope.tensors[each.key] = self._assigned(other, value.others[index - 1], dtype)
            self._mark_results(scope, begin, (step, *further.values()))
            if all(each.constant for each in inputs) and not (step.facts and step.facts.trainable_parameters):
                for each in (step, *further.values()):
                    scope.tensors[each.key] = replace(scope.tensors[each.key], constant=True)
            if type(step.layer).__module__ in _ACTIVATIONS:
                _join_activation(scope.body.forward, begin)

    def _mark_results(self, scope: _Scope, begin: int, steps: Sequence[Step]) -> None:
        """Say of the last line of a layer that its results are there."""
        body = scope.body
        if len(body.forward) > begin and isinstance(last := body.forward[-1], Line):
            read = [step for step in steps if step.key in scope.outputs or scope.is_read(step)]
            found = [(step.key, scope.tensors[step.key]) for step in read if step.key in scope.tensors]
            marks = [Mark(key, tensor.text, tensor.layout) for key, tensor in found if tensor.text.isidentifier()]
            body.forward[-1] = last._replace(marks=tuple(marks) or last.marks)

    def _result_names(self, scope: _Scope, step: Step, variable: str, further: Mapping[int, Step]) -> tuple[str, ...]:
        """Return the variables of a layer's results, and take one for each further result that is read."""
        first = variable if step.key in scope.outputs or scope.is_read(step) else ""
        names = {index: scope.names.take(self._name(scope, each.key)) for index, each in further.items()}
        return first, *(names.get(index, "") for index in range(1, step.layer.results))

    def _fed(self, tensor: Tensor, layer: Layer) -> Tensor:
        """Return a tensor as a layer computes with it: an input of another type takes that of the parameters."""
        if tensor.dtype in (None, "float32") or layer.integer_input or isinstance(layer, pytorch_shapes.MOVES):
            return tensor
        if not self.computes:
            self.writer.use(TORCH)
            return replace(tensor, text=f"{tensor.text}.to(torch.get_default_dtype())")
        return replace(tensor, text=f"{tensor.text}.to(next(self.parameters()).dtype)")

    def _assigned(self, site: Site, value: Value, dtype: str | None) -> Tensor:
        """Write the statement that computes a step, in two where one would be too long."""
        text, variable = value.text, site.variable
        if value.activation == "linear" and text.isidentifier() and (text not in LOCALS or text == variable):
            return Tensor(text, site.shape, value.layout, dtype)
        comment = site.comment(site.shape, value.layout)
        whole = activated(self.writer, value.activation, text, value.layout)
        if len(whole) + len(variable) + 11 > WIDTH and whole != text:
            site.body.forward.append(Line(f"{variable} = {text}", comment, site.marks))
            whole = activated(self.writer, value.activation, variable, value.layout)
        site.body.forward.append(Line(f"{variable} = {whole}", comment, site.marks))
        return Tensor(variable, site.shape, value.layout, dtype)

    def _results(self, scope: _Scope) -> tuple[str, ...]:
        """Return the expressions of the outputs, laid out as they leave the network."""
        tensors = [scope.tensors[key] for key in self.plan.network.outputs]
        return tuple(tensor.to(native(tensor.rank)) for tensor in tensors)

    def _write_block(self, block: Class) -> None:
        used = f"used {block.count} times"
        if not block.shapes:  # those of its calls have nothing in common
            summary = f"A block {used}."
        else:
            summary = f"From {block.shapes}; {used}." if block.count > 1 else f"From {block.shapes}."
        self._write_class(block.name, summary, block.parameters, block.init, block.forward, block.part)

    def _write_class(
        self,
        name: str,
        summary: str,
        parameters: Mapping[str, str],
        init: Sequence[Line],
        forward: Sequence[Line],
        part: Part,
    ) -> None:
        self.writer.section()
        with self.writer.block(f"class {name}(nn.Module):"):
            self.writer.line(f'"""{summary}"""')
            self.writer.blank()
            if init:
                given = ", ".join(("self", *(f"{key}: {kind}" for key, kind in parameters.items())))
                with self.writer.block(f"def __init__({given}) -> None:"):
                    self.writer.line("super().__init__()")
                    for line in init:
                        self.writer.line(line.text, marks=line.marks)
                self.writer.blank()
            arguments = ", ".join(f"{argument}: Tensor" for argument in part.arguments)
            returned = "Tensor" if len(part.results) == 1 else f"tuple[{', '.join(['Tensor'] * len(part.results))}]"
            with self.writer.block(f"def forward(self, {arguments}) -> {returned}:"):
                for line in _returned(forward, part.results):
                    if line.text:
                        self.writer.line(*line)
                    else:
                        self.writer.blank()

    def _summary(self) -> str:
        outputs = self.plan.network.outputs
        if len(self.plan.inputs) > 1 or len(outputs) > 1:
            return f"A network of {_count(self.plan.inputs, 'input')} and {_count(outputs, 'output')}."
        return f"A network from {self._native_shape(self.plan.inputs[0].key)} to {self._native_shape(outputs[0])}."

    def _native_shape(self, key: str) -> str:
        shape = self.tensors[key].shape
        return shape_comment(stored(shape, native(len(shape) + 1)))

    def _write_main(self) -> None:
        self.writer.use(TORCH)
        self.writer.section()
        with self.writer.block('if __name__ == "__main__":'):
            self.writer.line("model = build_model().eval()")
            self.writer.line("print(model)")
            self.writer.line("count = sum(weight.numel() for weight in model.parameters())")
            self.writer.line('print(f"{count:,} parameters")')
            samples = ", ".join(self._samples())
            several = len(self.plan.network.outputs) > 1
            with self.writer.block("with torch.no_grad():"):
                self.writer.line(f"{'outputs' if several else 'output'} = model({samples})")
            if several:
                self.writer.line('print("outputs:", *(tuple(output.shape) for output in outputs))')
            else:
                self.writer.line('print("output:", tuple(output.shape))')

    def _samples(self) -> Iterator[str]:
        """Yield a batch of one sample of zeros for each input; an unknown size is taken as 64."""
        for step in self.plan.inputs:
            shape = _shape(step)
            sizes = [64 if size is None else size for size in stored(shape, native(len(shape) + 1))]
            named = {"dtype": Code(f"torch.{step.dtype}")} if step.dtype else {}
            yield call("torch.zeros", [1, *sizes], named)


def _join_activation(forward: list[Line | Use], begin: int) -> None:
    """Let an activation whose one line begins here be applied where its input is computed, if there is room."""
    if not begin or len(forward) != begin + 1 or not isinstance(line := forward[-1], Line):
        return
    before, found = forward[begin - 1], _ACTIVATED.fullmatch(line.text)
    if found is None:
        return
    if isinstance(before, Use):
        if before.variable == "x" and before.around == ("", ""):
            before.around, before.comment, before.marks = (found[1], found[2]), line.comment, line.marks
            del forward[begin]
        return
    value = before.text.removeprefix("x = ")
    text = f"x = {found[1]}{value}{found[2]}"
    plain = value != before.text and not value.startswith(("F.", "torch."))
    if plain and len(text) + len(line.comment) + 12 <= WIDTH:
        marks = tuple(mark._replace(variable="", order=()) for mark in before.marks)
        forward[begin - 1 :] = [Line(text, line.comment, marks + line.marks)]


def _returned(forward: Sequence[Line], results: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of ``forward`` to their end: a short last one that assigns what is returned returns it."""
    last = forward[-1] if forward else Line()
    value = last.text.removeprefix(f"{results[0]} = ") if len(results) == 1 else ""
    if not value or value == last.text or len(value) + len(last.comment) > _SHORT:
        yield from forward
        yield Line(f"return {', '.join(results)}")
        return
    yield from forward[:-1]
    marks = tuple(mark._replace(variable="return") if mark.variable == results[0] else mark for mark in last.marks)
    yield Line(f"return {value}", last.comment, marks)


def _shape(step: Step) -> Shape:
    if step.output_shape is None:
        raise ValueError(f"the shape of {step.key} is unknown")
    return step.output_shape


def _count(items: Sized, name: str) -> str:
    return f"{len(items)} {name}" + ("" if len(items) == 1 else "s")
