"""The log of refusals: each kind once, the rest counted, nothing of what was sent."""

from __future__ import annotations

import logging

import pytest

from hq.web.refusals import AGAIN_AFTER_S, MOST_KINDS, RefusalLog, Seldom
from sync.protocol.errors import SyncErrorCode, SyncRefused


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "loyaltill.hq.refused"]


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "loyaltill.hq.refused")


def test_a_refusal_is_told_once_and_its_repetitions_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    log = RefusalLog(now_s=time)
    fault = SyncRefused(SyncErrorCode.GAP, "HQ needs sequence 3 first", need=3)
    for _ in range(500):
        log.note(fault, till="ab12", route="/v1/sync/journal")
    log.note(fault, till="cd34", route="/v1/sync/journal")
    time.now = AGAIN_AFTER_S
    log.note(fault, till="ab12", route="/v1/sync/journal")
    log.note(fault, till="ab12", route="/v1/sync/journal")
    assert lines(caplog) == [
        "refused till=ab12 code=gap route=/v1/sync/journal: HQ needs sequence 3 first",
        "refused till=cd34 code=gap route=/v1/sync/journal: HQ needs sequence 3 first",
        "refused till=ab12 code=gap route=/v1/sync/journal repeated=499: HQ needs sequence 3 first",
    ]


def test_another_code_and_another_address_are_other_refusals(caplog: pytest.LogCaptureFixture) -> None:
    log = RefusalLog(now_s=Time())
    for code in (SyncErrorCode.MALFORMED, SyncErrorCode.BUSY, SyncErrorCode.MALFORMED):
        for route in ("/v1/sync/hello", "/v1/sync/journal"):
            log.note(SyncRefused(code), till="ab12", route=route)
    assert len(lines(caplog)) == 4
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO", "WARNING", "WARNING"]


def test_no_more_kinds_are_remembered_than_there_may_be(caplog: pytest.LogCaptureFixture) -> None:
    log = RefusalLog(now_s=Time())
    caplog.set_level(logging.CRITICAL, "loyaltill.hq.refused")
    for number in range(MOST_KINDS + 50):
        log.note(SyncRefused(SyncErrorCode.GAP), till=str(number), route="/")
    assert len(log._told) == MOST_KINDS


def test_what_the_server_says_of_each_bad_request_is_let_through_seldom() -> None:
    time = Time()
    seldom = Seldom(now_s=time)

    def said(level: int = logging.WARNING, text: str = "Invalid HTTP request received.") -> str | None:
        record = logging.LogRecord("uvicorn.error", level, "", 0, text, (), None)
        return record.getMessage() if seldom.filter(record) else None

    assert [said() for _ in range(3)] == ["Invalid HTTP request received.", None, None]
    assert said(text="Exceeded concurrency limit.") == "Exceeded concurrency limit."
    assert [said(logging.ERROR, "a bug") for _ in range(2)] == ["a bug"] * 2
    time.now = AGAIN_AFTER_S
    assert [said(), said()] == ["Invalid HTTP request received. (2 more since it was last said)", None]
