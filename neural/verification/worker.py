"""The process that has a framework loaded: for each job it forks, so that a job meets a fresh, confined interpreter.

Jobs come on its standard input and answers go to its standard output, as ``protocol`` has them; arrays come in a file
that the job names. What a job prints is lost.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from neural.lazy import get_module
from neural.verification import sandbox
from neural.verification.protocol import receive, send

#: Seconds without a job after which the process ends.
IDLE: Final = 600
SIDES: Final = {"pytorch": "neural.verification.torch_side", "tensorflow": "neural.verification.keras_side"}


def main() -> None:
    """Serve jobs until the standard input ends or nothing comes for long."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    side = import_module(SIDES[sys.argv[1]])
    send(answers, {"versions": side.load()})
    while select.select([requests], [], [], IDLE)[0]:
        job = receive(requests)
        if job is None:
            return
        send(answers, _forked(side, job))


def _forked(side: Any, job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a child process, or why there is none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(side, job, writing)
    os.close(writing)
    try:
        answer = receive(reading, time.monotonic() + sandbox.WALL_SECONDS)
    except TimeoutError:
        answer = {"error": "time"}
    finally:
        os.close(reading)
        _end(child)
    _, status = os.waitpid(child, 0)
    if answer is not None:
        return answer
    cause = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"error": "time" if cause == signal.SIGXCPU else "crash"}


def _end(child: int) -> None:
    """Kill a child and whatever it may have started."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _child(side: Any, job: Mapping[str, Any], writing: int) -> None:
    """Do a job and end the process, whatever happens."""
    try:
        arrays = dict(get_module("numpy").load(job["arrays"], allow_pickle=False)) if job["arrays"] else {}
        get_module("random")  # loads what opens /dev/urandom while that can be opened
        sandbox.confine([sys.prefix, sys.base_prefix, *filter(None, sys.path)])
        answer = side.run(job, arrays)
    except MemoryError:
        answer = {"error": "memory"}
    except BaseException as error:
        answer = {"error": "code", "message": "".join(traceback.format_exception_only(error))[-2000:].strip()}
    try:
        send(writing, answer)
    finally:
        os._exit(0)
