"""``loyaltill doctor``: which checks there are and in what order; each is a function in a module of its own."""

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.config.read import TABLES_OF_HQ, read_text, read_till_config
from agent.config.values import CardsConfig, TillConfig
from agent.till.till import KEYS
from cli.doctor import report
from cli.doctor.book import Looked, look
from cli.doctor.bounded import within
from cli.doctor.devices import check_scanners
from cli.doctor.disk import check_folder
from cli.doctor.display import check_display
from cli.doctor.findings import Finding, ok, warn
from cli.doctor.hq_side import check_hq
from cli.doctor.keys import check_keys
from cli.doctor.link import check_link, check_pending, system_clock
from cli.doctor.machine import check_clock, check_last_entry, check_sqlite
from cli.doctor.ports import check_port
from cli.doctor.printers import check_printers
from cli.doctor.programme import check_programme, check_releases
from cli.doctor.receipts import check_font, check_letters, check_logo, check_templates
from cli.failures import FAILED
from cli.options import add_config, config_file, explain
from drivers.scanners.gate import may_hold_payment_numbers
from hq.config import TABLES_OF_A_TILL, HqConfig, read_hq_config
from loyalty.reading.tables import Document

DESCRIPTION = """\
Look at this machine's set-up and say, one line a check, what is wrong and what to do: config, disk, book, keys, clock,
programme, scanner, printer, display, receipts, port, HQ. Nothing is changed; it may run beside a till and an HQ at work.

Each line begins with ok, warn (works, and is worth a look) or FAIL."""
EXAMPLES = """\
loyaltill doctor
loyaltill doctor --config /etc/loyaltill/config.toml --json"""
STATUS = "Exit status: 0 nothing is wrong, 1 something is, 2 the config cannot be used (every fault is listed)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a config sets up: a till, an HQ, or both on one machine."""

    file: Path
    till: TillConfig | None
    hq: HqConfig | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, DESCRIPTION, EXAMPLES, STATUS)
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object: ok, and checks as a list")


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 0 when nothing is wrong."""
    machine = read_machine(config_file(arguments))
    findings = list(examine(machine))
    if arguments.json:
        print(report.as_json(findings))
    else:
        columns = shutil.get_terminal_size(fallback=(report.WIDTH, 24)).columns
        print("\n".join(report.lines(findings, width=min(report.WIDTH, max(columns, 60)))))
    return 0 if report.is_well(findings) else FAILED


def read_machine(path: Path) -> Machine:
    """Read a config for whatever it sets up; a config without any table of HQ's is a till's.

    Every path in it becomes an absolute one, so that a finding can be followed from any folder.

    Raises:
        BadFile: it has faults; carries those of both parts.
    """
    document = Document(read_text(path), str(path))
    written = set(document.root.written())
    has_hq = bool(written & set(TABLES_OF_HQ))
    has_till = bool(written & set(TABLES_OF_A_TILL)) or not has_hq
    for table in (*TABLES_OF_HQ, *TABLES_OF_A_TILL):
        document.root.has(table)
    file = path.absolute()
    machine = Machine(
        file=file,
        till=read_till_config(document, base=file.parent) if has_till else None,
        hq=read_hq_config(document, base=file.parent) if has_hq else None,
    )
    document.finish()
    return machine


def examine(machine: Machine) -> Iterator[Finding]:
    """Run every check that this machine's set-up calls for."""
    yield _config(machine)
    yield check_sqlite()
    if machine.till is not None:
        yield from _examine_till(machine.till)
    if machine.hq is not None:
        hq = machine.hq
        yield from within("hq book", lambda: check_hq(hq))


def _config(machine: Machine) -> Finding:
    parts = []
    if machine.till is not None:
        parts.append(f'till "{machine.till.name}" of store "{machine.till.store.name}"')
    if machine.hq is not None:
        parts.append(f'the HQ of "{machine.hq.merchant}"')
    return ok("config", f"{machine.file} is valid; it sets up {' and '.join(parts)}")


def _cards(config: CardsConfig) -> Finding:
    if not config.ranges:
        text = "no [[cards.range]] is set, so no card enrols by being used"
        return warn("cards", text, "set the ranges of your own cards, unless the POS program enrols each member")
    shown = ", ".join(f"{item.prefix}..." for item in config.ranges)
    payment = [item.prefix for item in config.ranges if may_hold_payment_numbers(item)]
    if payment:
        text = f"your own cards begin with {shown}; payment cards can begin with {', '.join(payment)} too, and would get in"
        return warn("cards", text, "set longer prefixes or other lengths, unless no payment card begins like yours")
    return ok("cards", f"your own cards begin with {shown}")


def _examine_receipts(config: TillConfig) -> Iterator[Finding]:
    settings, columns = config.receipts, config.width_columns
    logo, font = settings.logo, settings.font
    if settings.templates is not None:
        yield from within("receipts", lambda: check_templates(settings, config.store.language))
    if logo is not None:
        yield from within("receipts", lambda: [check_logo(logo, columns)])
    if font is not None:
        yield from within("receipts", lambda: [check_font(font)])
    letters = config.host_printer.substitutions if config.host_printer is not None else None
    if letters is not None:
        yield from within("receipts", lambda: [check_letters(letters)])


def _examine_till(config: TillConfig) -> Iterator[Finding]:
    data_dir, keys = config.data_dir, config.data_dir / KEYS
    yield _cards(config.cards)
    yield from within("disk", lambda: check_folder("disk", data_dir))
    looked = Looked(running=False, state=None, findings=[])

    def book() -> list[Finding]:
        nonlocal looked
        looked = look(data_dir)
        return looked.findings

    yield from within("book", book)
    state, runs = looked.state, looked.running
    yield from within("keys", lambda: check_keys(keys, state))
    now = system_clock()
    yield check_clock(now, config.store.zone)
    yield from within("clock", lambda: check_last_entry(state.last_local_time if state else None, now))
    yield from within("programme", lambda: check_programme(config.programme_file))
    yield from within("programme", lambda: check_releases(data_dir, config.store, now))
    yield from within("scanner", lambda: check_scanners(config.scanners, agent_runs=runs))
    yield from within("printer", lambda: check_printers(config, agent_runs=runs))
    display = config.display
    if display is not None:
        yield from within("display", lambda: [check_display(display, agent_runs=runs)])
    yield from _examine_receipts(config)
    port = check_port("port", config.host, config.port, owner="the agent", owner_runs=runs)
    yield port
    yield from within("hq", lambda: check_link(config.sync, data_dir, keys, state))
    yield from check_pending(config.sync, keys, state, agent_runs=runs)
