"""``loyaltill printer test``: a few lines on paper, and everything that the printer says."""

from agent.config.printers import PrinterConfig, PrinterKind
from agent.printers import make_printer, transport_of
from cli.failures import FAILED
from drivers.errors import PrinterError
from drivers.printers.condition import Trouble
from drivers.printers.document import Align, Cut, Document, Feed, Line, Rule, Style
from drivers.printers.port import PrintState
from drivers.printers.talk import Talk
from drivers.printers.transports.library import device_errors

PAGE = Document(
    language="en",
    blocks=(
        Line(text="Loyaltill", align=Align.CENTER, style=Style.DOUBLE),
        Rule(),
        Line(text="Қазақша: Әғқңөұүһі  ₸"),
        Line(text="Azərbaycanca: ƏəĞğİıÖöŞşÜüÇç  ₼"),
        Line(text="По-русски: Ёё Щщ Ыы  ₽"),
        Line(text="Հայերեն: Աա Ֆֆ և  ֏"),
        Feed(),
        Cut(),
    ),
)
_SAID = {
    PrintState.CONFIRMED: "the printer says that it has printed",
    PrintState.SENT: "the bytes were taken; whether they are on paper, this printer does not say",
    PrintState.UNKNOWN: "it broke off; look at the paper",
}


def try_out(config: PrinterConfig) -> int:
    """Ask, print, and say what came of it."""
    if config.kind is not PrinterKind.PREVIEW:
        _introduce(config)
    printer = make_printer(config)
    try:
        outcome = printer.print(PAGE, "test")
    except PrinterError as fault:
        print(f"nothing was printed: {fault}")
        return FAILED
    finally:
        printer.close()
    print(outcome.detail or _SAID[outcome.state])
    for trouble in printer.condition.troubles:
        print(f"it says: {trouble.value.replace('_', ' ')}")
    return 0 if outcome.state is not PrintState.UNKNOWN else FAILED


def _introduce(config: PrinterConfig) -> None:
    """Say who the printer is and how it is; a fault of the way is said by the test itself."""
    try:
        transport = transport_of(config).open()
    except device_errors():
        return
    try:
        talk = Talk(transport)
        condition = talk.ask()
        if condition is None:
            print("it does not answer questions")
            return
        maker, model = talk.identify()
        print(f"it is {' '.join(part for part in (maker, model) if part) or 'of an unknown make'}")
        if not [trouble for trouble in condition.troubles if trouble is not Trouble.DRAWER_OPEN]:
            print("it says that all is well")
    except device_errors():
        return
    finally:
        transport.close()
