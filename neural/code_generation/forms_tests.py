"""Tests of a generated model, for a project: the shapes of its results and its parameters are those of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from neural.code_generation.training_text import Item, display
from neural.code_generation.writer import MODEL, Code, Writer, call, literal
from neural.cost.report import BatchShape, InputReport, Report

_BATCH, _INDENT = 2, 4
#: What an unknown size is taken as.
_UNKNOWN = 64


def tests(report: Report) -> str:
    """Return the file of tests for the framework of a report."""
    writer = Writer()
    writer.use(f"from {MODEL} import build_model")
    if report.framework == "pytorch":
        _pytorch(writer, report)
    else:
        _keras(writer, report)
    return writer.source("Tests that the network is the one that was designed.")


def _pytorch(writer: Writer, report: Report) -> None:
    writer.use("import torch")
    samples = [
        call("torch.zeros", _sizes(each), {} if each.dtype == "float32" else {"dtype": Code(f"torch.{each.dtype}")})
        for each in report.inputs
    ]
    with _test(writer, "results_have_their_shapes"):
        writer.line("model = build_model().eval()")
        _called(writer, report, samples)
    with _test(writer, "parameters_are_as_many"):
        writer.line("parameters = build_model().parameters()")
        writer.line(f"assert sum(each.numel() for each in parameters) == {report.totals.parameters:_}")


def _keras(writer: Writer, report: Report) -> None:
    writer.use("import keras")
    samples = [
        call("keras.ops.zeros", (_sizes(each),), {} if each.dtype == "float32" else {"dtype": each.dtype})
        for each in report.inputs
    ]
    with _test(writer, "results_have_their_shapes"):
        writer.line("model = build_model()")
        _called(writer, report, samples if len(samples) == 1 else [samples])
    with _test(writer, "parameters_are_as_many"):
        writer.line(f"assert build_model().count_params() == {report.totals.parameters:_}")


@contextmanager
def _test(writer: Writer, name: str) -> Iterator[None]:
    writer.section()
    with writer.block(f"def test_{name}() -> None:"):
        yield


def _sizes(each: InputReport) -> tuple[int, ...]:
    return (_BATCH, *(_UNKNOWN if size is None else size for size in each.shape[1:]))


def _called(writer: Writer, report: Report, samples: Sequence[Item]) -> None:
    """Write the call of the model and what its results are held to."""
    shapes = {layer.key: layer.output_shape for layer in report.layers}
    shapes |= {each.name: each.shape for each in report.inputs}
    several = len(report.outputs) > 1
    writer.lines(display(f"{'outputs' if several else 'output'} = model(", samples, ")", _INDENT))
    for index, key in enumerate(report.outputs):
        writer.line(_held(f"outputs[{index}]" if several else "output", shapes[key] or ()))


def _held(name: str, shape: BatchShape) -> str:
    """Return what holds a result to its shape, as far as that is known."""
    sizes = (_BATCH, *shape[1:])
    if None not in sizes:
        return f"assert {name}.shape == {literal(sizes)}"
    known = [axis for axis, size in enumerate(sizes) if size is not None]
    return f"assert [{name}.shape[axis] for axis in {known}] == {[sizes[axis] for axis in known]}"
