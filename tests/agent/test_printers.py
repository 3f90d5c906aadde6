"""The agent's printers, made from the settings and put together: who prints, who takes over, who is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.book import print_jobs
from agent.book.print_jobs import JobState
from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.printers import PrinterStatus, Printing, chain_of, make_printer
from agent.terminal import Terminal
from agent.till.till import Till
from drivers.errors import PrinterConfig as PrinterMisconfigured
from drivers.printers.condition import DrawerContact, Trouble
from drivers.printers.delivery import Surroundings
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import ReceiptPrinter
from drivers.printers.preview_printer import PreviewPrinter
from drivers.printers.transports.network import NetworkPrinter
from tests.agent.callers import Caller, check
from tests.agent.shops import open_till, sale, shop
from tests.drivers.printers.fake_printer import Mood, on_network
from tests.drivers.printers.printing import FULL, HASTY, until


def printer(name: str, port: int = 9100, **more: Any) -> PrinterConfig:
    return PrinterConfig(name=name, mode=PrinterMode.OWN, kind=PrinterKind.NETWORK, address=f"127.0.0.1:{port}", **more)


def hasty(config: PrinterConfig, around: Surroundings) -> ReceiptPrinter:
    port = int(config.address.rpartition(":")[2])
    settings = NetworkPrinter(host="127.0.0.1", port=port)
    keeps = config.mode is PrinterMode.OWN
    drawer = DrawerContact.NONE if config.drawer_pin is None else DrawerContact.LOW
    return EscposPrinter(
        settings, FULL, name=config.name, keeps_open=keeps, drawer=drawer, patience=HASTY, around=around
    )


def states(till: Till) -> dict[str, int]:
    with till.context.book.read() as connection:
        counts = {state.value: print_jobs.waiting(connection, state) for state in JobState}
    return {state: count for state, count in counts.items() if count}


@contextmanager
def printing(folder: Path, *printers: PrinterConfig) -> Iterator[tuple[Till, Printing, list[dict[str, Any]]]]:
    """A till at work with these printers, and the events that it told."""
    events: list[dict[str, Any]] = []
    with open_till(replace(shop(folder), printers=printers)) as till:
        made = Printing(till.context, events.append, make=hasty)
        made.start()
        try:
            yield till, made, events
        finally:
            made.stop()


@pytest.mark.parametrize(
    ("kind", "address", "made"),
    [
        (PrinterKind.PREVIEW, "receipts", PreviewPrinter),
        (PrinterKind.FILE, "receipts.bin", EscposPrinter),
        (PrinterKind.NETWORK, "[::1]:9100", EscposPrinter),
        (PrinterKind.SERIAL, "COM3", EscposPrinter),
        (PrinterKind.USB, "04b8:0e15", EscposPrinter),
        (PrinterKind.WINDOWS, "Slips", EscposPrinter),
    ],
)
def test_every_kind_of_printer_is_made(kind: PrinterKind, address: str, made: type) -> None:
    config = PrinterConfig(name="slips", mode=PrinterMode.SHARED, kind=kind, address=address, width_columns=32)
    assert isinstance(make_printer(config), made)
    assert make_printer(config).name == "slips"


@pytest.mark.parametrize("mode", [PrinterMode.SHARED, PrinterMode.OWN])
def test_only_an_own_printer_is_looked_after_between_jobs(mode: PrinterMode) -> None:
    made = make_printer(PrinterConfig(mode=mode, kind=PrinterKind.NETWORK, address="127.0.0.1:9100"))
    assert made.is_watched == (mode is PrinterMode.OWN)


def test_who_takes_over_from_whom_ends_where_it_began() -> None:
    configs = {name: printer(name, second=second) for name, second in (("a", "b"), ("b", "c"), ("c", "a"), ("d", ""))}
    assert chain_of(configs["a"], configs) == ["a", "b", "c"]
    assert chain_of(configs["d"], configs) == ["d"]


def test_a_receipt_is_confirmed_and_the_printer_is_well(tmp_path: Path) -> None:
    with on_network() as (fake, port), printing(tmp_path, printer("slips", port)) as (till, made, _):
        till.commit(sale())
        made.nudge()
        until(lambda: states(till) == {"confirmed": 1})
        assert made.status.printers == (PrinterStatus(name="slips", ready=True, troubles=()),)
        assert len(fake.papers) == 1


def test_a_printer_without_paper_hands_over_to_the_second_and_gets_the_next_one_when_it_has_some(
    tmp_path: Path,
) -> None:
    with (
        on_network(Mood(paper="out")) as (first, port),
        on_network() as (second, other),
        printing(tmp_path, printer("slips", port, second="spare"), printer("spare", other)) as (till, made, events),
    ):
        till.commit(sale("a"))
        made.nudge()
        until(lambda: states(till) == {"confirmed": 1})
        assert (len(first.papers), len(second.papers)) == (0, 1)
        slips, spare = made.status.printers
        assert (slips.troubles, slips.ready, spare.ready) == ((Trouble.PAPER_OUT,), False, True)
        told = {"kind": "printer", "printer": "slips", "ready": False, "troubles": ["paper_out"]}
        assert told in events


def test_a_till_whose_printers_profile_cannot_be_read_sells_and_the_second_printer_prints(tmp_path: Path) -> None:
    broken = printer("slips", profile=str(tmp_path / "gone.toml"), second="spare", drawer_pin=2)

    def make(config: PrinterConfig, around: Surroundings) -> ReceiptPrinter:
        return hasty(config, around) if config.name == "spare" else make_printer(config, around)

    with on_network() as (fake, port):
        settings = replace(shop(tmp_path), printers=(broken, printer("spare", port)))
        with Terminal(settings, printer=make) as terminal, Caller.of(terminal) as pos:
            assert pos.post("commit", check(1), key="a").status_code == 200
            until(lambda: states(terminal.till) == {"confirmed": 1})
            assert len(fake.papers) == 1
            refused = pos.post("drawer", {"printer": "slips"})
            assert (refused.status_code, "gone.toml: cannot be read" in refused.json()["detail"]) == (404, True)
            slips, spare = terminal.printing.status.printers if terminal.printing is not None else ()
            assert (slips.troubles, spare.ready) == ((Trouble.UNREACHABLE,), True)


def test_an_own_printer_whose_paper_was_changed_goes_on_at_once(tmp_path: Path) -> None:
    with on_network(Mood(paper="out")) as (fake, port), printing(tmp_path, printer("slips", port)) as (till, made, _):
        till.commit(sale())
        made.nudge()
        until(lambda: not made.status.queue.working)
        fake.mood.paper = "there"
        until(lambda: states(till) == {"confirmed": 1})
        assert len(fake.papers) == 1


def test_the_drawer_opens_when_asked_and_not_where_there_is_none(tmp_path: Path) -> None:
    config = printer("slips", drawer_pin=5, drawer_tenders=("cash", "voucher"))
    with on_network() as (fake, port):
        config = replace(config, address=f"127.0.0.1:{port}")
        with printing(tmp_path, config) as (_, made, _events):
            made.open_drawer()
            made.open_drawer("slips")
            until(lambda: fake.kicks == [("in turn", 1)] * 2)
            with pytest.raises(PrinterMisconfigured, match="no cash drawer is set up"):
                made.open_drawer("other")
            assert made.drawer_for(["card", "cash"]) == "slips"
            assert made.drawer_for(["card"]) is None


def test_a_tender_opens_the_drawer_of_the_printer_that_it_was_set_for(tmp_path: Path) -> None:
    with on_network() as (first, port), on_network() as (second, other_port):
        printers = (
            printer("slips", port, drawer_pin=2),
            printer("bar", other_port, drawer_pin=2, drawer_tenders=("cash",)),
        )
        with printing(tmp_path, *printers) as (_, made, _events):
            assert made.drawer_for(["cash"]) == "bar"
            made.open_drawer_soon("bar")
            until(lambda: second.kicks == [("in turn", 0)])
        assert first.kicks == []


def test_an_idle_till_with_a_printer_uses_next_to_no_time(tmp_path: Path) -> None:
    with on_network() as (fake, port), printing(tmp_path, printer("slips", port)) as (_, made, _events):
        until(lambda: fake.connections == 1)
        time.sleep(0.3)
        used, begun = time.process_time(), time.monotonic()
        time.sleep(3)
        share = (time.process_time() - used) / (time.monotonic() - begun)
        assert made.status.printers[0].ready
    assert share < 0.1, share  # the fake printer, which looks a hundred times a second, is in this process too


def test_a_till_stops_within_seconds_though_its_printer_waits_for_paper(tmp_path: Path) -> None:
    with on_network(Mood(out_at=1)) as (fake, port), printing(tmp_path, printer("slips", port)) as (till, made, _):
        till.commit(sale())
        made.nudge()
        until(lambda: fake.mood.paper == "out")
        begun = time.monotonic()
        made.stop()
        assert time.monotonic() - begun < 5
        assert states(till) == {"unknown": 1}


def test_the_pos_opens_the_drawer_by_asking_and_by_the_tenders_that_were_set(tmp_path: Path) -> None:
    with on_network() as (fake, port):
        drawer = printer("slips", port, drawer_pin=2, drawer_tenders=("cash",))
        settings = replace(shop(tmp_path), printers=(drawer,))
        with Terminal(settings, printer=hasty) as terminal, Caller.of(terminal) as pos:
            assert pos.post("commit", check(1, tenders=["card"]), key="a").status_code == 200
            assert pos.post("commit", check(2, tenders=["card", "cash"]), key="b").status_code == 200
            until(lambda: len(fake.kicks) == 1)
            assert pos.post("commit", check(2, tenders=["card", "cash"]), key="b").status_code == 200  # a retry
            asked = pos.post("drawer", {})
            assert (asked.status_code, asked.json()) == (200, {"opened": True})
            missing = pos.post("drawer", {"printer": "other"})
            assert (missing.status_code, missing.json()["error"]) == (404, "no_drawer")
            until(lambda: len(fake.kicks) == 2 and states(terminal.till) == {"confirmed": 2})
            fake.mood.answers = False
            away = pos.post("drawer", {})
            assert (away.status_code, away.json()["error"]) == (503, "printer_unavailable")
            page = pos.get("/").text
            assert "The printer does not answer" in page


def test_the_pos_is_told_where_there_is_no_drawer(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path, printer=False)) as terminal, Caller.of(terminal) as pos:
        assert pos.post("drawer", {}).json()["error"] == "no_drawer"


def test_the_page_health_and_events_say_what_is_the_matter_with_the_printer(tmp_path: Path) -> None:
    with on_network(Mood(cover_open=True)) as (_, port):
        settings = replace(shop(tmp_path, language="kk"), printers=(printer("slips", port),))
        with Terminal(settings, printer=hasty) as terminal, Caller.of(terminal) as pos:
            told = [{"printer": "slips", "ready": False, "troubles": ["cover_open"]}]
            until(lambda: pos.get("/health").json().get("printers") == told)
            assert pos.get("/v1/status").json()["printing"]["printers"] == told
            assert "Принтердің қақпағы ашық. Жабыңыз." in pos.get("/").text
            events = pos.get("/v1/events?after=0&wait_ms=0").json()["events"]
            assert {"kind": "printer", **told[0]} in [
                {name: value for name, value in event.items() if name != "number"} for event in events
            ]


def test_a_receipt_that_was_sent_is_confirmed_when_its_printer_says_so_at_last(tmp_path: Path) -> None:
    with (
        on_network(Mood(withholds_ids=True)) as (fake, port),
        printing(tmp_path, printer("slips", port)) as (till, made, _),
    ):
        till.commit(sale())
        made.nudge()
        until(lambda: states(till) == {"sent": 1})
        fake.mood.withholds_ids = False
        until(lambda: states(till) == {"confirmed": 1})
        assert len(fake.papers) == 1
