"""docs/SPEC-sync.md names every refusal and bound of the protocol."""

import re
from pathlib import Path

from sync.protocol.epochs import MAX_EPOCH_BYTES
from sync.protocol.errors import HTTP_STATUS
from sync.protocol.values import MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_FEED_ROWS, MAX_PARKED
from sync.protocol.wire import MAX_COMPRESSED_BYTES, MAX_MESSAGE_BYTES

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-sync.md").read_text(encoding="utf-8")


def test_every_code_is_on_the_page_with_its_status() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([0-9]{3}) \|", SPEC, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code.value: status for code, status in HTTP_STATUS.items()}


def test_the_bounds_are_those_of_the_page() -> None:
    assert (MAX_BATCH_ENTRIES, MAX_FEED_ROWS, MAX_PARKED) == (500, 2_000, 1_000)
    assert MAX_BATCH_BYTES == 4 * 1024 * 1024
    assert MAX_COMPRESSED_BYTES == MAX_BATCH_BYTES + 64 * 1024
    assert MAX_MESSAGE_BYTES == 64 * 1024
    assert MAX_EPOCH_BYTES == 4 * 1024
    for words in (
        "1 to 500 entries",
        "at most 4 MiB before compression",
        "4 MiB and 64 KiB compressed",
        "those about epochs: 4 KiB",
        "at most 2,000",
        "at most 1,000",
    ):
        assert words in " ".join(SPEC.split())
