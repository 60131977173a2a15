"""A network as an ONNX file: its PyTorch code is run, exported with every batch size, checked, and compared.

Programs are data: one with code of its own, a lambda or a layer to fill in, is not exported.
"""

from __future__ import annotations

import logging
import re
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, cast, final

from neural.code_generation.emitter import generated
from neural.code_generation.pytorch_layout import native
from neural.code_generation.writer import Generated
from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import NeuralError
from neural.layers.custom import Custom
from neural.layers.lambdas import Lambda
from neural.lazy import get_module
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape
from neural.verification.allowlist import check
from neural.verification.job import input_of, with_sizes
from neural.verification.result import RefusalError

Array = Any
_FILE = "generated.py"
_LINE = re.compile(rf'File "{re.escape(_FILE)}", line (\d+)')
#: The batch that the network is traced with, and the largest difference from PyTorch in float32.
_TRACED, TOLERANCE = 2, 1e-5
_LARGEST = 2**31 - 1
"""Bytes of a file that is one message of Protocol Buffers: https://protobuf.dev/programming-guides/proto-limits/"""


@final
@dataclass(frozen=True, slots=True)
class Exported:
    """An ONNX file: its bytes, and the largest difference of its results from PyTorch's, relative to the largest."""

    content: bytes
    difference: float


def export(plan: Plan, lines: LineIndex) -> Exported:
    """Return the ONNX file of a plan without errors, with fresh weights that its seed decides.

    Inputs and outputs have the names of the program and the shapes of the PyTorch code; the first axis is ``batch``.
    Raises ``NeuralError`` for what PyTorch or its exporter cannot express, ``ModuleNotFoundError`` where PyTorch or
    ONNX are not installed.
    """
    for step in plan.live():
        if isinstance(step.layer, Custom | Lambda):
            why = f"{step.key} is code of the program's own, which is never run here"
            _refuse(step, lines, why, "generate PyTorch code, and export it yourself")
    size = 4 * sum(step.facts.parameters for step in plan.steps if step.facts and step.owns_weights)
    if size > _LARGEST:
        why = f"an ONNX file holds less than 2 GiB, and the weights of this network are {size:,} bytes"
        _refuse(plan.steps[-1], lines, why, "export a smaller one, or generate PyTorch code and export it yourself")
    for package in ("torch", "onnx", "onnxscript", "onnxruntime"):
        get_module(package)
    made = generated(plan, "pytorch", lines, script=False)
    model = _model(made, plan)
    arrays = _arrays(plan, lines)
    with _quiet():
        content = _exported(model, plan, arrays, made, lines)
        found = difference(model, content, arrays)
    if not found < TOLERANCE:
        why = f"the ONNX file computes something else than PyTorch: the relative difference is {found:.1e}"
        _refuse(plan.steps[-1], lines, why, "please report this program")
    return Exported(content, found)


def difference(model: Any, content: bytes, arrays: dict[str, Array]) -> float:
    """Return how far onnxruntime's results are from those of a model, relative to the largest of each output."""
    torch, numpy, onnxruntime = map(get_module, ("torch", "numpy", "onnxruntime"))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        results = model(*map(torch.from_numpy, arrays.values()))
    wanted = results if isinstance(results, tuple) else (results,)
    worst = 0.0
    for one, other in zip(session.run(None, arrays), (each.numpy() for each in wanted), strict=True):
        numpy.testing.assert_array_equal(one.shape, other.shape)
        scale = max(float(abs(other).max(initial=0.0)), 1e-30)
        worst = max(worst, float(abs(one - other).max(initial=0.0)) / scale)
    return worst


def _model(made: Generated, plan: Plan) -> Any:
    """Return the generated network, ready for inference; its code is checked before it runs."""
    torch = get_module("torch")
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(check(made.source), _FILE, "exec"), scope)
    torch.manual_seed((plan.network.training.settings or {}).get("seed", 0))
    return scope["build_model"]().eval()


def _arrays(plan: Plan, lines: LineIndex) -> dict[str, Array]:
    """Return an array for each input, as the PyTorch code reads it; sizes that the program leaves open are chosen."""
    numpy = get_module("numpy")
    random, arrays = numpy.random.default_rng(0), {}
    try:
        known = with_sizes(plan, lines)
    except RefusalError as refusal:
        _refuse(plan.inputs[0], lines, str(refusal), "give the sizes of the inputs")
    for step in known.inputs:
        array = input_of(step, known, random)
        arrays[step.key] = numpy.ascontiguousarray(array.transpose(native(array.ndim)), step.dtype or "float32")
    return arrays


def _exported(model: Any, plan: Plan, arrays: dict[str, Array], made: Generated, lines: LineIndex) -> bytes:
    torch, onnx = get_module("torch"), get_module("onnx")
    inputs = tuple(torch.from_numpy(array[:_TRACED]) for array in arrays.values())
    shapes = tuple(map(_open_axes, plan.inputs))
    try:
        # Attention by its formula: the fused kernels lay their results out in ways that the decompositions do not keep.
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            program = torch.onnx.export(model, inputs, dynamo=True, dynamic_shapes=shapes, verbose=False)
        _rename(program.model.graph, arrays, plan.network.outputs)
        message = program.model_proto
        onnx.checker.check_model(message, full_check=True)
        return cast(bytes, message.SerializeToString(deterministic=True))
    except Exception as error:  # the exporter raises what the network's own code and its many rules do
        _explain(error, model, inputs, shapes, plan, made, lines)


def _rename(graph: Any, inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """Give inputs and outputs the names of the program, and forget of every node where it was made."""
    inputs = tuple(inputs)
    outputs = [f"{name}.output" if name in inputs else name for name in outputs]
    taken = {*inputs, *outputs}
    for node in graph:
        node.metadata_props.clear()
        for value in node.outputs:
            if value.name in taken:
                value.name = f"{value.name}.value"  # no key of a program has a dot
    for value, name in zip((*graph.inputs, *graph.outputs), (*inputs, *outputs), strict=True):
        value.name = name


def _open_axes(step: Step) -> dict[int, str]:
    """Return names for the axes of an input that have any size, in PyTorch's order."""
    shape = cast(Shape, step.output_shape)
    order = native(len(shape) + 1)
    return {0: "batch"} | {
        position: f"{step.key}_{position}" for position, axis in enumerate(order) if axis and shape[axis - 1] is None
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporter says about itself from the reader."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


# --- what cannot be exported ---


def _explain(
    error: Exception, model: Any, inputs: Sequence[Any], shapes: Any, plan: Plan, made: Generated, lines: LineIndex
) -> NoReturn:
    """Raise the diagnostic of an export that failed, at the layer whose code is at fault where that can be found."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    line = _line_of_node(str(error), model, inputs, shapes) or _line_of_frame(cause)
    keys = [place.mark.key for place in made.places if place.first <= line <= place.last]
    steps = {step.key: step for step in plan.steps}
    step = next((steps[key] for key in reversed(keys) if key in steps), plan.steps[-1])
    operator = re.search(r"op='([\w.]+)'", str(cause))
    reason = f"ONNX has nothing for {operator[1]}" if operator else str(cause).partition("\n")[0][:200]
    _refuse(step, lines, f"PyTorch's exporter to ONNX does not take {step.key}: {reason}", "use another layer there")


def _line_of_frame(error: BaseException) -> int:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
    return frames[-1].lineno or 0 if frames else 0


def _line_of_node(message: str, model: Any, inputs: Sequence[Any], shapes: Any) -> int:
    """Return the line of generated code that made the node which an error names, or 0."""
    name = re.search(r"translating node %(\w+)", message)
    if not name:
        return 0
    torch = get_module("torch")
    open_axes = tuple(dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for axes in shapes)
    program = torch.export.export(model, tuple(inputs), dynamic_shapes=open_axes, strict=False)
    graph = program.run_decompositions().graph
    traces = [node.stack_trace or "" for node in graph.nodes if node.name == name[1]]
    found = _LINE.findall("".join(traces))
    return int(found[-1]) if found else 0


def _refuse(step: Step, lines: LineIndex, why: str, help: str) -> NoReturn:
    span = lines.span(*step.node.place.type)
    raise NeuralError((Diagnostic("N601", "error", why, span, help),))
