"""Findings as lines for people or as one JSON object. Pure: values in, text out."""

import json
from collections import Counter
from collections.abc import Sequence
from textwrap import wrap

from cli.doctor.findings import Finding, Level

WIDTH = 118
"""Longer lines are folded, also where nobody has a terminal."""
_MARKS = {Level.OK: "ok", Level.WARN: "warn", Level.FAIL: "FAIL"}
_MARK_COLUMNS = 6


def lines(findings: Sequence[Finding], *, width: int = WIDTH) -> list[str]:
    """Write a line for each finding, longer ones folded, then what it comes to."""
    columns = max((len(finding.about) for finding in findings), default=0) + 2
    return [line for finding in findings for line in _folded(finding, columns, width)] + ["", summary(findings)]


def summary(findings: Sequence[Finding]) -> str:
    """Say in one sentence what it comes to."""
    counts = Counter(finding.level for finding in findings)
    wrong, doubtful = counts[Level.FAIL], counts[Level.WARN]
    if not wrong and not doubtful:
        return "All is well."
    said = [f"{_counted(wrong)} wrong"] if wrong else ["Nothing is wrong"]
    if doubtful:
        said.append(f"{_counted(doubtful)} worth a look".lower())
    return ", ".join(said) + "."


def as_json(findings: Sequence[Finding]) -> str:
    """Write one JSON object on one line."""
    checks = [
        {"level": finding.level.value, "about": finding.about, "text": finding.text, "advice": finding.advice}
        for finding in findings
    ]
    return json.dumps({"ok": is_well(findings), "checks": checks})


def is_well(findings: Sequence[Finding]) -> bool:
    """Tell whether nothing failed; what is only worth a look does not count."""
    return all(finding.level is not Level.FAIL for finding in findings)


def _folded(finding: Finding, columns: int, width: int) -> list[str]:
    first = f"{_MARKS[finding.level]:<{_MARK_COLUMNS}}{finding.about:<{columns}}"
    sentences = [finding.text, finding.advice] if finding.advice else [finding.text]
    said = " ".join(_sentence(sentence) for sentence in sentences)
    indent = " " * (_MARK_COLUMNS + columns)
    return wrap(
        said, width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _sentence(text: str) -> str:
    """Begin with a capital, unless with a path or an address, and end with a full stop."""
    begun = text[0].upper() + text[1:] if text.split(maxsplit=1)[0].isalpha() else text
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."


def _counted(count: int) -> str:
    return "1 thing is" if count == 1 else f"{count} things are"
