"""The auditor of a run: it watches every machine, and says at rest whether everything agrees."""

import gzip
import json
from pathlib import Path

from cli.simulation.audit.disks import DURABLE, STANDING, DiskAudit, Known
from cli.simulation.audit.headquarters import EXACTLY_ONCE, HqPicture, Journal, look
from cli.simulation.audit.journals import JournalView, read_only
from cli.simulation.audit.violation import demand
from cli.simulation.serving import FEED, UPLOAD

SENT_THROUGH = "sent through"
ACKNOWLEDGED = "acknowledged"
FORK = "fork"
REPLICAS = "replicas"
DRAINED = "drained"
FORKS_REJOIN = False
"""Whether a till whose disk was restored or cloned opens a new epoch and goes on; else it stops syncing and says so."""


class Auditor:
    """Knows of each running till's disk, by the machine's number, and what HQ has acknowledged of each journal.

    Attributes:
        lost_members: HQ came back from a backup, and tills whose enrolments it had may be gone: others still know them.
    """

    def __init__(self) -> None:
        self.tills: dict[int, DiskAudit] = {}
        self.lost_members = False
        self._acknowledged: dict[Journal, int] = {}

    # ------------------------------------------------------------------------------------------------ disks of tills
    def begun(self, number: int, book: Path, known: Known) -> None:
        """A till's process has begun on a disk of which this was known."""
        self.tills[number] = DiskAudit(known, JournalView(book))

    def ended(self, number: int) -> Known:
        """A till's process has ended; gives what is known of its disk."""
        audit = self.tills.pop(number)
        audit.view.close()
        return audit.known

    # ------------------------------------------------------------------------------------------------ the line to HQ
    def sending(self, number: int, what: str, body: bytes) -> None:
        """A till lets a request go: what may leave must be noted durably before."""
        if what == UPLOAD:
            header = json.loads(gzip.decompress(body).partition(b"\n")[0])
            last = header["first"] + header["count"] - 1
            (through,) = self.tills[number].view.connection.execute("SELECT sent_through FROM sync_state").fetchone()
            demand(through >= last, SENT_THROUGH, f"entry {last} leaves till {number}, which noted {through}")

    def told(self, number: int, what: str, answer: bytes) -> None:
        """A till believes an answer."""
        audit = self.tills[number]
        if what == UPLOAD:
            journal = audit.view.terminal.hex(), audit.view.epoch
            acked = json.loads(answer)["acked"]
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
        return self.hq_picture(book)

    def hq_picture(self, book: Path) -> HqPicture:
        """Check HQ's book by itself, and that it holds what it acknowledged."""
        connection = read_only(book)
        try:
            picture = look(connection)
        finally:
            connection.close()
        for journal, acked in self._acknowledged.items():
            held = picture.held(journal)
            demand(held >= acked, ACKNOWLEDGED, f"HQ acknowledged {acked} entries of a till and holds {held}")
        return picture

    # ------------------------------------------------------------------------------------------------ at rest
    def is_forked(self, number: int, picture: HqPicture) -> bool:
        """Tell whether HQ holds what the till does not: its disk was restored or cloned."""
        view = self.tills[number].view
        view.read()
        held = picture.hashes.get((view.terminal.hex(), view.epoch), [view.beginning])
        return view.hash_at(len(held) - 1) != held[-1]

    def at_rest(self, number: int, picture: HqPicture) -> None:
        """Compare a till with HQ, both level after a quiet time.

        Raises:
            Violation: something is missing, doubled, or not the same at both.
        """
        audit = self.tills[number]
        view = audit.view
        if self.is_forked(number, picture):
            demand(not FORKS_REJOIN, FORK, f"till {number} is still forked")
            demand(view.terminal.hex() in picture.forks, FORK, f"the fork of till {number} was not reported")
            return
        journal = view.terminal.hex(), view.epoch
        unsent = len(view.entries) - picture.held(journal)
        demand(unsent == 0, DRAINED, f"{unsent} entries of till {number} have not left it")
        for seen in view.entries:
            said = f"entry {seen.entry} of till {number}"
            demand(picture.cores.get(seen.entry) == seen.core, EXACTLY_ONCE, f"{said} is not at HQ as it was written")
        for entry in audit.known.entries:
            demand(entry in picture.cores, DURABLE, f"entry {entry} was answered and is not at HQ")
        parked = {sequence for terminal, epoch, sequence in picture.parked if (terminal, epoch) == journal}
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
