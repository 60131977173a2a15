"""``/metrics``: what Prometheus reads, for whoever knows the token."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, abort, request

from webapp.limits import config
from webapp.metrics import CONTENT_TYPE, metrics

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def numbers() -> Response:
    """Return the numbers of all worker processes; 404 where none are kept, 401 without the token."""
    kept = metrics()
    if kept is None:
        abort(404)
    given = request.authorization
    token = given.token if given and given.type == "bearer" else None
    if not compare_digest((token or "").encode(), config().metrics_token.encode()):
        return Response("", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    return Response(kept.text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
