"""Keras 3 source of a plan: a function that builds the model, laid out as in the program.

The function reads from top to bottom as the network does. A tensor that only the next layer reads is ``x``; any other
has the name of its layer. Layers are named by their keys, so that Keras's summary and the table can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from neural.code_generation import keras_elementwise
from neural.code_generation.emitter import Refusals, live_steps
from neural.code_generation.keras_layers import ROWS, made
from neural.code_generation.keras_made import Made
from neural.code_generation.training import has_training
from neural.code_generation.training_keras import TRAINING_NAMES, write_training
from neural.code_generation.training_text import display, plain_word
from neural.code_generation.writer import WIDTH, Code, Names, Writer, call, wrap
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape, describe

__all__ = ["ROWS", "emit"]

_INDENT = 4
_HELPERS = tuple(helper.name for helper in keras_elementwise.HELPERS)
_RESERVED = ("keras", "layers", "build_model", "x", "inputs", "outputs", *TRAINING_NAMES, *_HELPERS)


def emit(plan: Plan, refusals: Refusals) -> str:
    """Return the source of one file that defines ``build_model``."""
    return _Emission(plan, refusals).source()


@final
@dataclass
class _Emission:
    """One file in the making."""

    plan: Plan
    refusals: Refusals
    writer: Writer = field(default_factory=Writer)
    variables: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps = live_steps(self.plan)
        self.names = Names(_RESERVED)
        self.layer_names = _LayerNames()
        self.readers: dict[str, list[str]] = {step.key: [] for step in self.plan.all()}
        for step in self.steps:
            for key in dict.fromkeys(step.node.inputs):
                self.readers[key].append(step.key)

    def source(self) -> str:
        """Return the whole file."""
        self.writer.use("import keras", "from keras import layers")
        self.writer.section()
        with self.writer.block("def build_model() -> keras.Model:"):
            self.writer.line('"""Return the network with fresh weights."""')
            self._inputs()
            self._steps()
            self._return()
        if has_training(self.plan):
            write_training(self.writer, self.plan, self.refusals)
        else:
            self._main()
        return self.writer.source("A network in Keras.")

    def _inputs(self) -> None:
        for step in self.plan.inputs:
            name = "inputs" if len(self.plan.inputs) == 1 else self.names.take(step.key)
            self.variables[step.key] = name
            dtype = {"dtype": step.dtype} if step.dtype not in (None, "float32") else {}
            named = {**made(step.layer).named, **dtype, "name": self.layer_names.take(step.key)}
            self._write(name, "keras.Input", (), named)
        if len(self.plan.inputs) > 1:
            self.writer.lines(display("inputs = [", list(self.variables.values()), "]", _INDENT))

    def _steps(self) -> None:
        """Write every layer; a blank line stands where an outermost group begins or ends."""
        group: tuple[str, ...] = ()
        for step, following in zip(self.steps, [*self.steps[1:], None], strict=True):
            if step.node.group[:1] != group:
                self.writer.blank()
                group = step.node.group[:1]
            with self.refusals.of(step):
                self._step(step, following)

    def _step(self, step: Step, following: Step | None) -> None:
        read = [self.variables[key] for key in step.node.inputs]
        self.variables[step.key] = variable = self._variable(step, following)
        layer = made(step.layer)
        if layer.helper is not None:
            self.writer.helper(layer.helper)
        tensors = layer.reads(step.layer, read)
        comment = describe(_shape(step))
        if step.node.shared is None:
            named = {**layer.named, "name": self.layer_names.take(step.key)}
            self._write(variable, layer.function, layer.positional, named, tensors, comment)
            return
        maker = self._shared(step, layer)
        self._write(variable, maker, [Code(tensor) for tensor in tensors], {}, comment=comment)

    def _variable(self, step: Step, following: Step | None) -> str:
        """Return ``x`` where the next step alone reads the result, and a name of its own otherwise."""
        outputs = self.plan.network.outputs
        if step.key in outputs:
            return "outputs" if len(outputs) == 1 else self.names.take(step.key)
        if following is not None and self.readers[step.key] == [following.key]:
            return "x"
        return self.names.take(step.key)

    def _shared(self, step: Step, layer: Made) -> str:
        """Return the variable of a layer whose weights several steps use, made at the first of them."""
        name = step.node.shared or ""
        if name not in self.shared:
            self.shared[name] = variable = self.names.take(f"{name}_layer")
            named = {**layer.named, "name": self.layer_names.take(step.key)}
            self._write(variable, layer.function, layer.positional, named)
        return self.shared[name]

    def _return(self) -> None:
        outputs = [self.variables[key] for key in self.plan.network.outputs]
        if len(outputs) > 1:
            self.writer.lines(display("outputs = [", outputs, "]", _INDENT))
        elif outputs != ["outputs"]:
            self.writer.line(f"outputs = {outputs[0]}")
        name = plain_word(self.plan.network.name)
        self.writer.line("return " + call("keras.Model", [Code("inputs"), Code("outputs")], {"name": name}))

    def _main(self) -> None:
        self.writer.section()
        with self.writer.block('if __name__ == "__main__":'):
            self.writer.line("build_model().summary()")

    def _write(
        self,
        target: str,
        function: str,
        positional: Sequence[Any],
        named: Mapping[str, Any],
        tensors: Sequence[str] | None = None,
        comment: str = "",
    ) -> None:
        """Write ``target = function(arguments)(tensors)``, its comment beside it or, where there is no room, above."""
        made = f"{target} = {call(function, positional, named)}"
        lines = _wrapped(made) if tensors is None else _broken(made, tensors)
        beside = f"{lines[-1]}  # {comment}"
        if not comment:
            self.writer.lines(lines)
        elif _INDENT + len(beside) <= WIDTH:
            self.writer.lines([*lines[:-1], beside])
        else:
            self.writer.lines([f"# {comment}", *lines])


@final
class _LayerNames:
    """Names for Keras's layers, each given once: the key itself where Keras takes it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, key: str) -> str:
        name, count = plain_word(key), 0
        while name in self._taken:
            count += 1
            name = f"{plain_word(key)}_{count}"
        self._taken.add(name)
        return name


def _broken(made: str, tensors: Sequence[str]) -> list[str]:
    """Break a statement that makes a layer and calls it, as ``ruff format`` does.

    The first pair of brackets is broken where the text up to the second does not fit, and else the second is.
    """
    whole = f"{made}({', '.join(tensors)})"
    if _INDENT + len(whole) <= WIDTH:
        return [whole]
    if _INDENT + len(made) < WIDTH:
        return [f"{made}(", *_called_with(tensors), ")"]
    *lines, last = _wrapped(made + "()")
    last = last.removesuffix("()")
    whole = f"{last}({', '.join(tensors)})"
    if _INDENT + len(whole) <= WIDTH:
        return [*lines, whole]
    return [*lines, f"{last}(", *_called_with(tensors), ")"]


def _called_with(tensors: Sequence[str]) -> list[str]:
    """Return the arguments of a call on lines of their own: on one where they fit, else an argument a line."""
    flat, indent = ", ".join(tensors), 2 * _INDENT
    if indent + len(flat) <= WIDTH:
        return [f"    {flat}"]
    if len(tensors) == 1 and flat.startswith("["):
        return [f"    {line}" for line in display("[", flat[1:-1].split(", "), "]", indent)]
    return [f"    {tensor}," for tensor in tensors]


def _wrapped(text: str) -> list[str]:
    """Wrap a statement of the function's body, and leave its indentation to the writer."""
    return [line[_INDENT:] for line in wrap(text, _INDENT)]


def _shape(step: Step) -> Shape:
    if step.output_shape is None:
        raise ValueError(f"the shape of {step.key} is unknown")
    return step.output_shape
