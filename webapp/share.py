"""A model in a link: ``1.`` and then the UTF-8 source in raw deflate, in base64url without padding."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

PREFIX = "1."
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class PayloadError(ValueError):
    """A payload that does not hold a model."""


class PayloadTooLarge(PayloadError):  # noqa: N818 - named for what is wrong, as HTTP names it
    """A payload that inflates to more than is allowed."""


def encode(source: str) -> str:
    """Return the payload that carries ``source``."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(source.encode()) + deflate.flush()
    return PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(payload: str, limit: int) -> str:
    """Return the source in ``payload``, inflating no more than ``limit`` bytes of it."""
    body = payload.removeprefix(PREFIX)
    if body == payload or not _ALPHABET.fullmatch(body):
        raise PayloadError("the link does not hold a model")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        source = inflate.decompress(packed, limit + 1)
    except (binascii.Error, zlib.error) as error:
        raise PayloadError("the link is damaged") from error
    if len(source) > limit:
        raise PayloadTooLarge(f"the model in the link is larger than {limit // 1024} KiB")
    if not inflate.eof or inflate.unused_data:
        raise PayloadError("the link is damaged")
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        raise PayloadError("the link is damaged") from error
