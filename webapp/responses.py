"""How answers are made: compressed text, JSON, problems, attachments."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from webapp.assets import IMMUTABLE, Asset

SMALLEST_COMPRESSED: Final = 600


def accepts_gzip() -> bool:
    """Return whether the client reads gzip."""
    return "gzip" in request.headers.get("Accept-Encoding", "").lower()


def compress(response: Response) -> Response:
    """Compress a text that is worth it."""
    if (response.mimetype or "").startswith(("text/", "application/json", "application/problem", "image/svg")):
        response.vary.add("Accept-Encoding")
        if (
            not response.direct_passthrough
            and "Content-Encoding" not in response.headers
            and accepts_gzip()
            and len(response.get_data()) >= SMALLEST_COMPRESSED
        ):
            response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return response


def from_asset(asset: Asset, *, immutable: bool) -> Response:
    """Return a file of the page; under its own version it never changes."""
    packed = accepts_gzip() and len(asset.content) >= SMALLEST_COMPRESSED
    response = Response(asset.compressed if packed else asset.content, content_type=asset.content_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = IMMUTABLE if immutable else "no-cache"
    return response


def from_json(data: Any, status: int = 200, mimetype: str = "application/json") -> Response:
    """Return data as JSON."""
    return Response(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", status, mimetype=mimetype)


def problem(status: int, title: str, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """Return a problem by RFC 9457; ``more`` holds further members."""
    members = {**(more or {}), "type": "about:blank", "title": title, "status": status, "detail": detail}
    return from_json(members, status, "application/problem+json")


def attachment(content: bytes, filename: str, content_type: str) -> Response:
    """Return a file to keep. The name has been cleaned to ASCII letters, digits, ``_``, ``-`` and a dot."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
