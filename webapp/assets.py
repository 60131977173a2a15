"""The page's own files: where they are, and how they are served (content-hashed, compressed once, immutable)."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PACKAGE = Path(__file__).parent
IMMUTABLE = "public, max-age=31536000, immutable"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def folder(name: str) -> Path:
    """Return ``templates``, ``static`` or ``examples``: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


@dataclass(frozen=True)
class Asset:
    """One file, held in memory as it is sent."""

    content: bytes
    content_type: str
    version: str = field(default="")

    @cached_property
    def compressed(self) -> bytes:
        """The file in gzip, made the first time that it is asked for."""
        return gzip.compress(self.content, 9, mtime=0)


class Assets:
    """Every file of ``static/`` by its path.

    The page's own modules import one another by relative paths, so they share one version, the hash of them all; a
    vendored file has its own, and stays in browsers' caches when the page changes.
    """

    def __init__(self, root: Path) -> None:
        paths = sorted(path for path in root.rglob("*") if path.suffix in TYPES)
        contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        own = hashlib.sha256()
        for name, content in contents.items():
            if not name.startswith("vendor/"):
                own.update(name.encode() + b"\0" + content)
        shared = own.hexdigest()[:12]
        self._assets = {
            name: Asset(
                content,
                TYPES[Path(name).suffix],
                hashlib.sha256(content).hexdigest()[:12] if name.startswith("vendor/") else shared,
            )
            for name, content in contents.items()
        }

    def url(self, name: str) -> str:
        """Return the address of a file; one that does not exist is a KeyError when the page is first drawn."""
        return f"/static/{self._assets[name].version}/{name}"

    def get(self, name: str) -> Asset | None:
        """Return the file at ``name``, which is looked up among the known names and is never a path on the disk."""
        return self._assets.get(name)

    def modules(self) -> list[str]:
        """Return the names of the page's own JavaScript modules, all of them part of the first load."""
        return [name for name in self._assets if name.endswith(".js") and "/" not in name]
