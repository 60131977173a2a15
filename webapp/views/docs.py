"""Pages of the documentation that the playground leads to."""

from __future__ import annotations

from functools import cache
from typing import Final

from flask import Blueprint, Response

from neural.diagnostics import CODES
from neural.explanations import EXPLANATIONS, Explanation
from webapp import share
from webapp.contexts import CodePage, DiagnosticsPageContext, Sample, render
from webapp.views.playground import TITLE

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

DESCRIPTION = "What each diagnostic of the Neural language means, with a program that has it and the program mended."
AREAS: Final = {
    "N1": "Reading the text",
    "N2": "Names and values",
    "N3": "Structure",
    "N4": "Shapes",
    "N5": "Training",
    "N6": "Code",
    "N7": "Style",
}


@blueprint.get("/diagnostics")
def diagnostics() -> Response:
    """Return the page that explains every diagnostic code, a section each."""
    context = DiagnosticsPageContext(f"Diagnostics · {TITLE}", DESCRIPTION, _areas())
    return Response(render(context), mimetype="text/html")


@cache
def _areas() -> tuple[tuple[str, tuple[CodePage, ...]], ...]:
    """Return the codes by their first digit."""
    return tuple(
        (title, tuple(_code(code) for code in CODES if code.startswith(digit))) for digit, title in AREAS.items()
    )


def _code(code: str) -> CodePage:
    explanation = EXPLANATIONS[code]
    rule = CODES[code]
    return CodePage(code, rule[0].upper() + rule[1:], explanation.text, _samples(explanation))


def _samples(explanation: Explanation) -> tuple[Sample, ...]:
    reported, mended = explanation.example or "", explanation.mended or ""
    programs = (("Reported", reported, mended), ("Mended", mended, reported))
    return tuple(_sample(title, source, other) for title, source, other in programs if source)


def _sample(title: str, source: str, other: str) -> Sample:
    kept = set(other.splitlines())
    lines = tuple((line, bool(other) and line not in kept) for line in source.splitlines())
    return Sample(title, lines, f"/?z={share.encode(source)}")
