"""Calls of macros as functions: those that differ in sizes alone share one, and equal ones in a row are a loop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final

from neural.code_generation.templates import Cut, Hole, Template, common, is_width, joined, unify
from neural.code_generation.training_text import plain_word
from neural.code_generation.writer import WIDTH, Mark, Names
from neural.network import snake_case

_NOTHING = Cut(("",))
_NO_SIZE = re.compile(r"(\(None(, \?)+\)|, | to )+")
_KNOWN = re.compile(r"(\d+) \+ (\d+)\):$")
_UNIFIED = Template((), {}, (), {}, {})


class Line(NamedTuple):
    """A statement: what it assigns, the source of what makes that, and the tensors that this is called with, if it is.

    The head of a loop assigns nothing; a blank line has no source.
    """

    target: str = ""
    made: Cut = _NOTHING
    tensors: tuple[str, ...] | None = None
    comment: str = ""
    marks: tuple[Mark, ...] = ()
    keeps: bool = False
    """Whether its result has the shape of what it reads first."""
    depth: int = 0
    """How many loops it stands in."""

    def source(self, text: str) -> str:
        """Return its source, given the text of what is made: the end of a loop is worked out where it is known."""
        return text if self.target else _KNOWN.sub(lambda found: f"{int(found[1]) + int(found[2])}):", text)


@final
@dataclass(slots=True, eq=False)
class Part:
    """What one call of a macro, or the whole network, puts into its function."""

    macro: str
    key: str = ""
    """The key of its result; with its macro it tells it from the others."""
    keyed: bool = True
    """Whether its layers have their keys as names: it stands once in the network, and its function takes no name."""
    lines: list[Line | Use] = field(default_factory=list)
    arguments: tuple[str, ...] = ()
    result: str = ""
    shapes: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """By the key of each step that has a layer, the layer's name: that of a call stands before it."""
    variables: set[str] = field(default_factory=set)
    function: str = ""
    given: dict[str, str] = field(default_factory=dict)
    """What its function is given besides tensors, by the parameter."""
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> list[Use]:
        """The parts within it, in order."""
        return [line for line in self.lines if isinstance(line, Use)]

    @property
    def height(self) -> int:
        """How deep the parts within it are nested."""
        return 1 + max((use.part.height for use in self.uses), default=0)


@final
@dataclass(slots=True, eq=False)
class Use:
    """A call of a part: the variables that it is given, and the one that takes its result."""

    part: Part
    variable: str
    given: tuple[str, ...]
    comment: str
    marks: tuple[Mark, ...]
    """One for each step within."""
    stem: str = ""
    number: int = 0
    """What the call is named: the number counts those of one macro, and is 0 where there is one."""

    @property
    def name(self) -> str:
        return f"{self.stem}_{self.number}" if self.number else self.stem

    def names(self) -> dict[str, str]:
        """Return, by key, the names of its layers."""
        stem = self.name
        return {key: f"{stem}_{name}" for key, name in self.part.names.items()}

    def follows(self, before: Use) -> bool:
        """Whether it can be the next turn of a loop: an equal call, which reads what the one before leaves in ``x``."""
        same = self.part.function == before.part.function and self.part.given == before.part.given
        turns = (self.stem, self.number) == (before.stem, before.number + 1) and before.number
        return bool(same and turns and before.given == self.given == (before.variable,) == ("x",))


@final
@dataclass(frozen=True, slots=True)
class Function:
    """The text of a function: its parameters with their types, its lines, and the parts that are calls of it."""

    name: str
    parameters: Mapping[str, str]
    lines: tuple[tuple[str, Line], ...]
    parts: tuple[Part, ...]
    shapes: str

    def signature(self) -> str:
        """Return the line that begins it."""
        part = self.parts[0]
        given = [f"{argument}: keras.KerasTensor" for argument in part.arguments]
        given += [f"{name}: {kind}" for name, kind in self.parameters.items() if name not in part.defaults]
        given += [] if part.keyed else ["name: str"]
        given += [f"{name}: {self.parameters[name]} = {default}" for name, default in part.defaults.items()]
        return f"def {self.name}({', '.join(given)}) -> keras.KerasTensor:"

    def summary(self) -> str:
        """Return its docstring, without shapes where those of its calls have nothing in common, or too much."""
        used = f"; used {len(self.parts)} times" if len(self.parts) > 1 else ""
        summary = f"From {self.shapes}{used}."
        if not self.shapes or len(f'    """{summary}"""') > WIDTH:
            return f"A block{used.replace(';', '')}."
        return summary


def name_calls(uses: Sequence[Use], taken: set[str], names: dict[str, str]) -> None:
    """Name calls, with numbers where a macro has several, and the layers within, so that no two have the same name."""
    for use in uses:
        use.stem = plain_word(snake_case(use.part.macro))
    several = Counter(use.stem for use in uses)
    numbers: Counter[str] = Counter()
    for use in uses:
        if several[use.stem] > 1:
            numbers[use.stem] += 1
        use.number = numbers[use.stem]
        while not taken.isdisjoint((named := use.names()).values()):
            numbers[use.stem] += 1
            use.number = numbers[use.stem]
        names |= named
        taken.update(named.values())


def functions(network: Part, reserved: Iterable[str]) -> list[Function]:
    """Return the functions of the parts within a network, each after those it uses; settle what each part is given."""
    by_height: dict[int, list[Part]] = {}
    names = Names((*reserved, *network.variables, *(name for part in parts(network) for name in part.variables)))
    for part in parts(network):
        by_height.setdefault(part.height, []).append(part)
    made: list[Function] = []
    of_macro: Counter[str] = Counter()
    for height in sorted(by_height):
        alike: dict[object, list[tuple[Part, list[Line]]]] = {}
        for part in by_height[height]:
            lines = settled(part)
            look = tuple((line.target, line.made.around, line.tensors) for line in lines)
            alike.setdefault((part.macro, part.arguments, look), []).append((part, lines))
        for group in alike.values():
            macro = group[0][0].macro
            of_macro[macro] += 1
            wanted = snake_case(macro) if of_macro[macro] == 1 else f"{snake_case(macro)}{of_macro[macro]}"
            used = (*reserved, *group[0][0].variables, *(each.name for each in made))
            made.append(_function(names.take(wanted, "block"), group, Names(used)))
    return made


def parts(part: Part) -> Iterator[Part]:
    """Yield the parts within one, each after those it uses."""
    for use in part.uses:
        yield from parts(use.part)
        yield use.part


def _function(name: str, group: Sequence[tuple[Part, list[Line]]], names: Names) -> Function:
    template = unify([[line.made for line in lines] for _, lines in group], names, multiples=True)
    order = sorted(
        template.parameters, key=lambda each: (each in template.defaults, not is_width(each), _is_named(each))
    )
    for (part, _), values in zip(group, template.arguments, strict=True):
        given = dict(zip(template.parameters, values, strict=True))
        part.function, part.given, part.defaults = name, {each: given[each] for each in order}, template.defaults
    lines = tuple(
        (
            same[0].source(text),
            same[0]._replace(
                comment=_comment([line.comment for line in same], template),
                marks=tuple(mark for line in same for mark in line.marks),
                keeps=all(line.keeps for line in same),
            ),
        )
        for text, same in zip(template.lines, zip(*(lines for _, lines in group), strict=True), strict=True)
    )
    shapes = _comment([part.shapes for part, _ in group], template)
    parameters = {each: template.parameters[each] for each in order}
    return Function(name, parameters, lines, tuple(part for part, _ in group), shapes)


def _comment(comments: Sequence[str], template: Template) -> str:
    """Return what is common to comments of shapes; "" where that is their rank alone."""
    comment = common(comments, template, multiples=True)
    return "" if _NO_SIZE.fullmatch(comment) else comment


def _is_named(parameter: str) -> bool:
    """Whether a parameter is given by its name: not how many filters of which size, as Keras has them in this order."""
    return not (is_width(parameter) or parameter.startswith("kernel_size"))


def settled(part: Part) -> list[Line]:
    """Return the statements of a part whose own parts have their functions."""
    lines = [
        line for entry in _runs(part.lines) for line in (_calls(entry, part) if isinstance(entry, list) else (entry,))
    ]
    if not part.result:
        return lines
    last = lines[-1]
    if last.target != part.result or last.depth:
        return [*lines, Line("return", Cut((part.result,)))]
    marks = tuple(mark._replace(variable="return") if mark.variable else mark for mark in last.marks)
    return [*lines[:-1], last._replace(target="return", marks=marks)]


def _runs(lines: Sequence[Line | Use]) -> list[Line | list[Use]]:
    entries: list[Line | list[Use]] = []
    for line in lines:
        before = entries[-1] if entries else None
        if isinstance(line, Line):
            entries.append(line)
        elif isinstance(before, list) and line.follows(before[-1]):
            before.append(line)
        else:
            entries.append([line])
    return entries


def _calls(run: Sequence[Use], part: Part) -> Iterator[Line]:
    """Yield a call of a part, or equal calls as a loop."""
    first, last = run[0], run[-1]
    marks = tuple(mark for use in run for mark in use.marks)
    if len(run) == 1 or (len(run) == 2 and last.variable != "x"):
        for use in run:
            yield Line(use.variable, _call(use, use.name, part), None, use.comment, use.marks)
        return
    head = joined([f"for index in range({first.number}, ", Hole(str(len(run)), "count"), f" + {first.number}):"])
    yield Line("", head, marks=marks)
    comment = common([use.comment for use in run], _UNIFIED)
    yield Line("x", _call(first, f"{first.stem}_{{index}}", part), None, comment, marks, depth=1)
    if last.variable != "x":
        yield Line(last.variable, Cut(("x",)))


def _call(use: Use, name: str, around: Part) -> Cut:
    """Return the source of a call, with a hole for each value given."""
    pieces: list[str | Hole] = [f"{use.part.function}({', '.join(use.given)}"]
    for parameter, value in use.part.given.items():
        if parameter in use.part.defaults:
            pieces.append(Hole(value, parameter, use.part.defaults[parameter]))
        else:
            pieces += [f", {parameter}=" if _is_named(parameter) else ", ", Hole(value, parameter)]
    if not use.part.keyed:
        pieces.append(f", {name_argument(name, around)}")
    return joined([*pieces, ")"])


def name_argument(name: str, around: Part) -> str:
    """Return the argument that names a layer or a call, where the name may hold the number of a loop."""
    if not around.keyed:
        name = f"{{name}}_{name}"
    return f'name=f"{name}"' if "{" in name else f'name="{name}"'
