"""The filters and the arithmetic of templates, each with a bound: Jinja's own would fill the memory or run for hours.

What a filter makes is paid for from the sheet's allowance. Lists hold no lists, so that none stands for a billion others.
"""

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jinja2 import TemplateRuntimeError, Undefined, pass_context
from jinja2.runtime import Context

from agent.receipts.sheet import Sheet
from agent.receipts.speech import Unprintable

SHEET: Final = "_sheet"
COUNTED, COMPARED, JOINED = "_counted", "_compared", "_joined"
FLAT, SLICED, TAKEN, SPENT = "_flat", "_sliced", "_taken", "_spent"
"""What the compiled template calls besides, in places where a shop wrote something else."""
MAX_RANGE: Final = 1_000
_LISTS: Final = list | tuple | range
_WHOLE_BITS: Final = 63


def sheet_of(context: Context) -> Sheet:
    """Give the paper that is being written."""
    sheet: Sheet = context.parent[SHEET]
    return sheet


def present(*values: object) -> None:
    """Let what is not there say so by itself.

    Raises:
        UndefinedError: One of them is not there.
    """
    for value in values:
        if isinstance(value, Undefined):
            str(value)


def bounded_range(*bounds: int) -> range:
    """Give the numbers of a short range."""
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise TemplateRuntimeError(f"a range has at most {MAX_RANGE:,} numbers")
    return numbers


def arithmetic(sign: str, act: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Give an operator for whole numbers of up to 63 bits."""

    def between(left: Any, right: Any) -> Any:
        present(left, right)
        if any(not isinstance(one, int) or one.bit_length() > _WHOLE_BITS for one in (left, right)):
            raise TemplateRuntimeError(f"{sign} is for whole numbers; ~ joins texts")
        return act(left, right)

    return between


@pass_context
def _counted(context: Context, items: Iterable[object], parts: int) -> Iterator[object]:
    """Go through what a loop goes through, whose body has so many parts."""
    allowance = sheet_of(context).allowance
    for item in items:
        allowance.step(parts)
        yield item


@pass_context
def _spent(context: Context, parts: int) -> None:
    """Count a body that is carried out."""
    sheet_of(context).allowance.step(parts)


@pass_context
def _joined(context: Context, *parts: object) -> str:
    sheet = sheet_of(context)
    try:
        texts = [sheet.write(part) for part in parts]
    except Unprintable:
        present(*parts)
        raise
    sheet.allowance.room(sum(map(len, texts)))
    return "".join(texts)


@pass_context
def _taken(context: Context, text: str) -> str:
    """Count the letters of a text that was gathered."""
    return sheet_of(context).allowance.text(text)


@pass_context
def _compared(context: Context, outcome: bool) -> bool:  # what a comparison gives
    """Count a comparison, and look at the time: what is compared may be long."""
    allowance = sheet_of(context).allowance
    allowance.step()
    allowance.look()
    return outcome


@pass_context
def _sliced(context: Context, part: Any) -> Any:
    """Count the letters or the items of a part."""
    if isinstance(part, _LISTS | str):
        sheet_of(context).allowance.room(len(part))
    return part


def _flat(items: Any) -> Any:
    """Give a list that was written out, which holds no other."""
    if len(items) > MAX_RANGE:
        raise TemplateRuntimeError(f"a list that is written out has at most {MAX_RANGE:,} items")
    if any(isinstance(item, list | tuple) for item in items):
        raise TemplateRuntimeError("a list holds no other list")
    return items


@pass_context
def _join(context: Context, items: Any, between: str = "") -> str:
    sheet, held = sheet_of(context), _items(context, items)
    texts = [sheet.write(item) for item in held]
    sheet.allowance.room(sum(map(len, texts)) + len(_text(between)) * max(0, len(texts) - 1))
    return between.join(texts)


@pass_context
def _replace(context: Context, text: Any, old: str, new: str) -> str:
    whole, found, put = _text(text), _text(old), _text(new)
    if not found:
        raise TemplateRuntimeError("nothing cannot be replaced")
    times = whole.count(found)
    sheet_of(context).allowance.room(len(whole) + times * (len(put) - len(found)))
    return whole.replace(found, put)


@pass_context
def _string(context: Context, value: Any) -> str:
    """Give a number without the signs by which a language groups it; any other value as it is printed."""
    present(value)
    sheet = sheet_of(context)
    if isinstance(value, int) and value.bit_length() <= 2 * _WHOLE_BITS:
        return str(value)
    return sheet.allowance.text(sheet.write(value))


def _of_text(act: Callable[[str], str]) -> Callable[..., str]:
    @pass_context
    def made(context: Context, value: Any) -> str:
        present(value)
        sheet = sheet_of(context)
        return sheet.allowance.text(act(sheet.write(value)))

    return made


def _of_items(act: Callable[[Context, list[Any]], Any]) -> Callable[..., Any]:
    @pass_context
    def made(context: Context, items: Any) -> Any:
        return act(context, _items(context, items))

    return made


def _items(context: Context, items: Any) -> list[Any]:
    """The items of a list, or the letters of a text, counted."""
    present(items)
    if not isinstance(items, _LISTS | str):
        raise TemplateRuntimeError(f"a {type(items).__name__} is no list")
    return list(_counted(context, items, 1))


def _first(context: Context, items: list[Any]) -> Any:
    return items[0] if items else context.environment.undefined("an empty list has no first item")


def _last(context: Context, items: list[Any]) -> Any:
    return items[-1] if items else context.environment.undefined("an empty list has no last item")


def _length(items: Any) -> int:
    present(items)
    if not isinstance(items, _LISTS | str):
        raise TemplateRuntimeError(f"a {type(items).__name__} has no length")
    return len(items)


def _default(value: Any, instead: Any = "", boolean: bool = False) -> Any:  # as Jinja's
    return instead if isinstance(value, Undefined) or (boolean and not value) else value


def _int(value: Any, instead: int = 0) -> int:
    present(value)
    if isinstance(value, str) and len(value) < 20 and value.strip().removeprefix("-").isascii():
        return int(value) if value.strip().removeprefix("-").isdigit() else instead
    return value if isinstance(value, int) else instead


def _abs(value: Any) -> int:
    present(value)
    if not isinstance(value, int):
        raise TemplateRuntimeError("abs is for whole numbers")
    return abs(value)


_remainder: Final = arithmetic("%", operator.mod)


def _text(value: Any) -> str:
    present(value)
    if not isinstance(value, str):
        raise TemplateRuntimeError("a text is wanted, as `string` makes it")
    return value


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": _abs,
    "default": _default,
    "first": _of_items(_first),
    "int": _int,
    "join": _join,
    "last": _of_items(_last),
    "length": _length,
    "list": _of_items(lambda _context, items: items),
    "lower": _of_text(str.lower),
    "max": _of_items(lambda _context, items: max(items)),
    "min": _of_items(lambda _context, items: min(items)),
    "replace": _replace,
    "reverse": _of_items(lambda _context, items: items[::-1]),
    "string": _string,
    "trim": _of_text(str.strip),
    "upper": _of_text(str.upper),
}
"""What a template may use, by name."""
HIDDEN: Final[dict[str, Callable[..., Any]]] = {
    COUNTED: _counted,
    COMPARED: _compared,
    JOINED: _joined,
    FLAT: _flat,
    SLICED: _sliced,
    TAKEN: _taken,
    SPENT: _spent,
}
TESTS: Final[dict[str, Callable[..., bool]]] = {
    "odd": lambda value: _remainder(value, 2) == 1,
    "even": lambda value: _remainder(value, 2) == 0,
    "divisibleby": lambda value, by: _remainder(value, by) == 0,
}
"""Our own: Jinja's would write a text with a number in it, as wide as it says."""
PLAIN_TESTS: Final = ("defined", "undefined", "none", "string", "number", "true", "false")
"""Jinja's, which look at a value and at nothing in it."""
