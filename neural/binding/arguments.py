"""Arguments as written to a typed layer: positions, names, aliases, and the rules of each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from neural.binding.expressions import CallValue, Evaluator, SearchValue, show_value
from neural.binding.graph import Graph
from neural.binding.places import Given, rule_error
from neural.binding.scope import BindError, Scope, Tensors, unknown
from neural.binding.tied import matrix_of
from neural.errors import Repair, RuleError
from neural.layers.base import Layer, type_name
from neural.layers.catalogue import find, is_alias
from neural.layers.core import EmbeddingName
from neural.layers.fields import Argument, Choice, LayerValue, meant_number, number_in
from neural.layers.spellings import ORDERS, STATED, accepted, keras_order, required, torch_order
from neural.network import Range
from neural.records import dataclass
from neural.shapes import describe
from neural.suggest import shown
from neural.syntax import Argument as Written
from neural.syntax import Expression, Literal, Word

#: Arguments that every layer takes.
COMMON = ("name", "shared")


_STATED_BY_INPUT = "`input:` states the shape of the input, and each layer takes that of the one before it"
#: Arguments of other libraries that no layer has here, and where what they say is said.
_ELSEWHERE = dict.fromkeys(("input_shape", "batch_input_shape", "batch_shape"), _STATED_BY_INPUT)


@dataclass(slots=True)
class Matched:
    """Arguments sorted to the parameters they are for."""

    values: dict[str, Given] = field(default_factory=dict)
    written: tuple[Written, ...] = ()
    """Every argument of the call, those to come included."""

    def add(self, name: str, given: Given) -> None:
        """Take an argument; raise when the parameter has one already."""
        if name in self.values:
            raise BindError(
                "N206",
                f"`{name}` is given twice",
                given.name_at or given.at,
                related=((f"`{name}` is given here first", self.values[name].at),),
            )
        self.values[name] = given


class ArgumentReader:
    """Makes layers of what is written. A spelling that is read but is not canonical gets a hint, once a program."""

    def __init__(self, evaluator: Evaluator, graph: Graph) -> None:
        self.evaluator = evaluator
        self.graph = graph
        self._hints: list[tuple[str, Range, tuple[Repair, ...]]] = []
        self._sizes: list[tuple[str, int, Range, str]] = []

    def _hint(self, message: str, at: Range, repairs: tuple[Repair, ...]) -> None:
        self._hints.append((message, at, repairs))

    @property
    def has_notes(self) -> bool:
        """Whether something is noted that is not reported yet."""
        return bool(self._hints or self._sizes)

    def give_hints(self) -> None:
        """Report the hints on a statement that turned out to be right."""
        if self._hints or self._sizes:
            for hint in self._hints:
                self.graph.hint(*hint)
            self.drop_hints()

    def drop_hints(self) -> None:
        """Forget what is noted of a statement that is broken: it has a report of its own."""
        self._hints.clear()
        self._sizes.clear()

    def check_sizes(self, current: Tensors) -> bool:
        """Report the input sizes that a statement gives, as PyTorch has them, where its input has others.

        Return whether it gives any.
        """
        for name, size, at, help in self._sizes:
            shape = self.graph.shape_of(current[0])
            if shape and shape[-1] not in (None, size):
                error = BindError(
                    "N401",
                    f"{size} != {shape[-1]}: `{name}` is the size of the input's last axis, "
                    f"and {describe(shape)} has {shape[-1]} there",
                    at,
                    help=help,
                    repairs=(Repair(f"write {shape[-1]}", value=str(shape[-1])),),
                )
                self.graph.report(error)
                self._hints.clear()
        return bool(self._sizes)

    # --- layers ---

    def layer(self, type_: Word, written: Iterable[Written], scope: Scope) -> tuple[Layer, dict[str, Given]]:
        """Return a layer of the catalogue with its arguments as given; raise ``BindError``."""
        cls = find(type_.text)
        if cls is None:
            raise BindError("N201", f"there is no layer `{shown(type_.text)}`", scope.at(type_.range))
        if type_.text != cls.__name__ and is_alias(type_.text):
            repair = Repair(f"write {cls.__name__}", value=cls.__name__)
            self._hint(f"{type_.text} is read as {cls.__name__}", scope.at(type_.range), (repair,))
        arguments, written = accepted(cls), list(written)
        matched = self._match(type_.text, arguments, written, scope, order=_order(type_.text, cls, written))
        values = {
            name: self._read(name, arguments[name], given, scope)
            for name, given in matched.values.items()
            if name in arguments
        }
        self._take_size(type_.text, cls, values, matched)
        values = dict(cls.completed(values))
        if not values.keys() >= required(cls):
            raise _missing(cls.__name__, arguments, values, scope.at(type_.range))
        try:
            return cls(**values), matched.values
        except RuleError as error:
            raise rule_error(error, scope.at(type_.range), matched.values) from None

    def plain_layer(self, type_: Word, written: Iterable[Written]) -> tuple[Layer, dict[str, Given]] | None:
        """Return what ``layer`` does, with places in the statement; None where more is to be said."""
        hints, sizes = len(self._hints), len(self._sizes)
        try:
            made = self.layer(type_, written, Scope())
        except BindError:
            made = None
        noted = len(self._hints) > hints or len(self._sizes) > sizes
        del self._hints[hints:], self._sizes[sizes:]
        return None if noted else made

    def _take_size(self, spelling: str, cls: type[Layer], values: dict[str, Any], matched: Matched) -> None:
        """Take out what says what is so anyway, and note the size that PyTorch states of the input's last axis."""
        name = STATED.get(cls.__name__, "")
        values.pop("data_format", None)
        if name in values:
            (size,), given = values.pop(name), matched.values[name]
            self._hint(f"`{name}` is compared with the input and left out", given.name_at or given.at, ())
            if values.get("axis", -1) == -1:
                named = given.name_at is not None
                order = f"{spelling} takes PyTorch's order of arguments, {cls.__name__} Keras's"
                help = "leave it out: a layer takes the size of its input" if named else order
                self._sizes.append((name, size, given.at, help))

    def _read(self, name: str, argument: Argument, given: Given, scope: Scope) -> Any:
        value = given.value
        if not isinstance(value, int | float):
            value = self._resolved(name, argument, given, scope)
        try:
            return argument.kind.read(value)
        except RuleError as error:
            help, repairs = meant_number(argument.kind, value) or (error.help or argument.doc, error.repairs)
            raise BindError("N203", f"`{name}`: {error.message}", given.at, help=help, repairs=repairs) from None

    def _resolved(self, name: str, argument: Argument, given: Given, scope: Scope) -> Any:
        """Return a value with the layers in it made, and its names found; that of a search is its first."""
        value = given.value
        if isinstance(value, SearchValue):
            for alternative, at in value.alternatives:
                self._read(name, argument, Given(alternative, at, None), scope)
            return self._resolved(name, argument, Given(value.first, given.at, None), scope)
        if isinstance(value, CallValue):
            return self._inner(name, argument, value, given.at)
        if isinstance(value, tuple | list) and isinstance(argument.kind, LayerValue):
            return tuple(
                self._inner(name, argument, each, given.at) if isinstance(each, CallValue) else each for each in value
            )
        if isinstance(argument.kind, EmbeddingName) and isinstance(value, str):
            return matrix_of(self.graph, value, scope, given.at)
        return value

    def _inner(self, name: str, argument: Argument, value: CallValue, at: Range) -> Layer:
        """Return the layer that stands as an argument of another one."""
        if not isinstance(argument.kind, LayerValue):
            message = f"`{name}`: expected {argument.kind.words}, got {show_value(value)}"
            named = isinstance(argument.kind, Choice) and argument.kind.knows(value.name) and not value.call.arguments
            quoted = f'"{value.name.lower()}"'
            raise BindError("N203", message, at, repairs=(Repair(f"use {quoted}", value=quoted),) if named else ())
        call = value.call
        layer, given = self.layer(Word(call.name, call.name_range), call.arguments, value.scope)
        if getattr(layer, "tied", None):
            message = f"a {type_name(layer)} within another layer has a kernel of its own"
            raise BindError("N203", message, given["tied"].at, help="put it on the whole sequence instead")
        return layer

    # --- matching ---

    def match(
        self, what: str, arguments: Mapping[str, Argument], written: Iterable[Written], scope: Scope
    ) -> dict[str, Any]:
        """Return checked values by name for a choice that is no layer, such as an optimizer."""
        matched = self._match(what, arguments, written, scope, common=())
        return {name: self._read(name, arguments[name], given, scope) for name, given in matched.values.items()}

    def _match(
        self,
        what: str,
        arguments: Mapping[str, Argument],
        written: Iterable[Written],
        scope: Scope,
        common: tuple[str, ...] = COMMON,
        order: Iterable[str] | None = None,
    ) -> Matched:
        matched, left, named = Matched({}, tuple(written)), list(arguments if order is None else order), False
        for each in matched.written:
            at = scope.at(each.value.range)
            if each.name is None:
                if named:
                    raise BindError("N205", "a value without a name stands before those with one", at)
                value = self._evaluated(each.value, scope, arguments, left)
                self._positional(what, arguments, left, matched, Given(value, at, None))
                continue
            named = True
            name = self._name(what, each, arguments, matched, scope, common)
            value = self._evaluated(each.value, scope, arguments, (name,))
            matched.add(name, Given(value, at, scope.at(each.name_range or (0, 0))))
        return matched

    def _evaluated(
        self, value: Expression, scope: Scope, arguments: Mapping[str, Argument], names: Iterable[str]
    ) -> Any:
        """Return a value; a bare word that should have been a string for one of the names gets quotes as its fix."""
        try:
            return self.evaluator.value(value, scope)
        except BindError as error:
            kinds = [arguments[name].kind for name in names if name in arguments]
            if error.word and any(isinstance(kind, Choice) and kind.knows(error.word) for kind in kinds):
                error.repairs += (Repair("put it in quotes", value=f'"{error.word}"'),)
            elif error.word and find(error.word) and any(isinstance(kind, LayerValue) for kind in kinds):
                error.help = f"a layer stands with its arguments: {error.word}(...)"
            raise

    def _positional(
        self, what: str, arguments: Mapping[str, Argument], order: list[str], matched: Matched, given: Given
    ) -> None:
        """Give a value to the next parameter, or a bare string to the activation."""
        activation = "activation" in arguments and "activation" not in matched.values
        skips = activation and isinstance(given.value, str) and number_in(given.value) is None
        if order and not (skips and _is_activation(arguments, arguments[order[0]], given.value)):
            name = order.pop(0)
            if name in matched.values and order:
                name = order.pop(0)
            matched.add(name, given)
        elif activation:
            matched.add("activation", given)
        else:
            takes = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}" if arguments else "no arguments"
            raise BindError("N205", f"{what} takes {takes}, {show_value(given.value)} is one too many", given.at)

    def _name(
        self,
        what: str,
        each: Written,
        arguments: Mapping[str, Argument],
        matched: Matched,
        scope: Scope,
        common: tuple[str, ...],
    ) -> str:
        written, at = each.name or "", scope.at(each.name_range or (0, 0))
        if each.colon:
            self._hint(f"`{written}: value` is read as `{written}=value`", at, ())
        if written in arguments or written in common:
            return written
        for name, argument in arguments.items():
            if written in argument.aliases and written == argument.keras:
                return name
            if written in argument.aliases:
                self._hint(f"`{written}` is read as `{name}`", at, (Repair(f"write {name}", value=name),))
                return name
        otherwise = _ELSEWHERE.get(written) or f"it takes {', '.join((*arguments, *common))}"
        named = {each.name for each in matched.written}
        known = [name for name in (*arguments, *common) if name not in matched.values and name not in named]
        raise unknown("N202", f"{what} has no argument `{shown(written)}`", at, written, known, otherwise=otherwise)


def _order(spelling: str, cls: type[Layer], written: list[Written]) -> tuple[str, ...]:
    """Return the order in which a call gives its values; a bare string is the activation and has no place in it."""
    if spelling not in ORDERS:
        return keras_order(cls)
    values = [each.value for each in written if each.name is None]
    count = sum(not (isinstance(value, Literal) and isinstance(value.value, str)) for value in values)
    return torch_order(spelling, cls, count, frozenset(each.name for each in written if each.name))


def _missing(name: str, arguments: Mapping[str, Argument], values: Mapping[str, Any], at: Range) -> BindError:
    missing = [key for key, argument in arguments.items() if argument.required and key not in values]
    words, first = " and ".join(f"`{key}`" for key in missing), arguments[missing[0]]
    return BindError("N204", f"{name} needs {words}", at, help=f"`{missing[0]}`: {first.kind.words}. {first.doc}")


def _is_activation(arguments: Mapping[str, Argument], next_one: Argument, value: str) -> bool:
    """Whether a bare string is the activation rather than a value of the parameter whose turn it is."""
    knows = getattr(next_one.kind, "knows", None)
    if knows is None:
        return True
    activation = arguments["activation"].kind
    return not knows(value) and isinstance(activation, Choice) and activation.knows(value)
