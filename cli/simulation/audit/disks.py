"""What the auditor knows of one till's disk: what hosts were answered from it, what the feed told it, what is written on it."""

import json
from dataclasses import dataclass, field
from typing import Any

from cli.simulation.audit.journals import JournalView, Posted
from cli.simulation.audit.replica import Replica
from cli.simulation.audit.rights import check_given
from cli.simulation.audit.violation import demand
from loyalty.programme.model import Programme

DURABLE = "durable"
ANSWERS = "same answer"
RECEIPT = "receipt"
STANDING = "standing"
SEEN_UNIT = "points"
"""The unit whose balances are followed answer by answer."""


@dataclass(slots=True)
class Known:
    """What was said about a disk; an image of the disk takes a copy along.

    Attributes:
        answers: What was answered to each key.
        entries: (sequence, receipt code) of each entry that an answer named.
        replicas: What the feed made of the till, by (HQ epoch, cursor).
        shown: What the feed made of the till last.
        left: Up to which position entries have left the till.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, tuple[int, str]] = field(default_factory=dict)
    replicas: dict[tuple[str | None, int], Replica] = field(default_factory=dict)
    shown: Replica = field(default_factory=Replica)
    left: int = 0

    def copy(self) -> "Known":
        """Copy it: what happens to one disk does not happen to the other."""
        return Known(dict(self.answers), dict(self.entries), dict(self.replicas), self.shown, self.left)


class DiskAudit:
    """One till's disk while its process runs."""

    def __init__(self, known: Known, view: JournalView, programme: Programme) -> None:
        """Look at a disk whose process has just begun; tills count by ``programme``.

        Raises:
            Violation: something is not there that was answered.
        """
        self.known, self.view, self.programme = known, view, programme
        view.left = known.left
        self.tip = known.shown
        self._judged = {seen.entry for seen in view.entries}
        for entry, (sequence, code) in known.entries.items():
            self._require(entry, sequence, code)
        self.settle()

    def heard(self, key: str, body: bytes, kind: str) -> None:
        """A host was answered, or was about to be when the process ended.

        Raises:
            Violation: the answer is not the same as before, or not what is written.
        """
        before = self.known.answers.setdefault(key, body)
        demand(before == body, ANSWERS, f"the answer to {key} differs from the first one")
        answer = json.loads(body)
        self.view.read()
        self._judge()
        if "refused" not in answer and before is body:
            self._compare(answer, kind)

    def told(self, page: dict[str, Any]) -> None:
        """The till believed a page of the feed; whether it kept it is seen later, by its cursor."""
        tip = self.tip
        if page["after"] == 0:
            tip = tip.forgotten(page["hq_epoch"])
        elif tip.epoch not in (None, page["hq_epoch"]):
            self.tip = tip.forgotten(page["hq_epoch"])
            return
        if page["after"] != tip.cursor:
            return
        self.view.read()
        self.tip = tip.after(page, self.view.base)
        self.known.replicas[self.tip.epoch, self.tip.cursor] = self.tip

    def settle(self) -> None:
        """Find out which of the pages the till has kept.

        Raises:
            Violation: its cursor is where no page ended.
        """
        query = "SELECT feed_epoch, feed_cursor FROM sync_state"
        epoch, cursor = self.view.connection.execute(query).fetchone()
        if cursor == 0:
            self.known.shown = self.known.shown.forgotten(epoch)
        else:
            kept = self.known.replicas.get((epoch, cursor))
            demand(kept is not None, STANDING, f"the till's cursor {cursor} is where no page ended")
            assert kept is not None
            self.known.shown = kept
        self.tip = self.known.shown

    def points(self, member: str) -> int:
        """Give what a member has at this till: what the feed told, and own entries that it does not contain."""
        shown = self.known.shown
        account = shown.account(member)
        own = sum(
            posting.amount
            for seen in self.view.entries
            if seen.sequence > shown.applied or seen.sequence in shown.parked
            for posting in seen.postings
            if posting.unit == SEEN_UNIT and shown.account(posting.account) == account
        )
        return shown.posted.get((account, SEEN_UNIT), 0) + own

    def identified(self, answer: dict[str, Any]) -> None:
        """A host was told a member's standing.

        Raises:
            Violation: it is not what the till was told and has written itself.
        """
        member, balances = answer.get("member"), answer.get("balances")
        if member is None or balances is None:
            return
        self.view.read()
        said, own = balances.get(SEEN_UNIT, 0), self.points(member)
        demand(said == own, STANDING, f"the till says {said} points and has {own}")

    def _judge(self) -> None:
        """Look at what was given since the last time."""
        for seen in self.view.entries:
            if seen.entry not in self._judged:
                self._judged.add(seen.entry)
                check_given(self.view, seen, self.known.shown.account, self.programme)

    def _require(self, entry: str, sequence: int, code: str) -> None:
        seen = self.view.by_id.get(entry)
        demand(seen is not None, DURABLE, f"entry {entry} was answered and is gone")
        assert seen is not None
        demand((seen.wire, seen.code) == (sequence, code), RECEIPT, f"entry {entry} is not as its receipt says")

    def _compare(self, answer: dict[str, Any], kind: str) -> None:
        if kind in {"hold", "release"}:
            return
        entry = answer["entry"]
        if kind == "enrol":
            demand(entry in self.view.by_id, DURABLE, f"enrolment {entry} was answered and not written")
            seen = self.view.by_id[entry]
            self.known.entries[entry] = seen.wire, seen.code
        elif not answer.get("known"):
            self._require(entry, answer["sequence"], answer["code"])
            seen = self.view.by_id[entry]
            self.known.entries[entry] = seen.wire, seen.code
            demand(seen.receipt == answer["receipt_number"], RECEIPT, f"entry {entry} has another receipt number")
            self._compare_points(answer, seen.postings)
        if not answer.get("known"):  # what was answered the first time may be long ago
            self.identified(answer)

    def _compare_points(self, answer: dict[str, Any], postings: tuple[Posted, ...]) -> None:
        """Compare what the host was told of points with what is written."""
        told = sum(award["amount"] for award in answer.get("awards", ()) if award["unit"] == SEEN_UNIT)
        told -= sum(one["units"] for one in answer.get("redemptions", ()) if one["unit"] == SEEN_UNIT)
        told -= sum(one["amount"] for one in answer.get("reversals", ()) if one["unit"] == SEEN_UNIT)
        told += sum(one["units"] for one in answer.get("restored", ()) if one["unit"] == SEEN_UNIT)
        written = sum(posting.amount for posting in postings if posting.unit == SEEN_UNIT)
        demand(told == written, RECEIPT, f"a receipt says {told} points and the entry {written}")
