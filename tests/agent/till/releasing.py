"""Releases as HQ's feed tells them to a till of a test; run as a program, it stages the first page and waits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from agent.book.sync_state import BookFeed
from agent.till.till import Till
from loyalty.programme.reader import content_version
from loyalty.programme.schedule import Effective, Release, parse_effective
from sync.protocol.values import FeedPage, FeedProgramme, FeedRelease, FeedRow
from tests.agent.till.world import DOUBLE, PROGRAMME, open_till

TRIPLE = PROGRAMME.replace('label = "first"', 'label = "third"').replace("units = 1", "units = 3")
NEWER = PROGRAMME.replace('kind = "per_amount"', 'kind = "per_dream"')
"""A programme of a kind that this program does not know."""


def release(number: int, source: str, effective: Effective | str, *stores: str, withdrawn: bool = False) -> FeedRelease:
    begins = parse_effective(effective) if isinstance(effective, str) else effective
    version = content_version(source)
    told = Release(number=number, programme="club", version=version, effective=begins, stores=stores)
    return FeedRelease(release=told, withdrawn=withdrawn)


def programme(source: str) -> FeedProgramme:
    return FeedProgramme(version=content_version(source), source=source)


def page(after: int, *rows: FeedRow, complete: bool = True, hq_epoch: str = "hq-1") -> FeedPage:
    upto = after + len(rows)
    return FeedPage(hq_epoch=hq_epoch, after=after, upto=upto, complete=complete, applied=0, rows=rows)


def tell(till: Till, *pages: FeedPage) -> None:
    """Bring pages of the feed to a till."""
    feed = BookFeed(till.context.book, till.context.clock)
    for one in pages:
        feed.stage(one)
    till.context.shelf.refresh()


def rows() -> Sequence[FeedRow]:
    return programme(DOUBLE), release(1, DOUBLE, "2026-03-02")


if __name__ == "__main__":
    with open_till(Path(sys.argv[1])) as opened:
        first, _ = rows()
        tell(opened, page(0, first, complete=False))
        if sys.argv[2] == "release":
            tell(opened, page(1, rows()[1], complete=False))
        sys.stdout.write("staged\n")
        sys.stdout.flush()
        sys.stdin.read()
