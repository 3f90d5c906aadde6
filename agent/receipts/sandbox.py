"""Jinja, fenced in: a shop's template can put words on paper and nothing else, and cannot run for ever.

A template sees fields of its value, the tags of a `Sheet`, a few filters. Every turn of a loop and every call is counted;
ranges, products and joined texts are bounded. Jinja is imported when the first paper is written.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from types import MethodType
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
    pass_context,
)
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from agent.receipts.names import SUFFIX
from agent.receipts.sheet import MAX_LETTERS, Sheet
from agent.receipts.speech import Speech

BUILT_IN: Final = "builtin/"
"""How the name of a template that ships with the program begins, in ``{% extends "builtin/slip.jinja" %}``."""
_HERE: Final = Path(__file__).parent / "templates"
_MAX_RANGE: Final = 1_000
_MOST_BYTES: Final = 200_000
_FILTERS: Final = (
    *("abs", "batch", "default", "first", "int", "join", "last", "length", "list", "lower", "max", "min", "reject"),
    *("rejectattr", "replace", "reverse", "round", "select", "selectattr", "sort", "string", "sum", "trim", "upper"),
)
_OPEN_TYPES: Final = (LoopContext, Namespace, BlockReference, date)
SHEET: Final = "_sheet"


class Fenced(ImmutableSandboxedEnvironment):
    """The environment of the templates in one folder, and of those that ship with the program.

    Args:
        folder: The shop's, or None.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, folder: Path | None) -> None:
        super().__init__(
            loader=_Loader(folder),
            extensions=[RowTags],
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_finalize,
        )
        self.filters = {name: self.filters[name] for name in _FILTERS} | {_COUNTED: _counted, _JOINED: _joined}
        self.globals = {"range": _range, "namespace": Namespace}
        self.binop_table = {**self.binop_table, "*": _times, "+": _plus, "%": _modulo, "**": _no}

    def compile(self, source: Any, *more: Any, **named: Any) -> Any:
        """Compile a template, its loops and joined texts counted."""
        if isinstance(source, str):
            name = more[0] if more else named.get("name")
            filename = more[1] if len(more) > 1 else named.get("filename")
            source = _Counting().visit(self.parse(source, name, filename))
            source.set_environment(self)
        return super().compile(source, *more, **named)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls, counted; the tags themselves without asking whether they are safe."""
        _sheet_of(context).step()
        if isinstance(obj, MethodType) and isinstance(obj.__self__, Sheet | Speech):
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Give a field of a value, or what `is_safe_attribute` lets be seen of anything else."""
        if attribute in getattr(type(obj), "__dataclass_fields__", ()):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> None:
        """Give no formatting of texts: a width in it may be any number."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let a template see the fields of values and loops, and nothing of texts, numbers and functions."""
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
_COUNTED, _JOINED = "_counted", "_joined"


class _Counting(NodeTransformer):
    """Counts the turns of every loop, and joins texts where they are measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # Jinja's name
        if node.recursive:
            raise TemplateSyntaxError("a loop cannot be recursive", node.lineno)
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # Jinja's name
        self.generic_visit(node)
        first, *rest = node.nodes
        return nodes.Filter(first, _JOINED, rest, [], None, None, lineno=node.lineno)


class _Loader(BaseLoader):
    """Finds a shop's templates in its folder, and those of the program under ``builtin/``."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  # Jinja gives both
        """Read a template; it is read again when its file has changed."""
        path = self._path(template)
        if path is None or not path.is_file():
            raise TemplateNotFound(template)
        found = path.stat()
        if found.st_size > _MOST_BYTES:
            raise TemplateRuntimeError(f"the file has more than {_MOST_BYTES:,} bytes")
        stamp = found.st_mtime_ns
        return path.read_text(encoding="utf-8-sig"), str(path), lambda: _stamp(path) == stamp

    def _path(self, template: str) -> Path | None:
        own = template.removeprefix(BUILT_IN)
        if not own.endswith(SUFFIX) or "/" in own or "\\" in own:
            return None
        return _HERE / own if template != own else self._folder / own if self._folder is not None else None


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _sheet_of(context: Context) -> Sheet:
    sheet: Sheet = context.parent[SHEET]
    return sheet


@pass_context
def _finalize(context: Context, value: object) -> str:
    return _sheet_of(context).printed(value)


@pass_context
def _counted(context: Context, items: Iterable[object]) -> Iterator[object]:
    sheet = _sheet_of(context)
    for item in items:
        sheet.step()
        yield item


@pass_context
def _joined(context: Context, *parts: object) -> str:
    sheet = _sheet_of(context)
    return _short("".join(sheet.write(part) for part in parts))


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _MAX_RANGE:
        raise TemplateRuntimeError(f"a range has at most {_MAX_RANGE:,} numbers")
    return numbers


def _times(left: Any, right: Any) -> Any:
    return _numbers("*", left, right) and left * right


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return _short(left + right)
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        raise TemplateRuntimeError("lists cannot be added")
    return left + right


def _modulo(left: Any, right: Any) -> Any:
    return _numbers("%", left, right) and left % right


def _no(_left: Any, _right: Any) -> Any:
    raise TemplateRuntimeError("this sign of arithmetic is not for templates")


def _numbers(sign: str, *given: Any) -> bool:
    if any(type(one) is not int or abs(one) >= 1 << 63 for one in given):
        raise TemplateRuntimeError(f"{sign} is for whole numbers")
    return True


def _short(text: str) -> str:
    if len(text) > MAX_LETTERS:
        raise TemplateRuntimeError(f"a text has more than {MAX_LETTERS:,} characters")
    return text
