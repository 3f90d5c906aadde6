"""Segment files over HTTP: the same bytes for every till, to be kept for ever, and nothing else of HQ's folder."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from hq.feed.chain import FOLDER
from hq.feed.segments import SegmentKeeper
from sync.protocol.segment_files import decode_segment
from sync.protocol.wire import decode_feed_page
from tests.hq.web.conftest import Site


def test_two_tills_fetch_the_same_bytes_which_say_that_they_never_change(site: Site) -> None:
    one, two = site.house.till("Till 1"), site.house.till("Till 2")
    for number in range(4):
        one.enrol(f"700{number}")
    site.house.take(one)
    hq = site.house.hq
    assert SegmentKeeper(hq.book, hq.config.data_dir, hq.hq_epoch, least_rows=1).run(site.house.clock()).files == 1
    page = decode_feed_page(site.as_till(one, "GET", "/v1/sync/feed?after=0&epoch=1&since=0&segments=yes").content)
    (ref,) = page.segments
    answers = [site.as_till(till, "GET", f"/v1/sync/segments/{ref.name}") for till in (one, two)]
    assert answers[0].content == answers[1].content
    assert decode_segment(answers[0].content, ref, hq.hq_epoch)
    for answer in answers:
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["ETag"] == f'"{ref.name}"'
        assert "Content-Encoding" not in answer.headers
    plain = decode_feed_page(site.as_till(two, "GET", "/v1/sync/feed?after=0&epoch=1").content)
    assert (plain.segments, len(plain.rows)) == ((), 8)


@pytest.mark.parametrize(
    "name", ["0-9-0123456789abcdef.seg", "hq.db", "../hq.db", "..", "0-9-0123456789abcdef.seg.new"]
)
def test_a_file_that_is_none_is_refused(site: Site, name: str) -> None:
    till = site.house.till()
    folder = site.house.hq.config.data_dir / FOLDER
    folder.mkdir()
    (folder / "0-9-0123456789abcdef.seg.new").write_bytes(b"x")
    answer = site.as_till(till, "GET", f"/v1/sync/segments/{quote(name, safe='')}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    if "/" not in name and name != "..":
        assert answer.json()["error"] == "no_segment"


@pytest.mark.parametrize("since", ["-1", "x", ""])
def test_a_since_that_is_no_number_is_refused(site: Site, since: str) -> None:
    answer = site.as_till(site.house.till(), "GET", f"/v1/sync/feed?after=0&epoch=1&since={since}")
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_the_job_writes_files_where_the_server_serves_them(site: Site) -> None:
    hq = site.house.hq
    assert {one.job.value: (one.looked_at, one.changed) for one in hq.jobs.run()}["feed"] == (0, 0)
    assert (hq.config.data_dir / FOLDER).is_dir()
