"""Programme files with one or several faults by chance: what a person mistypes, and what nobody would write."""

from __future__ import annotations

import re
from random import Random

_VALUES = (
    '""', '" "', '"x"', '"Ω"', '"\\u0000"', '"-1"', '"0"', '"1e9"', '"9999999999999999999"', '"0.0000000001"', '"٣"',
    "0", "-1", "1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" + "0" * 400, "1.5", "inf",
    "nan", "true", "false", "[]", "[[]]", '["a", 1]', '[""]', "{}", "{ a = 1 }", "2026-01-31", "2026-01-31T10:00:00Z",
    "2026-01-31T10:00:00", "0001-01-01", "9999-12-31", "10:00:00", '"P0D"', '"P999Y9999M99999D"', '"P"', '"percent"',
    '["mon"]', '["17:00-20:00"]', '["24:00-24:00"]', '["T1-T2"]', "[" * 60 + "]" * 60, '"' + "x" * 201 + '"',
)  # fmt: skip
_LINES = (
    "[[rule]]", "[[reward]]", "[[unit]]", "[tiers]", "[rule]", "[policies]", "[a.b.c]", "x = 1", "a.b.c.d = 1", "=", "[",
    '"', "'''", "\x00", "\ufeff", "# note", "kind = \"tender\"", "goods.goods = 1", "when.when.when = 1", "[currency]",
)  # fmt: skip
_PAIR = re.compile(r"^(\s*[\w.\-\"]+\s*=\s*)(.*)$")


def mutated(text: str, rng: Random, *, most: int = 4) -> str:
    """A text with up to ``most`` faults, or fewer where one undoes another."""
    lines = text.split("\n")
    for _ in range(rng.randint(1, most)):
        lines = rng.choice(_WAYS)(lines, rng)
    return "\n".join(lines)


def _drop(lines: list[str], rng: Random) -> list[str]:
    place = rng.randrange(len(lines))
    return lines[:place] + lines[place + rng.choice((1, 1, 5)) :] or [""]


def _twice(lines: list[str], rng: Random) -> list[str]:
    begin = rng.randrange(len(lines))
    end = begin + rng.choice((1, 1, 8))
    return lines[:end] + lines[begin:]


def _moved(lines: list[str], rng: Random) -> list[str]:
    line = rng.choice(lines)
    place = rng.randrange(len(lines))
    return [*lines[:place], line, *lines[place:]]


def _valued(lines: list[str], rng: Random) -> list[str]:
    pairs = [place for place, line in enumerate(lines) if _PAIR.match(line)]
    if not pairs:
        return lines
    place = rng.choice(pairs)
    found = _PAIR.match(lines[place])
    assert found is not None
    other = rng.choice((rng.choice(_VALUES), rng.choice(_VALUES), _value_of(lines, pairs, rng)))
    return [*lines[:place], found.group(1) + other, *lines[place + 1 :]]


def _value_of(lines: list[str], pairs: list[int], rng: Random) -> str:
    found = _PAIR.match(lines[rng.choice(pairs)])
    assert found is not None
    return found.group(2)


def _rekeyed(lines: list[str], rng: Random) -> list[str]:
    pairs = [place for place, line in enumerate(lines) if _PAIR.match(line)]
    if not pairs:
        return lines
    one, other = (_PAIR.match(lines[rng.choice(pairs)]) for _ in range(2))
    assert one is not None
    assert other is not None
    place = rng.choice(pairs)
    return [*lines[:place], one.group(1) + other.group(2), *lines[place + 1 :]]


def _odd(lines: list[str], rng: Random) -> list[str]:
    place = rng.randrange(len(lines) + 1)
    return [*lines[:place], rng.choice(_LINES), *lines[place:]]


def _typed(lines: list[str], rng: Random) -> list[str]:
    place = rng.randrange(len(lines))
    line = lines[place]
    at = rng.randrange(len(line) + 1)
    other = rng.choice(("", "x", '"', "Қ", "\t", ".", "=", "[", "]", "\\", "0", "\U0001f600"))
    return [*lines[:place], line[:at] + other + line[at + 1 :], *lines[place + 1 :]]


_WAYS = (_drop, _twice, _moved, _valued, _valued, _valued, _rekeyed, _rekeyed, _odd, _typed)
