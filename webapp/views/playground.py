"""The page, its answers to edits, its examples."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from neural.compiler import default_compiler
from neural.cost.devices import DEVICES
from neural.cost.memory import DTYPES
from neural.cost.report import FRAMEWORKS
from neural.errors import NeuralError
from webapp import answers, downloading, explaining, presentation, share, verifying
from webapp.analysis import run
from webapp.answers import Asked
from webapp.contexts import PlaygroundContext, render
from webapp.gallery import Gallery
from webapp.limits import check_source, config
from webapp.parts import ExplanationContext, VerificationContext
from webapp.settings import LARGEST_BATCH, OPTIMIZERS, Settings

blueprint = Blueprint("playground", __name__)

TITLE = "Neural Playground"
DESCRIPTION = (
    "Write a neural network in a few lines. See true shapes, parameters, FLOPs and memory while you type, "
    "and take PyTorch and Keras code that runs."
)
FRAMEWORK_NAMES = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}


@blueprint.get("/")
def home() -> Response:
    """Return the page, with the model that its link carries, or the first example."""
    payload = request.args.get("z")
    if payload is None:
        return page(_gallery().default.source, Settings.read(request.args))
    if len(payload) > config().max_payload_characters:
        abort(414)
    return page(check_source(share.decode(payload, config().max_source_bytes)), Settings.read(request.args))


@blueprint.post("/analyze")
def analyze() -> Response:
    """Return the parts of the page that an edit changes; without scripts, the whole page.

    The header says which page they are changes to, so that they are never put into another.
    """
    source = check_source(request.form.get("source", ""))
    settings = Settings.read(request.form)
    asked = Asked.read(request.form)
    if request.headers.get("HX-Request") != "true":
        return page(source, settings, revision=asked.revision)
    found, base = answers.answer(source, settings, asked)
    response = Response(render(found), mimetype="text/html")
    response.headers["Changes-To"] = base
    return response


@blueprint.post("/panels/<any(charts, diagram, code, search):name>")
def panel(name: str) -> Response:
    """Return what stands behind a tab of the results, where it is looked at only now."""
    source = check_source(request.form.get("source", ""))
    found = answers.panel(name, source, Settings.read(request.form))
    if found is None:
        abort(422, "There is none while the program has errors.")
    return Response(render(found), mimetype="text/html")


@blueprint.post("/explain")
def explain() -> Response:
    """Return where a number of the report comes from; without scripts, on the whole page."""
    source = check_source(request.form.get("source", ""))
    settings = Settings.read(request.form)
    found = explaining.explanation(run(source, settings), request.form.get("number", ""))
    if found is None:
        abort(404)
    if request.headers.get("HX-Request") != "true":
        return page(source, settings, revision=Asked.read(request.form).revision, explanation=found)
    return Response(render(found), mimetype="text/html")


@blueprint.post("/format")
def format_source() -> Response:
    """Return the page with the program in the canonical layout; one with syntax errors stays as it is."""
    source = check_source(request.form.get("source", ""))
    with suppress(NeuralError):
        source = default_compiler().format(source)
    return page(source, Settings.read(request.form), revision=Asked.read(request.form).revision)


@blueprint.get("/examples/")
def first_example() -> BaseResponse:
    """Send to the page."""
    return redirect("/")


@blueprint.get("/examples/<name>")
def example(name: str) -> Response:
    """Return the page with a network or a file of the gallery open; ``<name>.neural`` is its source alone."""
    found = _gallery().find(name.removesuffix(".neural"))
    if found is None:
        abort(404)
    if name.endswith(".neural"):
        return Response(found.source, content_type="text/plain; charset=utf-8")
    return page(found.source, Settings.read(request.args), title=found.title, indexed=True)


@blueprint.post("/download/<any(pytorch, tensorflow):backend>")
def download(backend: str) -> Response:
    """Return the code of one backend as a file, in the form that the query or a field names.

    The page names it in the query: a button called "form" would stand in the way of its own form.
    """
    source = check_source(request.form.get("source", ""))
    return downloading.download(source, backend, request.values.get("form", "script"))


def _gallery() -> Gallery:
    found: Gallery = current_app.extensions["examples"]
    return found


def page(
    source: str,
    settings: Settings,
    *,
    revision: int = 1,
    title: str = "",
    link: str = "",
    indexed: bool = False,
    explanation: ExplanationContext | None = None,
    verification: VerificationContext | None = None,
) -> Response:
    """Return the whole page with ``source`` analysed in it."""
    context = PlaygroundContext(
        title=f"{title} · {TITLE}" if title else TITLE,
        description=DESCRIPTION,
        source=source,
        settings=settings,
        frameworks=tuple((name, FRAMEWORK_NAMES[name]) for name in FRAMEWORKS),
        dtypes=DTYPES,
        optimizers=OPTIMIZERS,
        devices=tuple(DEVICES),
        largest_batch=LARGEST_BATCH,
        gallery=_gallery(),
        analysis=answers.whole(source, settings, revision),
        explanation=explanation,
        bars=presentation.bars(run(source, settings)),
        verification=(verification or VerificationContext()) if verifying.versions() else None,
        link=link,
        indexed=indexed or request.full_path == "/?",
    )
    return Response(render(context), mimetype="text/html")
