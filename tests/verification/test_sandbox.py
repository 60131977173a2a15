"""A process that runs generated code can compute and do nothing else, whatever that code is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

_CONFINED = """
import ctypes, os, pathlib, random, resource, signal, socket, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
from neural.verification import sandbox
sandbox.{limit}
sandbox.confine([sys.prefix, sys.base_prefix])
"""


def confined(code: str, limit: str = "OPEN_FILES = 64") -> subprocess.CompletedProcess[str]:
    """Run code in a process that has confined itself, as the jobs of a verification are."""
    return subprocess.run(
        [sys.executable, "-I", "-c", _CONFINED.format(limit=limit) + code, str(Path(__file__).parents[2])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )


def test_it_computes() -> None:
    done = confined("print(sum(range(10)))")
    assert (done.returncode, done.stdout) == (0, "45\n"), done.stderr


REFUSED = [
    "socket.socket()",
    "socket.create_connection(('127.0.0.1', 80))",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.fork()",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.execv('/bin/true', ['true'])",
    "os.kill(os.getppid(), signal.SIGTERM)",
    "open('/tmp/outside', 'w')",
    "pathlib.Path('/tmp/outside').touch()",
    "os.mkdir('/tmp/outside')",
    "os.remove('/etc/hostname')",
    "open('/etc/passwd').read()",
    "open(f'/proc/{os.getppid()}/environ').read()",
    "open('/proc/self/mem', 'rb')",
    "ctypes.CDLL('libc.so.6')",
]


@pytest.mark.parametrize("code", REFUSED)
def test_what_else_there_is_is_refused(code: str) -> None:
    done = confined(f"print('before', flush=True)\n{code}")
    assert (done.returncode, done.stdout) == (1, "before\n")
    assert "is not allowed here" in done.stderr


def test_the_environment_is_not_the_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "secret")
    assert "secret" not in confined("print(dict(os.environ))").stdout


def test_memory_is_bounded() -> None:
    done = confined("x = bytearray(1 << 30)", limit="ADDRESS_SPACE = 256 * sandbox.MIB")
    assert done.returncode == 1
    assert "MemoryError" in done.stderr


def test_time_is_bounded() -> None:
    begin = time.monotonic()
    done = confined("while True: pass", limit="PROCESSOR_SECONDS = 1")
    assert done.returncode < 0
    assert time.monotonic() - begin < 30


def test_nothing_is_left_of_a_worker_that_is_closed() -> None:
    from neural.verification import workers

    worker = workers.Worker("pytorch")
    worker.start()
    process = worker._process
    assert process is not None
    worker.close()
    assert process.poll() is not None
    assert not _children(process.pid)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
