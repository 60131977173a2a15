"""What two answers have in common: shapes, counts, results and gradients, layer by layer in the order of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, final

from neural.code_generation.pytorch_view import extra_parameters
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import describe
from neural.verification.job import BATCH, Job
from neural.verification.protocol import unpacked
from neural.verification.tolerance import EXACT, GRADIENT, NARROW, rounding

Answer = Mapping[str, Any]

#: The least that differences are relative to: what is left where nearly equal values are subtracted is all rounding.
_SMALLEST = 1e-3
#: By how much gradients may differ more than results where constants are rounded.
_STEEPER = 100.0


class Problem(NamedTuple):
    """The first difference: at which layer, and which."""

    key: str | None
    text: str


@final
class Comparison:
    """The answers of both frameworks to the jobs of one plan."""

    def __init__(self, job: Job, torch: Answer, keras: Answer) -> None:
        self._plan: Plan = job.plan
        self._owners, self._trains = job.owners, job.trains
        self._torch, self._keras = torch, keras
        self.layers = 0
        self.output_difference = 0.0
        self.gradient_difference: float | None = None
        self.rounded: list[str] = []
        """Why results are compared less strictly, each reason once."""
        self.tolerance = EXACT
        if any(step.dtype in ("float16", "bfloat16") for step in job.plan.inputs):
            self.tolerance, self.rounded = NARROW, ["with inputs of 16 bits"]

    def problem(self) -> Problem | None:
        """Return the first difference, or None where there is none."""
        return next(self._problems(), None)

    def _problems(self) -> Iterator[Problem]:
        for step in self._plan.live():
            yield from self._layer(step)
        yield from self._failures()
        yield from self._outputs()
        if self._trains:
            yield from self._projections("gradients", "gradient")
            yield from self._projections("statistics", "moving averages after a step of training")

    def _layer(self, step: Step) -> Iterator[Problem]:
        close, why = rounding(step.layer)
        if why and why not in self.rounded:
            self.rounded.append(why)
        self.tolerance = max(self.tolerance, close)
        if step.key in self._owners:
            yield from self._counts(step)
        torch, keras = (each["results"].get(step.key) for each in (self._torch, self._keras))
        for name, found in (("PyTorch", torch), ("Keras", keras)):
            if found and tuple(found["shape"]) != (BATCH, *(step.output_shape or ())):
                shape = describe(tuple(found["shape"][1:]))
                yield Problem(step.key, f"{name} makes {shape}, and {describe(step.output_shape or ())} is expected")
        if torch and keras:
            self.layers += 1
            different = difference(torch, keras)
            if not different < self.tolerance:
                yield Problem(step.key, f"the results of PyTorch and Keras differ by {different:.2g} of the largest")

    def _failures(self) -> Iterator[Problem]:
        """Yield that a framework did not come to the end: at the first layer whose result is missing, if one is."""
        for name, answer, other in (("PyTorch", self._torch, self._keras), ("Keras", self._keras, self._torch)):
            if "failed" in answer and "outputs" in answer:
                yield Problem(None, f"{name} does not run a step of training: {answer['failed'][:500]}")
            elif "failed" in answer:
                seen = other["results"].keys() - answer["results"].keys()
                key = next((step.key for step in self._plan.steps if step.key in seen), None)
                yield Problem(key, f"{name} does not run the code: {answer['failed'][:500]}")

    def _counts(self, step: Step) -> Iterator[Problem]:
        assert step.facts
        own = step.facts.parameters
        extra = extra_parameters(step.layer, step.facts.weights)[0]
        counts = (("PyTorch", self._torch, own + extra), ("Keras", self._keras, own))
        for name, answer, expected in counts:
            found = answer["parameters"].get(step.key, 0)
            if found != expected:
                yield Problem(step.key, f"{name} has {found:,} parameters here, and {expected:,} are expected")

    def _outputs(self) -> Iterator[Problem]:
        pairs = zip(self._plan.network.outputs, self._torch["outputs"], self._keras["outputs"], strict=True)
        for key, torch, keras in pairs:
            if torch["shape"] != keras["shape"]:
                yield Problem(key, f"the output is {torch['shape']} in PyTorch and {keras['shape']} in Keras")
                continue
            different = difference(torch, keras)
            self.output_difference = max(self.output_difference, different)
            if not different < self.tolerance:
                yield Problem(key, f"the outputs of PyTorch and Keras differ by {different:.2g} of the largest")

    def _projections(self, kind: str, words: str) -> Iterator[Problem]:
        tolerance = max(GRADIENT, self.tolerance * _STEEPER)
        torch, keras = self._torch[kind], self._keras[kind]
        most = max((length for _, length in keras.values()), default=0.0)
        for key in [step.key for step in self._plan.steps if step.key in keras]:
            (inner, length), (wanted, other) = torch.get(key, (0.0, 0.0)), keras[key]
            # A gradient that is all rounding, as that of a bias before a normalization, is compared with the largest.
            scale = max(length, other, 1e-4 * most, _SMALLEST)
            both_lost = inner != inner and wanted != wanted
            different = 0.0 if both_lost else abs(inner - wanted) / scale
            if kind == "gradients":
                self.gradient_difference = max(self.gradient_difference or 0.0, different)
            if not different < tolerance:
                yield Problem(key, f"the {words} in PyTorch and Keras differ by {different:.2g}")


def difference(first: Answer, second: Answer) -> float:
    """Return by how much two sketches of a result differ, relative to its largest value."""
    import numpy

    if first["shape"] != second["shape"]:
        return float("inf")
    one, two = unpacked(first["sample"]), unpacked(second["sample"])
    lost = numpy.isnan(one) & numpy.isnan(two) | (one == two)
    largest = max(first["largest"], second["largest"], _SMALLEST)
    with numpy.errstate(invalid="ignore"):
        apart = numpy.where(lost, 0.0, numpy.abs(one - two))
    found = float(apart.max()) / largest if apart.size else 0.0
    total = max(first["sums"][2], second["sums"][2], _SMALLEST)
    for here, there in zip(first["sums"], second["sums"], strict=True):
        if here != there and not (here != here and there != there):
            found = max(found, abs(here - there) / total)
    return found
