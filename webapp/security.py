"""What guards every answer: content policy with a nonce, headers, and who may send a POST."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Response, abort, g, request

from webapp.limits import config

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = (
    "default-src 'none'; "
    "script-src 'self' 'nonce-{nonce}'; "
    "style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "object-src 'none'"
)


def nonce() -> str:
    """Return the nonce of this answer, which the scripts of its page carry."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def add_headers(response: Response) -> Response:
    """Add the headers that every answer has, an error's too."""
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
    headers["X-Content-Type-Options"] = "nosniff"
    # An address may hold a whole model, so other sites are told none of it. "no-referrer" would go too far: with it
    # browsers call the origin of our own POSTs "null".
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "no-store" if request.method not in SAFE_METHODS else "private, no-cache")
    return response


def check_origin() -> None:
    """Refuse a POST that another site's page makes a browser send."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site in ("same-origin", "none"):
        return
    if site is not None or (origin is not None and not _is_ours(origin)):
        abort(403, "This request came from another site.")


def _is_ours(origin: str) -> bool:
    ours = config().base_url or request.host_url.rstrip("/")
    try:
        return _parts(origin) == _parts(ours)
    except ValueError:
        return False


def _parts(origin: str) -> tuple[str, str, int]:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError(origin)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
