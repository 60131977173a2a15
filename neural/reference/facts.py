"""What a layer is, as data: read from its class, its docstring and the report of its example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import getdoc
from typing import Final

from neural.compiler import default_compiler
from neural.cost.report import LayerReport, Report
from neural.layers import catalogue
from neural.layers.activations import ACTIVATIONS
from neural.layers.base import Layer, Weight
from neural.layers.fields import Argument, Choice, show
from neural.layers.formulas import flops_formula, flops_note, flops_with_values, saved_rule
from neural.layers.spellings import accepted
from neural.reference.forms import FRAMEWORKS, Form, form
from neural.shape_propagation.plan import Plan, Step
from neural.suggest import nearest

#: Families in the order they are shown in: the first words of the names of their modules.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Core": ("core", "einsum", "experts", "lambdas"),
    "Activations": ("activations",),
    "Convolution": ("convolution", "depthwise"),
    "Pooling": ("pooling",),
    "Recurrent": ("recurrent", "cells", "wrappers"),
    "Attention": ("attention", "positions"),
    "Normalisation": ("normalization", "spectral"),
    "Regularisation": ("regularization",),
    "Reshaping": ("reshaping", "scaling", "splitting"),
    "Merging": ("merging",),
    "Graphs": ("graph", "graphs"),
}

#: Layers that stand in the module of another family.
_ELSEWHERE: Final = {"Identity": "Core", "LayerScale": "Normalisation", "StochasticDepth": "Regularisation"}


@dataclass(frozen=True, slots=True)
class ArgumentFacts:
    """An argument: its default as the language writes it (empty when it must be given), and what it accepts."""

    name: str
    default: str
    accepts: str
    text: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """Everything that a layer's page says. ``row`` is its line in the report of the example, None for Input.

    ``formula`` is that of the FLOPs of one sample, ``other_ops`` counts for each element of the result.
    """

    name: str
    family: str
    text: tuple[str, ...]
    shape: str
    rule: str
    source: str
    aliases: tuple[str, ...]
    arguments: tuple[ArgumentFacts, ...]
    weights: tuple[Weight, ...]
    formula: str
    note: str
    formula_with_values: str
    other_ops: int
    kept: str
    program: str
    row: LayerReport | None
    pytorch_parameters: int | None
    convention: str
    forms: tuple[Form, ...]

    @property
    def sentence(self) -> str:
        """What it does."""
        return self.text[0]

    @property
    def costs(self) -> tuple[str, ...]:
        """What it costs, in sentences; code stands between backticks."""
        plural = "" if self.other_ops == 1 else "s"
        return (
            *self._flops(),
            f"Other work: {self.other_ops} operation{plural} for each element of the result.",
            f"Training keeps {self.kept[0].lower()}{self.kept[1:]}",
        )

    def _flops(self) -> Iterator[str]:
        if self.formula == "0":
            yield "FLOPs: none, for only products that are added up count."
            return
        yield f"FLOPs of one sample: `{self.formula}`. {self.note}".rstrip()
        if self.formula_with_values and self.row:
            yield f"In the example: `{self.formula_with_values}` = {self.row.flops:,} ({self.convention})."


def names() -> dict[str, list[str]]:
    """Return the names of all layers by family, both in order."""
    found: dict[str, list[str]] = {family: [] for family in FAMILIES}
    for name, layer in catalogue.LAYERS.items():
        found.setdefault(_family(layer), []).append(name)
    return {family: layers for family, layers in found.items() if layers}


def find(spelling: str) -> str | None:
    """Return the canonical name of a layer by any of its spellings, in any case."""
    layer = catalogue.find(spelling)
    return layer.__name__ if layer else None


def similar(spelling: str, blocks: Sequence[str] = ()) -> list[str]:
    """Return the canonical names of layers, and of ``blocks``, most like a misspelt one."""
    known = {each for name, layer in catalogue.LAYERS.items() for each in (name, *layer.aliases)}
    return list(dict.fromkeys(find(each) or each for each in nearest(spelling, sorted(known.union(blocks)), 3)))


def spellings(name: str) -> tuple[str, ...]:
    """Return the other spellings of a layer."""
    return catalogue.LAYERS[name].aliases


def sentence(name: str) -> str:
    """Return what a layer does, in a sentence."""
    return _words(catalogue.LAYERS[name])[0]


@cache
def facts(name: str) -> LayerFacts:
    """Return the facts of a layer of the catalogue by its canonical name."""
    layer = catalogue.LAYERS[name]
    compiler = default_compiler()
    program = compiler.format(_section(layer, "Example").strip("`"))
    plan = compiler.plan(program).plan
    if plan is None:
        raise ValueError(f"the example of {name} has no plan")
    step = next((each for each in plan.steps if type(each.layer) is layer), None)
    others = _others(plan, step)
    tensorflow, pytorch = (compiler.analyze(program, framework=each) for each in ("tensorflow", "pytorch"))
    row, theirs = _row(tensorflow, step), _row(pytorch, step)
    return LayerFacts(
        name=name,
        family=_family(layer),
        text=_words(layer),
        shape=_section(layer, "Shape"),
        rule=_rule(layer),
        source=_section(layer, "Source"),
        aliases=layer.aliases,
        arguments=tuple(_argument(layer, each, argument) for each, argument in accepted(layer).items()),
        weights=step.facts.weights if step and step.facts else (),
        formula=flops_formula(layer),
        note=_sentence(flops_note(layer)),
        formula_with_values=_with_values(step),
        other_ops=layer.ops_per_output,
        kept=saved_rule(layer),
        program=program,
        row=row,
        pytorch_parameters=theirs.parameters if theirs and row and theirs.parameters != row.parameters else None,
        convention=tensorflow.convention,
        forms=tuple(form(program, backend, others) for backend in FRAMEWORKS),
    )


def _family(layer: type[Layer]) -> str:
    module = layer.__module__.rpartition(".")[2].partition("_")[0]
    families = (family for family, modules in FAMILIES.items() if module in modules)
    return _ELSEWHERE.get(layer.__name__) or next(families, module.capitalize())


def _rule(layer: type[Layer]) -> str:
    """Return how sizes follow from sizes in words, where its class says more than its line of shapes."""
    words = layer.output_shape.__doc__ or ""
    return "" if words == Layer.output_shape.__doc__ else " ".join(words.split())


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _words(layer: type[Layer]) -> tuple[str, ...]:
    """Return the paragraphs of a docstring before its sections."""
    paragraphs = re.split(r"\n\s*\n", re.split(r"^Shape:", getdoc(layer) or "", maxsplit=1, flags=re.MULTILINE)[0])
    return tuple(" ".join(each.split()).replace("``", "`") for each in paragraphs if each.strip())


def _section(layer: type[Layer], name: str) -> str:
    match = re.search(rf"^{name}: (.+)$", getdoc(layer) or "", re.MULTILINE)
    if match is None:
        raise ValueError(f"{layer.__name__} has no line {name}: in its docstring")
    return match[1]


def _argument(layer: type[Layer], name: str, argument: Argument) -> ArgumentFacts:
    default = "" if argument.required else show(argument.default)
    text = argument.doc + (" Given by its name." if argument.named else "")
    return ArgumentFacts(name, default, _accepted(layer, argument), text, argument.aliases)


def _accepted(layer: type[Layer], argument: Argument) -> str:
    """Return what an argument accepts: every word of a choice, but the activations on the page of Activation alone."""
    kind = argument.kind
    if kind is ACTIVATIONS and layer is not catalogue.LAYERS["Activation"]:
        return "the name of an activation"
    if isinstance(kind, Choice):
        words = ", ".join(f'"{value}"' for value in kind.values)
        return (f"one of {words}" if len(kind.values) > 2 else kind.words) + (" or none" if kind.optional else "")
    return kind.words


def _others(plan: Plan, step: Step | None) -> list[str]:
    """Return the keys of all but the step; of all layers where the page is that of the input."""
    return [each.key for each in (plan.all() if step else plan.steps) if step is None or each.key != step.key]


def _row(report: Report, step: Step | None) -> LayerReport | None:
    return next((each for each in report.layers if step is not None and each.key == step.key), None)


def _with_values(step: Step | None) -> str:
    if step is None or step.output_shape is None:
        return ""
    shapes = tuple(shape for shape in step.input_shapes if shape is not None)
    return flops_with_values(step.layer, shapes, step.output_shape)
