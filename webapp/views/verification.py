"""Verifying a program: asked for once, looked at until it is done."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request

from webapp import analysis, verdicts, verifying
from webapp.answers import Asked
from webapp.contexts import render
from webapp.limits import check_source
from webapp.settings import Settings
from webapp.storage import ID_PATTERN
from webapp.verifying import Verifier
from webapp.views.playground import page

blueprint = Blueprint("verification", __name__, url_prefix="/verify")


@blueprint.post("")
def ask() -> Response:
    """Enter a program into the queue and say how far it is; without scripts, on the whole page."""
    if not verifying.versions():
        abort(404, "This server has no frameworks to verify with.")
    source = check_source(request.form.get("source", ""))
    if not analysis.run(source, Settings()).ok:
        abort(422, "There is nothing to verify: the program has errors.")
    found = verdicts.view(_verifier().ask(source))
    if request.headers.get("HX-Request") != "true":
        settings = Settings.read(request.form)
        return page(source, settings, revision=Asked.read(request.form).revision, verification=found)
    return Response(render(found), mimetype="text/html")


@blueprint.get("/<identifier>")
def look(identifier: str) -> Response:
    """Return how far a verification is, or what it found."""
    if not ID_PATTERN.fullmatch(identifier):
        abort(404)
    job = _verifier().jobs.find(identifier)
    return Response(render(verdicts.view(job)), 200 if job else 404, mimetype="text/html")


def _verifier() -> Verifier:
    verifier: Verifier = current_app.extensions["verifier"]
    return verifier
