"""The page's own files."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app

from webapp.assets import Assets
from webapp.responses import from_asset

blueprint = Blueprint("static", __name__)


@blueprint.get("/static/<version>/<path:name>")
def file(version: str, name: str) -> Response:
    """Return a file. A page of an earlier release asks for an earlier version, and is given today's, uncached."""
    assets: Assets = current_app.extensions["assets"]
    asset = assets.get(name)
    if asset is None:
        abort(404)
    return from_asset(asset, immutable=version == asset.version)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Return the picture that browsers ask for unprompted."""
    return file("", "favicon.svg")
