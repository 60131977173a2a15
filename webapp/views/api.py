"""The same analysis for programs: JSON in, JSON out, problems by RFC 9457."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, request

from neural.compiler import default_compiler
from neural.errors import NeuralError
from webapp.analysis import BACKENDS, clean_filename
from webapp.limits import check_source
from webapp.responses import from_json, problem
from webapp.settings import Settings

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/analyze")
def analyze() -> Response:
    """Return the report of a program; one with errors is 422, with all that is known of it."""
    body = _body({"source", "framework", "batch", "dtype", "optimizer", "device", "values", "network"})
    settings = Settings.read(body)
    report = default_compiler().analyze(
        check_source(_text(body, "source") or ""),
        framework=settings.framework,
        batch=settings.batch,
        dtype=settings.dtype,
        optimizer=settings.optimizer or None,
        device=settings.device or None,
        values=_values(body),
        network=_text(body, "network"),
    )
    if report.ok:
        return from_json(report.to_dict())
    first = next(each for each in report.diagnostics if each.severity == "error")
    detail = f"Line {first.line}, column {first.column}: {first.message}"
    return problem(422, "The program has errors", detail, report.to_dict())


@blueprint.post("/generate")
def generate() -> Response:
    """Return generated code."""
    body = _body({"source", "backend", "network"})
    backend = _text(body, "backend") or "pytorch"
    if backend not in BACKENDS:
        abort(400, f"backend must be one of {', '.join(BACKENDS)}.")
    source, network = check_source(_text(body, "source") or ""), _text(body, "network")
    try:
        code = default_compiler().generate(source, backend=backend, network=network)
    except NeuralError as error:
        return _errors(error)
    name = clean_filename(network or "model")
    return from_json({"backend": backend, "filename": f"{name}_{backend}.py", "code": code})


@blueprint.post("/format")
def format_source() -> Response:
    """Return a program in the canonical layout; one with syntax errors is 422, and has none."""
    source = check_source(_text(_body({"source"}), "source") or "")
    try:
        return from_json({"source": default_compiler().format(source)})
    except NeuralError as error:
        return _errors(error)


def _errors(error: NeuralError) -> Response:
    found = [each.to_dict() for each in error.diagnostics]
    return problem(422, "The program has errors", error.first, {"diagnostics": found})


def _body(known: set[str]) -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        abort(400, "The body must be JSON in UTF-8.")
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    unknown = sorted(set(body) - known)
    if unknown:
        abort(400, f"Unknown member {unknown[0][:40]!a}; known are {', '.join(sorted(known))}.")
    if "source" not in body:
        abort(400, "The member source is missing.")
    return body


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        abort(400, f"The member {name} must be text.")
    return value


def _values(body: dict[str, Any]) -> dict[str, int | float] | None:
    values = body.get("values")
    if values is None:
        return None
    numbers = isinstance(values, dict) and all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in values.values()
    )
    if not numbers:
        abort(400, "The member values must be an object of numbers.")
    found: dict[str, int | float] = values
    return found
