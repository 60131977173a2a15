"""PyTorch source of a plan: one class whose ``forward`` reads as the network does.

Rows are functions of a ``Site``; the families of layers keep theirs in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, field, replace
from typing import final

from neural.code_generation import (
    pytorch_activations,
    pytorch_attention,
    pytorch_attention_plain,
    pytorch_cells,
    pytorch_core,
    pytorch_custom,
    pytorch_elementwise,
    pytorch_recurrent,
    pytorch_shapes,
    pytorch_windows,
)
from neural.code_generation.emitter import Refusals, UnsupportedError, live_steps, shape_comment
from neural.code_generation.pytorch_activations import activated
from neural.code_generation.pytorch_layout import native, stored
from neural.code_generation.pytorch_site import LOCALS, TORCH, Body, Site, Tensor, Value
from neural.code_generation.training import has_training
from neural.code_generation.training_pytorch import TRAINING_NAMES, write_training
from neural.code_generation.writer import WIDTH, Code, Names, Writer, call
from neural.diagnostics import LineIndex
from neural.layers.base import Layer, type_name
from neural.layers.custom import Custom
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
    **pytorch_elementwise.ROWS,
    **pytorch_windows.ROWS,
    **pytorch_shapes.ROWS,
    **pytorch_attention.ROWS,
    **pytorch_attention_plain.ROWS,
    **pytorch_recurrent.rows(row_of),
    Custom: pytorch_custom.custom,
}

_HELPERS = (
    pytorch_activations.SQUAREPLUS,
    *pytorch_attention.HELPERS,
    *pytorch_attention_plain.HELPERS,
    *pytorch_cells.HELPERS,
    *pytorch_core.HELPERS,
    *pytorch_elementwise.HELPERS,
    *pytorch_windows.HELPERS,
)
_RESERVED = ("torch", "nn", "F", "Tensor", "Callable", "build_model", "main", "self", *(h.name for h in _HELPERS))


def emit(plan: Plan, refusals: Refusals) -> str:
    """Return the source of one file that defines the network and ``build_model``."""
    return _Emission(plan, refusals).source()


def modules(plan: Plan) -> dict[str, dict[str, str]]:
    """Return, by the key of each step with modules, its attributes by their suffix: what a state_dict begins with."""
    emission = _Emission(plan, Refusals(LineIndex("")))
    emission.source()
    found = emission.body.modules
    return {step.key: found[_owner(step)] for step in plan.steps if _owner(step) in found}


def _owner(step: Step) -> str:
    """Return what names the owner of a step's weights: no key begins as shared names do here."""
    return step.key if step.node.shared is None else f"shared {step.node.shared}"


@final
@dataclass
class _Emission:
    """One file in the making."""

    plan: Plan
    refusals: Refusals
    writer: Writer = field(default_factory=Writer)

    def __post_init__(self) -> None:
        self.body = Body(self.writer)
        self.steps = live_steps(self.plan)
        self.names = Names((*_RESERVED, *LOCALS))
        self.tensors: dict[str, Tensor] = {}
        self.arguments: list[str] = []
        self.outputs = frozenset(self.plan.network.outputs)
        self.readers: dict[str, list[str]] = {}
        for step in self.steps:
            for key in dict.fromkeys(step.node.inputs):
                self.readers.setdefault(key, []).append(step.key)

    def source(self) -> str:
        """Return the whole file."""
        self._read_inputs()
        group: tuple[str, ...] = ()
        for step, following in zip(self.steps, [*self.steps[1:], None], strict=True):
            if step.node.group[:1] != group and self.body.forward:
                self.body.forward.append(("", ""))
            group = step.node.group[:1]
            self._write_step(step, following)
        results = self._results()
        self.writer.use("from torch import Tensor, nn")
        name = Names((*_RESERVED, *TRAINING_NAMES, *pytorch_custom.types(self.plan))).take(
            self.plan.network.name, "Network"
        )
        self._write_class(name, results)
        self.writer.section()
        with self.writer.block("def build_model() -> nn.Module:"):
            self.writer.line('"""Return the network with fresh weights."""')
            self.writer.line(f"return {name}()")
        if has_training(self.plan):
            write_training(self.writer, self.plan, self.refusals)
        else:
            self._write_main()
        return self.writer.source("A network in PyTorch: maps and volumes have their channels first.")

    def _read_inputs(self) -> None:
        first = self.steps[0] if self.steps else None
        for step in self.plan.inputs:
            shape = _shape(step)
            alone = len(self.plan.inputs) == 1 and self._passing(step.key, first)
            name = "x" if alone else self.names.take("inputs" if step.key == "input" else step.key)
            self.arguments.append(name)
            self.tensors[step.key] = Tensor(name, shape, native(len(shape) + 1), step.dtype)

    def _passing(self, key: str, following: Step | None) -> bool:
        """Whether only the step that follows reads a tensor, or it is the result."""
        if key in self.outputs:
            return following is None and len(self.outputs) == 1
        return following is not None and self.readers.get(key, []) == [following.key]

    def _write_step(self, step: Step, following: Step | None) -> None:
        variable = "x" if self._passing(step.key, following) else self.names.take(step.key)
        shape = _shape(step)
        inputs = tuple(self._fed(self.tensors[key], step.layer) for key in step.node.inputs)
        dtype = inputs[0].dtype if isinstance(step.layer, pytorch_shapes.MOVES) else None
        name, shared = step.node.shared or step.key, step.node.shared is not None
        site = Site(self.body, step.layer, inputs, shape, _owner(step), name, variable, shared)
        self.tensors[step.key] = Tensor(variable, shape, native(len(shape) + 1), dtype)
        with self.refusals.of(step):
            self.tensors[step.key] = self._assigned(site, row_of(step.layer)(site), dtype)

    def _fed(self, tensor: Tensor, layer: Layer) -> Tensor:
        """Return a tensor as a layer computes with it: an input of another type takes that of the parameters."""
        if tensor.dtype in (None, "float32") or layer.integer_input or isinstance(layer, pytorch_shapes.MOVES):
            return tensor
        if not any(step.facts and step.facts.parameters for step in self.steps):
            return replace(tensor, text=f"{tensor.text}.float()")
        return replace(tensor, text=f"{tensor.text}.to(next(self.parameters()).dtype)")

    def _assigned(self, site: Site, value: Value, dtype: str | None) -> Tensor:
        """Write the statement that computes a step, in two where one would be too long."""
        text, variable = value.text, site.variable
        if value.activation == "linear" and text.isidentifier() and (text != "x" or variable == "x"):
            return Tensor(text, site.shape, value.layout, dtype)
        comment = site.comment(site.shape, value.layout)
        whole = activated(self.writer, value.activation, text, value.layout)
        if len(whole) + len(variable) + 11 > WIDTH and whole != text:
            self.body.forward.append((f"{variable} = {text}", comment))
            whole = activated(self.writer, value.activation, variable, value.layout)
        self.body.forward.append((f"{variable} = {whole}", comment))
        return Tensor(variable, site.shape, value.layout, dtype)

    def _results(self) -> list[str]:
        """Return the expressions of the outputs, laid out as they leave the network."""
        tensors = [self.tensors[key] for key in self.plan.network.outputs]
        return [tensor.to(native(tensor.rank)) for tensor in tensors]

    def _write_class(self, name: str, results: list[str]) -> None:
        self.writer.section()
        with self.writer.block(f"class {name}(nn.Module):"):
            self.writer.line(f'"""{self._summary()}"""')
            self.writer.blank()
            if self.body.init:
                with self.writer.block("def __init__(self) -> None:"):
                    self.writer.line("super().__init__()")
                    self.writer.lines(self.body.init)
                self.writer.blank()
            arguments = ", ".join(f"{argument}: Tensor" for argument in self.arguments)
            returned = "Tensor" if len(results) == 1 else "tuple[" + ", ".join("Tensor" for _ in results) + "]"
            with self.writer.block(f"def forward(self, {arguments}) -> {returned}:"):
                for text, comment in self.body.forward:
                    if text:
                        self.writer.line(text, comment)
                    else:
                        self.writer.blank()
                self.writer.line(f"return {', '.join(results)}")

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


def _shape(step: Step) -> Shape:
    if step.output_shape is None:
        raise ValueError(f"the shape of {step.key} is unknown")
    return step.output_shape


def _count(items: Sized, name: str) -> str:
    return f"{len(items)} {name}" + ("" if len(items) == 1 else "s")
