"""A wait ends with bytes, with the end of the device, after its time, or when another thread says so."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from drivers.scanners.sources.waiting import Waiting


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_bytes_and_the_end_of_the_device_end_a_wait(pipe: tuple[int, int]) -> None:
    waiting = Waiting()
    waiting.begin(pipe[0])
    assert not waiting.is_readable(1)
    os.write(pipe[1], b"A")
    assert waiting.is_readable(60_000)
    os.read(pipe[0], 1)
    os.close(pipe[1])
    assert waiting.is_readable(60_000)
    waiting.end()
    waiting.end()


def test_another_thread_ends_the_wait_of_now_or_the_next_one(pipe: tuple[int, int]) -> None:
    waiting = Waiting()
    waiting.interrupt()
    waiting.begin(pipe[0])
    began = time.monotonic()
    threading.Timer(0.02, waiting.interrupt).start()
    assert not waiting.is_readable(60_000)
    waiting.interrupt()
    waiting.interrupt()
    assert not waiting.is_readable(60_000)
    assert time.monotonic() - began < 10
    assert not waiting.is_readable(1), "interrupted twice before one wait is interrupted once"
    waiting.end()
    assert not waiting.is_readable(60_000)
