"""Syntax to Network: constants, macros, the sections of a network, and what is wrong with any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from neural.binding.expansion import Expansion
from neural.binding.expressions import FUNCTIONS, CallValue, show_value
from neural.binding.graph import Graph
from neural.binding.macros import Macro, macro_of
from neural.binding.naming import Names
from neural.binding.scope import BindError, Scope, UnknownError
from neural.binding.statements import StatementBinder
from neural.binding.structure import STRUCTURAL
from neural.binding.trace import Trace
from neural.binding.training import TrainingBinder
from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import Repair, RuleError
from neural.layers.catalogue import is_own
from neural.layers.core import DTYPES, Input
from neural.layers.fields import show, whole
from neural.limits import DEFAULT_LIMITS, Limits
from neural.network import Network, Node, Note, Place, Range
from neural.parser.parser import parse_expression
from neural.suggest import shown
from neural.syntax import (
    Define,
    Expression,
    Group,
    InputSection,
    InputShape,
    LayersSection,
    Let,
    NetworkItem,
    OutputSection,
    Program,
    Research,
    Section,
    Sequence,
    SettingSection,
    SettingsSection,
)


class Bound(NamedTuple):
    """The network of a program (None when there is none that could be bound), and what is wrong with the program."""

    network: Network | None
    diagnostics: tuple[Diagnostic, ...]
    trace: Trace | None = None
    """What binding the network's statements went through, for ``rebind``."""


def bind(
    program: Program,
    lines: LineIndex,
    *,
    network: str | None = None,
    values: Mapping[str, int | float] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Bound:
    """Bind the first network of a program, or the one named; ``values`` replace those of its `let` constants."""
    return ProgramBinder(program, lines, dict(values or {}), limits).bind(network)


class ProgramBinder:
    """Binds one program."""

    def __init__(self, program: Program, lines: LineIndex, chosen: dict[str, Any], limits: Limits) -> None:
        self.program = program
        self.chosen = chosen
        self.macros: dict[str, Macro] = {}
        self.constants: dict[str, Any] = {}
        self.notes: list[Note] = []
        self.knobs: dict[str, dict[str, int | float | None]] = {}
        self.names = Names()
        self.graph = Graph(lines, limits, self.names)
        self.trace: Trace | None = None
        self.statements = StatementBinder(self.macros, self.graph)
        self.training = TrainingBinder(
            self.statements.reader, self.statements.evaluator, parse_expression, self.graph.hint
        )

    def bind(self, wanted: str | None) -> Bound:
        """Bind constants, then macros, then the network asked for."""
        taken: dict[str, Range] = {}
        for start, item in self.program.items:
            if isinstance(item, Let):
                self._try(self._let, item, Scope(start, self.constants), taken)
        for start, item in self.program.items:
            if isinstance(item, Define):
                self._try(self._define, item, Scope(start, self.constants), taken)
            elif isinstance(item, Research):
                self._try(self._research, item, Scope(start))
        networks = [(start, item) for start, item in self.program.items if isinstance(item, NetworkItem)]
        self._check_names(networks)
        chosen = [each for each in networks if wanted in (None, each[1].name.text)]
        result = self._network(chosen[0][1], chosen[0][0]) if chosen else None
        if not chosen:
            self._no_network(wanted, networks)
        ordered = sorted(self.graph.diagnostics.values(), key=lambda each: (each.span, each.code))
        return Bound(result, tuple(ordered), self.trace if result else None)

    def _try(self, action: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return action(*arguments)
        except BindError as error:
            self.graph.report(error)
        except UnknownError:
            pass
        return None

    def _no_network(self, wanted: str | None, networks: list[tuple[int, NetworkItem]]) -> None:
        end = self.program.length
        if networks:
            names = ", ".join(f"`{item.name.text}`" for _, item in networks)
            self.graph.report(BindError("N304", f"there is no network `{wanted}`; there are {names}", (end, end)))
        elif not self.graph.diagnostics and not self.program.broken and not self._notes():
            help = "write network Name { input: (28, 28, 1)  layers: Flatten() Output(10) }"
            self.graph.report(BindError("N304", "the program holds no network", (end, end), help=help))

    def _check_names(self, networks: list[tuple[int, NetworkItem]]) -> None:
        """Warn of a network that cannot be asked for, as one before it has its name."""
        seen: dict[str, Range] = {}
        for start, item in networks:
            name, at = item.name.text, Scope(start).at(item.name.range)
            first = seen.setdefault(name, at)
            if name and first is not at:
                message = f"there is a network `{shown(name)}` before, which is the one that is meant by the name"
                self.graph.report(BindError("N305", message, at, related=(("it is here", first),)), "warning")

    def _notes(self) -> bool:
        return any(isinstance(item, Research) for _, item in self.program.items)

    # --- constants, macros, notes ---

    def _let(self, item: Let, scope: Scope, taken: dict[str, Range]) -> None:
        name = item.name.text
        self._take(name, scope.at(item.name.range), taken)
        evaluator = self.statements.evaluator
        try:
            value = evaluator.value(item.value, scope)
            if isinstance(value, CallValue):
                raise BindError(
                    "N208", f"a constant is a number, a string or a tuple, got {show_value(value)}",
                    scope.at(item.value.range), help="a macro can stand for layers",
                )  # fmt: skip
            value = self.chosen.get(name, value)
            knob = self._knob(item, value, scope)
        except (BindError, UnknownError):
            self.constants[name] = UnknownError()
            raise
        self.constants[name] = value
        if knob["value"] is not None:
            self.knobs[name] = knob

    def _knob(self, item: Let, value: Any, scope: Scope) -> dict[str, int | float | None]:
        """Return a constant's value and range as reports show them; the value is None where it is no number."""
        knob: dict[str, int | float | None] = {"value": None, "low": None, "high": None}
        if isinstance(value, int | float) and not isinstance(value, bool):
            knob["value"] = value
        if item.low is not None and item.high is not None:
            number = self.statements.evaluator.number
            knob["low"], knob["high"] = number(item.low, scope), number(item.high, scope)
            self._check_range(item, knob, scope)
        return knob

    def _check_range(self, item: Let, knob: dict[str, int | float | None], scope: Scope) -> None:
        value, low, high = knob["value"], knob["low"], knob["high"]
        assert low is not None
        assert high is not None
        assert item.high is not None
        if high < low:
            message = f"the high end of a range is at least its low end {low}, got {high}"
            raise BindError("N203", message, scope.at(item.high.range))
        if value is not None and not low <= value <= high:
            message = f"`{item.name.text}` is {value}, outside its range {low}..{high}"
            raise BindError("N203", message, scope.at(item.value.range))

    def _take(self, name: str, at: Range, taken: dict[str, Range]) -> None:
        if name and name in taken:
            raise BindError("N305", f"`{name}` is defined twice", at, related=(("here first", taken[name]),))
        taken[name] = at

    def _define(self, item: Define, scope: Scope, taken: dict[str, Range]) -> None:
        name, at = item.name.text, scope.at(item.name.range)
        if is_own(name) or name in STRUCTURAL or name in FUNCTIONS or name == "HPO":
            raise BindError("N305", f"`{name}` is a name of the language", at, help="give the macro another name")
        self._take(name, at, taken)
        seen: dict[str, Range] = {}
        for parameter in item.parameters:
            self._take(parameter.name.text, scope.at(parameter.name.range), seen)
        self.macros[name] = macro_of(item, scope.base, self.constants)

    def _research(self, item: Research, scope: Scope) -> None:
        groups: dict[str, dict[str, Any]] = {}
        for group in item.groups:
            seen: dict[str, Range] = {}
            for pair in group.pairs:
                self._once(pair.key, scope.at(pair.key_range), seen)
                value = self.statements.evaluator.value(pair.value, scope)
                groups.setdefault(group.name, {})[pair.key] = value if _plain(value) else show_value(value)
        self.notes.append(Note(item.name.text if item.name else None, groups))

    def _once(self, key: str, at: Range, seen: dict[str, Range]) -> None:
        if key in seen:
            related = (("it is given here first", seen[key]),)
            raise BindError("N302", f"`{shown(key)}` is given twice", at, related=related)
        seen[key] = at

    # --- the network ---

    def _network(self, item: NetworkItem, start: int) -> Network | None:
        scope = Scope(start, self.constants)
        sections = self._sections(item, scope)
        missing = next((name for name in ("input", "layers") if name not in sections and name not in item.broken), None)
        if missing is not None:
            first = scope.at(item.sections[0].keyword if item.sections else item.name.range)
            example = "input: (28, 28, 1)" if missing == "input" else "layers: Flatten() Output(10)"
            self.graph.report(BindError("N301", f"a network needs `{missing}`", first, help=f"for example {example}"))
        for section in sections.values():
            if isinstance(section, SettingSection):
                self._try(self.training.setting, section, scope)
            elif isinstance(section, SettingsSection):
                self._try(self.training.settings, section, scope)
        inputs, layers = sections.get("input"), sections.get("layers")
        if not isinstance(inputs, InputSection) or not isinstance(layers, LayersSection):
            return None
        if not self._inputs(inputs, scope):
            return None
        return self._finish(item, layers, sections.get("output"), scope)

    def _finish(self, item: NetworkItem, layers: LayersSection, output: Section | None, scope: Scope) -> Network | None:
        binder = self.statements
        too_many = Expansion(self.macros, binder.evaluator, self.graph.limits).excess(layers.block, scope)
        if too_many is not None:
            self.graph.report(too_many)
            return None
        keys = tuple(node.key for node in self.graph.inputs)
        tensors = {key: key for key in keys}
        if len(keys) == 1:
            tensors["input"] = keys[0]
        inner = Scope(scope.base, self.constants, tensors)
        self.trace = Trace(inner, self.macros, self.names.given, self.graph.looks, self.graph.finds)
        last, labels = binder.block_with_labels(layers.block, inner, keys, self.trace)
        self.trace.spent = self.graph.spent
        if self.graph.full:
            return None
        if not self.graph.nodes and not self.graph.diagnostics and not self.program.broken:
            at = scope.at(layers.keyword)
            self.graph.report(BindError("N301", "`layers` holds no layer", at, help="add one, for example Dense(10)"))
        outputs = last
        if isinstance(output, OutputSection):
            outputs = self._try(self._outputs, output, labels, scope) or last
        return Network(
            item.name.text,
            tuple(self.graph.inputs),
            tuple(self.graph.nodes),
            outputs,
            self.training.training(),
            self.knobs,
            tuple(search for _, search in sorted(binder.evaluator.searches.items())),
            tuple(self.notes),
            self.graph.names,
        )

    def _sections(self, item: NetworkItem, scope: Scope) -> dict[str, Section]:
        found: dict[str, Section] = {}
        for section in item.sections:
            name = _section_name(section)
            at = scope.at(section.keyword)
            if name in found:
                first = scope.at(found[name].keyword)
                line = self.graph.lines.position(first[0])[0]
                error = BindError(
                    "N302", f"`{name}` is given twice, first on line {line}", at, related=(("here first", first),)
                )
                self.graph.report(error)
                continue
            found[name] = section
        return found

    def _outputs(self, section: OutputSection, labels: Mapping[str, str], scope: Scope) -> tuple[str, ...]:
        keys = []
        for word in section.names:
            if word.text not in labels:
                raise self.statements.unknown_tensor(word.text, scope.at(word.range), list(labels))
            keys.append(labels[word.text])
        return tuple(keys)

    # --- inputs ---

    def _inputs(self, section: InputSection, scope: Scope) -> bool:
        numbered = len(section.shapes) > 1
        for index, shape in enumerate(section.shapes):
            name = shape.name.text if shape.name else f"input_{index + 1}" if numbered else "input"
            if shape.name and any(node.key == name for node in self.graph.inputs):
                at = scope.at(shape.name.range)
                self.graph.report(BindError("N305", f"the input `{name}` is given twice", at))
                continue
            node = self._try(self._input, name, shape, scope)
            if node is None:
                return False
            self.graph.inputs.append(node)
        if not section.shapes:
            self.graph.report(BindError("N301", "`input` names no input", scope.at(section.keyword)))
        return bool(section.shapes)

    def _input(self, name: str, shape: InputShape, scope: Scope) -> Node:
        items = shape.shape.items if isinstance(shape.shape, Sequence) else (_inner(shape.shape),)
        dims = [self._dimension(item, scope) for item in items]
        if len(dims) > 1 and dims[0] is None:
            dims = dims[1:]
        dtype = None
        if shape.dtype is not None:
            try:
                dtype = DTYPES.read(shape.dtype.text)
            except RuleError as error:
                raise BindError("N203", error.message, scope.at(shape.dtype.range), help=error.help) from None
        start = scope.at(shape.name.range if shape.name else shape.shape.range)
        end = scope.at(shape.dtype.range if shape.dtype else shape.shape.range)
        place = Place((start[0], end[1]), start)
        return Node(self.graph.unique_key(name), Input(tuple(dims), dtype), (), place, "Input")

    def _dimension(self, expression: Expression, scope: Scope) -> int | None:
        value = self.statements.evaluator.value(expression, scope)
        if value is None:
            return None
        size = whole(value)
        if size is None or size < 1:
            shown = show(value) if not isinstance(value, dict) else "{...}"
            raise BindError(
                "N203",
                f"a size is an integer of at least 1, or None, got {shown}",
                scope.at(expression.range),
                repairs=(Repair(f"write {-size}", value=str(-size)),) if size is not None and size < 0 else (),
            )
        return size


def _plain(value: Any) -> bool:
    """Whether a value is a number, a string, true, false or none."""
    return value is None or isinstance(value, str | int | float)


def _inner(expression: Expression) -> Expression:
    return expression.inner if isinstance(expression, Group) else expression


def _section_name(section: Section) -> str:
    if isinstance(section, SettingSection | SettingsSection):
        return section.name
    if isinstance(section, InputSection):
        return "input"
    return "layers" if isinstance(section, LayersSection) else "output"
