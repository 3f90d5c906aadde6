"""Running a check so that it ends: a device or a host that hangs costs its time, not the whole command."""

import threading
from collections.abc import Callable, Sequence

from cli.doctor.findings import Finding, fail

LONGEST_S = 20.0

Check = Callable[[], Sequence[Finding]]


def within(about: str, check: Check, *, longest_s: float = LONGEST_S) -> list[Finding]:
    """Run a check; one that takes too long, or breaks, becomes a finding itself."""
    found: list[Finding] = []

    def work() -> None:
        try:
            found.extend(check())
        except Exception as fault:  # noqa: BLE001  # the other checks still have something to say
            found.append(fail(about, f"this could not be checked ({type(fault).__name__})", "please report it"))

    thread = threading.Thread(target=work, name=f"doctor: {about}", daemon=True)
    thread.start()
    thread.join(longest_s)
    if thread.is_alive():
        return [fail(about, f"this did not answer within {longest_s:g} seconds")]
    return found
