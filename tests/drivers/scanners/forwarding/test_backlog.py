"""What waits for another program is bounded, in order, and never half of a scan and then another."""

from drivers.scanners.forwarding.backlog import KEPT_MS, Backlog


def written(backlog: Backlog, count: int) -> bytes:
    with backlog.head() as head:
        data = bytes(head[:count])
    backlog.went(len(data))
    return data


def test_scans_go_in_order_in_any_pieces() -> None:
    backlog = Backlog()
    backlog.add(b"first\r", 0)
    backlog.add(b"", 0)
    backlog.add(b"second\r", 1)
    assert [written(backlog, 4), written(backlog, 99), written(backlog, 99), written(backlog, 99)] == [
        b"firs",
        b"t\r",
        b"second\r",
        b"",
    ]
    assert (len(backlog), backlog.sent, backlog.dropped) == (0, 2, 0)


def test_the_oldest_make_room_but_not_one_that_has_begun_to_go() -> None:
    backlog = Backlog(most_bytes=10)
    for number in range(5):
        backlog.add(b"scan%d" % number, 0)
    assert (len(backlog), backlog.dropped) == (2, 3)
    assert written(backlog, 2) == b"sc"
    backlog.add(b"scan5", 0)
    backlog.add(b"x" * 11, 0)
    assert (written(backlog, 99), written(backlog, 99), len(backlog), backlog.dropped) == (b"an3", b"scan5", 0, 5)


def test_what_waited_too_long_or_was_broken_off_is_given_up() -> None:
    backlog = Backlog()
    assert backlog.due_ms(0) is None
    backlog.add(b"old", 0)
    backlog.add(b"new", 100)
    assert backlog.due_ms(KEPT_MS) == 1
    backlog.expire(KEPT_MS)
    assert len(backlog) == 2
    backlog.expire(KEPT_MS + 1)
    assert (written(backlog, 1), backlog.dropped) == (b"n", 1)
    backlog.break_off()
    backlog.break_off()
    assert (len(backlog), backlog.sent, backlog.dropped) == (0, 0, 2)


def test_a_scan_that_goes_is_overwritten() -> None:
    backlog = Backlog()
    backlog.add(b"4012002000060016", 0)
    held = backlog._waiting[0][1]
    written(backlog, 99)
    assert held == bytes(16)


def test_a_scan_may_be_taken_out_whole() -> None:
    backlog = Backlog(most_bytes=4)
    backlog.add(b"scan", 7)
    assert backlog.take() == (7, bytearray(b"scan"))
    assert backlog.take() is None
    backlog.took(whole=True)
    backlog.took(whole=False)
    backlog.add(b"next", 8)
    assert (len(backlog), backlog.sent, backlog.dropped) == (1, 1, 1)


def test_the_line_feed_behind_a_scan_is_written_and_no_scan_of_its_own() -> None:
    backlog = Backlog()
    for at_ms, piece in enumerate((b"first\r", b"\n", b"\x02second\x03", b"\r", b"\n")):
        backlog.add(piece, at_ms)
    went = [written(backlog, 99) for _ in range(5)]
    assert (b"".join(went), backlog.sent) == (b"first\r\n\x02second\x03\r\n", 2)


def test_a_terminator_that_is_given_up_is_no_scan_that_was() -> None:
    backlog = Backlog()
    for piece in (b"first\r", b"\n"):
        backlog.add(piece, 0)
    backlog.expire(KEPT_MS + 1)
    assert (len(backlog), backlog.dropped) == (0, 1)
    for piece in (b"second\r", b"\n"):
        backlog.add(piece, 0)
        assert backlog.take() == (0, bytearray(piece))
        backlog.took(whole=piece == b"second\r")
    assert (backlog.sent, backlog.dropped) == (1, 1)
