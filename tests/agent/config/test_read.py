"""A till's config.toml: every key, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.config.printers import (
    ContactLevel,
    DisplayConfig,
    DisplayLanguage,
    FlowControl,
    PrinterConfig,
    PrinterKind,
    PrinterMode,
)
from agent.config.read import load_till_config
from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.config.values import (
    CardsConfig,
    StoreConfig,
    SyncConfig,
    TillConfig,
)
from drivers.scanners.cards import CardRange
from loyalty.reading.problems import BadFile
from sync.links.route import Route
from tests.agent.config.files import PROGRAMME, STORE, faults, load


def test_a_store_and_a_programme_are_all_that_must_be_said(tmp_path: Path) -> None:
    store = StoreConfig(id="S1", name="Corner shop", zone=ZoneInfo("Asia/Almaty"))
    assert load(tmp_path, STORE + PROGRAMME) == TillConfig(
        data_dir=tmp_path / "till-data", store=store, programme_file=tmp_path / "p.toml"
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    text = (
        STORE.replace("Almaty", "Baku")
        + """language = "az"
[till]
data_dir = "d"
name = "till 7"
host = "0.0.0.0"
port = 0
head_file = "other/till.head"
keep_days = 7
[programme]
file = "p.toml"
[cards]
enrol_unknown = false
enrol_unknown_uids = true
[[cards.range]]
prefix = "LOY-"
min_length = 8
max_length = 12
[[cards.range]]
prefix = "99"
min_length = 13
[[scanner]]
name = "counter-1"
kind = "serial"
mode = "shared"
device = "COM5"
baud = 115200
data_bits = 7
parity = "E"
stop_bits = 2
idle_ms = 500
terminators = ["ETX"]
prefix = "§"
suffix = "~"
forward_to = "COM7"
[[scanner]]
name = "cards"
kind = "wedge"
mode = "own"
device = "/dev/input/by-id/usb-MagTek-event-kbd"
magstripe = true
join_ms = 300
[[scanner]]
name = "hall"
kind = "network"
mode = "own"
device = "192.0.2.1:9100"
listen = true
allow_remote = true
[[scanner]]
name = "nfc"
kind = "pcsc"
mode = "own"
apdus = ["00B0000010"]
[[scanner]]
name = "played"
kind = "script"
mode = "shared"
device = "day.txt"
forward_to = "pos/scanner"
[[printer]]
name = "slips"
mode = "shared"
kind = "network"
address = "192.0.2.7:9100"
width_columns = 32
second = "spare"
late_after_minutes = 30
drawer_pin = 2
drawer_open = "high"
drawer_tenders = ["cash"]
[[printer]]
name = "spare"
mode = "own"
kind = "serial"
address = "COM3"
baud = 19200
flow = "xonxoff"
profile = "mine.toml"
[[printer]]
name = "fiscal"
width_columns = 42
character_set = "cp866"
substitutions = "letters.toml"
[display]
port = "COM9"
language = "cd5220"
baud = 19200
character_set = "cp866"
code_page = 17
[sync]
hq_url = "https://hq.example.com/loyalty/"
ca_file = "ca.pem"
proxy = "http://till:secret@192.0.2.9:3128"
interval_s = 60
[hq]
whatever = 1
[hq.inner]
more = 2
"""
    )
    assert load(tmp_path, text) == TillConfig(
        data_dir=tmp_path / "d",
        store=StoreConfig(id="S1", name="Corner shop", zone=ZoneInfo("Asia/Baku"), language="az"),
        name="till 7",
        host="0.0.0.0",
        port=0,
        head_file=tmp_path / "other" / "till.head",
        keep_days=7,
        programme_file=tmp_path / "p.toml",
        cards=CardsConfig(
            ranges=(
                CardRange(prefix="LOY-", min_length=8, max_length=12),
                CardRange(prefix="99", min_length=13, max_length=13),
            ),
            enrol_unknown=False,
            enrol_unknown_uids=True,
        ),
        scanners=(
            ScannerConfig(
                name="counter-1",
                mode=ScannerMode.SHARED,
                device="COM5",
                baud=115_200,
                data_bits=7,
                parity="E",
                stop_bits=2,
                idle_ms=500,
                terminators=("ETX",),
                prefix="§",
                suffix="~",
                forward_to="COM7",
            ),
            ScannerConfig(
                name="cards",
                kind=ScannerKind.WEDGE,
                mode=ScannerMode.OWN,
                device="/dev/input/by-id/usb-MagTek-event-kbd",
                magstripe=True,
                join_ms=300,
            ),
            ScannerConfig(
                name="hall",
                kind=ScannerKind.NETWORK,
                mode=ScannerMode.OWN,
                device="192.0.2.1:9100",
                listen=True,
                allow_remote=True,
            ),
            ScannerConfig(name="nfc", kind=ScannerKind.PCSC, mode=ScannerMode.OWN, apdus=("00B0000010",)),
            ScannerConfig(
                name="played",
                kind=ScannerKind.SCRIPT,
                mode=ScannerMode.SHARED,
                device=str(tmp_path / "day.txt"),
                forward_to=str(tmp_path / "pos" / "scanner"),
            ),
        ),
        printers=(
            PrinterConfig(
                name="slips",
                mode=PrinterMode.SHARED,
                kind=PrinterKind.NETWORK,
                address="192.0.2.7:9100",
                width_columns=32,
                second="spare",
                late_after_minutes=30,
                drawer_pin=2,
                drawer_open=ContactLevel.HIGH,
                drawer_tenders=("cash",),
            ),
            PrinterConfig(
                name="spare",
                mode=PrinterMode.OWN,
                kind=PrinterKind.SERIAL,
                address="COM3",
                baud=19_200,
                flow=FlowControl.XONXOFF,
                profile=str(tmp_path / "mine.toml"),
            ),
            PrinterConfig(
                name="fiscal", width_columns=42, character_set="cp866", substitutions=tmp_path / "letters.toml"
            ),
        ),
        display=DisplayConfig(
            port="COM9", language=DisplayLanguage.CD5220, baud=19_200, character_set="cp866", code_page=17
        ),
        sync=SyncConfig(
            hq_url="https://hq.example.com/loyalty",
            route=Route(ca_file=tmp_path / "ca.pem", proxy="http://till:secret@192.0.2.9:3128"),
            interval_s=60,
        ),
    )


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + STORE + PROGRAMME).store.id == "S1"


def test_every_fault_is_told_at_once_with_its_line_and_key(tmp_path: Path) -> None:
    text = """[store]
nam = "Corner shop"
id = 7
time_zone = "Asia/Almati"
language = "fr"
[till]
port = 70000
hots = "127.0.0.1"
[cards]
enrol_unknown = "yes"
[[cards.range]]
prefix = ""
[[scanner]]
mode = "own"
baud = 9601
[[printer]]
kind = "laser"
width_columns = 41
[sync]
hq_url = "hq.example.com"
interval_s = 0
[prnter]
"""
    told = faults(tmp_path, text)
    assert told == [
        ' programme.file: is missing; expected a programme to count by, as "programmes/grocery.toml" [missing]',
        "1: store.name: is missing; expected a text [missing]",
        '2: store.nam: unknown key; did you mean "name"? [unknown_key]',
        "3: store.id: expected a text of 1 to 64 characters [wrong_value]",
        '4: store.time_zone: expected an IANA time zone, as "Asia/Almaty" [wrong_value]',
        "5: store.language: expected one of kk, az, ru, hy, en, ka, tr, uz [wrong_value]",
        "7: till.port: expected a whole number from 0 to 65535 [wrong_value]",
        '8: till.hots: unknown key; did you mean "host"? [unknown_key]',
        "10: cards.enrol_unknown: expected true or false [wrong_value]",
        "11: cards.range[1].min_length: is missing; expected a whole number [missing]",
        "12: cards.range[1].prefix: expected a text of 1 to 64 characters [wrong_value]",
        "13: scanner[1].name: is missing; expected a text [missing]",
        '13: scanner[1].device: is missing; expected the port, as "/dev/serial/by-id/...", "COM5" or "0C2E:0B61" [missing]',
        "15: scanner[1].baud: expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 [wrong_value]",
        "17: printer[1].kind: expected one of preview, serial, network, usb, file, windows [wrong_value]",
        "18: printer[1].width_columns: expected an even number from 16 to 96 [wrong_value]",
        '20: sync.hq_url: expected a URL, as "https://hq.example.com" [wrong_value]',
        "21: sync.interval_s: expected a whole number from 1 to 3600 [wrong_value]",
        '22: prnter: unknown key; did you mean "printer"? [unknown_key]',
    ]


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        ('prefix = "A B"\nmin_length = 8', "prefix"),
        ('prefix = "ё"\nmin_length = 8', "prefix"),
        ('prefix = "uid:"\nmin_length = 12', "prefix"),
        ('prefix = "UID:04"\nmin_length = 12', "prefix"),
        ('prefix = "21001"\nmin_length = 4', "min_length"),
        ('prefix = "2"\nmin_length = 4\nmax_length = 3', "min_length"),
        ('prefix = "2"\nmin_length = 65', "min_length"),
        ('prefix = "2"\nmin_length = 4\nmax_length = 65', "max_length"),
    ],
)
def test_a_card_range_that_holds_nothing_is_one_fault(tmp_path: Path, bad: str, key: str) -> None:
    told = faults(tmp_path, f"{PROGRAMME}{STORE}[[cards.range]]\n{bad}\n")
    assert [f": cards.range[1].{key}: " in line for line in told] == [True]


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "http:/hq",
        "ftp://hq",
        "https://hq:0",
        "https://hq:99999",
        "https://[::1",
        "https://a:b@hq",
        "https://hq?x=1",
        "https://hq#x",
        "https://hq/\\n",
    ],
)
def test_an_hq_url_that_leads_nowhere_is_a_fault(tmp_path: Path, url: str) -> None:
    assert ": sync.hq_url: " in "".join(faults(tmp_path, f'{STORE}[sync]\nhq_url = "{url}"\n'))


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "127.8.0.1", "[::1]:8470", "localhost:8470"])
def test_plain_http_to_this_machine_is_no_fault(tmp_path: Path, host: str) -> None:
    config = load(tmp_path, f'{STORE}{PROGRAMME}[sync]\nhq_url = "http://{host}"\n')
    assert config.sync.hq_url == f"http://{host}"


@pytest.mark.parametrize(
    "host", ["hq.example.com", "192.0.2.7:8470", "[2001:db8::1]", "localhost.example.com", "0.0.0.0"]
)
def test_plain_http_to_another_machine_must_be_allowed_by_name(tmp_path: Path, host: str) -> None:
    text = f'{STORE}{PROGRAMME}[sync]\nhq_url = "http://{host}"\n'
    assert "".join(faults(tmp_path, text)).endswith(
        ": sync.hq_url: expected https://, since cards would travel in clear; or allow_plain_http = true [wrong_value]"
    )
    assert load(tmp_path, f"{text}allow_plain_http = true\n").sync.hq_url == f"http://{host}"


@pytest.mark.parametrize("proxy", ["proxy.example.com:3128", "socks5://proxy", "http://", "http://proxy:0"])
def test_a_proxy_is_a_url(tmp_path: Path, proxy: str) -> None:
    assert ": sync.proxy: " in "".join(faults(tmp_path, f'{STORE}[sync]\nproxy = "{proxy}"\n'))


@pytest.mark.parametrize("address", ["printer", "printer:", ":9100", "printer:0", "printer:65536", "printer:٩"])
def test_a_network_printer_needs_a_host_and_a_port(tmp_path: Path, address: str) -> None:
    text = f'{STORE}[[printer]]\nmode = "own"\nkind = "network"\naddress = "{address}"\n'
    assert ": printer[1].address: " in "".join(faults(tmp_path, text))


@pytest.mark.parametrize("address", ["04b8", "04b8:", ":0e15", "04b8:e15", "04b8:0x15", "04b8:٠e15"])
def test_a_usb_printer_is_named_by_its_two_numbers(tmp_path: Path, address: str) -> None:
    text = f'{STORE}[[printer]]\nmode = "own"\nkind = "usb"\naddress = "{address}"\n'
    assert ": printer[1].address: " in "".join(faults(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[printer]]\n[[printer]]\n", "printer[2].name: is another printer's name already"),
        ('[[printer]]\nsecond = "receipts"\n', "printer[1].second: expected the name of another [[printer]]"),
        ('[[printer]]\nsecond = "b"\n[[printer]]\nname = "b"\n', "printer[1].second: expected the name of another"),
        ('[[printer]]\nmode = "shared"\n', "printer[1].address: is missing"),
        ('[[printer]]\ndrawer_open = "up"\n', "printer[1].drawer_open: expected one of low, high"),
        ("[[printer]]\ndrawer_pin = 3\n", "printer[1].drawer_pin: expected one of 2, 5"),
        ('[[printer]]\ncharacter_set = "cp8666"\n', "printer[1].character_set: expected a character set"),
        ('[[printer]]\ncharacter_set = "idna"\n', "printer[1].character_set: expected a character set"),
        ('[printer]\nmode = "own"\n', "printer: expected at most 8 tables, each as [[printer]]"),
        ('[display]\nport = "COM1"\ncolumns = 21\n', "display.columns: expected one of 16, 20, 40"),
    ],
)
def test_printers_that_cannot_be_are_faults(tmp_path: Path, text: str, told: str) -> None:
    assert told in "".join(faults(tmp_path, f"{PROGRAMME}{STORE}{text}"))


@pytest.mark.parametrize("zone", ["", "..", "../../etc/passwd", "Asia", "/etc/localtime", "\\u0000"])
def test_a_time_zone_is_a_name_and_never_a_path(tmp_path: Path, zone: str) -> None:
    assert ": store.time_zone: " in "".join(faults(tmp_path, STORE.replace("Asia/Almaty", zone)))


@pytest.mark.parametrize(
    "text", ["store = 1", "[store", "a = \n", "[store]\nid = 'x'\nid = 'y'", "[[store]]", "[cards]\nrange = 3"]
)
def test_what_is_not_a_config_at_all_is_told_with_a_line(tmp_path: Path, text: str) -> None:
    assert all(line.split(":")[0].strip().isdigit() or "missing" in line for line in faults(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, content in ((tmp_path / "none.toml", None), (tmp_path / "bytes.toml", b"\xff\xfe")):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(BadFile, match=r"(none|bytes)\.toml"):
            load_till_config(path)
    with pytest.raises(BadFile):
        load_till_config(tmp_path)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('name = "the counter"', 'name: expected Latin letters, digits, "-" and "_", as "counter-1"'),
        ('kind = "pcsc"\nmode = "shared"', "mode: a card reader has no text to hand on; expected host or own"),
        ('kind = "network"\nmode = "own"\ndevice = "scanner"', 'device: expected the address, as "192.0.2.8:9100"'),
        ('kind = "stdin"\ndevice = "tty"', "device: a scanner of kind stdin has none; leave it out"),
        ("data_bits = 9", "data_bits: expected 7 or 8"),
        ("stop_bits = 0", "stop_bits: expected 1 or 2"),
        ('parity = "X"', "parity: expected one of N, E, O, M, S"),
        ('forward_to = "COM7"', 'forward_to: only a scanner with mode = "shared" hands on'),
        ('terminators = ["CRLF"]', "terminators: expected some of CR, LF, TAB, ETX, EOT, NUL"),
        ('prefix = "§§§§§§§§§"', "prefix: expected at most 16 bytes of printable characters"),
        ('suffix = "\\r"', "suffix: expected at most 16 bytes of printable characters"),
        ('apdus = ["select"]', 'apdus: expected commands in hexadecimal, as "00A4040007D2760000850101"'),
    ],
)
def test_a_wrong_setting_of_a_scanner_is_told_with_what_is_expected(tmp_path: Path, written: str, told: str) -> None:
    name = "" if "name =" in written else 'name = "counter"\n'
    said = faults(tmp_path, f"{STORE}{PROGRAMME}[[scanner]]\n{name}{written}\n")
    assert [line.partition(": scanner[1].")[2].rpartition(" [")[0] for line in said] == [told]


def test_two_scanners_of_one_name_or_on_one_device_are_told(tmp_path: Path) -> None:
    one = '[[scanner]]\nname = "counter"\nmode = "shared"\ndevice = "COM5"\nforward_to = "COM7"\n'
    said = faults(tmp_path, STORE + PROGRAMME + one + one)
    assert [line.partition("scanner[2].")[2] for line in said] == [
        "name: is used by an earlier [[scanner]] [repeated]",
        "device: is read by an earlier [[scanner]] [repeated]",
        "forward_to: is where an earlier [[scanner]] hands on to [repeated]",
    ]


@pytest.mark.parametrize(
    ("device", "again"),
    [("COM5", "com5"), ("COM5", r"\\\\.\\COM5"), ("0c2e:0b61", "0C2E:0B61"), ("0C2E:0B61:a", "0c2e:0b61:a")],
)
def test_one_device_in_two_spellings_is_one_device(tmp_path: Path, device: str, again: str) -> None:
    two = [
        f'[[scanner]]\nname = "{name}"\nmode = "own"\ndevice = "{at}"\n'
        for name, at in zip("ab", (device, again), strict=True)
    ]
    said = faults(tmp_path, STORE + PROGRAMME + "".join(two))
    assert [line.partition("scanner[2].")[2] for line in said] == [
        "device: is read by an earlier [[scanner]] [repeated]"
    ]


@pytest.mark.parametrize("kind", ["stdin", "pcsc"])
def test_the_only_one_there_is_belongs_to_one_scanner(tmp_path: Path, kind: str) -> None:
    two = [f'[[scanner]]\nname = "{name}"\nmode = "own"\nkind = "{kind}"\n' for name in "ab"]
    said = faults(tmp_path, STORE + PROGRAMME + "".join(two))
    assert [line.partition("scanner[2].")[2] for line in said] == [
        "device: is read by an earlier [[scanner]] [repeated]"
    ]


@pytest.mark.parametrize("other", ['"own"\ndevice = "COM7"', '"shared"\ndevice = "com7"\nforward_to = "COM9"'])
@pytest.mark.parametrize("first", [True, False])
def test_scans_are_not_handed_on_to_what_is_read(tmp_path: Path, other: str, first: bool) -> None:
    shared = '[[scanner]]\nname = "a"\nmode = "shared"\ndevice = "COM5"\nforward_to = "COM7"\n'
    two = [shared, f'[[scanner]]\nname = "b"\nmode = {other}\n']
    said = faults(tmp_path, STORE + PROGRAMME + "".join(two if first else reversed(two)))
    place = 1 if first else 2
    assert [line.partition(f"scanner[{place}].")[2].partition(",")[0] for line in said] == [
        "forward_to: is read as a scanner"
    ]


def test_a_scanner_is_not_handed_on_to_itself(tmp_path: Path) -> None:
    own = '[[scanner]]\nname = "a"\nmode = "shared"\ndevice = "COM5"\nforward_to = "com5"\n'
    assert len(faults(tmp_path, STORE + PROGRAMME + own)) == 1
