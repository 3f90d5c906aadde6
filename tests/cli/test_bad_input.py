"""What people write wrong: file, line, key and what was expected, status 2, and nothing begun."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.commands import PROGRAMME as COUNTED
from tests.cli.commands import STORE, write_receipts

HEADER = "invoice,item,description,category,quantity,timestamp,unit_price,customer\n"
ROW = "1,A,Apple,fruit,1,2026-03-14 09:00:00,1.00,2900000000001\n"
MAPPING = (Path(__file__).parents[2] / "hq" / "history" / "mappings" / "generated.toml").read_text(encoding="utf-8")
PROGRAMME = """\
[programme]
id = "points"
label = "1"
names.en = "Points"

[currency]
code = "KZT"

[[rule]]
kind = "per_amount"
id = "all"
units = 1
per = "100.00"
rounding = "floor"
tax = "included"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One broken input and the lines that must come of it, without ``loyaltill: ``; FILE stands for its path."""

    name: str
    says: tuple[str, ...]
    data: bytes | str = b""
    change: tuple[str, str] | None = None


def configs() -> list[Broken]:
    wide = '[[printer]]\nmode = "own"\nkind = "network"\naddress = "printer"\n'
    return [
        Broken(name="not TOML", data="[store\n", says=("FILE:1: not TOML: ",)),
        Broken(name="not UTF-8", data=b'[store]\nname = "\xff"\n', says=("FILE: is not UTF-8 text [not_readable]",)),
        Broken(
            name="empty",
            data="",
            says=(
                "FILE: store.id: is missing; expected a text [missing]",
                "FILE: store.name: is missing; expected a text [missing]",
                "FILE: store.time_zone: is missing; expected a text [missing]",
                "FILE: programme.file: is missing; expected a programme to count by, as ",
            ),
        ),
        Broken(
            name="unknown key",
            data=STORE + "nmae = 1\n",
            says=('FILE:5: store.nmae: unknown key; did you mean "name"? [unknown_key]',),
        ),
        Broken(
            name="unknown table",
            data=STORE + "[tll]\n",
            says=('FILE:5: tll: unknown key; did you mean "till"? [unknown_key]',),
        ),
        Broken(
            name="port",
            data=STORE + "[till]\nport = 70000\n",
            says=("FILE:6: till.port: expected a whole number from 0 to 65535",),
        ),
        Broken(
            name="time zone",
            data=STORE.replace("Asia/Almaty", "Asia/Atlantis"),
            says=("FILE:4: store.time_zone: expected an IANA time zone",),
        ),
        Broken(
            name="language",
            data=STORE + 'language = "fr"\n',
            says=("FILE:5: store.language: expected one of kk, az, ru, hy, en",),
        ),
        Broken(name="address", data=STORE + wide, says=('FILE:8: printer[1].address: expected "host:port"',)),
        Broken(
            name="scanner without a device",
            data=STORE + '[[scanner]]\nname = "counter"\nmode = "own"\n',
            says=("FILE:5: scanner[1].device: is missing; expected the port",),
        ),
        Broken(
            name="url",
            data=STORE + '[sync]\nhq_url = "hq.example"\n',
            says=("FILE:6: sync.hq_url: expected a URL",),
        ),
        Broken(
            name="several at once",
            data=STORE + "[till]\nport = -1\nprot = 1\n",
            says=("FILE:6: till.port: expected", 'FILE:7: till.prot: unknown key; did you mean "port"?'),
        ),
    ]


def programmes() -> list[Broken]:
    return [
        Broken(
            name="a rate of zero", change=('"100.00"', '"0"'), says=("FILE:13: rule[1].per: must be more than zero",)
        ),
        Broken(
            name="a float", change=('"100.00"', "100.5"), says=("FILE:13: rule[1].per: expected a decimal in quotes",)
        ),
        Broken(
            name="too large",
            change=('"100.00"', '"99999999999999999999"'),
            says=("FILE:13: rule[1].per: ", "[too_large]"),
        ),
        Broken(name="unknown kind", change=('"per_amount"', '"per_moon"'), says=("FILE:10: rule[1].kind: ",)),
        Broken(
            name="unknown rounding", change=('"floor"', '"flour"'), says=("FILE:14: rule[1].rounding: expected one of",)
        ),
        Broken(name="missing id", change=('id = "all"\n', ""), says=("FILE:9: rule[1].id: is missing",)),
        Broken(name="currency", change=('"KZT"', '"tenge"'), says=("FILE:7: currency.code: ",)),
        Broken(
            name="another currency than the receipts'",
            change=('"KZT"', '"GBP"'),
            says=("FILE:7: currency.code: expected KZT with 2 decimals",),
        ),
        Broken(name="not there", says=("FILE: cannot be read: No such file or directory [not_readable]",)),
    ]


def mappings() -> list[Broken]:
    return [
        Broken(
            name="unknown key", change=("[money]", "[money]\ncurency = 1"), says=("FILE:", "unknown key; did you mean")
        ),
        Broken(name="zone", change=("Asia/Aqtobe", "Asia/Nowhere"), says=("FILE:23: time.zone: ",)),
        Broken(
            name="no column for the item", change=('item = "item"\n', ""), says=("FILE:11: columns.item: is missing",)
        ),
        Broken(name="a pattern", change=("patterns = []", 'patterns = ["("]'), says=("FILE:", "not_goods.patterns")),
        Broken(name="a delimiter", change=('delimiter = ","', 'delimiter = ",,"'), says=("FILE:7: file.delimiter: ",)),
        Broken(name="encoding", change=('"utf-8"', '"utf-seven"'), says=("FILE:8: file.encoding: ",)),
        Broken(name="a directory", data=b"directory", says=("FILE: cannot be read: ",)),
    ]


def receipts() -> list[Broken]:
    packed = gzip.compress((HEADER + ROW * 5_000).encode())
    return [
        Broken(name="not there", says=("FILE: cannot be opened: No such file or directory; expected a CSV file",)),
        Broken(name="a directory", data=b"directory", says=("FILE: cannot be ", "; expected a CSV file")),
        Broken(name="empty", data=b"", says=("FILE: is empty; expected a header",)),
        Broken(
            name="truncated gzip", data=packed[: len(packed) // 2], says=("FILE:", "the gzip data ends or breaks here")
        ),
        Broken(name="broken gzip", data=packed[:30] + b"\0\0\0\0" + packed[34:], says=("FILE:", "the gzip data")),
        Broken(
            name="UTF-16", data=(HEADER + ROW).encode("utf-16"), says=("FILE:1: is text in utf-16; expected utf-8",)
        ),
        Broken(
            name="a workbook", data=b"PK\x03\x04" + b"\0" * 60, says=("FILE: is a ZIP or XLSX file; expected CSV text",)
        ),
        Broken(
            name="missing columns",
            data=HEADER.replace("item,", "") + ROW,
            says=("FILE:1: no shipped mapping fits: ", "expected those columns, or --mapping"),
        ),
        Broken(
            name="a column twice",
            data=HEADER.replace("item,", "item,item,") + ROW,
            says=("FILE:1: column 3: has the name of column 2",),
        ),
    ]


def named(broken: Broken) -> str:
    return broken.name


@pytest.fixture
def path_of(tmp_path: Path) -> Callable[[Broken, str, str], Path]:
    def make(broken: Broken, name: str, whole: str) -> Path:
        path = tmp_path / name
        if broken.name == "a directory":
            path.mkdir()
        elif broken.change is not None:
            assert broken.change[0] in whole
            path.write_text(whole.replace(*broken.change, 1), encoding="utf-8")
        elif broken.name != "not there":
            path.write_bytes(broken.data.encode() if isinstance(broken.data, str) else broken.data)
        return path

    return make


def refused(capsys: pytest.CaptureFixture[str], broken: Broken, path: Path, *arguments: str | Path) -> None:
    """Run, and compare what is said with what should be."""
    assert main([*map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert all(line.startswith("loyaltill: ") for line in said.err.splitlines())
    told = said.err.replace("loyaltill: ", "")
    assert [part for part in broken.says if part.replace("FILE", str(path)) not in told] == [], said.err


@pytest.mark.parametrize("command", [("till", "run"), ("doctor",)], ids=" ".join)
@pytest.mark.parametrize("broken", configs(), ids=named)
def test_a_broken_config(
    broken: Broken,
    command: tuple[str, ...],
    path_of: Callable[[Broken, str, str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = path_of(broken, "config.toml", STORE)
    refused(capsys, broken, path, *command, "--config", path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_faults_of_both_halves_of_a_config_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(STORE + '[till]\nport = "x"\n[hq]\nport = "y"\nmerchnt = "z"\n' + COUNTED, encoding="utf-8")
    assert main(["doctor", "--config", str(path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1:3] for line in said] == [
        [f"{path}:6", "till.port"],
        [f"{path}:8", "hq.port"],
        [f"{path}:9", "hq.merchnt"],
    ]


@pytest.mark.parametrize("words", [("till", "run"), ("till", "pair", "X"), ("hq", "serve"), ("doctor",)], ids=" ".join)
def test_a_config_that_is_not_there_is_said_with_the_way_to_make_it(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("loyaltill: config.toml: there is no such file; copy config.example.toml to it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", programmes(), ids=named)
def test_a_broken_programme_stops_a_replay(
    broken: Broken,
    path_of: Callable[[Broken, str, str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = path_of(broken, "ours.toml", PROGRAMME)
    given, work = write_receipts(tmp_path), tmp_path / "work"
    refused(capsys, broken, path, "replay", "--receipts", given, "--programme", path, "--work-dir", work)
    assert not work.exists()


def test_a_broken_programme_stops_a_till_before_it_makes_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.toml").write_text(PROGRAMME.replace('"100.00"', '"0"'), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(STORE + '[programme]\nfile = "ours.toml"\n', encoding="utf-8")
    assert main(["till", "run", "--config", str(config)]) == 2
    said = capsys.readouterr().err
    assert said == f"loyaltill: {tmp_path / 'ours.toml'}:13: rule[1].per: must be more than zero [rate_zero]\n"
    assert not (tmp_path / "till-data").exists()


@pytest.mark.parametrize("command", ["replay", "demo"])
@pytest.mark.parametrize("broken", mappings(), ids=named)
def test_a_broken_mapping(
    broken: Broken,
    command: str,
    path_of: Callable[[Broken, str, str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = path_of(broken, "mapping.toml", MAPPING)
    refused(capsys, broken, path, command, "--receipts", write_receipts(tmp_path), "--mapping", path)
    assert not (tmp_path / "demo-data").exists()
    assert not (tmp_path / "replay-data").exists()


@pytest.mark.parametrize("command", ["replay", "demo"])
@pytest.mark.parametrize("broken", receipts(), ids=named)
def test_a_broken_receipt_file(
    broken: Broken,
    command: str,
    path_of: Callable[[Broken, str, str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = path_of(broken, "receipts.csv", "")
    refused(capsys, broken, path, command, "--receipts", path)


def test_a_column_that_the_mapping_names_and_the_file_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = tmp_path / "ours.toml"
    mapping.write_text(MAPPING.replace('item = "item"', 'item = "sku"'), encoding="utf-8")
    given = write_receipts(tmp_path)
    assert main(["replay", "--receipts", str(given), "--mapping", str(mapping), "--work-dir", str(tmp_path / "w")]) == 2
    assert f"{given}:1: " in (said := capsys.readouterr().err)
    assert "sku" in said


def test_a_work_dir_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = write_receipts(tmp_path)
    assert main(["replay", "--receipts", str(given), "--work-dir", str(given)]) == 2
    assert (
        capsys.readouterr().err
        == f"loyaltill: --work-dir {given}: is a file; expected a folder, or a name for a new one\n"
    )


def test_pairing_without_an_address_of_hq(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(STORE + COUNTED, encoding="utf-8")
    assert main(["till", "pair", "X", "--config", str(config)]) == 2
    assert capsys.readouterr().err.startswith("loyaltill: sync.hq_url: is missing in the config")
    assert list(tmp_path.iterdir()) == [config]


def test_no_card_number_of_a_dirty_row_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "receipts.csv"
    path.write_text(HEADER + ROW + ROW.replace("1.00", "4000000000000002"), encoding="utf-8")
    main(["replay", "--receipts", str(path), "--work-dir", str(tmp_path / "work")])
    said = capsys.readouterr()
    assert "4000000000000002" not in said.out + said.err
