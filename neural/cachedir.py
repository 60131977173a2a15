"""The directory for what may be kept between runs. Private: what another user could have planted is never read.

``NEURAL_CACHE=0`` turns it off; ``NEURAL_CACHE_DIR`` moves it. The tag of https://bford.info/cachedir/ marks it as
ours: no other directory is written to or removed.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Final

TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# The cache of Neural Playground. It may be removed at any time: neural clean\n"
)
_TAG_NAME: Final = "CACHEDIR.TAG"
_OFF: Final = frozenset({"0", "false", "no", "off"})


def caching_enabled() -> bool:
    """Return whether anything may be kept between runs: yes, unless ``NEURAL_CACHE`` says no."""
    return os.environ.get("NEURAL_CACHE", "").strip().lower() not in _OFF


def cache_path() -> Path:
    """Return where the cache stands, whether or not it is there."""
    if chosen := os.environ.get("NEURAL_CACHE_DIR"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The base directory specification has relative paths ignored.
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "neural-playground"


def cache_directory() -> Path | None:
    """Return the cache directory, made if need be; None when caching is off or the place cannot be trusted."""
    if not caching_enabled():
        return None
    try:
        path = cache_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        if not _private(path) or not _parents_safe(path):
            return None
        return path if _claim(path) else None
    except (OSError, RuntimeError):  # RuntimeError: there is no home directory
        return None


def claim_file(path: Path) -> bool:
    """Make a file of the cache directory if need be; return whether it is a plain one that nobody else may open."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return False
    return os.name != "posix" or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)


def remove_cache() -> Path | None:
    """Remove the cache directory and return its path; None when there is none of ours."""
    try:
        path = cache_path()
        if not path.is_symlink() and path.is_dir() and _private(path) and _tagged(path):
            shutil.rmtree(path)
            return path
    except RuntimeError:
        pass
    return None


def _private(path: Path) -> bool:
    """Return whether the path is a directory, not a link to one, of this user and of nobody else."""
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    return os.name != "posix" or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)


def _parents_safe(path: Path) -> bool:
    """Return whether no other user could put another directory in the place of this one."""
    return os.name != "posix" or all(_safe(parent.stat()) for parent in path.resolve().parents)


def _safe(directory: os.stat_result) -> bool:
    mode = directory.st_mode
    if directory.st_uid not in {0, os.geteuid()}:
        return False
    # A group of one's own is what many systems give every user, and let it write.
    shared = mode & 0o002 or (mode & 0o020 and directory.st_gid not in {0, os.getegid()})
    return not shared or bool(mode & stat.S_ISVTX)


def _claim(path: Path) -> bool:
    """Tag an empty directory as ours; return whether it is ours."""
    if not any(path.iterdir()):
        (path / _TAG_NAME).write_text(TAG, encoding="utf-8")
    return _tagged(path)


def _tagged(path: Path) -> bool:
    tag = path / _TAG_NAME
    return tag.is_file() and tag.read_bytes() == TAG.encode()
