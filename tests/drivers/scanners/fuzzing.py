"""Random and mutated scans through framer, symbol, gate and classifier, and what must hold for each of them.

Used by the test of the suite and, for as long as one likes, by ``python -m bench.fuzz_scans``.
"""

from __future__ import annotations

import random
import re
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.scanners.cards import CardRange, CheckDigit
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.phones import PLANS
from drivers.scanners.decoding.reading import Kind, Reading
from drivers.scanners.decoding.settings import NO_SETTINGS, ORDERABLE, DecodingSettings
from drivers.scanners.decoding.swipes import as_swiped
from drivers.scanners.framing import DEFAULT_IDLE_MS, MAX_FRAME_BYTES, Frame, Framer
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal, looks_like_payment_number
from drivers.scanners.gs1.carriers import Content, carried, item_of
from drivers.scanners.gs1.elements import ElementString, parse_elements
from drivers.scanners.gs1.links import parse_link
from drivers.scanners.numbers.gtin import Gtin
from drivers.scanners.symbols import Misreading, Symbol, read_symbol

PAYMENT = (
    "4012888888881881",
    "5555555555554444",
    "2223003122003222",
    "2200770239097761",
    "378282246310005",
    "38520000023237",
    "3530111333300000",
    "6011111111111117",
    "6759649826438453",
    "9051190000000008",
)
CORPUS = (
    b"]E05901234123457",
    b"]E496385074",
    b"]E3590123412345712",
    b"]E02112345678900|]e099COMPOSITE\x1d98XYZ",
    b"2100000000012",
    b"2212345012347",
    b"96385074",
    b"042100005264",
    b"04252614",
    b"]I105901234123457",
    b"]C1011231231231233310ABC123\x1d99TESTING",
    b"]C18018952012345678912345\x1d801907",
    b"]C12559501101020016\x1d81110500",
    b"]C18110012345612345611110123101101230",
    b"]d2010541234500001310ABC123\x1d3103000195",
    b"]e0011231231231233310ABC123\x1d99TESTING|]e098X",
    b"]Q1https://id.gs1.org/01/09520123456788/10/ABC123?3103=000195&99=X",
    b"HTTPS://A.EXAMPLE/8018/952012345678912345/8019/1",
    b"https://example.com/promo/2026?x=1",
    b"(01)05412345000013(10)ABC123(17)251231",
    b"^0109501101530003^10ABC123^17251231",
    b"010703206980498815210526100329",
    b"LTM1" + b"AHELM4AFGIYTAMBQ" * 9,
    b"LOY-0042",
    b"6003001000001448",
    b"6003 0010 0000 1448",
    b"%B6003001000001448^MEMBER/A^2512101?;6003001000001448=2512101?",
    b"%E?;E?+E?",
    b";2100000000012?",
    b"%B1234123412341234^CardUser/John^030510100000019301000000877000000?",
    b"87071234567",
    b"+7 (707) 123-45-67",
    b"tel:+994501234567",
    b"]Q1t=20200101T1200&s=100.00&fn=9999078900004792&i=12345&fp=2918241905&n=1",
    b"http://consumer.oofd.kz?i=1734974179&f=010100465991&s=13507.0&t=20210922T224125",
    "]Q1Сүт 2,5 %".encode(),
    "٢١٠٠٠٠٠٠٠٠٠١٢".encode(),
    b"\x02]E05901234123457\x03",
    b"]Y3abc2100000000012",
    b"PLAINDATA",
)
_SPECIAL = (
    b"\x1d",
    b"]",
    b"^",
    b"=",
    b"?",
    b"%",
    b";",
    b"+",
    b"(",
    b")",
    b"/",
    b"&",
    b"|]e0",
    b"\r",
    b"\t",
    b"\x02",
    b"\x00",
    b" ",
    b"-",
)
DECORATION = (" ", "-", ".", "/", "_", ",", "\u2010", "\u2011", "\u2013", "\u2015", "\u00a0", ") (")
"""What people, programs and phones put between the groups of a number."""
_BETWEEN = f"[{re.escape(''.join(DECORATION))}]{{0,3}}"
_SIZE = 600
"""Longest mutated input; now and then one is longer than a frame can be."""
_RANGES = (
    CardRange(prefix="2100", min_length=13, max_length=13),
    CardRange(prefix="LOY-", min_length=8, max_length=10),
    CardRange(prefix="600300", min_length=16, max_length=16, check=CheckDigit.LUHN),
    CardRange(prefix="A", min_length=4, max_length=20, check=CheckDigit.MOD_37_36),
    CardRange(prefix="07", min_length=4, max_length=12, check=CheckDigit.MOD_11_2),
    CardRange(prefix="46", min_length=8, max_length=13, check=CheckDigit.EAN),
)
_TEMPLATES = (
    InStoreTemplate(pattern="22IIIIIWWWWWC"),
    InStoreTemplate(pattern="21IIIIIVPPPPC"),
    InStoreTemplate(pattern="28MMMMMMMMMMC"),
    InStoreTemplate(pattern="29KKKKKKPPPPC"),
    InStoreTemplate(pattern="2IIIIIIC"),
)
SETTINGS = (
    NO_SETTINGS,
    *(DecodingSettings(country=country, ranges=_RANGES, templates=_TEMPLATES) for country in PLANS),
    DecodingSettings(country="KZ", ranges=_RANGES, templates=_TEMPLATES, order=ORDERABLE),
)


@dataclass(slots=True, kw_only=True)
class Found:
    """What came of a run.

    Attributes:
        seed: From which everything can be repeated.
        inputs: How many there were.
        kinds: Readings by kind, refusals by reason, and misreadings.
        faults: (number of the input, what did not hold); at most a few.
    """

    seed: int
    inputs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)


def fuzz(count: int, seed: int, *, most_faults: int = 5) -> Found:
    """Read ``count`` inputs; ends early after some faults."""
    found = Found(seed=seed)
    chance = random.Random(seed)
    framer = Framer()
    for number in range(count):
        data, planted = drawn(chance)
        device, settings = chance.choice(_DEVICES), chance.choice(SETTINGS)
        try:
            for frame in _framed(framer, data, chance):
                fault = _judge(frame, planted, device, settings, found)
                if fault:
                    found.faults.append((number, fault))
        except Exception as fault:  # noqa: BLE001  # whatever it raises is what is looked for
            found.faults.append((number, "".join(traceback.format_exception(fault)[-3:])))
        found.inputs = number + 1
        if len(found.faults) >= most_faults:
            break
    return found


_DEVICES = tuple(DeviceKind)


def drawn(chance: random.Random) -> tuple[bytes, str]:
    """One input, and the payment card's number that was put into it, if one was."""
    way = chance.random()
    if way < 0.06:
        return chance.randbytes(chance.randrange(60)), ""
    if way < 0.12:
        return "".join(chance.choices("0123456789", k=chance.randrange(1, 24))).encode(), ""
    if way < 0.121:
        return chance.choice(CORPUS)[:1] * chance.randrange(MAX_FRAME_BYTES - 3, MAX_FRAME_BYTES * 2), ""
    data = chance.choice(CORPUS)
    if way < 0.75:
        for _ in range(chance.randrange(5)):
            data = _mutated(data, chance)
        return data[:_SIZE], ""
    number = chance.choice(PAYMENT)
    return _with_card(data, number, chance)[:_SIZE], number


def _mutated(data: bytes, chance: random.Random) -> bytes:
    at, way = chance.randrange(len(data) + 1), chance.randrange(8)
    if way == 0:
        return data[:at] + data[at + chance.randrange(1, 4) :]
    if way == 1:
        return data[:at] + chance.choice(_SPECIAL) + data[at:]
    if way == 2:
        return data[:at] + chance.randbytes(1) + data[at + 1 :]
    if way == 3:
        return data[:at] + str(chance.randrange(10)).encode() + data[at + 1 :]
    if way == 4:
        return data + chance.choice(CORPUS)
    if way == 5:
        return data[:at] + chance.choice(CORPUS)[chance.randrange(8) :]
    if way == 6:
        return chance.choice((b"]C1", b"]E0", b"]Q1", b"]Q3", b"]d2", b"]I0", b"]X0", b"%B", b";")) + data
    return data[:at] + data[:at]


def _with_card(data: bytes, number: str, chance: random.Random) -> bytes:
    """A payment card as readers and people give it, alone or somewhere in something else."""
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    spelt = chance.choice(
        (
            number,
            grouped,
            grouped.replace(" ", chance.choice(DECORATION)),
            f"({number[:4]}) {grouped[5:]}",
            f"+{grouped.replace(' ', chance.choice(DECORATION))}",
            f"00{number}",
            f";{number}=2512101?",
            f"%B{number}^DOE/JOHN^2512101?",
            f"%B{grouped}^DOE/J^25?",
            f"%B{number}^DOE^25?;{number}=25?",
            f"{number}=2512",
            f"+{number}=2512?",
        )
    ).encode()
    way = chance.randrange(4)
    if way == 0:
        return spelt
    if way == 1:
        return chance.choice(_BEFORE) + spelt
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice((b" ", b"/", b"x", b"\x1d", b"")) + spelt + chance.choice((b"", b" ")) + data[at:]


_BEFORE = (b"]C0", b"]Q1", b"]A0", b"]E0", b"]E1", b"]E3", b"]E4", b"]E9", b"]C1", b"]I1", b"card ", b"tel:", b"\x02")


def _framed(framer: Framer, data: bytes, chance: random.Random) -> Iterator[Frame]:
    """The frames of one input that came in pieces, and then silence."""
    at = chance.randrange(len(data) + 1)
    yield from framer.feed(data[:at], 0)
    yield from framer.feed(data[at:], 1)
    yield from framer.tick(1 + DEFAULT_IDLE_MS)
    framer.reset()


def _judge(frame: Frame, planted: str, device: DeviceKind, settings: DecodingSettings, found: Found) -> str:
    """What does not hold for a frame; empty if all does."""
    if frame.incomplete:
        found.kinds[frame.ending.value] += 1
        return ""
    symbol = read_symbol(frame)
    if isinstance(symbol, Misreading):
        found.kinds[symbol.value] += 1
        return ""
    if device is DeviceKind.MAGSTRIPE:
        symbol = as_swiped(symbol)
    admitted = Gate(device="fuzz", kind=device, ranges=settings.ranges).admit(symbol)
    if isinstance(admitted, GateRefusal):
        found.kinds[admitted.reason.value] += 1
        return "" if admitted.length == len(symbol.text) else "a refusal of another length"
    reading = classify(admitted, settings, device)
    found.kinds[reading.kind.value] += 1
    return _broken(reading) or _leaked(reading, planted, symbol, device)


def _broken(reading: Reading) -> str:
    """What is wrong with the shape or the size of a reading."""
    if (reading.kind in {Kind.ERROR, Kind.PAYMENT_REFUSED}) != bool(reading.reason):
        return "an error and a refusal have a reason, and nothing else has"
    if (reading.kind is Kind.AMBIGUOUS) != (len(reading.alternatives) >= 2):
        return "an ambiguous reading has two readings or more, and nothing else has any"
    if reading.kind in {Kind.ERROR, Kind.AMBIGUOUS, Kind.PAYMENT_REFUSED} and (reading.value or reading.fields):
        return "what is no one thing has no value"
    if len(reading.alternatives) > 6 or sum(map(len, _texts(reading))) > 4 * MAX_FRAME_BYTES:
        return "a reading that is too large"
    return ""


def _leaked(reading: Reading, planted: str, symbol: Symbol, device: DeviceKind) -> str:
    """Whether the payment card that was put in comes out, where nothing exempts it."""
    if any(one.kind is Kind.PHONE and looks_like_payment_number(one.value[1:]) for one in _all(reading)):
        return "a phone number that is a payment card's"
    if not planted or _is_ean(symbol) or _is_gs1(symbol) or not _stands_alone(planted, symbol.text):
        return ""
    if device is DeviceKind.BARCODE and reading.kind is Kind.ITEM:
        return ""  # fourteen digits with a good check digit are a carton to a scanner that cannot swipe
    out = "\n".join(re.sub(_BETWEEN, "", text) for text in _texts(reading))
    return f"a payment card's number in a reading of kind {reading.kind.value}" if planted in out else ""


def _stands_alone(number: str, text: str) -> bool:
    """True where no other digit touches the number: digits inside a longer group may be anything."""
    return re.search(rf"(?<![0-9]){_BETWEEN.join(number)}(?![0-9])", text) is not None


def _is_ean(symbol: Symbol) -> bool:
    """True for a number or an add-on of the length and check digit that its identifier promises."""
    data = carried(symbol)
    if data.content is Content.ADD_ON:
        return re.fullmatch("[0-9]{2}|[0-9]{5}", data.text) is not None
    return data.content in {Content.EAN_13, Content.EAN_8} and isinstance(item_of(data), Gtin)


def _is_gs1(symbol: Symbol) -> bool:
    if isinstance(parse_link(symbol.text), ElementString):
        return True
    data = carried(symbol)
    return (
        bool(symbol.aim) and data.content is Content.ELEMENTS and isinstance(parse_elements(data.text), ElementString)
    )


def _all(reading: Reading) -> tuple[Reading, ...]:
    return (reading, *reading.alternatives)


def _texts(reading: Reading) -> Iterator[str]:
    yield from (reading.value, reading.reason, reading.symbology, *reading.fields, *reading.fields.values())
    for one in reading.alternatives:
        yield from _texts(one)
