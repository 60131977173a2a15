"""Statements to nodes: labels, references, blocks, branches, macros, loops and repetition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from neural.binding.arguments import ArgumentReader, Given, place_of
from neural.binding.devices import check_device
from neural.binding.expressions import CallValue, Evaluator, SearchValue, show_value
from neural.binding.macros import Macro, find_macro, macro_names
from neural.binding.scope import BindError, Scope, UnknownError
from neural.diagnostics import Diagnostic, Fix, LineIndex, Related, Severity
from neural.errors import Repair, RuleError
from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS, find
from neural.limits import Limits
from neural.network import Node, Place, Range
from neural.repairs import edits_at
from neural.shapes import Shape
from neural.syntax import (
    Argument,
    Block,
    BranchStatement,
    Call,
    ForStatement,
    LayerStatement,
    Placed,
    StrayStatement,
    Word,
)

Tensors = tuple[str, ...]
"""What a statement without references reads: one tensor, or several after named branches."""

MERGES = {
    layer.lower(): layer for layer in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
} | {"concat": "Concatenate"}
STRUCTURAL = {"Residual": "Residual", "ResidualConnection": "Residual", "Parallel": "Parallel"}
SECTIONS = ("input", "layers", "output", "loss", "optimizer", "metrics", "train", "execution")


def snake_case(name: str) -> str:
    """Return a type's name as Keras names its layers: ``MaxPooling2D`` is ``max_pooling2d``."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


class StatementBinder:
    """Binds the statements of one network to nodes, and collects what is wrong with them."""

    def __init__(self, macros: Mapping[str, Macro], lines: LineIndex, limits: Limits) -> None:
        self.macros = macros
        self.lines = lines
        self.limits = limits
        self.nodes: list[Node] = []
        self.inputs: list[Node] = []
        self.diagnostics: dict[tuple[str, Range], Diagnostic] = {}
        self.evaluator = Evaluator(self._shape_of)
        self.reader = ArgumentReader(self.evaluator, self.hint)
        self._keys: set[str] = set()
        self._named: dict[str, Range] = {}
        self._counts: Counter[str] = Counter()
        self._shapes: dict[str, Shape | None] = {}
        self._shaped = 0
        self._copies = 1
        self._full = False

    # --- reports ---

    def report(self, error: BindError, severity: Severity = "error", fixes: tuple[Fix, ...] = ()) -> None:
        """Take down what is wrong, once for each place however often its statement is expanded."""
        self.diagnostics.setdefault(
            (error.code, error.at),
            Diagnostic(
                error.code,
                severity,
                error.message,
                self.lines.span(*error.at),
                error.help,
                tuple(Related(message, self.lines.span(*at)) for message, at in error.related),
                fixes or edits_at(error.repairs, error.at, self.lines),
            ),
        )

    def hint(self, message: str, at: Range, repairs: tuple[Repair, ...]) -> None:
        self.report(BindError("N701", message, at, repairs=repairs), "hint")

    # --- shapes, for size(...) ---

    def _shape_of(self, key: str) -> Shape | None:
        if not self._shapes:
            self._shapes = {node.key: node.layer.output_shape(()) for node in self.inputs if node.layer}
        for node in self.nodes[self._shaped :]:
            self._shapes[node.key] = self._infer(node)
        self._shaped = len(self.nodes)
        return self._shapes[key]

    def _infer(self, node: Node) -> Shape | None:
        shapes = [self._shapes[key] for key in node.inputs]
        known = tuple(shape for shape in shapes if shape is not None)
        if node.layer is None or len(known) != len(shapes):
            return None
        try:
            return node.layer.output_shape(known)
        except RuleError:
            return None

    # --- nodes ---

    def unique_key(self, wanted: str) -> str:
        """Return a key that no node has: the one wanted, or with a number after it."""
        key, number = wanted, self._counts[wanted]
        while key in self._keys:
            number += 1
            key = f"{wanted}_{number}"
        self._counts[wanted] = number
        self._keys.add(key)
        return key

    def _add(self, node: Node) -> str:
        if len(self.nodes) >= self.limits.layers:
            self._full = True
            raise BindError("N310", f"a network has at most {self.limits.layers} layers", node.place.type)
        self.nodes.append(node)
        return node.key

    def _broken(self, statement: LayerStatement, scope: Scope, inputs: Tensors, *, broken: bool) -> str:
        word = statement.label or statement.type
        key = self.unique_key(word.text if statement.label else snake_case(word.text))
        place = place_of(statement, {}, scope)
        return self._add(Node(key, None, inputs, place, statement.type.text, scope.group, broken=broken))

    def group(self, scope: Scope, name: str) -> Scope:
        """Return a scope whose nodes are one more group, for one call of a macro or structural block."""
        self._counts[f"group {name}"] += 1
        return replace(scope, group=(*scope.group, f"{name}_{self._counts[f'group {name}']}"))

    # --- blocks ---

    def block(self, block: Block, scope: Scope, current: Tensors) -> Tensors:
        """Bind a block's statements in order; return what the statement after it reads."""
        return self.block_with_labels(block, scope, current)[0]

    def block_with_labels(self, block: Block, scope: Scope, current: Tensors) -> tuple[Tensors, dict[str, str]]:
        """Bind a block as ``block`` does; return also the tensors that have a name at its end."""
        scope = replace(scope, tensors=dict(scope.tensors))
        labels: dict[str, Range] = {}
        branches: list[str] = []
        for placed in block.statements:
            if self._full:
                break
            here = replace(scope, base=scope.base + placed.start)
            statement = placed.statement
            if isinstance(statement, BranchStatement):
                result = self._branch(statement, here)
                branches = [*branches, statement.name.text]
                scope.tensors[statement.name.text] = result
                current = tuple(scope.tensors[name] for name in dict.fromkeys(branches))
                continue
            branches = []
            current = self._statement(statement, here, current)
            if isinstance(statement, LayerStatement) and statement.label is not None and current:
                self._label(statement.label, here, labels, current)
                scope.tensors[statement.label.text] = current[0]
        return current, scope.tensors

    def _label(self, label: Word, scope: Scope, labels: dict[str, Range], current: Tensors) -> None:
        at = scope.at(label.range)
        if label.text in labels:
            related = (("it is given here first", labels[label.text]),)
            self.report(BindError("N305", f"the label `{label.text}` is given twice", at, related=related))
        labels[label.text] = at

    def _statement(self, statement: Any, scope: Scope, current: Tensors) -> Tensors:
        try:
            if isinstance(statement, ForStatement):
                return self._for(statement, scope, current)
            if isinstance(statement, StrayStatement):
                self._stray(statement, scope)
                return current
            return self._repeated(statement, scope, current)
        except BindError as error:
            self.report(error)
            broken = True
        except UnknownError:
            broken = False
        if self._full or not isinstance(statement, LayerStatement):
            return current
        return (self._broken(statement, scope, current, broken=broken),)

    def _stray(self, statement: StrayStatement, scope: Scope) -> None:
        name, at = statement.name.text, scope.at(statement.name.range)
        close = get_close_matches(name, SECTIONS, n=1, cutoff=0.6)
        raise BindError(
            "N303",
            f"a network has no section `{name}`",
            at,
            help=f"did you mean `{close[0]}`?" if close else f"its sections are {', '.join(SECTIONS)}",
            repairs=tuple(Repair(f"write `{section}`", value=section) for section in close),
        )

    def _branch(self, statement: BranchStatement, scope: Scope) -> str:
        name = statement.name
        if name.text not in scope.tensors:
            error = self.unknown_tensor(name.text, scope.at(name.range), list(scope.tensors))
            self.report(error)
            place = Place(scope.at((0, statement.length)), scope.at(name.range))
            node = Node(self.unique_key(name.text), None, (), place, name.text, scope.group, broken=True)
            return self._add(node)
        source = scope.tensors[name.text]
        inner = replace(scope, tensors={**scope.tensors, "input": source})
        return self._single(self.block(statement.block, inner, (source,)), scope.at(name.range))

    def _for(self, statement: ForStatement, scope: Scope, current: Tensors) -> Tensors:
        low = self.evaluator.integer(statement.low, scope, "the start of a loop", -(2**62))
        high = self.evaluator.integer(statement.high, scope, "the end of a loop", -(2**62))
        at = scope.at(statement.high.range)
        with _Copies(self, max(high - low, 1), at):
            for number in range(low, high):
                current = self.block(statement.block, scope.with_values({statement.variable.text: number}), current)
                if self._full:
                    break
                self._copies = 1
        return current

    # --- layers ---

    def _repeated(self, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        if statement.count is None:
            return self._once(statement, scope, current)
        count = self.evaluator.integer(statement.count, scope, "a repetition", 1, "N309")
        with _Copies(self, count, scope.at(statement.count.range)):
            for number in range(count):
                current = self._once(statement, scope, current, last=number == count - 1, repeated=number > 0)
                if self._full:
                    break
                self._copies = 1
        return current

    def _once(
        self, statement: LayerStatement, scope: Scope, current: Tensors, *, last: bool = True, repeated: bool = False
    ) -> Tensors:
        if statement.references is not None and not repeated:
            current = tuple(self._reference(word, scope) for word in statement.references)
        name = statement.type.text
        macro = self.macros.get(name) or find_macro(name)
        if macro is not None:
            return self._macro(macro, statement, scope, current)
        if name in STRUCTURAL:
            return self._structural(STRUCTURAL[name], statement, scope, current)
        if name == "HPO":
            return self._choice(statement, scope, current)
        return (self._layer(statement, scope, current, last=last),)

    def _reference(self, word: Word, scope: Scope) -> str:
        if word.text not in scope.tensors:
            raise self.unknown_tensor(word.text, scope.at(word.range), list(scope.tensors))
        return scope.tensors[word.text]

    def unknown_tensor(self, name: str, at: Range, known: list[str]) -> BindError:
        """Return the report for a name that no tensor has."""
        close = get_close_matches(name, known, n=1, cutoff=0.6)
        return BindError(
            "N307",
            f"no tensor is called `{name}` here",
            at,
            help=f"did you mean `{close[0]}`?" if close else f"in scope are {', '.join(known)}",
            repairs=tuple(Repair(f"write `{each}`", value=each) for each in close),
        )

    def _layer(self, statement: LayerStatement, scope: Scope, current: Tensors, *, last: bool) -> str:
        name = statement.type.text
        if find(name) is None:
            raise self._unknown_layer(name, scope.at(statement.type.range))
        if statement.block is not None:
            at = scope.at((statement.block.range[0], statement.block.range[0] + 1))
            raise BindError("N308", f"{name} takes no block", at, help="blocks follow macros, Residual and Parallel")
        layer, given = self.reader.layer(statement.type, statement.arguments or (), scope)
        place = place_of(statement, given, scope)
        self._check_arity(layer, current, place)
        key = self._key(statement, layer, given, last)
        device = check_device(statement.device, scope) if statement.device is not None else None
        type_ = type(layer).__name__
        shared = self._shared(given.get("shared"))
        return self._add(Node(key, layer, current, place, type_, scope.group, device, shared=shared))

    def _shared(self, given: Given | None) -> str | None:
        if given is None:
            return None
        if not isinstance(given.value, str) or not given.value.isidentifier() or not given.value.isascii():
            raise BindError("N203", f"shared weights have a name in quotes, got {show_value(given.value)}", given.at)
        return given.value

    def _unknown_layer(self, name: str, at: Range) -> BindError:
        if name in ("trian", "training"):
            return BindError(
                "N303", f"a network has no section `{name}`", at, repairs=(Repair("write `train`", value="train"),)
            )
        known = [*self.macros, *macro_names(), *LAYERS, *STRUCTURAL]
        lowered = {each.lower(): each for each in known}
        close = [lowered[each] for each in get_close_matches(name.lower(), list(lowered), n=3, cutoff=0.6)]
        return BindError(
            "N201",
            f"there is no layer or macro `{name}`",
            at,
            help=f"did you mean {close[0]}?" if close else "the layers are listed at /layers",
            repairs=tuple(Repair(f"write {each}", value=each) for each in close),
        )

    def _check_arity(self, layer: Layer, current: Tensors, place: Place) -> None:
        least, most = layer.arity
        if least <= len(current) <= most:
            return
        name = type(layer).__name__
        if most == 0:
            raise BindError("N307", f"{name} is no step of a chain", place.type, help="state it in `input:`")
        reads = f"{least}" if least == most else f"at least {least}" if most > 99 else f"{least} to {most}"
        tensors = f"{reads} tensor{'s' * (reads != '1')}"
        raise BindError(
            "N307",
            f"{name} reads {tensors}, and here it is given {len(current)}",
            place.type,
            help=f"name what it reads in a second pair of parentheses: {name}(...)(a{', b' * (least > 1)})",
        )

    def _key(self, statement: LayerStatement, layer: Layer, given: Mapping[str, Given], last: bool) -> str:
        name = given.get("name")
        if name is None:
            label = statement.label if last else None
            return self.unique_key(label.text if label else snake_case(type(layer).__name__))
        if not isinstance(name.value, str) or not name.value.isidentifier() or not name.value.isascii():
            raise BindError("N203", f"a name is a word in quotes, got {show_value(name.value)}", name.at)
        if name.value in self._keys:
            first = self._named.get(name.value)
            related = (("it is taken here", first),) if first else ()
            raise BindError("N305", f"the name {show_value(name.value)} is taken", name.at, related=related)
        self._named[name.value] = name.at
        return self.unique_key(name.value)

    def _single(self, tensors: Tensors, at: Range) -> str:
        if len(tensors) != 1:
            raise BindError("N307", "this block ends in several tensors", at, help="merge them, for example with Add()")
        return tensors[0]

    # --- search, structural blocks, macros ---

    def _choice(self, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        call = Call("HPO", statement.type.range, statement.arguments or (), (0, statement.length))
        found = self.evaluator.value(call, scope)
        assert isinstance(found, SearchValue)
        for value, at in found.alternatives:
            if not isinstance(value, CallValue):
                raise BindError("N203", f"a layer is chosen among layers, got {show_value(value)}", at)
            if value.name not in self.macros and find_macro(value.name) is None:
                self.reader.layer(Word(value.name, value.call.name_range), value.call.arguments, scope)
        chosen = found.first.call
        return self._once(
            replace(statement, type=Word(chosen.name, chosen.name_range), arguments=chosen.arguments), scope, current
        )

    def _structural(self, name: str, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        at = scope.at(statement.type.range)
        if statement.block is None:
            raise BindError("N308", f"{name} needs a block", at, help=f"{name}() {{ ... }}")
        source = self._single(current, at)
        merge, given = self._merge(name, statement, scope)
        inner = replace(self.group(scope, name), tensors={**scope.tensors, "input": source})
        if name == "Residual":
            result = self._single(self.block(statement.block, inner, (source,)), at)
            tensors: Tensors = (source, result)
        else:
            tensors = tuple(self._parallel_branch(placed, inner, source) for placed in statement.block.statements)
        place = place_of(statement, given, scope)
        self._check_arity(merge, tensors, place)
        key = self._key(statement, merge, given, last=True)
        return (self._add(Node(key, merge, tensors, place, type(merge).__name__, inner.group)),)

    def _parallel_branch(self, placed: Placed, scope: Scope, source: str) -> str:
        here = scope.moved(placed.start)
        statement = placed.statement
        if isinstance(statement, BranchStatement):
            return self._single(self.block(statement.block, here, (source,)), here.at(statement.name.range))
        at = here.at((0, statement.length))
        raise BindError("N308", "a branch of Parallel is `name: { ... }`", at)

    def _merge(self, name: str, statement: LayerStatement, scope: Scope) -> tuple[Layer, dict[str, Given]]:
        merge, rest = Word("Add" if name == "Residual" else "Concatenate", statement.type.range), []
        for argument in statement.arguments or ():
            if argument.name not in (None, "merge"):
                rest.append(argument)
                continue
            value = self.evaluator.value(argument.value, scope)
            if not isinstance(value, str) or value.lower() not in MERGES:
                known = ", ".join(f'"{each}"' for each in MERGES)
                at = scope.at(argument.value.range)
                raise BindError("N203", f"`merge`: expected one of {known}, got {show_value(value)}", at)
            merge = Word(MERGES[value.lower()], statement.type.range)
        return self.reader.layer(merge, rest, scope)

    def _macro(self, macro: Macro, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        at = scope.at(statement.type.range)
        if macro.name in scope.macros:
            chain = " -> ".join((*scope.macros[scope.macros.index(macro.name) :], macro.name))
            raise BindError("N306", f"the macro `{macro.name}` reaches itself: {chain}", at)
        if len(scope.macros) >= self.limits.depth:
            raise BindError("N106", f"macros are nested at most {self.limits.depth} deep", at)
        inside = self.group(scope, macro.name)
        if statement.block is not None:
            block_input = self._single(current, at)
            current = self.block(
                statement.block, replace(inside, tensors={**scope.tensors, "input": block_input}), (block_input,)
            )
        tensors = dict(zip(macro.input_names(len(current)), current, strict=True))
        call = scope.call or (place_of(statement, {}, scope) if macro.library else None)
        body = Scope(macro.start, {}, tensors, inside.group, (*scope.macros, macro.name), call)
        values = self._parameters(macro, statement, scope, body)
        result = self.block(macro.block, replace(body, values=values), current)
        if not result:
            raise BindError("N308", f"the macro `{macro.name}` makes no layer", at)
        return result

    def _parameters(self, macro: Macro, statement: LayerStatement, scope: Scope, body: Scope) -> dict[str, Any]:
        at = scope.at(statement.type.range)
        given = self._macro_arguments(macro, statement.arguments or (), scope)
        values: dict[str, Any] = dict(macro.values)
        for parameter in macro.parameters:
            name = parameter.name.text
            if name in given:
                value = given[name]
                values[name] = value.first if isinstance(value, SearchValue) else value
            elif parameter.default is not None:
                values[name] = self.evaluator.value(parameter.default, replace(body, values=values))
            else:
                raise BindError("N204", f"{macro.name} needs `{name}`", at)
        return values

    def _macro_arguments(self, macro: Macro, written: tuple[Argument, ...], scope: Scope) -> dict[str, Any]:
        names = [parameter.name.text for parameter in macro.parameters]
        given: dict[str, Any] = {}
        for index, argument in enumerate(written):
            at = scope.at(argument.name_range or argument.value.range)
            if argument.name is None and index >= len(names):
                takes = f"{len(names)} argument{'s' * (len(names) != 1)}" if names else "no arguments"
                raise BindError("N205", f"{macro.name} takes {takes}", at)
            name = argument.name or names[index]
            if name not in names:
                close = get_close_matches(name, names, n=1, cutoff=0.6)
                help = f"did you mean `{close[0]}`?" if close else f"it takes {', '.join(names) or 'no arguments'}"
                repairs = tuple(Repair(f"write `{each}`", value=each) for each in close)
                raise BindError("N202", f"{macro.name} has no argument `{name}`", at, help=help, repairs=repairs)
            if name in given:
                raise BindError("N206", f"`{name}` is given twice", at)
            given[name] = self.evaluator.value(argument.value, scope)
        return given


class _Copies:
    """Multiplies the layers that are known to come, so that a repetition beyond the limit is never written out."""

    def __init__(self, binder: StatementBinder, count: int, at: Range) -> None:
        self._binder, self._count, self._at = binder, count, at
        self._outer = binder._copies

    def __enter__(self) -> None:
        binder = self._binder
        binder._copies = self._outer * self._count
        if binder._copies > binder.limits.layers or len(binder.nodes) + self._count > binder.limits.layers:
            binder._copies = self._outer
            limit = binder.limits.layers
            raise BindError("N310", f"a network has at most {limit} layers, and this asks for more", self._at)

    def __exit__(self, *_: object) -> None:
        self._binder._copies = self._outer
