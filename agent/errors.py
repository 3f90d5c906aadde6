"""What can go wrong at a till apart from refusals: one base, and types that say what to do."""


class AgentError(Exception):
    """An operating failure; its text is one sentence that a person can act on.

    Attributes:
        transient: Another try later may succeed without a person.
    """

    transient = False


class BookBusy(AgentError):
    """Another agent holds the book of this data directory."""


class BookUnusable(AgentError):
    """The book cannot be opened or is not this program's."""


class BookFull(AgentError):
    """Nothing was written, since the disk is full or cannot be written to."""

    transient = True


class KeysUnusable(AgentError):
    """The till's keys cannot be read or made."""


class PortBusy(AgentError):
    """Another program listens on the till's port."""
