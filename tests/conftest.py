"""What every test of the house shares: one seed for a whole run, loopback only, no quiet skips in CI."""

from __future__ import annotations

import ipaddress
import os
import random
import signal
import socket
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest

SEED = int(os.environ.get("LOYALTILL_SEED") or random.SystemRandom().randrange(2**32))
os.environ["LOYALTILL_SEED"] = str(SEED)  # the processes that share the tests out inherit it
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else some hundred processes compile the whole house again
ALLOWED_SKIPS = ("hardware:", "platform:", "shared:")

# A slow disk is not a fault of the property under test.
hypothesis.settings.register_profile("loyaltill", deadline=None, print_blob=True)
hypothesis.settings.load_profile("loyaltill")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give hypothesis the run's seed, so that one number repeats everything; and let processes hear Ctrl-C.

    Whoever starts the tests in the background may have Ctrl-C ignored, and every process started here would inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_report_header() -> str:
    return f"seed: {SEED} (LOYALTILL_SEED={SEED} repeats this run)"


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of this run, printed in the header; LOYALTILL_SEED sets it."""
    return SEED


def _fail_quiet_skip(report: Any) -> Any:
    """In CI a test may be skipped only for hardware, a platform or the material in ../shared that is not there."""
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI, where only {' or '.join(ALLOWED_SKIPS)} reasons count: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _fail_quiet_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _fail_quiet_skip((yield))


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket's path
    host = str(address[0])
    try:
        return host in {"", "localhost"} or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """No test leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any, /) -> None:
        if not _is_local(address):
            raise AssertionError(f"a test tried to leave this machine: {address!r}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
