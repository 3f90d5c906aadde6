"""What can go wrong around HQ, as exceptions whose type says whether another try may help.

What a till asked for and may not have is no failure of HQ: that is a `sync.protocol.errors.SyncRefused`.
"""


class HqError(Exception):
    """An operating failure of HQ; the message is one sentence that says what to do."""


class BookUnusable(HqError):
    """The book cannot be opened: the directory, the file or the database server is not as it must be."""


class BookInUse(BookUnusable):
    """Another HQ has this book open."""


class BookNewer(BookUnusable):
    """The book was written by a newer HQ."""


class BookBusy(HqError):
    """The book could not be written just now (other writers, a full disk); the same request may succeed later."""


class PortBusy(HqError):
    """The address on which HQ should listen is taken or not this machine's."""
