"""config.example.toml: loads for a till and for HQ, explains every key that the code knows, and no other."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.printers import PrinterConfig
from agent.config.read import load_till_config, read_text, read_till_config
from agent.config.scanners import ScannerConfig
from agent.config.values import CardsConfig, ScanConfig, StoreConfig, TillConfig
from drivers.scanners.cards import CardRange
from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptTemplate
from drivers.scanners.decoding.in_store import InStoreTemplate
from hq.config import HqConfig, load_hq_config, read_hq_config
from loyalty.programme.reader import read_programme
from loyalty.reading.tables import Document, Table
from sync.links.route import Route

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
SPARE = '[[printer]]\nname = "spare"\nmode = "own"\naddress = "receipts"\n'
KEY = re.compile(r"(# )?([a-z_]+) = (.+)")
HEADER = re.compile(r"\[+([a-z.]+)\]+")


def written() -> dict[str, bool]:
    """Give every key of the example with its table, and whether it has a value (or is only shown in a comment)."""
    table, keys = "", {}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if header := HEADER.fullmatch(line):
            table = header.group(1)
        elif key := KEY.fullmatch(line):
            keys[f"{table}.{key.group(2)}"] = key.group(1) is None
    return keys


def known(table: Table, prefix: str = "") -> set[str]:
    """Give the keys that were asked for in a table and those inside it."""
    inner = {path[-1] if isinstance(path[-1], str) else path[-2]: child for path, child in table._children.items()}
    keys = {f"{prefix}{key}" for key in table._known if key not in inner}
    return keys.union(*(known(child, f"{prefix}{name}.") for name, child in inner.items()))


def test_the_example_loads_for_a_till_with_the_defaults_of_the_code() -> None:
    assert load_till_config(EXAMPLE) == TillConfig(
        data_dir=EXAMPLE.parent / "till-data",
        store=StoreConfig(id="S1", name="Corner shop", zone=ZoneInfo("Asia/Almaty"), country="KZ"),
        programme_file=EXAMPLE.parent / "programmes" / "grocery.toml",
        cards=CardsConfig(ranges=(CardRange(prefix="2100", min_length=13, max_length=13),)),
        scanners=(ScannerConfig(name="counter"),),
        printers=(PrinterConfig(),),
        scan=ScanConfig(
            templates=(InStoreTemplate(pattern="22IIIIIWWWWWC", name="weighed"),),
            receipts=(
                ReceiptTemplate(
                    name="example",
                    hosts=("check.example.com",),
                    date="d",
                    total="sum",
                    number="no",
                    identity=("register", "no"),
                ),
                *SHIPPED,
            ),
        ),
    )


def test_a_copy_of_the_example_beside_it_has_a_programme() -> None:
    programme = load_till_config(EXAMPLE).programme_file
    assert read_programme(read_text(programme), "the example's").currency.code == "KZT"


def test_the_example_loads_for_hq_with_the_defaults_of_the_code() -> None:
    assert load_hq_config(EXAMPLE) == HqConfig(data_dir=EXAMPLE.parent / "hq-data")


def test_every_key_that_the_code_knows_is_in_the_example_and_no_other() -> None:
    document = Document(EXAMPLE.read_text(encoding="utf-8"), "example")
    read_till_config(document, base=EXAMPLE.parent)
    read_hq_config(document, base=EXAMPLE.parent)
    assert set(written()) == known(document.root)


def test_every_key_of_the_example_is_explained_in_the_lines_before_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if KEY.fullmatch(line) and not (before.startswith("# ") and before.endswith((".", ":")))
    ]
    assert bare == []


def test_what_is_only_shown_can_be_switched_on(tmp_path: Path) -> None:
    text = re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = tmp_path / "config.toml"
    path.write_text(text.replace('mode = "host"', 'mode = "shared"', 1) + SPARE, encoding="utf-8")
    till, hq = load_till_config(path), load_hq_config(path)
    assert till.sync.route == Route(ca_file=tmp_path / "company-ca.pem", proxy="http://proxy.example.com:3128")
    assert (till.scanners[0].device, till.scanners[0].forward_to) == ("COM5", str(tmp_path / "pos-scanner"))
    assert (till.sync.hq_url, hq.public_url) == (
        "https://hq.example.com",
        "https://hq.example.com",
    )
    assert [printer.name for printer in till.printers] == ["receipts", "spare"]
    assert till.display is not None
    assert hq.database_url == "postgresql://loyaltill@localhost/loyaltill"
    assert all(key.partition(".")[0] in tomllib.loads(text) for key in written())
