"""What scans mean, from config.toml: the merchant's cards, in-store numbers, fiscal receipts, and what wins."""

import re

from agent.config.values import CardsConfig, ScanConfig
from drivers.scanners.cards import MAX_CARD_LENGTH, CardRange, CheckDigit
from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptTemplate
from drivers.scanners.decoding.in_store import MOST_DECIMALS, BadTemplate, InStoreTemplate
from drivers.scanners.decoding.reading import Kind
from drivers.scanners.decoding.settings import ORDERABLE
from drivers.scanners.gate import may_hold_payment_numbers
from loyalty.cards import UID_PREFIX, is_card
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table

_PAYMENT = (
    "payment cards begin like that, and they would get in; expected a longer prefix, other lengths than 14 to 19, or, if"
    " every such number is your own card, payment_numbers_are_ours = true"
)
_COUNTRY = re.compile("[A-Z]{2}")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_PARAMETER = re.compile("[A-Za-z_]{1,20}")


def read_country(table: Table) -> str:
    """Read ``country`` of the store; empty where it is not written."""
    country = table.optional_text("country", most=2) or ""
    if country and not _COUNTRY.fullmatch(country):
        table.note("country", 'expected two capital letters, as "KZ"')
        return ""
    return country


def read_cards(table: Table) -> CardsConfig:
    """Read ``[cards]`` and each ``[[cards.range]]``."""
    ranges = [_range(item) for item in table.tables("range")]
    return CardsConfig(
        ranges=tuple(item for item in ranges if item is not None),
        enrol_unknown=table.boolean("enrol_unknown", default=True),
        enrol_unknown_uids=table.boolean("enrol_unknown_uids", default=False),
    )


def _range(table: Table) -> CardRange | None:
    before = len(table.document.problems)
    prefix = table.text("prefix", most=MAX_CARD_LENGTH)
    least = table.integer("min_length", least=1, most=MAX_CARD_LENGTH)
    most = table.integer("max_length", max(least, 1), least=1, most=MAX_CARD_LENGTH)
    check = table.choice("check", CheckDigit, CheckDigit.NONE)
    ours = table.boolean("payment_numbers_are_ours", default=False)
    if len(table.document.problems) > before:
        return None
    if prefix.lower().startswith(UID_PREFIX):
        table.note("prefix", f'expected another one: "{UID_PREFIX}" stands before the UIDs of contactless cards')
        return None
    if not is_card(prefix):
        table.note("prefix", "expected printable ASCII without spaces")
        return None
    if not len(prefix) <= least <= most:
        table.note("min_length", "expected no less than the prefix has characters and no more than max_length")
        return None
    read = CardRange(prefix=prefix, min_length=least, max_length=most, check=check)
    if may_hold_payment_numbers(read) and not ours:
        table.note("prefix", _PAYMENT)
        return None
    return read


def read_scan(table: Table) -> ScanConfig:
    """Read ``[scan]``, each ``[[scan.template]]`` and each ``[[scan.receipt]]``; the shipped receipts come behind."""
    templates = [_template(item) for item in table.tables("template", most=100)]
    receipts = [_receipt(item) for item in table.tables("receipt", most=100)]
    return ScanConfig(
        order=_order(table),
        templates=tuple(item for item in templates if item is not None),
        receipts=(*(item for item in receipts if item is not None), *SHIPPED),
    )


def _order(table: Table) -> tuple[Kind, ...]:
    names = table.texts("order", (), most=len(ORDERABLE))
    if len(set(names)) != len(names) or not set(names) <= {kind.value for kind in ORDERABLE}:
        table.note("order", f"expected each kind at most once, of {', '.join(ORDERABLE)}")
        return ()
    return tuple(Kind(name) for name in names)


def _template(table: Table) -> InStoreTemplate | None:
    before = len(table.document.problems)
    pattern = table.text("pattern", most=13)
    name = table.optional_text("name", most=64) or ""
    price = table.integer("price_decimals", 2, most=MOST_DECIMALS)
    weight = table.integer("weight_decimals", 3, most=MOST_DECIMALS)
    if len(table.document.problems) > before:
        return None
    try:
        return InStoreTemplate(pattern=pattern, name=name, price_decimals=price, weight_decimals=weight)
    except BadTemplate as fault:
        table.note("pattern", str(fault))
        return None


def _receipt(table: Table) -> ReceiptTemplate | None:
    before = len(table.document.problems)
    name = table.text("name", most=64)
    hosts = table.texts("hosts", (), most=100)
    date, total, number = (_parameter(table, key) for key in ("date", "total", "number"))
    identity = table.texts("identity", most=10)
    if not all(map(_HOST.fullmatch, hosts)):
        table.note("hosts", 'expected names of hosts in small letters, as "consumer.oofd.kz"')
    if not all(map(_PARAMETER.fullmatch, identity)) or (table.has("identity") and not identity):
        table.note("identity", 'expected the names of parameters, as ["fn", "i", "fp"]', ProblemCode.WRONG_VALUE)
    if len(table.document.problems) > before:
        return None
    return ReceiptTemplate(name=name, hosts=hosts, date=date, total=total, number=number, identity=identity)


def _parameter(table: Table, key: str) -> str:
    name = table.text(key, most=20)
    if name and not _PARAMETER.fullmatch(name):
        table.note(key, 'expected the name of a parameter, as "t"')
    return name
