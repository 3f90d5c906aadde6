"""A shop's calibrated profile is read as it was written, and whatever is wrong in it is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.printers.profiles.listing import load, names
from drivers.printers.profiles.profile import CodePage, StatusAbilities
from drivers.printers.profiles.toml import BadProfile, parse_profile, profile_toml, read_profile


@pytest.mark.parametrize("name", names())
def test_every_listed_profile_is_read_as_it_is_written(name: str, tmp_path: Path) -> None:
    path = tmp_path / "printer.toml"
    profile = replace(load(name), title='of "the" shop \\ Қазақ')
    path.write_text(profile_toml(profile), encoding="utf-8")
    assert read_profile(path) == profile


def test_a_file_may_say_only_what_is_different() -> None:
    base = load("TM-T20II")
    text = """
        based_on = "TM-T20II"
        inline = true
        chunk_bytes = 256
        pause_ms = 40
        [[pages]]
        number = 53
        codec = "kz1048"
        verified = true
        [[pages]]
        number = 17
        codec = "cp866"
        [status]
        completion = false
    """
    assert parse_profile(text) == replace(
        base,
        inline=True,
        chunk_bytes=256,
        pause_ms=40,
        pages=(CodePage(number=53, codec="kz1048"), CodePage(number=17, codec="cp866", verified=False)),
        status=replace(base.status, completion=False),
    )


def test_a_file_that_stands_alone_knows_nothing_that_it_does_not_say() -> None:
    profile = parse_profile('name = "counter"\ncolumns = 32')
    assert (profile.width_dots, profile.pages, profile.status) == (384, (), StatusAbilities())
    assert (profile.raster, profile.inline, profile.cutter) == (True, False, None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name =", "is not TOML: "),
        ("colums = 48", "colums: there is no such setting; known are barcodes, "),
        ('based_on = "TM-T99"', "based_on: there is no profile 'TM-T99'; known are unknown, "),
        ("columns = 48", "name: is missing"),
        ('name = "x"', "columns: is missing"),
        ('name = "x"\ncolumns = 47', "a printer has an even number of columns"),
        ('name = "x"\ncolumns = true', "columns: expected a whole number from 16 to 96"),
        ('name = "x"\ncolumns = 48\nchunk_bytes = 16', "chunk_bytes: expected a whole number from 64 to 4096"),
        ('name = "x"\ncolumns = 48\npause_ms = 501', "pause_ms: expected a whole number from 0 to 500"),
        ('name = "x"\ncolumns = 200', "columns: expected a whole number from 16 to 96"),
        ('name = ""\ncolumns = 48', "name: expected 1 to 80 printable characters"),
        ('based_on = "unknown"\nqr = "yes"', "qr: expected true or false"),
        ('based_on = "unknown"\npages = 1', "pages: expected tables"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1', "pages 1: expected number, codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber = "1"\ncodec = "cp866"', "pages 1: number: expected a whole"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 300\ncodec = "cp866"', "a code page has a number from 0 to 255"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1\ncodec = "utf-8"', "pages 1: codec: expected a Python codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1\ncodec = "cp932"', "pages 1: codec: expected a Python codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1\ncodec = "cp864"', "pages 1: codec: expected a Python codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1\ncodec = "rot13"', "pages 1: codec: expected a Python codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber = 1\ncodec = "none"', "pages 1: codec: expected a Python codec"),
        ('based_on = "unknown"\n[[pages]]\nnumber=1\ncodec="cp866"\nverified=1', "pages 1: expected true or false"),
        ('based_on = "unknown"\n[status]\nasb = true', "status: expected realtime, "),
        ('based_on = "TM-T20II"\n[status]\nrealtime = false', "a printer that is not asked (realtime = false) tells"),
        ('based_on = "unknown"\n[status]\nrealtime = 1', "status.realtime: expected true or false"),
        ("#" * 70_000, "is longer than 65536 bytes"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "printer.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadProfile) as refused:
        read_profile(path)
    assert str(refused.value).startswith(f"{path}: {fault}")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="cannot be read"):
        read_profile(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(BadProfile, match="is not UTF-8"):
        read_profile(tmp_path / "bytes.toml")
