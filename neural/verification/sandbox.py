"""What a process that runs generated code may do: compute, within bounds, and nothing else.

Generated code is ours and its syntax tree is checked before it runs (``allowlist``). This is the second wall: a process
of its own group, without environment, with limits of the operating system, no network where the system lets it go, and
a hook that refuses to open, connect, start or load anything that computing a network does not need.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

MIB: Final = 1024 * 1024
PROCESSOR_SECONDS: Final = 60
WALL_SECONDS: Final = 120
ADDRESS_SPACE: Final = 4096 * MIB
FILE_BYTES: Final = 16 * MIB
OPEN_FILES: Final = 256

_NEW_NAMESPACES: Final = 0x10000000 | 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
_NEW_NETWORK: Final = 0x40000000
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG

#: Events of Python's own audit that no network needs: https://docs.python.org/3/library/audit_events.html.
_REFUSED: Final = (
    *("ctypes.dlopen", "ftplib", "http.client", "os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill"),
    *("os.link", "os.mkdir", "os.posix_spawn", "os.putenv", "os.remove", "os.rename", "os.rmdir", "os.spawn"),
    *("os.symlink", "os.system", "os.truncate", "os.unsetenv", "pty.spawn", "shutil", "signal.pthread_kill", "smtplib"),
    *("socket", "subprocess.Popen", "syslog", "tempfile", "urllib.Request", "webbrowser"),
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


def confine(readable: Sequence[str]) -> None:
    """Take from this process, for good, all that computing does not need; ``readable`` are folders it may read."""
    os.setpgid(0, 0)
    _die_with_parent()
    _leave_network()
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + PROCESSOR_SECONDS
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: _mapped() + ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, (limit, limit + 1))  # a second after the signal that time is up comes the one to die
    sys.addaudithook(_hook(readable))


def _mapped() -> int:
    """Return the bytes of address space that the frameworks have taken before any work."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _die_with_parent() -> None:
    _system_call("prctl", _DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _leave_network() -> None:
    """Move to a network without interfaces, where the system lets this process."""
    if _system_call("unshare", _NEW_NETWORK) != 0:
        _system_call("unshare", _NEW_NAMESPACES)


def _system_call(name: str, *arguments: int) -> int:
    function = getattr(ctypes.CDLL(None), name, None)
    return int(function(*arguments)) if function is not None else -1


def _hook(readable: Sequence[str]) -> Any:
    roots = tuple(os.path.realpath(each) for each in readable)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _check_open(arguments, roots)
        elif event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not allowed here")

    return watch


def _check_open(arguments: tuple[Any, ...], roots: tuple[str, ...]) -> None:
    path, _, flags = arguments
    if isinstance(path, int):
        return  # it was opened before
    name = os.path.realpath(os.fsdecode(path))
    if name == os.devnull:
        return
    if flags & _WRITING:
        raise PermissionError("writing files is not allowed here")
    if not any(name == root or name.startswith(root + os.sep) for root in roots):
        raise PermissionError("reading this file is not allowed here")
