"""Whether this process is alive, and whether it can do its work."""

from __future__ import annotations

import shutil

from flask import Blueprint, Response, current_app

from neural.compiler import default_compiler
from webapp.responses import from_json
from webapp.storage import Storage, StorageUnavailable

blueprint = Blueprint("health", __name__)

NEEDED_BYTES = 100 * 1024 * 1024
PROBE = "network Probe { input: (4) layers: Dense(2) }"


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer without touching anything."""
    return from_json({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Compile, read from the database, look at the disk; 503 where one of them fails."""
    storage: Storage = current_app.extensions["storage"]
    checks = {"compiler": default_compiler().analyze(PROBE).ok, "database": _database(storage), "disk": _disk(storage)}
    good = all(checks.values())
    return from_json({"status": "ok" if good else "unavailable", "checks": checks}, 200 if good else 503)


def _database(storage: Storage) -> bool:
    try:
        storage.check()
    except StorageUnavailable:
        return False
    return True


def _disk(storage: Storage) -> bool:
    if storage.file is None:
        return True
    try:
        return shutil.disk_usage(storage.file.parent).free >= NEEDED_BYTES
    except OSError:
        return False
