"""What does a child give up before it looks at what nobody trusts? Memory, time, files, the network, other processes.

Three walls. The system's limits: on Linux and macOS. The kernel's own, on Linux: Landlock for files, seccomp for sockets and
processes; no library and no machine code gets past them. And Python's audit hook, everywhere: it stops what is written in
Python, which on macOS and Windows is all there is beside the watch that the parent keeps (`start`).
"""

import ctypes
import os
import sys
import sysconfig
from collections.abc import Iterable
from errno import ENOSYS, EPERM
from pathlib import Path
from typing import Any

from insights.sandbox import landlock
from insights.sandbox.limits import MEGABYTE, Limits

LIBRARIES = 512  # megabytes of address space that the libraries take before a file is looked at
OPEN_FILES = 256
FILE_SIZE = 4  # the largest file that may be written, in times of the memory
LAST_SECONDS = 2  # of computing, between the signal that asks the child to end and the one that ends it
KINDNESS = 10  # the screens come first

NO_NEW_PRIVILEGES, DIE_WITH_PARENT, SIGKILL = 38, 1, 9  # of prctl
OWN_THREAD = 0x10000  # the flag of `clone` that makes a thread, and no process

# Of Linux: whatever reaches other machines, other processes, or the kernel's rarer parts. Threads of its own a child may make.
FORBIDDEN = """
    socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvmsg recvmmsg
    fork vfork execve execveat ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd
    pidfd_send_signal kill tkill rt_sigqueueinfo rt_tgsigqueueinfo
    io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd keyctl add_key request_key
    unshare setns mount umount2 move_mount open_tree fsopen fsmount pivot_root chroot open_by_handle_at name_to_handle_at
    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl
    memfd_create memfd_secret msgget semget shmget mq_open setrlimit personality
    chmod fchmod fchmodat chown fchown lchown fchownat setxattr lsetxattr fsetxattr mknod mknodat
    settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm syslog vhangup
"""

NETWORK = ("socket.",)  # beginnings of the names of Python's audit events
PROCESSES = (
    *("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.startfile"),
    *("pty.spawn", "os.kill", "_winapi.CreateProcess", "_winapi.OpenProcess"),
)
CHANGES = {  # events about paths that would change -> how many of their arguments are paths
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.utime"), 1),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), 2),
}


def confine(limits: Limits, readable: Iterable[Path], folder: Path) -> set[str]:
    """Gives all of it up, for good; the names of the walls that stand: "limits", "landlock", "seccomp", "audit".

    `readable`: the files and folders that may be read, besides Python itself; `folder` alone may be written to. Import
    before what is costly to import: no bytecode is written afterwards.
    """
    places = [Path(os.path.realpath(path)) for path in (*readable, *of_python())]
    folder = Path(os.path.realpath(folder))
    os.chdir(folder)  # where names without a folder lead
    stand = {"limits"} if _limited(limits) else set()
    if sys.platform == "linux":
        seccomp = _rules()  # looks for its library, for which it starts a process
        _prctl(DIE_WITH_PARENT, SIGKILL)
        _prctl(NO_NEW_PRIVILEGES, 1)
        stand |= {"landlock"} if landlock.restrict([*places, *of_the_system()], [folder, Path(os.devnull)]) else set()
        if seccomp is not None:
            seccomp.load()
            stand.add("seccomp")
    audit([*places, *of_the_system()], folder)
    return stand | {"audit"}


def of_python() -> set[Path]:
    """Where Python, its libraries and our own modules lie."""
    ours = Path(__file__).resolve().parents[1]
    standing = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    standing |= {path for path in sys.path if path and Path(path).resolve() != ours.parent}  # a workspace may lie beside us
    return {ours, *(Path(path) for path in standing | {*os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)} if path)}


def of_the_system() -> list[Path]:
    """What libraries read of the system: other libraries, time zones, how many cores there are."""
    places = "/usr/lib /usr/lib64 /usr/local/lib /lib /lib64 /etc/ld.so.cache /usr/share/zoneinfo /etc/localtime /dev/urandom"
    return [Path(place) for place in (*places.split(), "/proc/self", "/proc/cpuinfo", "/sys/devices/system/cpu", os.devnull)]


def _limited(limits: Limits) -> bool:
    """Address space (with room for the libraries), computing time, size and number of files, no core dumps."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    room = (limits.memory + LIBRARIES) * MEGABYTE
    wanted = {
        resource.RLIMIT_AS: (room, room),
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + LAST_SECONDS),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (FILE_SIZE * room, FILE_SIZE * room),
        resource.RLIMIT_NOFILE: (OPEN_FILES, OPEN_FILES),
    }
    if sys.platform == "darwin":
        wanted[resource.RLIMIT_NPROC] = (0, 0)  # on Linux it would count threads, and those of other processes too
    for kind, (soft, hard) in wanted.items():
        most = resource.getrlimit(kind)[1]
        lower = [value if most == resource.RLIM_INFINITY else min(value, most) for value in (soft, hard)]
        resource.setrlimit(kind, (lower[0], lower[1]))
    os.nice(KINDNESS)
    return True


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _rules() -> Any:  # noqa: ANN401 - a filter of libseccomp; None where that is not installed
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError):
        return None
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in FORBIDDEN.split():
        try:
            rules.add_rule(seccomp.ERRNO(EPERM), name)
        except (OSError, ValueError):  # unknown to this architecture, or to an older libseccomp
            continue
    rules.set_attr(seccomp.Attr.CTL_TSYNC, 1)  # for every thread
    rules.add_rule(seccomp.ERRNO(EPERM), "prlimit64", seccomp.Arg(2, seccomp.NE, 0))  # to ask is no harm
    rules.add_rule(seccomp.ERRNO(ENOSYS), "clone3")  # its flags cannot be looked at: libraries then ask for `clone`
    rules.add_rule(seccomp.ERRNO(EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, OWN_THREAD, 0))
    return rules


def audit(readable: Iterable[Path], folder: Path) -> None:
    """From now on Python itself refuses sockets, processes, and files elsewhere; a hook cannot be taken away again."""
    read = tuple(str(path) for path in readable)
    written = str(folder)

    def inside(path: object, places: Iterable[str]) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True  # a descriptor: opened before
        real = os.path.realpath(os.fsdecode(path))
        return any(real == place or real.startswith(place + os.sep) for place in places)

    def allowed(event: str, arguments: tuple[object, ...]) -> bool:
        if event == "open":
            path, _, flags = arguments
            writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            return inside(path, (written, os.devnull) if writing else (written, *read))
        if event in CHANGES:
            return all(inside(path, (written,)) for path in arguments[: CHANGES[event]])
        return not event.startswith((*NETWORK, *PROCESSES))

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if not allowed(event, arguments):
            raise PermissionError(EPERM, "closed to whoever reads what nobody trusts", event)

    sys.addaudithook(hook)
