"""Losses, optimizers, schedules, metrics, `train` and `execution`, checked as layers' arguments are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from neural.binding.arguments import ArgumentReader
from neural.binding.devices import known_device
from neural.binding.expressions import CallValue, Evaluator, SearchValue, show_value
from neural.binding.scope import BindError, Scope, unknown
from neural.errors import Repair, RuleError
from neural.layers.fields import Argument, meant_number, number_in, show
from neural.network import Range, Setting, Training
from neural.records import dataclass
from neural.suggest import shown
from neural.syntax import Argument as Written
from neural.syntax import Call, Expression, Literal, Name, Sequence, SettingSection, SettingsSection
from neural.syntax import Mapping as MappingSyntax
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, PRECISION, SCHEDULES, TRAIN, Entry, find_entry

ParseCall = Callable[[str], Expression | None]


@dataclass(slots=True)
class TrainingBinder:
    """Binds the sections about training. ``parse_expression`` reads the older quoted form of an optimizer."""

    reader: ArgumentReader
    evaluator: Evaluator
    parse_expression: ParseCall
    hint: Callable[[str, Range, tuple[Repair, ...]], None]
    result: dict[str, Any] = field(default_factory=dict)

    def training(self) -> Training:
        """Return all that was bound."""
        return Training(**self.result)

    def setting(self, section: SettingSection, scope: Scope) -> None:
        """Bind `loss`, `optimizer` or `metrics`."""
        if section.name == "optimizer":
            self.result["optimizer"] = self._named("optimizer", OPTIMIZERS, section.value, scope)
            return
        entries = LOSSES if section.name == "loss" else METRICS
        what = "loss" if section.name == "loss" else "metric"
        self.result[section.name] = self._several(what, entries, section.value, scope)

    def settings(self, section: SettingsSection, scope: Scope) -> None:
        """Bind `train` or `execution`."""
        read = self._execution if section.name == "execution" else self._train
        values: dict[str, Any] = {}
        places: dict[str, Range] = {}
        for pair in section.pairs:
            at = scope.at(pair.key_range)
            if pair.key in places:
                related = (("it is given here first", places[pair.key]),)
                raise BindError("N302", f"`{pair.key}` is given twice", at, related=related)
            places[pair.key] = at
            values[pair.key] = read(pair.key, at, pair.value, scope)
        self.result["settings" if section.name == "train" else "execution"] = values

    # --- names with arguments ---

    def _several(self, what: str, entries: Mapping[str, Entry], value: Expression, scope: Scope) -> tuple[Setting, ...]:
        if isinstance(value, MappingSyntax):
            return tuple(
                Setting(each.name, each.arguments, pair.key)
                for pair in value.pairs
                for each in self._list(what, entries, pair.value, scope)
            )
        return self._list(what, entries, value, scope)

    def _list(self, what: str, entries: Mapping[str, Entry], value: Expression, scope: Scope) -> tuple[Setting, ...]:
        items = value.items if isinstance(value, Sequence) else (value,)
        return tuple(self._named(what, entries, item, scope) for item in items)

    def _named(self, what: str, entries: Mapping[str, Entry], value: Expression, scope: Scope) -> Setting:
        if isinstance(value, Literal) and isinstance(value.value, str) and "(" in value.value:
            return self._quoted(what, entries, value.value, scope.at(value.range), scope)
        name, arguments = _parts(what, value, scope)
        at = scope.at(value.name_range if isinstance(value, Call) else value.range)
        entry = find_entry(entries, name)
        if entry is None:
            quote = isinstance(value, Literal)
            raise unknown("N501", f"there is no {what} {show(name)}", at, name, entries, quote=quote)
        setting = Setting(entry.name, self._arguments(entry, arguments, scope, at))
        self.reader.give_hints()
        return setting

    def _quoted(self, what: str, entries: Mapping[str, Entry], text: str, at: Range, scope: Scope) -> Setting:
        """Read the older form in which a call stands in quotes."""
        call = self.parse_expression(text)
        if not isinstance(call, Call):
            raise BindError("N501", f"a name is needed for the {what}", at)
        inner = Scope(at[0] + 1, scope.values, scope.tensors, call=scope.call)
        try:
            setting = self._named(what, entries, call, inner)
        except BindError as error:
            error.at = at
            raise
        self.hint(f"{show(text)} is read without its quotes", at, (Repair("remove the quotes", value=text),))
        return setting

    def _arguments(self, entry: Entry, written: tuple[Written, ...], scope: Scope, at: Range) -> dict[str, Any]:
        resolved: dict[str, Any] = {}
        plain: list[Written] = []
        order = list(entry.arguments)
        for index, argument in enumerate(written):
            name = argument.name or (order[index] if index < len(order) else "")
            schedule = self._schedule(argument.value, scope) if name in ("learning_rate", "lr") else None
            if schedule is None:
                plain.append(argument if argument.name or not resolved else Written(name, (0, 0), argument.value))
            else:
                resolved["learning_rate"] = schedule
        values = {**resolved, **self.reader.match(entry.name, entry.arguments, plain, scope)}
        missing = [key for key, each in entry.arguments.items() if each.required and key not in values]
        if missing:
            raise BindError("N204", f"{entry.name} needs `{missing[0]}`", at, help=entry.arguments[missing[0]].doc)
        return values

    def _schedule(self, value: Expression, scope: Scope) -> Setting | None:
        quoted = isinstance(value, Literal) and isinstance(value.value, str) and number_in(value.value) is None
        bare = isinstance(value, Name) and find_entry(SCHEDULES, value.id) is not None
        called = isinstance(value, Call) and isinstance(self.evaluator.value(value, scope), CallValue)
        if not (quoted or bare or called):
            return None
        return self._named("schedule", SCHEDULES, value, scope)

    # --- settings ---

    def _train(self, key: str, at: Range, value: Expression, scope: Scope) -> Any:
        if key not in TRAIN:
            raise self._unknown_key("train", key, at, tuple(TRAIN))
        return self._value(key, TRAIN[key], value, scope)

    def _execution(self, key: str, at: Range, value: Expression, scope: Scope) -> Any:
        if key == "device":
            device = self._bare(value, scope)
            if not known_device(device):
                raise BindError(
                    "N502",
                    f"there is no device {show_value(device)}",
                    scope.at(value.range),
                    help='devices are "auto", "cpu", "gpu", "cuda", "mps", "tpu", "xpu", with a number as in "cuda:0"',
                )
            return str(device).lower()
        if key == "precision":
            return self._value(key, Argument(PRECISION, "Type of the arithmetic."), value, scope)
        raise self._unknown_key("execution", key, at, ("device", "precision"))

    def _unknown_key(self, section: str, key: str, at: Range, known: tuple[str, ...]) -> BindError:
        return unknown("N502", f"`{section}` has no key `{shown(key)}`", at, key, known)

    def _bare(self, value: Expression, scope: Scope) -> Any:
        if isinstance(value, Name) and value.id not in scope.values:
            return value.id
        return self.evaluator.value(value, scope)

    def _value(self, key: str, argument: Argument, value: Expression, scope: Scope) -> Any:
        given = self._bare(value, scope)
        alternatives = given.alternatives if isinstance(given, SearchValue) else ((given, scope.at(value.range)),)
        read: list[Any] = []
        for each, at in alternatives:
            try:
                read.append(argument.kind.read(each))
            except RuleError as error:
                help, repairs = meant_number(argument.kind, each) or (error.help or argument.doc, error.repairs)
                raise BindError("N502", f"`{key}`: {error.message}", at, help=help, repairs=repairs) from None
        return read[0]


def _parts(what: str, value: Expression, scope: Scope) -> tuple[str, tuple[Written, ...]]:
    """Return the name and the arguments of ``Adam``, ``"Adam"`` or ``Adam(…)``."""
    if isinstance(value, Name):
        return value.id, ()
    if isinstance(value, Call):
        return value.name, value.arguments
    if isinstance(value, Literal) and isinstance(value.value, str):
        return value.value, ()
    raise BindError("N501", f"a name is needed for the {what}", scope.at(value.range))
