"""The auditor of a run: it watches every machine, and says at rest whether everything agrees."""

import json
from contextlib import closing
from pathlib import Path

from cli.simulation.audit import rights
from cli.simulation.audit.disks import DURABLE, STANDING, DiskAudit, Known
from cli.simulation.audit.headquarters import EXACTLY_ONCE, HqPicture, Journal, look
from cli.simulation.audit.journals import CHAIN, JournalView, read_only
from cli.simulation.audit.violation import demand
from cli.simulation.serving import FEED, UPLOAD
from loyalty.programme.model import Programme
from sync.protocol.wire import decode_batch

SENT_THROUGH = "sent through"
ACKNOWLEDGED = "acknowledged"
FORK = "fork"
REPLICAS = "replicas"
DRAINED = "drained"


class Auditor:
    """Knows of each running till's disk, by the machine's number, and what HQ has acknowledged of each journal.

    Attributes:
        lost_members: HQ came back from a backup, and tills whose enrolments it had may be gone: others still know them.
    """

    def __init__(self, programme: Programme) -> None:
        self.tills: dict[int, DiskAudit] = {}
        self.lost_members = False
        self.bound = rights.Bound(programme=programme)
        self._acknowledged: dict[Journal, int] = {}
        self._put_back: set[str] = set()
        self._forks: set[int] = set()

    # ------------------------------------------------------------------------------------------------ disks of tills
    def begun(self, number: int, book: Path, known: Known) -> None:
        """A till's process has begun on a disk of which this was known."""
        self.tills[number] = DiskAudit(known, JournalView(book), self.bound.programme)

    def ended(self, number: int) -> Known:
        """A till's process has ended; gives what is known of its disk."""
        audit = self.tills.pop(number)
        audit.view.close()
        return audit.known

    # ------------------------------------------------------------------------------------------------ the line to HQ
    def sending(self, number: int, what: str, body: bytes) -> None:
        """A till lets a request go: what may leave must be noted durably before."""
        if what == UPLOAD:
            batch = decode_batch(body)
            view = self.tills[number].view
            view.read()
            last = view.base + batch.first + len(batch.entries) - 1
            (through,) = view.connection.execute("SELECT sent_through FROM sync_state").fetchone()
            demand(through >= last, SENT_THROUGH, f"entry {last} leaves till {number}, which noted {through}")
            self.tills[number].known.left = view.left = max(view.left, last)

    def told(self, number: int, what: str, answer: bytes) -> None:
        """A till believes an answer."""
        audit = self.tills[number]
        if what == UPLOAD:
            audit.view.read()
            journal, acked = audit.view.journal, json.loads(answer)["acked"]
            self._acknowledged[journal] = max(acked, self._acknowledged.get(journal, 0))
        elif what == FEED:
            audit.told(json.loads(answer))

    # ------------------------------------------------------------------------------------------------ HQ's disk
    def hq_image(self) -> dict[Journal, int]:
        """Give what is known of HQ's disk, to go with an image."""
        return dict(self._acknowledged)

    def hq_begun(self, book: Path, known: dict[Journal, int] | None = None) -> HqPicture:
        """HQ's process has begun, on the disk as it was or on an image of which this was known."""
        if known is not None:
            self._acknowledged = dict(known)
            self._forks.clear()
            self.bound.hq_was_restored = True
        return self.hq_picture(book)

    def hq_picture(self, book: Path) -> HqPicture:
        """Check HQ's book by itself, and that it holds what it acknowledged."""
        connection = read_only(book)
        try:
            picture = look(connection)
            rights.check_hq(connection, picture, self.bound)
        finally:
            connection.close()
        for journal, acked in self._acknowledged.items():
            held = picture.held(journal)
            demand(held >= acked, ACKNOWLEDGED, f"HQ acknowledged {acked} entries of a till and holds {held}")
        return picture

    # ------------------------------------------------------------------------------------------------ old disks
    def lost(self, number: int) -> None:
        """A till's disk is gone, with what was never sent; who enrolled there may be known elsewhere and not at HQ."""
        self.lost_members = True
        self._forks.discard(number)

    def put_back(self, number: int, image: Path) -> None:
        """An image was put on a till's machine: a person must hear of it where HQ had more than it holds."""
        view = self.tills[number].view
        self._put_back.add(view.terminal.hex())
        with closing(read_only(image)) as connection:
            self.bound.add(view.terminal.hex(), connection)
        later = max((epoch for terminal, epoch in self._acknowledged if terminal == view.terminal.hex()), default=0)
        held = len(view.entries) - view.base
        self._forks.discard(number)  # what was put back before and has never spoken is gone
        if later > view.epoch or self._acknowledged.get(view.journal, 0) > held:
            self._forks.add(number)

    # ------------------------------------------------------------------------------------------------ at rest
    def at_rest(self, number: int, picture: HqPicture, *, cloned: bool) -> None:
        """Compare a till with HQ, both level after a quiet time.

        Args:
            number: The till.
            picture: What HQ holds.
            cloned: Another machine has its key: whichever comes last has HQ's epoch.

        Raises:
            Violation: something is missing, doubled, or not the same at both.
        """
        audit, view = self.tills[number], self.tills[number].view
        view.read()
        if not cloned:
            unsent = len(view.entries) - view.base - picture.held(view.journal)
            demand(unsent == 0, DRAINED, f"{unsent} entries of till {number} have not left it")
            same = picture.hashes.get(view.journal, [view.head])[-1] == view.head
            demand(same, CHAIN, f"the heads of till {number} and of HQ differ")
        for seen in view.entries:
            said = f"entry {seen.entry} of till {number}"
            demand(picture.cores.get(seen.entry) == seen.core, EXACTLY_ONCE, f"{said} is not at HQ as it was written")
        for entry in audit.known.entries:
            demand(entry in picture.cores, DURABLE, f"entry {entry} was answered and is not at HQ")
        terminal = view.terminal.hex()
        demand(number not in self._forks or terminal in picture.forks, FORK, f"no word of the fork of till {number}")
        demand(picture.forks <= self._put_back, FORK, "a fork was reported where there was none")
        rights.check_till(view.connection, [seen.core for seen in view.entries])
        parked = {view.base + sequence for of, epoch, sequence in picture.parked if (of, epoch) == view.journal}
        self._compare(number, picture, parked)

    def _compare(self, number: int, picture: HqPicture, parked: set[int]) -> None:
        connection = self.tills[number].view.connection
        pending = connection.execute("SELECT sequence, account, unit, amount FROM pending").fetchall()
        late = [row for row in pending if row[0] not in parked]
        demand(not late, DRAINED, f"{len(late)} postings of till {number} are not shown by HQ's balances")
        kept = sorted((sequence, unit, amount) for sequence, _, unit, amount in pending)
        waiting = sorted(
            (sequence, posting.unit, posting.amount)
            for sequence in parked
            for posting in self.tills[number].view.entries[sequence - 1].postings
        )
        demand(kept == waiting, STANDING, f"till {number} does not count what HQ has parked")
        posted = {
            (account.hex(), unit): amount
            for account, unit, amount in connection.execute("SELECT account, unit, amount FROM posted")
            if amount
        }
        demand(posted == picture.balances, REPLICAS, f"till {number} has other balances than HQ")
        lots = {
            (account.hex(), unit, lot.hex()): amount
            for account, unit, lot, amount in connection.execute("SELECT account, unit, lot_id, amount FROM posted_lot")
            if amount
        }
        demand(lots == picture.lots, REPLICAS, f"till {number} has other lots than HQ")
        cards = {key: member.hex() for key, member in connection.execute("SELECT card_key, member FROM card")}
        common = {key: cards.get(key) for key in picture.cards}
        demand(common == picture.cards, REPLICAS, f"till {number} knows other cards than HQ")
        demand(self.lost_members or len(cards) == len(common), REPLICAS, f"till {number} knows cards that HQ does not")
        shown = self.tills[number].known.shown
        told = {key: amount for key, amount in shown.posted.items() if amount}
        demand(told == picture.balances, STANDING, f"the feed told till {number} other balances than HQ has")
