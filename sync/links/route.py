"""How HQ is reached beside its address: a proxy in between, and whose certificates count. Imports nothing heavy."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route to HQ.

    Attributes:
        ca_file: Certificates in PEM that HQ's must come from, instead of the public ones; None for those.
        proxy: The URL of a proxy that everything to HQ goes through; empty for none.
    """

    ca_file: Path | None = None
    proxy: str = ""


DIRECT = Route()
"""Straight to HQ, trusting the public certificate authorities."""
