"""Whether an address can be listened on; it is taken for an instant and given back, and nothing connects to it."""

import errno
import socket

from cli.doctor.findings import Finding, fail, ok, warn


def check_port(about: str, host: str, port: int, *, owner: str, owner_runs: bool) -> Finding:
    """Try an address as its owner would.

    Args:
        about: What the finding is about.
        host: Name or number.
        port: 0 lets the system choose.
        owner: Who listens there when all is well, as ``the agent``.
        owner_runs: Whether it is running now.
    """
    if port == 0:
        return ok(about, f"the system chooses {owner}'s port at each start")
    reason = _refusal(host, port)
    shown = f"{host} port {port}"
    if reason is None:
        if owner_runs:
            text = f"{shown} is free although {owner} is running"
            return warn(about, text, f"it was started with other settings, or is just starting; restart {owner}")
        return ok(about, f"{shown} is free")
    if reason != errno.EADDRINUSE:
        return fail(about, f"{owner} cannot listen on {shown}", "set an address of this machine, or a port above 1023")
    if owner_runs:
        return ok(about, f"{shown} is taken, as it should be while {owner} is running")
    return fail(about, f"another program listens on {shown}", f"stop it, or set another port for {owner}")


def _refusal(host: str, port: int) -> int | None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
            tried.listen(1)
    except OSError as fault:
        return _number(fault)
    return None


def _number(fault: OSError) -> int:
    """Windows answers EACCES (10013) or WSAEADDRINUSE (10048) for a port that another program holds alone."""
    if fault.errno == errno.EADDRINUSE or getattr(fault, "winerror", None) in {10013, 10048}:
        return errno.EADDRINUSE
    return fault.errno or errno.EADDRNOTAVAIL
