"""``loyaltill printer calibrate``: prints, asks what came out, and writes the profile."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.config.printers import PrinterConfig, PrinterKind
from agent.config.values import TillConfig
from agent.printers import transport_of
from cli.failures import FAILED, usage
from cli.printer import pages
from cli.printer.proving import prove
from cli.printer.questions import Questions
from drivers.errors import PrinterUnavailable
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import CodePage, PrinterProfile, StatusAbilities
from drivers.printers.profiles.toml import profile_toml
from drivers.printers.status import PAPER_STATUS, completion, kick
from drivers.printers.talk import Talk
from drivers.printers.transports.library import device_errors
from drivers.printers.transports.transport import TransportSettings

_PROCESS = b"test"
_HEAR_S = 3.0
_SEND_S = 30.0


def calibrate(till: TillConfig, config: PrinterConfig, out: Path, answers: Path | None) -> int:
    """Find out what a printer can do, write it down, and print a page by it; nothing is written if the first breaks off."""
    if config.kind is PrinterKind.PREVIEW:
        usage("a preview printer has nothing to calibrate")
    asked = Questions.of(answers)
    try:
        profile = find_out(transport_of(config), config.name, asked)
    except device_errors() as fault:
        raise PrinterUnavailable(config.name, f"the printer cannot be reached ({fault})") from fault
    try:
        out.write_text(profile_toml(profile), encoding="utf-8")
    except OSError as fault:
        print(f"{out}: cannot be written: {fault.strerror}")
        return FAILED
    print(f"the profile is in {out}; in the [[printer]] of config.toml:\n")
    print(f'profile = "{out.name}"\nwidth_columns = {profile.page_columns}\n')
    return prove(till, config, profile, asked)


def find_out(settings: TransportSettings, name: str, asked: Questions) -> PrinterProfile:
    """Print every page, ask about it, and give what came of it."""
    transport = settings.open()
    try:
        talk = Talk(transport)
        status, maker, model = _status(talk)

        def show(page: bytes) -> None:
            talk.send(page, _SEND_S)
            if not transport.finish(_SEND_S):
                raise TimeoutError("the printer takes no bytes")

        title = " ".join(part for part in (maker, model) if part) or "calibrated"
        found = replace(UNKNOWN, name=name, title=title, status=status)
        found = _text(found, show, asked)
        found = _pictures(found, show, asked)
        return _rest(found, show, asked)
    finally:
        transport.close()


def _status(talk: Talk) -> tuple[StatusAbilities, str, str]:
    """What it answers, without a question to anybody."""
    if talk.ask() is None:
        return StatusAbilities(realtime=False), "", ""
    maker, model = talk.identify()
    talk.be_told()
    automatic = _heard(talk, lambda: talk.told_itself)
    talk.send(b"\x1da\x00", _SEND_S)
    talk.send(PAPER_STATUS, _SEND_S)
    transmitted = _heard(talk, lambda: talk.papers > 0)
    talk.send(completion(_PROCESS), _SEND_S)
    printed = _heard(talk, lambda: talk.has_printed(_PROCESS))
    status = StatusAbilities(realtime=True, automatic=automatic, transmitted=transmitted, completion=printed)
    return status, maker, model


def _heard(talk: Talk, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + _HEAR_S
    while not done() and (left := end - time.monotonic()) > 0:
        talk.listen(left)
    return done()


def _text(found: PrinterProfile, show: Callable[[bytes], None], asked: Questions) -> PrinterProfile:
    """Width, Chinese, letters, styles."""
    show(pages.widths())
    columns = asked.number("columns", "The longest ruler that ends with -> on its own line?", frozenset(pages.WIDTHS))
    if columns is None:
        usage("without a ruler that fits, nothing can be printed on it")
    show(pages.chinese())
    chinese = asked.yes("chinese", 'Behind "letters:", are there Chinese signs?')
    known: list[CodePage] = []
    for codec, sample in pages.SAMPLES.items():
        show(pages.pages(codec))
        number = asked.number(codec, f"The number of the line that says: {sample}?", frozenset(pages.NUMBERS[codec]))
        if number is not None and number not in {page.number for page in known}:
            known.append(CodePage(number=number, codec=codec))
    show(pages.styles())
    styles = asked.yes("styles", "Is one word bold and one twice as large?")
    return replace(found, columns=columns, double_bytes=chinese, pages=tuple(known), text_styles=styles)


def _pictures(found: PrinterProfile, show: Callable[[bytes], None], asked: Questions) -> PrinterProfile:
    """Bands, dots across, pictures within a line."""
    show(pages.bars())
    dots = asked.number("dots", "The number above the longest frame with a closed right end?", frozenset(pages.DOTS))
    if dots is None:
        usage("it prints no pictures by GS v 0, so that Loyaltill cannot print on it")
    show(pages.doubled())
    doubled = asked.yes("doubled", "Two black squares, the second twice as large?")
    show(pages.inline())
    inline = asked.yes("inline", 'Does one line say "left", a small frame as high as the letters, and "right"?')
    return replace(found, width_dots=dots, doubled=doubled, inline=inline)


def _rest(found: PrinterProfile, show: Callable[[bytes], None], asked: Questions) -> PrinterProfile:
    """Codes, cutter, drawer."""
    show(pages.qr())
    qr = asked.yes("qr", "Is there a QR code?")
    show(pages.barcode())
    barcodes = asked.yes("barcodes", "Is there a bar code?")
    show(pages.CUT)
    cutter = asked.yes("cutter", "Was the paper cut?")
    show(kick(2))
    drawer = asked.yes("drawer", "Did a cash drawer open?")
    return replace(found, qr=qr, barcodes=barcodes, cutter=cutter, drawer=drawer)
