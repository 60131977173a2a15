"""Bounds on what a request may carry, checked before anything reads it."""

from __future__ import annotations

from flask import abort, current_app, request

from webapp.config import Config


def config() -> Config:
    """Return the settings of the running application."""
    settings: Config = current_app.extensions["config"]
    return settings


def check_request() -> None:
    """Refuse an address or a body that is too long."""
    settings = config()
    query = request.query_string
    if len(request.path) + len(query) + 1 > settings.max_url_characters:
        abort(414)
    # A body that comes in chunks has no length to look at: it is read here, and the reading stops one byte over.
    in_chunks = request.content_length is None and "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    size = len(request.get_data()) if in_chunks else request.content_length or 0
    if size > settings.max_body_bytes:
        abort(413)


def check_source(text: str) -> str:
    """Return the source of a model with line ends as ``\\n``, as editors count them; refuse one that is too large."""
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        abort(400, "The source is not valid Unicode text.")
    if size > config().max_source_bytes:
        abort(413)
    return source
