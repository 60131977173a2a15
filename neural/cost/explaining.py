"""Where a number of a report comes from: its formula, the same with the values put in, convention and source.

Formulas of FLOPs are those that the layers state (``neural.layers.formulas``); parameters are their weights.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from neural.code_generation.pytorch_view import extra_parameters
from neural.cost.explanation import Explanation, Part
from neural.cost.memory import element_bytes, precision
from neural.cost.report import LayerReport, Report
from neural.cost.roofline import least_times
from neural.cost.summands import summands, value
from neural.layers.base import Inputs, Layer
from neural.layers.formulas import flops_formula, flops_note, flops_terms, flops_with_values
from neural.records import dataclass
from neural.shape_propagation.plan import Facts, Step
from neural.shapes import product

COUNTER: Final = "https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py"
AUTOGRAD: Final = "https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors"
_SOURCE: Final = re.compile(r"^\s*Source: (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Text:
    """A formula and what is put into it, before the report's number and convention join it."""

    formula: str
    terms: Mapping[str, float | None]
    source: str
    parts: tuple[Part, ...] = ()
    note: str = ""
    values: str | None = None
    """The formula with its values, where putting in the terms does not give it."""


def explain(report: Report, key: str | None, what: str) -> Explanation:
    """Return the explanation of a layer's number, or for None and "totals" of a sum; see ``Report.explain``."""
    if key is None or key == "totals":
        return _total(report, what)
    layer = next((each for each in report.layers if each.key == key), None)
    step = next((each for each in report.plan.steps if each.key == key), None) if report.plan else None
    if layer is None or step is None:
        raise KeyError(f"there is no layer {key!r}")
    if what not in _OF_LAYER:
        raise ValueError(f"what is explained of a layer is one of {', '.join(_OF_LAYER)}, got {what!r}")
    if step.facts is None:
        text = _Text("", {}, "", note="It is not known while the layer, or one before it, has an error.")
    else:
        text = _OF_LAYER[what](report, layer, step, step.facts)
    return _explanation(report, key, what, text, getattr(layer, what))


def _explanation(report: Report, key: str | None, what: str, text: _Text, result: float | None) -> Explanation:
    known = {term: value for term, value in text.terms.items() if value is not None}
    values = text.values if text.values is not None else _put_in(text.formula, known)
    unknown = result is None or len(known) < len(text.terms)
    return Explanation(
        key=key,
        what=what,
        unit=UNITS[what],
        formula=text.formula,
        values="" if unknown else values,
        result=result,
        convention=report.convention,
        source=text.source,
        terms=known,
        parts=() if unknown else text.parts,
        note=text.note or ("It depends on a size that is not known." if unknown else ""),
    )


def _put_in(formula: str, terms: Mapping[str, float]) -> str:
    """Return a formula with values for its terms, the longest term first."""
    if not terms:
        return formula
    names = sorted(terms, key=len, reverse=True)
    pattern = "|".join(rf"(?<![\w/]){re.escape(name)}(?![\w/])" for name in names)
    return re.sub(pattern, lambda match: number(terms[match[0]]), formula)


def number(value: float | None) -> str:
    """Return a number with its thousands marked, a whole one without a fraction."""
    return "" if value is None else f"{int(value):,}" if value == int(value) else f"{value:,}"


# --- a layer ---


def _flops(report: Report, _: LayerReport, step: Step, facts: Facts) -> _Text:
    layer, inputs, output = step.layer, _known(step), facts.output_shape
    formula = flops_formula(type(layer))
    note = _sentence(flops_note(type(layer)))
    if formula == "0":
        return _Text("0", {}, COUNTER, note="Only matrix products and convolutions count; the rest is in other_ops.")
    if facts.flops is None:
        return _Text(_times("batch", formula), {"size": None}, COUNTER)
    given = flops_terms(layer, inputs, output)
    if not given:  # a sentence
        return _Text(_times("batch", formula), {}, COUNTER, note=note, values="")
    terms = {"batch": report.batch, **given}
    values = _times(number(report.batch), flops_with_values(layer, inputs, output))
    parts = _inner(layer, inputs) or tuple(
        Part(name, whole, _put_in(whole, terms), value(whole, terms))
        for name, each in summands(layer, formula)
        for whole in (f"batch x {each}",)
    )
    return _Text(_times("batch", formula), terms, COUNTER, parts, note, values)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _inner(layer: Layer, inputs: Inputs) -> tuple[Part, ...]:
    """Return the formula of a wrapped layer, and of the one in it."""
    wrapper: Any = layer
    inner = getattr(layer, "layer", None)
    if not isinstance(inner, Layer):
        return ()
    read = wrapper.layer_inputs(inputs)
    made = inner.output_shape(read)
    name = f"layer flops, of {type(inner).__name__}"
    part = Part(name, flops_formula(type(inner)), flops_with_values(inner, read, made), inner.flops(read, made))
    return (part, *_inner(inner, read))


def _known(step: Step) -> Inputs:
    return tuple(shape for shape in step.input_shapes if shape is not None)


def _times(factor: str, formula: str) -> str:
    return f"{factor} x ({formula})" if " + " in re.sub(r"\(.*\)", "", formula) else f"{factor} x {formula}"


def _macs(_: Report, layer: LayerReport, step: Step, __: Facts) -> _Text:
    return _Text("FLOPs / 2", {"FLOPs": layer.flops}, COUNTER, note="A multiply-add is two operations.")


def _other_ops(report: Report, _: LayerReport, step: Step, facts: Facts) -> _Text:
    each = step.layer.ops_per_output
    terms = {"batch": report.batch, "output elements": product(facts.output_shape), "operations of an element": each}
    note = "Elementwise work, by a constant of the layer; it is no part of the FLOPs."
    return _Text("batch x output elements x operations of an element", terms, _source(step.layer), note=note)


def _parameters(report: Report, _: LayerReport, step: Step, facts: Facts) -> _Text:
    if not step.owns_weights:
        note = f'The weights "{step.node.shared}" belong to an earlier layer and count there, once.'
        return _Text("0", {}, _source(step.layer), note=note)
    pytorch = report.framework == "pytorch"
    counted = [weight for weight in facts.weights if weight.trainable or not pytorch]
    names = _unique(each.name for each in counted)
    parts = [
        Part(name, _shape(each.shape), _product(each.shape), each.size)
        for name, each in zip(names, counted, strict=True)
    ]
    second = extra_parameters(step.layer)[1] if pytorch else 0
    parts.append(Part("second bias", "PyTorch's own beside the other", "", second))
    note = "PyTorch counts moving statistics as buffers." if len(counted) < len(facts.weights) else ""
    return _summed(parts, _source(step.layer), note)


def _unique(names: Iterable[str]) -> list[str]:
    """Return names with a number behind those that were there before, as stacked cells have them."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} {seen[name]}" if seen[name] > 1 else name)
    return found


def _shape(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, sizes))}{',' * (len(sizes) == 1)})"


def _product(sizes: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in sizes) or "1"


def _weight_bytes(report: Report, layer: LayerReport, step: Step, _: Facts) -> _Text:
    terms = {"parameters": layer.parameters, "bytes of a weight": precision(report.dtype).weight}
    return _Text("parameters x bytes of a weight", terms, _source(step.layer))


def _activation_bytes(report: Report, _: LayerReport, step: Step, facts: Facts) -> _Text:
    terms = {
        "batch": report.batch,
        "output elements": product(facts.output_shape),
        "bytes of an element": element_bytes(step.dtype, report.dtype),
    }
    return _Text("batch x output elements x bytes of an element", terms, _source(step.layer))


def _time(report: Report, _: LayerReport, step: Step, __: Facts) -> _Text:
    device = report.device
    if device is None or report.plan is None:
        return _Text("", {}, "", note="A time needs a device.")
    least = least_times(report.plan, device, report.batch, report.dtype).get(step.key)
    if least is None:
        return _Text(
            "", {}, device.source, note=f"{device.name} states no rate for {report.dtype}, or a size is unknown."
        )
    note = "At least this: inputs read, results written and weights read, each once, and nothing fused."
    if least.bound == "compute":
        terms: dict[str, float | None] = {"FLOPs": least.flops, "FLOPs a second": device.rate(report.dtype)}
        return _Text("FLOPs / FLOPs a second", terms, device.source, note=note)
    terms = {"bytes moved": least.moved, "bytes a second": device.bandwidth}
    return _Text("bytes moved / bytes a second", terms, device.source, note=note)


def _source(layer: Layer) -> str:
    found = _SOURCE.search(type(layer).__doc__ or "")
    return found[1] if found else ""


_OF_LAYER: Final[Mapping[str, Callable[[Report, LayerReport, Step, Facts], _Text]]] = {
    "parameters": _parameters,
    "flops": _flops,
    "macs": _macs,
    "other_ops": _other_ops,
    "weight_bytes": _weight_bytes,
    "activation_bytes": _activation_bytes,
    "time": _time,
}

UNITS: Final[Mapping[str, str]] = {
    "parameters": "parameters",
    "flops": "FLOPs",
    "macs": "MACs",
    "other_ops": "operations",
    "weight_bytes": "bytes",
    "activation_bytes": "bytes",
    "training_bytes": "bytes",
    "time": "seconds",
}


# --- the sums ---


def _total(report: Report, what: str) -> Explanation:
    if what not in UNITS:
        raise ValueError(f"what is explained of the totals is one of {', '.join(UNITS)}, got {what!r}")
    result = getattr(report.totals, what)
    if what == "training_bytes":
        text = _training(report)
    elif what == "macs":
        text = _Text("FLOPs / 2", {"FLOPs": report.totals.flops}, COUNTER)
    else:
        text = _by_type(report, what)
    return _explanation(report, None, what, text, result)


def _by_type(report: Report, what: str) -> _Text:
    """Return a sum over the layers, those of a type together."""
    known = [layer for layer in report.layers if getattr(layer, what) is not None]
    sums: dict[str, float] = {}
    for layer in known:
        sums[layer.type] = sums.get(layer.type, 0) + getattr(layer, what)
    layers = Counter(layer.type for layer in known)
    parts = [Part(name, f"{layers[name]:,} layer{'s' * (layers[name] > 1)}", "", sums[name]) for name in sums]
    source = report.device.source if what == "time" and report.device else COUNTER if what == "flops" else ""
    return _summed(parts, source)


def _training(report: Report) -> _Text:
    """Return the parts of training memory where it is highest."""
    peak = report.peak
    if peak is None:
        return _Text("", {"size": None}, AUTOGRAD)
    parts = [
        Part("weights", "all weights", "", peak.weights),
        Part("master weights", "float32 copies of the trainable ones", "", peak.master),
        Part("optimizer state", f"what {report.optimizer} keeps of each trainable weight", "", peak.state),
        Part("activations", "storages that the backward pass still needs, each once", "", peak.activations),
        Part("gradients", "one of each trainable weight so far", "", peak.gradients),
    ]
    where = f"while the backward pass is at {peak.during}" if peak.during else "before the backward pass begins"
    return _summed(parts, AUTOGRAD, f"The peak is {where}. The allocator's slack is no part of it.")


def _summed(parts: Iterable[Part], source: str, note: str = "") -> _Text:
    """Return a sum of parts that are not nothing."""
    shown = tuple(replace(part, values=part.values or number(part.result)) for part in parts if part.result)
    formula = " + ".join(part.name for part in shown) or "0"
    terms = {part.name: part.result for part in shown}
    return _Text(formula, terms, source, shown, note, " + ".join(part.values for part in shown) or "0")
