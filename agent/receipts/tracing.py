"""Which line of a template an error comes from, in words that whoever wrote the template understands."""

import traceback
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from agent.receipts.faults import BrokenTemplate
from agent.receipts.sheet import SheetFault
from agent.receipts.speech import Unprintable
from messages.catalogue import CatalogueFault


def broken(fault: Exception, path: Path) -> BrokenTemplate:
    """Say what is wrong with the template in ``path``."""
    if isinstance(fault, TemplateSyntaxError):
        return BrokenTemplate(fault.lineno, _sentence(fault))
    lines = [frame.lineno for frame in traceback.extract_tb(fault.__traceback__) if frame.filename == str(path)]
    return BrokenTemplate(lines[-1] if lines else None, _sentence(fault))


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


_PLAIN = {UnicodeDecodeError: "the file is not UTF-8 text", RecursionError: "a macro calls itself without end"}
