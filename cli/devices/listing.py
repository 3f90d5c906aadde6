"""What `loyaltill devices list` prints: each thing that was found, and its lines for config.toml."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from drivers.scanners.discovery import Found

_KINDS = {
    "serial": "serial port",
    "wedge": "keyboard",
    "hid_pos": "HID POS scanner",
    "pcsc": "card reader",
}
_MOVES = "this name changes when it is plugged in elsewhere"
_UNLIKELY = {
    "serial": "a plain port; what is on it cannot be known",
    "wedge": "a keyboard of people's, or a scanner that does not say so",
}


def lines(found: Sequence[Found]) -> Iterator[str]:
    """Give the lines; what is hardly a scanner comes with its lines switched off."""
    if not found:
        yield "nothing is plugged in that looks like a scanner or a card reader"
        yield "is this user allowed to see it, and is it switched on?"
        return
    for one in found:
        yield f"{_KINDS[one.kind]}: {_label(one) or 'without a name'}"
        notes = [*([] if one.likely else [_UNLIKELY.get(one.kind, "")]), *([] if one.stays else [_MOVES])]
        yield from (f"  {note}" for note in notes if note)
    yield ""
    yield '# For config.toml. mode: "own" is the agent\'s alone; "shared" hands every other scan on to the POS program.'
    for one, name in zip(found, names(found), strict=True):
        off = "" if one.likely else "# "
        yield ""
        yield f"{off}[[scanner]]  # {_label(one)}" if one.label else f"{off}[[scanner]]"
        for key, value in (("name", name), ("kind", one.kind), ("mode", "own"), ("device", one.device)):
            yield f"{off}{key} = {json.dumps(value, ensure_ascii=False)}"


def _label(one: Found) -> str:
    """Give what it calls itself, in one line: a device may say anything."""
    return "".join(char if char.isprintable() else " " for char in one.label)


def as_json(found: Sequence[Found]) -> str:
    """Give everything as one JSON object."""
    return json.dumps({"found": [{"name": name, **asdict(one)} for one, name in zip(found, names(found), strict=True)]})


def names(found: Sequence[Found]) -> list[str]:
    """Give each one a name that `[[scanner]]` takes."""
    counts: dict[str, int] = {}
    given = []
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        given.append(f"{one.kind}-{counts[one.kind]}")
    return given
