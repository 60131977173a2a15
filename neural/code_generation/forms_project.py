"""A generated network as a project: a folder with the model, its training, its tests, and what to install.

The tests hold the network to the numbers of its plan. The archive's bytes depend on the program alone.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping

from neural.code_generation import training_keras, training_pytorch
from neural.code_generation.emitter import Refusals, generated
from neural.code_generation.forms_tests import tests
from neural.code_generation.training import array_names, has_training, recipe_of
from neural.code_generation.training_text import as_code
from neural.code_generation.writer import MODEL, Writer
from neural.cost.accounting import report
from neural.cost.markup import markdown
from neural.cost.report import Framework, Report
from neural.cost.tables import count, totals
from neural.diagnostics import LineIndex
from neural.errors import NeuralError
from neural.layers.custom import Custom, class_name
from neural.shape_propagation.plan import Plan

#: What a project installs: the releases that this version is tested with.
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "pytorch": ("torch==2.13.0", "numpy>=2.0", "pytest>=9"),
    "tensorflow": ("keras==3.15.*", "tensorflow==2.21.*", "numpy>=2.0", "pytest>=9"),
}
_FRAMEWORKS: Mapping[str, Framework] = {"pytorch": "pytorch", "tensorflow": "tensorflow"}
_NAMES = {"pytorch": "PyTorch", "tensorflow": "Keras"}
_TRAINING: Mapping[str, Callable[[Writer, Plan, Refusals], None]] = {
    "pytorch": training_pytorch.write_training,
    "tensorflow": training_keras.write_training,
}
#: The earliest day that an archive can name.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def project(plan: Plan, backend: str, lines: LineIndex, source: str) -> bytes:
    """Return the archive of a plan's project, which holds its program where that is given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files(plan, backend, lines, source).items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode())
    return packed.getvalue()


def files(plan: Plan, backend: str, lines: LineIndex, source: str = "") -> dict[str, str]:
    """Return the text of a project's files, by name."""
    model = generated(plan, backend, lines, script=False).source
    trained = {"train.py": _training(plan, backend, lines)} if has_training(plan) else {}
    known = report(plan, lines, (), framework=_FRAMEWORKS[backend], batch=1, dtype="float32", optimizer=None)
    return {
        f"{MODEL}.py": model,
        **trained,
        f"test_{MODEL}.py": tests(known),
        "requirements.txt": "\n".join(REQUIREMENTS[backend]) + "\n",
        "README.md": _readme(plan, known, bool(source)),
        **({f"{MODEL}.neural": source} if source else {}),
    }


def _training(plan: Plan, backend: str, lines: LineIndex) -> str:
    """Return the training part as a file of its own, which imports what it uses of the model's."""
    writer = Writer()
    refusals = Refusals(lines)
    _TRAINING[backend](writer, plan, refusals)
    if refusals.found:
        raise NeuralError(tuple(refusals.found))
    writer.use(f"from {MODEL} import build_model")
    if backend == "pytorch" and training_pytorch.has_penalties(plan):
        writer.use(f"from {MODEL} import ActivityRegularization")
    return writer.source("Training of the network: `python train.py --help` lists the options.")


def _readme(plan: Plan, known: Report, with_source: bool) -> str:
    parts = [
        f"# {as_code(plan.network.name)}",
        f"A network in {_NAMES[known.framework]}{_origin(plan) if with_source else ''}.",
        "\n".join(["| | |", "|---|---|", f"| Layers | {count(len(known.layers))} |", *_rows(known)]),
        _part("Install", "pip install -r requirements.txt"),
    ]
    if has_training(plan):
        words = f"`FILE.npz` holds {array_names(recipe_of(plan))}; without `--data`, synthetic data is made up."
        parts.append(_part("Train", "python train.py --data FILE.npz\npython train.py --help", words))
    custom = dict.fromkeys(class_name(step.layer) for step in plan.steps if isinstance(step.layer, Custom))
    words = f"They pass once {' and '.join(custom)} in `{MODEL}.py` are filled in." if custom else ""
    return "\n\n".join([*parts, _part("Test", "python -m pytest", words)]) + "\n"


def _origin(plan: Plan) -> str:
    values = ", ".join(as_code(f"{name} = {known['value']}") for name, known in plan.network.values.items())
    return f", from `{MODEL}.neural`" + (f" with {values}" if values else "")


def _rows(known: Report) -> Iterator[str]:
    return (f"| {markdown(name)} | {markdown(value)} |" for name, value in totals(known))


def _part(title: str, commands: str, words: str = "") -> str:
    return f"## {title}\n\n```\n{commands}\n```" + (f"\n\n{words}" if words else "")
