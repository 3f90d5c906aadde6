"""Logging for long-running commands: plain English lines on standard error, without personal data."""

import logging
import sys


def start_logging(*, verbose: bool = False) -> None:
    """Write the log to standard error."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for noisy in ("urllib3", "asyncio", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def quiet_logging() -> None:
    """Let only errors through, for a command whose own output says what happened."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(name)s: %(message)s")
