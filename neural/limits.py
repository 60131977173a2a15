"""What one program may cost. Whoever runs a server may set other numbers."""

from __future__ import annotations

from neural.records import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a program: bytes of UTF-8 source, nesting depth, layers after expansion."""

    source_bytes: int = 256 * 1024
    depth: int = 64
    layers: int = 20_000
    number_characters: int = 20
    integer: int = 2**63 - 1
    string_characters: int = 10_000


DEFAULT_LIMITS = Limits()
