"""Shared models: stored by their content, shown again in every form."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from neural.visualization.diagram import diagram_svg
from webapp import analysis, downloading, verdicts
from webapp.assets import IMMUTABLE
from webapp.limits import check_source, config
from webapp.responses import from_json
from webapp.security import nonce
from webapp.settings import Settings
from webapp.storage import Storage
from webapp.verifying import Verifier
from webapp.views.playground import page

blueprint = Blueprint("models", __name__)


@blueprint.after_request
def keep_out_of_search(response: Response) -> Response:
    """A shared model is for whoever has its link."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.post("/models")
def share() -> BaseResponse:
    """Store a model and send to it; a program that asks for JSON is told where it is."""
    source = check_source(request.form.get("source", ""))
    if not source.strip():
        abort(400, "There is nothing to share yet.")
    identifier = _storage().save(source)
    path = f"/m/{identifier}{Settings.read(request.form).query()}"
    if request.accept_mimetypes.best == "application/json":
        response = from_json({"id": identifier, "path": path, "url": _address(path)}, 201)
        response.headers["Location"] = path
        return response
    return redirect(path, 303)


@blueprint.get("/m/<identifier>")
def show(identifier: str) -> Response:
    """Return the page with a shared model open."""
    source = _load(identifier)
    settings = Settings.read(request.args)
    title = analysis.run(source, settings).network or "Shared model"
    link = _address(f"/m/{identifier}{settings.query()}")
    verifier: Verifier = current_app.extensions["verifier"]
    job = verifier.find(source)
    return page(source, settings, title=title, link=link, verification=verdicts.view(job) if job else None)


@blueprint.get("/m/<identifier>.neural")
def source_file(identifier: str) -> Response:
    """Return the source as it was stored."""
    response = Response(_load(identifier), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = IMMUTABLE
    return response


@blueprint.get("/m/<identifier>.json")
def report_file(identifier: str) -> Response:
    """Return the report by schema 1."""
    return from_json(analysis.run(_load(identifier), Settings.read(request.args)).to_dict())


@blueprint.get("/m/<identifier>.svg")
def diagram_file(identifier: str) -> Response:
    """Return the diagram as a picture that stands alone."""
    report = analysis.run(_load(identifier), Settings.read(request.args))
    if not report.ok:
        abort(422, "A program with errors has no diagram.")
    # The drawing's own style comes before any text of the program, so the first of its kind is the one to allow.
    svg = diagram_svg(report, standalone=True).replace("<style>", f'<style nonce="{nonce()}">', 1)
    return Response(svg, mimetype="image/svg+xml")


@blueprint.get("/m/<identifier>/<any(pytorch, tensorflow):backend>.<any(py, ipynb, zip):ending>")
def code(identifier: str, backend: str, ending: str) -> Response:
    """Return the generated code of a backend: a script, a notebook or a project."""
    return downloading.download(_load(identifier), backend, downloading.BY_ENDING[ending])


def _storage() -> Storage:
    storage: Storage = current_app.extensions["storage"]
    return storage


def _load(identifier: str) -> str:
    source = _storage().load(identifier)
    if source is None:
        abort(404)
    return source


def _address(path: str) -> str:
    return (config().base_url or request.host_url.rstrip("/")) + path
