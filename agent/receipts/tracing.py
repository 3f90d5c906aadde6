"""Which line of a template an error comes from, in words that whoever wrote the template understands."""

import traceback
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from agent.receipts.faults import BrokenTemplate, EndlessTemplate, SheetFault
from agent.receipts.names import SUFFIX
from agent.receipts.speech import Unprintable
from messages.catalogue import CatalogueFault


def broken(fault: Exception, path: Path) -> BrokenTemplate:
    """Say what is wrong with the template in ``path``, or with one in the same folder that it extends."""
    file, line = _place(fault, path)
    other = file if file is not None and file != path else None
    return BrokenTemplate(line, _sentence(fault), file=other, endless=isinstance(fault, EndlessTemplate))


def _place(fault: Exception, path: Path) -> tuple[Path | None, int | None]:
    """The shop's file and the line that the fault comes from, as far as they are known."""
    if isinstance(fault, TemplateSyntaxError):
        return Path(fault.filename) if fault.filename else None, fault.lineno
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if Path(frame.filename).parent == path.parent and frame.filename.endswith(SUFFIX):
            return Path(frame.filename), frame.lineno
    return None, None


def _sentence(fault: Exception) -> str:
    match fault:
        case TemplateNotFound():
            return f'there is no template "{fault.name}" to extend; one that ships is named as "builtin/slip.jinja"'
        case UndefinedError():
            return f"{fault.message}; docs/RECEIPTS.md and `loyaltill receipt data` say what there is"
        case TemplateError():
            return fault.message or "the template is wrong"
        case SheetFault() | CatalogueFault() | Unprintable():
            return str(fault)
        case OSError():
            return f"the file cannot be read: {fault.strerror}"
    return _PLAIN.get(type(fault), f"{type(fault).__name__}: {fault}")


_PLAIN = {
    UnicodeDecodeError: "the file is not UTF-8 text",
    RecursionError: "a macro calls itself, or a template extends itself, without end",
}
