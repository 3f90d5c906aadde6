"""Jinja, fenced in: a shop's template can put words on paper and nothing else, and cannot run for ever.

A template sees fields of its value, the tags of a `Sheet`, a few filters. What it may say stands in ``fences``, its filters
and arithmetic in ``filters``, how much of all that in ``allowance``. Jinja is imported when the first paper is written.
"""

import operator
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from types import MethodType
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from agent.receipts.allowance import MAX_TEXT
from agent.receipts.faults import EndlessTemplate, SheetFault
from agent.receipts.fences import Fences
from agent.receipts.filters import FILTERS, HIDDEN, PLAIN_TESTS, TESTS, arithmetic, bounded_range, present, sheet_of
from agent.receipts.names import SUFFIX
from agent.receipts.sheet import Sheet
from agent.receipts.speech import Speech, Unprintable
from agent.receipts.stamps import stamp_of

BUILT_IN: Final = "builtin/"
"""How the name of a template that ships with the program begins, in ``{% extends "builtin/slip.jinja" %}``."""
_HERE: Final = Path(__file__).parent / "templates"
_MOST_BYTES: Final = 50_000
_SHORT: Final = 1_000
"""Letters that a call may give uncounted; there are not so many calls."""
_OPEN_TYPES: Final = (LoopContext, Namespace, BlockReference)
_OF_DATES: Final = frozenset({"year", "month", "day", "hour", "minute"})
_OPERATORS: Final = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}


class Fenced(ImmutableSandboxedEnvironment):
    """The environment of the templates in one folder, and of those that ship with the program.

    Args:
        folder: The shop's, or None.
    """

    intercepted_binops = frozenset(_OPERATORS)

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Gather the text of a block or a macro, which has an end."""
        gathered = list(parts)
        if sum(map(len, gathered)) > MAX_TEXT:
            raise EndlessTemplate(f"a text has more than {MAX_TEXT:,} letters")
        return "".join(gathered)

    def __init__(self, folder: Path | None) -> None:
        super().__init__(
            loader=_Loader(folder),
            extensions=[RowTags],
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_finalize,
            optimized=False,
        )
        self.filters = {**FILTERS, **HIDDEN}
        self.tests = {name: self.tests[name] for name in PLAIN_TESTS} | TESTS
        self.globals = {"range": bounded_range, "namespace": Namespace}
        self.binop_table = {sign: arithmetic(sign, act) for sign, act in _OPERATORS.items()}

    def write(self, name: str, values: dict[str, Any]) -> str:
        """Carry out a template; its text is counted as it comes."""
        template = self.get_template(name)
        context = template.new_context(values)
        allowance = sheet_of(context).allowance
        pieces = []
        try:
            for piece in template.root_render_func(context):
                allowance.room(len(piece))
                pieces.append(piece)
        except Exception:  # noqa: BLE001  # Jinja raises it again, with the template's lines in its traceback
            self.handle_exception()
        return "".join(pieces)

    def extended_by(self, name: str) -> set[str]:
        """Name the templates of the folder that another one extends; none for one that cannot be read."""
        try:
            source, *_ = self.loader.get_source(self, f"{name}{SUFFIX}")  # type: ignore[union-attr]  # it has one
            tree = self.parse(source)
        except (TemplateError, OSError, ValueError, RecursionError):
            return set()
        named = (node.template for node in tree.find_all(nodes.Extends))
        return {str(one.value).removesuffix(SUFFIX) for one in named if isinstance(one, nodes.Const)}

    def compile(self, source: Any, *more: Any, **named: Any) -> Any:
        """Compile a template, fenced in."""
        if isinstance(source, str):
            name = more[0] if more else named.get("name")
            filename = more[1] if len(more) > 1 else named.get("filename")
            source = Fences().visit(self.parse(source, name, filename))
            source.set_environment(self)
        return super().compile(source, *more, **named)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls, counted; the tags themselves without asking whether they are safe."""
        allowance = sheet_of(context).allowance
        allowance.step()
        if isinstance(obj, MethodType) and isinstance(obj.__self__, Sheet | Speech):
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            try:
                given = obj(*args, **kwargs)
            except (Unprintable, SheetFault):
                present(*args, *kwargs.values())
                raise
        else:
            given = super().call(context, obj, *args, **kwargs)
        return allowance.text(given) if isinstance(given, str) and len(given) > _SHORT else given

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Give a field of a value, or what `is_safe_attribute` lets be seen of anything else."""
        if attribute in getattr(type(obj), "__dataclass_fields__", ()):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> None:
        """Give no formatting of texts: a width in it may be any number."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let a template see the fields of values, dates and loops, and nothing of texts, numbers and functions."""
        if isinstance(obj, date):
            return attr in _OF_DATES
        return isinstance(obj, _OPEN_TYPES) and super().is_safe_attribute(obj, attr, value)


class RowTags(Extension):
    """``{% row %}left | right{% endrow %}``, ``{% line %}text{% endline %}``, ``{% center %}text{% endcenter %}``."""

    tags = {"row", "line", "center"}  # noqa: RUF012  # Jinja's own attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Read one tag; a style may stand behind its name."""
        token = next(parser.stream)
        styled = parser.stream.current.type != "block_end"
        style = parser.parse_expression() if styled else nodes.Const("normal")
        body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        given = [style] if token.value == "row" else [nodes.Const(_ALIGNED[token.value]), style]
        called = nodes.Name("_row" if token.value == "row" else "_line", "load")
        return nodes.CallBlock(nodes.Call(called, given, [], None, None), [], [], body).set_lineno(token.lineno)


_ALIGNED: Final = {"line": "left", "center": "center"}


class _Loader(BaseLoader):
    """Finds a shop's templates in its folder, and those of the program under ``builtin/``."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  # Jinja gives both
        """Read a template; it is read again when its file has changed."""
        path = self._path(template)
        if path is None or not path.is_file():
            raise TemplateNotFound(template)
        if path.stat().st_size > _MOST_BYTES:
            raise TemplateRuntimeError(f"the file has more than {_MOST_BYTES:,} bytes")
        stamp = stamp_of(path)
        return path.read_text(encoding="utf-8-sig"), str(path), lambda: stamp_of(path) == stamp

    def _path(self, template: str) -> Path | None:
        own = template.removeprefix(BUILT_IN)
        if not own.endswith(SUFFIX) or "/" in own or "\\" in own:
            return None
        return _HERE / own if template != own else self._folder / own if self._folder is not None else None


@pass_context
def _finalize(context: Context, value: object) -> str:
    sheet = sheet_of(context)
    try:
        return sheet.allowance.text(sheet.printed(value))
    except Unprintable:
        if isinstance(value, Undefined):
            return str(value)  # nothing, for what an `if` without `else` leaves out; else it says what is not there
        raise
