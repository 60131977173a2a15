"""The two processes that hold the frameworks, started when first needed and kept warm."""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast, final

from neural.lazy import get_module
from neural.verification.protocol import receive, send
from neural.verification.result import UnavailableError

PACKAGES: Final = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras")}
#: Seconds for a framework to be imported on a busy machine, and for a job beyond what it may take itself.
START: Final = 180
JOB: Final = 130

_ROOT: Final = str(Path(__file__).parents[2])
_START: Final = "import sys; sys.path.insert(0, sys.argv[2]); from neural.verification.worker import main; main()"
_SETTINGS: Final = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # so that sums are taken in one order
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}


def available() -> bool:
    """Whether the frameworks are installed and this system can hold them apart."""
    packages = [name for names in PACKAGES.values() for name in names]
    return sys.platform == "linux" and all(importlib.util.find_spec(name) is not None for name in packages)


@final
class Worker:
    """One process with one framework. Jobs wait for one another."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.versions: dict[str, str] = {}
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._home = ""

    def run(self, message: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a job, {"error": ...} where it could not be done."""
        with self._lock:
            process = self._started()
            path = Path(self._home, "job.npz")
            get_module("numpy").savez(path, **arrays)
            try:
                send(process.stdin.fileno(), {**message, "arrays": str(path)})  # type: ignore[union-attr]
                answer = self._answer(process, JOB)
            except (OSError, TimeoutError):
                answer = None
            finally:
                path.unlink(missing_ok=True)
            if answer is None:
                self._close()
            return answer or {"error": "crash"}

    def start(self) -> None:
        """Start the process unless it is there; wait until its framework is."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._close()
        self._home = tempfile.mkdtemp(prefix="neural-verify-")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, self.backend, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._home,
            env={**_SETTINGS, "HOME": self._home, "KERAS_HOME": self._home, "TMPDIR": self._home},
            start_new_session=True,
        )
        try:
            answer = self._answer(self._process, START)
        except TimeoutError:
            answer = None
        if answer is None:
            self._close()
            raise UnavailableError(f"{' and '.join(PACKAGES[self.backend])} cannot be imported here")
        self.versions = answer["versions"]
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any] | None:
        return receive(process.stdout.fileno(), time.monotonic() + seconds)  # type: ignore[union-attr]

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                cast(Any, pipe).close()
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = ""


_WORKERS: Final = {backend: Worker(backend) for backend in PACKAGES}


def start() -> dict[str, str]:
    """Start both processes side by side; return the releases of the frameworks."""
    with ThreadPoolExecutor(len(_WORKERS)) as pool:
        list(pool.map(Worker.start, _WORKERS.values()))
    return {name: release for worker in _WORKERS.values() for name, release in worker.versions.items()}


def run(messages: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Run the jobs of both backends side by side; return their answers."""
    with ThreadPoolExecutor(len(_WORKERS)) as pool:
        found = {name: pool.submit(each.run, messages[name], arrays[name]) for name, each in _WORKERS.items()}
        return {name: each.result() for name, each in found.items()}


@atexit.register
def close() -> None:
    """End both processes."""
    for worker in _WORKERS.values():
        worker.close()
