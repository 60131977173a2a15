"""Every failure as an answer: problem+json to programs, a line in the playground, else a page. Never a trace."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from webapp.contexts import ErrorContext, ProblemContext, render
from webapp.responses import problem
from webapp.settings import SettingError
from webapp.share import PayloadError, PayloadTooLarge
from webapp.storage import StorageUnavailable
from webapp.verifications import QueueFull

MESSAGES = {
    400: "The server could not make sense of this request.",
    404: "There is nothing at this address.",
    405: "This address does not answer this kind of request.",
    413: "This is too large: a model may have 256 KiB of source.",
    414: "This address is too long. Long models travel in a short link, or after the # sign.",
    429: "Too many models wait to be verified. Please try again in a minute.",
    503: "Saving and opening shared models does not work right now. Editing does; please try again in a moment.",
}

_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Have every failure of ``app`` answered here."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SettingError, _setting)
    app.register_error_handler(PayloadTooLarge, _too_large)
    app.register_error_handler(PayloadError, _payload)
    app.register_error_handler(StorageUnavailable, _unavailable)
    app.register_error_handler(QueueFull, _queue_full)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, message: str, reference: str = "") -> Response:
    """Return a failure in the form that whoever asked can read."""
    title = HTTPStatus(status).phrase
    if _wants_json():
        return problem(status, title, message, {"reference": reference} if reference else None)
    if request.headers.get("HX-Request") == "true":
        return Response(render(ProblemContext(message)), status, mimetype="text/html")
    page = ErrorContext(title=title, description=message, status=status, message=message, reference=reference)
    return Response(render(page), status, mimetype="text/html")


def _wants_json() -> bool:
    path = request.path
    is_data = path.startswith("/api/") or path.endswith(".json") or path in ("/healthz", "/readyz")
    return is_data or request.accept_mimetypes.best == "application/json"


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    said = error.description if error.description != type(error).description else None
    response = answer(status, said or MESSAGES.get(status, error.name + "."))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _setting(error: SettingError) -> Response:
    return answer(400, f"{error}."[0].upper() + f"{error}."[1:])


def _payload(error: PayloadError) -> Response:
    return answer(400, f"This link cannot be opened: {error}.")


def _too_large(error: PayloadTooLarge) -> Response:
    return answer(413, f"This link cannot be opened: {error}.")


def _unavailable(error: StorageUnavailable) -> Response:
    _log.warning("the database does not answer", exc_info=error)
    response = answer(503, MESSAGES[503])
    response.headers["Retry-After"] = "5"
    return response


def _queue_full(_: QueueFull) -> Response:
    response = answer(429, MESSAGES[429])
    response.headers["Retry-After"] = "60"
    return response


def _too_deep(_: RecursionError) -> Response:
    return answer(400, "This is nested too deeply.")


def _unexpected(error: Exception) -> Response:
    reference = secrets.token_hex(6)
    _log.error("request %s failed", reference, exc_info=error)
    return answer(500, "Something went wrong on the server. It was recorded.", reference)
