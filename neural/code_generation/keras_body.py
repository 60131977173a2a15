"""The statements of a Keras network: those of ``build_model``, and of each call of a macro that stands for itself.

A tensor that only the next statement reads is ``x``; any other has the name of its layer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import final

from neural.code_generation.emitter import WIDEST, Refusals, targets
from neural.code_generation.keras_blocks import Line, Part, Use, name_argument, name_calls
from neural.code_generation.keras_layers import HELPERS, made
from neural.code_generation.keras_made import Made, grouped, places_of
from neural.code_generation.keras_outline import blocks, calls
from neural.code_generation.keras_refusals import refuse, spelt_out
from neural.code_generation.keras_tied import BIAS, after_product
from neural.code_generation.outline import Call, Item, reads
from neural.code_generation.templates import Cut
from neural.code_generation.training_keras import TRAINING_NAMES
from neural.code_generation.training_text import plain_word
from neural.code_generation.writer import Code, Mark, Names, Writer, call
from neural.layers.core import Affine, Masking
from neural.layers.custom import Custom, class_name
from neural.layers.merging import Concatenate
from neural.layers.results import Result
from neural.network import snake_case
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape, describe

_HELPERS = tuple(helper.name for helper in (*HELPERS, BIAS))
RESERVED = (
    *("keras", "layers", "ops", "tf", "math", "build_model", "x", "inputs", "outputs", "results", "name", "index"),
    *(*TRAINING_NAMES, *_HELPERS),
)


@final
@dataclass
class _Scope:
    """A function in the making: what stands in it, and the variables that hold its tensors."""

    part: Part
    items: tuple[Item, ...]
    outputs: tuple[str, ...]
    whole: bool
    """Whether it is the network and not a call within it."""
    names: Names
    layers: set[str]
    """The names of layers that are taken."""
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.results: dict[str, dict[int, Step]] = {}
        self.readers: dict[str, list[Item]] = {}
        statements: list[Item] = []
        for item in self.items:
            if isinstance(item, Step) and isinstance(item.layer, Result):
                self.results.setdefault(item.node.inputs[0], {})[item.layer.index] = item
                continue
            statements.append(item)
            for key in dict.fromkeys(reads(item)):
                self.readers.setdefault(key, []).append(item)
        self.items = tuple(statements)

    def is_read(self, key: str) -> bool:
        """Whether a statement reads a tensor, or it is a result."""
        return key in self.readers or key in self.outputs

    def only_reader(self, key: str) -> Item | None:
        """Return the statement that reads a tensor, or None where several do, or none."""
        readers = self.readers.get(key, [])
        return readers[0] if len(readers) == 1 else None

    def take(self, wanted: str) -> str:
        """Return a variable that was not given before."""
        name = self.names.take(wanted)
        self.part.variables.add(name)
        return name

    def take_layer(self, step: Step, wanted: str) -> str:
        """Return a name for a layer of a step that was not given before: the one wanted where Keras takes it."""
        stem = name = plain_word(wanted)
        count = 0
        while name in self.layers:
            count += 1
            name = f"{stem}_{count}"
        self.layers.add(name)
        self.part.names.setdefault(step.key, name)
        return name


@final
class Bodies:
    """Writes the statements of a network, and of the calls within it."""

    def __init__(self, plan: Plan, refusals: Refusals, writer: Writer, items: Sequence[Item]) -> None:
        self._plan = plan
        self._refusals = refusals
        self._writer = writer
        self._items = tuple(items)
        self._masks = any(isinstance(step.layer, Masking) for step in plan.steps)
        self._calls = Counter(each.macro for each in calls(items))
        self._shapes = {step.key: _shape(step) for step in plan.all()}
        self._layers: set[str] = set()
        self._names: dict[str, str] = {}
        """The layers' names that are taken, and those of the layers outside functions that are called several times."""
        self._makers: dict[str, str] = {}
        """By the key of a step whose weights others use: the variable of its layer."""
        self._shared: dict[str, tuple[str, int]] = {}
        """By the owner of weights: the variable of its layer, and the line that makes it."""
        self.reserved = (*RESERVED, *(class_name(step.layer) for step in plan.steps if isinstance(step.layer, Custom)))
        """What no function of the file may be called."""
        names = Names(self.reserved)
        self._taken = (*self.reserved, *(names.take(snake_case(macro), "block") for macro in self._calls))
        self._matrices = self._tied_embeddings()

    def _tied_embeddings(self) -> frozenset[str]:
        """Return the keys of the Embeddings that layers are tied to, and of those that share weights with them."""
        steps = [step for item in self._items for step in (item.steps() if isinstance(item, Call) else (item,))]
        tied = {step.tied_to for step in steps} - {None}
        if not tied:
            return frozenset()
        names = {step.node.shared for step in steps if step.key in tied} - {None}
        return frozenset(step.key for step in steps if step.key in tied or step.node.shared in names)

    def network(self) -> Part:
        """Return the whole network."""
        outputs = self._plan.network.outputs
        scope = self._scope(Part(self._plan.network.name, names=self._names), self._items, outputs, whole=True)
        self._write_inputs(scope)
        self._write_items(scope)
        results = [scope.variables[key] for key in outputs]
        if results != ["outputs"]:
            self._plain(scope, "outputs", f"[{', '.join(results)}]" if len(results) > 1 else results[0])
        name = {"name": plain_word(self._plan.network.name)}
        self._plain(scope, "return", call("keras.Model", [Code("inputs"), Code("outputs")], name))
        name_calls(list(_keyed_uses(scope.part)), self._layers, self._names)
        return scope.part

    def _scope(self, part: Part, items: tuple[Item, ...], outputs: tuple[str, ...], whole: bool = False) -> _Scope:
        return _Scope(part, items, outputs, whole, Names(self._taken), self._layers if part.keyed else set())

    def _plain(self, scope: _Scope, target: str, text: str, marks: tuple[Mark, ...] = ()) -> None:
        scope.part.lines.append(Line(target, Cut((text,)), marks=marks))

    def _write_inputs(self, scope: _Scope) -> None:
        inputs = self._plan.inputs
        for step in inputs:
            scope.variables[step.key] = name = "inputs" if len(inputs) == 1 else scope.take(step.key)
            dtype = {"dtype": step.dtype} if step.dtype not in (None, "float32") else {}
            named = {**made(step.layer).named, **dtype, "name": scope.take_layer(step, step.key)}
            self._plain(scope, name, call("keras.Input", (), named), (Mark(step.key),))
        if len(inputs) > 1:
            self._plain(scope, "inputs", f"[{', '.join(scope.variables.values())}]")

    def _write_items(self, scope: _Scope) -> None:
        """Write layers and calls in order; a blank line stands where a block of the program begins or ends."""
        before: tuple[str, ...] = ()
        following = (*scope.items, None)[1:]
        for item, after, block in zip(scope.items, following, blocks(scope.items, scope.whole), strict=True):
            if block != before and scope.part.lines:
                scope.part.lines.append(Line())
            before = block
            if isinstance(item, Call):
                self._write_call(scope, item, after)
                continue
            with self._refusals.of(item):
                self._write_step(scope, item, after)

    def _write_call(self, scope: _Scope, item: Call, following: Item | None) -> None:
        """Write a call of a macro: what it holds goes into a function of its own."""
        given = tuple(scope.variables[key] for key in item.reads)
        scope.variables[item.key] = variable = self._variable(scope, item.key, following)
        keyed = scope.part.keyed and self._calls[item.macro] == 1
        part = Part(item.macro, item.key, keyed, names=self._names if keyed else {})
        inner = self._scope(part, item.items, (item.key,))
        for key in item.reads:
            alone = len(given) == 1 and inner.only_reader(key) is inner.items[0]
            inner.variables[key] = "x" if alone else inner.take("inputs") if inner.variables else "inputs"
        part.arguments = tuple(inner.variables.values())
        self._write_items(inner)
        if not keyed:
            name_calls(part.uses, inner.layers, part.names)
        part.result = inner.variables[item.key]
        sizes = [describe(self._shapes[key]) for key in (*item.reads, item.key)]
        part.shapes = f"{', '.join(sizes[:-1])} to {sizes[-1]}"
        marks = tuple(Mark(step.key) for step in item.steps())
        scope.part.lines.append(Use(part, variable, given, sizes[-1], marks))

    def _write_step(self, scope: _Scope, step: Step, following: Item | None) -> None:
        read = [scope.variables[key] for key in step.node.inputs]
        if step.layer.results > 1:
            self._write_several(scope, step, read)
            return
        scope.variables[step.key] = variable = self._variable(scope, step.key, following)
        if step.tied_to is not None:
            self._write_tied(scope, step, variable, read)
            return
        refuse(step)
        layer = made(spelt_out(step), len(read))
        if step.key in self._matrices:
            layer = replace(layer, function="layers.ReversibleEmbedding")
        if layer.function == "layers.Lambda" and None in _shape(step):  # Keras does not work such a shape out
            layer = replace(layer, named={**layer.named, "output_shape": _shape(step)})
        self._write_made(scope, step, layer, variable, layer.reads(step.layer, read), self._results(scope, step))

    def _write_several(self, scope: _Scope, step: Step, read: Sequence[str]) -> None:
        """Write a layer with several results, which are told apart where their names are too long for one statement."""
        names = self._named_results(scope, step)
        scope.variables.setdefault(step.key, "")
        layer = made(step.layer, len(read))
        written = targets([names[0], *(grouped(names[1:], layer.groups) if layer.groups else names[1:])])
        results, computed = self._results(scope, step), (Mark(step.key),)
        tensors = layer.reads(step.layer, read)
        if len(written) <= WIDEST:
            marks = results if names[0] else (*computed, *results)
            self._write_made(scope, step, layer, written, tensors, marks)
            return
        self._write_made(scope, step, layer, "results", tensors, computed)
        places = ["[0]", *places_of(len(names) - 1, layer.groups)]
        mark_of = {mark.variable: mark for mark in results}
        for name, place in zip(names, places, strict=True):
            if name:
                self._plain(scope, name, f"results{place}", (mark_of[name],))

    def _write_made(
        self, scope: _Scope, step: Step, layer: Made, target: str, tensors: Sequence[str], marks: tuple[Mark, ...]
    ) -> None:
        """Write a layer and its call, in two statements where other steps use its weights."""
        self._writer.use(*layer.imports)
        if layer.helper is not None:
            self._writer.helper(layer.helper)
        comment = self._comment(scope, step)
        keeps = bool(step.input_shapes) and step.input_shapes[0] == step.output_shape
        if step.node.shared is None and step.key not in self._matrices:
            cut = layer.cut(step.layer, self._named(scope, step))
            scope.part.lines.append(Line(target, cut, tuple(tensors), comment, marks, keeps))
            return
        maker = self._shared_layer(scope, step, layer)
        if scope.is_read(step.key) or step.key in scope.results:
            text = call(maker, [Code(tensor) for tensor in tensors])
            scope.part.lines.append(Line(target, Cut((text,)), None, comment, marks, keeps))

    def _named(self, scope: _Scope, step: Step) -> str:
        """Return the argument that names a layer."""
        name = self._name(scope, step.key)
        if self._masks and isinstance(step.layer, Concatenate):  # what joins masks takes Keras's own name for these
            name = f"{name}_layer"
        return name_argument(scope.take_layer(step, name), scope.part)

    def _name(self, scope: _Scope, key: str) -> str:
        """Return what a step is called in the network, or within the call of a macro."""
        return key if scope.part.keyed else self._plan.network.names.get(key, key)

    def _shared_layer(self, scope: _Scope, step: Step, layer: Made) -> str:
        """Return the variable of a layer whose weights several steps use, made at the first of them."""
        lines = scope.part.lines
        owner = f"{step.node.shared}/{layer.function}" if step.node.shared else step.key
        if owner not in self._shared:
            self._shared[owner] = scope.take(f"{step.node.shared or step.key}_layer"), len(lines)
            lines.append(Line(self._shared[owner][0], layer.cut(step.layer, self._named(scope, step))))
        variable, number = self._shared[owner]
        declared = lines[number]
        assert isinstance(declared, Line)
        lines[number] = declared._replace(marks=(*declared.marks, Mark(step.key)))
        self._makers[step.key] = variable
        return variable

    def _write_tied(self, scope: _Scope, step: Step, variable: str, read: Sequence[str]) -> None:
        """Write a product with an Embedding's matrix, and what follows it."""
        assert isinstance(step.layer, Affine)
        assert step.tied_to is not None
        product = call(self._makers[step.tied_to], [Code(read[0])], {"reverse": True})
        lines = scope.part.lines
        lines.append(Line(variable, Cut((product,)), None, describe(self._shapes[step.key]), (Mark(step.key),)))
        for layer in after_product(step.layer):
            self._write_made(scope, step, layer, variable, [variable], (Mark(step.key),))
        last = lines[-1]
        assert isinstance(last, Line)
        lines[-1] = last._replace(marks=self._results(scope, step))

    def _named_results(self, scope: _Scope, step: Step) -> list[str]:
        """Name the results of a layer that are read; return all its results, "" being one that nothing reads."""
        results = {0: step, **scope.results.get(step.key, {})}
        read = {index: each for index, each in results.items() if scope.is_read(each.key)}
        scope.variables |= {each.key: self._variable(scope, each.key, None) for each in read.values()}
        return [scope.variables[read[index].key] if index in read else "" for index in range(step.layer.results)]

    def _results(self, scope: _Scope, step: Step) -> tuple[Mark, ...]:
        """Return a mark for each result of a layer that has a variable."""
        keys = [step.key, *(each.key for each in scope.results.get(step.key, {}).values())]
        return tuple(
            Mark(key, scope.variables[key], tuple(range(len(self._shapes[key]) + 1)))
            for key in keys
            if scope.variables.get(key)
        )

    def _comment(self, scope: _Scope, step: Step) -> str:
        """Return the shapes of the results that are read, those that are alike once."""
        keys = [step.key, *(each.key for each in scope.results.get(step.key, {}).values())]
        shapes = list(dict.fromkeys(describe(self._shapes[key]) for key in keys if scope.variables.get(key)))
        return ", ".join(shapes[:3]) + (", ..." if len(shapes) > 3 else "")

    def _variable(self, scope: _Scope, key: str, following: Item | None) -> str:
        """Return ``x`` where the next statement alone reads the result, and a name of its own otherwise."""
        if scope.whole and scope.outputs == (key,):
            return "outputs"
        if key in scope.outputs:
            passing = following is None and len(scope.outputs) == 1
        else:
            passing = following is not None and scope.only_reader(key) is following
        return "x" if passing else scope.take(self._name(scope, key))


def _keyed_uses(part: Part) -> Iterator[Use]:
    """Yield, in order, the calls that are named after their macro in the functions of which there is one call."""
    for use in part.uses:
        if use.part.keyed:
            yield from _keyed_uses(use.part)
        else:
            yield use


def _shape(step: Step) -> Shape:
    if step.output_shape is None:
        raise ValueError(f"the shape of {step.key} is unknown")
    return step.output_shape
