"""Turn this process into another program that dies with its parent, optionally as an unprivileged user.

Run as a script, by path, with ``python -I -S``: it uses nothing but the standard library and is gone as
soon as it has called exec. A ``preexec_fn`` would do the same in fewer lines, but runs Python between fork
and exec, which can deadlock in a process that has threads.

    launcher.py PARENT_PID DEATH_SIGNAL [UID:GID[:CAPABILITY]] -- COMMAND …
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522

FAILED = 125  # exit status, apart from those of the programs started and of the shell


def command_for(
    command: Sequence[str],
    *,
    death_signal: signal.Signals = signal.SIGKILL,
    run_as: tuple[int, int] | None = None,
    capability: int | None = None,
) -> list[str]:
    """The argument list that runs ``command`` so that it gets ``death_signal`` when the calling process dies.

    The signal follows the *thread* that starts the process: start it from one that lives as long as the
    process (the main thread). ``run_as`` is (uid, gid) and needs root; ``capability`` is the number of the
    one capability the program keeps. Outside Linux the program outlives its parent; whoever starts next has
    to clear it away.
    """
    words = [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), str(int(death_signal))]
    if run_as is not None:
        words.append(":".join(str(n) for n in (*run_as, *(() if capability is None else (capability,)))))
    # Looked up here: after the change of user the launcher may be unable to read Python's own modules.
    return [*words, "--", shutil.which(command[0]) or command[0], *command[1:]]


def main(argv: Sequence[str]) -> None:
    split = list(argv).index("--")
    options, command = list(argv)[:split], list(argv)[split + 1 :]
    parent, death_signal = int(options[0]), int(options[1])
    try:
        if len(options) > 2:
            uid, gid, *capability = (int(n) for n in options[2].split(":"))
            _become(uid, gid, capability[0] if capability else None)
        if sys.platform == "linux":
            # After the change of user: the kernel forgets the death signal when credentials change.
            _prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                sys.exit(FAILED)  # the parent died before the line above
        # Python ignores these two; the program must not inherit that.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606  the whole purpose
    except OSError as error:
        sys.stderr.write(f"launcher: can't start {command[0]}: {error}\n")
        sys.exit(FAILED)


def _become(uid: int, gid: int, capability: int | None) -> None:
    """Change user for good, keeping at most one capability in the ambient set so that exec hands it on."""
    if capability is not None:
        # Without this bit access(2) leaves capabilities out for a user other than root, and PostgreSQL uses
        # it to look for its own program file.
        _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([gid])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability is not None:
        _keep_only(capability)
        _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, first: int, second: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    long = ctypes.c_ulong
    if libc.prctl(option, long(first), long(second), long(0), long(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


def _keep_only(capability: int) -> None:
    low, high = (1 << capability) & 0xFFFFFFFF, (1 << capability) >> 32
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable for the low 32 capabilities, then for the high ones
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, data) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"capset: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
