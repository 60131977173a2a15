"""The forms in which generated code is downloaded: the model alone, a script, a notebook, a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from neural.code_generation.emitter import generated
from neural.code_generation.forms_notebook import notebook
from neural.code_generation.forms_project import project
from neural.diagnostics import LineIndex
from neural.shape_propagation.plan import Plan


@final
@dataclass(frozen=True, slots=True)
class Form:
    """A file to download: how its name ends, its media type and its bytes, the same for the same program."""

    suffix: str
    media_type: str
    content: bytes


def make(plan: Plan, backend: str, form: str, lines: LineIndex, source: str = "") -> Form:
    """Return a plan without errors in a form; ``source`` is its program, for a project to hold.

    Raises ``NeuralError`` for what the backend cannot express, ``ValueError`` for a form or backend that is not known.
    """
    if form not in _MAKERS:
        raise ValueError(f"unknown form {form!r}: use one of {', '.join(FORMS)}")
    return _MAKERS[form](plan, backend, lines, source)


def _model(plan: Plan, backend: str, lines: LineIndex, source: str) -> Form:
    return _python(generated(plan, backend, lines, script=False).source)


def _script(plan: Plan, backend: str, lines: LineIndex, source: str) -> Form:
    return _python(generated(plan, backend, lines).source)


def _python(text: str) -> Form:
    return Form(".py", "text/x-python", text.encode())


def _notebook(plan: Plan, backend: str, lines: LineIndex, source: str) -> Form:
    return Form(".ipynb", "application/x-ipynb+json", notebook(plan, backend, lines).encode())


def _project(plan: Plan, backend: str, lines: LineIndex, source: str) -> Form:
    return Form(".zip", "application/zip", project(plan, backend, lines, source))


_MAKERS: Mapping[str, Callable[[Plan, str, LineIndex, str], Form]] = {
    "model": _model,
    "script": _script,
    "notebook": _notebook,
    "project": _project,
}
FORMS = tuple(_MAKERS)
