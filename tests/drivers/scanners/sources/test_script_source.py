"""A script is played as a scanner would send it, at its times."""

import json
from pathlib import Path

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.gate import GateRefusal
from drivers.scanners.reader import ReaderState
from drivers.scanners.sources.script_source import Act, ScriptSettings, ScriptSource, Step, read_script
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners.sources.rig import reading, state_is, until


class Clock:
    """Milliseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_ms = 5_000

    def __call__(self) -> int:
        return self.now_ms * 1_000_000


def test_a_script_is_read_line_by_line() -> None:
    lines = [
        "# the first customer",
        '{"after_ms": 500, "scan": "]C10109501101530003\\u001d10AB"}',
        "",
        '"unplug"',
        '{"after_ms": 3000, "device": "plug"}',
        '{"scan": "кг"}',
    ]
    assert read_script(lines) == (
        Step(at_ms=500, act=Act.SCAN, scan=b"]C10109501101530003\x1d10AB"),
        Step(at_ms=500, act=Act.UNPLUG),
        Step(at_ms=3500, act=Act.PLUG),
        Step(at_ms=3500, act=Act.SCAN, scan="кг".encode()),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("4012002000060016x", "no JSON"),
        ("[]", "object"),
        ('"replug"', "unplug"),
        ('{"after_ms": 1}', "scan or device"),
        ('{"scan": "A", "device": "plug"}', "not both"),
        ('{"scan": "A", "times": 2}', "object"),
        ('{"after_ms": -1, "scan": "A"}', "after_ms"),
        ('{"after_ms": 1.5, "scan": "A"}', "after_ms"),
        ('{"after_ms": true, "scan": "A"}', "after_ms"),
        ('{"scan": ""}', "1 to 4096"),
        ('{"scan": 4012002000060016}', "UTF-8"),
        ('{"scan": "\\ud800"}', "UTF-8"),
        ('{"device": "off"}', "unplug"),
        (json.dumps({"scan": "9" * 4097}), "4096"),
    ],
)
def test_a_line_that_says_nothing_is_named_by_its_number_and_not_shown(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"line 2: .*{words}") as raised:
        read_script(["# fine", line])
    assert "4012002000060016" not in str(raised.value)


def script(folder: Path, *lines: object) -> Path:
    path = folder / "day.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    return path


def test_a_reader_hears_the_script_through_unplugging(tmp_path: Path) -> None:
    path = script(
        tmp_path,
        {"after_ms": 20, "scan": "]E02112345678900"},
        {"after_ms": 20, "device": "unplug"},
        {"after_ms": 20, "scan": "lost"},
        {"after_ms": 100, "device": "plug"},
        {"after_ms": 20, "scan": "LOY-0042"},
    )
    heard: list[Symbol | GateRefusal] = []
    with reading(ScriptSource(ScriptSettings(path=path)), heard) as reader:
        until(state_is(reader, ReaderState.ABSENT))
        until(lambda: len(heard) == 2)
        assert reader.status.state is ReaderState.READY
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="LOY-0042")]


def test_times_count_from_the_first_opening_and_go_on_while_nobody_reads(tmp_path: Path) -> None:
    clock = Clock()
    path = script(tmp_path, {"after_ms": 100, "scan": "A"}, {"after_ms": 100, "scan": "B"})
    source = ScriptSource(ScriptSettings(path=path, suffix=b"\r\n"), clock=clock)
    assert source.name == "day.jsonl"
    source.open()
    with pytest.raises(DeviceBusy):
        source.open()
    assert source.read(1) == b""
    clock.now_ms += 250
    source.close()
    with pytest.raises(DeviceGone, match="not open"):
        source.read(1)
    source.open()
    assert [source.read(1), source.read(1), source.read(1)] == [b"A\r\n", b"B\r\n", b""]
    source.close()


def test_a_scanner_that_the_script_unplugs_is_gone_until_it_plugs_it_in(tmp_path: Path) -> None:
    clock = Clock()
    path = script(tmp_path, "unplug", {"after_ms": 100, "scan": "lost"}, {"after_ms": 100, "device": "plug"})
    source = ScriptSource(ScriptSettings(path=path), clock=clock)
    source.open()
    with pytest.raises(DeviceGone, match="unplugged"):
        source.read(1)
    clock.now_ms += 199
    with pytest.raises(DeviceGone, match="not plugged in"):
        source.open()
    clock.now_ms += 1
    source.open()
    assert source.read(1) == b""
    source.close()


def test_an_interrupted_read_answers_at_once(tmp_path: Path) -> None:
    source = ScriptSource(ScriptSettings(path=script(tmp_path, {"after_ms": 60_000, "scan": "A"})))
    source.open()
    source.interrupt()
    assert source.read(60_000) == b""
    source.close()


def test_a_script_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    def refused(path: Path, words: str) -> None:
        with pytest.raises(DeviceConfig, match=words):
            ScriptSource(ScriptSettings(path=path)).open()

    refused(tmp_path / "none", "No such file")
    refused(script(tmp_path, {"scan": "A"}, "replug"), "line 2")
    (tmp_path / "latin").write_bytes(b'{"scan": "\xe9"}')
    refused(tmp_path / "latin", "no UTF-8")
    (tmp_path / "large").write_bytes(b"#" * 1_000_001)
    refused(tmp_path / "large", "1000000 bytes")
    with pytest.raises(ValueError, match="suffix"):
        ScriptSettings(path=tmp_path, suffix=b"\r" * 17)
