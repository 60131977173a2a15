"""Calls of macros as classes: those that differ in sizes alone share one, and equal ones in a row are a sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final

from neural.code_generation.templates import Cut, Hole, common, cut, joined, unify
from neural.code_generation.writer import Mark, Names, Writer
from neural.network import snake_case

_MODULE = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
state_dict to to_empty train training type xpu zero_grad
"""
_GRAPH_MODULE = """
add_submodule code delete_all_unused_submodules delete_submodule graph meta print_readable recompile shape_env to_folder
"""
#: Attributes of ``nn.Module``, and of what ``torch.export`` makes of one, that a submodule must not hide; a test
#: compares them with the classes themselves.
MODULE_ATTRIBUTES = frozenset(f"{_MODULE} {_GRAPH_MODULE}".split())


class Line(NamedTuple):
    """A statement, the comment beside it, and the steps that it is for; a blank line has nothing."""

    text: str = ""
    comment: str = ""
    marks: tuple[Mark, ...] = ()


@final
@dataclass(slots=True)
class Body:
    """The class in the making: statements of ``__init__`` and ``forward``, and the attributes that hold modules."""

    writer: Writer
    attributes: Names = field(default_factory=lambda: Names(MODULE_ATTRIBUTES))
    init: list[Line] = field(default_factory=list)
    forward: list[Line | Use] = field(default_factory=list)
    modules: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the owner of weights: the attributes that hold its modules, by their suffix."""


@final
@dataclass(slots=True, eq=False)
class Part:
    """What one call of a macro, or the whole network, puts into its class."""

    macro: str
    body: Body
    arguments: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    shapes: str = ""
    class_name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What its constructor takes, with the types."""
    given: tuple[str, ...] = ()
    """What its constructor is given for them."""
    marks: tuple[Mark, ...] = ()
    """One for each step within."""

    @property
    def uses(self) -> list[Use]:
        """The parts within it, in order."""
        return [line for line in self.body.forward if isinstance(line, Use)]

    @property
    def height(self) -> int:
        """How deep the parts within it are nested."""
        return 1 + max((use.part.height for use in self.uses), default=0)


@final
@dataclass(slots=True, eq=False)
class Use:
    """A call of a part in ``forward``: the expressions it is given, and the variable that takes its result."""

    part: Part
    variable: str
    given: tuple[str, ...]
    comment: str
    after: int
    """How many of the layers' modules are declared before it."""
    attribute: str = ""
    """Where its part is found in the class around it."""
    around: tuple[str, str] = ("", "")
    """What is applied to its result at once, before and behind it."""
    marks: tuple[Mark, ...] = ()
    """The steps besides those of its part."""

    def follows(self, before: Use) -> bool:
        """Whether it reads nothing but the result of an equal part, which nothing else reads."""
        same = self.part.class_name == before.part.class_name and self.part.given == before.part.given
        return same and self.given == (before.variable,) == ("x",) and before.around == ("", "")


@final
@dataclass(frozen=True, slots=True)
class Settled:
    """The text of one part: the lines of ``__init__``, cut and as declared, and those of ``forward``."""

    part: Part
    cuts: list[Cut]
    init: list[Line]
    forward: list[Line]


@final
@dataclass(frozen=True, slots=True)
class Class:
    """The text of a class: its constructor's parameters, its lines, and the parts that are made of it."""

    name: str
    parameters: Mapping[str, str]
    init: tuple[Line, ...]
    forward: tuple[Line, ...]
    part: Part
    count: int
    shapes: str


def classes(network: Part, names: Names) -> Iterator[Class]:
    """Yield the classes of the parts within a network, each after those it uses, and settle what each part is given."""
    by_height: dict[int, list[Part]] = {}
    of_macro: Counter[str] = Counter()
    for part in _parts(network):
        by_height.setdefault(part.height, []).append(part)
    for height in sorted(by_height):
        alike: dict[object, list[Settled]] = {}
        for part in by_height[height]:
            text = settled(part)
            look = (part.macro, tuple(line.around for line in text.cuts), tuple(line.text for line in text.forward))
            alike.setdefault((*look, part.arguments, part.results), []).append(text)
        for group in alike.values():
            macro = group[0].part.macro
            of_macro[macro] += 1
            wanted = macro if of_macro[macro] == 1 else f"{macro}{of_macro[macro]}"
            yield _class(group, names.take(wanted, "Block"))


def _parts(part: Part) -> Iterator[Part]:
    for use in part.uses:
        yield from _parts(use.part)
        yield use.part


def _class(group: Sequence[Settled], name: str) -> Class:
    parts = [text.part for text in group]
    template = unify([text.cuts for text in group], Names(("self", "nn", "torch", "F", "Tensor")), multiples=True)
    for part, given in zip(parts, template.arguments, strict=True):
        part.class_name, part.parameters, part.given = name, template.parameters, given
    declared = zip(template.lines, zip(*(text.init for text in group), strict=True), strict=True)
    init = tuple(Line(line, marks=_marks(same)) for line, same in declared)
    lines = zip(*(text.forward for text in group), strict=True)
    forward = tuple(
        Line(same[0].text, common([line.comment for line in same], template, multiples=True), _marks(same))
        for same in lines
    )
    shapes = common([part.shapes for part in parts], template, multiples=True)
    return Class(name, template.parameters, init, forward, parts[0], len(parts), shapes)


def _marks(lines: Sequence[Line]) -> tuple[Mark, ...]:
    return tuple(mark for line in lines for mark in line.marks)


def settled(part: Part) -> Settled:
    """Return the text of a part whose own parts have their classes."""
    init = list(part.body.init)
    cuts = [cut(line.text) for line in init]
    forward: list[Line] = []
    added = 0
    for entry in _runs(part.body.forward):
        if isinstance(entry, Line):
            forward.append(entry)
            continue
        first, last = entry[0], entry[-1]
        attribute = part.body.attributes.take(snake_case(first.part.macro) + ("s" if len(entry) > 1 else ""))
        for position, use in enumerate(entry):
            use.attribute = f"{attribute}.{position}" if len(entry) > 1 else attribute
        marks = tuple(mark for use in entry for mark in use.part.marks)
        cuts.insert(first.after + added, _declaration(attribute, first.part, len(entry)))
        init.insert(first.after + added, Line(marks=marks))
        added += 1
        call = f"self.{attribute}({', '.join(first.given)})".join(last.around)
        forward.append(Line(f"{last.variable} = {call}", last.comment, marks + last.marks))
    return Settled(part, cuts, init, forward)


def _runs(forward: Sequence[Line | Use]) -> list[Line | list[Use]]:
    entries: list[Line | list[Use]] = []
    for line in forward:
        before = entries[-1] if entries else None
        if isinstance(line, Line):
            entries.append(line)
        elif isinstance(before, list) and line.follows(before[-1]):
            before.append(line)
        else:
            entries.append([line])
    return entries


def _declaration(attribute: str, part: Part, count: int) -> Cut:
    """Return the line that makes a part, or a sequence of parts, with a hole for each value given."""
    values = zip(part.given, part.parameters, strict=True)
    given = [piece for value, name in values for piece in (", ", Hole(value, name))][1:]
    made = [f"{part.class_name}(", *given, ")"]
    if count == 1:
        return joined([f"self.{attribute} = ", *made])
    repeated = [*made, " for _ in range(", Hole(str(count), "count"), ")"]
    return joined([f"self.{attribute} = nn.Sequential(*[", *repeated, "])"])


def paths(network: Part) -> dict[str, dict[str, str]]:
    """Return, by the owner of weights, where its modules are found from the network on, by their suffix."""
    found = {owner: dict(modules) for owner, modules in network.body.modules.items()}
    for use in network.uses:
        for owner, modules in paths(use.part).items():
            found[owner] = {suffix: f"{use.attribute}.{path}" for suffix, path in modules.items()}
    return found
