"""Statements to nodes: labels, references, blocks, branches, macros, loops and repetition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from neural.binding.arguments import ArgumentReader
from neural.binding.custom import read_custom
from neural.binding.devices import check_device
from neural.binding.expressions import CallValue, Evaluator, SearchValue, show_value
from neural.binding.graph import Graph
from neural.binding.literals import has_literals, known_layer
from neural.binding.macros import Macro, find_macro, macro_names
from neural.binding.places import Given, place_of
from neural.binding.results import add_results, labelled
from neural.binding.scope import BindError, Scope, Tensors, UnknownError, unknown
from neural.binding.structure import STRUCTURAL, check_arity, macro_call, structural
from neural.binding.templates import Templates, Turns
from neural.binding.trace import Mark, Trace
from neural.errors import Repair
from neural.layers.base import Layer
from neural.layers.catalogue import find, meant, names
from neural.layers.custom import Custom, is_custom, keeps_shape
from neural.network import Node, Place, Range, snake_case
from neural.parser.messages import SECTIONS
from neural.suggest import shown
from neural.syntax import (
    Block,
    BranchStatement,
    BrokenStatement,
    Call,
    ForStatement,
    LayerStatement,
    Name,
    Statement,
    StrayStatement,
    Word,
)


class StatementBinder:
    """Binds the statements of one network to the nodes of a graph."""

    def __init__(self, macros: Mapping[str, Macro], graph: Graph) -> None:
        self.macros = macros
        self.graph = graph
        self.evaluator = Evaluator(graph.shape_of)
        self.reader = ArgumentReader(self.evaluator, graph)
        self.templates = Templates(self)
        self._named: dict[str, Range] = {}
        self._fixed: dict[tuple[int, int, int], tuple[tuple[Layer, dict[str, Given], Place], object]] = {}
        """By statement, its base and the call around it (both held): layers that are the same at every repetition."""
        self.copies = 1

    # --- blocks ---

    def block(self, block: Block, scope: Scope, current: Tensors) -> Tensors:
        """Bind a block's statements in order; return what the statement after it reads."""
        return self.block_with_labels(block, scope, current)[0]

    def block_with_labels(
        self, block: Block, scope: Scope, current: Tensors, trace: Trace | None = None
    ) -> tuple[Tensors, dict[str, str]]:
        """Bind a block as ``block`` does; return also the tensors that have a name at its end."""
        tensors = dict(scope.tensors)
        scope = scope.with_tensors(tensors)
        labels: dict[str, Range] = {}
        branches: list[str] = []
        for start, statement in block.statements:
            if self.graph.full:
                break
            if trace is not None:
                self._mark(trace, current)
            here = scope.moved(start)
            current, before = self._statement(statement, here, current), current
            if isinstance(statement, BranchStatement):
                branches = [*branches, statement.name.text]
                tensors[statement.name.text] = current[0] if current else before[0]
                if trace is not None:
                    trace.label(statement.name.text, tensors)
                current = tuple(tensors[name] for name in dict.fromkeys(branches))
                continue
            branches = []
            if isinstance(statement, LayerStatement) and current:
                for index, label in enumerate(statement.labels):
                    self._label(label, here, labels)
                    tensors[label.text] = labelled(self.graph, current, index)
                    if trace is not None:
                        trace.label(label.text, tensors)
        if trace is not None:
            self._mark(trace, current)
        return current, tensors

    def _mark(self, trace: Trace, current: Tensors) -> None:
        graph = self.graph
        events = graph.touched + self.evaluator.searched
        trace.marks.append(Mark(len(graph.nodes), len(trace.given), events, len(graph.looks), current))

    def _label(self, label: Word, scope: Scope, labels: dict[str, Range]) -> None:
        at = scope.at(label.range)
        if label.text in labels:
            related = (("it is given here first", labels[label.text]),)
            self.graph.report(BindError("N305", f"the label `{shown(label.text)}` is given twice", at, related=related))
        labels[label.text] = at

    def _statement(self, statement: Statement, scope: Scope, current: Tensors) -> Tensors:
        broken = True
        self.graph.spend(scope.at((0, 1)))
        if self.graph.full:
            return current
        try:
            match statement:
                case LayerStatement():
                    return self._with_results(statement, scope, current)
                case BranchStatement():
                    return self._branch(statement, scope)
                case ForStatement():
                    return self._for(statement, scope, current)
                case StrayStatement():
                    raise self._stray(statement, scope)
                case BrokenStatement():
                    pass
        except BindError as error:
            self._report(error, statement, scope)
        except UnknownError:
            self.reader.drop_hints()
            broken = False
        if self.graph.full or isinstance(statement, StrayStatement):
            return current
        return (self._broken(statement, scope, current, broken=broken),)

    def _report(self, error: BindError, statement: Statement, scope: Scope) -> None:
        """Report a statement that cannot be bound, unless it was mended, which has its report."""
        self.reader.drop_hints()
        layer = statement if isinstance(statement, LayerStatement) else None
        if layer is not None and error.word in scope.tensors:
            _read_as_tensors(error, layer, scope)
        if scope.call is not None:
            error.repairs = ()  # they are for the library's own text
        if layer is None or not layer.repaired:
            self.graph.report(error)

    def _broken(self, statement: Statement, scope: Scope, inputs: Tensors, *, broken: bool) -> str:
        """Add a node whose result is unknown, in the place of a statement that cannot be bound."""
        self.graph.touched += 1
        labels: tuple[Word, ...] = ()
        if isinstance(statement, LayerStatement):
            word, labels = statement.type, statement.labels
            place = place_of(statement, {}, scope)
        else:
            word = _word(statement)
            place = Place(scope.at((0, statement.length)), scope.at(word.range))
        key = self.graph.unique_key(labels[0].text if labels else snake_case(word.text))
        return self.graph.add(Node(key, None, inputs, place, word.text, scope.group, broken=broken))

    def _stray(self, statement: StrayStatement, scope: Scope) -> BindError:
        found = self._unknown_section(statement.name.text, scope.at(statement.name.range))
        call = statement.value
        if isinstance(call, Call) and (find(call.name) or self._find_macro(call.name, scope)):
            found.help = f"a label is written with an equals sign: {shown(statement.name.text)} = {call.name}(...)"
            found.repairs = (Repair('write "="', value=" = "),)
            found.repair_at = scope.at((statement.name.range[1], call.range[0]))
        return found

    def _unknown_section(self, name: str, at: Range) -> BindError:
        return unknown("N303", f"a network has no section `{shown(name)}`", at, name, SECTIONS)

    def _branch(self, statement: BranchStatement, scope: Scope) -> Tensors:
        source = self._reference(statement.name, scope)
        inner = scope.with_tensors({**scope.tensors, "input": source})
        result = self.block(statement.block, inner, (source,))
        return (self.single(result, scope.at(statement.name.range)),)

    def _for(self, statement: ForStatement, scope: Scope, current: Tensors) -> Tensors:
        low = self.evaluator.integer(statement.low, scope, "the start of a loop")
        high = self.evaluator.integer(statement.high, scope, "the end of a loop")
        at = scope.at(statement.high.range)
        variable = statement.variable.text
        turns = Turns(self.templates, scope, variable)
        with _Copies(self, max(high - low, 1), at):
            for number in range(low, high):
                self.graph.spend(at)
                inner = scope.with_values({variable: number})
                current = turns.take(current, partial(self.block, statement.block, inner, current))
                if self.graph.full:
                    break
                self.copies = 1
        return current

    # --- layers ---

    def _with_results(self, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        begin = len(self.graph.nodes)
        current = self._repeated(statement, scope, current)
        if len(statement.labels) > 1 and current:
            add_results(self.graph, statement, scope, current, begin)
        return current

    def _repeated(self, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        if statement.count is None:
            return self._once(statement, scope, current)
        count = self.evaluator.integer(statement.count, scope, "a repetition", 1, "N309")
        turns = Turns(self.templates, scope)
        with _Copies(self, count, scope.at(statement.count.range)):
            for number in range(count):
                last = number == count - 1
                once = partial(self._once, statement, scope, current, last=last, repeated=number > 0)
                current = turns.take(current, once, kind=last and statement.labels != ())
                if self.graph.full:
                    break
                self.copies = 1
        return current

    def _once(
        self, statement: LayerStatement, scope: Scope, current: Tensors, *, last: bool = True, repeated: bool = False
    ) -> Tensors:
        if statement.device is not None:
            scope = scope._replace(device=check_device(statement.device, scope))
        if statement.references is not None and not repeated:
            current = tuple(self._reference(word, scope) for word in statement.references)
        name = statement.type.text
        macro = self._find_macro(name, scope)
        if macro is not None:
            return macro_call(self, macro, statement, scope, current)
        if name in STRUCTURAL:
            return structural(self, STRUCTURAL[name], statement, scope, current)
        if name == "HPO":
            return self._choice(statement, scope, current)
        return (self._layer(statement, scope, current, last=last),)

    def _find_macro(self, name: str, scope: Scope) -> Macro | None:
        """Return the program's macro of a name, or the standard library's, which alone sees only its own."""
        own = self.macros.get(name) if scope.call is None else None
        return own or find_macro(name)

    def _reference(self, word: Word, scope: Scope) -> str:
        if word.text not in scope.tensors:
            raise self.unknown_tensor(word.text, scope.at(word.range), list(scope.tensors))
        return scope.tensors[word.text]

    def unknown_tensor(self, name: str, at: Range, known: list[str]) -> BindError:
        """Return the report for a name that no tensor has."""
        return unknown("N307", f"no tensor is called `{shown(name)}` here", at, name, known)

    def _layer(self, statement: LayerStatement, scope: Scope, current: Tensors, *, last: bool) -> str:
        layer, given, place = self._known(statement, scope, current)
        type_ = _type_name(layer)
        key = self.key(statement, type_, given, last=last)
        shared = self._shared(given.get("shared"))
        return self.graph.add(Node(key, layer, current, place, type_, scope.group, scope.device, shared=shared))

    def _known(
        self, statement: LayerStatement, scope: Scope, current: Tensors
    ) -> tuple[Layer, dict[str, Given], Place]:
        """Return the layer of a statement, its arguments and its place; those of literals alone are read once."""
        where = id(statement), scope.base, id(scope.call)
        fixed = self._fixed.get(where)
        if fixed is not None:
            made, _ = fixed
            check_arity(made[0], current, made[2])
            return made
        known = known_layer(statement, self.reader)
        if known is not None and known.layer is not None:
            made = known.layer, {}, known.place(scope)
        else:
            made = self._read(statement, scope, current)
        check_arity(made[0], current, made[2])
        if statement.repaired:
            self.reader.drop_hints()
        sized = self.reader.check_sizes(current)
        self.reader.give_hints()
        if not sized and (known is not None or ("tied" not in made[1] and has_literals(statement))):
            self._fixed[where] = made, (statement, scope.call)
        return made

    def _read(self, statement: LayerStatement, scope: Scope, current: Tensors) -> tuple[Layer, dict[str, Given], Place]:
        name = statement.type.text
        if find(name) is None and not is_custom(name):
            raise self._unknown_layer(statement, scope.at(statement.type.range), current)
        if statement.block is not None:
            at = scope.at((statement.block.range[0], statement.block.range[0] + 1))
            raise BindError("N308", f"{name} takes no block", at, help="blocks follow macros, Residual and Parallel")
        if find(name) is not None:
            layer: Layer
            layer, given = self.reader.layer(statement.type, statement.arguments or (), scope)
            return layer, given, place_of(statement, given, scope)
        return self._read_custom(statement, scope)

    def _read_custom(self, statement: LayerStatement, scope: Scope) -> tuple[Layer, dict[str, Given], Place]:
        layer, given = read_custom(self.evaluator, statement, scope)
        if layer.shape is None:
            help = "state its result: output_shape=(...), and parameters=... if it owns any"
            self.graph.report(
                BindError("N702", keeps_shape(layer), scope.at(statement.type.range), help=help), "warning"
            )
        return layer, given, place_of(statement, given, scope)

    def _shared(self, given: Given | None) -> str | None:
        if given is None:
            return None
        if not isinstance(given.value, str) or not given.value.isidentifier() or not given.value.isascii():
            raise BindError("N203", f"shared weights have a name in quotes, got {show_value(given.value)}", given.at)
        return given.value

    def _unknown_layer(self, statement: LayerStatement, at: Range, current: Tensors) -> BindError:
        name, block = statement.type.text, statement.block
        if block and block.statements and all(isinstance(each.statement, StrayStatement) for each in block.statements):
            return self._unknown_section(name, at)
        if ("N201", at) in self.graph.diagnostics:
            raise UnknownError
        shape = (self.graph.shape_of(current[0]) if current else None) or ()
        full = meant(name, len(shape) - 1 if 2 <= len(shape) <= 4 else 2)
        known = [full] if full else [*self.macros, *macro_names(), *names(), *STRUCTURAL]
        otherwise = "define it as a macro, or use a layer of the catalogue"
        message = f"there is no layer or macro `{shown(name)}`"
        return unknown("N201", message, at, full or name, known, otherwise=otherwise)

    def key(self, statement: LayerStatement, type_: str, given: Mapping[str, Given], *, last: bool) -> str:
        """Return the key of a layer: its name, else the label (of the last of a repetition), else its type."""
        name = given.get("name")
        if name is None:
            labels = statement.labels if last else ()
            return self.graph.unique_key(labels[0].text if labels else snake_case(type_))
        self.graph.touched += 1
        if not isinstance(name.value, str) or not name.value.isidentifier() or not name.value.isascii():
            raise BindError("N203", f"a name is a word in quotes, got {show_value(name.value)}", name.at)
        if self.graph.has_key(name.value):
            first = self._named.get(name.value)
            related = (("it is taken here", first),) if first else ()
            raise BindError("N305", f"the name {show_value(name.value)} is taken", name.at, related=related)
        self._named[name.value] = name.at
        return self.graph.unique_key(name.value)

    def single(self, tensors: Tensors, at: Range) -> str:
        """Return the one tensor that a block ends in; raise when there are several."""
        if len(tensors) != 1:
            raise BindError("N307", "this block ends in several tensors", at, help="merge them, for example with Add()")
        return tensors[0]

    def _choice(self, statement: LayerStatement, scope: Scope, current: Tensors) -> Tensors:
        call = Call("HPO", statement.type.range, statement.arguments or (), (0, statement.length))
        found = self.evaluator.value(call, scope)
        assert isinstance(found, SearchValue)
        for value, at in found.alternatives:
            if not isinstance(value, CallValue):
                raise BindError("N203", f"a layer is chosen among layers, got {show_value(value)}", at)
            if self._find_macro(value.name, scope) is None:
                self.reader.layer(Word(value.name, value.call.name_range), value.call.arguments, scope)
        chosen = found.first.call
        return self._once(
            replace(statement, type=Word(chosen.name, chosen.name_range), arguments=chosen.arguments), scope, current
        )


def _type_name(layer: Layer) -> str:
    cls = type(layer)  # an `isinstance` costs as much as all else here
    return cast(Custom, layer).type if cls is Custom else cls.__name__


def _read_as_tensors(error: BindError, statement: LayerStatement, scope: Scope) -> None:
    """Offer to read as tensors what stands among the arguments of a layer, where nothing else does."""
    given, at = statement.arguments or (), statement.arguments_range
    named = [each.value.id for each in given if each.name is None and isinstance(each.value, Name)]
    if (
        at is not None
        and statement.references is None
        and len(named) == len(given)
        and set(named) <= set(scope.tensors)
    ):
        error.repairs = (Repair("read them as tensors", value="()"),)
        error.repair_at = scope.at((at[0], at[0]))


def _word(statement: BranchStatement | ForStatement | StrayStatement | BrokenStatement) -> Word:
    match statement:
        case ForStatement(variable=word) | BrokenStatement(word=word):
            return word
        case _:
            return statement.name


class _Copies:
    """Multiplies the layers that are known to come, so that a repetition beyond the limit is never written out."""

    def __init__(self, binder: StatementBinder, count: int, at: Range) -> None:
        self._binder, self._count, self._at = binder, count, at
        self._outer = binder.copies

    def __enter__(self) -> None:
        graph, limit = self._binder.graph, self._binder.graph.limits.layers
        if self._outer * self._count > limit or len(graph.nodes) + self._count > limit:
            raise graph.too_many(self._at)
        self._binder.copies = self._outer * self._count
        self._binder.templates.demands.append((len(graph.nodes) + self._count, self._binder.copies))

    def __exit__(self, *_: object) -> None:
        self._binder.copies = self._outer
