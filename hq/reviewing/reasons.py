"""What each reason means and what to do about it, in English, for the command line. Pages have the catalogues."""

from dataclasses import dataclass

from hq.attention.parking import ExceptionReason, ParkReason


@dataclass(frozen=True, slots=True)
class Words:
    """What is the matter, and the way out."""

    what: str
    way_out: str


WORDS: dict[ExceptionReason | ParkReason, Words] = {
    ParkReason.MALFORMED: Words(
        "HQ cannot read this entry.",
        "Update HQ where the till is newer, then replay it; else the till's disk is at fault, and the entry stays here.",
    ),
    ParkReason.UNKNOWN_KIND: Words(
        "This HQ does not know such entries: the till is newer.", "Update HQ, then replay it."
    ),
    ParkReason.UNKNOWN_ACCOUNT: Words(
        "It posts to an account that HQ does not have.",
        "It is posted by itself once the till that enrolled the member has sent; look at which till is behind.",
    ),
    ParkReason.UNKNOWN_ORIGINAL: Words(
        "A return that names no sale, so nothing was taken back or given back.",
        "Find the sale, correct the member with `loyaltill hq adjust`, then settle it with a note.",
    ),
    ParkReason.AMOUNT_TOO_LARGE: Words(
        "It would move a balance past what any account can hold.",
        "Correct the account with `loyaltill hq adjust`, then replay it.",
    ),
    ExceptionReason.ENTRY_ID_REUSED: Words(
        "Two different entries came with one id; the first one counts.",
        "Compare the two; correct the member with `loyaltill hq adjust` if the second one is right.",
    ),
    ExceptionReason.DETAIL_MISMATCH: Words(
        "The entry came with a detail that is not its own; its units were posted.",
        "Check the till's disk; the receipt shows what was sold.",
    ),
    ExceptionReason.FORK: Words(
        "This till's journal and HQ's differ: its disk was restored or copied.",
        "Find out which machine is the till, and stop the other.",
    ),
    ExceptionReason.HQ_RESTORED: Words(
        "HQ was restored from a backup; tills fetch everything anew and send what the backup lacks.",
        "Do again what was done at HQ since the backup: programmes, corrections, coupons, pairings.",
    ),
    ExceptionReason.TILL_REVOKED: Words(
        "A person shut this till out.",
        "Look at what it sent last. `loyaltill hq till restore-access` lets it in again.",
    ),
}
