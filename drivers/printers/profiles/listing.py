"""The profiles that come with this program: ``names()`` and ``load(name)``.

The models are read from ``models.json`` when the first one is asked for; plain printers, of which only the paper and the
letters are known, stand here.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from drivers.printers.profiles.profile import CodePage, PrinterProfile, StatusAbilities

UNKNOWN: Final = PrinterProfile(name="unknown", title="any ESC/POS printer for 80 mm paper", columns=48, width_dots=576)
"""Nothing is trusted but ASCII and pictures."""
_CP866: Final = CodePage(number=17, codec="cp866")
_CP857: Final = CodePage(number=13, codec="cp857")


def names() -> tuple[str, ...]:
    """Every name that ``load`` knows, the plain ones first."""
    return (*_plain(), *sorted(_models()))


@cache
def load(name: str) -> PrinterProfile:
    """The profile of this name.

    Raises:
        KeyError: There is none.
    """
    plain = _plain().get(name)
    return plain if plain is not None else _profile(name, _models()[name])


@cache
def _plain() -> Mapping[str, PrinterProfile]:
    listed = (
        UNKNOWN,
        _plain_printer("cp866-58mm", "a printer with Russian letters, 58 mm", 32, _CP866, cutter=False),
        _plain_printer("cp866-80mm", "a printer with Russian letters, 80 mm", 48, _CP866, cutter=True),
        _plain_printer("cp857-80mm", "a printer with Turkish letters, 80 mm", 48, _CP857, cutter=True),
    )
    return {profile.name: profile for profile in listed}


def _plain_printer(name: str, title: str, columns: int, page: CodePage, *, cutter: bool) -> PrinterProfile:
    """A printer that does what ESC/POS printers do, with one page besides ASCII."""
    return PrinterProfile(
        name=name,
        title=title,
        columns=columns,
        width_dots=columns * 12,
        pages=(page,),
        text_styles=True,
        inline=True,
        doubled=True,
        cutter=cutter,
        double_bytes=True,
    )


@cache
def _models() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files(__package__).joinpath("models.json").read_text(encoding="utf-8")
    models: Mapping[str, Mapping[str, Any]] = json.loads(text)["models"]
    return models


def _profile(name: str, model: Mapping[str, Any]) -> PrinterProfile:
    fields = dict(model)
    pages = tuple(CodePage(number=at, codec=codec, verified=verified) for at, codec, verified in fields.pop("pages"))
    return PrinterProfile(name=name, pages=pages, status=StatusAbilities(**fields.pop("status")), **fields)
