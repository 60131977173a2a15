"""Verifying for a server: in a process of its own, which has the lower claim on the processor.

Preparing a verification and comparing its results take a processor for parts of a second, in which a server's other
answers would wait. The process is started when first needed, keeps the frameworks' processes, and ends with the
server, or when it has had nothing to do for long.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast, final

from neural.verification.protocol import receive, send

#: What is taken from the priority of this process and of those that it starts.
NICENESS: Final = 10
#: Seconds without a program after which the process ends.
IDLE: Final = 900
#: Seconds between two words of a verification: the frameworks are imported in 180 at most, a job takes 130.
SILENCE: Final = 240

_ROOT: Final = str(Path(__file__).parents[1])
_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from neural.verifier import main; main()"
_SETTINGS: Final = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

Progress = Callable[[str], object]


@final
class VerifyingProcess:
    """The process as a server sees it. Programs wait for one another."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def verify(self, source: str, progress: Progress) -> Mapping[str, Any]:
        """Verify a program and return what was found as JSON has it, or why it cannot be verified.

        Raises ``RuntimeError`` where the process fails.
        """
        with self._lock:
            try:
                return self._asked(source, progress)
            except (OSError, TimeoutError) as error:
                self._close()
                raise RuntimeError("the process that verifies does not answer") from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._close()

    def _asked(self, source: str, progress: Progress) -> Mapping[str, Any]:
        process = self._started()
        requests, answers = cast(Any, process.stdin).fileno(), cast(Any, process.stdout).fileno()
        send(requests, {"source": source})
        while (answer := receive(answers, time.monotonic() + SILENCE)) is not None:
            if "words" in answer:
                progress(answer["words"])
            elif "failure" in answer:
                raise RuntimeError(answer["failure"])
            else:
                return cast(Mapping[str, Any], answer["result"])
        raise OSError("the process ended")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._close()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_SETTINGS,
            start_new_session=True,
        )
        return self._process

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            cast(Any, process.stdin).close()  # it ends when it reads that
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            cast(Any, process.stdout).close()


def main() -> None:
    """Verify what comes on the standard input until it ends or nothing comes for long."""
    os.nice(NICENESS)
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    while select.select([requests], [], [], IDLE)[0]:
        asked = receive(requests)
        if asked is None:
            return
        send(answers, _answer(asked["source"], lambda words: send(answers, {"words": words})))


def _answer(source: str, progress: Progress) -> dict[str, Any]:
    try:
        return {"result": verified(source, progress)}
    except Exception as error:  # whatever it is, the server has to be told
        return {"failure": "".join(traceback.format_exception(error))[-4000:]}


def verified(source: str, progress: Progress) -> Mapping[str, Any]:
    """Verify a program here, and return what ``VerifyingProcess.verify`` does."""
    from neural.compiler import default_compiler
    from neural.errors import NeuralError
    from neural.verification import RefusalError

    try:
        return default_compiler().verify(source, progress=progress).to_dict()
    except NeuralError as error:
        return {"refused": error.first, "key": None}
    except RefusalError as error:
        return {"refused": str(error), "key": error.key}
