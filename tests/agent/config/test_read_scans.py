"""The tables of config.toml that say what scans mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.scanners.cards import CardRange, CheckDigit
from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptTemplate
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import Kind
from drivers.scanners.decoding.settings import DecodingSettings
from tests.agent.config.files import PROGRAMME, STORE, faults, load

SCANS = """
[scan]
order = ["member", "phone"]
[[scan.template]]
pattern = "22IIIIIWWWWWC"
name = "weighed"
weight_decimals = 2
[[scan.template]]
pattern = "21IIIIIVPPPPC"
price_decimals = 0
[[scan.receipt]]
name = "ex"
date = "d"
total = "sum"
number = "no"
identity = ["reg", "no"]
[[cards.range]]
prefix = "6003"
min_length = 16
check = "luhn"
payment_numbers_are_ours = true
"""


def test_what_scans_mean_is_read(tmp_path: Path) -> None:
    read = load(tmp_path, STORE + 'country = "AZ"\n' + PROGRAMME + SCANS)
    assert read.decoding == DecodingSettings(
        country="AZ",
        ranges=(CardRange(prefix="6003", min_length=16, max_length=16, check=CheckDigit.LUHN),),
        templates=(
            InStoreTemplate(pattern="22IIIIIWWWWWC", name="weighed", weight_decimals=2),
            InStoreTemplate(pattern="21IIIIIVPPPPC", price_decimals=0),
        ),
        receipts=(
            ReceiptTemplate(name="ex", date="d", total="sum", number="no", identity=("reg", "no")),
            *SHIPPED,
        ),
        order=(Kind.MEMBER, Kind.PHONE),
    )


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('[scan]\norder = ["member", "member"]', "scan.order: expected each kind at most once, of member, phone"),
        ('[scan]\norder = ["error"]', "scan.order: expected each kind at most once"),
        ('[[scan.template]]\npattern = "22IIIII"', "pattern: expected 8 or 13 characters"),
        ("[[scan.template]]", "pattern: is missing"),
        ('[[scan.template]]\npattern = "22IIIIIWWWWWC"\nprice_decimals = 9', "price_decimals: expected a whole number"),
        ('[[scan.receipt]]\nname = "a"\ndate = "d"\ntotal = "t"\nnumber = "n"', "identity: is missing"),
        (
            '[[scan.receipt]]\nname = "a"\ndate = "d 1"\ntotal = "t"\nnumber = "n"\nidentity = ["n"]',
            'date: expected the name of a parameter, as "t"',
        ),
        (
            '[[scan.receipt]]\nname = "a"\nhosts = ["https://x.kz"]\ndate = "d"\ntotal = "t"\nnumber = "n"\nidentity = ["n"]',
            "hosts: expected names of hosts",
        ),
        (
            '[[scan.receipt]]\nname = "a"\ndate = "d"\ntotal = "t"\nnumber = "n"\nidentity = ["n=1"]',
            "identity: expected",
        ),
        ('[[cards.range]]\nprefix = "1"\nmin_length = 4\ncheck = "crc"', "check: expected one of none, luhn"),
        ('[[cards.range]]\nprefix = "4"\nmin_length = 13\nmax_length = 19', "prefix: payment cards begin like that"),
        ('[[cards.range]]\nprefix = "2"\nmin_length = 16', "prefix: payment cards begin like that"),
        ('[[cards.range]]\nprefix = "600300"\nmin_length = 16\ncheck = "ean"', "prefix: payment cards begin like that"),
    ],
)
def test_what_scans_cannot_mean_is_said(tmp_path: Path, table: str, fault: str) -> None:
    told = faults(tmp_path, f"{PROGRAMME}{STORE}{table}\n")
    assert any(fault in line for line in told), told


@pytest.mark.parametrize(
    "table",
    [
        'prefix = "4"\nmin_length = 13',
        'prefix = "4"\nmin_length = 13\nmax_length = 19\npayment_numbers_are_ours = true',
        'prefix = "29"\nmin_length = 16',
        'prefix = "LOY-4"\nmin_length = 16',
        'prefix = "4"\nmin_length = 20',
        'prefix = "2205"\nmin_length = 16',
    ],
)
def test_a_range_that_no_payment_card_fits_or_that_is_said_to_be_ours_is_read(tmp_path: Path, table: str) -> None:
    assert len(load(tmp_path, f"{STORE}{PROGRAMME}[[cards.range]]\n{table}\n").cards.ranges) == 1


@pytest.mark.parametrize("country", ["kz", "KAZ", "7"])
def test_a_country_is_two_capitals(tmp_path: Path, country: str) -> None:
    told = faults(tmp_path, f'{PROGRAMME}{STORE}country = "{country}"\n')
    assert "store.country: expected" in "".join(told)
