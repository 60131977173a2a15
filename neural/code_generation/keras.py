"""Keras 3 source of a plan: a function that builds the model, laid out as in the program.

The function reads from top to bottom as the network does. A tensor that only the next layer reads is ``x``; any other
has the name of its layer. Layers are named by their keys, so that Keras's summary and the table can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from neural.code_generation.emitter import WIDEST, Refusals, live_steps, targets, without_results
from neural.code_generation.keras_layers import HELPERS, ROWS, made
from neural.code_generation.keras_made import Made, grouped, places_of
from neural.code_generation.keras_tied import BIAS, after_product
from neural.code_generation.training import has_training
from neural.code_generation.training_keras import TRAINING_NAMES, write_training
from neural.code_generation.training_text import display, plain_word
from neural.code_generation.writer import WIDTH, Code, Generated, Names, Writer, call, wrap
from neural.layers.core import Affine
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape, describe

__all__ = ["ROWS", "emit"]

_INDENT = 4
_HELPERS = tuple(helper.name for helper in (*HELPERS, BIAS))
_RESERVED = (
    *("keras", "layers", "ops", "tf", "math", "build_model", "x", "inputs", "outputs", "results"),
    *(*TRAINING_NAMES, *_HELPERS),
)


def emit(plan: Plan, refusals: Refusals, *, script: bool = True) -> Generated:
    """Return one file that defines ``build_model``; with ``script`` it trains, or shows the model."""
    return _Emission(plan, refusals).file(script)


@final
@dataclass
class _Emission:
    """One file in the making."""

    plan: Plan
    refusals: Refusals
    writer: Writer = field(default_factory=Writer)
    variables: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    makers: dict[str, str] = field(default_factory=dict)
    """By the key of a step whose weights others use: the variable of its layer."""

    def __post_init__(self) -> None:
        self.steps, self.results = without_results(live_steps(self.plan))
        self.names = Names(_RESERVED)
        self.layer_names = _LayerNames()
        self.matrices = self._matrices()
        self.readers: dict[str, list[str]] = {step.key: [] for step in self.plan.all()}
        for step in self.steps:
            for key in dict.fromkeys(step.node.inputs):
                self.readers[key].append(step.key)

    def _matrices(self) -> frozenset[str]:
        """Return the keys of the Embeddings that layers are tied to, and of those that share weights with them."""
        tied = {step.tied_to for step in self.steps}
        names = {step.node.shared for step in self.steps if step.key in tied} - {None}
        return frozenset(step.key for step in self.steps if step.key in tied or step.node.shared in names)

    def file(self, script: bool) -> Generated:
        """Return the whole file."""
        self.writer.use("import keras", "from keras import layers")
        self.writer.section()
        with self.writer.block("def build_model() -> keras.Model:"):
            self.writer.line('"""Return the network with fresh weights."""')
            self._inputs()
            self._steps()
            self._return()
        if script and has_training(self.plan):
            write_training(self.writer, self.plan, self.refusals)
        elif script:
            self._main()
        return self.writer.generated("A network in Keras.")

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
        names = self._named_results(step) if step.layer.results > 1 else [self._variable(step, following)]
        variable = self.variables.setdefault(step.key, names[0])
        if step.tied_to is not None:
            self._tied(step, self.makers[step.tied_to], variable, read)
            return
        layer = made(step.layer, len(read))
        if step.key in self.matrices:
            layer = replace(layer, function="layers.ReversibleEmbedding")
        written = targets([names[0], *(grouped(names[1:], layer.groups) if layer.groups else names[1:])])
        if len(written) <= WIDEST:
            self._made(step, layer, written, layer.reads(step.layer, read))
            return
        self._made(step, layer, "results", layer.reads(step.layer, read))
        places = ["[0]", *places_of(len(names) - 1, layer.groups)]
        self.writer.lines(f"{name} = results{place}" for name, place in zip(names, places, strict=True) if name)

    def _made(self, step: Step, layer: Made, variable: str, tensors: Sequence[str]) -> None:
        """Write a layer and its call, in two statements where other steps use its weights."""
        self.writer.use(*layer.imports)
        if layer.helper is not None:
            self.writer.helper(layer.helper)
        comment = self._comment(step)
        if step.node.shared is None and step.key not in self.matrices:
            named = {**layer.named, "name": self.layer_names.take(step.key)}
            self._write(variable, layer.function, layer.positional, named, tensors, comment)
            return
        maker = self._shared(step, layer)
        if step.key in self.results or self._is_read(step):
            self._write(variable, maker, [Code(tensor) for tensor in tensors], {}, comment=comment)

    def _tied(self, step: Step, maker: str, variable: str, read: Sequence[str]) -> None:
        """Write a product with an Embedding's matrix, and what follows it."""
        assert isinstance(step.layer, Affine)
        self._write(variable, maker, [Code(read[0])], {"reverse": True}, comment=describe(_shape(step)))
        for layer in after_product(step.layer):
            self._made(step, layer, variable, [variable])

    def _is_read(self, step: Step) -> bool:
        return bool(self.readers[step.key]) or step.key in self.plan.network.outputs

    def _named_results(self, step: Step) -> list[str]:
        """Name the results of a layer that are read; return all its results, "" being one that nothing reads."""
        results = {0: step, **self.results.get(step.key, {})}
        read = {index: each for index, each in results.items() if self._is_read(each)}
        self.variables |= {each.key: self._variable(each, None) for each in read.values()}
        return [self.variables[read[index].key] if index in read else "" for index in range(step.layer.results)]

    def _comment(self, step: Step) -> str:
        """Return the shapes of the results that are read, those that are alike once."""
        results = [step, *self.results.get(step.key, {}).values()]
        shapes = list(dict.fromkeys(describe(_shape(each)) for each in results if self.variables.get(each.key)))
        return ", ".join(shapes[:3]) + (", ..." if len(shapes) > 3 else "")

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
        name = step.node.shared or step.key
        owner = f"{step.node.shared}/{layer.function}" if step.node.shared else step.key
        if owner not in self.shared:
            self.shared[owner] = variable = self.names.take(f"{name}_layer")
            named = {**layer.named, "name": self.layer_names.take(step.key)}
            self._write(variable, layer.function, layer.positional, named)
        self.makers[step.key] = self.shared[owner]
        return self.shared[owner]

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
    return [f"    {line}" for tensor in tensors for line in _argument(tensor, indent)]


def _argument(text: str, indent: int) -> list[str]:
    """Return an argument on a line of its own; a list that does not fit has a line for each item."""
    head, bracket, body = text.partition("[")
    if indent + len(text) < WIDTH or not bracket:
        return [f"{text},"]
    items = re.findall(r"\[[^]]*\]|[^\s,]+", body[:-1])
    return [f"{head}[", *(f"    {line}" for item in items for line in _argument(item, indent + _INDENT)), "],"]


def _wrapped(text: str) -> list[str]:
    """Wrap a statement of the function's body, and leave its indentation to the writer."""
    return [line[_INDENT:] for line in wrap(text, _INDENT)]


def _shape(step: Step) -> Shape:
    if step.output_shape is None:
        raise ValueError(f"the shape of {step.key} is unknown")
    return step.output_shape
