"""Settings of the production server: gunicorn with gevent workers, JSON log lines on standard output."""

from __future__ import annotations

import gc
import json
import logging
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final


class JsonFormatter(logging.Formatter):
    """One JSON object a line, so that no text from outside can forge or break one."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def _stdout(level: str, *loggers: str) -> dict[str, Any]:
    """Return the logging configuration that sends ``loggers`` to standard output."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stdout"]},
        "loggers": {name: {"level": level, "handlers": ["stdout"], "propagate": False} for name in loggers},
    }


_SHARED_MEMORY: Final = Path("/dev/shm")

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_connections = 1000
backlog = 512

timeout = 30
graceful_timeout = 8  # below the ten seconds that hosts wait between SIGTERM and SIGKILL
keepalive = 5

limit_request_line = 8190  # above the limit of the application, whose own answer to a longer address is the better one
limit_request_fields = 64
limit_request_field_size = 8190

# A heartbeat written to a slow disk would get healthy workers killed.
worker_tmp_dir = str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else None
control_socket_disable = True

_NUMBERS: Final = "PROMETHEUS_MULTIPROC_DIR"
_OURS: Final = "neural-metrics-"


def on_starting(server: Any) -> None:
    """Stop where a setting is wrong, and name it; else make the folder where workers write their numbers.

    The module of the settings is run by itself: the application's own modules are each worker's to import.
    """
    settings = runpy.run_path(str(Path(__file__).with_name("config.py")))
    try:
        config = settings["Config"].from_environment()
    except settings["ConfigError"] as error:
        sys.exit(str(error))
    if config.metrics_token and not os.environ.get(_NUMBERS):
        os.environ[_NUMBERS] = tempfile.mkdtemp(prefix=_OURS)


def post_worker_init(worker: Any) -> None:
    """Make what the first person would wait for: layers, the driver, and the parser that reads what is broken.

    All of that stays, so that the garbage collector need not look through it.
    """
    from neural.compiler import default_compiler

    for source in ("network A { input: (4) layers: Dense(2) }", "network A { input: (4) layers: Dense(2"):
        default_compiler().analyze(source)
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Take what a worker held, which has ended, out of the sums; what it counted stays in them."""
    if os.environ.get(_NUMBERS):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the folder of the numbers, if it is one that was made here."""
    folder = Path(os.environ.get(_NUMBERS, ""))
    if folder.name.startswith(_OURS):
        shutil.rmtree(folder, ignore_errors=True)


# The query string may hold a person's model and the address a person: neither is logged.
access_log_format = "%(m)s %(U)s %(s)s %(B)s bytes %(D)s us"
accesslog = "-"
logconfig_dict = _stdout(os.environ.get("LOG_LEVEL", "INFO").upper(), "gunicorn.error", "gunicorn.access")
