"""Messages between processes: a length of four bytes, and that many bytes of JSON. Arrays in answers are base64."""

from __future__ import annotations

import base64
import json
import os
import select
import struct
import time
from collections.abc import Mapping
from typing import Any, Final, cast

LARGEST: Final = 64 * 1024 * 1024


def send(file: int, message: Mapping[str, Any]) -> None:
    """Write one message."""
    data = json.dumps(message, default=_packed).encode()
    if len(data) > LARGEST:
        data = b'{"error": "size"}'
    data = struct.pack("!I", len(data)) + data
    while data:
        data = data[os.write(file, data) :]


def receive(file: int, deadline: float | None = None) -> dict[str, Any] | None:
    """Read one message; None where the other end is gone. Raises ``TimeoutError`` at the deadline."""
    head = _read(file, 4, deadline)
    if head is None:
        return None
    (size,) = struct.unpack("!I", head)
    data = _read(file, size, deadline) if size <= LARGEST else None
    return cast(dict[str, Any], json.loads(data)) if data is not None else None


def _read(file: int, size: int, deadline: float | None) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([file], [], [], left)[0]:
            raise TimeoutError
        part = os.read(file, min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _packed(array: Any) -> str:
    """Return an array of float64 as base64."""
    return base64.b64encode(array.astype("float64").tobytes()).decode()


def unpacked(text: str) -> Any:
    """Return the array that an answer holds as base64."""
    import numpy

    return numpy.frombuffer(base64.b64decode(text), dtype="float64")
