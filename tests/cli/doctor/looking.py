"""Picking from what the doctor found."""

from __future__ import annotations

from cli.doctor.findings import Finding, Level


def about(findings: list[Finding], what: str) -> list[tuple[Level, str]]:
    """What was found about one thing."""
    return [(finding.level, finding.text) for finding in findings if finding.about == what]


def failures(findings: list[Finding]) -> list[tuple[str, str]]:
    """What does not work."""
    return [(finding.about, finding.text) for finding in findings if finding.level is Level.FAIL]
